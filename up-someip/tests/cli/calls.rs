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

//! `call` and `serve`.

use std::process::Stdio;

use crate::tool::{Bench, Outcome, Running, PATIENT};

const METHOD: &str = "0x1234.1.0x0421";

fn call<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["call", METHOD], &PATIENT[..], arguments].concat()
}

#[test]
fn answer_is_printed_for_people() {
    let bench = Bench::new();
    let server = bench.serve(&[]);
    let out = bench.run(&call(&["hello"])).prints(0);
    assert!(out.starts_with("OK in ") && out.ends_with(" ms: hello\n"), "{out}");
    let line = server.line();
    assert!(line.starts_with("//up-someip/1234/1/421 from //"), "{line}");
    assert!(line.ends_with(": hello"), "{line}");
}

#[test]
fn answer_is_printed_as_json() {
    let bench = Bench::new();
    let _server = bench.serve(&[]);
    let answer = bench.run(&call(&["--json", "hello"])).json(0);
    assert_eq!(answer["status"], "OK");
    assert_eq!(answer["payload"]["text"], "hello");
    assert_eq!(answer["payload"]["hex"], "68656c6c6f");
    assert_eq!(answer["format"], "UPAYLOAD_FORMAT_UNSPECIFIED");
    assert!(answer["time_us"].as_u64() > Some(0), "{answer}");
}

#[test]
fn uri_and_ids_name_same_method() {
    let bench = Bench::new();
    let server = bench.serve(&["--json"]);
    for target in ["//ecu/1234/1/421", "/1234/1/421", "4660.1.1057", METHOD] {
        bench.run(&[&["call", target, "same"][..], &PATIENT].concat()).prints(0);
        let request: serde_json::Value = serde_json::from_str(&server.line()).unwrap();
        assert_eq!(request["sink"], "//up-someip/1234/1/421", "{target}");
        assert_eq!(request["method"], "0x0421", "{target}");
    }
}

