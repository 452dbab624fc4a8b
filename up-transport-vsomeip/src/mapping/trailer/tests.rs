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

//! Trailers made by hand, by the document's examples, and of garbage.

use proptest::prelude::*;
use protobuf::{Enum, EnumOrUnknown, MessageField};
use up_rust::{UAttributes, UCode, UPriority, UUri, UUID};

use super::*;
use crate::testing::uri;

const MARK: &[u8] = b"\xf5uPattr\xf5";

/// The bytes of the examples in `ATTRIBUTES.md`.
fn documented() -> Vec<Vec<u8>> {
    let document = include_str!("../../../ATTRIBUTES.md");
    let blocks = document.split("```text\n").skip(1);
    let byte = |text: &str| {
        let is_byte = text.len() == 2 && !text.bytes().any(|it| it.is_ascii_lowercase());
        is_byte.then(|| u8::from_str_radix(text, 16).unwrap())
    };
    let line = |line: &str| line.split(' ').map_while(byte).collect::<Vec<_>>();
    blocks
        .map(|block| block.split("```").next().unwrap().lines().flat_map(line).collect())
        .collect()
}

/// The attributes of the first example.
fn example() -> UAttributes {
    UAttributes {
        id: MessageField::some(UUID {
            msb: 0x0191_a2b3_c4d5_7001,
            lsb: 0x8000_0000_0000_0001,
            ..Default::default()
        }),
        source: MessageField::some(uri("//hpc/5301/1/0")),
        priority: UPriority::UPRIORITY_CS5.into(),
        ttl: Some(1_500),
        permission_level: Some(3),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        token: Some("let me in".to_owned()),
        ..Default::default()
    }
}

fn with_format(attributes: UAttributes, format: UPayloadFormat) -> UAttributes {
    UAttributes { payload_format: format.into(), ..attributes }
}

/// A trailer around fields, made without `frame`.
fn trailer(fields: &[u8], version: u8) -> Vec<u8> {
    let size = u16::try_from(fields.len() + 16).unwrap();
    let mut bytes = [fields, &[version, 0], &size.to_be_bytes()].concat();
    let checksum = slow_checksum(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    [&bytes, MARK].concat()
}

/// The CRC-32 of the document, bit by bit.
fn slow_checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| match sum & 1 {
            0 => sum >> 1,
            _ => (sum >> 1) ^ 0x04c1_1db7_u32.reverse_bits(),
        })
    })
}

fn read(wire: Vec<u8>) -> Result<Carried, Unreadable> {
    split(wire.into())
}

