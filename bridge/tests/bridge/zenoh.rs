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

//! Zenoh beyond the bridge: peers without a router.

use serde_json::{json, Value};

use crate::networks::*;
use crate::scenarios;

fn networks() -> Networks {
    networks_with(json!({ "payload_format": "raw" }))
}

/// With these options of the transports for SOME/IP.
fn networks_with(options: Value) -> Networks {
    // Where the bridge is a peer of the Zenoh network.
    let endpoint = format!("tcp/127.0.0.1:{}", free_port());
    Networks::new(
        options,
        ["--listen".to_owned(), endpoint.clone()],
        ["--connect".to_owned(), endpoint],
    )
}

#[test]
fn client_calls_ecu() {
    scenarios::cloud_calls_ecu(&networks());
}

#[test]
fn ecu_calls_service() {
    scenarios::ecu_calls_cloud(&networks());
}

#[test]
fn events_of_ecu_reach_subscriber() {
    scenarios::events_reach_cloud(&networks());
}

#[test]
fn configured_events_reach_subscriber() {
    let event = json!({ "service": "0x5621", "instance": 1, "event": "0x8001", "in_groups": [1] });
    let networks = networks_with(json!({ "event": [event] }));
    let (_bridge, mut ecu, mut cloud) =
        (networks.bridge_with(&[]), networks.ecu(), networks.cloud());
    cloud.order(&format!("subscribe {ECU_TOPIC}"));
    pass_events(&mut ecu, &mut cloud, ECU_TOPIC, 100);
}

/// The bridge preserves their order. A subscriber with up-transport-zenoh does not, which runs a task for each
/// message.
#[test]
fn order_of_ecus_events_is_preserved() {
    let networks = networks();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    cloud.order(&format!("subscribe-plain {ECU_TOPIC}"));
    assert_eq!(pass_events(&mut ecu, &mut cloud, ECU_TOPIC, 10_000), "0");
}

#[test]
fn events_of_publisher_reach_ecu() {
    scenarios::events_reach_ecu(&networks());
}

#[test]
fn notifications_pass_in_both_directions() {
    scenarios::notifications_pass(&networks());
}

#[test]
fn several_clients_call_at_once() {
    scenarios::several_clients_call(&networks());
}

#[test]
fn absent_ecu_is_unavailable_within_ttl() {
    scenarios::absent_ecu_is_unavailable(&networks());
}

#[test]
fn messages_pass_after_restart_of_ecu() {
    scenarios::ecu_restarts(&networks());
}

#[test]
fn messages_outlive_routing_manager() {
    let mut networks = networks();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in scenarios::ENDS {
        networks.restart_router(signal);
        pass_everything(&mut ecu, &mut cloud);
    }
}

#[test]
fn messages_pass_after_restart_of_bridge() {
    scenarios::bridge_restarts(&networks());
}

#[test]
fn messages_pass_after_restart_of_peer() {
    scenarios::cloud_restarts(&networks());
}

#[test]
fn ten_thousand_messages_pass_each_way() {
    const COUNT: u32 = 10_000;
    let networks = networks();
    let (bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    let to_zenoh = pass_events(&mut ecu, &mut cloud, ECU_TOPIC, COUNT);
    let to_someip = pass_events(&mut cloud, &mut ecu, CLOUD_TOPIC, COUNT);
    call(&mut cloud, ECU_METHOD, COUNT);
    call(&mut ecu, CLOUD_METHOD, COUNT);
    println!(
        "of {COUNT} events, {to_zenoh} came after a later one to Zenoh, {to_someip} to SOME/IP"
    );

    bridge.signal("TERM");
    for (way, end) in
        [("SOME/IP -> Zenoh", "refused 0, dropped 0"), ("Zenoh -> SOME/IP", "refused 0")]
    {
        let counts = bridge.line();
        assert!(counts.starts_with(way) && counts.ends_with(end), "{counts}");
    }
}
