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

//! The first messages of a topic reach waiting subscribers.

use std::path::Path;
use std::thread;
use std::time::Duration;

use harness::{Hosts, Network, Peer};
use serde_json::json;

use crate::PEER;

const TOPIC: &str = "//publisher/5900/1/8001";
const OTHER_TOPIC: &str = "//publisher/5900/1/8002";
const PUBLISHER: &str = "//publisher/5900/1/0";
const SUBSCRIBER: &str = "//subscriber/5901/1/0";

/// Holds them for longer than any test takes: what arrives has not waited for so long.
const FOR_EVER: [&str; 2] = ["--hold-first-messages", "600000"];

fn subscribed(subscriber: Peer, topic: &str) -> Peer {
    let mut subscriber = subscriber;
    subscriber.order(&format!("subscribe {topic}"));
    subscriber
}

#[test]
fn first_message_reaches_all_waiting() {
    let network = Network::new("publisher");
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &FOR_EVER);
    let mut one = subscribed(network.peer(PEER, "one", SUBSCRIBER), TOPIC);
    let mut other = subscribed(network.peer(PEER, "other", "//subscriber/5902/1/0"), TOPIC);
    for subscriber in [&mut one, &mut other] {
        subscriber.order("registered true");
    }
    publisher.order(&format!("publish {TOPIC} 1 10"));
    for subscriber in [&mut one, &mut other] {
        assert_eq!(subscriber.ask("received 10"), "1..10");
    }
}

#[test]
fn first_message_waits_for_late_subscriber() {
    let network = Network::new("publisher");
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &FOR_EVER);
    publisher.order(&format!("publish {TOPIC} 1 5"));
    assert!(publisher.ask("metrics").contains("for_subscribers: 5"));
    let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), TOPIC);
    publisher.order(&format!("publish {TOPIC} 6 5"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
    publisher.ask_until("metrics", |metrics| metrics.contains("for_subscribers: 0"));
}

#[test]
fn order_is_preserved_while_topic_is_opened() {
    let network = Network::new("publisher");
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &FOR_EVER);
    let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), TOPIC);
    publisher.order(&format!("publish {TOPIC} 1 60000"));
    assert_eq!(subscriber.ask("received 60000"), "1..60000");
}

/// It has subscribed to the second topic when the service was offered with the first one.
#[test]
fn first_message_of_second_topic_arrives() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5903/1/0");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), TOPIC);
    subscriber.order(&format!("subscribe {OTHER_TOPIC}"));
    for topic in [TOPIC, OTHER_TOPIC] {
        publisher.order(&format!("publish {topic} 1 10"));
        assert_eq!(subscriber.ask("received 10"), "1..10", "{topic}");
    }
}

/// The service is offered for another reason, and long before.
#[test]
fn first_message_of_called_service_arrives() {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    publisher.order("serve //publisher/5900/1/421");
    let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), TOPIC);
    let answer = subscriber.ask("call //publisher/5900/1/421 1 1 20000");
    assert_eq!(answer, "answered 1 failed {}");
    publisher.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
}

#[test]
fn first_message_waits_for_routing_manager() {
    let network = Network::new("router");
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &FOR_EVER);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), TOPIC);
    let _router = network.peer(PEER, "router", "//router/5903/1/0");
    assert_eq!(subscriber.ask("received 10"), "1..10");
}

#[test]
fn first_message_reaches_wildcard_subscribers() {
    let services =
        json!([{ "service": "0x5900", "instance": "1", "events": [{ "event": "0x8001" }] }]);
    for topic in ["//*/5900/FF/8001", "//*/FFFFFFFF/1/FFFF"] {
        let network = Network::new("publisher").with_services(services.clone());
        let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &FOR_EVER);
        let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), topic);
        publisher.order(&format!("publish {TOPIC} 1 10"));
        assert_eq!(subscriber.ask("received 10"), "1..10", "{topic}");
    }
}

/// A uStreamer learns of a topic when the first message to be forwarded arrives.
#[test]
fn first_message_of_streamer_arrives() {
    let network = Network::new("streamer");
    let mut streamer = network.peer_with(PEER, "streamer", "//host/5910/1/0", &["--streamer"]);
    for topic in ["//elsewhere/5920/1/8001", "//elsewhere/5921/1/9000"] {
        let name = topic.split('/').nth(3).unwrap();
        let mut ecu = subscribed(network.peer(PEER, name, &format!("//remote/{name}/1/0")), topic);
        streamer.order(&format!("publish {topic} 1 12"));
        assert_eq!(ecu.ask("received 12"), "1..12", "{topic}");
    }
}

/// The publisher is a second transport in the listener's process, and publishes every 20 ms.
fn assert_all_beside_arrive(listener: &mut Peer, config: &Path) {
    listener.order(&format!("subscribe {TOPIC}"));
    listener.order(&format!("publish-beside {} {TOPIC} 100 20", config.display()));
    assert_eq!(listener.ask("received 100"), "1..100");
}

