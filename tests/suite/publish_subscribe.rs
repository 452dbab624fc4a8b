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

//! Events.

use harness::{Network, Peer};
use serde_json::json;

use crate::PEER;

const TOPIC: &str = "//publisher/5100/1/8001";
const PUBLISHER: &str = "//publisher/5100/1/0";
const SUBSCRIBER: &str = "//subscriber/5101/1/0";

/// Publishes until the subscriber gets something: a subscription takes a moment to be known.
fn connect(publisher: &mut Peer, subscriber: &mut Peer) {
    connect_to(TOPIC, publisher, subscriber);
}

fn connect_to(topic: &str, publisher: &mut Peer, subscriber: &mut Peer) {
    subscriber.tell(&format!("connected {topic}"));
    let probe = format!("probe {topic}");
    assert_eq!(subscriber.line_while(|| publisher.order(&probe)), "ok");
}

/// A publisher, and a subscriber that gets its events.
fn connected() -> (Network, Peer, Peer) {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order(&format!("subscribe {TOPIC}"));
    connect(&mut publisher, &mut subscriber);
    (network, publisher, subscriber)
}

#[test]
fn every_event_arrives_in_order() {
    let (_network, mut publisher, mut subscriber) = connected();
    publisher.order(&format!("publish {TOPIC} 1 20000"));
    assert_eq!(subscriber.ask("received 20000"), "1..20000");
    publisher.end();
    subscriber.end();
}

#[test]
fn subscription_waits_for_late_publisher() {
    // vsomeip's routing manager host itself cannot subscribe without service discovery.
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5103/1/0");
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order(&format!("subscribe {TOPIC}"));
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    connect(&mut publisher, &mut subscriber);
}

#[test]
fn two_subscribers_get_every_event() {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut one = network.peer(PEER, "one", SUBSCRIBER);
    let mut other = network.peer(PEER, "other", "//subscriber/5102/1/0");
    for subscriber in [&mut one, &mut other] {
        subscriber.order(&format!("subscribe {TOPIC}"));
        connect(&mut publisher, subscriber);
    }
    publisher.order(&format!("publish {TOPIC} 1 1000"));
    assert_eq!(one.ask("received 1000"), "1..1000");
    assert_eq!(other.ask("received 1000"), "1..1000");
}

#[test]
fn unregistered_listener_registers_again() {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    let mut witness = network.peer(PEER, "witness", "//subscriber/5102/1/0");
    for subscriber in [&mut subscriber, &mut witness] {
        subscriber.order(&format!("subscribe {TOPIC}"));
        connect(&mut publisher, subscriber);
    }
    subscriber.order(&format!("unsubscribe {TOPIC}"));
    publisher.order(&format!("publish {TOPIC} 1 100"));
    assert_eq!(witness.ask("received 100"), "1..100");
    assert_eq!(subscriber.ask("received 0"), "[]");
    let again = subscriber.ask(&format!("unsubscribe {TOPIC}"));
    assert!(again.contains("NOT_FOUND") || again.contains("not registered"), "{again}");
    subscriber.order(&format!("subscribe {TOPIC}"));
    // Connected again, at an event that is not known beforehand.
    subscriber.tell("received 1");
    let mut numbers = 1_000..;
    subscriber.line_while(|| {
        let number = numbers.next().unwrap();
        publisher.order(&format!("publish {TOPIC} {number} 1"));
    });
}

/// A field has a value: who subscribes later gets it without a new event. And what the
/// configuration says about groups holds for both sides.
#[test]
fn late_subscriber_receives_field() {
    let services = json!([{ "service": "0x5100", "instance": "1",
        "events": [{ "event": "0x8001", "is_field": "true" }, { "event": "0x8002" }],
        "eventgroups": [{ "eventgroup": "7", "events": ["0x8001", "0x8002"] }] }]);
    let network = Network::new("publisher").with_services(services);
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    publisher.order(&format!("publish {TOPIC} 42 1"));
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order(&format!("subscribe {TOPIC}"));
    assert_eq!(subscriber.ask("received 1"), "42..42");
}

#[test]
fn wildcard_topic_covers_listed_events() {
    let services = json!([{ "service": "0x5100", "instance": "1",
        "events": [{ "event": "0x8001" }, { "event": "0x8002" }] }]);
    let network = Network::new("publisher").with_services(services);
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order("subscribe //*/FFFFFFFF/1/FFFF");
    connect(&mut publisher, &mut subscriber);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
}

