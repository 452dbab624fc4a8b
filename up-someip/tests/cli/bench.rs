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

//! `bench`.

use serde_json::Value;

use crate::tool::Bench;

const FEW: [&str; 6] = ["--count", "200", "--wait", "60s", "--ttl", "60s"];

#[test]
fn own_service_is_measured() {
    let bench = Bench::new();
    let out = bench.run(&[&["bench", "--json"][..], &FEW].concat()).prints(0);
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let modes: Vec<_> = rows.iter().map(|row| row["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["round trips", "pipelined", "events"]);
    for row in rows {
        assert_eq!((&row["count"], &row["lost"]), (&200.into(), &0.into()), "{row}");
        assert_eq!((&row["errors"], &row["bytes"]), (&0.into(), &64.into()), "{row}");
        assert!(row["per_second"].as_f64() > Some(0.0), "{row}");
    }
}

#[test]
fn given_method_is_measured() {
    let bench = Bench::new();
    let _server = bench.serve(&["--quiet"]);
    let arguments = ["bench", "pipelined", "0x1234.1.1", "--size", "1000", "--in-flight", "7"];
    let out = bench.run(&[&arguments[..], &FEW].concat()).prints(0);
    let lines: Vec<_> = out.lines().collect();
    assert!(lines[0].starts_with("measured "), "{out}");
    let row: Vec<_> = lines[1].split_whitespace().collect();
    assert_eq!(row[..4], ["pipelined", "200", "1000", "7"], "{out}");
}

#[test]
fn refused_calls_fail_measurement() {
    let bench = Bench::new();
    let _server = bench.serve(&["--quiet", "--fail", "unknown"]);
    let arguments = ["bench", "round-trips", "0x1234.1.1", "--json"];
    let row = bench.run(&[&arguments[..], &FEW].concat()).json(1);
    assert_eq!(row["errors"], 200);
}

#[test]
fn absent_service_is_not_measured() {
    let bench = Bench::new();
    let outcome = bench.run(&["bench", "round-trips", "0x4321.1.1", "--wait", "100ms"]);
    outcome.fails(3, &["no such service was offered"]);
    let outcome = bench.run(&["bench", "events", "0x4321.1.0x8001", "--ttl", "100ms"]);
    outcome.fails(4, &["no event came in time"]);
}
