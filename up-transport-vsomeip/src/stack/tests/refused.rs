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

//! Every configuration that is wrong has an error of its own, which says where and what to do.

use serde_json::{json, Value};

use crate::stack::StackConfig;

/// What `build` says about a configuration; of one that is JSON without the line and the column.
fn error(text: &str) -> String {
    let valid = StackConfig::from_json(text).and_then(|config| config.validate());
    let message = valid.expect_err(text).to_string();
    match message.split_once(" at line ") {
        Some((message, _)) if !message.starts_with("not valid JSON") => message.to_owned(),
        _ => message,
    }
}

/// A configuration with an application and other keys.
fn with(keys: Value) -> String {
    let mut config = json!({ "applications": [{ "name": "a", "id": "0x0101" }] });
    config.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    config.to_string()
}

/// A configuration with an application, and a service with other keys.
fn with_service(keys: Value) -> String {
    let mut service = json!({ "service": "0x1234", "instance": "0x0001", "unreliable": "30509" });
    service.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    with(json!({ "services": [service] }))
}

#[track_caller]
fn assert_refused(cases: &[(String, &str)]) {
    for (text, expected) in cases {
        assert_eq!(error(text), *expected, "{text}");
    }
    let messages: std::collections::HashSet<_> = cases.iter().map(|(_, message)| message).collect();
    assert_eq!(messages.len(), cases.len(), "two have the same message");
}

#[test]
fn text_without_json_is_refused() {
    let text = |text: &str| text.to_owned();
    assert_refused(&[
        (
            text(""),
            "not valid JSON: EOF while parsing a value at line 1 column 0; correct it there",
        ),
        (
            text("{ \"unicast\": "),
            "not valid JSON: EOF while parsing a value at line 1 column 13; correct it there",
        ),
        (
            text("{\n  \"unicast\": \"10.0.0.1\",\n}"),
            "not valid JSON: trailing comma at line 3 column 1; correct it there",
        ),
        (text("{} {}"), "not valid JSON: trailing characters at line 1 column 4; correct it there"),
        (text("[]"), "invalid type: sequence, expected an object"),
    ]);
}

#[test]
fn wrong_applications_are_refused() {
    let listed = |applications: Value| json!({ "applications": applications }).to_string();
    assert_refused(&[
        (listed(json!([])), "applications: lists no application; add one with `name` and `id`"),
        (
            listed(json!([{ "id": "0x0101" }])),
            "applications[0].name: is missing or empty; add the name that the application has in \
             vsomeip",
        ),
        (
            listed(json!([{ "name": "a" }])),
            "applications[0].id: is missing; add one from 0x0001 on, or 0xffff to let vsomeip \
             choose",
        ),
        (
            listed(json!([{ "name": "a", "id": "0" }])),
            "applications[0].id: the client id 0 is reserved; write one from 0x0001 on, or 0xffff \
             to let vsomeip choose",
        ),
        (
            listed(json!([{ "name": "a", "id": "0x10000" }])),
            "applications[0].id: \"0x10000\" is not a number from 0 to 0xffff, such as \"0x12\" \
             or \"18\"",
        ),
        (
            listed(json!([{ "name": "a", "id": "zz" }])),
            "applications[0].id: \"zz\" is not a number from 0 to 0xffff, such as \"0x12\" or \
             \"18\"",
        ),
        (
            listed(json!([{ "name": 5, "id": "1" }])),
            "applications[0].name: invalid type: integer `5`, expected a string",
        ),
        (
            listed(json!([{ "name": "a", "id": "1" }, { "name": "a", "id": "2" }])),
            "applications[1].name: \"a\" is the name of applications[0] too; give each its own",
        ),
        (
            listed(json!([{ "name": "a", "id": "1" }, { "name": "b", "id": "1" }])),
            "applications[1].id: 0x0001 is the id of applications[0] too; give each its own",
        ),
        (
            listed(json!([{ "name": "a", "id": "1", "threads": "0" }])),
            "applications[0].threads: 0 is out of range; write a number from 1 to 255",
        ),
        (
            listed(json!([{ "name": "a", "id": "1", "max_dispatchers": "many" }])),
            "applications[0].max_dispatchers: \"many\" is not a number from 0 to 4294967295",
        ),
    ]);
}

