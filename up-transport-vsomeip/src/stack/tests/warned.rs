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

//! Warnings about probable mistakes.

use crate::stack::StackConfig;

/// The warnings about a configuration with an application and these keys, in this order.
fn warnings(keys: &str) -> Vec<String> {
    let comma = if keys.is_empty() { "" } else { "," };
    let text =
        format!(r#"{{ "applications": [{{ "name": "app-one", "id": "0x0101" }}]{comma} {keys} }}"#);
    let (config, mut warnings) = StackConfig::from_json_with_warnings(&text).unwrap();
    config.validate().unwrap();
    warnings.extend(config.suspicions());
    warnings.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_warned(cases: &[(&str, &str)]) {
    for (keys, expected) in cases {
        assert_eq!(warnings(keys), [*expected], "{keys}");
    }
}

/// The same for a service with a UDP port, followed by these keys.
#[track_caller]
fn assert_service_warned(cases: &[(&str, &str)]) {
    for (keys, expected) in cases {
        let service = r#""service": "0x1234", "instance": "1", "unreliable": "30509""#;
        let keys = format!(r#""services": [{{ {service}, {keys} }}]"#);
        assert_eq!(warnings(&keys), [*expected], "{keys}");
    }
}

#[test]
fn misspelt_key_is_named_at_every_depth() {
    assert_warned(&[
        (r#""aplications": []"#, "aplications: unknown key; write `applications`"),
        (r#""service_discovery": {}"#, "service_discovery: unknown key; write `service-discovery`"),
        (r#""logging": { "lvel": "info" }"#, "logging.lvel: unknown key; write `level`"),
        (
            r#""logging": { "file": { "pth": "/tmp/x" } }"#,
            "logging.file.pth: unknown key; write `path`",
        ),
        (
            r#""routing": { "host": { "nam": "app-one" } }"#,
            "routing.host.nam: unknown key; write `name`",
        ),
        (
            r#""payload-sizes": [{ "unicast": "10.0.0.2", "ports":
                [{ "port": 1, "max-payload-size": 1, "prt": 1 }] }]"#,
            "payload-sizes[0].ports[0].prt: unknown key; write `port`",
        ),
        (
            r#""debounce": [{ "service": 1, "instance": 1, "events":
                [{ "event": 1, "ignore": [5, { "idex": 1 }] }] }]"#,
            "debounce[0].events[0].ignore[1].idex: unknown key; write `index`",
        ),
        (
            r#""tracing": { "filters": [{ "chanel": "TC" }] }"#,
            "tracing.filters[0].chanel: unknown key; write `channel`",
        ),
        (
            r#""servicegroups": [{ "services": [{ "service": 1, "instance": 1, "relable": 1 }] }]"#,
            "servicegroups[0].services[0].relable: unknown key; write `reliable`",
        ),
    ]);
    assert_service_warned(&[
        (r#""unreliabel": "1""#, "services[0].unreliabel: unknown key; write `unreliable`"),
        (
            r#""events": [{ "event": "0x8001", "is_feld": "true", "is_reliable": "false" }]"#,
            "services[0].events[0].is_feld: unknown key; write `is_field`",
        ),
        (
            r#""someip-tp": { "service-to-client": [{ "method": 1, "separation-tim": 1 }] }"#,
            "services[0].someip-tp.service-to-client[0].separation-tim: unknown key; write \
             `separation-time`",
        ),
        (
            r#""debounce-times": { "requests": { "0x1": { "debounce-tim": 1 } } }"#,
            "services[0].debounce-times.requests.0x1.debounce-tim: unknown key; write \
             `debounce-time`",
        ),
    ]);
}

#[test]
fn misread_value_is_warned_about() {
    assert_warned(&[
        (
            r#""unicast": "localhost""#,
            "unicast: vsomeip cannot read \"localhost\"; write an IP address, such as \
             \"192.168.0.10\"",
        ),
        (
            r#""logging": { "level": "verbose" }"#,
            "logging.level: vsomeip reads \"verbose\" as \"info\"; write one of trace, debug, info, \
             warning, error, fatal",
        ),
        (
            r#""logging": { "console": "yes" }"#,
            "logging.console: vsomeip reads \"yes\" as \"false\"; write \"true\" or \"false\"",
        ),
        (
            r#""routing": []"#,
            "routing: vsomeip finds no name in it; write the name of an application, or an object with \
             `host`",
        ),
        (
            r#""routing": { "host": "app-one" }"#,
            "routing.host: is not an object, so vsomeip ignores it; write one, or remove it",
        ),
        (
            r#""max-payload-size-local": "1 MiB""#,
            "max-payload-size-local: vsomeip reads \"1 MiB\" as \"1\"; write a number from 0 to \
             4294967295 in decimal digits",
        ),
        (
            r#""clients": [{ "service": 1, "instance": 1, "unreliable": 30501 }]"#,
            "clients[0].unreliable: is not a list, so vsomeip ignores it; write it in brackets",
        ),
        (
            r#""service-discovery": []"#,
            "service-discovery: is not an object, so vsomeip ignores it; write one, or remove it",
        ),
        (
            r#""service-discovery": { "repetitions_max": 256 }"#,
            "service-discovery.repetitions_max: vsomeip reads \"256\" as \"255\"; write a number \
             from 0 to 255 in decimal digits",
        ),
    ]);
    assert_service_warned(&[
        (
            r#""reliable": "0x7777""#,
            "services[0].reliable: vsomeip cannot read \"0x7777\"; write a port from 1 to 65534 \
             in decimal digits, or 0 for none",
        ),
        (
            r#""reliable": { "port": "30510 " , "enable-magic-cookies": "on" }"#,
            "services[0].reliable.enable-magic-cookies: vsomeip reads \"on\" as \"false\"; write \
             \"true\" or \"false\"",
        ),
        (
            r#""events": [{ "event": "0x8001h", "is_reliable": "false" }]"#,
            "services[0].events[0].event: vsomeip reads \"0x8001h\" as \"0x8001\"; write a number \
             from 0 to 0xffff, such as \"0x12\" or \"18\"",
        ),
    ]);
}

#[test]
fn invalid_address_drops_host_name() {
    let keys = r#""routing": { "host": { "name": "app-one", "unicast": "localhost" } }"#;
    let told = warnings(keys);
    assert!(told[0].starts_with("routing.host.unicast: vsomeip cannot read "), "{told:?}");
    assert!(told[1].starts_with("routing.host: vsomeip ignores the name of a host"), "{told:?}");
    let host = StackConfig::from_json(&format!("{{ {keys} }}")).unwrap();
    assert_eq!(host.routing_host(), None);
}

#[test]
fn repeated_key_is_warned_about() {
    assert_warned(&[
        (
            r#""network": "a", "network": "b""#,
            "network: occurs more than once, and vsomeip uses the first; remove the others",
        ),
        (
            r#""logging": { "level": "info" }, "logging": { "level": "debug" }"#,
            "logging: occurs more than once, and vsomeip uses the first; remove the others",
        ),
        (
            r#""service-discovery": { "ttl": 3, "ttl": 4 }"#,
            "service-discovery.ttl: occurs more than once, and vsomeip uses the first; remove \
             the others",
        ),
    ]);
    assert_service_warned(&[(
        r#""unreliable": "30510""#,
        "services[0].unreliable: occurs more than once, and vsomeip uses the last; remove the \
         others",
    )]);
    let text = r#"{ "services": [{ "service": 1, "instance": 1,
        "unreliable": 1, "events": [{ "event": 1 }], "unreliable": 2, "events": [{ "event": 2 }] }],
        "services": [] }"#;
    let services = StackConfig::from_json(text).unwrap().services;
    assert_eq!(services[0].unreliable, Some(2), "the last counts");
    assert_eq!(services[0].events.len(), 2, "lists add up");
}

