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

//! The protocol of requests to an ECU.

use harness::{Header, Hosts, Peer, Wire};
use serde_json::{json, Value};

use crate::lifecycle::{is_no_more, settled_resources};
use crate::PEER;

const HPC: &str = "//hpc/5300/2/0";

const UDP: &[&str] = &[];
const TCP: &[&str] = &["--reliable"];

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Our peer, whose configuration lists a service of the ECU.
fn listing(hosts: &Hosts, key: &str, value: Value, options: &[&str]) -> Peer {
    let own = json!({ "service": "0x5300", "instance": "1", "unreliable": "30501" });
    let mut service = json!({ "service": "0x5310", "instance": "1", "unicast": "10.77.0.2" });
    service[key] = value;
    hosts.peer_on("hpc", PEER, HPC, &json!([own, service]), options)
}

/// What is called from the first request on.
fn assert_answered(hpc: &mut Peer, service: &str) {
    let call = format!("call //ecu/{service}/3/421 5 1 5000");
    assert_eq!(hpc.ask(&call), "answered 5 failed {}", "{service}");
}

/// The protocol of the next request to the echo method of a service.
fn protocol_of_next(wire: &mut Wire, service: u32) -> &'static str {
    loop {
        let Header { from, over, .. } = wire.next(service << 16 | 0x0421);
        if from == "hpc" {
            return over;
        }
    }
}

#[test]
fn tcp_and_udp_ecus_are_called_side_by_side() {
    for (options, first) in [(UDP, "hpc"), (TCP, "hpc"), (UDP, "ecu"), (TCP, "ecu")] {
        let Some(hosts) = two_hosts() else { return };
        let mut early = (first == "hpc").then(|| hosts.peer_with(PEER, HPC, options));
        let mut ecu = hosts.ecu();
        ecu.order("offer-at tcp 30509 5310 3");
        ecu.order("offer-at udp 30510 5311 3");
        let mut hpc = early.take().unwrap_or_else(|| hosts.peer_with(PEER, HPC, options));
        for service in ["5310", "5311", "5310"] {
            assert_answered(&mut hpc, service);
        }
    }
}

#[test]
fn listed_ecus_are_called_side_by_side() {
    for options in [UDP, TCP] {
        let Some(hosts) = two_hosts() else { return };
        let listed =
            |service: &str| json!({ "service": service, "instance": "1", "unicast": "10.77.0.2" });
        let (mut tcp, mut udp, mut both) = (listed("0x5310"), listed("0x5311"), listed("0x5312"));
        tcp["reliable"] = json!({ "port": "30509" });
        udp["unreliable"] = json!("30510");
        (both["reliable"], both["unreliable"]) = (json!({ "port": "30511" }), json!("30511"));
        let services = json!([tcp, udp, both]);
        let mut router = hosts.peer_on("hpc", PEER, HPC, &services, options);
        let mut second = hosts.peer_beside("hpc", PEER, "second", "//hpc/5301/1/0", &services);
        let mut ecu = hosts.ecu();
        ecu.order("offer-at tcp 30509 5310 3");
        ecu.order("offer-at udp 30510 5311 3");
        ecu.order("offer-at udp+tcp 30511 5312 3");
        for service in ["5310", "5311", "5312"] {
            assert_answered(&mut router, service);
            assert_answered(&mut second, service);
        }
    }
}

/// A crowd of calls begins before anything is known of either.
#[test]
fn calls_wait_for_the_offer_in_order() {
    for (options, protocol) in [(TCP, "udp"), (UDP, "tcp")] {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hosts.peer_with(PEER, HPC, options);
        hpc.tell("call //ecu/5310/3/421 200 200 20000");
        let mut ecu = hosts.ecu();
        ecu.order(&format!("offer-at {protocol} 30509 5310 3"));
        assert_eq!(hpc.line(), "answered 200 failed {}");
    }
}

#[test]
fn transports_stop_listening_when_they_end() {
    let Some(hosts) = two_hosts() else { return };
    let mut ecu = hosts.ecu();
    ecu.order("offer-at tcp 30509 5310 3");
    let _router = hosts.peer(PEER, HPC);
    let mut second = hosts.local(PEER, "second", "//hpc/5301/1/0");
    for end in ["shutdown", "drop"] {
        let cycle = format!("cycle {end} 12 //ecu/5310/3/421");
        second.order(&cycle);
        assert_answered(&mut second, "5310");
        let before = settled_resources(&mut second);
        second.order(&cycle);
        assert_answered(&mut second, "5310");
        second.ask_until("resources", |now| is_no_more(&before, now));
    }
}