#[test]
fn wrong_hosts_are_refused() {
    assert_refused(&[
        (
            with(json!({ "unicast": "10.0.0" })),
            "unicast: \"10.0.0\" is not an IP address, such as \"192.168.0.10\"",
        ),
        (
            with(json!({ "unicast": "224.0.0.1" })),
            "unicast: 224.0.0.1 is not the address of a host; write the address of this host on \
             the network",
        ),
        (
            with(json!({ "netmask": "255.0.255.0" })),
            "netmask: 255.0.255.0 is no netmask; write one such as 255.255.255.0",
        ),
        (
            with(json!({ "prefix": "33" })),
            "prefix: 33 is out of range; write a number from 1 to 32",
        ),
        (
            with(json!({ "device": "eth 0" })),
            "device: \"eth 0\" is no network device; write its name, such as \"eth0\", or remove \
             the key",
        ),
        (
            with(json!({ "network": "a/b" })),
            "network: \"a/b\" cannot be part of a file's name; write a name without a slash, or \
             remove the key",
        ),
        (
            with(json!({ "clients": [{ "reliable_client_ports": { "first": 2, "last": 1 } }] })),
            "clients[0].reliable_client_ports: `first` is after `last`; exchange them",
        ),
        (
            with(json!({ "clients": [{ "unreliable": [1, 0] }] })),
            "clients[0].unreliable[1]: is no port to vsomeip; write a port from 1 to 65534",
        ),
        (
            with(json!({ "internal_services": [{ "first": "1" }] })),
            "internal_services[0]: lacks `first` or `last`; write both ends, they may be equal",
        ),
        (
            with(json!({ "logging": { "level": "verbose" } })),
            "logging.level: \"verbose\" is not one of trace, debug, info, warning, error, fatal",
        ),
        (
            with(json!({ "logging": { "console": "yes" } })),
            "logging.console: \"yes\" is not \"true\" or \"false\"",
        ),
        (
            with(json!({ "routing": [] })),
            "routing: invalid type: sequence, expected the name of an application, or an object \
             with `host`",
        ),
    ]);
}

#[test]
fn wrong_services_are_refused() {
    let two = |more: Value, less: Value| {
        let mut services = json!([{ "service": "0x1234", "instance": "0x0001" },
                                  { "service": "0x1234", "instance": "0x0002" }]);
        for (index, keys) in [more, less].into_iter().enumerate() {
            let service = services[index].as_object_mut().unwrap();
            service.extend(keys.as_object().unwrap().clone());
        }
        with(json!({ "services": services }))
    };
    assert_refused(&[
        (
            with(json!({ "services": [{ "instance": "1" }] })),
            "services[0].service: is missing or 0; write an id from 0x0001 to 0xfffe",
        ),
        (
            with_service(json!({ "instance": "0xffff" })),
            "services[0].instance: 0xffff stands for any; write an id from 0x0001 to 0xfffe",
        ),
        (
            two(json!({}), json!({ "instance": "0x0001" })),
            "services[1]: is instance 0x0001 of service 0x1234, as services[0] is; make them one, \
             or give this one another id",
        ),
        (
            two(json!({ "unreliable": "30509" }), json!({ "unreliable": "30509" })),
            "services[1].unreliable: 30509 is the port of services[0] too, another instance of \
             0x1234; give each instance its own",
        ),
        (
            with_service(json!({ "unreliable": "30490" })),
            "services[0].unreliable: 30490 is the port of service discovery; give the service \
             another",
        ),
        (
            with_service(json!({ "unreliable": "70000" })),
            "services[0].unreliable: \"70000\" is not a number from 0 to 65535",
        ),
        (
            with_service(json!({ "reliable": { "enable-magic-cookies": "true" } })),
            "services[0].reliable: is missing; add a port from 1 to 65534",
        ),
        (
            with_service(json!({ "unicast": "ecu" })),
            "services[0].unicast: \"ecu\" is not an IP address; write one, or \"local\"",
        ),
        (
            with_service(json!({ "multicast": { "address": "10.0.0.1", "port": "1" } })),
            "services[0].multicast.address: 10.0.0.1 is not a multicast address; write one from \
             224.0.0.0 to 239.255.255.255",
        ),
    ]);
}