/// vsomeip subscribes in a concrete version only.
#[test]
fn topic_in_any_version_follows_service() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5103/1/0");
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order("subscribe //*/5100/FF/8001");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let topic = "//publisher/5100/7/8001";
    connect_to(topic, &mut publisher, &mut subscriber);
    publisher.order(&format!("publish {topic} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
}

#[test]
fn refused_subscription_is_seen() {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    let topic = "//publisher/5110/1/8001";
    publisher.order(&format!("refuse-subscribers {topic}"));
    subscriber.order(&format!("subscribe {topic}"));
    subscriber.order(&format!("subscription {topic} Refused"));
    let metrics = subscriber.ask("metrics");
    assert!(metrics.contains("subscriptions_refused: 1"), "{metrics}");
    assert_eq!(subscriber.ask(&format!("unsubscribe {topic}")), "ok");
}

#[test]
fn topic_of_any_instance_covers_newcomers() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5103/1/0");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    publisher.order(&format!("probe {TOPIC}"));
    subscriber.order("subscribe //*/FFFF5100/1/8001");
    connect(&mut publisher, &mut subscriber);
    let mut other = network.peer(PEER, "other", "//publisher/5102/1/0");
    let topic = "//publisher/25100/1/8001";
    connect_to(topic, &mut other, &mut subscriber);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
    other.order(&format!("publish {topic} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
}

#[test]
fn topic_of_any_service_covers_newcomers() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5103/1/0");
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order("subscribe //*/FFFFFFFF/FF/8001");
    for (name, local, topic) in [
        ("publisher", PUBLISHER, TOPIC),
        ("other", "//publisher/5102/1/0", "//publisher/75102/3/8001"),
    ] {
        let mut publisher = network.peer(PEER, name, local);
        connect_to(topic, &mut publisher, &mut subscriber);
        publisher.order(&format!("publish {topic} 1 10"));
        assert_eq!(subscriber.ask("received 10"), "1..10");
    }
}

#[test]
fn first_event_of_offered_topic_arrives() {
    let network = Network::new("publisher");
    let options = ["--offer", TOPIC];
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &options);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    publisher.order("serve //publisher/5100/1/1");
    subscriber.order(&format!("subscribe {TOPIC}"));
    subscriber.order(&format!("subscription {TOPIC} Accepted"));
    // The publisher accepts a moment before it counts the subscriber in, and serves in order.
    let call = subscriber.ask("call //publisher/5100/1/1 10 1 60000");
    assert_eq!(call, "answered 10 failed {}");
    publisher.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
}

/// vsomeip calls handlers after they were unregistered, when their slot has its next user.
#[test]
fn unregistered_listeners_get_nothing_late() {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    let endless = format!("publish {TOPIC} 1 1000000000");
    publisher.tell(&endless);
    // Each time, subscription, handler and slot are given up and taken again.
    assert_eq!(subscriber.ask(&format!("churn {TOPIC} 200")), "late 0");
    // With these kept by another listener, events go on arriving without a pause.
    subscriber.order(&format!("subscribe {TOPIC}"));
    assert_eq!(subscriber.ask(&format!("churn {TOPIC} 2000")), "late 0");
}

#[test]
fn panicking_listener_loses_one_event() {
    let (_network, mut publisher, mut subscriber) = connected();
    subscriber.order("at-next panic");
    publisher.order(&format!("publish {TOPIC} 1 10"));
    // It noted the number before it panicked.
    assert_eq!(subscriber.ask("received 10"), "1..10");
    assert!(subscriber.ask("metrics").contains("listener_panics: 1"));
}

#[test]
fn listener_can_drop_transport() {
    let (_network, mut publisher, mut subscriber) = connected();
    subscriber.order("at-next drop");
    publisher.order(&format!("publish {TOPIC} 1 1"));
    assert_eq!(subscriber.ask("received 1"), "1..1");
    // A thread still ends it, which the end of the process waits for.
    subscriber.end();
}

#[test]
fn listener_can_shut_transport_down() {
    let (_network, mut publisher, mut subscriber) = connected();
    subscriber.order("at-next shutdown");
    publisher.order(&format!("publish {TOPIC} 1 1"));
    // It goes on afterwards.
    assert_eq!(subscriber.ask("received 1"), "1..1");
    subscriber.end();
}

#[test]
fn listener_can_use_sockets() {
    let (_network, mut publisher, mut subscriber) = connected();
    subscriber.order("at-next use-socket");
    publisher.order(&format!("publish {TOPIC} 1 1"));
    assert_eq!(subscriber.ask("received 1"), "1..1");
    assert!(subscriber.ask("metrics").contains("listener_panics: 0"));
}

/// vsomeip swallows a subscription to an event that it is subscribed to in another version.
#[test]
fn version_that_appears_arrives() {
    for other in ["//publisher/5100/1/8001", "//publisher/5100/FF/8001"] {
        let network = Network::new("router");
        let _router = network.peer(PEER, "router", "//router/5103/1/0");
        let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
        let topic = "//publisher/5100/2/8001";
        subscriber.order(&format!("subscribe {other}"));
        subscriber.order(&format!("subscribe {topic}"));
        let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
        connect_to(topic, &mut publisher, &mut subscriber);
        subscriber.order(&format!("unsubscribe {other}"));
        publisher.order(&format!("publish {topic} 1 10"));
        assert_eq!(subscriber.ask("received 10"), "1..10", "{other}");
    }
}

#[test]
fn subscription_waits_for_lost_service() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5103/1/0");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    subscriber.order(&format!("subscribe {TOPIC}"));
    connect(&mut publisher, &mut subscriber);
    for _ in 0..2 {
        subscriber.order(&format!("subscription {TOPIC} Accepted"));
        publisher.order("shutdown");
        subscriber.order(&format!("subscription {TOPIC} Pending"));
        publisher.order("restart");
        publisher.order(&format!("publish {TOPIC} 1 1"));
    }
}
