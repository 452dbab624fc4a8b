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

//! Our process restarts while the ECU keeps running and still has the connections to the old one.

use super::*;

/// Ends a process without a farewell.
fn kill(mut hpc: Peer) {
    hpc.signal("KILL");
    hpc.wait();
}

/// Calls, listens and serves, in one process after the other. Each of them hosts the routing manager.
fn restart(offer: &str, options: &[&str], end: fn(Peer)) {
    let Some(hosts) = two_hosts() else { return };
    let mut ecu = hosts.ecu();
    ecu.order(offer);
    for start in 1..=4 {
        let mut hpc = hosts.peer_with(PEER, HPC, options);
        let answer = hpc.ask("call //ecu/5310/3/421 5 1 5000");
        assert_eq!(answer, "answered 5 failed {}", "start {start}");
        hpc.order("subscribe //ecu/5310/3/8001");
        hpc.order("subscription //ecu/5310/3/8001 Accepted");
        connect(&mut ecu, &mut hpc);
        hpc.order("serve //hpc/5300/2/421");
        assert_eq!(ecu.ask("call 5300 421 2 hello"), "RESPONSE E_OK hello", "start {start}");
        end(hpc);
    }
}

#[test]
fn restarted_process_reconnects_to_ecu() {
    restart("offer 5310 3 8001", &[], Peer::end);
}

#[test]
fn restarted_process_reconnects_to_tcp_ecu() {
    restart("offer-tcp 5310 3 8001", &["--reliable"], Peer::end);
}

#[test]
fn killed_process_reconnects_to_ecu() {
    restart("offer 5310 3 8001", &[], kill);
}

#[test]
fn killed_process_reconnects_to_tcp_ecu() {
    restart("offer-tcp 5310 3 8001", &["--reliable"], kill);
}

/// As one does that takes our host for restarted once more, after it has accepted a subscription.
#[test]
fn subscription_that_ecu_forgets_is_renewed() {
    for offer in ["offer 5310 3 8001", "offer-tcp 5310 3 8001"] {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hosts.peer(PEER, HPC);
        let mut ecu = hosts.ecu();
        ecu.order(offer);
        hpc.order("subscribe //ecu/5310/3/8001");
        connect(&mut ecu, &mut hpc);
        for number in 1..=3 {
            ecu.order("forget");
            notify_until_received(number, &mut ecu, &mut hpc);
        }
    }
}
