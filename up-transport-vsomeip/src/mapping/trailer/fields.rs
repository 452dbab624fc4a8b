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

//! Attributes ↔ the fields of a trailer, each a tag, a length and a value. Fields come in any order, and
//! at most once each. Pure.

use std::str::from_utf8;

use up_rust::{UPayloadFormat, UStatus, UUri, UUID};

use crate::mapping::trailer::Unreadable;
use crate::mapping::uri::{resource_of, version_of};
use crate::uprotocol::{Attributes, Draft, Drafting, Id, Numbered, UriParts};

const ID: u8 = 0x01;
const SOURCE: u8 = 0x02;
const PRIORITY: u8 = 0x03;
const TIME_TO_LIVE: u8 = 0x04;
const PERMISSION_LEVEL: u8 = 0x05;
const STATUS: u8 = 0x06;
const TRACEPARENT: u8 = 0x07;
const TOKEN: u8 = 0x08;
const PAYLOAD_FORMAT: u8 = 0x09;

/// Set in the tags of fields that must not be ignored.
const CRITICAL: u8 = 0x80;

/// The size of a field's tag and length.
const HEAD: usize = 3;

/// The size of a source without its authority.
const IDS: usize = 7;

/// An upper bound of the size of all fields: every field of a fixed size counts.
pub(super) fn size(attributes: &impl Attributes, authority: &str) -> usize {
    const FIXED: usize = 9 * HEAD + 16 + IDS + 1 + 4 + 4 + 1 + 1;
    let texts = [attributes.traceparent_text(), attributes.token_text()];
    let texts = texts.into_iter().flatten().map(str::len);
    let authority = attributes.origin().map_or(0, |it| authority_of(it, authority).len());
    texts.chain([authority]).fold(FIXED, usize::saturating_add)
}

fn authority_of<'a>(source: &'a UUri, authority: &'a str) -> &'a str {
    match source.authority() {
        "" => authority,
        authority => authority,
    }
}

/// Appends the fields of `attributes` to `wire`.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if a value cannot be carried.
pub(super) fn write(
    attributes: &impl Attributes,
    has_payload: bool,
    authority: &str,
    wire: &mut Vec<u8>,
) -> Result<(), UStatus> {
    let mut put = |tag: u8, value: &[&[u8]]| {
        let length: usize = value.iter().map(|part| part.len()).sum();
        let [.., high, low] = length.to_be_bytes();
        wire.extend_from_slice(&[tag, high, low]);
        value.iter().for_each(|part| wire.extend_from_slice(part));
    };
    if let Some((high, low)) = attributes.message_id().map(Id::bits) {
        put(ID, &[&high.to_be_bytes(), &low.to_be_bytes()]);
    }
    if let Some(source) = attributes.origin() {
        let (version, resource) = (version_of(source)?, resource_of(source)?);
        let ids: [&[u8]; 3] =
            [&source.entity().to_be_bytes(), &[version.0], &resource.to_be_bytes()];
        put(SOURCE, &[ids[0], ids[1], ids[2], authority_of(source, authority).as_bytes()]);
    }
    if let Some(priority) = attributes.own_priority().and_then(Numbered::number) {
        put(PRIORITY, &[&[priority]]);
    }
    if let Some(ttl) = attributes.ttl() {
        put(TIME_TO_LIVE, &[&ttl.to_be_bytes()]);
    }
    if let Some(level) = attributes.permission_level() {
        put(PERMISSION_LEVEL, &[&level.to_be_bytes()]);
    }
    if let Some(status) = attributes.commstatus().and_then(Numbered::number).filter(|it| *it > 0) {
        put(STATUS, &[&[status]]);
    }
    if let Some(traceparent) = attributes.traceparent_text() {
        put(TRACEPARENT, &[traceparent.as_bytes()]);
    }
    if let Some(token) = attributes.token_text() {
        put(TOKEN, &[token.as_bytes()]);
    }
    if has_payload {
        put(PAYLOAD_FORMAT, &[&[attributes.format().number().unwrap_or_default()]]);
    }
    Ok(())
}