#[test]
fn ignored_definition_is_warned_about() {
    assert_warned(&[
        (
            r#""applications": []"#,
            "applications: occurs more than once, and vsomeip uses the first; remove the others",
        ),
        (
            r#""services": [{ "service": 1, "instance": 2 }, { "service": 1, "instance": 2 }]"#,
            "services[1]: is instance 0x0002 of service 0x0001, as services[0] is, so vsomeip ignores \
             it; merge them, or give this one another id",
        ),
        (
            r#""service-discovery": { "enable": "false" },
               "services": [{ "service": 1, "instance": 1, "unicast": "ecu" }]"#,
            "services[0].unicast: \"ecu\" is not an IP address, with which vsomeip's static routing fails; \
             write one, or \"local\"",
        ),
        (
            r#""services": [{ "service": 1, "instance": 0 }]"#,
            "services[0].instance: is missing or 0, so it is not used; write an id from 0x0001 to 0xfffe",
        ),
        (
            r#""services": [{ "service": 1, "instance": 1, "unreliable": 5 },
                            { "service": 1, "instance": 2, "unreliable": 5 }]"#,
            "services[1].unreliable: 5 is also the port of services[0], another instance of 0x0001, so \
             vsomeip cannot tell which one a message is for; give each instance its own port",
        ),
        (
            r#""services": [{ "service": 1, "instance": 1 }], "servicegroups": []"#,
            "servicegroups: is not read beside `services`; move its services there",
        ),
    ]);
    assert_service_warned(&[(
        r#""events": [{ "event": "0x8001" }, { "event": "0x8001", "is_field": true }]"#,
        "services[0].events[1]: has the id 0x8001 of events[0], so vsomeip ignores it; merge \
         them, or give this one another id",
    )]);
    let applications = |listed: &str| {
        let text = format!(r#"{{ "applications": [{listed}] }}"#);
        let (config, warnings) = StackConfig::from_json_with_warnings(&text).unwrap();
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        (config.applications, warnings)
    };
    let (listed, told) = applications(r#"{ "name": "a", "id": 1 }, { "name": "b", "id": 1 }"#);
    assert_eq!(listed[1].id, None);
    let expected =
        "applications[1]: has the id 0x0001 of applications[0], so vsomeip chooses another \
                    one; give each its own id";
    assert_eq!(told, [expected]);
    let (listed, told) = applications(r#"{ "name": "a", "id": 1 }, { "name": "a", "id": 2 }"#);
    assert_eq!(listed.len(), 1);
    assert!(told[0].contains("has the name of applications[0], so vsomeip ignores it"), "{told:?}");
    let (listed, told) = applications(r#"{ "id": 1 }, { "name": "b" }"#);
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "b"));
    assert!(told[0].starts_with("applications[0]: has no `name`"), "{told:?}");
}

#[test]
fn suspicious_configuration_is_warned_about() {
    assert_warned(&[
        (
            r#""routing": "app-onne""#,
            "routing: no application \"app-onne\" is listed; write \"app-one\" if that is meant",
        ),
        (
            r#""security": { "policies": [{}] }"#,
            "security.policies[0]: allows and denies nothing; add `allow` or `deny`",
        ),
        (
            r#""diagnosis_mask": "0xfe00""#,
            "diagnosis_mask: is not read without `diagnosis`; add `diagnosis`, 0x01 by default",
        ),
        (
            r#""netmask": "255.0.0.0", "prefix": "8""#,
            "prefix: is not read beside `netmask`; remove one of them",
        ),
        (
            r#""security": { "check_credentials": "true" }"#,
            "security: the user and the group of the routing manager are unknown; add `uid` and \
             `gid` to `routing.host`",
        ),
        (
            r#""security": {}"#,
            "security: is empty, so vsomeip loads libvsomeip-sec.so.1, and checks nothing without it; \
             add `check_credentials` and `policies`, or remove it",
        ),
        (
            r#""service-discovery": { "ttl": 0 }"#,
            "service-discovery.ttl: 0 is not allowed, so vsomeip uses its default; write a number \
             from 1 to 16777215",
        ),
    ]);
    assert_service_warned(&[
        (
            r#""events": [{ "event": "0x0777" }]"#,
            "services[0].events[0].event: 0x0777 is the id of a method in SOME/IP; use an id from \
             0x8000 on",
        ),
        (
            r#""events": [{ "event": "0x8001", "is_reliable": "true" }]"#,
            "services[0].events[0].is_reliable: the service has no TCP port, so vsomeip sends the \
             event to no other host; add `reliable` to the service, or remove `is_reliable`",
        ),
        (
            r#""events": [{ "event": "0x8001" }],
               "eventgroups": [{ "eventgroup": "5", "events": ["0x8002"] }]"#,
            "services[0].eventgroups[0].events[0]: 0x8002 is not listed, so vsomeip creates an \
             event over UDP; add it to the service's `events`, or correct it here",
        ),
        (
            r#""someip-tp": { "client-to-service": ["1"] }"#,
            "services[0].someip-tp.client-to-service: has no effect while the service has no \
             `unicast`; add the service's host",
        ),
        (
            r#""eventgroups": [{ "eventgroup": "1", "is_multicast": "true" }]"#,
            "services[0].eventgroups[0].is_multicast: has no effect, as the service has no \
             multicast address; add `multicast` to the service",
        ),
        (
            r#""unicast": "ecu""#,
            "services[0].unicast: \"ecu\" is not an IP address, so vsomeip assumes an unknown host; \
             write one, or \"local\"",
        ),
    ]);
}

#[test]
fn key_of_other_version_is_warned_about() {
    let text = r#"{ "dispatching": { "max_dispatchers": 0 }, "service-discovery": { "offers_watchdog": 1 } }"#;
    let told = |version: &str| {
        let mut notes = crate::stack::warn::Notes::new(version);
        let tree = crate::stack::read::Tree::from_bytes(text.as_bytes()).unwrap();
        StackConfig::default().add(&tree, &mut notes);
        notes.problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        told("3.4.10"),
        [
            "dispatching: vsomeip 3.4.10 does not read this key; write its keys for each of the \
             `applications`",
            "service-discovery.offers_watchdog: vsomeip 3.4.10 does not read this key; use vsomeip \
             3.6.3 or newer, or remove it",
        ]
    );
    assert_eq!(told("3.7.4"), [""; 0]);
}

#[test]
fn sound_configuration_has_no_warnings() {
    for keys in [
        "",
        r#""routing": "somebody-else""#,
        r#""routing": "app-one""#,
        r#""services": [{ "service": "0x1234", "instance": "1", "reliable": "30509",
            "events": [{ "event": "0x8001", "is_reliable": "true", "update-cycle": 0 }] }]"#,
        r#""acceptances": [], "debounce": [], "a-key-of-the-future": 1, "uprotocol": {}"#,
        r#""routing": { "host": { "name": "app-one", "uid": "0", "gid": "0" } },
           "security": { "check_credentials": "true" }"#,
    ] {
        assert_eq!(warnings(keys), [""; 0], "{keys}");
    }
}
