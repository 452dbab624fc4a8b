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

//! Warnings about entries of `e2e` that vsomeip would ignore.

use serde_json::{json, Value};

use crate::stack::StackConfig;

fn warnings(e2e: &Value) -> Vec<String> {
    let applications = json!([{ "name": "app-one", "id": "0x0101" }]);
    let config = json!({ "applications": applications, "e2e": e2e });
    let config = StackConfig::from_json(&config.to_string()).unwrap();
    config.validate().unwrap();
    config.warnings().iter().map(ToString::to_string).collect()
}

/// An entry for event 8001 of service 1234, with other keys.
fn entry(keys: &Value) -> Value {
    let mut entry = json!({ "service_id": "0x1234", "event_id": "0x8001", "variant": "checker",
                            "profile": "CRC32", "crc_offset": "0" });
    entry.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    entry
}

fn enabled(protected: Value) -> Value {
    json!({ "e2e_enabled": "true", "protected": protected })
}

#[test]
fn entry_without_effect_is_warned_about() {
    let p04 = |key: &str, value: &str| {
        let mut entry = json!({ "profile": "P04", "crc_offset": "64", "min_data_length": "20" });
        entry[key] = json!(value);
        entry
    };
    let p01 = |key: &str, value: &str| {
        let mut entry = json!({ "profile": "CRC8", "data_length": "56", "data_id_mode": "3" });
        entry[key] = json!(value);
        entry
    };
    for (keys, place, part) in [
        (json!({ "service_id": 0 }), ".service_id", "is missing or 0"),
        (json!({ "variant": "check" }), ".variant", "is unknown to vsomeip"),
        (json!({ "variant": "Both" }), ".variant", "is unknown to vsomeip"),
        (json!({ "profile": "P4" }), ".profile", "write one of CRC8, P01, CRC32"),
        (json!({ "profile": "crc32" }), ".profile", "is unknown to vsomeip"),
        (json!({ "varient": "both" }), ".varient", "write `variant`"),
        (json!({ "crc-ofset": "4" }), ".crc-ofset", "write `crc_offset`"),
        (json!({ "crc_offset": "four" }), ".crc_offset", "vsomeip uses another value"),
        (json!({ "crc_offset": -4 }), ".crc_offset", "vsomeip uses another value"),
        (json!({ "crc_offset": "0X10" }), ".crc_offset", "vsomeip uses another value"),
        (p04("crc_offset", "0"), ".crc_offset", "in the header of SOME/IP"),
        (p04("crc_offset", "8"), ".crc_offset", "write 64 for the beginning"),
        (p04("crc_offset", "0x44"), ".crc_offset", "write a multiple of 8"),
        (p04("min_data_length", "19"), ".min_data_length", "write 20 or more bytes"),
        (p04("profile", "P07"), ".min_data_length", "write 28 or more bytes"),
        (p04("data_Id", "1"), ".data_Id", "write `data_id`"),
        (p01("data_length", "8"), ".data_length", "does not cover"),
        (p01("crc_offset", "6"), ".data_length", "does not cover"),
        (p01("data_id_mode", "1"), ".data_id_mode", "leaves the data id out"),
        (p01("data_id_mode", "4"), ".data_id_mode", "leaves the data id out"),
        (
            json!({ "profile": "P05", "crc_offset": "64", "data_length": "79" }),
            ".data_length",
            "write 80 or more bits",
        ),
    ] {
        let warnings = warnings(&enabled(json!([entry(&keys)])));
        assert_eq!(warnings.len(), 1, "{keys}: {warnings:?}");
        let place = format!("e2e.protected[0]{place}: ");
        assert!(warnings[0].starts_with(&place), "{keys}: {warnings:?}");
        assert!(warnings[0].contains(part), "{keys}: {warnings:?}");
    }
}

#[test]
fn section_without_effect_is_warned_about() {
    let protected = json!([entry(&json!({}))]);
    for (e2e, expected) in [
        (json!({ "protected": protected }), "e2e: `e2e_enabled` is missing"),
        (json!({ "e2e_enabled": "true", "protect": protected }), "e2e.protect: unknown key"),
        (
            enabled(json!([entry(&json!({})), entry(&json!({ "variant": "protector" }))])),
            "e2e.protected[0]: is for 0x8001 of service 0x1234, as e2e.protected[1] is",
        ),
    ] {
        let warnings = warnings(&e2e);
        assert_eq!(warnings.len(), 1, "{e2e}: {warnings:?}");
        assert!(warnings[0].starts_with(expected), "{e2e}: {warnings:?}");
    }
}

#[test]
fn sound_section_has_no_warnings() {
    for keys in [
        json!({}),
        json!({ "profile": "CSTM", "variant": "both", "crc_offset": 4 }),
        json!({ "profile": "CRC8", "data_id": "0xA73", "data_id_mode": "3", "data_length": "56" }),
        json!({ "profile": "P01", "data_length": 16, "counter_offset": 8,
                "data_id_nibble_offset": 12 }),
        json!({ "profile": "P04", "crc_offset": "64", "min_data_length": "20",
                "max_data_length": 1000, "max_delta_counter": "0x10", "data_id": "0x2d" }),
        json!({ "profile": "P05", "crc_offset": "64", "data_length": "80" }),
        json!({ "profile": "P07", "crc_offset": "128", "min_data_length": "36" }),
    ] {
        let found = warnings(&enabled(json!([entry(&keys)])));
        assert_eq!(found, Vec::<String>::new(), "{keys}");
    }
    assert_eq!(warnings(&json!({ "e2e_enabled": "false", "protected": [] })), [""; 0]);
}
