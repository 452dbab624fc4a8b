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

//! A uStreamer's filters for all messages between two authorities.

use harness::Network;
use serde_json::json;

use crate::PEER;

const ECUS: &str = "//remote/FFFFFFFF/FF/FFFF";
const HOST: &str = "//host/FFFFFFFF/FF/FFFF";
const OTHERS: &str = "//elsewhere/FFFFFFFF/FF/FFFF";

/// The service of a uEntity on the host's side, which the ECUs may call.
const HOST_METHOD: &str = "//host/5602/1/421";
/// The service of an ECU.
const ECU_METHOD: &str = "//remote/5601/1/421";

fn network() -> Network {
    let services = json!([{ "service": "0x5602", "instance": "0x0001" }]);
    Network::new("streamer").with_services(services)
}

#[test]
fn route_gets_requests_and_responses() {
    let network = network();
    let mut streamer = network.peer_with(PEER, "streamer", "//host/5610/1/0", &["--streamer"]);
    streamer.order(&format!("route {ECUS} {HOST}"));
    // A second route beside it, to nobody who is here.
    streamer.order(&format!("route {ECUS} {OTHERS}"));

    let mut ecu = network.peer(PEER, "ecu", "//remote/5611/1/0");
    assert_eq!(ecu.ask(&format!("call {HOST_METHOD} 10 2 20000")), "answered 10 failed {}");

    ecu.order(&format!("serve {ECU_METHOD}"));
    let answer = streamer.ask(&format!("call {ECU_METHOD} 10 2 20000"));
    assert_eq!(answer, "answered 10 failed {}");
    streamer.order("routed 10");
}

#[test]
fn route_is_removed_and_added() {
    let network = network();
    let mut streamer = network.peer_with(PEER, "streamer", "//host/5610/1/0", &["--streamer"]);
    let mut ecu = network.peer(PEER, "ecu", "//remote/5611/1/0");
    for _ in 0..3 {
        streamer.order(&format!("route {ECUS} {HOST}"));
        assert_eq!(ecu.ask(&format!("call {HOST_METHOD} 1 1 20000")), "answered 1 failed {}");
        streamer.order(&format!("unroute {ECUS} {HOST}"));
        let error = streamer.ask(&format!("unroute {ECUS} {HOST}"));
        assert!(error.starts_with("error"), "{error}");
    }
}

#[test]
fn route_needs_no_services() {
    let network = Network::new("streamer");
    let mut streamer = network.peer_with(PEER, "streamer", "//host/5610/1/0", &["--streamer"]);
    streamer.order(&format!("route {ECUS} {HOST}"));
    let mut ecu = network.peer(PEER, "ecu", "//remote/5611/1/0");
    ecu.order(&format!("serve {ECU_METHOD}"));
    let answer = streamer.ask(&format!("call {ECU_METHOD} 3 1 20000"));
    assert_eq!(answer, "answered 3 failed {}");
    streamer.order("routed 3");
}

/// It forwards what others have published or asked; nobody else may send in the name of others.
#[test]
fn streamer_sends_messages_of_others() {
    let network = network();
    let mut streamer = network.peer_with(PEER, "streamer", "//host/5610/1/0", &["--streamer"]);
    let mut ecu = network.peer(PEER, "ecu", "//remote/5611/1/0");
    ecu.order("subscribe //elsewhere/5620/1/8001");
    ecu.tell("received 1");
    ecu.line_while(|| streamer.order("publish //elsewhere/5620/1/8001 1 1"));

    ecu.order("publish //remote/5621/1/8001 1 1");
    let error = ecu.ask("publish //elsewhere/5621/1/8001 1 1");
    assert!(error.contains("PERMISSION_DENIED"), "{error}");
}
