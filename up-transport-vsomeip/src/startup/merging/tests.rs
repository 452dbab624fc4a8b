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

//! Tests of merging, each rule with two files.

use serde_json::{json, Value};
use vsomeip_sys::ServiceId;

use super::*;
use crate::stack::read::Tree;

const VERSION: &str = "3.4.10";

fn files(
    mandatory: impl IntoIterator<Item = Value>,
    others: impl IntoIterator<Item = Value>,
) -> Files {
    let file = |json: Value| ConfigFile { path: "file".into(), tree: Tree::from(&json) };
    Files {
        mandatory: mandatory.into_iter().map(file).collect(),
        others: others.into_iter().map(file).collect(),
        unreadable: Vec::new(),
    }
}

/// What becomes of two files.
#[track_caller]
fn assert_merged(one: Value, other: Value, expected: &Value) {
    let merged = merge(&files([], [one, other]), "app", VERSION);
    assert_eq!(merged.config, StackConfig::from_json(&expected.to_string()).unwrap());
}

/// Two transports of a process may differ there.
#[test]
fn section_for_the_transport_is_left_out() {
    let file = json!({ "network": "n", "uprotocol": { "reliable": true } });
    let files = files([file.clone()], [file]);
    let expected = StackConfig::default().with_network("n");
    assert_eq!(merge(&files, "app", VERSION).config, expected);
    assert_eq!(merge_all(&files, VERSION), expected);
}

#[test]
fn single_file_is_used_unchanged() {
    let json = json!({
        "unicast": "10.0.0.1",
        "applications": [{ "name": "app", "id": "0x0101", "max_dispatchers": "0" }],
        "services": [{ "service": "0x1234", "instance": "1", "events": [{ "event": "0x8001" }] }],
        "payload-sizes": [{ "unicast": "10.0.0.2", "ports": [] }],
        "diagnosis": "0x02", "diagnosis_mask": "0xfe00", "prefix": "8",
        "a-key-of-the-future": { "a": 1 },
    });
    assert_merged(json.clone(), json!({}), &json);
}

#[test]
fn first_scalar_counts() {
    assert_merged(
        json!({ "network": "one", "routing": "a", "unicast": "10.0.0.1", "device": "eth0" }),
        json!({ "network": "two", "routing": "b", "unicast": "10.0.0.2", "shutdown_timeout": "7" }),
        &json!({ "network": "one", "routing": "a", "unicast": "10.0.0.1", "device": "eth0",
                 "shutdown_timeout": "7" }),
    );
}

#[test]
fn last_payload_limit_counts() {
    let limits = |bytes| {
        json!({ "max-payload-size-local": bytes, "max-payload-size-reliable": bytes,
        "max-payload-size-unreliable": bytes, "buffer-shrink-threshold": bytes })
    };
    assert_merged(limits(1), limits(2), &limits(2));
}

#[test]
fn last_payload_size_of_a_port_is_found_first() {
    let sizes = |bytes| json!({ "unicast": "10.0.0.2", "ports": [{ "port": 1, "max-payload-size": bytes }] });
    assert_merged(
        json!({ "payload-sizes": [sizes(1)] }),
        json!({ "payload-sizes": [sizes(2)] }),
        &json!({ "payload-sizes": [sizes(2), sizes(1)] }),
    );
}

/// Of two entries for one id, the last counts; once enabled, protection stays so.
#[test]
fn last_protection_of_an_id_counts() {
    let file = |enabled, profile| {
        json!({ "e2e": { "e2e_enabled": enabled, "protected": [
        { "service_id": "0x1234", "event_id": "0x8001", "profile": profile, "variant": "both" }] } })
    };
    for (one, other) in [("true", "false"), ("false", "true"), ("true", "true")] {
        let merged = merge(&files([], [file(one, "P04"), file(other, "CRC32")]), "app", VERSION);
        let room = merged.config.protected_payloads(VERSION).room(ServiceId(0x1234), 0x8001);
        assert_eq!(room, 4, "{one} {other}");
    }
    let merged = merge(&files([], [file("false", "P04"), file("false", "P04")]), "app", VERSION);
    assert!(merged.config.protected_payloads(VERSION).is_empty());
}

