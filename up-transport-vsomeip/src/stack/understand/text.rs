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

//! Parses values as vsomeip does. JSON strings and numbers are equivalent.
//!
//! `std::istream` reads a number up to the first character that is not a digit: 0 without digits, the
//! greatest number if it is too large. So `1234O` is 1234, and a hexadecimal number where a decimal one
//! is expected is 0. An empty text leaves the default. Nothing is an error. Each form defines which
//! texts are intended, and the value of any other.

use std::fmt::{Display, LowerHex};
use std::net::IpAddr;

/// The value that vsomeip reads from a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read<T> {
    /// The intended value, which may be none.
    Meant(Option<T>),
    /// Another value, or none, which leaves vsomeip's default.
    Misread(Option<T>),
}

impl<T> Read<T> {
    fn of(value: T, is_meant: bool) -> Self {
        if is_meant {
            Self::Meant(Some(value))
        } else {
            Self::Misread(Some(value))
        }
    }

    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Meant(value) => Read::Meant(value.map(map)),
            Self::Misread(value) => Read::Misread(value.map(map)),
        }
    }

    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Meant(value) | Self::Misread(value) => value,
        }
    }
}

impl<T> From<Option<T>> for Read<T> {
    fn from(parsed: Option<T>) -> Self {
        match parsed {
            None => Self::Misread(None),
            meant => Self::Meant(meant),
        }
    }
}

/// A text form of values of a type.
pub(crate) trait Form<T> {
    /// What is expected, for a warning.
    fn expected() -> String;
    fn read(text: &str) -> Read<T>;
    fn print(value: &T) -> String;
    /// Whether a value overrides an earlier one, with the rule `True`.
    fn prevails(_value: &T) -> bool {
        true
    }
}

/// Any text.
pub(crate) struct Text;
/// The first word of a text.
pub(crate) struct Token;
/// Hexadecimal after `0x`, decimal otherwise; written as `0x12ab`.
pub(crate) struct Hex;
/// Hexadecimal, with or without `0x`, as in `internal_services`.
pub(crate) struct BareHex;
/// Decimal only.
pub(crate) struct Decimal;
/// Decimal, read by `std::stoul`: without digits, the default applies.
pub(crate) struct Size;
/// Decimal, up to 255: more counts as 255.
pub(crate) struct Byte;
/// A port in decimal digits. 0 and 65,535 stand for none.
pub(crate) struct Port;
/// Read as [`Hex`], written as [`Decimal`].
pub(crate) struct Either;
/// Octal file permissions.
pub(crate) struct Octal;
/// A boolean, an address or a level.
pub(crate) struct Word;
/// A boolean; any text but `false` is true.
pub(crate) struct UnlessFalse;
/// A boolean, also as 0 or 1; vsomeip ignores anything else.
pub(crate) struct Flag;

/// An integer type of the configuration.
pub(crate) trait Number: Copy + Display + PartialOrd + TryFrom<i128> + Into<i128> {
    const LEAST: Self;
    const GREATEST: Self;
}

/// An integer type of ids.
pub(crate) trait Id: Number + LowerHex {
    /// The length of the form with `0x`.
    const WIDTH: usize;
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Number for $type {
            const LEAST: Self = Self::MIN;
            const GREATEST: Self = Self::MAX;
        }
    )*};
}

numbers!(u8, u16, u32, i32);

impl Id for u8 {
    const WIDTH: usize = 4;
}

impl Id for u16 {
    const WIDTH: usize = 6;
}

/// Parses a number as `std::istream` does.
fn stream<T: Number>(text: &str, radix: u32) -> Read<T> {
    let text = text.trim_start();
    if text.is_empty() {
        return Read::Misread(None);
    }
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = if radix == 16 { without_0x(rest) } else { rest };
    let end = rest.find(|c: char| !c.is_digit(radix)).unwrap_or(rest.len());
    let (digits, more) = rest.split_at(end);
    if digits.is_empty() {
        return T::try_from(0).ok().map_or(Read::Misread(None), |zero| Read::of(zero, false));
    }
    let magnitude = i128::from_str_radix(digits, radix).unwrap_or(i128::MAX);
    let number = if is_negative { -magnitude } else { magnitude };
    let is_whole = more.trim().is_empty();
    match T::try_from(number) {
        Ok(number) => Read::of(number, is_whole),
        Err(_) => Read::of(beyond(number), false),
    }
}

fn without_0x(text: &str) -> &str {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.filter(|digits| digits.starts_with(|c: char| c.is_ascii_hexdigit())).unwrap_or(text)
}

/// The value for a number that does not fit: the nearest one, but unsigned types wrap a negative one.
fn beyond<T: Number>(number: i128) -> T {
    let (least, greatest) = (T::LEAST.into(), T::GREATEST.into());
    let wraps = least == 0 && number < 0 && -number <= greatest;
    let wrapped = if wraps { T::try_from(greatest + 1 + number).ok() } else { None };
    let nearest = if number < least && least < 0 { T::LEAST } else { T::GREATEST };
    wrapped.unwrap_or(nearest)
}

fn hexadecimal_or_decimal<T: Number>(text: &str) -> Read<T> {
    stream(text, if text.starts_with("0x") { 16 } else { 10 })
}

fn number_from_to<T: Number>() -> String {
    format!("a number from {} to {}", T::LEAST, T::GREATEST)
}

fn from_to_decimal<T: Number>() -> String {
    format!("{} in decimal digits", number_from_to::<T>())
}

impl Form<String> for Text {
    fn expected() -> String {
        "text".to_owned()
    }
    fn read(text: &str) -> Read<String> {
        Read::Meant(Some(text.to_owned()))
    }
    fn print(value: &String) -> String {
        value.clone()
    }
}

