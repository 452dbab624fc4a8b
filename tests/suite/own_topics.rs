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

//! A transport that listens to its own topics: each of its listeners, and each other subscriber, gets each
//! event once.

use harness::{Hosts, Network, Peer};
use serde_json::json;

use crate::PEER;

const TOPIC: &str = "//publisher/5100/1/8001";
const PUBLISHER: &str = "//publisher/5100/1/0";
const SUBSCRIBER: &str = "//subscriber/5101/1/0";

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq)]
enum First {
    Listen,
    Publish,
}

/// A publisher that is the routing manager or not, and another process that listens to its topic.
fn peers(routing: &str) -> (Network, Vec<Peer>, Peer, Peer) {
    let network = Network::new(routing);
    let router = match routing {
        "router" => vec![network.peer(PEER, "router", "//router/5103/1/0")],
        _ => Vec::new(),
    };
    let publisher = network.peer(PEER, "publisher", PUBLISHER);
    let subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    (network, router, publisher, subscriber)
}

/// Publishes ten events, which each must get once and in order.
fn assert_all_get(publisher: &mut Peer, others: &mut [&mut Peer], first: u64) {
    publisher.order(&format!("publish {TOPIC} {first} 10"));
    let expected = format!("{first}..{}", first + 9);
    assert_eq!(publisher.ask("received 10"), expected, "the own listener");
    for other in others {
        assert_eq!(other.ask("received 10"), expected);
    }
    // Nothing comes twice: what does would be among the next ones.
    publisher.order(&format!("publish {TOPIC} {} 1", first + 10));
    assert_eq!(publisher.ask("received 1"), format!("{0}..{0}", first + 10));
}

fn own_listener_and_others_get_events(routing: &str, first: First, topic: &str) {
    let (_network, _router, mut publisher, mut subscriber) = peers(routing);
    if first == First::Publish {
        publisher.order(&format!("probe {TOPIC}"));
    }
    publisher.order(&format!("subscribe {topic}"));
    subscriber.order(&format!("subscribe {TOPIC}"));
    subscriber.connect(&mut publisher, TOPIC);
    assert_all_get(&mut publisher, &mut [&mut subscriber], 1);
    publisher.order(&format!("unsubscribe {topic}"));
    publisher.order(&format!("publish {TOPIC} 21 10"));
    assert_eq!(subscriber.ask("received 11"), "[11, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]");
    assert_eq!(publisher.ask("received 0"), "[]");
    publisher.order(&format!("subscribe {topic}"));
    publisher.order(&format!("publish {TOPIC} 31 10"));
    assert_eq!(publisher.ask("received 10"), "31..40");
    assert_eq!(subscriber.ask("received 10"), "31..40");
}

#[test]
fn host_listens_before_it_publishes() {
    own_listener_and_others_get_events("publisher", First::Listen, TOPIC);
}

#[test]
fn host_listens_after_it_published() {
    own_listener_and_others_get_events("publisher", First::Publish, TOPIC);
}

#[test]
fn guest_listens_before_it_publishes() {
    own_listener_and_others_get_events("router", First::Listen, TOPIC);
}

#[test]
fn guest_listens_after_it_published() {
    own_listener_and_others_get_events("router", First::Publish, TOPIC);
}

#[test]
fn wildcards_cover_own_topics() {
    for topic in ["//*/5100/FF/8001", "//publisher/5100/1/FFFF", "//*/FFFFFFFF/FF/FFFF"] {
        for routing in ["publisher", "router"] {
            own_listener_and_others_get_events(routing, First::Listen, topic);
        }
    }
}

/// The service is offered already when the topic is published first.
#[test]
fn own_topic_of_served_service_arrives_once() {
    for routing in ["publisher", "router"] {
        let (_network, _router, mut publisher, mut subscriber) = peers(routing);
        publisher.order("serve //publisher/5100/1/1");
        publisher.order(&format!("subscribe {TOPIC}"));
        subscriber.order(&format!("subscribe {TOPIC}"));
        assert_eq!(subscriber.ask("call //publisher/5100/1/1 1 1 60000"), "answered 1 failed {}");
        subscriber.connect(&mut publisher, TOPIC);
        assert_all_get(&mut publisher, &mut [&mut subscriber], 1);
    }
}

#[test]
fn own_topic_is_accepted() {
    let (_network, _router, mut publisher, _) = peers("publisher");
    publisher.order(&format!("subscribe {TOPIC}"));
    publisher.order(&format!("probe {TOPIC}"));
    publisher.order(&format!("subscription {TOPIC} Accepted"));
}

