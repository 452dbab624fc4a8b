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
//! Tests of the checks on this system, which has a loopback interface.

use std::net::UdpSocket;

use super::*;
use crate::stack::{Service, ServiceDiscovery, StackConfig};
use crate::startup::Effective;

fn examined(config: StackConfig) -> Vec<Check> {
    let folder = tempfile::tempdir().unwrap();
    let files = NetworkFiles::in_folder(folder.path(), "net");
    examine(&Expected::of(&Effective::of(config), files, false))
}

fn verdict(checks: &[Check], subject: &str) -> Verdict {
    checks.iter().find(|it| it.subject == subject).unwrap().verdict
}

fn config() -> StackConfig {
    let config = StackConfig::for_application("a", 0xab);
    StackConfig { service_discovery: Some(ServiceDiscovery::disabled()), ..config }
}

#[test]
fn own_host_alone_is_well() {
    let checks = examined(config());
    assert!(checks.iter().all(|it| it.verdict == Verdict::Ok), "{checks:?}");
    let found = examined(StackConfig { service_discovery: None, ..config() });
    assert_eq!(verdict(&found, "address"), Verdict::Warning, "only this host is found");
}

#[test]
fn absent_address_is_problem_with_remedy() {
    let checks = examined(config().with_unicast("192.0.2.77".parse().unwrap()));
    let check = checks.iter().find(|it| it.subject == "address").unwrap();
    assert_eq!(check.verdict, Verdict::Problem);
    assert!(check.text.contains("192.0.2.77") && check.text.contains("there "), "{check:?}");
    assert!(check.remedy.as_deref().unwrap().contains("`unicast`"), "{check:?}");
}

#[test]
fn missing_router_is_problem_for_its_guests() {
    let checks = examined(config().with_routing("host"));
    assert_eq!(verdict(&checks, "routing manager"), Verdict::Problem);
}

#[test]
fn taken_port_names_process() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let checks = examined(config().with_service(Service::new(0x1234, 1).with_unreliable(port)));
    let check = checks.iter().find(|it| it.subject.contains("service 1234.0001")).unwrap();
    assert_eq!(check.verdict, Verdict::Problem);
    let own = format!("(process {})", std::process::id());
    assert!(check.text.contains(&own), "{check:?}");
}
