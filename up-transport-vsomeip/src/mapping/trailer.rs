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

//! The attributes of a message behind its payload, which SOME/IP itself cannot carry. Pure.
//!
//! `ATTRIBUTES.md` describes the format, byte for byte. `frame` knows where a trailer begins and
//! whether it is intact, `fields` what it says.

mod fields;
mod frame;

use std::fmt;

use bytes::Bytes;
use up_rust::{UAttributes, UPayloadFormat, UStatus};

pub(crate) use frame::is_at_end_of;

/// What a message with a trailer contains.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Carried {
    pub(crate) payload: Option<Bytes>,
    pub(crate) format: UPayloadFormat,
    /// Those that were carried; the others are as by default.
    pub(crate) attributes: UAttributes,
}

/// Why a trailer cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// There is none.
    Missing,
    /// It is of another version of the format.
    Version(u8),
    /// It has a field that is not known and must not be passed over.
    Critical(u8),
    Malformed(&'static str),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "there are none"),
            Self::Version(version) => write!(
                f,
                "they are in version {version} of the format, but this transport reads version {}",
                frame::VERSION
            ),
            Self::Critical(tag) => {
                write!(f, "their field {tag:#04x} is critical, and not known to this transport")
            }
            Self::Malformed(reason) => write!(f, "they are malformed: {reason}"),
        }
    }
}

/// The payload and attributes of a message, for the wire. A source without an authority is of that of
/// the local entity, `authority`.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if the attributes take too many bytes.
// [impl->dsn~someip-carried-attributes~1]
pub(crate) fn append(
    payload: Option<&[u8]>,
    attributes: &UAttributes,
    authority: &str,
) -> Result<Bytes, UStatus> {
    let size = fields::size(attributes, authority).saturating_add(frame::FOOTER);
    let bytes = payload.unwrap_or_default();
    let mut wire = Vec::with_capacity(bytes.len().saturating_add(size));
    wire.extend_from_slice(bytes);
    fields::write(attributes, payload.is_some(), authority, &mut wire)?;
    frame::close(&mut wire, bytes.len())?;
    Ok(wire.into())
}

/// What was sent as these bytes. Copies no byte of the payload.
///
/// # Errors
///
/// Fails if the trailer is missing or cannot be read.
// [impl->dsn~someip-carried-attributes~1]
pub(crate) fn split(wire: Bytes) -> Result<Carried, Unreadable> {
    let trailer = frame::open(&wire)?;
    let (attributes, format) = fields::read(&wire[trailer.fields])?;
    let payload = wire.slice(..trailer.begin);
    match format {
        Some(format) => Ok(Carried { payload: Some(payload), format, attributes }),
        None if payload.is_empty() => Ok(Carried { attributes, ..Carried::default() }),
        None => Err(Unreadable::Malformed("there is a payload without a format")),
    }
}

/// How long the payload is: all of these bytes unless there is a trailer behind it.
pub(crate) fn payload_size(wire: &[u8]) -> usize {
    frame::open(wire).map_or(wire.len(), |trailer| trailer.begin)
}

#[cfg(test)]
mod tests;
