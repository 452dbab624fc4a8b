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

//! Processes that exit while another thread uses or shuts down an application.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::process::Command;
use std::thread;
use std::time::Duration;

use common::Network;
use vsomeip_sys::{
    Application, Error, EventId, EventType, EventgroupId, ExitHold, Header, InstanceId,
    MajorVersion, MessageType, MethodId, MinorVersion, Reliability, ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x1234);
const INSTANCE: InstanceId = InstanceId(1);
const EVENT: EventId = EventId(0x8001);

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
fn process_exit_waits_for_holds() {
    assert!(run("process_with_holds", "").contains("both released"));
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn process_with_holds() {
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
fn process_can_exit_during_shutdown() {
    for microseconds in (0..20_000).step_by(250) {
        run("process_with_application", &microseconds.to_string());
    }
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn process_with_application() {
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

#[test]
fn process_can_exit_while_publishing() {
    for microseconds in (0..20_000).step_by(250) {
        run("process_that_publishes", &microseconds.to_string());
    }
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn process_that_publishes() {
    let moment = std::env::var(ORDER).unwrap().parse().unwrap();
    let network = Network::of("host", "guest");
    let application = publisher(&network);
    for _ in 0..3 {
        thread::spawn(|| while notify(application).and(call(application)).is_ok() {});
    }
    thread::sleep(Duration::from_micros(moment));
    drop(network);
    std::process::exit(0);
}

#[test]
fn process_can_exit_in_callback() {
    run("process_that_ends_in_callback", "");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn process_that_ends_in_callback() {
    let network = Network::of("host", "guest");
    let application = publisher(&network);
    drop(network);
    let callback = vsomeip_sys::callback::OfferedServicesCallback::new(|_| std::process::exit(0));
    application.ask_for_offered_services(callback).unwrap();
    thread::park();
}

#[test]
fn calls_fail_during_process_exit() {
    let output = run("process_that_calls_at_end", "");
    assert!(output.contains("Err(ProcessEnds)"), "{output}");
}

static LATE: std::sync::OnceLock<&Application> = std::sync::OnceLock::new();

extern "C" fn call_late() {
    println!("{:?}", notify(LATE.get().unwrap()));
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn process_that_calls_at_end() {
    // What is registered first runs last: after vsomeip's own static variables are gone.
    // SAFETY: the function has the signature that C expects, and this process ends if it panics.
    assert_eq!(unsafe { libc::atexit(call_late) }, 0);
    let network = Network::of("host", "guest");
    LATE.set(publisher(&network)).unwrap_or_default();
    drop(network);
    std::process::exit(0);
}

/// Never ended, like one that a program keeps in a static variable.
fn publisher(network: &Network) -> &'static Application {
    let application = Box::leak(Box::new(network.start("host")));
    application.offer_service(SERVICE, INSTANCE, MajorVersion(1), MinorVersion(0)).unwrap();
    let group = [EventgroupId(1)];
    application
        .offer_event(SERVICE, INSTANCE, EVENT, &group, EventType::Event, Reliability::Both)
        .unwrap();
    application
}

fn notify(application: &Application) -> Result<(), Error> {
    application.notify(SERVICE, INSTANCE, EVENT, &[1; 100], true)
}

fn call(application: &Application) -> Result<(), Error> {
    let header = Header::request(
        MessageType::RequestNoReturn,
        SERVICE,
        INSTANCE,
        MethodId(1),
        MajorVersion(1),
        false,
    );
    application.send_request(&header, &[1; 100]).map(drop)
}