/// Two transports in one process, the listener's and the publisher's.
#[test]
fn all_events_of_transport_beside_arrive() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5903/1/0");
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    assert_all_beside_arrive(&mut subscriber, &network.config("publisher", 0x5900));
}

/// The same; the publisher hosts the routing manager, so the listener's transport is there first.
#[test]
fn all_events_of_host_beside_guest_arrive() {
    let network = Network::new("publisher");
    let mut subscriber = network.peer(PEER, "subscriber", SUBSCRIBER);
    assert_all_beside_arrive(&mut subscriber, &network.config("publisher", 0x5900));
}

/// The same; the listener's transport hosts the routing manager, which needs service discovery.
#[test]
fn all_events_beside_host_arrive() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let mut hpc = hosts.peer(PEER, "//hpc/5300/2/0");
    assert_all_beside_arrive(&mut hpc, &hosts.local_config("publisher", PUBLISHER));
}

#[test]
fn first_message_reaches_waiting_ecu() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let mut hpc = hosts.peer(PEER, "//hpc/5300/2/0");
    let mut ecu = hosts.ecu();
    ecu.tell("subscribe 5300 2 8001");
    hpc.order("publish //hpc/5300/2/8001 1 10");
    assert_eq!(ecu.line(), "ok");
    for number in 1..=10 {
        assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"));
    }
}

/// vsomeip waits for some time before it announces anything.
#[test]
fn first_message_waits_for_first_announcement() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let timings = json!({ "initial_delay_min": "4000", "initial_delay_max": "4000" });
    let hosts = hosts.with_timings(timings);
    let mut ecu = hosts.ecu();
    ecu.tell("subscribe 5300 2 8001");
    let mut hpc = hosts.peer(PEER, "//hpc/5300/2/0");
    hpc.order("publish //hpc/5300/2/8001 1 10");
    assert_eq!(ecu.line(), "ok");
    for number in 1..=10 {
        assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"));
    }
}

/// Somebody on the own host is there sooner, and gets each message once.
#[test]
fn first_message_reaches_ecu_and_own_host() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let mut hpc = hosts.peer_with(PEER, "//hpc/5300/2/0", &FOR_EVER);
    let mut ecu = hosts.ecu();
    let mut local = hosts.local(PEER, "local", "//hpc/5301/2/0");
    local.order("subscribe //hpc/5300/2/8001");
    hpc.order("publish //hpc/5300/2/8001 1 10");
    ecu.order("subscribe 5300 2 8001");
    for number in 1..=10 {
        assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"));
    }
    assert_eq!(local.ask("received 10"), "1..10");
}

#[test]
fn too_many_first_messages_open_their_topic() {
    let network = Network::new("publisher");
    let options = [&FOR_EVER[..], &["--hold-first-messages-bytes", "720"]].concat();
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &options);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    let metrics = publisher.ask("metrics");
    assert!(metrics.contains("sent: 0,") && metrics.contains("for_subscribers: 10"), "{metrics}");
    // The room is for all topics together.
    publisher.order(&format!("publish {OTHER_TOPIC} 1 1"));
    let metrics = publisher.ask("metrics");
    assert!(metrics.contains("sent: 1,") && metrics.contains("for_subscribers: 10"), "{metrics}");
    publisher.order(&format!("publish {TOPIC} 11 1"));
    let metrics = publisher.ask("metrics");
    assert!(metrics.contains("sent: 12,") && metrics.contains("for_subscribers: 0"), "{metrics}");
}

#[test]
fn expired_first_message_is_not_sent() {
    let network = Network::new("publisher");
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &FOR_EVER);
    publisher.order(&format!("publish-mortal {TOPIC} 1 1000"));
    publisher.order(&format!("publish {TOPIC} 2 10"));
    // Until the first one's time to live is over, which nothing tells.
    thread::sleep(Duration::from_secs(1));
    let mut subscriber = subscribed(network.peer(PEER, "subscriber", SUBSCRIBER), TOPIC);
    assert_eq!(subscriber.ask("received 10"), "2..11");
    assert!(publisher.ask("metrics").contains("dropped_expired: 1,"));
}

#[test]
fn nothing_is_held_without_subscribers() {
    let network = Network::new("publisher");
    let mut publisher = network.peer(PEER, "publisher", PUBLISHER);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    publisher.ask_until("metrics", |metrics| {
        metrics.contains("sent: 10,") && metrics.contains("for_subscribers: 0")
    });
}

#[test]
fn zero_hold_time_holds_nothing() {
    let network = Network::new("publisher");
    let options = ["--hold-first-messages", "0"];
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &options);
    publisher.order(&format!("publish {TOPIC} 1 10"));
    assert!(publisher.ask("metrics").contains("sent: 10,"));
}
