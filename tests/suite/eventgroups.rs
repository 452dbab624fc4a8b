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

//! Eventgroups of own and remote services: with several events, several fields, and multicast.

use harness::{repeat, Hosts, Peer};
use serde_json::{json, Value};

use crate::PEER;

const HPC: &str = "//hpc/5300/2/0";

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The own service, and what is known of the ECU's: group 5 has the events 8001 and 8002, group 6 has
/// 8001 and 8003, and group 7 has the field 8007 with the field 8008.
fn services() -> Value {
    let events = json!([
        { "event": "0x8001" }, { "event": "0x8002" }, { "event": "0x8003" },
        { "event": "0x8007", "is_field": "true" }, { "event": "0x8008", "is_field": "true" },
    ]);
    let groups = json!([
        { "eventgroup": "0x0005", "events": ["0x8001", "0x8002"] },
        { "eventgroup": "0x0006", "events": ["0x8001", "0x8003"] },
        { "eventgroup": "0x0007", "events": ["0x8007", "0x8008"] },
    ]);
    json!([
        { "service": "0x5300", "instance": "1", "unreliable": "30501",
          "reliable": { "port": "30502" }, "events": events, "eventgroups": groups },
        { "service": "0x5310", "instance": "1", "events": events, "eventgroups": groups },
    ])
}

/// Has all events of a service go over TCP.
fn over_tcp(service: &mut Value) {
    for event in service["events"].as_array_mut().unwrap() {
        event["is_reliable"] = json!("true");
    }
}

const GROUPS: &str = "5=8001,8002 6=8001,8003 7=8007,8008";

/// Our entity, and an ECU that offers the groups over a protocol.
fn hpc_and_ecu(hosts: &Hosts, protocol: &str) -> (Peer, Peer) {
    let mut services = services();
    if protocol == "tcp" {
        over_tcp(&mut services[1]);
    }
    let hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut ecu = hosts.ecu();
    let offer = if protocol == "tcp" { "offer-groups-tcp" } else { "offer-groups" };
    ecu.order(&format!("{offer} 5310 3 {GROUPS}"));
    (hpc, ecu)
}

fn topic(event: &str) -> String {
    format!("//ecu/5310/3/{event}")
}

/// Registers a listener, and waits until its subscription is accepted.
fn listen(hpc: &mut Peer, listener: &str, event: &str) {
    hpc.order(&format!("subscribe-as {listener} {}", topic(event)));
    hpc.order(&format!("subscription {} Accepted", topic(event)));
}

fn stop_listening(hpc: &mut Peer, listener: &str, event: &str) {
    hpc.order(&format!("unsubscribe-as {listener} {}", topic(event)));
}

/// Waits until a listener has got these numbers, and nothing else.
fn expect(hpc: &mut Peer, listener: &str, numbers: &str) {
    let count = if numbers.contains(',') { numbers.matches(',').count() + 1 } else { 1 };
    assert_eq!(hpc.ask(&format!("received-as {listener} {count}")), numbers, "{listener}");
}

fn one(number: u64) -> String {
    format!("{number}..{number}")
}

/// Waits until the ECU has so many subscribers of a group.
fn subscribers(ecu: &mut Peer, group: &str, count: &str) {
    repeat(|| {
        let answer = ecu.ask(&format!("subscribers {group}"));
        if answer == count {
            Ok(())
        } else {
            Err(format!("group {group}: {answer}"))
        }
    });
}

#[test]
fn unregister_keeps_other_topics_of_group() {
    for protocol in ["udp", "tcp"] {
        let Some(hosts) = two_hosts() else { return };
        let (mut hpc, mut ecu) = hpc_and_ecu(&hosts, protocol);
        for (listener, event) in [("a", "8001"), ("b", "8002"), ("c", "8003")] {
            listen(&mut hpc, listener, event);
        }
        for group in ["5", "6"] {
            subscribers(&mut ecu, group, "1");
        }
        for (number, event) in [(1, "8001"), (2, "8002"), (3, "8003")] {
            ecu.order(&format!("notify {event} {number}"));
        }
        for (number, listener) in [(1, "a"), (2, "b"), (3, "c")] {
            expect(&mut hpc, listener, &one(number));
        }
        stop_listening(&mut hpc, "a", "8001");
        // The end of the other group's subscription shows that vsomeip has done its work.
        stop_listening(&mut hpc, "c", "8003");
        subscribers(&mut ecu, "6", "0");
        ecu.order("notify 8001 4");
        ecu.order("notify 8002 5");
        expect(&mut hpc, "b", &one(5));
        assert_eq!(hpc.ask("received-as a 0"), "[]");
        listen(&mut hpc, "a", "8001");
        ecu.order("notify 8001 6");
        expect(&mut hpc, "a", &one(6));
        stop_listening(&mut hpc, "b", "8002");
        stop_listening(&mut hpc, "a", "8001");
        subscribers(&mut ecu, "5", "0");
    }
}

