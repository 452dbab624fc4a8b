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
//! The tool on one host, the ECUs of the examples on another one: what is seen of them, and why they
//! are not reached.

use harness::Hosts;
use serde_json::Value;

use crate::doctor::Report;
use crate::ecus::{vehicle, ECU, NETWORK};
use crate::tool::{Outcome, Running, TOOL};

fn command(hosts: &Hosts, network: &[&str], arguments: &[&str]) -> std::process::Command {
    let mut command = hosts.command_on("hpc");
    command.env_remove("VSOMEIP_CONFIGURATION");
    command.arg(TOOL).args(network).args(arguments);
    command
}

fn doctor(hosts: &Hosts, network: &[&str], arguments: &[&str]) -> Report {
    let arguments = [&["doctor", "--json"][..], arguments].concat();
    Report::of(Outcome::of(command(hosts, network, &arguments).output().unwrap()))
}

#[test]
fn reachable_ecu_is_well() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let _vehicle = vehicle(&hosts);
    let report = doctor(&hosts, &NETWORK, &["0x1010.1", "//ecu/3010/2/0", "--wait", "60s"]);
    report.has("address", "ok", "10.77.0.1/24 is that of the interface eth0");
    report.has("multicast route", "ok", "224.244.224.245");
    report.has("service discovery", "ok", ECU);
    report.has("service 0x1010.1", "ok", "version 1 at 10.77.0.2: UDP 10.77.0.2:30510");
    report.has("service 0x3010.1", "ok", "can be called");
    report.is_well(true);
    let report = doctor(&hosts, &NETWORK, &["0x1010.1", "--passive", "--wait", "60s"]);
    report.has("service 0x1010.1", "ok", "is announced");
    report.is_well(true);
}

#[test]
fn wrong_ids_and_versions_are_explained() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let _vehicle = vehicle(&hosts);
    // Until it is heard, nothing can be said of it.
    let until_heard = ["0x1010.1", "--passive", "--wait", "60s", "--version", "3"];
    let report = doctor(&hosts, &NETWORK, &until_heard);
    report.has("service 0x1010.1", "problem", "version 1 by 10.77.0.2, but version 3");
    report.is_well(false);
    let others = ["0x1010.7", "1010.1", "0x7777.1", "--passive", "--wait", "4s"];
    let report = doctor(&hosts, &NETWORK, &others);
    report.has("service 0x1010.7", "problem", "but instance 1 by 10.77.0.2");
    report.has("service 0x03f2.1", "problem", "but 0x1010.1 is");
    report.has("service 0x7777.1", "problem", "these hosts announce others: 10.77.0.2");
}

#[test]
fn absent_ecu_is_a_problem() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let report = doctor(&hosts, &NETWORK, &["0x1010.1", "--wait", "2s"]);
    report.has("interface", "ok", "eth0 is up");
    report.has("vsomeip", "ok", "registered");
    report.has("service discovery", "problem", "nothing came from any other host");
    report.has("service 0x1010.1", "problem", "no other host is heard");
    report.is_well(false);
}

#[test]
fn faults_of_own_host_are_named() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let short = ["--passive", "--wait", "100ms"];
    let address = ["--unicast", "10.77.0.9", "--sd-multicast", "224.244.224.245"];
    let report = doctor(&hosts, &address, &short);
    report.has("address", "problem", "10.77.0.9");
    report.has("address", "problem", "10.77.0.1 (eth0)");
    report.is_well(false);

    let taker = "import socket, sys\n\
        it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
        it.bind(('10.77.0.1', 30490))\nprint('ready', flush=True)\nsys.stdin.read()\n";
    let taker = hosts.program_on("hpc", taker);
    let report = doctor(&hosts, &NETWORK, &short);
    report.has("UDP port 30490", "problem", "python");
    report.is_well(false);
    drop(taker);

    hosts.run_on("hpc", &["ip", "route", "delete", "224.0.0.0/4", "dev", "eth0"]);
    let report = doctor(&hosts, &NETWORK, &short);
    report.has("multicast route", "problem", "ip route add");
    report.is_well(false);

    hosts.run_on("hpc", &["ip", "link", "set", "eth0", "down"]);
    let report = doctor(&hosts, &NETWORK, &short);
    report.has("interface", "problem", "ip link set eth0 up");
    report.is_well(false);
}

#[test]
fn ecu_is_listed_and_watched() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let mut watch = Running::spawn(&mut command(&hosts, &NETWORK, &["watch", "--json"]));
    let change = |kind: &str| loop {
        let line: Value = serde_json::from_str(&watch.line()).unwrap();
        if line["change"] == kind && line["hex"] == "0x1010.1" {
            return line;
        }
    };
    let vehicle = vehicle(&hosts);
    let offered = change("offered");
    assert_eq!((&offered["host"], &offered["version"]), (&ECU.into(), &1.into()), "{offered}");
    assert_eq!(offered["endpoints"][0]["port"], 30510);
    let row = harness::repeat(|| {
        let list = ["list", "0x1010.1", "--wait", "2s", "--json"];
        let out = Outcome::of(command(&hosts, &NETWORK, &list).output().unwrap()).out;
        let rows = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let row = rows.into_iter().find(|row| row["available"] == true && row["host"] == ECU);
        row.ok_or(out)
    });
    assert_eq!((&row["hex"], &row["version"]), (&"0x1010.1".into(), &1.into()), "{row}");
    assert_eq!(row["endpoints"][0]["protocol"], "UDP");
    // It ends without a farewell.
    vehicle.end();
    change("expired");
    assert_eq!(watch.interrupt(), Some(0));
}
