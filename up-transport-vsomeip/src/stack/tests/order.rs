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

//! Keys that come too early for vsomeip.

use crate::stack::{Service, StackConfig};

/// A service with keys in this order, and the warnings about it.
fn service(keys: &str) -> (Service, Vec<String>) {
    let text = format!(r#"{{ "services": [{{ "service": 1, "instance": 1, {keys} }}] }}"#);
    let (config, warnings) = StackConfig::from_json_with_warnings(&text).unwrap();
    let warnings = warnings.iter().map(ToString::to_string).collect();
    (config.services.into_iter().next().unwrap(), warnings)
}

const EVENTS: &str = r#""events": [{ "event": "0x8001", "is_field": true }]"#;
const EXPLICIT: &str = r#""events": [{ "event": "0x8001", "is_reliable": "true" }]"#;
const GROUPS: &str = r#""eventgroups": [{ "eventgroup": 5, "events": ["0x8001"] }]"#;
const UDP: &str = r#""unreliable": 30501"#;
const TCP: &str = r#""reliable": { "port": 30501 }"#;
const MULTICAST: &str = r#""multicast": { "address": "224.1.2.3", "port": 1 }"#;
const OVER_MULTICAST: &str = r#""eventgroups": [{ "eventgroup": 5, "is_multicast": "true" }]"#;

#[track_caller]
fn assert_too_early(keys: &[&str], key: &str, other: &str) -> Service {
    let (service, warnings) = service(&keys.join(","));
    assert_eq!(warnings.len(), 1, "{keys:?}: {warnings:?}");
    let start = format!("services[0].{key}: comes before `{other}`, so vsomeip ");
    assert!(warnings[0].starts_with(&start), "{warnings:?}");
    assert!(warnings[0].contains(&format!("; move `{key}` after `{other}`")), "{warnings:?}");
    service
}

#[track_caller]
fn assert_in_order(keys: &[&str]) {
    let (_, warnings) = service(&keys.join(","));
    assert_eq!(warnings, [""; 0], "{keys:?}");
}

#[test]
fn events_come_behind_ports() {
    let open = |service: &Service| service.events[0].is_reliable;
    assert_eq!(open(&assert_too_early(&[EVENTS, UDP], "events", "unreliable")), None);
    assert_eq!(open(&assert_too_early(&[EVENTS, TCP], "events", "reliable")), None);
    let service = assert_too_early(&[TCP, EVENTS, UDP], "events", "unreliable");
    assert_eq!(open(&service), Some(true), "the port that vsomeip has read");
    assert_in_order(&[UDP, TCP, EVENTS]);
    // It is over UDP in any case.
    assert_in_order(&[UDP, EVENTS, TCP]);
    assert_in_order(&[EXPLICIT, TCP]);
    assert_in_order(&[EVENTS, r#""unreliable": 0"#]);
}

#[test]
fn eventgroups_come_behind_events() {
    let service = assert_too_early(&[TCP, GROUPS, EXPLICIT], "eventgroups", "events");
    assert_eq!(service.events[0].is_reliable, Some(false), "vsomeip sends it over UDP");
    let service = assert_too_early(&[UDP, GROUPS, EVENTS], "eventgroups", "events");
    assert_eq!(service.events[0].is_field, Some(true), "which vsomeip does not use");
    assert_in_order(&[UDP, EVENTS, GROUPS]);
    let other = r#""events": [{ "event": "0x8002" }]"#;
    assert_in_order(&[UDP, GROUPS, other]);
}

#[test]
fn eventgroups_come_behind_multicast() {
    let service = assert_too_early(&[OVER_MULTICAST, MULTICAST], "eventgroups", "multicast");
    assert_eq!(service.eventgroups[0].is_multicast, None);
    assert_in_order(&[MULTICAST, OVER_MULTICAST]);
    assert_in_order(&[UDP, GROUPS, MULTICAST]);
}

#[test]
fn plugins_come_behind_name() {
    let warnings = |application: &str| {
        let text = format!(r#"{{ "applications": [{{ {application} }}] }}"#);
        StackConfig::from_json_with_warnings(&text).unwrap().1
    };
    let (name, plugins) = (r#""name": "a""#, r#""plugins": []"#);
    assert_eq!(warnings(&format!("{name}, {plugins}")), []);
    let early = warnings(&format!("{plugins}, {name}"));
    assert!(early[0].to_string().contains("comes before `name`"), "{early:?}");
}