/// Whoever publishes first is another process; it goes, and the listener's transport goes on.
#[test]
fn listener_follows_topic_that_becomes_own() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5103/1/0");
    let mut listening = network.peer(PEER, "listening", "//publisher/5104/1/0");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    listening.order("subscribe //publisher/5100/1/8001");
    listening.connect(&mut publisher, TOPIC);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(listening.ask("received 10"), "1..10");
    listening.order(&format!("subscription {TOPIC} Accepted"));
    publisher.end();
    listening.order(&format!("subscription {TOPIC} Pending"));
    listening.order(&format!("publish {TOPIC} 11 10"));
    assert_eq!(listening.ask("received 10"), "11..20");
    // Nobody else subscribes as long as these are held.
    listening.ask_until("metrics", |metrics| metrics.contains("for_subscribers: 0"));
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order(&format!("subscribe {TOPIC}"));
    subscriber.connect(&mut listening, TOPIC);
    assert_all_get(&mut listening, &mut [&mut subscriber], 21);
}

fn field() -> serde_json::Value {
    json!([{ "service": "0x5100", "instance": "1",
        "events": [{ "event": "0x8001", "is_field": "true" }] }])
}

/// Each registers when there is a value already, the own listeners as all others.
#[test]
fn own_field_has_value_for_every_listener() {
    let network = Network::new("publisher").with_services(field());
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    publisher.order(&format!("publish {TOPIC} 41 2"));
    for (listener, topic) in [("one", TOPIC), ("other", TOPIC), ("any", "//*/5100/FF/FFFF")] {
        publisher.order(&format!("subscribe-as {listener} {topic}"));
        assert_eq!(publisher.ask(&format!("received-as {listener} 1")), "42..42");
    }
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order(&format!("subscribe {TOPIC}"));
    assert_eq!(subscriber.ask("received 1"), "42..42");
    publisher.order(&format!("publish {TOPIC} 43 10"));
    for listener in ["one", "other", "any"] {
        assert_eq!(publisher.ask(&format!("received-as {listener} 10")), "43..52");
    }
    assert_eq!(subscriber.ask("received 10"), "43..52");
    publisher.order(&format!("unsubscribe-as one {TOPIC}"));
    publisher.order(&format!("subscribe-as one {TOPIC}"));
    assert_eq!(publisher.ask("received-as one 1"), "52..52");
}

/// The listener is there first, when nobody knows who will publish the field.
#[test]
fn own_field_reaches_listener_that_was_first() {
    for routing in ["publisher", "router"] {
        let network = Network::new(routing).with_services(field());
        let _router =
            (routing == "router").then(|| network.peer(PEER, "router", "//router/5103/1/0"));
        let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
        publisher.order(&format!("subscribe {TOPIC}"));
        let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
        subscriber.order(&format!("subscribe {TOPIC}"));
        publisher.order(&format!("publish {TOPIC} 42 1"));
        assert_eq!(publisher.ask("received 1"), "42..42");
        assert_eq!(subscriber.ask("received 1"), "42..42");
        publisher.order(&format!("publish {TOPIC} 43 10"));
        assert_eq!(publisher.ask("received 10"), "43..52");
        assert_eq!(subscriber.ask("received 10"), "43..52");
    }
}

/// With service discovery, an ECU and another process of the host listen as well.
#[test]
fn own_topic_arrives_once_with_sd() {
    let service = json!([{ "service": "0x5100", "instance": "1", "unreliable": "30501" }]);
    for (first, is_router) in [
        (First::Listen, true),
        (First::Publish, true),
        (First::Listen, false),
        (First::Publish, false),
    ] {
        let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
        let router = if is_router { PUBLISHER } else { "//router/5103/1/0" };
        let mut router = hosts.peer_on("hpc", PEER, router, &service, &[]);
        let mut beside =
            (!is_router).then(|| hosts.peer_beside("hpc", PEER, "publisher", PUBLISHER, &service));
        let publisher = beside.as_mut().unwrap_or(&mut router);
        let mut subscriber = hosts.peer_beside("hpc", PEER, "subscriber", SUBSCRIBER, &service);
        let mut ecu = hosts.ecu();
        if first == First::Publish {
            publisher.order(&format!("probe {TOPIC}"));
        }
        publisher.order(&format!("subscribe {TOPIC}"));
        subscriber.order(&format!("subscribe {TOPIC}"));
        publisher.order(&format!("probe {TOPIC}"));
        ecu.order("subscribe 5100 1 8001");
        subscriber.connect(publisher, TOPIC);
        ecu.tell("received");
        ecu.line_while(|| publisher.order(&format!("probe {TOPIC}")));
        assert_all_get(publisher, &mut [&mut subscriber], 1);
        ecu.ask_until("received", |line| line == "NOTIFICATION 8001 1");
        for number in 2..=11 {
            assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"), "{first:?}");
        }
    }
}
