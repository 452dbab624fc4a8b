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

//! Who can subscribe to an event of a service that has a UDP and a TCP port.

use harness::{Header, Hosts, Peer, Wire};
use serde_json::{json, Value};

use crate::PEER;

const HPC: &str = "//hpc/5300/2/0";
const TOPIC: &str = "//hpc/5300/2/8001";

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The service of our entity, which has both ports; what is listed of its event, if it is.
fn service(event: Option<Value>) -> Value {
    let mut service = json!({
        "service": "0x5300",
        "instance": "1",
        "unicast": "10.77.0.1",
        "unreliable": "30501",
        "reliable": { "port": "30502" },
    });
    match event {
        None => {}
        Some(Value::Null) => {
            service["eventgroups"] = json!([{ "eventgroup": "0x8001", "events": ["0x8001"] }]);
        }
        Some(event) => service["events"] = json!([event]),
    }
    service
}

fn unlisted() -> Option<Value> {
    None
}

fn listed() -> Option<Value> {
    Some(json!({ "event": "0x8001" }))
}

/// In an eventgroup alone.
fn grouped() -> Option<Value> {
    Some(Value::Null)
}

fn listed_as(is_reliable: &str) -> Option<Value> {
    Some(json!({ "event": "0x8001", "is_reliable": is_reliable }))
}

/// A host that offers the topic.
fn hpc(hosts: &Hosts, event: Option<Value>) -> Peer {
    hosts.peer_on("hpc", PEER, HPC, &json!([service(event)]), &["--offer", TOPIC])
}

/// Has an ECU subscribe, and get events over one protocol.
fn assert_events(event: Option<Value>, subscribe: &str, over: &str) {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hpc(&hosts, event.clone());
    let mut ecu = hosts.ecu();
    ecu.order(&format!("{subscribe} 5300 2 8001"));
    ecu.tell("received");
    ecu.line_while(|| hpc.order(&format!("probe {TOPIC}")));
    hpc.order(&format!("publish {TOPIC} 1 10"));
    // More probes may be on the way.
    ecu.ask_until("received", |line| line == "NOTIFICATION 8001 1");
    for number in 2..=10 {
        assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"));
    }
    for _ in 0..10 {
        let Header { over: taken, .. } = wire.next(0x5300_8001);
        assert_eq!(taken, over, "{event:?}");
    }
}

#[test]
fn event_is_subscribed_to_over_udp_alone() {
    for event in [unlisted(), listed(), grouped(), listed_as("false")] {
        assert_events(event, "subscribe", "udp");
    }
}

#[test]
fn event_is_subscribed_to_over_tcp_alone() {
    for event in [unlisted(), listed(), grouped(), listed_as("true")] {
        assert_events(event, "subscribe-tcp", "tcp");
    }
}

/// vsomeip gives both of its endpoints.
#[test]
fn subscriber_with_both_ports_gets_each_event_once() {
    for event in [unlisted(), listed(), grouped(), listed_as("true"), listed_as("false")] {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hpc(&hosts, event.clone());
        let services = json!([service(event)]);
        let mut ecu = hosts.peer_on("ecu", PEER, "//ecu/5320/1/0", &services, &[]);
        ecu.order(&format!("subscribe {TOPIC}"));
        ecu.tell(&format!("connected {TOPIC}"));
        assert_eq!(ecu.line_while(|| hpc.order(&format!("probe {TOPIC}"))), "ok");
        hpc.order(&format!("publish {TOPIC} 1 10"));
        assert_eq!(ecu.ask("received 10"), "1..10");
        hpc.order(&format!("publish {TOPIC} 11 10"));
        assert_eq!(ecu.ask("received 10"), "11..20");
    }
}
