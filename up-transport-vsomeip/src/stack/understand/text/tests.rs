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

//! How texts are read, as `std::istream` and vsomeip do it.

use super::*;

fn meant<T>(value: T) -> Read<T> {
    Read::Meant(Some(value))
}

fn misread<T>(value: T) -> Read<T> {
    Read::Misread(Some(value))
}

#[test]
fn number_ends_with_its_digits() {
    for (text, number) in [
        ("30509", meant(30509)),
        (" 30509 ", meant(30509)),
        ("+5", meant(5)),
        ("0", meant(0)),
        ("12 ms", misread(12)),
        ("12.5", misread(12)),
        ("0x7777", misread(0)),
        ("many", misread(0)),
        ("70000", misread(65535)),
        ("99999999999999999999999999999999999999999", misread(65535)),
        ("-1", misread(65535)),
        ("-70000", misread(65535)),
    ] {
        assert_eq!(<Decimal as Form<u16>>::read(text), number, "{text:?}");
    }
    for text in ["", " ", "\t\n"] {
        assert_eq!(<Decimal as Form<u16>>::read(text), Read::Misread(None), "{text:?}");
        assert_eq!(<Hex as Form<u16>>::read(text), Read::Misread(None), "{text:?}");
        assert_eq!(<Byte as Form<u8>>::read(text), Read::Misread(None), "{text:?}");
    }
    assert_eq!(<Decimal as Form<i32>>::read("-5"), meant(-5));
    assert_eq!(<Decimal as Form<i32>>::read("-5000000000"), misread(i32::MIN));
}

#[test]
fn only_0x_makes_an_id_hexadecimal() {
    for (text, id) in [
        ("0x1234", meant(0x1234)),
        ("4660", meant(0x1234)),
        ("0x1234O", misread(0x1234)),
        ("0X12", misread(0)),
        ("1A", misread(1)),
        ("0x10000", misread(0xffff)),
        ("0x", misread(0)),
    ] {
        assert_eq!(<Hex as Form<u16>>::read(text), id, "{text:?}");
    }
    assert_eq!(<BareHex as Form<u16>>::read("f000"), meant(0xf000));
    assert_eq!(<BareHex as Form<u16>>::read("0xf000"), meant(0xf000));
}

#[test]
fn port_without_a_number_is_none() {
    for text in ["0", " 0"] {
        assert_eq!(Port::read(text), Read::Meant(None), "{text:?}");
    }
    for text in ["0x7777", "65535", "70000", "none", ""] {
        assert_eq!(Port::read(text), Read::Misread(None), "{text:?}");
    }
    assert_eq!(Port::read("30509"), meant(30509));
    assert_eq!(Port::read("30509/udp"), misread(30509));
}

#[test]
fn each_limit_has_its_own_rule() {
    assert_eq!(<Size as Form<u32>>::read("1 MiB"), misread(1));
    assert_eq!(<Size as Form<u32>>::read("one"), Read::Misread(None));
    assert_eq!(<Byte as Form<u8>>::read("255"), meant(255));
    assert_eq!(<Byte as Form<u32>>::read("300"), misread(255));
    assert_eq!(Octal::read("0660"), meant(0o660));
}

#[test]
fn first_word_is_read() {
    assert_eq!(Token::read("both"), meant("both".to_owned()));
    assert_eq!(Token::read(" CRC32 "), meant("CRC32".to_owned()));
    assert_eq!(Token::read("P04 P07"), misread("P04".to_owned()));
    assert_eq!(Token::read(" "), Read::Misread(None));
}

#[test]
fn flags_are_words() {
    assert_eq!(<Word as Form<bool>>::read("true"), meant(true));
    assert_eq!(<Word as Form<bool>>::read("1"), misread(false));
    assert_eq!(UnlessFalse::read("1"), misread(true));
    assert_eq!(Flag::read("1"), meant(true));
    assert_eq!(Flag::read("yes"), Read::Misread(None));
}
