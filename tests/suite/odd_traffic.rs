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

//! Legal but unusual traffic: messages together and in pieces, magic cookies, ids at their limits, several
//! instances, several services at one port, vsomeip's own timings.

mod framing;
mod ids;
mod instances;
mod ports;
mod strangers;
mod timings;

use harness::{repeat, Hosts, Peer};
use serde_json::{json, Value};

use crate::PEER;

/// Our entity. Its id is that of its service, and its client id.
const HPC: &str = "//hpc/5300/2/0";
const TOPIC: &str = "//hpc/5300/2/8001";
const ANSWERED: &str = "answered 1 failed {}";

/// What the peer takes for a probe.
const PROBE: u64 = u64::MAX - 1;

const PROTOCOLS: [&str; 2] = ["udp", "tcp"];

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The options of a peer that sends requests over a protocol.
fn options(protocol: &str) -> &'static [&'static str] {
    match protocol {
        "tcp" => &["--reliable"],
        _ => &[],
    }
}

/// A service of ours at a port, with its event over the protocol of that.
fn own_service(service: &str, instance: &str, protocol: &str, port: &str) -> Value {
    let is_tcp = protocol == "tcp";
    let ports = if is_tcp { "reliable" } else { "unreliable" };
    json!({
        "service": format!("0x{service}"), "instance": instance, ports: port,
        "events": [{ "event": "0x8001", "is_reliable": is_tcp.to_string() }],
    })
}

/// Our peer, whose own service has a protocol, which its requests go over, too.
fn hpc_over(hosts: &Hosts, protocol: &str) -> Peer {
    let services = json!([own_service("5300", "1", protocol, "30501")]);
    hosts.peer_on("hpc", PEER, HPC, &services, options(protocol))
}

/// Waits until the events of an entity of the ECU arrive at a listener for them.
fn connect(ecu: &mut Peer, hpc: &mut Peer, entity: &str, version: &str, event: &str) {
    let topic = format!("//ecu/{entity}/{version}/{event}");
    hpc.order(&format!("subscribe {topic}"));
    hpc.tell(&format!("connected {topic}"));
    let probe = format!("notify {entity} {event} {PROBE} 1");
    assert_eq!(hpc.line_while(|| ecu.order(&probe)), "ok");
}

/// Has the ECU subscribe to a topic of ours, and waits until its events arrive there.
fn connect_ecu(ecu: &mut Peer, hpc: &mut Peer, protocol: &str, topic: &str) {
    let [entity, version, event] = parts(topic);
    ecu.order(&format!("subscribe {protocol} {entity} {version} {event}"));
    ecu.tell("received");
    ecu.line_while(|| hpc.order(&format!("probe {topic}")));
}

/// Entity, version and resource of a URI.
fn parts(uri: &str) -> [&str; 3] {
    uri.split('/').skip(3).collect::<Vec<_>>().try_into().unwrap()
}

/// Publishes 1 to `count`, and asserts that the ECU receives them in order and nothing else.
fn assert_ecu_receives(ecu: &mut Peer, hpc: &mut Peer, topic: &str, count: u64) {
    hpc.order(&format!("publish {topic} 1 {count}"));
    let [entity, _, event] = parts(topic);
    let service = &entity[entity.len().saturating_sub(4)..];
    let expected = |number| format!("{service:0>4} {event} {number}").to_lowercase();
    // More probes may be on the way.
    repeat(|| match ecu.ask("received") {
        line if line == expected(1) => Ok(()),
        line => Err(format!("{line} instead of {}", expected(1))),
    });
    for number in 2..=count {
        assert_eq!(ecu.ask("received"), expected(number));
    }
}
