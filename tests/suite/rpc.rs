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

//! Requests and responses.

use harness::Network;

use crate::PEER;

const METHOD: &str = "//service/5000/1/421";
const SERVICE: &str = "//service/5000/1/0";
const CLIENT: &str = "//client/5001/1/0";

#[test]
fn requests_are_answered() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("serve {METHOD}"));
    assert_eq!(client.ask(&format!("call {METHOD} 100 1 10000")), "answered 100 failed {}");
    client.end();
    service.end();
}

#[test]
fn service_is_awaited() {
    let network = Network::new("client");
    let mut client = network.peer(PEER, "client", CLIENT);
    client.tell(&format!("await {SERVICE}"));
    assert_eq!(client.line_soon(), None);
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    assert_eq!(client.line(), "ok");
}

#[test]
fn request_waits_for_service() {
    let network = Network::new("client");
    let mut client = network.peer(PEER, "client", CLIENT);
    client.tell(&format!("call {METHOD} 3 3 60000"));
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    assert_eq!(client.line(), "answered 3 failed {}");
}

#[test]
fn request_to_nobody_expires() {
    let network = Network::new("client");
    let mut client = network.peer(PEER, "client", CLIENT);
    let answer = client.ask(&format!("call {METHOD} 2 2 200"));
    assert_eq!(answer, "answered 0 failed {UNAVAILABLE: 2}");
}

#[test]
fn status_of_response_arrives() {
    // Whoever hosts the routing manager: errors take another way to it than to other processes.
    for routing in ["service", "client"] {
        let network = Network::new(routing);
        let mut service = network.peer(PEER, "service", SERVICE);
        let mut client = network.peer(PEER, "client", CLIENT);
        for (method, status, arriving) in [
            (1, "NOT_FOUND", "NOT_FOUND"),
            (2, "UNAVAILABLE", "UNAVAILABLE"),
            (3, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
            (4, "PERMISSION_DENIED", "UNKNOWN"),
        ] {
            let method = format!("//service/5000/1/{method}");
            service.order(&format!("refuse {method} {status}"));
            let answer = client.ask(&format!("call {method} 2 1 10000"));
            assert_eq!(answer, format!("answered 0 failed {{{arriving}: 2}}"), "{routing}");
        }
        service.order(&format!("refuse {METHOD} OK"));
        assert_eq!(client.ask(&format!("call {METHOD} 2 1 10000")), "answered 2 failed {}");
    }
}

#[test]
fn all_listeners_of_method_get_request() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("serve {METHOD}"));
    service.order(&format!("serve {METHOD}"));
    // The first answer counts; the second finds no request.
    assert_eq!(client.ask(&format!("call {METHOD} 5 1 10000")), "answered 5 failed {}");
    service.ask_until("metrics", |metrics| metrics.contains("received: 5, delivered: 10"));
}

/// A session id has 16 bits: it comes round after 65,535 requests, and vsomeip skips 0.
#[test]
fn responses_match_across_session_wrap() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("serve {METHOD}"));
    let answer = client.ask(&format!("call {METHOD} 70000 500 60000"));
    assert_eq!(answer, "answered 70000 failed {}");
}

#[test]
fn service_answers_its_own_process() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    assert_eq!(service.ask(&format!("call {METHOD} 10 2 10000")), "answered 10 failed {}");
}

#[test]
fn instance_is_upper_half_of_entity() {
    let network = Network::new("one");
    let mut one = network.peer(PEER, "one", "//service/5000/1/0");
    let mut client = network.peer(PEER, "client", CLIENT);
    one.order("serve //service/75000/1/421");
    let answer = client.ask("call //service/75000/1/421 5 1 10000");
    assert_eq!(answer, "answered 5 failed {}");
    let answer = client.ask("call //service/85000/1/421 1 1 200");
    assert_eq!(answer, "answered 0 failed {UNAVAILABLE: 1}");
}

/// What vsomeip has queued for a handler reaches nobody once that is gone.
#[test]
fn brief_listeners_lose_no_requests() {
    const ANY: &str = "//*/FFFFFFFF/FF/FFFF";
    let services = serde_json::json!([{ "service": "0x5000", "instance": "1" }]);
    let network = Network::new("service").with_services(services);
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("route {ANY} {ANY}"));
    client.tell(&format!("call {METHOD} 20000 500 20000"));
    assert_eq!(service.ask(&format!("churn-requests {METHOD} 20")), "late 0");
    assert_eq!(client.line(), "answered 20000 failed {}");
}
