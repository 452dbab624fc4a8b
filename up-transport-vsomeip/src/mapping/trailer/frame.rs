/********************************************************************************
 * Copyright (c) 2026 Contributors to the Eclipse Foundation
 *
 * See the NOTICE file(s) distributed with this work for additional
 * information regarding copyright ownership.
 *
 * This program and the accompanying materials are made available under the
 * terms of the Apache License Version 2.0 which is available at
 * https://www.apache.org/licenses/LICENSE-2.0
 *
 * SPDX-License-Identifier: Apache-2.0
 ********************************************************************************/

//! Finds a trailer and checks that it is intact, by the footer at its end. Pure.
//!
//! ```text
//! payload │ fields │ version  reserved  size  CRC  mark
//!                  │    1        1        2    4     8   bytes
//! ```

use std::ops::Range;

use up_rust::UStatus;

use crate::error::invalid_argument;
use crate::mapping::trailer::Unreadable;

/// The last bytes of a trailer, which cannot occur in UTF-8.
const MARK: [u8; 8] = *b"\xf5uPattr\xf5";

pub(super) const VERSION: u8 = 1;

/// The size of the footer, which follows the fields.
pub(super) const FOOTER: usize = 16;

/// The number of footer bytes that the checksum covers, besides the fields.
const COVERED: usize = 4;

/// The size of the largest trailer, its footer included.
pub(super) const MAX_SIZE: usize = 4096;

/// Where a trailer is.
pub(super) struct Trailer {
    pub(super) begin: usize,
    pub(super) fields: Range<usize>,
}

/// Whether `wire` ends with a trailer, of any version. The last byte nearly always decides.
pub(crate) fn is_at_end_of(wire: &[u8]) -> bool {
    wire.ends_with(&MARK) && !matches!(open(wire), Err(Unreadable::Malformed(_)))
}

/// # Errors
///
/// `INVALID_ARGUMENT` if a trailer would be too large.
fn check_size(size: usize) -> Result<(), UStatus> {
    if size <= MAX_SIZE {
        return Ok(());
    }
    Err(invalid_argument(format!(
        "the attributes of the message take {size} bytes, but the limit is {MAX_SIZE}; shorten its \
         token or traceparent"
    )))
}

/// Appends the footer of a trailer whose fields begin at `begin`.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if it is too large.
pub(super) fn close(wire: &mut Vec<u8>, begin: usize) -> Result<(), UStatus> {
    let size = wire.len() - begin + FOOTER;
    check_size(size)?;
    let [.., high, low] = size.to_be_bytes();
    wire.extend_from_slice(&[VERSION, 0, high, low]);
    let checksum = crc32fast::hash(&wire[begin..]);
    wire.extend_from_slice(&checksum.to_be_bytes());
    wire.extend_from_slice(&MARK);
    Ok(())
}

/// Finds the trailer at the end of `wire`.
///
/// # Errors
///
/// Fails if there is none, or if it is damaged or has another version.
pub(super) fn open(wire: &[u8]) -> Result<Trailer, Unreadable> {
    let (_, footer) = wire.split_last_chunk::<FOOTER>().ok_or(Unreadable::Missing)?;
    let &[version, _, high, low, c0, c1, c2, c3, ref mark @ ..] = footer;
    if *mark != MARK {
        return Err(Unreadable::Missing);
    }
    let size = usize::from(u16::from_be_bytes([high, low]));
    if !(FOOTER..=MAX_SIZE).contains(&size) {
        return Err(Unreadable::Malformed("their size is out of range"));
    }
    let begin = wire.len().checked_sub(size);
    let begin = begin.ok_or(Unreadable::Malformed("they exceed the message"))?;
    let end = wire.len() - FOOTER;
    let checksum = u32::from_be_bytes([c0, c1, c2, c3]);
    if crc32fast::hash(&wire[begin..end + COVERED]) != checksum {
        return Err(Unreadable::Malformed("their checksum is wrong"));
    }
    match version {
        VERSION => Ok(Trailer { begin, fields: begin..end }),
        version => Err(Unreadable::Version(version)),
    }
}