/// The ECU sends the values of all fields of a group once, to whoever subscribes to the first.
#[test]
fn second_field_of_group_has_its_value() {
    for protocol in ["udp", "tcp"] {
        let Some(hosts) = two_hosts() else { return };
        let (mut hpc, mut ecu) = hpc_and_ecu(&hosts, protocol);
        ecu.order("field 8007 70");
        ecu.order("field 8008 80");
        listen(&mut hpc, "first", "8007");
        expect(&mut hpc, "first", &one(70));
        listen(&mut hpc, "second", "8008");
        expect(&mut hpc, "second", &one(80));
        // While nobody listens to it, the group is subscribed to.
        stop_listening(&mut hpc, "second", "8008");
        ecu.order("notify 8008 81");
        ecu.order("notify 8007 71");
        expect(&mut hpc, "first", &one(71));
        listen(&mut hpc, "second", "8008");
        expect(&mut hpc, "second", &one(81));
        ecu.order("notify 8008 82");
        expect(&mut hpc, "second", &one(82));
    }
}

#[test]
fn every_listener_has_value_of_remote_field() {
    for protocol in ["udp", "tcp"] {
        let Some(hosts) = two_hosts() else { return };
        let (mut hpc, mut ecu) = hpc_and_ecu(&hosts, protocol);
        ecu.order("field 8007 70");
        ecu.order("field 8008 80");
        for (listener, topic) in
            [("one", topic("8007")), ("two", topic("8007")), ("any", "//ecu/5310/FF/8007".into())]
        {
            hpc.order(&format!("subscribe-as {listener} {topic}"));
            expect(&mut hpc, listener, &one(70));
        }
        hpc.order("subscribe-as all //*/FFFFFFFF/FF/FFFF");
        let both = hpc.ask("received-as all 2");
        assert!(both == "[70, 80]" || both == "[80, 70]", "{both}");
        for round in 71..=75 {
            stop_listening(&mut hpc, "one", "8007");
            ecu.order(&format!("notify 8007 {round}"));
            expect(&mut hpc, "two", &one(round));
            expect(&mut hpc, "any", &one(round));
            expect(&mut hpc, "all", &one(round));
            listen(&mut hpc, "one", "8007");
            expect(&mut hpc, "one", &one(round));
        }
    }
}

/// The ECU gets our field's value when it subscribes, whatever came before.
#[test]
fn ecu_has_value_of_our_field() {
    for protocol in ["", "-tcp"] {
        let Some(hosts) = two_hosts() else { return };
        let mut services = services();
        if protocol == "-tcp" {
            over_tcp(&mut services[0]);
        }
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
        let mut ecu = hosts.ecu();
        hpc.order("publish //hpc/5300/2/8007 70 1");
        hpc.order("subscribe-as own //hpc/5300/2/8007");
        expect(&mut hpc, "own", &one(70));
        ecu.order(&format!("subscribe{protocol} 5300 2 7"));
        assert_eq!(ecu.ask("received"), "NOTIFICATION 8007 70");
        hpc.order("publish //hpc/5300/2/8007 71 1");
        assert_eq!(ecu.ask("received"), "NOTIFICATION 8007 71");
        expect(&mut hpc, "own", &one(71));
        // The second field of the group is offered when somebody has subscribed already.
        hpc.order("publish //hpc/5300/2/8008 80 1");
        assert_eq!(ecu.ask("received"), "NOTIFICATION 8008 80");
        let (mut other, mut values) = (hosts.ecu(), Vec::new());
        other.order(&format!("subscribe{protocol} 5300 2 7"));
        for _ in 0..2 {
            values.push(other.ask("received"));
        }
        values.sort();
        assert_eq!(values, ["NOTIFICATION 8007 71", "NOTIFICATION 8008 80"]);
    }
}

/// Our entity, whose application hosts the routing manager or is beside the one that does.
fn in_role(hosts: &Hosts, is_host: bool) -> (Peer, Option<Peer>) {
    if is_host {
        return (hosts.peer_on("hpc", PEER, HPC, &services(), &[]), None);
    }
    let router = hosts.peer_on("hpc", PEER, "//hpc/5301/2/0", &services(), &[]);
    (hosts.peer_beside("hpc", PEER, "beside", HPC, &services()), Some(router))
}