#[test]
fn several_calls_print_lines() {
    let bench = Bench::new();
    let mut server = bench.serve(&["--count", "3"]);
    let out = bench.run(&call(&["--count", "3", "--every", "1ms", "x"])).prints(0);
    assert_eq!(out.lines().count(), 3, "{out}");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn version_of_service_is_found() {
    let bench = Bench::new();
    let server = ["serve", "0x1234.2", "--version", "7"];
    let _server = bench.start(&server, "serving //up-someip/21234/7/FFFF");
    let target = ["call", "0x1234.2.1"];
    bench.run(&[&target[..], &PATIENT].concat()).prints(0);
    let other = bench.run(&[&target[..], &["--version", "3"], &PATIENT].concat());
    other.fails(1, &["is offered in version 7, not 3"]);
}

#[test]
fn canned_answer_is_sent() {
    let bench = Bench::new();
    let _server = bench.serve(&["--hex", "00 ff"]);
    let out = bench.run(&call(&["hello"])).prints(0);
    assert!(out.ends_with(": 0x00ff\n"), "{out}");
}

#[test]
fn error_answer_fails_with_status() {
    let bench = Bench::new();
    let _server = bench.serve(&["--fail", "data-loss"]);
    let answer = bench.run(&call(&["--json", "hello"])).json(1);
    assert_eq!(answer["status"], "DATA_LOSS");
}

#[test]
fn script_answers_with_ids() {
    let bench = Bench::new();
    let script =
        r#"tr a-z A-Z; echo " $SOMEIP_SERVICE $SOMEIP_INSTANCE $SOMEIP_METHOD $SOMEIP_VERSION""#;
    let _server = bench.serve(&["--exec", script]);
    let out = bench.run(&call(&["--print", "raw", "hello"])).prints(0);
    assert_eq!(out, "HELLO 0x1234 0x0001 0x0421 1\n");
}

#[test]
fn failed_script_answers_with_error() {
    let bench = Bench::new();
    let server = bench.serve(&["--exec", "echo text; exit 3"]);
    let answer = bench.run(&call(&["--json"])).json(1);
    assert_eq!(answer["status"], "UNKNOWN");
    server.wait_for("the answer is an error: exit status: 3");
}

/// The pipe into the script breaks, which is none of our business.
#[test]
fn script_may_ignore_its_input() {
    let bench = Bench::new();
    let _server = bench.serve(&["--exec", "exec 0<&-; echo done"]);
    let payload = "x".repeat(300_000);
    let answer = bench.run_with_input(&call(&["--json", "--file", "-"]), payload.as_bytes());
    assert_eq!(answer.json(0)["payload"]["text"], "done\n");
}

#[test]
fn absent_service_is_unavailable() {
    let bench = Bench::new();
    let outcome = bench.run(&["call", "0x4321.1.1", "--wait", "200ms"]);
    outcome.fails(3, &["UNAVAILABLE", "no such service was offered", "up-someip doctor 0x4321.1"]);
}

#[test]
fn missing_answer_is_timeout() {
    let bench = Bench::new();
    let _server = bench.serve(&["--delay", "1min"]);
    let outcome = bench.run(&["call", METHOD, "--wait", "60s", "--ttl", "100ms", "--json"]);
    assert_eq!(outcome.json(4)["status"], "DEADLINE_EXCEEDED");
}

#[test]
fn dying_server_leaves_timeout() {
    let bench = Bench::new();
    // It hosts the routing manager.
    let mut other = bench.start(&["serve", "0x4321.1"], "serving");
    let server = bench.serve(&["--delay", "1min"]);
    let call = ["call", METHOD, "--wait", "60s", "--ttl", "2s", "--json", "x"];
    let mut caller = bench.command(&call);
    let caller = caller.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.line();
    server.signal("KILL");
    let outcome = Outcome::of(caller.wait_with_output().unwrap());
    // The transport may have heard of the end before the time is over.
    assert!(matches!(outcome.code, Some(3 | 4)), "{outcome:?}");
    assert_eq!(other.interrupt(), Some(0));
}

#[test]
fn interrupted_call_says_so() {
    let bench = Bench::new();
    let server = bench.serve(&["--delay", "1min"]);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut caller = Running::spawn(&mut bench.command(&call(&[])));
        server.line();
        caller.signal(signal);
        assert_eq!(caller.wait().code(), Some(code));
    }
}

#[test]
fn interrupt_counts_while_input_is_read() {
    let bench = Bench::new();
    let arguments = [&["--log", "debug"][..], &call(&["--file", "-"])].concat();
    let mut caller = bench.start(&arguments, "reading the payload");
    assert_eq!(caller.interrupt(), Some(130));
}

#[test]
fn interrupted_service_has_done_its_job() {
    let bench = Bench::new();
    for signal in ["INT", "TERM"] {
        let mut server = bench.serve(&[]);
        server.signal(signal);
        assert_eq!(server.wait().code(), Some(0));
    }
}

#[test]
fn closed_pipe_ends_quietly() {
    let bench = Bench::new();
    let _server = bench.serve(&["--quiet"]);
    let mut command = bench.command(&call(&["--count", "1000000", "x"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let outcome = Outcome::of(child.wait_with_output().unwrap());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(!outcome.err.contains("error"), "{outcome:?}");
    assert!(!outcome.err.contains("panicked"), "{outcome:?}");
}

#[test]
fn notification_reaches_entity() {
    let bench = Bench::new();
    let subscriber = ["--local", "//hpc/5010/1/0", "subscribe", "--notifications", "--count", "1"];
    let subscriber = bench.start(&subscriber, "receiving notifications to //hpc/5010/1/0");
    let notify = ["--local", "//up/77/1/0", "notify", "//hpc/5010/1/0", "crash"];
    bench.run(&[&notify[..], &["--wait", "60s"]].concat()).prints(0);
    let line = subscriber.line();
    assert!(line.ends_with(" to //hpc/5010/1/0: crash"), "{line}");
}

#[test]
fn notification_needs_its_entity() {
    let bench = Bench::new();
    let outcome = bench.run(&["notify", "//hpc/5010/1/0", "crash", "--wait", "200ms"]);
    outcome.fails(3, &["no such service was offered: 0x5010.1"]);
}
