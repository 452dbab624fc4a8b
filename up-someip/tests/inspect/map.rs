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
//! `up-someip map`, which needs no network.

use crate::tool::Bench;

#[test]
fn uuri_and_ids_are_mapped() {
    let bench = Bench::new();
    let out = bench.run(&["map", "//ecu/21234/1/8001"]).prints(0);
    for part in ["//ecu/21234/1/8001\n", "0x1234  4660", "0x0002  2", "event      0x8001  32769"] {
        assert!(out.contains(part), "no {part:?} in {out}");
    }
    let json = bench.run(&["map", "4660.2.0x8001", "--version", "1", "--json"]).json(0);
    assert_eq!(json["uuri"], "//ecu/21234/1/8001");
    assert_eq!((&json["service"], &json["kind"]), (&4660.into(), &"event".into()));
    assert_eq!(json["messages"][0]["someip"], "NOTIFICATION");
}

#[test]
fn unmappable_addresses_are_explained() {
    let bench = Bench::new();
    let addresses = ["//ecu/20000/1/1", "//ecu/1234/1FF/1", "garbage", "", "//ecu/1234/1/421"];
    let out = bench.run(&[&["map"][..], &addresses].concat()).prints(2);
    assert_eq!(out.matches("cannot be mapped").count(), 4, "{out}");
    assert!(out.contains("reserved") && out.contains("method     0x0421  1057"), "{out}");
    let json = bench.run(&["map", "//ecu/20000/1/1", "--json"]).json(2);
    assert!(json["error"].as_str().unwrap().contains("0x0000"), "{json}");
}