#[test]
fn lists_add_up() {
    let client = |service| json!({ "clients": [{ "service": service, "instance": 1 }] });
    assert_merged(
        client(1),
        client(2),
        &json!({ "clients": [{ "service": 1, "instance": 1 }, { "service": 2, "instance": 1 }] }),
    );
}

#[test]
fn first_definition_of_a_service_counts() {
    let service =
        |instance, port| json!({ "service": 1, "instance": instance, "unreliable": port });
    assert_merged(
        json!({ "services": [service(1, 10), service(2, 20), service(1, 11)] }),
        json!({ "services": [service(2, 21), service(3, 30)] }),
        &json!({ "services": [service(1, 10), service(2, 20), service(3, 30)] }),
    );
}

#[test]
fn first_definition_of_an_application_counts() {
    let application = |name, id| json!({ "name": name, "id": id });
    assert_merged(
        json!({ "applications": [application("a", 1), application("", 9)] }),
        json!({ "applications": [application("a", 2), application("b", 2)] }),
        &json!({ "applications": [application("a", 1), application("b", 2)] }),
    );
}

#[test]
fn second_application_loses_shared_id() {
    let application = |name, id| json!({ "name": name, "id": id });
    assert_merged(
        json!({ "applications": [application("a", 1), application("x", 0xffff)] }),
        json!({ "applications": [application("b", 1), application("y", 0xffff)] }),
        &json!({ "applications": [application("a", 1), application("x", 0xffff), { "name": "b" },
                                  application("y", 0xffff)] }),
    );
}

#[test]
fn keys_of_service_discovery_are_merged() {
    assert_merged(
        json!({ "service-discovery": { "enable": "false", "port": 1 } }),
        json!({ "service-discovery": { "enable": "true", "ttl": 3 } }),
        &json!({ "service-discovery": { "enable": "false", "port": 1, "ttl": 3 } }),
    );
}

#[test]
fn policies_add_up() {
    let policy = |uid: u32| json!({ "credentials": { "uid": uid, "gid": "any" } });
    assert_merged(
        json!({ "security": { "check_credentials": "true", "policies": [policy(1)] } }),
        json!({ "security": { "check_credentials": "false", "policies": [policy(2)] } }),
        &json!({ "security": { "check_credentials": "true", "policies": [policy(1), policy(2)] } }),
    );
}

#[test]
fn netmask_and_prefix_count_as_one() {
    let (netmask, prefix) = (json!({ "netmask": "255.0.0.0" }), json!({ "prefix": 16 }));
    assert_merged(netmask.clone(), prefix.clone(), &netmask);
    assert_merged(prefix.clone(), netmask, &prefix);
}

#[test]
fn diagnosis_mask_needs_diagnosis_in_its_file() {
    assert_merged(
        json!({ "diagnosis": "2" }),
        json!({ "diagnosis_mask": "0xfe00" }),
        &json!({ "diagnosis": "2" }),
    );
}

#[test]
fn group_services_have_host_of_group() {
    let group = json!({ "unicast": "10.0.0.2", "services": [
        { "service": 1, "instance": 1 }, { "service": 1, "instance": 2, "unicast": "local" }] });
    assert_merged(
        json!({ "servicegroups": [group, { "services": [{ "service": 1, "instance": 3 }] }] }),
        json!({ "servicegroups": [{ "services": [{ "service": 9, "instance": 9 }] }],
                "services": [{ "service": 1, "instance": 4 }] }),
        &json!({ "services": [
            { "service": 1, "instance": 1, "unicast": "10.0.0.2" },
            { "service": 1, "instance": 2, "unicast": "local" },
            { "service": 1, "instance": 3 },
            { "service": 1, "instance": 4 },
        ] }),
    );
}

#[test]
fn mandatory_files_come_first() {
    let network = |name| json!({ "network": name });
    let merged = merge(&files([network("mandatory")], [network("other")]), "app", VERSION);
    assert_eq!(merged.config.network.as_deref(), Some("mandatory"));
}