fn read_fields(fields: &[u8]) -> Result<UAttributes, Unreadable> {
    read(trailer(fields, 1)).map(|carried| carried.attributes)
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn documented_bytes_are_written_and_read() {
    let [full, empty] = &documented()[..] else { panic!("two examples") };
    let raw = with_format(example(), UPayloadFormat::UPAYLOAD_FORMAT_RAW);
    assert_eq!(append(Some(b"hi"), &raw, "").unwrap(), full);
    let expected = Carried {
        payload: Some(Bytes::from_static(b"hi")),
        format: UPayloadFormat::UPAYLOAD_FORMAT_RAW,
        attributes: example(),
    };
    assert_eq!(read(full.clone()), Ok(expected));
    assert_eq!(append(None, &UAttributes::default(), "").unwrap(), empty);
    assert_eq!(read(empty.clone()), Ok(Carried::default()));
    assert!(is_at_end_of(full) && is_at_end_of(empty));
    assert_eq!(slow_checksum(b"123456789"), 0xcbf4_3926);
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn absent_payload_differs_from_empty_one() {
    let none = append(None, &UAttributes::default(), "").unwrap();
    assert_eq!(split(none).unwrap().payload, None);
    for format in
        [UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED, UPayloadFormat::UPAYLOAD_FORMAT_TEXT]
    {
        let attributes = with_format(UAttributes::default(), format);
        let carried = split(append(Some(b""), &attributes, "").unwrap()).unwrap();
        assert_eq!((carried.payload, carried.format), (Some(Bytes::new()), format));
    }
    let without_format = [b"x".as_slice(), &trailer(&[], 1)].concat();
    assert!(matches!(read(without_format), Err(Unreadable::Malformed(_))));
}

#[test]
fn payload_is_not_copied() {
    let wire = append(Some(&[7; 1_000]), &example(), "").unwrap();
    let payload = split(wire.clone()).unwrap().payload.unwrap();
    assert_eq!((payload.as_ptr(), payload.len()), (wire.as_ptr(), 1_000));
}

#[test]
fn source_without_authority_is_local() {
    let attributes =
        UAttributes { source: MessageField::some(uri("/5301/1/0")), ..Default::default() };
    let carried = split(append(None, &attributes, "here").unwrap()).unwrap();
    assert_eq!(carried.attributes.source.unwrap(), uri("//here/5301/1/0"));
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn unknown_field_is_ignored_unless_critical() {
    let ttl = [4, 0, 4, 0, 0, 0, 9];
    let unknown = |tag| [&[tag, 0, 2, 1, 2], ttl.as_slice()].concat();
    for tag in [0x00, 0x0a, 0x7f] {
        assert_eq!(read_fields(&unknown(tag)).unwrap().ttl, Some(9), "{tag}");
    }
    for tag in [0x80, 0x81, 0xff] {
        let refused = read_fields(&unknown(tag)).unwrap_err();
        assert_eq!(refused, Unreadable::Critical(tag));
        assert!(refused.to_string().contains(&format!("{tag:#04x}")));
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn error_names_unsupported_version() {
    for version in [0, 2, 255] {
        let wire = trailer(&[], version);
        // Found without reading the fields, which may be anything.
        assert!(is_at_end_of(&wire));
        let refused = read(wire).unwrap_err();
        assert_eq!(refused, Unreadable::Version(version));
        assert!(refused.to_string().contains(&format!("version {version} ")), "{refused}");
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn malformed_field_is_rejected() {
    let text =
        |tag: u8, value: &[u8]| [&[tag, 0, u8::try_from(value.len()).unwrap()], value].concat();
    let source = |ids: [u8; 7], authority: &str| text(2, &[&ids, authority.as_bytes()].concat());
    for fields in [
        vec![4],
        vec![4, 0],
        vec![4, 0, 4, 0, 0, 0],
        vec![4, 255, 255, 0, 0, 0, 9],
        text(1, &[0; 15]),
        text(1, &[0; 16]),
        text(2, &[0; 6]),
        source([0, 0, 0x53, 1, 1, 0, 0], "no/authority"),
        source([0, 0, 0x53, 1, 1, 0, 0], "*"),
        source([0, 0, 0xff, 0xff, 1, 0, 0], "hpc"),
        source([0, 0, 0x53, 1, 0xff, 0, 0], "hpc"),
        text(3, &[]),
        text(3, &[8]),
        text(3, &[5, 5]),
        text(4, &[1; 5]),
        text(5, &[1; 3]),
        text(6, &[17]),
        text(7, &[0xff]),
        text(8, &[0xc3]),
        text(9, &[200]),
        [text(4, &[0; 4]), text(4, &[0; 4])].concat(),
        [text(0x20, &[]), text(0x20, &[])].concat(),
    ] {
        let refused = read_fields(&fields);
        assert!(matches!(refused, Err(Unreadable::Malformed(_))), "{fields:?}: {refused:?}");
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn damaged_trailer_is_detected() {
    let wire = append(Some(b"hi"), &example(), "").unwrap();
    for position in 2..wire.len() {
        for bit in 0..8 {
            let mut damaged = wire.to_vec();
            damaged[position] ^= 1 << bit;
            // The checksum also covers the reserved byte.
            assert!(read(damaged.clone()).is_err(), "{position}");
            assert!(!is_at_end_of(&damaged), "{position}");
        }
    }
    for length in 0..wire.len() {
        assert_eq!(read(wire[..length].to_vec()), Err(Unreadable::Missing));
        assert!(!is_at_end_of(&wire[..length]));
    }
}

#[test]
fn checksum_excludes_payload() {
    let mut wire = append(Some(b"hi"), &example(), "").unwrap().to_vec();
    wire[0] = b'H';
    assert_eq!(read(wire).unwrap().payload, Some(Bytes::from_static(b"Hi")));
}

// [utest->dsn~someip-carried-attributes~1]
#[test]
fn size_of_trailer_is_bounded() {
    let with_token =
        |length| UAttributes { token: Some("t".repeat(length)), ..UAttributes::default() };
    let longest = 4_096 - 16 - 3;
    let wire = append(None, &with_token(longest), "").unwrap();
    assert_eq!(wire.len(), 4_096);
    assert_eq!(split(wire).unwrap().attributes, with_token(longest));
    for length in [longest + 1, 65_536, 1 << 20] {
        let refused = append(None, &with_token(length), "").unwrap_err();
        assert_eq!(refused.get_code(), UCode::INVALID_ARGUMENT);
        let size = (length + 19).to_string();
        assert!(refused.get_message().contains(&size), "{refused}");
    }
    let too_large = trailer(&[0; 4_081], 1);
    assert!(matches!(read(too_large), Err(Unreadable::Malformed(_))));
}

#[test]
fn nested_trailer_is_payload() {
    let attributes = with_format(example(), UPayloadFormat::UPAYLOAD_FORMAT_RAW);
    let inner = append(Some(b"hi"), &attributes, "").unwrap();
    let outer = append(Some(&inner), &attributes, "").unwrap();
    assert_eq!(split(outer).unwrap().payload, Some(inner));
}

fn attributes() -> impl Strategy<Value = UAttributes> {
    let id = (any::<u64>(), any::<u64>()).prop_map(|(msb, lsb)| UUID {
        msb: msb & !0xf000 | 0x7000,
        lsb: lsb & (u64::MAX >> 2) | 1 << 63,
        ..Default::default()
    });
    let source = ("[a-z0-9.]{1,20}", 0..0xffff_u32, 0..0xff_u32, 0..0xffff_u32).prop_map(
        |(authority_name, ue_id, ue_version_major, resource_id)| UUri {
            authority_name,
            ue_id,
            ue_version_major,
            resource_id,
            ..Default::default()
        },
    );
    let priority = (0..UPriority::VALUES.len()).prop_map(|index| UPriority::VALUES[index]);
    let status = (1..UCode::VALUES.len()).prop_map(|index| UCode::VALUES[index]);
    (
        proptest::option::of(id),
        proptest::option::of(source),
        priority,
        proptest::option::of(any::<u32>()),
        proptest::option::of(any::<u32>()),
        proptest::option::of(status),
        proptest::option::of(".{0,80}"),
        proptest::option::of(".{0,200}"),
    )
        .prop_map(
            |(id, source, priority, ttl, permission_level, status, traceparent, token)| {
                UAttributes {
                    id: MessageField(id.map(Box::new)),
                    source: MessageField(source.map(Box::new)),
                    priority: priority.into(),
                    ttl,
                    permission_level,
                    commstatus: status.map(EnumOrUnknown::new),
                    traceparent,
                    token,
                    ..Default::default()
                }
            },
        )
}

fn payload() -> impl Strategy<Value = Option<(Vec<u8>, UPayloadFormat)>> {
    let format = (0..UPayloadFormat::VALUES.len()).prop_map(|index| UPayloadFormat::VALUES[index]);
    proptest::option::of((proptest::collection::vec(any::<u8>(), 0..100), format))
}

proptest! {
    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn written_attributes_are_read_back(attributes in attributes(), payload in payload()) {
        let (bytes, format) = payload.clone().unzip();
        let format = format.unwrap_or_default();
        let sent = with_format(attributes.clone(), format);
        let wire = append(bytes.as_deref(), &sent, "").unwrap();
        prop_assert!(is_at_end_of(&wire));
        let expected = Carried { payload: bytes.map(Bytes::from), format, attributes };
        prop_assert_eq!(split(wire), Ok(expected));
    }

    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn garbage_is_not_a_trailer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!is_at_end_of(&bytes));
        prop_assert_eq!(split(bytes.into()), Err(Unreadable::Missing));
    }

    #[test]
    fn garbage_in_footer_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 16..200)) {
        let end = bytes.len();
        bytes[end - 8..].copy_from_slice(MARK);
        let _ = split(bytes.into());
    }

    #[test]
    fn garbage_in_fields_never_panics(fields in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_fields(&fields);
    }

    #[test]
    fn garbage_values_never_panic(
        fields in proptest::collection::vec(
            (0_u8..12, proptest::collection::vec(any::<u8>(), 0..30)),
            0..12,
        ),
    ) {
        let mut bytes = Vec::new();
        for (tag, value) in fields {
            bytes.extend([tag, 0, u8::try_from(value.len()).unwrap()]);
            bytes.extend(value);
        }
        let _ = read_fields(&bytes);
    }
}
