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

//! up-rust's clients and servers on top of the transport, unchanged.

use harness::{Network, Peer};

use crate::PEER;

const METHOD: &str = "//service/5400/1/7";
const SERVICE: &str = "//service/5400/1/0";
const CLIENT: &str = "//client/5401/1/0";
const TOPIC: &str = "//service/5400/1/8001";

#[test]
fn rpc_client_calls_rpc_server() {
    let network = Network::new("service");
    let options = ["--wrapped-payloads"];
    let mut service = network.peer_with(PEER, "service", SERVICE, &options);
    let mut client = network.peer_with(PEER, "client", CLIENT, &options);
    service.order(&format!("serve-l2 {METHOD}"));
    assert_eq!(client.ask(&format!("call-l2 {METHOD} hello")), "HELLO");
    assert_eq!(client.ask(&format!("call-l2 {METHOD} again")), "AGAIN");
    let error = client.ask(&format!("call-l2 {METHOD} \"\""));
    assert!(error.starts_with("error no such entity"), "{error}");
}

#[test]
fn notifier_notifies_by_request_no_return() {
    let network = Network::new("client");
    // The listener knows the notifier by its client id, which is that of the entity.
    let mut client = network.peer(PEER, "client", CLIENT);
    client.order(&format!("listen {TOPIC}"));
    let mut service = network.peer(PEER, "service", SERVICE);
    for number in 1..=3 {
        service.order(&format!("notify 8001 {CLIENT} {number}"));
    }
    assert_eq!(client.ask("received 3"), "1..3");
}

#[test]
fn notifier_notifies_by_event() {
    let network = Network::new("service");
    let mut service = network.peer_with(PEER, "service", SERVICE, &["--notify-by-event"]);
    let mut client = network.peer(PEER, "client", CLIENT);
    client.order(&format!("listen {TOPIC}"));
    client.tell("received 1");
    let mut numbers = 1..;
    client.line_while(|| {
        service.order(&format!("notify 8001 {CLIENT} {}", numbers.next().unwrap()));
    });
}

/// The local USubscription service as up-rust addresses it: service 0 of SOME/IP.
const USUBSCRIPTION: &str = "//host/0/3/0";
const PUBLISHER: &str = "//publisher/5402/1/0";
const NEWS: &str = "//publisher/5402/1/8001";
const WRAPPED: &str = "--wrapped-payloads";

/// Publishes until a subscriber hears it: a subscription takes a moment to be known.
fn connect(publisher: &mut Peer, subscriber: &mut Peer) {
    subscriber.tell("heard");
    let heard = subscriber.line_while(|| publisher.order("publish-l2 8001 hello"));
    assert_eq!(heard, "hello");
}

#[test]
fn subscriber_gets_events_and_field_changes() {
    let network = Network::new("usubscription");
    let options = [WRAPPED, "--notify-by-event"];
    let mut usubscription = network.peer_with(PEER, "usubscription", USUBSCRIPTION, &options);
    usubscription.order("serve-usubscription");
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &[WRAPPED]);
    let mut subscriber = network.peer_with(PEER, "one", "//subscriber/5403/1/0", &[WRAPPED]);
    let mut other = network.peer_with(PEER, "other", "//subscriber/5404/1/0", &[WRAPPED]);
    for subscriber in [&mut subscriber, &mut other] {
        subscriber.order(&format!("subscribe-l2 {NEWS}"));
    }
    other.order(&format!("register-l2 {NEWS}"));
    assert_eq!(usubscription.ask("wishes"), "subscribed 2 registered 1");

    for subscriber in [&mut subscriber, &mut other] {
        subscriber.tell("changed");
        let tell = format!("tell {NEWS} SUBSCRIBED");
        let change = subscriber.line_while(|| usubscription.order(&tell));
        assert_eq!(change, format!("{NEWS} SUBSCRIBED"));
        connect(&mut publisher, subscriber);
    }
    publisher.order("publish-l2 8001 news");
    for subscriber in [&mut subscriber, &mut other] {
        subscriber.ask_until("heard", |heard| heard == "news");
    }

    subscriber.order(&format!("unsubscribe-l2 {NEWS}"));
    assert_eq!(usubscription.ask("wishes"), "subscribed 1 registered 1");
    publisher.order("publish-l2 8001 late");
    assert_eq!(other.ask("heard"), "late");
    assert_eq!(subscriber.ask("heard-so-far"), "[]");
}

#[test]
fn subscribing_needs_usubscription_service() {
    let network = Network::new("subscriber");
    let mut subscriber = network.peer_with(PEER, "subscriber", "//subscriber/5403/1/0", &[WRAPPED]);
    let error = subscriber.ask(&format!("subscribe-l2 {NEWS}"));
    assert!(error.contains("failed to invoke USubscription service"), "{error}");
}
