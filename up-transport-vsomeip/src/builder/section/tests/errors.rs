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

//! Errors name the place.

use super::*;

#[track_caller]
fn assert_error(section: Value, expected: &str) {
    let error = read_all(&[json!({}), section]).err().unwrap().to_string();
    assert!(error.starts_with("the configuration 1: "), "{error}");
    assert_eq!(error.trim_start_matches("the configuration 1: "), expected);
}

#[test]
fn misspelt_key_is_named_with_its_suggestion() {
    let what = "there is no such option; write";
    assert_error(
        json!({ "payload_fromat": "raw", "relable": true }),
        &format!(
            "uprotocol.payload_fromat: {what} `payload_format`. \
             uprotocol.relable: {what} `reliable`"
        ),
    );
    assert_error(
        json!({ "authority": [{ "service": 1, "authority": "a" }, { "servise": 1, "authority": "a" }] }),
        &format!("uprotocol.authority[1].servise: {what} `service`"),
    );
    assert_error(
        json!({ "aplications": {} }),
        &format!("uprotocol.aplications: {what} `applications`"),
    );
    assert_error(
        json!({ "applications": { "x": { "in-place": true } } }),
        &format!("uprotocol.applications.x.in-place: {what} `in_place`"),
    );
}

#[test]
fn unknown_key_is_named_with_known_ones() {
    assert_error(
        json!({ "runtime": { "cores": 1 } }),
        "uprotocol.runtime.cores: there is no such option; remove it, or write one of `num_threads`",
    );
    // An application has none of its own.
    let error = read_all(&[json!({ "applications": { "x": { "applications": {} } } })]).err();
    let error = error.unwrap().to_string();
    assert!(error.contains("uprotocol.applications.x.applications: there is no such"), "{error}");
}

#[test]
fn wrong_type_is_named_with_its_place() {
    let number = "is not a number from 1 to 999999999999999";
    let [zero, minus, many] = ["0", "-1", "\"many\""].map(|value| format!("{value} {number}"));
    for (section, place, what) in [
        (json!([]), "uprotocol", "is not an object; write options and their values in braces"),
        (json!("x"), "uprotocol", "is not an object; write options and their values in braces"),
        (
            json!({ "offer": [], "authority": [[1, "a"]] }),
            "uprotocol.authority[0]",
            "is not an object; write options and their values in braces",
        ),
        (json!({ "reliable": 1 }), "uprotocol.reliable", "1 is not `true` or `false`"),
        (json!({ "reliable": null }), "uprotocol.reliable", "null is not `true` or `false`"),
        (json!({ "max_listeners": 0 }), "uprotocol.max_listeners", zero.as_str()),
        (json!({ "max_listeners": -1 }), "uprotocol.max_listeners", minus.as_str()),
        (
            json!({ "offer": "//a/1/1/8001" }),
            "uprotocol.offer",
            "is not a list; write it in brackets",
        ),
        (json!({ "max_listeners": "many" }), "uprotocol.max_listeners", &many),
        (
            json!({ "request_ttl": 10 }),
            "uprotocol.request_ttl",
            "10 is not a time with its unit, such as \"1500ms\", \"10s\" or \"5min\"",
        ),
        (
            json!({ "notifications": "Event" }),
            "uprotocol.notifications",
            "\"Event\" is not one of \"request_no_return\", \"event\", \"reject\"",
        ),
        (
            json!({ "authority": { "service": 1, "authority": "a" } }),
            "uprotocol.authority",
            "is not a list; write it in brackets",
        ),
        (
            json!({ "authority": [{ "authority": "a" }] }),
            "uprotocol.authority[0].service",
            "is missing; add it",
        ),
        (
            json!({ "service_version": [{ "service": "0x12345", "version": 1 }] }),
            "uprotocol.service_version[0].service",
            "\"0x12345\" is not an id from 0 to 0xffff, such as \"0x1234\" or 4660",
        ),
        (
            json!({ "event": [{ "service": 1, "instance": 1, "event": 1, "in_groups": [] }] }),
            "uprotocol.event[0].in_groups",
            "the list is empty; name at least one eventgroup",
        ),
        (
            json!({ "offer": ["//vehicle/1234/1/421"] }),
            "uprotocol.offer[0]",
            "\"//vehicle/1234/1/421\" is not the URI of a topic, such as \"//vehicle/1234/1/8001\"",
        ),
        (
            json!({ "applications": { "x": { "runtime": { "num_threads": 256 } } } }),
            "uprotocol.applications.x.runtime.num_threads",
            "256 is not a number from 0 to 255",
        ),
        (
            json!({ "application": "" }),
            "uprotocol.application",
            "\"\" is not the name of an application",
        ),
    ] {
        assert_error(section, &format!("{place}: {what}"));
    }
}
