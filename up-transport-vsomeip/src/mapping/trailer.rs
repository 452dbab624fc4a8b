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

//! Writes and reads the trailer after a payload, which carries the attributes that SOME/IP cannot. Pure.
//!
//! `ATTRIBUTES.md` specifies the format. `frame` finds a trailer and checks that it is intact, `fields`
//! reads its values.

mod fields;
mod frame;

use std::fmt;

use bytes::Bytes;
use up_rust::{UPayloadFormat, UStatus};

use crate::uprotocol::{Attributes, Draft};

pub(crate) use frame::is_at_end_of;

/// The content of a message with a trailer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Carried {
    pub(crate) payload: Option<Bytes>,
    pub(crate) format: UPayloadFormat,
    /// The carried attributes; all others have their default values.
    pub(crate) attributes: Draft,
}

/// Why a trailer cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// There is none.
    Missing,
    /// It has another version of the format.
    Version(u8),
    /// It has an unknown field that must not be ignored.
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
                write!(f, "their field {tag:#04x} is critical, but unknown to this transport")
            }
            Self::Malformed(reason) => write!(f, "they are malformed: {reason}"),
        }
    }
}

/// The payload and attributes of a message, for the wire. A source without an authority gets
/// `authority`, that of the local entity.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if the attributes take too many bytes.
// [impl->dsn~someip-carried-attributes~1]
pub(crate) fn append(
    payload: Option<&[u8]>,
    attributes: &impl Attributes,
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

/// Splits the bytes of a message into its payload, which is not copied, and its attributes.
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

/// The size of the payload, without a trailer after it.
pub(crate) fn payload_size(wire: &[u8]) -> usize {
    frame::open(wire).map_or(wire.len(), |trailer| trailer.begin)
}

#[cfg(test)]
mod tests;