/// Reads the attributes, and the format of the payload if there is one. Ignores unknown fields that are
/// not critical.
///
/// # Errors
///
/// Fails if a field is malformed, or unknown and critical.
pub(super) fn read(mut fields: &[u8]) -> Result<(Draft, Option<UPayloadFormat>), Unreadable> {
    let mut attributes = Draft::default();
    let mut format = None;
    let mut seen = [false; 256];
    while let Some((tag, value)) = next(&mut fields)? {
        if std::mem::replace(&mut seen[usize::from(tag)], true) {
            return Err(Unreadable::Malformed("a field occurs twice"));
        }
        match tag {
            ID => attributes.put_id(id(value)?),
            SOURCE => attributes.put_source(source(value)?),
            PRIORITY => attributes.put_priority(known(value)?),
            TIME_TO_LIVE => attributes.put_ttl(Some(number(value)?)),
            PERMISSION_LEVEL => attributes.put_permission_level(number(value)?),
            STATUS => attributes.put_status(known(value)?),
            TRACEPARENT => attributes.put_traceparent(text(value)?),
            TOKEN => attributes.put_token(text(value)?),
            PAYLOAD_FORMAT => format = Some(known(value)?),
            tag if tag & CRITICAL != 0 => return Err(Unreadable::Critical(tag)),
            _ => {}
        }
    }
    Ok((attributes, format))
}

/// Takes the next field off; `None` at the end.
fn next<'a>(fields: &mut &'a [u8]) -> Result<Option<(u8, &'a [u8])>, Unreadable> {
    const TRUNCATED: Unreadable = Unreadable::Malformed("a field exceeds the trailer");
    if fields.is_empty() {
        return Ok(None);
    }
    let (&[tag, high, low], rest) = fields.split_first_chunk::<HEAD>().ok_or(TRUNCATED)?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (value, rest) = rest.split_at_checked(length).ok_or(TRUNCATED)?;
    *fields = rest;
    Ok(Some((tag, value)))
}

const LENGTH: Unreadable = Unreadable::Malformed("a field has the wrong length");

fn id(value: &[u8]) -> Result<UUID, Unreadable> {
    let value = u128::from_be_bytes(value.try_into().map_err(|_| LENGTH)?).to_be_bytes();
    let [m0, m1, m2, m3, m4, m5, m6, m7, rest @ ..] = value;
    let high = u64::from_be_bytes([m0, m1, m2, m3, m4, m5, m6, m7]);
    let id = UUID::of_bits(high, u64::from_be_bytes(rest));
    match id.is_valid() {
        true => Ok(id),
        false => Err(Unreadable::Malformed("the id is not a uProtocol UUID")),
    }
}

fn source(value: &[u8]) -> Result<UUri, Unreadable> {
    let (&[u0, u1, u2, u3, version, high, low], authority) =
        value.split_first_chunk::<IDS>().ok_or(LENGTH)?;
    let (entity, resource) =
        (u32::from_be_bytes([u0, u1, u2, u3]), u16::from_be_bytes([high, low]));
    let source = UUri::of_parts(text(authority)?, entity, version, resource);
    let is_valid = source.check().is_ok() && source.verify_no_wildcards().is_ok();
    match is_valid {
        true => Ok(source),
        false => Err(Unreadable::Malformed("the source is not a valid URI")),
    }
}

fn number(value: &[u8]) -> Result<u32, Unreadable> {
    value.try_into().map(u32::from_be_bytes).map_err(|_| LENGTH)
}

fn known<E: Numbered>(value: &[u8]) -> Result<E, Unreadable> {
    let &[number] = value else { return Err(LENGTH) };
    E::of_number(number).ok_or(Unreadable::Malformed("a field has an unknown value"))
}

fn text(value: &[u8]) -> Result<String, Unreadable> {
    let text = from_utf8(value).map_err(|_| Unreadable::Malformed("a text is not UTF-8"))?;
    Ok(text.to_owned())
}
