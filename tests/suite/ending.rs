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

//! Shutdown with messages in flight: all callers get an answer, and nothing leaks.

use harness::{Network, Peer};

use crate::PEER;

const METHOD: &str = "//service/5A00/1/421";
const TOPIC: &str = "//service/5A00/1/8001";
const SERVICE: &str = "//service/5A00/1/0";
const CLIENT: &str = "//client/5A01/1/0";
const ABSENT: &str = "//service/5A02/1/421";
const ROUTER: &str = "//router/5A03/1/0";

const ALL_REFUSED: &str = "answered 0 failed {UNAVAILABLE: 1}";

fn peers(routing: &str) -> (Network, Peer, Peer) {
    let network = Network::new(routing);
    let service = network.peer(PEER, "service", SERVICE);
    let client = network.peer(PEER, "client", CLIENT);
    (network, service, client)
}

/// Four requests for a listener of the service: the first one keeps it, the others are queued. They
/// have more time than the test.
fn keep_listener(service: &mut Peer, client: &mut Peer, gate: &str) {
    service.order(&format!("{gate} listener {METHOD}"));
    client.order(&format!("request {METHOD} 4 600000"));
    assert_kept(service);
}

fn assert_kept(peer: &mut Peer) {
    peer.order("entered listener 1");
    peer.ask_until("metrics", |metrics| metrics.contains("for_listeners: 3"));
}

fn await_gone(peer: &mut Peer) {
    peer.ask_until("gone listener", |is_gone| is_gone == "true");
    peer.ask_until("gone transport", |is_gone| is_gone == "true");
}

/// Starts the transport again, as soon as its name is free, and has it called.
fn assert_restarts(service: &mut Peer, client: &mut Peer) {
    service.ask_until("restart", |answer| answer == "ok");
    service.order(&format!("serve {METHOD}"));
    let call = format!("call {METHOD} 1 1 2000");
    client.ask_until(&call, |answer| answer.starts_with("answered 1 failed {}"));
}

#[test]
fn shutdown_drops_listener_of_queued_requests() {
    let (_network, mut service, mut client) = peers("client");
    keep_listener(&mut service, &mut client, "gate waits");
    service.order("shutdown");
    service.order("discard here");
    await_gone(&mut service);
}

#[test]
fn shutdown_drops_listener_of_queued_events() {
    let (_network, mut publisher, mut client) = peers("service");
    client.order(&format!("subscribe {TOPIC}"));
    client.connect(&mut publisher, TOPIC);
    // No probe is on its way any more.
    publisher.order(&format!("publish {TOPIC} 9 1"));
    assert_eq!(client.ask("received 1"), "9..9");
    client.order(&format!("gate waits listener {TOPIC}"));
    publisher.order(&format!("publish {TOPIC} 1 4"));
    assert_kept(&mut client);
    client.order("shutdown");
    client.order("discard here");
    await_gone(&mut client);
}

#[test]
fn drop_drops_listener_of_queued_requests() {
    let (_network, mut service, mut client) = peers("client");
    keep_listener(&mut service, &mut client, "gate waits");
    service.order("discard here");
    await_gone(&mut service);
}

#[test]
fn shutdown_drops_listener_that_owns_transport() {
    let (_network, mut service, mut client) = peers("client");
    keep_listener(&mut service, &mut client, "gate-owner waits");
    service.order("shutdown");
    service.order("discard here");
    await_gone(&mut service);
    assert_restarts(&mut service, &mut client);
}

#[test]
fn shutdown_drops_idle_owner_of_transport() {
    let (_network, mut service, mut client) = peers("client");
    service.order(&format!("gate-owner waits listener {METHOD}"));
    service.order("shutdown");
    service.order("discard here");
    await_gone(&mut service);
    assert_restarts(&mut service, &mut client);
}

#[test]
fn shutdown_drops_listener_that_blocks() {
    for gate in ["gate blocks", "gate-owner blocks"] {
        let (_network, mut service, mut client) = peers("client");
        keep_listener(&mut service, &mut client, gate);
        // It is not waited for, however long it takes.
        service.order("shutdown");
        service.order("discard here");
        assert_eq!(service.ask("gone listener"), "false", "{gate}");
        service.order("open listener");
        await_gone(&mut service);
        assert_restarts(&mut service, &mut client);
    }
}

#[test]
fn shutdown_fails_unanswered_requests() {
    let (_network, mut service, mut client) = peers("service");
    service.order(&format!("take {METHOD}"));
    client.order(&format!("request {METHOD} 1 600000"));
    assert_eq!(service.ask("received 1"), "0..0");
    client.order("shutdown");
    assert_eq!(client.ask("answers 1"), ALL_REFUSED);
}

#[test]
fn shutdown_fails_waiting_requests() {
    let (_network, _service, mut client) = peers("service");
    client.order(&format!("request {ABSENT} 1 600000"));
    client.ask_until("metrics", |metrics| metrics.contains("for_services: 1"));
    client.order("shutdown");
    assert_eq!(client.ask("answers 1"), ALL_REFUSED);
}

#[test]
fn shutdown_answers_callers() {
    for routing in ["router", "client"] {
        let network = Network::new(routing);
        let router = || network.peer(PEER, "router", ROUTER);
        let _router = (routing == "router").then(router);
        let mut service = network.peer(PEER, "service", SERVICE);
        let mut client = network.peer(PEER, "client", CLIENT);
        keep_listener(&mut service, &mut client, "gate waits");
        service.order("shutdown");
        let answer = client.ask("answers 4");
        assert!(answer.starts_with("answered 0 failed {"), "{routing}: {answer}");
        assert!(!answer.contains("DEADLINE_EXCEEDED"), "{routing}: {answer}");
    }
}
