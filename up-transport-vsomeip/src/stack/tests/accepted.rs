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

//! Valid configurations: values at the limits, and apparent contradictions.

use serde_json::{json, Value};

use crate::stack::StackConfig;

/// The warnings about a configuration with an application and these keys.
fn told(keys: &Value) -> Vec<String> {
    let mut config = json!({ "applications": [{ "name": "a", "id": "0x0101" }] });
    config.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let (config, mut told) = StackConfig::from_json_with_warnings(&config.to_string()).unwrap();
    told.extend(config.suspicions());
    let error = config.validate().err().map(|error| error.to_string());
    told.iter().map(ToString::to_string).chain(error).collect()
}

fn service(instance: u16, keys: Value) -> Value {
    let mut service = json!({ "service": "0x1234", "instance": instance });
    service.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    service
}

#[test]
fn valid_configuration_is_accepted() {
    let two =
        |one: Value, other: Value| json!({ "services": [service(1, one), service(2, other)] });
    let here = |key: &str| json!({ key: "30509" });
    for keys in [
        json!({}),
        json!({ "routing": "another" }),
        json!({ "applications": [{ "name": "a", "id": "0xffff" }, { "name": "b", "id": "0xffff" }] }),
        json!({ "applications": [{ "name": "a", "id": "1" }, { "name": "b" }] }),
        two(here("unreliable"), here("reliable")),
        two(here("unreliable"), json!({ "unreliable": "30509", "unicast": "10.0.0.1" })),
        json!({ "services": [service(1, json!({ "unreliable": "30490", "unicast": "10.0.0.1" }))] }),
        json!({ "services": [service(1, json!({ "unreliable": "30490" }))],
                "service-discovery": { "enable": "false" } }),
        json!({ "services": [service(1, json!({ "unreliable": "30490" }))],
                "service-discovery": { "port": "30491" } }),
        json!({ "services": [service(1, json!({ "reliable": "30490" }))] }),
        json!({ "services": [service(1, json!({
            "eventgroups": [{ "eventgroup": "1", "events": ["0x8001"] }] }))] }),
        json!({ "services": [service(1, json!({ "reliable": 0, "unreliable": "0" }))],
                "clients": [{ "service": "1", "instance": "1", "unreliable": ["0"] }] }),
        json!({ "unicast": "fe80::1%eth0", "prefix": 64, "service-discovery": { "multicast": "ff02::1" } }),
        json!({ "unicast": "fe80::1", "prefix": "128",
                "service-discovery": { "multicast": "ff02::1" } }),
        json!({ "netmask": "255.255.255.255" }),
    ] {
        assert_eq!(told(&keys), [""; 0], "{keys}");
    }
}

#[test]
fn limits_are_at_documented_keys() {
    let application =
        |key: &str, value: u32| json!({ "applications": [{ "name": "a", "id": "1", key: value }] });
    let discovery = |key: &str, value: u32| json!({ "service-discovery": { key: value } });
    let port = |port: u32| json!({ "services": [service(1, json!({ "unreliable": port }))] });
    let segment = |length: u32| {
        let tp = json!({ "service-to-client": [{ "method": "1", "max-segment-length": length }] });
        json!({ "services": [service(1, json!({ "unreliable": "1", "someip-tp": tp }))] })
    };
    let watchdog = |key: &str, value: u32| json!({ "watchdog": { key: value } });
    for (good, bad) in [
        (application("threads", 1), application("threads", 0)),
        (application("threads", 255), application("threads", 256)),
        (
            application("request_debounce_time", 10_000),
            application("request_debounce_time", 10_001),
        ),
        (discovery("ttl", 1), discovery("ttl", 0)),
        (discovery("ttl", 0xff_ffff), discovery("ttl", 0x100_0000)),
        (discovery("repetitions_max", 255), discovery("repetitions_max", 256)),
        (discovery("max_remote_subscribers", 255), discovery("max_remote_subscribers", 256)),
        (discovery("initial_delay_min", 3000), discovery("initial_delay_min", 3001)),
        (port(0), port(65535)),
        (port(65534), port(65536)),
        (segment(16), segment(0)),
        (segment(1392), segment(1408)),
        (segment(1376), segment(1377)),
        (watchdog("timeout", 2), watchdog("timeout", 1)),
        (watchdog("allowed_missing_pongs", 1), watchdog("allowed_missing_pongs", 0)),
        (json!({ "prefix": 32 }), json!({ "prefix": 33 })),
        (
            json!({ "file-permissions": { "permissions-uds": "0777" } }),
            json!({ "file-permissions": { "permissions-uds": "01000" } }),
        ),
        (json!({ "netmask": "255.128.0.0" }), json!({ "netmask": "0.0.0.0" })),
        (json!({ "device": "a-device-of-15c" }), json!({ "device": "a-device-of-16ch" })),
    ] {
        assert_eq!(told(&good), [""; 0], "{good}");
        assert_eq!(told(&bad).len(), 1, "{bad}");
    }
}