impl Form<String> for Token {
    fn expected() -> String {
        "one word".to_owned()
    }
    fn read(text: &str) -> Read<String> {
        match text.split_ascii_whitespace().next() {
            Some(word) => Read::of(word.to_owned(), word == text.trim()),
            None => Read::Misread(None),
        }
    }
    fn print(value: &String) -> String {
        value.clone()
    }
}

impl<T: Id> Form<T> for Hex {
    fn expected() -> String {
        format!("a number from 0 to {:#x}, such as \"0x12\" or \"18\"", T::GREATEST)
    }
    fn read(text: &str) -> Read<T> {
        hexadecimal_or_decimal(text)
    }
    fn print(value: &T) -> String {
        format!("{value:#0width$x}", width = T::WIDTH)
    }
}

impl<T: Id> Form<T> for BareHex {
    fn expected() -> String {
        format!("a hexadecimal number from 0 to {:#x}, such as \"0x12\"", T::GREATEST)
    }
    fn read(text: &str) -> Read<T> {
        stream(text, 16)
    }
    fn print(value: &T) -> String {
        Hex::print(value)
    }
}

impl<T: Number> Form<T> for Decimal {
    fn expected() -> String {
        from_to_decimal::<T>()
    }
    fn read(text: &str) -> Read<T> {
        stream(text, 10)
    }
    fn print(value: &T) -> String {
        value.to_string()
    }
}

impl<T: Number> Form<T> for Size {
    fn expected() -> String {
        from_to_decimal::<T>()
    }
    fn read(text: &str) -> Read<T> {
        let sign = |c: char| c == '-' || c == '+';
        let digits = text.trim_start().trim_start_matches(sign);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            return stream(text, 10);
        }
        Read::Misread(None)
    }
    fn print(value: &T) -> String {
        value.to_string()
    }
}

impl<T: Number + From<u8>> Form<T> for Byte {
    fn expected() -> String {
        from_to_decimal::<u8>()
    }
    fn read(text: &str) -> Read<T> {
        let read = stream::<i32>(text, 10);
        let is_byte = |number: &i32| u8::try_from(*number).is_ok();
        match read {
            Read::Meant(Some(number)) if is_byte(&number) => Read::Meant(Some(number)),
            other => Read::Misread(other.value()),
        }
        .map(|number| u8::try_from(number).unwrap_or(u8::MAX).into())
    }
    fn print(value: &T) -> String {
        value.to_string()
    }
}

impl Form<u16> for Port {
    fn expected() -> String {
        "a port from 1 to 65534 in decimal digits, or 0 for none".to_owned()
    }
    fn read(text: &str) -> Read<u16> {
        let port = |number: u16| Some(number).filter(|port| !matches!(*port, 0 | u16::MAX));
        match stream(text, 10) {
            Read::Meant(Some(u16::MAX)) => Read::Misread(None),
            Read::Meant(number) => Read::Meant(number.and_then(port)),
            Read::Misread(number) => Read::Misread(number.and_then(port)),
        }
    }
    fn print(value: &u16) -> String {
        value.to_string()
    }
}

impl<T: Number> Form<T> for Either {
    fn expected() -> String {
        number_from_to::<T>()
    }
    fn read(text: &str) -> Read<T> {
        hexadecimal_or_decimal(text)
    }
    fn print(value: &T) -> String {
        value.to_string()
    }
}

impl Form<u32> for Octal {
    fn expected() -> String {
        "permissions in octal digits, such as \"0666\"".to_owned()
    }
    fn read(text: &str) -> Read<u32> {
        stream(text, 8)
    }
    fn print(value: &u32) -> String {
        format!("{value:04o}")
    }
}

const TRUE_OR_FALSE: &str = "\"true\" or \"false\"";

impl Form<bool> for Word {
    fn expected() -> String {
        TRUE_OR_FALSE.to_owned()
    }
    fn read(text: &str) -> Read<bool> {
        Read::of(text == "true", matches!(text, "true" | "false"))
    }
    fn print(value: &bool) -> String {
        value.to_string()
    }
    fn prevails(value: &bool) -> bool {
        *value
    }
}

impl Form<bool> for UnlessFalse {
    fn expected() -> String {
        TRUE_OR_FALSE.to_owned()
    }
    fn read(text: &str) -> Read<bool> {
        Read::of(text != "false", matches!(text, "true" | "false"))
    }
    fn print(value: &bool) -> String {
        value.to_string()
    }
}

impl Form<bool> for Flag {
    fn expected() -> String {
        TRUE_OR_FALSE.to_owned()
    }
    fn read(text: &str) -> Read<bool> {
        match text.trim() {
            "true" | "1" => Read::Meant(Some(true)),
            "false" | "0" => Read::Meant(Some(false)),
            _ => Read::Misread(None),
        }
    }
    fn print(value: &bool) -> String {
        value.to_string()
    }
}

impl Form<IpAddr> for Word {
    fn expected() -> String {
        "an IP address, such as \"192.168.0.10\"".to_owned()
    }
    /// Drops the zone of an IPv6 address.
    fn read(text: &str) -> Read<IpAddr> {
        address(text).into()
    }
    fn print(value: &IpAddr) -> String {
        value.to_string()
    }
}

/// An address, without the zone that an IPv6 address may have.
pub(in crate::stack) fn address(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        None => text.parse().ok(),
        Some((address, zone)) if !zone.is_empty() => {
            address.parse().ok().filter(|address: &IpAddr| address.is_ipv6())
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests;
