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

//! `servicegroups`.

use crate::stack::StackConfig;

fn read(text: &str) -> StackConfig {
    StackConfig::from_json(text).unwrap()
}

#[test]
fn services_have_the_host_of_their_group() {
    let config = read(
        r#"{ "servicegroups": [
            { "name": "default", "services": [{ "service": 1, "instance": 1 },
                { "service": 1, "instance": 2, "unicast": "local" }], "unicast": "10.0.0.2" },
            { "services": [{ "service": "0x0001", "instance": 3, "reliable": "30509",
                "events": [{ "event": "0x8008", "is_field": "true", "update-cycle": 5000 }],
                "eventgroups": [{ "eventgroup": "0x0005", "events": ["0x8008"] }] }] }] }"#,
    );
    let hosts: Vec<Option<&str>> =
        config.services.iter().map(|service| service.unicast.as_deref()).collect();
    assert_eq!(hosts, [Some("10.0.0.2"), Some("local"), None]);
    assert_eq!(config.services[2].eventgroups[0].eventgroup, 5);
    assert_eq!(config.services[2].events[0].is_field, Some(true));
    assert_eq!(read(&config.to_json()), config, "written as `services`");
}

#[test]
fn groups_count_without_services_only() {
    let groups = r#""servicegroups": [{ "services": [{ "service": 9, "instance": 9 }] }]"#;
    for services in ["[]", "{}", r#"[{ "service": 1, "instance": 1 }]"#] {
        let config = read(&format!(r#"{{ {groups}, "services": {services} }}"#));
        assert!(config.services.iter().all(|service| service.service == 1), "{services}");
    }
}

#[test]
fn delays_are_those_of_service_discovery() {
    let config = read(
        r#"{ "service-discovery": { "ttl": 3, "port": 30491 }, "servicegroups": [{ "delays": {
            "initial": { "minimum": 1, "maximum": 2 }, "repetition-base": 3, "repetition-max": 4,
            "cyclic-offer": 5, "cyclic-request": 6, "ttl": 7 } }] }"#,
    );
    let discovery = config.service_discovery.unwrap();
    assert_eq!([discovery.initial_delay_min, discovery.initial_delay_max], [Some(1), Some(2)]);
    assert_eq!([discovery.repetitions_base_delay, discovery.repetitions_max], [Some(3), Some(4)]);
    assert_eq!(
        [discovery.cyclic_offer_delay, discovery.request_response_delay],
        [Some(5), Some(6)]
    );
    assert_eq!((discovery.ttl, discovery.port), (Some(7), Some(30491)));
}
