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

//! Each row of the specification's table of filters works, without any other registration.

use harness::{Network, Peer};
use serde_json::json;

use crate::PEER;

const LISTENER: &str = "//listener/5A00/1/0";
const METHOD: &str = "//listener/5A00/1/421";
const SENDER: &str = "//remote/5A01/1/0";
const TOPIC: &str = "//remote/5A01/1/8001";
const SENDER_METHOD: &str = "//remote/5A01/1/421";
const ANYBODY: &str = "//*/FFFFFFFF/FF/FFFF";

/// A listener and a sender, neither of which hosts the routing manager.
struct Setup {
    listener: Peer,
    sender: Peer,
    _router: Peer,
    network: Network,
}

impl Setup {
    fn new() -> Self {
        Self::with_options(&[])
    }

    fn with_options(options: &[&str]) -> Self {
        Self::on(Network::new("router"), options)
    }

    fn on(network: Network, options: &[&str]) -> Self {
        let router = network.peer(PEER, "router", "//router/5A09/1/0");
        let listener = network.peer_with(PEER, "listener", LISTENER, options);
        let sender = network.peer_with(PEER, "sender", SENDER, options);
        Self { listener, sender, _router: router, network }
    }

    /// Nothing but this filter is registered.
    fn listening(source: &str, sink: &str) -> Self {
        let mut setup = Self::new();
        setup.listener.order(&format!("filter {source} {sink}"));
        setup
    }

    fn assert_notified(&mut self, sink: &str) {
        for number in 1..=3 {
            self.sender.order(&format!("notify 8001 {sink} {number}"));
        }
        assert_eq!(self.listener.ask("received 3"), "1..3", "{sink}");
    }

    /// The request stays unanswered.
    fn assert_requested(&mut self) {
        self.sender.order(&format!("request-only {METHOD} 3 60000"));
        assert_eq!(self.listener.ask("received 3"), "1..3");
    }

    fn assert_published(&mut self) {
        self.sender.order(&format!("publish {TOPIC} 1 3"));
        assert_eq!(self.listener.ask("received 3"), "1..3");
    }

    fn assert_answered(&mut self) {
        self.sender.order(&format!("serve {SENDER_METHOD}"));
        self.listener.order(&format!("request-only {SENDER_METHOD} 3 60000"));
        assert_eq!(self.listener.ask("received 3"), "1..3");
    }
}

#[test]
fn topic_receives_its_events_only() {
    let mut setup = Setup::new();
    setup.listener.order(&format!("subscribe {TOPIC}"));
    setup.assert_published();
}

#[test]
fn wildcard_topic_receives_all_events() {
    let services = json!([{ "service": "0x5a01", "instance": "1",
        "events": [{ "event": "0x8001" }] }]);
    let mut setup = Setup::on(Network::new("router").with_services(services), &[]);
    setup.listener.order("subscribe //remote/5A01/FF/FFFF");
    setup.assert_published();
}

#[test]
fn filter_for_notifications_receives_them() {
    let mut setup = Setup::listening(TOPIC, LISTENER);
    // As an event, and as a request without return.
    setup.assert_published();
    setup.assert_notified(LISTENER);
}

#[test]
fn filter_for_method_receives_requests() {
    for source in ["//*/FFFFFFFF/FF/0", ANYBODY] {
        Setup::listening(source, METHOD).assert_requested();
    }
}

#[test]
fn filter_for_method_receives_responses() {
    Setup::listening(SENDER_METHOD, LISTENER).assert_answered();
}

#[test]
fn filter_for_notifications_and_responses() {
    for source in [ANYBODY, "//remote/FFFF5A01/FF/FFFF"] {
        let mut setup = Setup::listening(source, LISTENER);
        // The sender is the client of this id.
        setup.assert_notified(LISTENER);
        setup.assert_answered();
    }
}

#[test]
fn wildcard_sink_for_notifications() {
    for sink in ["//listener/FFFFFFFF/FF/0", "//listener/5A00/FF/0", "//*/FFFF5A00/1/0"] {
        let mut setup = Setup::listening(ANYBODY, sink);
        setup.assert_notified(LISTENER);
        setup.assert_answered();
    }
}

