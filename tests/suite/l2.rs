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

use harness::Network;

use crate::PEER;

const METHOD: &str = "//service/5400/1/7";
const SERVICE: &str = "//service/5400/1/0";
const CLIENT: &str = "//client/5401/1/0";
const TOPIC: &str = "//service/5400/1/8001";

#[test]
fn an_rpc_client_calls_an_rpc_server() {
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
fn a_notifier_notifies_a_listener_by_a_request_without_return() {
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
fn a_notifier_notifies_a_listener_by_an_event() {
    let network = Network::new("service");
    let mut service = network.peer_with(PEER, "service", SERVICE, &["--notify-by-event"]);
    let mut client = network.peer(PEER, "client", CLIENT);
    client.order(&format!("listen {TOPIC}"));
    client.tell("received 1");
    for number in 1.. {
        service.order(&format!("notify 8001 {CLIENT} {number}"));
        if client.line_soon().is_some() {
            break;
        }
    }
}