#[test]
fn guest_reads_only_a_part() {
    let mandatory = json!({ "network": "n", "unicast": "10.0.0.1", "applications": [{ "name": "app" }],
        "services": [{ "service": 1, "instance": 1 }] });
    let other = json!({ "device": "eth0", "max-payload-size-local": 1 });
    let read = |routing: Value, application| {
        let mut mandatory = mandatory.clone();
        mandatory["routing"] = routing;
        merge(&files([mandatory], [other.clone()]), application, VERSION)
    };
    for routing in [json!("host"), json!({ "host": { "name": "host" } })] {
        let guest = read(routing.clone(), "app");
        assert!(guest.is_partial);
        assert_eq!(guest.config.network.as_deref(), Some("n"));
        assert_eq!(guest.config.applications.len(), 1);
        assert!(guest.config.unicast.is_none() && guest.config.services.is_empty());
        assert_eq!(guest.config.max_payload_size_local, None, "another file");
        let host = read(routing, "host");
        assert!(!host.is_partial && host.config.unicast.is_some());
        assert_eq!(host.config.max_payload_size_local, Some(1));
    }
    assert!(!read(json!(""), "app").is_partial, "no host is named");
}

#[test]
fn guest_without_mandatory_files_reads_all() {
    let merged =
        merge(&files([], [json!({ "routing": "host", "unicast": "10.0.0.1" })]), "app", VERSION);
    assert!(!merged.is_partial && merged.config.unicast.is_some());
}

#[test]
fn invalid_address_is_ignored() {
    assert_merged(
        json!({ "network": "n", "unicast": "localhost" }),
        json!({ "unicast": "10.0.0.1" }),
        &json!({ "network": "n", "unicast": "10.0.0.1" }),
    );
}

#[test]
fn problem_has_its_file() {
    let merged = merge(&files([], [json!({}), json!({ "netwrok": "n" })]), "app", VERSION);
    let [(path, problem)] = merged.problems.try_into().unwrap();
    assert_eq!(path, PathBuf::from("file"));
    assert_eq!(problem.to_string(), "netwrok: unknown key; write `network`");
}

#[test]
fn log_settings_add_up_key_by_key() {
    let logging = |logging: Value| json!({ "logging": logging });
    assert_merged(
        logging(
            json!({ "level": "error", "version": { "enable": "false" }, "status_log_interval": 1 }),
        ),
        logging(json!({ "level": "debug", "console": "false", "version": { "interval": 5 },
                        "status_log_interval": 2 })),
        &logging(json!({ "level": "error", "console": "false", "status_log_interval": 2,
                         "version": { "enable": "false", "interval": 5 } })),
    );
}

#[test]
fn log_settings_of_mandatory_files_are_final() {
    let level = |level| json!({ "logging": { "level": level } });
    let console = json!({ "logging": { "console": "false" } });
    let merged = merge(&files([level("error")], [console.clone()]), "app", VERSION);
    assert_eq!(merged.config.logging.unwrap().console, None);
    let merged = merge(&files([json!({})], [console]), "app", VERSION);
    assert_eq!(merged.config.logging.unwrap().console, Some(false));
}

#[test]
fn later_versions_read_all_services() {
    let mandatory = json!({ "routing": "host", "services": [{ "service": 1, "instance": 1 }] });
    let services =
        |version| merge(&files([mandatory.clone()], []), "app", version).config.services.len();
    assert_eq!([services("3.4.10"), services("3.5.3")], [0, 1]);
}

#[test]
fn later_versions_read_no_service_groups() {
    let groups = json!({ "servicegroups": [{ "services": [{ "service": 1, "instance": 1 }] }] });
    let merged = |version| merge(&files([], [groups.clone()]), "app", version);
    assert_eq!(merged("3.5.8").config.services.len(), 1);
    let later = merged("3.5.9");
    assert_eq!(later.config.services.len(), 0);
    assert_eq!(
        later.problems[0].1.to_string(),
        "servicegroups: vsomeip 3.5.9 does not read this key; write the services of the groups as \
         `services`"
    );
}
