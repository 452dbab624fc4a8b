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

//! Payloads of any size between processes of one host.

use harness::{repeat, Network, Peer};
use serde_json::json;

use crate::PEER;

const METHOD: &str = "//service/5800/1/421";
const TOPIC: &str = "//service/5800/1/8001";
const SERVICE: &str = "//service/5800/1/0";
const CLIENT: &str = "//client/5801/1/0";

const SIZES: [usize; 7] = [0, 1, 1399, 1400, 1401, 65_536, 1_048_576];

fn peers(network: &Network) -> (Peer, Peer) {
    let mut service = network.peer_with(PEER, "service", SERVICE, &["--offer", TOPIC]);
    service.order(&format!("serve {METHOD}"));
    (service, network.peer(PEER, "client", CLIENT))
}

/// Waits until events arrive.
fn connect(service: &mut Peer, client: &mut Peer) {
    client.order(&format!("subscribe-sized {TOPIC}"));
    client.tell("sized");
    client.line_while(|| service.order(&format!("publish-sized {TOPIC} 2")));
}

/// The size of the next event that does not only tell of the connection.
fn next_size(client: &mut Peer) -> String {
    repeat(|| {
        let size = client.ask("sized");
        if size == "2 bytes" {
            Err("only events of 2 bytes came".to_owned())
        } else {
            Ok(size)
        }
    })
}

#[test]
fn requests_and_responses_of_any_size_arrive() {
    // Whoever hosts the routing manager.
    for routing in ["service", "client"] {
        let network = Network::new(routing);
        let (_service, mut client) = peers(&network);
        for size in SIZES {
            let answer = client.ask(&format!("call-sized {METHOD} {size} 60000"));
            assert_eq!(answer, format!("{size} bytes"));
        }
    }
}

#[test]
fn events_of_any_size_arrive() {
    let network = Network::new("service");
    let (mut service, mut client) = peers(&network);
    connect(&mut service, &mut client);
    for size in SIZES {
        service.order(&format!("publish-sized {TOPIC} {size}"));
        assert_eq!(next_size(&mut client), format!("{size} bytes"));
    }
}

/// vsomeip itself would drop it, and tell only its log.
#[test]
fn payload_beyond_limit_is_refused() {
    let network = Network::new("service").with_setting("max-payload-size-local", json!("5000"));
    let (mut service, mut client) = peers(&network);
    connect(&mut service, &mut client);
    assert_eq!(client.ask(&format!("call-sized {METHOD} 5000 60000")), "5000 bytes");
    service.order(&format!("publish-sized {TOPIC} 5000"));
    assert_eq!(next_size(&mut client), "5000 bytes");
    let too_large = |answer: &str| {
        answer.contains("INVALID_ARGUMENT")
            && answer.contains("5001 bytes")
            && answer.contains("max-payload-size-local")
    };
    let answer = client.ask(&format!("call-sized {METHOD} 5001 60000"));
    assert!(too_large(&answer), "{answer}");
    let answer = service.ask(&format!("publish-sized {TOPIC} 5001"));
    assert!(too_large(&answer), "{answer}");
}

/// What has a port may have subscribers on other hosts, which do not get it. Those on this one do.
#[test]
fn port_limits_nothing_on_host() {
    let services = json!([{ "service": "0x5800", "instance": "1", "unreliable": "35800" }]);
    let network = Network::new("service").with_services(services);
    let (mut service, mut client) = peers(&network);
    connect(&mut service, &mut client);
    assert_eq!(client.ask(&format!("call-sized {METHOD} 65536 60000")), "65536 bytes");
    service.ask_until("metrics", |metrics| metrics.contains("too_large_for_network: 1"));
    service.order(&format!("publish-sized {TOPIC} 65536"));
    assert_eq!(next_size(&mut client), "65536 bytes");
}