#[test]
fn wrong_events_and_segments_are_refused() {
    let group = |keys: Value| {
        let mut group = json!({ "eventgroup": "5", "events": ["0x8001"] });
        group.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        with_service(json!({ "events": [{ "event": "0x8001" }], "eventgroups": [group] }))
    };
    assert_refused(&[
        (
            with_service(json!({ "events": [{ "is_field": "true" }] })),
            "services[0].events[0].event: is missing or 0; write an id from 0x0001 to 0xfffe",
        ),
        (
            with_service(json!({ "events": [{ "event": "0x8001" }, { "event": "0x8001" }] })),
            "services[0].events[1].event: 0x8001 is the id of events[0] too; make them one, or \
             give this one another id",
        ),
        (
            group(json!({ "eventgroup": "0" })),
            "services[0].eventgroups[0].eventgroup: is missing or 0; write an id from 0x0001 to \
             0xfffe",
        ),
        (
            group(json!({ "multicast": { "address": "10.0.0.1", "port": "1" } })),
            "services[0].eventgroups[0].multicast.address: 10.0.0.1 is not a multicast address; \
             write one from 224.0.0.0 to 239.255.255.255",
        ),
        (
            group(json!({ "threshold": "300" })),
            "services[0].eventgroups[0].threshold: \"300\" is not a number from 0 to 255",
        ),
        (
            with(json!({ "services": [{ "service": "1", "instance": "1", "reliable": "30509",
                "someip-tp": { "service-to-client": ["0x8001"] } }] })),
            "services[0].someip-tp: segments are for UDP, and the service has no such port; add \
             `unreliable` to the service",
        ),
        (
            with_service(json!({ "someip-tp": { "service-to-client": [
                { "method": "1", "max-segment-length": "1400" }] } })),
            "services[0].someip-tp.service-to-client[0].max-segment-length: 1400 is no length of \
             a segment; write a multiple of 16 up to 1392",
        ),
    ]);
}

#[test]
fn wrong_limits_and_policies_are_refused() {
    let discovery = |keys: Value| with(json!({ "service-discovery": keys }));
    let policy = |policy: Value| with(json!({ "security": { "policies": [policy] } }));
    let credentials =
        |credentials: Value| policy(json!({ "credentials": credentials, "allow": {} }));
    assert_refused(&[
        (
            discovery(json!({ "multicast": "10.0.0.1" })),
            "service-discovery.multicast: 10.0.0.1 is not a multicast address; write one from \
             224.0.0.0 to 239.255.255.255",
        ),
        (
            discovery(json!({ "port": "0" })),
            "service-discovery.port: is no port to vsomeip; write a port from 1 to 65534",
        ),
        (
            discovery(json!({ "ttl": "0" })),
            "service-discovery.ttl: 0 is out of range; write a number from 1 to 16777215",
        ),
        (
            discovery(json!({ "initial_delay_min": "10", "initial_delay_max": "5" })),
            "service-discovery.initial_delay_min: 10 ms is more than `initial_delay_max`, 5 ms; \
             exchange them, or write both",
        ),
        (
            discovery(json!({ "protocol": "sctp" })),
            "service-discovery.protocol: \"sctp\" is no protocol for it; write \"udp\"",
        ),
        (
            with(json!({ "max-payload-size-local": "1 MiB" })),
            "max-payload-size-local: \"1 MiB\" is not a number from 0 to 4294967295",
        ),
        (
            with(json!({ "payload-sizes": [{ "ports": [] }] })),
            "payload-sizes[0].unicast: is missing; add the address of the host",
        ),
        (
            with(json!({ "payload-sizes": [{ "unicast": "10.0.0.1", "ports": [{ "port": 1 }] }] })),
            "payload-sizes[0].ports[0].max-payload-size: is missing; add it, in bytes",
        ),
        (
            policy(json!({ "allow": {}, "deny": {} })),
            "security.policies[0]: has both `allow` and `deny`; make it two policies",
        ),
        (
            credentials(json!({ "uid": "root", "gid": "0" })),
            "security.policies[0].credentials.uid: invalid value: string \"root\", expected an \
             id, a list of ids, or \"any\"",
        ),
        (
            credentials(json!({ "uid": "0" })),
            "security.policies[0].credentials: has only one of `uid` and `gid`; add the other, or \
             \"any\"",
        ),
        (
            credentials(json!({ "uid": [{ "first": "2", "last": "1" }], "gid": "any" })),
            "security.policies[0].credentials.uid[0]: `first` is after `last`; exchange them",
        ),
        (
            credentials(json!({ "allow": [{ "uid": "1", "gid": "any" }] })),
            "security.policies[0].credentials.allow[0].uid: is missing or no list, which vsomeip \
             takes for nobody; write a list such as [\"1000\"], or \"any\"",
        ),
        (
            policy(json!({ "allow": { "offers": [{ "service": "1" }] } })),
            "security.policies[0].allow.offers[0]: is for no instance; add `instance`, or \
             `instances`",
        ),
    ]);
}