/// It hears offers itself.
#[test]
fn second_application_calls_both_ecus() {
    for options in [UDP, TCP] {
        let Some(hosts) = two_hosts() else { return };
        let mut ecu = hosts.ecu();
        ecu.order("offer-at tcp 30509 5310 3");
        ecu.order("offer-at udp 30510 5311 3");
        ecu.order("offer-at udp+tcp 30511 5312 3");
        let _router = hosts.peer(PEER, HPC);
        let mut second = hosts.local_with(PEER, "second", "//hpc/5301/1/0", options);
        for service in ["5311", "5310", "5312", "5311"] {
            assert_answered(&mut second, service);
        }
    }
}

/// An application in a container has the routing manager's sockets, but no network.
#[test]
fn application_without_network_falls_back() {
    let Some(hosts) = two_hosts() else { return };
    let mut ecu = hosts.ecu();
    ecu.order("offer-at udp 30509 5310 3");
    ecu.order("offer-at tcp 30510 5311 3");
    let _router = hosts.peer(PEER, HPC);
    let mut inside = hosts.contained(PEER, "inside", "//hpc/5301/1/0", &["--protocol", "5312=tcp"]);
    assert_answered(&mut inside, "5310");
    // Nobody tells that it is not the default.
    let failed = inside.ask("call-sized //ecu/5311/3/421 8 5000");
    assert!(failed.starts_with("UNAVAILABLE: "), "{failed}");
    assert!(failed.contains("TransportBuilder::protocol"), "{failed}");
    assert_answered(&mut inside, "5311");
    ecu.order("offer-at tcp 30511 5312 3");
    assert_answered(&mut inside, "5312");
}

#[test]
fn listed_protocol_is_taken() {
    for (key, port, offered) in
        [("reliable", json!({ "port": "30509" }), "tcp"), ("unreliable", json!("30509"), "udp")]
    {
        for (options, has_both) in [(UDP, false), (TCP, false), (UDP, true), (TCP, true)] {
            let Some(hosts) = two_hosts() else { return };
            let mut wire = Wire::new(&hosts);
            let mut hpc = listing(&hosts, key, port.clone(), options);
            let mut ecu = hosts.ecu();
            let protocols = if has_both { "udp+tcp" } else { offered };
            ecu.order(&format!("offer-at {protocols} 30509 5310 3"));
            assert_answered(&mut hpc, "5310");
            assert_eq!(protocol_of_next(&mut wire, 0x5310), offered, "{options:?} {has_both}");
        }
    }
}

#[test]
fn default_applies_if_both_are_offered() {
    for (options, expected) in [(UDP, "udp"), (TCP, "tcp")] {
        let Some(hosts) = two_hosts() else { return };
        let mut wire = Wire::new(&hosts);
        let mut hpc = hosts.peer_with(PEER, HPC, options);
        let mut ecu = hosts.ecu();
        ecu.order("offer-at udp+tcp 30509 5310 3");
        assert_answered(&mut hpc, "5310");
        assert_eq!(protocol_of_next(&mut wire, 0x5310), expected);
    }
}

#[test]
fn builder_sets_protocol_per_method() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let options = ["--protocol", "5310=tcp", "--protocol", "5311.421=tcp"];
    let mut hpc = listing(&hosts, "unreliable", json!("30509"), &options);
    let mut ecu = hosts.ecu();
    ecu.order("offer-at udp+tcp 30509 5310 3");
    ecu.order("offer-at udp+tcp 30510 5311 3");
    for service in ["5310", "5311"] {
        assert_answered(&mut hpc, service);
        assert_eq!(protocol_of_next(&mut wire, u32::from_str_radix(service, 16).unwrap()), "tcp");
    }
    // Another method is the default's.
    assert_eq!(hpc.ask("call-sized //ecu/5311/3/101 8 5000"), "UNKNOWN: ");
    assert_eq!(wire.next(0x5311_0101).over, "udp");
}

#[test]
fn missing_protocol_is_unavailable() {
    for (told, offered, remedy) in [("tcp", "udp", "over UDP"), ("udp", "tcp", "over TCP")] {
        let Some(hosts) = two_hosts() else { return };
        let option = format!("5310={told}");
        let mut hpc = hosts.peer_with(PEER, HPC, &["--protocol", &option]);
        let mut ecu = hosts.ecu();
        ecu.order(&format!("offer-at {offered} 30509 5310 3"));
        // It is known as soon as an offer was heard.
        hpc.ask_until("call-sized //ecu/5310/3/421 8 500", |answer| {
            answer.starts_with("UNAVAILABLE: ")
                && answer.contains("TransportBuilder::protocol")
                && answer.contains(remedy)
        });
    }
}

