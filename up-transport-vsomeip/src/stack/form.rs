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

//! How vsomeip's configuration writes a value: everything is a string, and numbers and truth values
//! are understood as well. Each form says how text becomes a value and back.

use std::fmt::{Display, LowerHex};
use std::net::IpAddr;

/// One way of writing values of a type.
pub(crate) trait Form<T> {
    /// What is expected, for an error message.
    fn expected() -> String;
    fn parse(text: &str) -> Option<T>;
    fn print(value: &T) -> String;
}

/// Hexadecimal after `0x`, decimal otherwise; written as `0x12ab`.
pub(crate) struct Hex;
/// Hexadecimal, with or without `0x`: so vsomeip reads the ranges of internal services.
pub(crate) struct BareHex;
/// Decimal only.
pub(crate) struct Decimal;
/// Read as [`Hex`], written as [`Decimal`].
pub(crate) struct Either;
/// Octal, as permissions of files are.
pub(crate) struct Octal;
/// A word with a type of its own: a truth value, an address, a level.
pub(crate) struct Word;

/// A number that a configuration can hold.
pub(crate) trait Number: Copy + Display + PartialOrd {
    const LEAST: Self;
    const GREATEST: Self;
    fn from_digits(digits: &str, radix: u32) -> Option<Self>;
}

/// A number that can be an id.
pub(crate) trait Id: Number + LowerHex {
    /// How many characters `0x…` has.
    const WIDTH: usize;
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Number for $type {
            const LEAST: Self = Self::MIN;
            const GREATEST: Self = Self::MAX;
            fn from_digits(digits: &str, radix: u32) -> Option<Self> {
                // `from_str_radix` takes a plus sign, which is no digit.
                Self::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))
            }
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

fn hexadecimal_or_decimal<T: Number>(text: &str) -> Option<T> {
    match text.strip_prefix("0x") {
        Some(digits) => T::from_digits(digits, 16),
        None => T::from_digits(text, 10),
    }
}

fn number_from_to<T: Number>() -> String {
    format!("a number from {} to {}", T::LEAST, T::GREATEST)
}

impl<T: Id> Form<T> for Hex {
    fn expected() -> String {
        format!("a number from 0 to {:#x}, such as \"0x12\" or \"18\"", T::GREATEST)
    }
    fn parse(text: &str) -> Option<T> {
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
    fn parse(text: &str) -> Option<T> {
        T::from_digits(text.strip_prefix("0x").unwrap_or(text), 16)
    }
    fn print(value: &T) -> String {
        Hex::print(value)
    }
}

impl<T: Number> Form<T> for Decimal {
    fn expected() -> String {
        number_from_to::<T>()
    }
    fn parse(text: &str) -> Option<T> {
        T::from_digits(text, 10)
    }
    fn print(value: &T) -> String {
        value.to_string()
    }
}

impl<T: Number> Form<T> for Either {
    fn expected() -> String {
        number_from_to::<T>()
    }
    fn parse(text: &str) -> Option<T> {
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
    fn parse(text: &str) -> Option<u32> {
        u32::from_digits(text, 8)
    }
    fn print(value: &u32) -> String {
        format!("{value:04o}")
    }
}

impl Form<bool> for Word {
    fn expected() -> String {
        "\"true\" or \"false\"".to_owned()
    }
    fn parse(text: &str) -> Option<bool> {
        text.parse().ok()
    }
    fn print(value: &bool) -> String {
        value.to_string()
    }
}

impl Form<IpAddr> for Word {
    fn expected() -> String {
        "an IP address, such as \"192.168.0.10\"".to_owned()
    }
    fn parse(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }
    fn print(value: &IpAddr) -> String {
        value.to_string()
    }
}

/// # Errors
///
/// What would have been expected.
pub(crate) fn parse<F: Form<T>, T>(text: &str) -> Result<T, String> {
    F::parse(text).ok_or_else(|| format!("{text:?} is not {}", F::expected()))
}
