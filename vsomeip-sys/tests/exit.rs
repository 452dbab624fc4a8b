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

//! Processes that end while another thread ends their application.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::process::Command;
use std::thread;
use std::time::Duration;

use common::Network;
use vsomeip_sys::ExitHold;

/// Where a process of this test finds what it is told.
const ORDER: &str = "EXIT_TEST_ORDER";

/// Runs one of the ignored tests in a process of its own, and returns what it printed.
fn run(test: &str, order: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture"]);
    let output = command.env(ORDER, order).output().unwrap();
    assert!(output.status.success(), "{test} {order}: {output:#?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_end_of_a_process_waits_for_all_holds() {
    assert!(run("a_process_with_holds", "").contains("both released"));
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn a_process_with_holds() {
    let (short, long) = (ExitHold::new(), ExitHold::new());
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        drop(short);
        thread::sleep(Duration::from_millis(200));
        println!("both released");
        drop(long);
    });
    std::process::exit(0);
}

#[test]
fn a_process_may_end_at_any_moment_of_the_end_of_its_application() {
    for microseconds in (0..20_000).step_by(250) {
        run("a_process_with_an_application", &microseconds.to_string());
    }
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn a_process_with_an_application() {
    let moment = std::env::var(ORDER).unwrap().parse().unwrap();
    let network = Network::of("host", "guest");
    let application = network.start("host");
    let hold = ExitHold::new();
    thread::spawn(move || {
        drop(application);
        drop(hold);
    });
    thread::sleep(Duration::from_micros(moment));
    drop(network);
    std::process::exit(0);
}
