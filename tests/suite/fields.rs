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

//! Fields: each new listener gets the current value.

use harness::{Hosts, Network, Peer};
use serde_json::json;

use crate::PEER;

const TOPIC: &str = "//publisher/5400/1/8001";
const PUBLISHER: &str = "//publisher/5400/1/0";
const SUBSCRIBER: &str = "//subscriber/5401/1/0";

/// A publisher of a field with the value 42, and a subscriber whose first listener has got it.
fn first_has_value() -> (Network, Peer, Peer) {
    let services = json!([{ "service": "0x5400", "instance": "1",
        "events": [{ "event": "0x8001", "is_field": "true" }] }]);
    let network = Network::new("publisher").with_services(services);
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    publish(&mut publisher, 42, 1);
    register(&mut subscriber, "first");
    expect(&mut subscriber, "first", 42, 42);
    (network, publisher, subscriber)
}

fn publish(publisher: &mut Peer, first: u64, count: u64) {
    publisher.order(&format!("publish {TOPIC} {first} {count}"));
}

fn register(subscriber: &mut Peer, listener: &str) {
    subscriber.order(&format!("subscribe-as {listener} {TOPIC}"));
}

fn unregister(subscriber: &mut Peer, listener: &str) {
    subscriber.order(&format!("unsubscribe-as {listener} {TOPIC}"));
}

/// Waits for consecutive values, which must be all that a listener has got since it was last asked.
fn expect(subscriber: &mut Peer, listener: &str, first: u64, last: u64) {
    let count = last - first + 1;
    let received = subscriber.ask(&format!("received-as {listener} {count}"));
    assert_eq!(received, format!("{first}..{last}"), "{listener}");
}

/// Publishes ten more values, which each of the listeners must get, once and in order.
fn assert_all_get(publisher: &mut Peer, subscriber: &mut Peer, listeners: &[&str], first: u64) {
    publish(publisher, first, 10);
    for listener in listeners {
        expect(subscriber, listener, first, first + 9);
    }
}

#[test]
fn later_listener_gets_field_value() {
    let (_network, mut publisher, mut subscriber) = first_has_value();
    register(&mut subscriber, "second");
    expect(&mut subscriber, "second", 42, 42);
    assert_all_get(&mut publisher, &mut subscriber, &["first", "second"], 43);
}

#[test]
fn wildcard_listener_gets_field_value() {
    let (_network, mut publisher, mut subscriber) = first_has_value();
    for (listener, topic) in
        [("any-event", "//*/5400/1/FFFF"), ("anything", "//*/FFFFFFFF/FF/FFFF")]
    {
        subscriber.order(&format!("subscribe-as {listener} {topic}"));
        expect(&mut subscriber, listener, 42, 42);
    }
    let listeners = ["first", "any-event", "anything"];
    assert_all_get(&mut publisher, &mut subscriber, &listeners, 43);
}

#[test]
fn reregistered_listener_gets_value() {
    let (_network, mut publisher, mut subscriber) = first_has_value();
    register(&mut subscriber, "second");
    expect(&mut subscriber, "second", 42, 42);
    unregister(&mut subscriber, "second");
    publish(&mut publisher, 43, 1);
    expect(&mut subscriber, "first", 43, 43);
    register(&mut subscriber, "second");
    expect(&mut subscriber, "second", 43, 43);
    assert_all_get(&mut publisher, &mut subscriber, &["first", "second"], 44);
}

#[test]
fn reregistered_only_listener_gets_value() {
    let (_network, mut publisher, mut subscriber) = first_has_value();
    for value in 43..=46 {
        unregister(&mut subscriber, "first");
        publish(&mut publisher, value, 1);
        register(&mut subscriber, "first");
        expect(&mut subscriber, "first", value, value);
    }
}

/// A subscriber on the publisher's host does not know that the event is a field, and is there first.
/// The ECU, which subscribes over UDP or TCP, gets the value and the changes all the same.
#[test]
fn field_taken_for_event_locally_reaches_ecu() {
    let field = |is_reliable: bool| {
        json!([{ "service": "0x5400", "instance": "1",
            "unreliable": "30501", "reliable": { "port": "30502" },
            "events": [{ "event": "0x8001", "is_field": "true",
                "is_reliable": is_reliable.to_string() }] }])
    };
    for (protocol, is_router) in [("", true), ("", false), ("-tcp", true), ("-tcp", false)] {
        let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
        let services = field(protocol == "-tcp");
        let own = if is_router { "5400" } else { "5403" };
        let local = format!("//publisher/{own}/1/0");
        let mut router = hosts.peer_on("hpc", PEER, &local, &services, &[]);
        let mut subscriber = hosts.peer_beside("hpc", PEER, "subscriber", SUBSCRIBER, &json!([]));
        subscriber.order("registered true");
        register(&mut subscriber, "early");
        // The routing manager has the request of the event when it has passed on this call.
        router.order("serve //publisher/5404/1/1");
        let call = "call //publisher/5404/1/1 1 1 60000";
        assert_eq!(subscriber.ask(call), "answered 1 failed {}");
        let mut beside =
            (!is_router).then(|| hosts.peer_beside("hpc", PEER, "publisher", PUBLISHER, &services));
        let publisher = beside.as_mut().unwrap_or(&mut router);
        publish(publisher, 42, 1);
        expect(&mut subscriber, "early", 42, 42);
        let mut ecu = hosts.ecu();
        ecu.order(&format!("subscribe{protocol} 5400 1 8001"));
        assert_eq!(ecu.ask("received"), "NOTIFICATION 8001 42", "{protocol} {is_router}");
        publish(publisher, 43, 2);
        for value in [43, 44] {
            assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {value}"));
        }
        expect(&mut subscriber, "early", 43, 44);
    }
}
