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

//! Subscriptions to events of a service that has a UDP and a TCP port, in both roles.

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
fn both_ports_bring_each_event_once() {
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

/// An event over UDP and one over TCP in one eventgroup.
fn mixed() -> Value {
    let mut mixed = service(None);
    mixed["events"] = json!([
        { "event": "0x8001", "is_reliable": "false" },
        { "event": "0x8002", "is_reliable": "true" },
    ]);
    mixed["eventgroups"] = json!([{ "eventgroup": "0x0005", "events": ["0x8001", "0x8002"] }]);
    mixed
}

#[test]
fn group_of_both_protocols_needs_both() {
    for subscribe in ["subscribe", "subscribe-tcp"] {
        let Some(hosts) = two_hosts() else { return };
        let topics = ["--offer", TOPIC, "--offer", "//hpc/5300/2/8002"];
        let _hpc = hosts.peer_on("hpc", PEER, HPC, &json!([mixed()]), &topics);
        let mut ecu = hosts.ecu();
        ecu.order(&format!("{subscribe} 5300 2 5"));
        // Accepted, it would miss half of the events.
        for _ in 0..3 {
            assert_eq!(ecu.ask("answer"), "refused", "{subscribe}");
        }
    }
}

/// What our host lists of the ECU's service.
fn listed_elsewhere(ports: bool, event: Option<&str>) -> Value {
    let mut service = json!({ "service": "0x5310", "instance": "1", "unicast": "10.77.0.2" });
    if ports {
        service["unreliable"] = json!("30509");
        service["reliable"] = json!({ "port": "30509" });
    }
    if let Some(is_reliable) = event {
        service["events"] = json!([{ "event": "0x8001", "is_reliable": is_reliable }]);
    }
    service
}

const ECU_TOPIC: &str = "//ecu/5310/3/8001";

/// Our entity gets the events of an ECU with these ports, which go `over` a protocol.
fn assert_received(listed: Option<Value>, ports: &str, over: &str, expected: &str) {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut services = vec![json!({ "service": "0x5300", "instance": "1", "unreliable": "30501" })];
    services.extend(listed.clone());
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &json!(services), &[]);
    let mut ecu = hosts.ecu();
    hpc.order(&format!("subscribe {ECU_TOPIC}"));
    ecu.order(&format!("offer-event-at {ports} 30509 5310 3 8001 {over}"));
    hpc.order(&format!("subscription {ECU_TOPIC} Accepted"));
    for number in 1..=5 {
        ecu.order(&format!("notify 8001 {number}"));
    }
    assert_eq!(hpc.ask("received 5"), "1..5", "{listed:?} {ports} {over}");
    for _ in 0..5 {
        assert_eq!(wire.next(0x5310_8001).over, expected, "{listed:?} {ports} {over}");
    }
}

#[test]
fn event_of_an_ecu_arrives_over_its_protocol() {
    for over in ["udp", "tcp"] {
        assert_received(None, over, over, over);
        assert_received(None, "udp+tcp", over, over);
        assert_received(Some(listed_elsewhere(true, None)), "udp+tcp", over, over);
        assert_received(Some(listed_elsewhere(false, None)), "udp+tcp", over, over);
        assert_received(Some(listed_elsewhere(false, None)), over, over, over);
    }
}

#[test]
fn listed_event_takes_one_protocol() {
    for (is_reliable, expected) in [("true", "tcp"), ("false", "udp")] {
        let listed = || Some(listed_elsewhere(true, Some(is_reliable)));
        // It refuses who names two endpoints.
        assert_received(listed(), "udp+tcp", "any", expected);
        assert_received(listed(), "udp+tcp", expected, expected);
    }
}
