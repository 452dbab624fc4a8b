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

//! Reading arbitrary input does not panic.

use proptest::prelude::*;
use serde_json::{json, Value};

use crate::stack::StackConfig;

/// A configuration with every kind of section.
fn sample() -> String {
    json!({
        "unicast": "10.0.0.1", "netmask": "255.255.255.0", "prefix": 24, "device": "eth0",
        "diagnosis": "0x01", "diagnosis_mask": "0xff00", "network": "n",
        "routing": { "host": { "name": "a", "uid": "0", "gid": 0, "port": "31490" } },
        "applications": [{ "name": "a", "id": "0x0101", "threads": "2", "io_thread_nice": "-1" }],
        "services": [{
            "service": "0x1234", "instance": "0x0001", "unicast": "local",
            "reliable": { "port": "30509", "enable-magic-cookies": "false" }, "unreliable": 30509,
            "multicast": { "address": "224.1.2.3", "port": "1" },
            "events": [{ "event": "0x8001", "is_field": true, "cycle": "10" }],
            "eventgroups": [{ "eventgroup": "5", "events": ["0x8001"], "threshold": "1" }],
            "debounce-times": { "requests": { "0x0001": { "debounce-time": "1" } } },
            "someip-tp": { "client-to-service": ["0x0001", { "method": 2 }] },
        }],
        "clients": [{ "service": "1", "instance": "1", "reliable": [1, "2"],
                      "reliable_remote_ports": { "first": "1", "last": "2" } }],
        "internal_services": [{ "first": "f", "last": { "service": "ff" } }],
        "service-discovery": { "enable": "true", "multicast": "224.1.2.3", "ttl": "3",
                               "ttl_factor_offers": [{ "service": 1, "instance": 1 }] },
        "payload-sizes": [{ "unicast": "::1", "ports": [{ "port": 1, "max-payload-size": 1 }] }],
        "logging": { "level": "info", "file": { "enable": "false", "path": "/tmp/x" } },
        "security": { "policies": [{ "credentials": { "uid": ["1", { "first": "min" }], "gid": 1 },
                                     "allow": { "offers": [{ "service": 1, "instance": "any" }] } }] },
        "supports_selective_broadcasts": ["10.0.0.2"],
        "aplications": null,
    })
    .to_string()
}

fn try_all(text: &str) {
    let Ok(config) = StackConfig::from_json(text) else { return };
    let _ = config.validate().map_err(|error| error.to_string());
    drop(config.warnings());
    let again = StackConfig::from_json(&config.to_json());
    assert_eq!(again.unwrap(), config, "what is written is read again");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "0x[0-9a-f]{0,9}|[0-9]{1,6}|true|any|local|[0-9.:]{0,9}|\\PC{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let key = prop_oneof!["[a-z_-]{0,12}", Just("port".into()), Just("name".into())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The places of all values in a JSON value.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                places(value, &format!("{place}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                places(value, &format!("{place}/{index}"), all);
            }
        }
        _ => {}
    }
}

#[test]
fn sample_is_read() {
    StackConfig::from_json(&sample()).unwrap();
}

proptest! {
    // A failure shows its input; nothing is written into the sources.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC*") {
        try_all(&text);
    }

    #[test]
    fn corrupt_configuration_does_not_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..8),
    ) {
        let mut text: Vec<char> = sample().chars().collect();
        for (index, character) in changes {
            let index = index.index(text.len());
            text[index] = character;
        }
        try_all(&text.into_iter().collect::<String>());
    }

    #[test]
    fn truncated_configuration_does_not_panic(index in any::<prop::sample::Index>()) {
        let text = sample();
        try_all(text.get(..index.index(text.len())).unwrap_or_default());
    }

    #[test]
    fn invalid_values_do_not_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..4),
    ) {
        let mut config: Value = serde_json::from_str(&sample()).unwrap();
        for (index, value) in changes {
            let mut all = Vec::new();
            places(&config, "", &mut all);
            if let Some(place) = config.pointer_mut(&all[index.index(all.len())]) {
                *place = value;
            }
        }
        try_all(&config.to_string());
    }
}
