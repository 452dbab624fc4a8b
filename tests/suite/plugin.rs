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
//! The transport in a library that a host without tokio loads at run time.

use harness::{workspace, Peer};
use serde_json::json;

use crate::PEER;

/// Of the plugin, which asks the ECU, and publishes what the ECU has published.
const METHOD: &str = "//plugin/5701/1/421";
const TOPIC: &str = "//plugin/5701/1/8001";
/// Of the ECU.
const ECU_METHOD: &str = "//ecu/5702/1/422";
const ECU_TOPIC: &str = "//ecu/5702/1/8002";

/// What the plugin talks to.
struct Network {
    network: harness::Network,
    ecu: Peer,
    client: Peer,
}

impl Network {
    /// The log of vsomeip goes to a place such as `silent`.
    fn new(log: &str) -> Self {
        let options = json!({ "payload_format": "raw", "vsomeip_log": log });
        // The routing manager receives no events, as service discovery is off: the client does.
        let network = harness::Network::new("ecu").with_setting("uprotocol", options);
        let mut ecu = network.peer(PEER, "ecu", "//ecu/5702/1/0");
        ecu.order(&format!("serve {ECU_METHOD}"));
        let mut client = network.peer(PEER, "client", "//ecu/5703/1/0");
        client.order(&format!("subscribe {TOPIC}"));
        Self { network, ecu, client }
    }

    /// A host that has loaded the plugin.
    fn host(&self) -> Peer {
        let mut command = self.network.command("python3");
        command.arg(workspace().join("tests/plugin/host.py")).arg(library());
        command.env("UP_PLUGIN_CONFIG", self.network.config("plugin", 0x5701));
        command.env("UP_PLUGIN_METHOD", ECU_METHOD).env("UP_PLUGIN_TOPIC", ECU_TOPIC);
        let mut host = Peer::spawn("host", &mut command);
        assert_eq!(host.line(), "ready");
        host.order("load");
        host
    }

    /// Requests and events pass to the plugin, and from it.
    fn use_plugin(&mut self) {
        let is_answered = |answer: &str| answer == "answered 1 failed {}";
        self.client.ask_until(&format!("call {METHOD} 1 1 10000"), is_answered);
        let answer = self.client.ask(&format!("call {METHOD} 100 8 60000"));
        assert_eq!(answer, "answered 100 failed {}");

        self.client.tell(&format!("connected {TOPIC}"));
        let probe = || self.ecu.order(&format!("probe {ECU_TOPIC}"));
        assert_eq!(self.client.line_while(probe), "ok");
        self.ecu.order(&format!("publish {ECU_TOPIC} 1 100"));
        assert_eq!(self.client.ask("received 100"), "1..100");
    }
}

/// Cargo builds it beside the test program.
fn library() -> std::path::PathBuf {
    let program = std::env::current_exe().expect("the test program");
    program.with_file_name("libplugin.so")
}

/// The end of a plugin ends its threads, and it can start again.
#[test]
fn plugin_starts_again_after_end() {
    let mut network = Network::new("bridged");
    let mut host = network.host();
    for _ in 0..2 {
        host.order("start");
        network.use_plugin();
        host.order("stop");
        host.ask_until("threads", |threads| threads == "python3");
    }
    host.end();
}

#[test]
fn host_outlives_closed_plugin() {
    for log in ["bridged", "console", "silent"] {
        let mut network = Network::new(log);
        let mut host = network.host();
        for _ in 0..3 {
            host.order("start");
            network.use_plugin();
            host.order("stop");
            host.order("unload");
            // What it leaves to the host, such as the buffer of std::cout, needs its code.
            assert_eq!(host.ask("mapped"), "yes", "{log}");
            host.order("load");
        }
        host.end();
    }
}

/// A host that is stopped does not stop its plugins.
#[test]
fn host_ends_with_running_plugin() {
    let mut network = Network::new("bridged");
    let mut host = network.host();
    host.order("start");
    network.use_plugin();
    host.end();
}