/// In another version than that of the local entity.
#[test]
fn notifications_to_other_version() {
    let sink = "//listener/5A00/3/0";
    Setup::listening(ANYBODY, sink).assert_notified(sink);
}

#[test]
fn filter_for_entity_receives_all() {
    for sink in ["//listener/5A00/1/FFFF", "//listener/FFFFFFFF/FF/FFFF"] {
        let mut setup = Setup::listening(ANYBODY, sink);
        setup.assert_notified(LISTENER);
        setup.assert_requested();
        setup.assert_answered();
    }
}

#[test]
fn registering_again_offers_again() {
    let mut setup = Setup::new();
    for _ in 0..3 {
        setup.listener.order(&format!("filter {ANYBODY} {LISTENER}"));
        setup.assert_notified(LISTENER);
        setup.listener.order(&format!("unfilter {ANYBODY} {LISTENER}"));
        // What is sent to an offer that is just being withdrawn may be lost.
        setup.sender.order(&format!("away {LISTENER}"));
    }
}

/// The listener does not mind in which version its service is offered; somebody else does.
#[test]
fn implicit_offer_yields_to_other_version() {
    // Without a port, vsomeip 3.4.10 remembers the first version for ever.
    let services = json!([{ "service": "0x5a00", "instance": "1", "unreliable": "30590" }]);
    let mut setup = Setup::on(Network::new("router").with_services(services), &[]);
    setup.listener.order(&format!("filter {ANYBODY} {LISTENER}"));
    setup.assert_notified(LISTENER);
    let method = "//listener/5A00/2/421";
    setup.listener.order(&format!("serve {method}"));
    // vsomeip drops what reaches a service while it changes its version.
    let is_answered = |answer: &str| answer == "answered 1 failed {}";
    setup.sender.ask_until(&format!("call {method} 1 1 1000"), is_answered);
    assert_eq!(setup.sender.ask(&format!("call {method} 3 1 60000")), "answered 3 failed {}");
}

#[test]
fn implicit_offer_keeps_other_version() {
    let mut setup = Setup::new();
    let method = "//listener/5A00/2/421";
    setup.listener.order(&format!("serve {method}"));
    setup.listener.order(&format!("filter {ANYBODY} {LISTENER}"));
    assert_eq!(setup.sender.ask(&format!("call {method} 3 1 60000")), "answered 3 failed {}");
}

/// Two transports have the same entity. The one that offers its service gets what is sent to that, the
/// other one its responses, and in time the offer.
#[test]
fn offer_of_another_application_stays() {
    let mut setup = Setup::with_options(&["--wrapped-payloads"]);
    setup.listener.order(&format!("serve-l2 {METHOD}"));
    assert_eq!(setup.sender.ask(&format!("call-l2 {METHOD} a")), "A");
    let Setup { mut listener, mut sender, network, .. } = setup;
    let config = network.config("twin", 0x5A05);
    let mut command = network.command(PEER);
    command.arg("--config").arg(config).args(["--local", LISTENER, "--wrapped-payloads"]);
    let mut twin = Peer::spawn("twin", &mut command);
    assert_eq!(twin.line(), "ready");
    // An RPC client registers such a filter.
    sender.order(&format!("serve-l2 {SENDER_METHOD}"));
    assert_eq!(twin.ask(&format!("call-l2 {SENDER_METHOD} b")), "B");
    assert_eq!(sender.ask(&format!("call-l2 {METHOD} c")), "C");
    assert_eq!(listener.ask(&format!("call-l2 {SENDER_METHOD} d")), "D");
    twin.order(&format!("filter {ANYBODY} {LISTENER}"));
    listener.end();
    // It has payloads of no certain format.
    let mut other = network.peer(PEER, "other", "//remote/5A03/1/0");
    twin.tell("received 1");
    let taken = twin.line_while(|| other.order(&format!("notify 8001 {LISTENER} 1")));
    assert!(taken == "1..1" || taken.starts_with("[1, 1"), "{taken}");
}
