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

//! The forms of single values. As elsewhere in vsomeip's configuration, numbers and booleans may be
//! strings, and ids are hexadecimal with `0x`.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{json, Value};
use up_rust::{UPayloadFormat, UUri};

use super::object::Kind;
use crate::options::{NotificationMode, Overflow};
use crate::protocol::Protocol;
use crate::uprotocol::format;
use crate::vsomeip::log::VsomeipLog;

/// A scalar value.
pub(super) trait Form: Sized {
    /// The expected form, for error messages.
    fn expected() -> String;
    fn from_text(text: &str) -> Option<Self>;
    fn from_number(_: u64) -> Option<Self> {
        None
    }
    fn from_flag(_: bool) -> Option<Self> {
        None
    }
    fn schema() -> Value;
}

struct FormVisitor<F>(PhantomData<F>);

impl<F: Form> FormVisitor<F> {
    fn found<E: de::Error>(form: Option<F>, written: impl fmt::Debug) -> Result<F, E> {
        form.ok_or_else(|| E::custom(format!("{written:?} is not {}", F::expected())))
    }
}

impl<F: Form> Visitor<'_> for FormVisitor<F> {
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&F::expected())
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<F, E> {
        Self::found(F::from_text(text), text)
    }
    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<F, E> {
        Self::found(F::from_flag(flag), flag)
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<F, E> {
        Self::found(F::from_number(number), number)
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<F, E> {
        Self::found(None, number)
    }
    fn visit_unit<E: de::Error>(self) -> Result<F, E> {
        Err(E::custom(format!("null is not {}", F::expected())))
    }
    /// In JSON, 3.0 is an integer.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<F, E> {
        let integer = number.to_string().parse().ok();
        Self::found(integer.and_then(F::from_number), number)
    }
}

macro_rules! kinds {
    ($([$($generic:tt)*] $form:ty => $value:ty;)*) => {$(
        impl<'de, $($generic)*> Deserialize<'de> for $form {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(FormVisitor(PhantomData))
            }
        }

        impl<$($generic)*> Kind for $form {
            type Value = $value;

            fn value(self) -> $value {
                self.0
            }

            fn schema() -> Value {
                <Self as Form>::schema()
            }
        }
    )*};
}

kinds! {
    [] Flag => bool;
    [] Id => u16;
    [] Byte => u8;
    [const LEAST: u64] AtLeast<LEAST> => usize;
    [] Time => Duration;
    [N: Named + PartialEq] Choice<N> => N;
    [] AuthorityName => String;
    [] Name => String;
    [] Topic => UUri;
}

fn number(digits: &str) -> Option<u64> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn id(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+')),
        None => number(text),
    }
}

/// `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::builder) struct Flag(pub(super) bool);

impl Form for Flag {
    fn expected() -> String {
        "`true` or `false`".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
    fn from_flag(flag: bool) -> Option<Self> {
        Some(Self(flag))
    }
    fn schema() -> Value {
        json!({ "enum": [true, false, "true", "false"] })
    }
}

/// An id of a service, instance or event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builder) struct Id(pub(super) u16);

impl Form for Id {
    fn expected() -> String {
        "an id from 0 to 0xffff, such as \"0x1234\" or 4660".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        id(text).and_then(Self::from_number)
    }
    fn from_number(number: u64) -> Option<Self> {
        number.try_into().ok().map(Self)
    }
    fn schema() -> Value {
        let decimal = "0*(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5]?[0-9]{1,4})";
        written_number(0, u16::MAX.into(), &format!("^(0x0*[0-9a-fA-F]{{1,4}}|{decimal})$"))
    }
}

/// A number of 8 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builder) struct Byte(pub(super) u8);

impl Form for Byte {
    fn expected() -> String {
        "a number from 0 to 255".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        number(text).and_then(Self::from_number)
    }
    fn from_number(number: u64) -> Option<Self> {
        number.try_into().ok().map(Self)
    }
    fn schema() -> Value {
        written_number(0, u8::MAX.into(), "^0*(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})$")
    }
}

/// A number of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builder) struct AtLeast<const LEAST: u64>(usize);

/// More than any memory has.
const GREATEST: u64 = 999_999_999_999_999;

impl<const LEAST: u64> Form for AtLeast<LEAST> {
    fn expected() -> String {
        format!("a number from {LEAST} to {GREATEST}")
    }
    fn from_text(text: &str) -> Option<Self> {
        number(text).and_then(Self::from_number)
    }
    fn from_number(number: u64) -> Option<Self> {
        let number = Some(number).filter(|number| (LEAST..=GREATEST).contains(number))?;
        number.try_into().ok().map(Self)
    }
    fn schema() -> Value {
        let digits = if LEAST == 0 { "^0*[0-9]{1,15}$" } else { "^0*[1-9][0-9]{0,14}$" };
        written_number(LEAST, GREATEST, digits)
    }
}

fn written_number(least: u64, greatest: u64, pattern: &str) -> Value {
    json!({ "anyOf": [
        { "type": "integer", "minimum": least, "maximum": greatest },
        { "type": "string", "pattern": pattern },
    ] })
}

/// A time, whose unit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builder) struct Time(Duration);

impl Form for Time {
    fn expected() -> String {
        "a time with its unit, such as \"1500ms\", \"10s\" or \"5min\"".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (digits, unit) = text.split_at_checked(digits)?;
        let number = number(digits).filter(|_| digits.len() <= 12)?;
        match unit {
            "ms" => Some(Self(Duration::from_millis(number))),
            "s" => Some(Self(Duration::from_secs(number))),
            "min" => Some(Self(Duration::from_secs(number * 60))),
            _ => None,
        }
    }
    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{1,12}(ms|s|min)$" })
    }
}

