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

//! What is probably not meant.

use serde_json::{json, Value};

use crate::stack::StackConfig;

/// The warnings about a configuration with an application and these keys.
fn warnings(keys: Value) -> Vec<String> {
    let mut config = json!({ "applications": [{ "name": "app-one", "id": "0x0101" }] });
    let Value::Object(keys) = keys else { panic!("no object") };
    config.as_object_mut().unwrap().extend(keys);
    let config = StackConfig::from_json(&config.to_string()).unwrap();
    config.validate().unwrap();
    config.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn suspicious_configuration_is_warned_about() {
    let service = |more: Value| {
        let mut service = json!({ "service": "0x1234", "instance": "1", "unreliable": "30509" });
        service.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "services": [service] })
    };
    for (keys, expected) in [
        (json!({ "aplications": [] }), "aplications: nobody reads this key; write `applications`"),
        (
            json!({ "service_discovery": {} }),
            "service_discovery: nobody reads this key; write `service-discovery`",
        ),
        (
            service(json!({ "unreliabel": "1" })),
            "services[0].unreliabel: nobody reads this key; write `unreliable`",
        ),
        (
            json!({ "logging": { "lvel": "info" } }),
            "logging.lvel: nobody reads this key; write `level`",
        ),
        (
            json!({ "routing": "app-onne" }),
            "routing: no application \"app-onne\" is listed; write \"app-one\" if that is meant",
        ),
        (
            service(json!({ "events": [{ "event": "0x0777" }] })),
            "services[0].events[0].event: 0x0777 is the id of a method to SOME/IP; take an id from \
             0x8000 on",
        ),
        (
            service(json!({ "events": [{ "event": "0x8001", "is_reliable": "true" }] })),
            "services[0].events[0].is_reliable: the service has no TCP port, so vsomeip sends the \
             event to no other host; add `reliable` to the service, or remove `is_reliable`",
        ),
        (
            service(json!({ "events": [{ "event": "0x8001" }],
                            "eventgroups": [{ "eventgroup": "5", "events": ["0x8002"] }] })),
            "services[0].eventgroups[0].events[0]: 0x8002 is not listed, so vsomeip makes it an \
             event over UDP; add it to the service's `events`, or correct it here",
        ),
        (
            service(json!({ "someip-tp": { "client-to-service": ["1"] } })),
            "services[0].someip-tp.client-to-service: has no effect while the service has no \
             `unicast`; add the service's host",
        ),
        (
            service(json!({ "eventgroups": [{ "eventgroup": "1", "is_multicast": "true" }] })),
            "services[0].eventgroups[0].is_multicast: has no effect, as the service has no \
             multicast address; add `multicast` to the service",
        ),
        (
            json!({ "security": { "policies": [{}] } }),
            "security.policies[0]: allows and denies nothing; add `allow` or `deny`",
        ),
        (
            json!({ "diagnosis_mask": "0xfe00" }),
            "diagnosis_mask: is not read without `diagnosis`; add `diagnosis`, 0x01 by default",
        ),
        (
            json!({ "netmask": "255.0.0.0", "prefix": "8" }),
            "prefix: is not read beside `netmask`; remove one of them",
        ),
        (
            json!({ "security": { "check_credentials": "true" } }),
            "security: the user and the group of the routing manager are not known; add `uid` and \
             `gid` to `routing.host`",
        ),
        (
            json!({ "security": {} }),
            "security: is empty, so vsomeip loads libvsomeip-sec.so.1, and checks nothing without \
             it; add `check_credentials` and `policies`, or remove it",
        ),
    ] {
        assert_eq!(warnings(keys.clone()), [expected], "{keys}");
    }
}

#[test]
fn sound_configuration_has_no_warnings() {
    for keys in [
        json!({}),
        json!({ "routing": "somebody-else" }),
        json!({ "routing": "app-one" }),
        json!({ "services": [{ "service": "0x1234", "instance": "1", "reliable": "30509",
                "events": [{ "event": "0x8001", "is_reliable": "true" }] }] }),
        json!({ "acceptances": [], "debounce": [], "a-key-of-the-future": 1 }),
        json!({ "routing": { "host": { "name": "app-one", "uid": "0", "gid": "0" } },
                "security": { "check_credentials": "true" } }),
    ] {
        assert_eq!(warnings(keys.clone()), Vec::<String>::new(), "{keys}");
    }
}
