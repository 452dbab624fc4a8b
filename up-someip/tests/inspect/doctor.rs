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
//! `up-someip doctor` on one host.

use std::net::UdpSocket;

use serde_json::{json, Value};

use crate::list::serve;
use crate::tool::{Bench, Outcome};

/// The checks of a report, and its exit status.
pub(crate) struct Report {
    code: Option<i32>,
    checks: Vec<Value>,
}

impl Report {
    pub(crate) fn of(outcome: Outcome) -> Self {
        let line =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{outcome:?}"));
        Self { code: outcome.code, checks: outcome.out.lines().map(line).collect() }
    }

    /// Checks that one of the checks has this verdict, and this in its text or remedy.
    #[track_caller]
    pub(crate) fn has(&self, check: &str, verdict: &str, part: &str) {
        let is_it = |it: &&Value| {
            it["check"].as_str().is_some_and(|name| name.contains(check))
                && it["verdict"] == verdict
                && (it["text"].to_string() + &it["remedy"].to_string()).contains(part)
        };
        assert!(self.checks.iter().any(|it| is_it(&it)), "no {check} {verdict} {part}: {self}");
        let has_remedy = |it: &Value| it["verdict"] != "problem" || it["remedy"].is_string();
        assert!(self.checks.iter().all(has_remedy), "{self}");
    }

    /// Checks that it found no problem, or some.
    #[track_caller]
    pub(crate) fn is_well(&self, is_well: bool) {
        assert_eq!(self.code, Some(if is_well { 0 } else { 1 }), "{self}");
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.checks.iter().try_for_each(|check| writeln!(f, "{check}"))
    }
}

fn doctor(bench: &Bench, arguments: &[&str]) -> Report {
    Report::of(bench.run(&[&["doctor", "--json"][..], arguments].concat()))
}

#[test]
fn service_of_this_host_is_well() {
    let bench = Bench::new();
    let _server = serve(&bench, "3");
    let report = doctor(&bench, &["0x1234.1", "--wait", "60s"]);
    report.has("service 0x1234.1", "ok", "can be called; version 3");
    report.has("routing manager", "ok", "up-someip (process ");
    report.is_well(true);
    let report = doctor(&bench, &["//ecu/1234/2/0", "--wait", "60s"]);
    report.has("service 0x1234.1", "problem", "version 3, but version 2 is asked for");
    report.is_well(false);
    let text = bench.run(&["doctor", "0x1234.1", "--wait", "60s"]).prints(0);
    assert!(text.contains("ok       routing manager: runs in"), "{text}");
    assert!(text.ends_with("all is well\n") || text.contains("warnings: "), "{text}");
}

#[test]
fn absent_service_is_a_problem() {
    let report = doctor(&Bench::new(), &["--service", "0x1234.1", "--wait", "300ms"]);
    report.has("service 0x1234.1", "problem", "is not offered on this host");
    report.is_well(false);
}

#[test]
fn foreign_address_and_taken_port_are_named() {
    let bench = Bench::new();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let config = json!({
        "network": bench.network().name(),
        "unicast": "127.0.0.1",
        "applications": [{ "name": "client", "id": "0x0101" }],
        "services": [{ "service": "0x1234", "instance": "1", "unreliable": port.to_string() }],
        "service-discovery": { "enable": "false" },
    });
    let path = bench.network().folder().join("doctor.json");
    let run = |config: &Value| {
        std::fs::write(&path, config.to_string()).unwrap();
        let mut command = bench.network().command(crate::tool::TOOL);
        command.env_remove("VSOMEIP_CONFIGURATION").arg("--config").arg(&path);
        command.args(["--json", "doctor", "--passive", "--wait", "100ms"]);
        Report::of(Outcome::of(command.output().unwrap()))
    };
    let report = run(&config);
    report.has("service 1234.0001", "problem", &format!("(process {})", std::process::id()));
    report.is_well(false);
    let mut other = config;
    other["unicast"] = json!("192.0.2.7");
    other["services"] = json!([]);
    let report = run(&other);
    report.has("address", "problem", "192.0.2.7");
    report.is_well(false);
    other["unicats"] = json!("x");
    other["unicast"] = json!("127.0.0.1");
    let report = run(&other);
    report.has("configuration", "warning", "unicats");
    report.is_well(true);
}

#[test]
fn garbage_is_refused() {
    let bench = Bench::new();
    bench.run(&["doctor", "nothing"]).fails(2, &["no id"]);
    bench.run(&["doctor", "0x1234.*"]).fails(2, &["no single service"]);
    bench.run(&["doctor", "--wait=-1s"]).fails(2, &["--wait"]);
    let mut command = std::process::Command::new(crate::tool::TOOL);
    command.env_remove("VSOMEIP_CONFIGURATION").args(["--config", "/nonexistent.json", "doctor"]);
    let outcome = Outcome::of(command.output().unwrap());
    assert!(outcome.code != Some(0) && outcome.err.contains("/nonexistent.json"), "{outcome:?}");
}
