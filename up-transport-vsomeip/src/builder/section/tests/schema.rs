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

//! The JSON schema is up to date and accepts what the reader accepts.

use super::super::schema::of_file;
use super::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/uprotocol.schema.json");

/// Regenerates the file if the variable `UP_WRITE_SCHEMA` is set.
#[test]
fn schema_for_users_is_up_to_date() {
    let schema = serde_json::to_string_pretty(&of_file()).unwrap() + "\n";
    if std::env::var_os("UP_WRITE_SCHEMA").is_some() {
        std::fs::write(PATH, &schema).unwrap();
    }
    assert_eq!(std::fs::read_to_string(PATH).unwrap(), schema, "set UP_WRITE_SCHEMA once");
}

/// The table of config/README.md.
#[test]
fn documentation_has_each_option() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once("\n## `uprotocol`").unwrap();
    let section = section.split("\n## ").next().unwrap();
    for key in Section::KEYS {
        assert!(section.contains(&format!("\n| `{key}")), "{key}");
    }
}

/// Values for options, right ones and wrong ones.
fn values() -> Vec<(&'static str, Value)> {
    let numbers = [
        json!(0),
        json!(1),
        json!(255),
        json!(256),
        json!(65_535),
        json!(65_536),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!("0"),
        json!("1"),
        json!("0001"),
        json!("255"),
        json!("256"),
        json!("0x1"),
        json!("0xffff"),
        json!("0x00ffff"),
        json!("0x10000"),
        json!("65535"),
        json!("65536"),
        json!("99999"),
        json!("+1"),
        json!("-1"),
        json!(""),
        json!(" 1"),
        json!("0x"),
        json!("0X1"),
        json!("0x+1"),
        json!(999_999_999_999_999_u64),
        json!(1_000_000_000_000_000_u64),
        json!("999999999999999"),
        json!("1000000000000000"),
        json!(true),
        json!(null),
        json!([]),
    ];
    let flags = [json!(true), json!(false), json!("true"), json!("false"), json!("True"), json!(1)];
    let times = [
        "0ms",
        "1500ms",
        "10s",
        "5min",
        "10",
        "10 s",
        "1.5s",
        "-1s",
        "s",
        "10S",
        "10m",
        "1h",
        "",
        "999999999999s",
        "1000000000000s",
        "٣s",
    ];
    let authorities =
        ["", "a", "A", "*", "a.b-c_d~e", "a/b", "a:1", "u@a", "192.168.0.1", "[::1]", "ä", "%41"];
    let topics = [
        "//vehicle/1234/1/8001",
        "/1234/1/8001",
        "up://vehicle/1234/1/8001",
        "//v/11234/1/fffe",
        "//v/1234/1/FFFF",
        "//v/FFFF/1/8001",
        "//v/FFFF1234/1/8001",
        "//v/1FFFF/1/8001",
        "//v/1234/FF/8001",
        "//*/1234/1/8001",
        "//v/1234/1/421",
        "//v/1234/1/7fff",
        "//v/1234/1",
        "//v/123456789/1/8001",
        "//v/1234/100/8001",
        "//v/1234/1/18001",
        "//V/1234/1/8001",
        "",
        "x",
        "//v/FFFFF/1/8001",
        "//v/FFFF0000/1/8001",
        "//v/FF/1/8001",
        "//v/12FFFF/1/8001",
    ];
    let mut values = Vec::new();
    for number in numbers {
        values.push(("max_listeners", number.clone()));
        values.push(("hold_first_messages_bytes", number.clone()));
        values.push(("runtime", json!({ "num_threads": number })));
        values.push(("service_version", json!([{ "service": number, "version": 1 }])));
        values.push(("service_version", json!([{ "service": 1, "version": number }])));
    }
    values.extend(flags.map(|flag| ("reliable", flag)));
    values.extend(times.map(|time| ("request_ttl", json!(time))));
    values.extend([json!(10), json!({ "s": 1 })].map(|time| ("request_ttl", time)));
    let authority = |name| ("authority", json!([{ "service": 1, "authority": name }]));
    values.extend(authorities.map(|name| authority(json!(name))));
    values.push(authority(json!(12)));
    values.push(authority(json!("a".repeat(128))));
    values.push(authority(json!("a".repeat(129))));
    values.extend(topics.map(|topic| ("offer", json!([topic]))));
    for format in ["unspecified", "raw", "RAW", "UPAYLOAD_FORMAT_RAW", "shm", ""] {
        values.push(("payload_format", json!(format)));
    }
    let event = json!({ "service": 1, "instance": 1, "event": 1, "in_groups": [1] });
    for (key, value) in [
        ("in_groups", json!([])),
        ("in_groups", json!(1)),
        ("in_groups", json!(["x"])),
        ("field", json!("yes")),
        ("field", json!(null)),
        ("is_field", json!(true)),
        ("event", json!("0x8001")),
    ] {
        let mut event = event.clone();
        event[key] = value;
        values.push(("event", json!([event])));
    }
    values.extend([("event", json!([[1, 1, 1, [1]]])), ("runtime", json!([1]))]);
    values.extend([("event", json!([{}])), ("event", json!({})), ("event", json!([event]))]);
    values.extend([("applications", json!({})), ("applications", json!([]))]);
    values.extend([("applications", json!({ "a": 1 })), ("applications", json!({ "a": {} }))]);
    values.extend([
        ("application", json!("a")),
        ("application", json!("")),
        ("application", json!(1)),
    ]);
    values.extend([("runtime", json!({})), ("runtime", json!(4)), ("no_such", json!(1))]);
    values
}

#[test]
fn schema_accepts_what_the_reader_accepts() {
    let validator = jsonschema::validator_for(&of_file()).unwrap();
    let mut accepted = 0;
    let mut check = |section: Value| {
        let is_read = read_all(std::slice::from_ref(&section)).is_ok();
        let file = json!({ "unicast": "127.0.0.1", "uprotocol": section });
        assert_eq!(validator.is_valid(&file), is_read, "{section}");
        accepted += usize::from(is_read);
    };
    check(json!({}));
    check(json!([]));
    check(json!(null));
    check(each_option());
    check(json!({ "applications": { "x": each_option() } }));
    let values = values();
    let count = values.len();
    for (key, value) in values {
        check(json!({ key: value }));
        if !key.starts_with("application") {
            check(json!({ "applications": { "x": { key: value } } }));
        }
    }
    assert!((100..count).contains(&accepted), "{accepted} of {count}");
}
