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
//! MQTT beyond the bridge, with Mosquitto as the broker.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use harness::{repeat, Peer};
use serde_json::json;
use tempfile::TempDir;

use crate::networks::*;
use crate::scenarios;

/// Debian has it in a folder that users do not search.
const PROGRAMS: [&str; 2] = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto"];

/// Nobody else's broker: it listens to this host only, keeps nothing, and lets nothing go.
struct Broker {
    process: Peer,
    program: &'static str,
    port: u32,
    directory: TempDir,
}

impl Broker {
    /// A broker; or none, and a line that says so, if Mosquitto is not installed.
    fn new() -> Option<Self> {
        let Some(program) = PROGRAMS.into_iter().find(|program| Path::new(program).exists()) else {
            let thread = std::thread::current();
            let test = thread.name().unwrap_or_default();
            // Not by a macro: what those print is shown for failed tests only.
            drop(writeln!(std::io::stderr(), "\nSKIPPED {test}: mosquitto is not installed"));
            return None;
        };
        let port = free_port();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let settings = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n             max_queued_messages 0\nlog_type error\n"
        );
        std::fs::write(directory.path().join("mosquitto.conf"), settings).expect("a file");
        Some(Self { process: start(program, directory.path(), port), program, port, directory })
    }

    fn networks(&self) -> Networks {
        let options = ["--mqtt".to_owned(), format!("mqtt://127.0.0.1:{}", self.port)];
        Networks::new(json!({ "payload_format": "raw" }), options.clone(), options)
    }

    fn end(&mut self, signal: &str) {
        end(&mut self.process, signal);
    }

    fn start(&mut self) {
        self.process = start(self.program, self.directory.path(), self.port);
    }
}

fn start(program: &str, directory: &Path, port: u32) -> Peer {
    let mut command = Command::new(program);
    let process = Peer::spawn("mosquitto", command.arg("-c").arg(directory.join("mosquitto.conf")));
    repeat(|| TcpStream::connect(format!("127.0.0.1:{port}")).map_err(|error| error.to_string()));
    process
}

/// Runs a scenario, if there is a broker.
fn run(scenario: fn(&Networks)) {
    if let Some(broker) = Broker::new() {
        scenario(&broker.networks());
    }
}

#[test]
fn client_calls_ecu() {
    run(scenarios::cloud_calls_ecu);
}

#[test]
fn ecu_calls_service() {
    run(scenarios::ecu_calls_cloud);
}

#[test]
fn events_of_ecu_reach_subscriber() {
    run(scenarios::events_reach_cloud);
}

#[test]
fn events_of_publisher_reach_ecu() {
    run(scenarios::events_reach_ecu);
}

#[test]
fn notifications_pass_in_both_directions() {
    run(scenarios::notifications_pass);
}

#[test]
fn several_clients_call_at_once() {
    run(scenarios::several_clients_call);
}

#[test]
fn absent_ecu_is_unavailable_within_ttl() {
    run(scenarios::absent_ecu_is_unavailable);
}

#[test]
fn messages_pass_after_restart_of_ecu() {
    run(scenarios::ecu_restarts);
}

#[test]
fn messages_pass_after_restart_of_bridge() {
    run(scenarios::bridge_restarts);
}

#[test]
fn messages_pass_after_restart_of_client() {
    run(scenarios::cloud_restarts);
}

#[test]
fn messages_pass_after_restart_of_broker() {
    let Some(mut broker) = Broker::new() else { return };
    let networks = broker.networks();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in scenarios::ENDS {
        // Nothing is on its way to it: the C library of the clients may crash then.
        broker.end(signal);
        broker.start();
        pass_everything(&mut ecu, &mut cloud);
    }
}