/// What has names.
pub(super) trait Named: Sized + 'static {
    fn all() -> Vec<(String, Self)>;
}

/// One of several things that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builder) struct Choice<N>(N);

impl<N: Named> Form for Choice<N> {
    fn expected() -> String {
        let names: Vec<String> =
            N::all().into_iter().map(|(name, _)| format!("{name:?}")).collect();
        format!("one of {}", names.join(", "))
    }
    fn from_text(text: &str) -> Option<Self> {
        N::all().into_iter().find(|(name, _)| name == text).map(|(_, named)| Self(named))
    }
    fn schema() -> Value {
        let names: Vec<String> = N::all().into_iter().map(|(name, _)| name).collect();
        json!({ "enum": names })
    }
}

/// A payload format, named as in up-rust without `UPAYLOAD_FORMAT_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builder) struct Format(pub(super) UPayloadFormat);

impl Named for Format {
    fn all() -> Vec<(String, Self)> {
        format::all().map(|(name, format)| (name, Self(format))).collect()
    }
}

macro_rules! named {
    ($($type:ident { $($name:literal => $variant:ident),* })*) => {$(
        impl Named for $type {
            fn all() -> Vec<(String, Self)> {
                vec![$(($name.to_owned(), Self::$variant)),*]
            }
        }
    )*};
}

named! {
    NotificationMode { "request_no_return" => RequestNoReturn, "event" => Event, "reject" => Reject }
    Protocol { "udp" => Udp, "tcp" => Tcp }
    Overflow { "drop_newest" => DropNewest, "drop_oldest" => DropOldest }
    VsomeipLog { "console" => Console, "bridged" => Bridged, "silent" => Silent }
}

/// The name of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::builder) struct Name(String);

impl Form for Name {
    fn expected() -> String {
        "the name of an application".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// The name of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::builder) struct AuthorityName(pub(super) String);

const AUTHORITY: &str = r"[a-z0-9._~-]{0,128}|\[[0-9a-fA-F:.]+\]";

impl Form for AuthorityName {
    fn expected() -> String {
        "the name of an authority: 128 lower-case letters, digits or `-._~` at most".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        let is_authority = text != "*" && UUri::verify_authority(text).is_ok();
        is_authority.then(|| Self(text.to_owned()))
    }
    fn schema() -> Value {
        json!({ "type": "string", "pattern": format!("^({AUTHORITY})$") })
    }
}

/// The URI of a topic.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::builder) struct Topic(pub(super) UUri);

impl Form for Topic {
    fn expected() -> String {
        "the URI of a topic, such as \"//vehicle/1234/1/8001\"".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        let uri: UUri = text.parse().ok()?;
        (uri.is_event() && uri.verify_no_wildcards().is_ok()).then_some(Self(uri))
    }
    fn schema() -> Value {
        let (hex, any) = ("[0-9a-fA-F]", "[fF]{4}");
        let entity = format!("{hex}{{1,8}}");
        let topic = format!("/{entity}/{hex}{{1,2}}/[89a-fA-F]{hex}{{3}}");
        let service = format!("/({hex}{{0,4}}{any}|{any}{hex}{{4}})/{hex}+/{hex}+$");
        let wildcard = format!("{service}|/{hex}+/[fF]{{2}}/{hex}+$|/{any}$");
        json!({
            "type": "string",
            "pattern": format!("^(up:)?(//({AUTHORITY}))?{topic}$"),
            "not": { "pattern": wildcard },
        })
    }
}

/// The eventgroups of an event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Id>")]
pub(in crate::builder) struct Groups(Vec<u16>);

impl TryFrom<Vec<Id>> for Groups {
    type Error = &'static str;

    fn try_from(ids: Vec<Id>) -> Result<Self, Self::Error> {
        match ids.as_slice() {
            [] => Err("the list is empty; name at least one eventgroup"),
            ids => Ok(Self(ids.iter().map(|id| id.0).collect())),
        }
    }
}

impl Kind for Groups {
    type Value = Vec<u16>;

    fn value(self) -> Vec<u16> {
        self.0
    }

    fn schema() -> Value {
        json!({ "type": "array", "items": <Id as Kind>::schema(), "minItems": 1 })
    }
}
