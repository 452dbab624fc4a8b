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

//! A URI without an authority belongs to the local authority.

use harness::{Network, Peer};

use crate::PEER;

const SERVICE: &str = "//vehicle/5B00/1/0";
const CLIENT: &str = "//vehicle/5B01/1/0";
const METHOD: &str = "//vehicle/5B00/1/421";

/// Two entities of one authority.
fn peers() -> (Network, Peer, Peer) {
    let network = Network::new("service");
    let service = network.peer(PEER, "service", SERVICE);
    let client = network.peer(PEER, "client", CLIENT);
    (network, service, client)
}

#[test]
fn sink_without_authority_is_local() {
    let (_network, mut service, mut client) = peers();
    service.order("serve /5B00/1/421");
    assert_eq!(client.ask(&format!("call {METHOD} 10 1 20000")), "answered 10 failed {}");
}

#[test]
fn response_sink_without_authority_is_local() {
    let (_network, mut service, mut client) = peers();
    service.order(&format!("serve {METHOD}"));
    client.order(&format!("route {METHOD} /5B01/1/0"));
    assert_eq!(client.ask(&format!("call {METHOD} 10 1 20000")), "answered 10 failed {}");
    client.order("routed 10");
}

#[test]
fn method_without_authority_is_local() {
    let (_network, mut service, mut client) = peers();
    service.order(&format!("serve {METHOD}"));
    assert_eq!(client.ask("call /5B00/1/421 10 1 20000"), "answered 10 failed {}");
}

/// Has the client get events of the service.
fn connect(service: &mut Peer, client: &mut Peer, topic: &str) {
    client.order(&format!("subscribe {topic}"));
    client.tell(&format!("connected {topic}"));
    assert_eq!(client.line_while(|| service.order("probe /5B00/1/8001")), "ok");
}

#[test]
fn topic_without_authority_is_local() {
    let (_network, mut service, mut client) = peers();
    connect(&mut service, &mut client, "/5B00/1/8001");
    service.order("publish /5B00/1/8001 1 10");
    assert_eq!(client.ask("received 10"), "1..10");
}

#[test]
fn topic_without_authority_is_not_foreign() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let options = ["--authority", "5B00=brakes"];
    let mut client = network.peer_with(PEER, "client", CLIENT, &options);
    client.order("subscribe-as local /5B00/1/8001");
    connect(&mut service, &mut client, "//brakes/5B00/1/8001");
    service.order("publish /5B00/1/8001 1 10");
    assert_eq!(client.ask("received 10"), "1..10");
    assert_eq!(client.ask("received-as local 0"), "[]");
}

#[test]
fn own_authority_unregisters_filter_without_it() {
    let (_network, mut service, mut client) = peers();
    connect(&mut service, &mut client, "/5B00/1/8001");
    client.order("unsubscribe //vehicle/5B00/1/8001");
}
