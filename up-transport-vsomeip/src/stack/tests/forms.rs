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

//! How values are read and written.

use serde_json::{json, Value};

use crate::stack::{
    IdBound, IdOrRange, IdRange, Ids, LogLevel, ReliablePort, Routing, StackConfig, TpMethod,
};

fn read(json: &Value) -> StackConfig {
    StackConfig::from_json(&json.to_string()).unwrap()
}

fn written(config: &StackConfig) -> Value {
    serde_json::from_str(&config.to_json()).unwrap()
}

#[test]
fn numbers_and_booleans_are_read_in_every_form() {
    for (id, port, flag) in [
        (json!("0x1234"), json!("30509"), json!("true")),
        (json!("4660"), json!(30509), json!(true)),
        (json!(4660), json!("30509"), json!("true")),
    ] {
        let config = read(&json!({ "services": [{
            "service": id, "instance": id, "unreliable": port,
            "events": [{ "event": "0x8001", "is_field": flag }],
        }] }));
        let service = &config.services[0];
        assert_eq!((service.service, service.unreliable), (0x1234, Some(30509)));
        assert_eq!(service.events[0].is_field, Some(true));
        assert_eq!(
            written(&config),
            json!({ "services": [{
                "service": "0x1234", "instance": "0x1234", "unreliable": "30509",
                "events": [{ "event": "0x8001", "is_field": "true" }],
            }] })
        );
    }
}

#[test]
fn short_and_long_forms_are_equivalent() {
    let config = |reliable: Value, method: Value, routing: Value| {
        read(&json!({ "routing": routing, "services": [{
            "service": "1", "instance": "1", "reliable": reliable,
            "someip-tp": { "client-to-service": [method] },
        }] }))
    };
    let short = config(json!(30509), json!("0x10"), json!("router"));
    let long = config(
        json!({ "port": "30509" }),
        json!({ "method": "0x10" }),
        json!({ "host": { "name": "router" } }),
    );
    assert_eq!(short.services, long.services);
    assert_eq!(short.services[0].reliable, Some(ReliablePort::from(30509)));
    let methods = &short.services[0].someip_tp.as_ref().unwrap().client_to_service;
    assert_eq!(*methods, [TpMethod::from(0x10)]);
    assert_eq!(short.routing, Some(Routing::Name("router".to_owned())));
    let host = |config: &StackConfig| config.routing.as_ref()?.host().map(str::to_owned);
    assert_eq!(host(&short), host(&long));
    assert_eq!(written(&short)["routing"], "router");
    assert_eq!(written(&long)["routing"], json!({ "host": { "name": "router" } }));
    assert_eq!(written(&short)["services"][0]["reliable"], json!({ "port": "30509" }));
    let with_more = json!({ "method": "0x0010", "separation-time": "5" });
    let detailed = config(json!(1), with_more.clone(), json!("router"));
    let methods = &written(&detailed)["services"][0]["someip-tp"]["client-to-service"];
    assert_eq!(*methods, json!([with_more]));
}

#[test]
fn each_key_has_vsomeips_form() {
    let text = json!({
        "diagnosis": "0x63", "diagnosis_mask": "0xfe00",
        "shutdown_timeout": "0x10",
        "applications": [{ "name": "a", "id": "0x0001", "io_thread_nice": "-5" }],
        "internal_services": [{ "first": "f000", "last": { "service": "10", "instance": 10 } }],
        "file-permissions": { "permissions-uds": "0660" },
        "logging": { "level": "warning" },
        "supports_selective_broadcasts": { "address": "10.0.0.1" },
    });
    let config = read(&text);
    assert_eq!((config.diagnosis, config.diagnosis_mask), (Some(0x63), Some(0xfe00)));
    assert_eq!(config.shutdown_timeout, Some(16));
    assert_eq!(config.applications[0].io_thread_nice, Some(-5));
    let internal = &config.internal_services[0];
    assert_eq!(internal.first.as_ref().unwrap().service, Some(0xf000));
    assert_eq!(internal.last.as_ref().unwrap().service, Some(0x10));
    assert_eq!(internal.last.as_ref().unwrap().instance, Some(0x10));
    assert_eq!(config.file_permissions.as_ref().unwrap().permissions_uds, Some(0o660));
    assert_eq!(config.logging.as_ref().unwrap().level, Some(LogLevel::Warning));
    let written = written(&config);
    assert_eq!(written["diagnosis"], "0x63");
    assert_eq!(written["shutdown_timeout"], "16");
    assert_eq!(written["internal_services"][0]["first"]["service"], "0xf000");
    assert_eq!(written["file-permissions"]["permissions-uds"], "0660");
    assert_eq!(written["supports_selective_broadcasts"], json!(["10.0.0.1"]));
    assert_eq!(read(&written), config);
}

#[test]
fn user_ids_are_any_one_or_several() {
    let uids = json!(["any", "1000", ["7", { "first": "min", "last": "0x10" }, { "last": "max" }]]);
    let policies: Vec<Value> = uids
        .as_array()
        .unwrap()
        .iter()
        .map(|uid| json!({ "credentials": { "uid": uid, "gid": "any" } }))
        .collect();
    let config = read(&json!({ "security": { "policies": policies } }));
    let read: Vec<Ids> = config
        .security
        .as_ref()
        .unwrap()
        .policies
        .iter()
        .map(|policy| policy.credentials.as_ref().unwrap().uid.clone().unwrap())
        .collect();
    let range = |first, last| IdOrRange::Range(IdRange { first, last, ..IdRange::default() });
    let list = vec![
        IdOrRange::One(7),
        range(Some(IdBound::Min), Some(IdBound::Id(16))),
        range(None, Some(IdBound::Max)),
    ];
    assert_eq!(read, [Ids::Any, Ids::One(1000), Ids::List(list)]);
    let written = written(&config);
    let uid = |index: usize| &written["security"]["policies"][index]["credentials"]["uid"];
    assert_eq!(*uid(1), "1000");
    assert_eq!(*uid(2), json!(["7", { "first": "min", "last": "16" }, { "last": "max" }]));
}

#[test]
fn methods_are_keys_of_their_debounce_times() {
    let times = json!({ "requests": { "0x1001": { "debounce-time": "10" } } });
    let config = read(&json!({ "services": [{
        "service": "0x0001", "instance": "0x0001", "debounce-times": times,
    }] }));
    let read = config.services[0].debounce_times.as_ref().unwrap();
    assert_eq!(read.requests[&0x1001].debounce_time, Some(10));
    assert_eq!(written(&config)["services"][0]["debounce-times"], times);
}

#[test]
fn unknown_keys_are_kept_in_every_section() {
    let text = json!({
        "new-key": { "a": [1, "2", true, null] },
        "applications": [{ "name": "a", "id": "0x0001", "plugins": [{ "name": "p" }] }],
        "services": [{
            "service": "0x0001", "instance": "0x0001", "someone-elses": 5,
            "events": [{ "event": "0x8001", "update-cycle": 0 }],
        }],
        "security": { "policies": [{ "client": "0x1277" }] },
        "e2e": { "protected": [{ "service_id": "0x0001", "event_id": "0x8001", "crc_offset": "0" }] },
    });
    assert_eq!(written(&read(&text)), text);
}
