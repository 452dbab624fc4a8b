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

//! Listeners that block their thread do not delay anything else.

use harness::Network;

use crate::PEER;

const TOPIC: &str = "//publisher/5900/1/8001";
const SILENT: &str = "//publisher/5900/1/421";
const ABSENT: &str = "//publisher/5902/1/421";
const PUBLISHER: &str = "//publisher/5900/1/0";
const CLIENT: &str = "//client/5901/1/0";

/// Has listeners call a method and block until another listener was told of the end of that. What it
/// was told must be as given.
fn assert_told(options: &[&str], blocked: usize, method: &str, status: &str) {
    let network = Network::new("publisher");
    // Its silence lasts longer than the test.
    let silence = ["--request-ttl", "600000"];
    let mut publisher = network.peer_with(PEER, "publisher", PUBLISHER, &silence);
    let mut client = network.peer_with(PEER, "client", CLIENT, options);
    publisher.order(&format!("take {SILENT}"));
    client.order(&format!("await {PUBLISHER}"));
    client.order(&format!("subscribe {TOPIC}"));
    client.connect(&mut publisher, TOPIC);
    client.order(&format!("block-until-told {blocked} {TOPIC} {method} 500"));
    // They are quick with these, which earns them vsomeip's own thread.
    for number in 1..=30 {
        publisher.order(&format!("publish {TOPIC} {number} 1"));
        assert_eq!(client.ask("received 1"), format!("{number}..{number}"));
    }
    publisher.order(&format!("publish {TOPIC} 0 1"));
    let told = client.ask(&format!("told {blocked}"));
    assert_eq!(told, format!("[{}]", vec![status; blocked].join(", ")));
}

const ONE_OF_TWO: [&[&str]; 2] = [&["--threads", "2"], &["--threads", "2", "--no-inline"]];
const THREE_OF_FOUR: [&[&str]; 2] = [&["--threads", "4"], &["--threads", "4", "--no-inline"]];

#[test]
fn blocked_listener_stops_no_deadline() {
    for options in ONE_OF_TWO {
        assert_told(options, 1, SILENT, "DEADLINE_EXCEEDED");
    }
}

#[test]
fn blocked_listener_stops_no_waiting_request() {
    for options in ONE_OF_TWO {
        assert_told(options, 1, ABSENT, "UNAVAILABLE");
    }
}

#[test]
fn blocked_listeners_stop_no_deadline() {
    for options in THREE_OF_FOUR {
        assert_told(options, 3, SILENT, "DEADLINE_EXCEEDED");
    }
}

#[test]
fn blocked_listeners_stop_no_waiting_request() {
    for options in THREE_OF_FOUR {
        assert_told(options, 3, ABSENT, "UNAVAILABLE");
    }
}