#[test]
fn protocol_of_an_ecu_may_change() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    for protocol in ["tcp", "udp", "tcp"] {
        let mut ecu = hosts.ecu();
        ecu.order(&format!("offer-at {protocol} 30509 5310 3"));
        // What is sent before the crash is known is lost.
        hpc.ask_until("call //ecu/5310/3/421 1 1 1000", |answer| answer == "answered 1 failed {}");
        ecu.tell("crash");
        ecu.wait();
    }
}

#[test]
fn payload_limit_follows_protocol() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    ecu.order("offer-tcp 5310 3 8001");
    ecu.order("offer-at udp 30510 5311 3");
    for size in [1401, 100_000] {
        let call = format!("call-sized //ecu/5310/3/421 {size} 5000");
        assert_eq!(hpc.ask(&call), format!("{size} bytes"));
        let refused = hpc.ask(&format!("call-sized //ecu/5311/3/421 {size} 5000"));
        assert!(refused.contains("INVALID_ARGUMENT"), "{refused}");
        assert!(refused.contains("1400 are the limit"), "{refused}");
    }
    assert_eq!(hpc.ask("call-sized //ecu/5311/3/421 1400 5000"), "1400 bytes");
}

/// Segments are a matter of UDP, so a method that is listed for them takes that, whatever the default.
#[test]
fn segmented_method_takes_udp() {
    let Some(hosts) = two_hosts() else { return };
    let services = json!([
        { "service": "0x5300", "instance": "1", "unreliable": "30501" },
        { "service": "0x5310", "instance": "1", "unicast": "10.77.0.2", "unreliable": "30509",
          "reliable": { "port": "30509" }, "someip-tp": { "client-to-service": ["0x0421"] } },
    ]);
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, TCP);
    let mut ecu = hosts.ecu();
    ecu.order("offer-at udp+tcp 30509 5310 3");
    assert_answered(&mut hpc, "5310");
    assert_eq!(protocol_of_next(&mut wire, 0x5310), "udp");
    assert_eq!(hpc.ask("call-sized //ecu/5310/3/101 8 5000"), "UNKNOWN: ");
    assert_eq!(wire.next(0x5310_0101).over, "tcp");
}

#[test]
fn notification_takes_protocol_of_its_service() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    ecu.order("offer-at tcp 30509 5310 3");
    hpc.order("notify 8001 //ecu/5310/3/0 7");
    assert_eq!(ecu.ask("received"), "REQUEST_NO_RETURN 0000 7");
    assert_eq!(wire.next(0x5310_0000).over, "tcp");
}

/// An ECU that has offered its service before, and does so again in an hour, answers the question of
/// vsomeip alone.
fn silent_ecu(hosts: &Hosts, offer: &str) -> Peer {
    let mut ecu = hosts.ecu_with(&["3600"]);
    ecu.order(offer);
    ecu
}

#[test]
fn assumed_protocol_is_confirmed() {
    for (options, offer) in [(UDP, "offer-at udp 30509 5310 3"), (TCP, "offer-at tcp 30509 5310 3")]
    {
        let Some(hosts) = two_hosts() else { return };
        let _ecu = silent_ecu(&hosts, offer);
        let mut hpc = hosts.peer_with(PEER, HPC, options);
        assert_answered(&mut hpc, "5310");
        assert_eq!(hpc.ask("call-sized //ecu/5310/3/421 8 5000"), "8 bytes");
    }
}

/// It has the other protocol than the default, which nobody tells.
#[test]
fn wrong_assumption_is_logged_and_corrected() {
    for (options, offer) in [(TCP, "offer-at udp 30509 5310 3"), (UDP, "offer-at tcp 30509 5310 3")]
    {
        let Some(hosts) = two_hosts() else { return };
        let _ecu = silent_ecu(&hosts, offer);
        let mut hpc = hosts.peer_with(PEER, HPC, options);
        let failed = hpc.ask("call-sized //ecu/5310/3/421 8 5000");
        assert!(failed.starts_with("UNAVAILABLE: "), "{failed}");
        assert!(failed.contains("TransportBuilder::protocol"), "{failed}");
        assert_answered(&mut hpc, "5310");
    }
}

#[test]
fn absent_service_is_unavailable() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let missing = hpc.ask("call-sized //ecu/5310/3/421 8 500");
    assert!(missing.starts_with("UNAVAILABLE: "), "{missing}");
    assert!(missing.contains("5310.0001: it was not available in time"), "{missing}");
}
