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

//! `publish` and `subscribe`.

use harness::Network;
use serde_json::{json, Value};

use crate::tool::{Bench, Running, TOOL};

const EVENT: &str = "0x1234.1.0x8001";

#[test]
fn published_event_is_printed() {
    let bench = Bench::new();
    let mut subscriber = bench.start(&["subscribe", EVENT, "--count", "1"], "waiting for");
    bench.run(&["publish", EVENT, "hello", "--wait", "60s"]).prints(0);
    assert_eq!(subscriber.line(), "//ecu/1234/1/8001: hello");
    assert_eq!(subscriber.wait().code(), Some(0));
}

#[test]
fn events_come_in_order_as_json() {
    let bench = Bench::new();
    let subscriber = ["subscribe", "//ecu/1234/1/8001", "--count", "3", "--json"];
    let subscriber = bench.start(&subscriber, "waiting for");
    let publisher = ["publish", "//hpc/1234/1/8001", "--hex", "0a", "--count", "3"];
    bench.run(&[&publisher[..], &["--every", "1ms", "--wait", "60s"]].concat()).prints(0);
    let mut last = 0;
    for _ in 0..3 {
        let event: Value = serde_json::from_str(&subscriber.line()).unwrap();
        assert_eq!(event["source"], "//ecu/1234/1/8001");
        assert_eq!((&event["service"], &event["event"]), (&"0x1234".into(), &"0x8001".into()));
        assert_eq!(event["payload"]["hex"], "0a");
        let time = event["time_us"].as_u64().unwrap();
        assert!(time >= last, "{event}");
        last = time;
    }
}

#[test]
fn several_topics_are_printed() {
    let bench = Bench::new();
    let again = ["--every", "20ms"];
    let first = bench.start(&[&["publish", EVENT, "one"][..], &again].concat(), "publishing");
    let other = ["publish", "0x5678.1.0x8002", "two"];
    let second = bench.start(&[&other[..], &again].concat(), "publishing");
    let subscriber = ["subscribe", EVENT, "0x5678.1.0x8002"];
    let subscriber = bench.start(&subscriber, "subscribed to");
    let mut missing = vec!["//ecu/1234/1/8001: one", "//ecu/5678/1/8002: two"];
    while !missing.is_empty() {
        let line = subscriber.line();
        missing.retain(|expected| *expected != line);
    }
    drop((first, second));
}

#[test]
fn wildcard_takes_any_service() {
    let bench = Bench::new();
    let publisher = ["publish", EVENT, "one", "--every", "20ms"];
    let _publisher = bench.start(&publisher, "publishing");
    let outcome = bench.run(&["subscribe", "*.*.0x8001", "--count", "2", "--timeout", "60s"]);
    assert_eq!(outcome.prints(0), "//ecu/1234/1/8001: one\n".repeat(2));
}

#[test]
fn wildcard_takes_listed_events() {
    let listed =
        json!([{ "service": "0x1234", "instance": "1", "events": [{ "event": "0x8001" }] }]);
    let network = Network::new("publisher").with_services(listed);
    let tool = |name, arguments: &[&str]| {
        let mut command = network.command(TOOL);
        command
            .arg("--config")
            .arg(network.config(name, if name == "publisher" { 0x0777 } else { 0x0778 }))
            .args(arguments);
        Running::spawn(&mut command)
    };
    let _publisher = tool("publisher", &["publish", EVENT, "one", "--every", "20ms"]);
    let events = ["--name", "subscriber", "subscribe", "0x1234.1.*"];
    assert_eq!(tool("subscriber", &events).line(), "//ecu/1234/1/8001: one");
}

#[test]
fn wildcard_needs_list_of_events() {
    let bench = Bench::new();
    let outcome = bench.run(&["subscribe", "0x1234.1.*", "--timeout", "50ms"]);
    outcome.fails(4, &["name the events, or add --config"]);
}

#[test]
fn field_has_value_for_late_subscriber() {
    let bench = Bench::new();
    let field = ["publish", EVENT, "--hex", "2a", "--field", "--eventgroup", "5"];
    let mut publisher = bench.start(&field, "publishing");
    for _ in 0..2 {
        let outcome =
            bench.run(&["subscribe", EVENT, "--eventgroup", "5", "--field", "--count", "1"]);
        assert_eq!(outcome.prints(0), "//ecu/1234/1/8001: *\n");
    }
    assert_eq!(publisher.interrupt(), Some(0));
}

#[test]
fn missing_event_is_timeout() {
    let bench = Bench::new();
    bench.run(&["subscribe", EVENT, "--timeout", "50ms"]).fails(4, &["no event came in time"]);
    let outcome = bench.run(&["subscribe", EVENT, "--timeout", "50ms", "--count", "2"]);
    outcome.fails(4, &["0 of 2 events came in time"]);
}

#[test]
fn time_without_count_is_no_error() {
    let bench = Bench::new();
    let _publisher = bench.start(&["publish", EVENT, "x", "--field"], "publishing");
    let outcome = bench.run(&["subscribe", EVENT, "--field", "--timeout", "3s"]);
    assert!(outcome.prints(0).starts_with("//ecu/1234/1/8001: x\n"));
}

#[test]
fn interrupted_subscriber_has_done_its_job() {
    let bench = Bench::new();
    let mut subscriber = bench.start(&["subscribe", EVENT], "waiting for");
    assert_eq!(subscriber.interrupt(), Some(0));
    let mut subscriber = bench.start(&["subscribe", EVENT, "--count", "1"], "waiting for");
    assert_eq!(subscriber.interrupt(), Some(130));
}
