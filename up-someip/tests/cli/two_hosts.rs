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

//! The tool on one host, the ECUs of the examples on another one.

use harness::Hosts;

use crate::ecus::{vehicle, NETWORK};
use crate::tool::{Outcome, Running, PATIENT, TOOL};

fn command(hosts: &Hosts, arguments: &[&str]) -> std::process::Command {
    let mut command = hosts.command_on("hpc");
    command.arg(TOOL).args(NETWORK).args(arguments);
    command
}

fn run(hosts: &Hosts, arguments: &[&str]) -> Outcome {
    Outcome::of(command(hosts, arguments).output().unwrap())
}

#[test]
fn ecu_is_called_and_subscribed_to() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let _vehicle = vehicle(&hosts);
    let out = run(&hosts, &[&["call", "0x1010.1.1", "--hex", "00"][..], &PATIENT].concat());
    let out = out.prints(0);
    assert!(out.ends_with(" ms: 0x01a9\n"), "{out}");

    let unknown = [&["call", "//ecu/1010/1/2", "--json"][..], &PATIENT].concat();
    assert_eq!(run(&hosts, &unknown).json(1)["status"], "INVALID_ARGUMENT");

    // It is known to have TCP alone.
    let record = ["call", "0x1020.1.1", "--hex", "07", "--json"];
    let record = run(&hosts, &[&record[..], &PATIENT].concat()).json(0);
    assert_eq!(record["payload"]["bytes"], 4096);

    let event = ["subscribe", "0x2010.1.0x8001", "--eventgroup", "5", "--count", "2"];
    let out = run(&hosts, &event).prints(0);
    assert_eq!(out, "//ecu/2010/1/8001: 0x04e20136\n".repeat(2));
}

#[test]
fn ecu_calls_served_method() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let vehicle = vehicle(&hosts);
    let server = ["serve", "0x5010.1.1", "--hex", "02", "--count", "1"];
    let mut server = Running::spawn(&mut command(&hosts, &server));
    assert_eq!(server.line(), "//up-someip/5010/1/1 from //ecu/31/1/0: (empty)");
    assert_eq!(vehicle.line(), "body controller: the mode is driving");
    assert_eq!(server.wait().code(), Some(0));
}