/// The second event of a group is published when an ECU has subscribed to the group already.
#[test]
fn later_event_of_group_reaches_ecu() {
    for (is_host, group, first, second) in
        [(true, "5", "8001", "8002"), (false, "5", "8001", "8002"), (false, "7", "8007", "8008")]
    {
        let Some(hosts) = two_hosts() else { return };
        let (mut hpc, _router) = in_role(&hosts, is_host);
        let mut ecu = hosts.ecu();
        hpc.order(&format!("publish //hpc/5300/2/{first} 1 1"));
        ecu.order(&format!("subscribe 5300 2 {group}"));
        ecu.tell("received");
        let mut numbers = 2..;
        ecu.line_while(|| {
            let number = numbers.next().unwrap();
            hpc.order(&format!("publish //hpc/5300/2/{first} {number} 1"));
        });
        for number in [1000, 1001] {
            hpc.order(&format!("publish //hpc/5300/2/{second} {number} 1"));
            let expected = format!("NOTIFICATION {second} {number}");
            ecu.ask_until("received", |line| line == expected);
        }
    }
}

/// An event in two groups comes once to those who are in both.
#[test]
fn event_of_several_groups_arrives_once() {
    let Some(hosts) = two_hosts() else { return };
    let (mut hpc, mut ecu) = hpc_and_ecu(&hosts, "udp");
    listen(&mut hpc, "c", "8003");
    listen(&mut hpc, "a", "8001");
    subscribers(&mut ecu, "6", "1");
    ecu.order("notify 8001 1");
    ecu.order("notify 8003 2");
    ecu.order("notify 8001 3");
    expect(&mut hpc, "c", &one(2));
    expect(&mut hpc, "a", "[1, 3]");
}

const ADDRESS: &str = "224.225.226.233";

/// An ECU that sends the events of group 5 by multicast, the second of which has reached its listener.
fn hpc_and_multicasting_ecu(hosts: &Hosts) -> (Peer, Peer) {
    let (mut hpc, mut ecu) = hpc_and_ecu(hosts, "udp");
    ecu.order(&format!("multicast 5 {ADDRESS} 32344"));
    listen(&mut hpc, "a", "8001");
    listen(&mut hpc, "b", "8002");
    hpc.tell("received-as b 1");
    let first = hpc.line_while(|| ecu.order("notify 8002 1"));
    assert!(first == "1..1" || first.starts_with("[1, 1"), "{first}");
    (hpc, ecu)
}

/// The first event of the group must still arrive by multicast.
fn expect_multicast(hpc: &mut Peer, ecu: &mut Peer, round: u32) {
    let (first, last) = (10 * round, 10 * round + 8);
    for number in first..=last {
        ecu.order(&format!("notify 8001 {number}"));
    }
    assert_eq!(hpc.ask("received-as a 9"), format!("{first}..{last}"));
}

#[test]
fn unregister_keeps_multicast_of_group() {
    let Some(hosts) = two_hosts() else { return };
    let (mut hpc, mut ecu) = hpc_and_multicasting_ecu(&hosts);
    for round in 1..=5 {
        stop_listening(&mut hpc, "b", "8002");
        expect_multicast(&mut hpc, &mut ecu, round);
        listen(&mut hpc, "b", "8002");
    }
}

/// A service has one multicast endpoint in vsomeip.
#[test]
fn unregister_keeps_multicast_of_other_group() {
    let Some(hosts) = two_hosts() else { return };
    let (mut hpc, mut ecu) = hpc_and_multicasting_ecu(&hosts);
    for round in 1..=5 {
        listen(&mut hpc, "c", "8003");
        subscribers(&mut ecu, "6", "1");
        stop_listening(&mut hpc, "c", "8003");
        subscribers(&mut ecu, "6", "0");
        expect_multicast(&mut hpc, &mut ecu, round);
    }
}

/// From the first subscriber on, events are sent to the address of their group.
#[test]
fn our_events_are_sent_by_multicast() {
    let Some(hosts) = two_hosts() else { return };
    let mut services = services();
    services[0]["eventgroups"][0]["multicast"] = json!({ "address": ADDRESS, "port": "32344" });
    services[0]["eventgroups"][0]["threshold"] = json!("1");
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &["--offer", "//hpc/5300/2/8001"]);
    let mut ecu = hosts.ecu();
    ecu.order(&format!("listen {ADDRESS} 32344"));
    ecu.order("subscribe 5300 2 5");
    ecu.tell("received");
    let mut numbers = 1..;
    let first = ecu.line_while(|| {
        let number = numbers.next().unwrap();
        hpc.order(&format!("publish //hpc/5300/2/8001 {number} 1"));
    });
    assert!(first.starts_with("NOTIFICATION 8001") && first.ends_with("by multicast"), "{first}");
}
