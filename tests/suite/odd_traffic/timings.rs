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

//! vsomeip's default timings, with late offers and answers, and collected messages.

use super::*;

#[test]
fn default_timings_carry_everything() {
    for protocol in PROTOCOLS {
        let Some(hosts) = two_hosts() else { return };
        let hosts = hosts.with_default_timings();
        let mut hpc = hpc_over(&hosts, protocol);
        let mut ecu = hosts.odd_ecu();
        ecu.order(&format!("offer {protocol} 30509 5310 3 8001"));
        assert_eq!(hpc.ask("call //ecu/5310/3/421 20 4 60000"), "answered 20 failed {}");
        connect(&mut ecu, &mut hpc, "5310", "3", "8001");
        hpc.ask("received 0");
        ecu.order("notify 5310 8001 1 50");
        assert_eq!(hpc.ask("received 50"), "1..50");
        hpc.order("serve //hpc/5300/2/421");
        let answer = ecu.ask(&format!("call {protocol} 5300 421 2 31 1 hello"));
        assert_eq!(answer, "0001 RESPONSE E_OK hello");
        connect_ecu(&mut ecu, &mut hpc, protocol, TOPIC);
        assert_ecu_receives(&mut ecu, &mut hpc, TOPIC, 50);
    }
}

/// A default request has time enough to find its service.
#[test]
fn default_timings_find_service_in_time() {
    let Some(hosts) = two_hosts() else { return };
    let hosts = hosts.with_default_timings();
    let mut ecu = hosts.odd_ecu();
    ecu.order("offer udp 30509 5310 3 8001");
    let mut hpc = hpc_over(&hosts, "udp");
    assert_eq!(hpc.ask("call //ecu/5310/3/421 1 1 5000"), ANSWERED);
}

/// Held for longer than the test takes: what arrives has not waited for so long.
#[test]
fn default_timings_keep_first_message() {
    for protocol in PROTOCOLS {
        let Some(hosts) = two_hosts() else { return };
        let hosts = hosts.with_default_timings();
        let services = json!([own_service("5300", "1", protocol, "30501")]);
        let hold = ["--hold-first-messages", "600000"];
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &hold);
        let mut ecu = hosts.odd_ecu();
        ecu.tell(&format!("subscribe {protocol} 5300 2 8001"));
        hpc.order(&format!("publish {TOPIC} 1 10"));
        assert_eq!(ecu.line(), "ok");
        for number in 1..=10 {
            assert_eq!(ecu.ask("received"), format!("5300 8001 {number}"));
        }
    }
}

/// Two of our own hosts, which both take their time.
#[test]
fn default_timings_connect_two_transports() {
    let Some(hosts) = two_hosts() else { return };
    let hosts = hosts.with_default_timings();
    let services = json!([own_service("5300", "1", "udp", "30501")]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut other = hosts.peer_on("ecu", PEER, "//ecu/5320/1/0", &json!([]), &[]);
    hpc.order("serve //hpc/5300/2/421");
    other.order(&format!("subscribe {TOPIC}"));
    assert_eq!(other.ask("call //hpc/5300/2/421 20 4 60000"), "answered 20 failed {}");
    hpc.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(other.ask("received 10"), "1..10");
}
