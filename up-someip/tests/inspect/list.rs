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
//! `up-someip list` and `watch` on one host.

use serde_json::Value;

use crate::tool::{Bench, Running};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A service that echoes, in a version.
pub(crate) fn serve(bench: &Bench, version: &str) -> Running {
    let arguments = ["serve", "0x1234.1", "--version", version];
    bench.start(&arguments, &format!("serving //up-someip/1234/{version}/"))
}

/// Repeats `list` until it has shown a service: a moment before, it may not be offered yet.
fn listed(bench: &Bench) -> Value {
    harness::repeat(|| {
        let out = bench.run(&["list", "0x1234.1", "--wait", "1s", "--json"]).out;
        let row = lines(&out).into_iter().find(|row| row["offered"] == true);
        row.ok_or(out)
    })
}

#[test]
fn service_of_this_host_is_listed() {
    let bench = Bench::new();
    let _server = serve(&bench, "3");
    let row = listed(&bench);
    assert_eq!((&row["service"], &row["instance"]), (&0x1234.into(), &1.into()), "{row}");
    assert_eq!((&row["version"], &row["host"]), (&3.into(), &"this host".into()), "{row}");
    assert_eq!((&row["requested"], &row["available"]), (&true.into(), &true.into()), "{row}");
    let table = harness::repeat(|| {
        let out = bench.run(&["list", "--wait", "1s"]).out;
        if out.contains("0x1234 (4660)") {
            Ok(out)
        } else {
            Err(out)
        }
    });
    assert!(table.starts_with("SERVICE") && table.contains("this host"), "{table}");
}

#[test]
fn absent_service_is_told() {
    let bench = Bench::new();
    let out = bench.run(&["list", "0x1234.1", "--wait", "300ms"]).prints(3);
    assert!(out.contains("requested, not available"), "{out}");
    let out = bench.run(&["list", "--wait", "300ms"]).prints(0);
    assert!(out.contains("up-someip doctor"), "{out}");
    bench.run(&["list", "0x1234.*"]).fails(2, &["no single service"]);
}

/// Reads changes until there is one of this kind and service.
fn change(watch: &Running, kind: &str, hex: &str) -> Value {
    loop {
        let line: Value = serde_json::from_str(&watch.line()).unwrap();
        if line["change"] == kind && (hex.is_empty() || line["hex"] == hex) {
            return line;
        }
    }
}

#[test]
fn coming_and_going_is_watched() {
    let bench = Bench::new();
    let mut watch = Running::spawn(&mut bench.command(&["watch", "0x1234.1", "--json"]));
    change(&watch, "registered", "");
    let mut server = serve(&bench, "2");
    assert_eq!(change(&watch, "available", "0x1234.1")["version"], 2);
    server.interrupt();
    change(&watch, "unavailable", "0x1234.1");
    assert_eq!(watch.interrupt(), Some(0));
}

#[test]
fn watch_ends_by_count_or_time() {
    let bench = Bench::new();
    let out = bench.run(&["watch", "--count", "1"]).prints(0);
    assert!(out.ends_with(" registered\n") && out.lines().count() == 1, "{out}");
    bench.run(&["watch", "--timeout", "100ms"]).prints(0);
    bench.run(&["watch", "--timeout", "100ms", "--count", "1000"]).prints(4);
}
