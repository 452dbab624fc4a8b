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

//! How many threads a transport has, besides those of vsomeip.

use harness::{Network, Peer};

use crate::PEER;

const METHOD: &str = "//service/8900/1/421";
const BLOCKING: [&str; 3] =
    ["//service/8900/1/422", "//service/8900/1/423", "//service/8900/1/424"];
const WAITING: &str = "//service/8900/1/425";
const SERVICE: &str = "//service/8900/1/0";
const CLIENT: &str = "//client/8901/1/0";

/// The threads that a plain vsomeip program does not have.
fn own_threads(resources: &str) -> Vec<&str> {
    let is_own = |name: &&str| name.starts_with("up-vsomeip") || *name == "vsomeip-log";
    resources.split(' ').filter(is_own).collect()
}

const ALWAYS: [&str; 2] = ["up-vsomeip-ctl", "up-vsomeip-rt"];

fn await_two_threads(peer: &mut Peer) {
    peer.ask_until("resources", |now| own_threads(now) == ALWAYS);
}

fn await_workers(peer: &mut Peer, count: usize) {
    let is_worker = |name: &&str| *name == "up-vsomeip";
    peer.ask_until("resources", |now| {
        own_threads(now).into_iter().filter(is_worker).count() == count
    });
}

#[test]
fn quick_listeners_need_two_threads() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("serve {METHOD}"));
    for _ in 0..2 {
        assert_eq!(client.ask(&format!("call {METHOD} 100 1 60000")), "answered 100 failed {}");
        await_two_threads(&mut client);
        await_two_threads(&mut service);
    }
}

#[test]
fn blocking_listeners_get_threads() {
    let network = Network::new("service");
    let mut service = network.peer_with(PEER, "service", SERVICE, &["--threads", "2"]);
    let mut client = network.peer(PEER, "client", CLIENT);
    for (number, method) in BLOCKING.iter().enumerate() {
        service.order(&format!("gate blocks {number} {method}"));
    }
    client.order(&format!("await {SERVICE}"));
    for method in BLOCKING {
        client.order(&format!("request {method} 1 600000"));
    }
    // There are no more than are configured, so the third call has not begun.
    service.order("entered 0 1");
    service.order("entered 1 1");
    await_workers(&mut service, 2);
    service.order("open 0");
    service.order("entered 2 1");
    service.order("open 1");
    service.order("open 2");
    await_two_threads(&mut service);
}

#[test]
fn waiting_listener_keeps_no_thread() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("gate waits one {WAITING}"));
    client.order(&format!("await {SERVICE}"));
    client.order(&format!("request {WAITING} 2 600000"));
    service.order("entered one 1");
    await_two_threads(&mut service);
    service.order("open one");
    service.order("entered one 2");
    await_two_threads(&mut service);
}
