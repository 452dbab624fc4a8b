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

//! E2E protection between hosts: damaged messages are never delivered as valid. The ECU has its own
//! implementation of checksums.

use super::*;

/// In front of each number, for what protects it.
const ROOM: [&str; 2] = ["--room", "20"];

/// A profile, and what can be wrong with a message beside its checksum.
pub(super) const PROFILES: [(&str, &[&str]); 4] = [
    ("CRC8", &["id", "plain", "short"]),
    ("CRC32", &["plain", "short"]),
    ("P04", &["id", "length", "plain", "short"]),
    ("P07", &["id", "length", "plain", "short"]),
];

/// How vsomeip's configuration says what the ECU does.
pub(super) fn entry(service: &str, id: &str, profile: &str, variant: &str) -> Value {
    let mut entry = match profile {
        "CRC8" => json!({ "crc_offset": "0", "data_id_mode": "3", "data_length": "56" }),
        "CRC32" => json!({ "crc_offset": "0" }),
        "P04" => json!({ "crc_offset": "64", "min_data_length": "20" }),
        _ => json!({ "crc_offset": "64", "min_data_length": "28" }),
    };
    for (key, value) in [("service_id", service), ("event_id", id), ("profile", profile)] {
        entry[key] = json!(value);
    }
    entry["variant"] = json!(variant);
    if profile != "CRC32" {
        entry["data_id"] = json!("0xa73");
    }
    entry
}

pub(super) fn hosts_with(protected: &[Value]) -> Option<Hosts> {
    let e2e = json!({ "e2e_enabled": "true", "protected": protected });
    two_hosts().map(|hosts| hosts.with_setting("e2e", e2e))
}

/// A peer beside the one that hosts the routing manager.
fn beside(hosts: &Hosts, services: &Value) -> Peer {
    hosts.peer_beside_with("hpc", PEER, "beside", "//hpc/5301/2/0", services, &ROOM)
}

fn assert_failed_checks(peer: &mut Peer, count: usize) {
    peer.ask_until("metrics", |metrics| metrics.contains(&format!("e2e_failed: {count},")));
}

#[test]
fn events_without_checksum_are_dropped() {
    let Some(hosts) = hosts_with(&[entry("0x5310", "0x8001", "CRC32", "checker")]) else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    hpc.order("subscribe //ecu/5310/3/8001");
    hpc.order("subscription //ecu/5310/3/8001 Accepted");
    for number in 1..=3 {
        ecu.order(&format!("notify 8001 {number}"));
    }
    assert_failed_checks(&mut hpc, 3);
    let metrics = hpc.ask("metrics");
    assert!(metrics.contains("delivered: 0,"), "{metrics}");
    assert!(metrics.contains("listener_panics: 0,"), "{metrics}");
}

/// Sends a damaged event after each good one.
fn damaged_events_are_dropped(offer: &str) {
    for (profile, faults) in PROFILES {
        let entry = entry("0x5310", "0x8001", profile, "checker");
        let Some(hosts) = hosts_with(&[entry]) else { return };
        let mut hpc = hosts.peer_with(PEER, HPC, &ROOM);
        let mut ecu = hosts.ecu();
        ecu.order(offer);
        ecu.order(&format!("protect 5310 8001 {profile}"));
        hpc.order("subscribe //ecu/5310/3/8001");
        connect(&mut ecu, &mut hpc);
        let faults: Vec<_> = ["checksum"].iter().chain(faults).collect();
        for (number, fault) in (1..).zip(&faults) {
            ecu.order(&format!("notify 8001 {number}"));
            ecu.order(&format!("spoil 5310 8001 {fault}"));
            ecu.order("notify 8001 666");
            ecu.order("spoil 5310 8001 nothing");
        }
        assert_failed_checks(&mut hpc, faults.len());
        let count = faults.len();
        assert_eq!(hpc.ask(&format!("received {count}")), format!("1..{count}"), "{profile}");
    }
}

#[test]
fn damaged_events_are_dropped_over_udp() {
    damaged_events_are_dropped("offer 5310 3 8001");
}

#[test]
fn damaged_events_are_dropped_over_tcp() {
    damaged_events_are_dropped("offer-tcp 5310 3 8001");
}

/// The ECU checks the requests, and drops those that are damaged.
fn damaged_responses_are_data_loss(offer: &str, options: &[&str]) {
    for (profile, faults) in PROFILES {
        let method = entry("0x5310", "0x0421", profile, "both");
        let failing = entry("0x5310", "0x0104", profile, "both");
        let Some(hosts) = hosts_with(&[method, failing]) else { return };
        let mut hpc = hosts.peer_with(PEER, HPC, &[options, &ROOM].concat());
        let mut ecu = hosts.ecu();
        ecu.order(offer);
        ecu.order(&format!("protect 5310 421 {profile}"));
        let call = "call //ecu/5310/3/421 2 1 60000";
        assert_eq!(hpc.ask(call), "answered 2 failed {}", "{profile}");
        for fault in ["checksum"].iter().chain(faults) {
            ecu.order(&format!("spoil 5310 421 {fault}"));
            assert_eq!(hpc.ask(call), "answered 0 failed {DATA_LOSS: 2}", "{profile}, {fault}");
        }
        ecu.order("spoil 5310 421 nothing");
        assert_eq!(hpc.ask(call), "answered 2 failed {}", "{profile}");
        assert_failed_checks(&mut hpc, 2 * (faults.len() + 1));
        // An error has no payload, which would be protected.
        let failing = hpc.ask("call //ecu/5310/3/104 1 1 60000");
        assert_eq!(failing, "answered 0 failed {UNAVAILABLE: 1}", "{profile}");
    }
}

#[test]
fn damaged_responses_are_data_loss_over_udp() {
    damaged_responses_are_data_loss("offer 5310 3 8001", &[]);
}

#[test]
fn damaged_responses_are_data_loss_over_tcp() {
    damaged_responses_are_data_loss("offer-tcp 5310 3 8001", &["--reliable"]);
}

/// The ECU checks the responses.
fn damaged_requests_are_refused(key: &str, value: &Value, call: &str) {
    for (profile, faults) in PROFILES {
        let Some(hosts) = hosts_with(&[entry("0x5300", "0x0421", profile, "both")]) else { return };
        let services = json!([service_with(key, value.clone())]);
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
        let mut ecu = hosts.ecu();
        hpc.order("serve //hpc/5300/2/421");
        ecu.order(&format!("protect 5300 421 {profile}"));
        let call = format!("{call} 5300 421 2 hello");
        assert_eq!(ecu.ask(&call), "RESPONSE E_OK hello", "{profile}");
        for fault in ["checksum"].iter().chain(faults) {
            ecu.order(&format!("spoil 5300 421 {fault}"));
            assert_eq!(ecu.ask(&call), "ERROR E_MALFORMED_MESSAGE", "{profile}, {fault}");
        }
        ecu.order("spoil 5300 421 nothing");
        assert_eq!(ecu.ask(&call), "RESPONSE E_OK hello", "{profile}");
        let metrics = hpc.ask("metrics");
        assert!(metrics.contains("delivered: 2,"), "{profile}: {metrics}");
        assert_failed_checks(&mut hpc, faults.len() + 1);
    }
}

#[test]
fn damaged_requests_are_refused_over_udp() {
    damaged_requests_are_refused("unreliable", &json!("30501"), "call");
}

#[test]
fn damaged_requests_are_refused_over_tcp() {
    damaged_requests_are_refused("reliable", &json!({ "port": "30502" }), "call-tcp");
}

/// The ECU says which ones are not right.
fn our_events_are_protected(key: &str, value: &Value, subscribe: &str) {
    for (profile, _) in PROFILES {
        let event = entry("0x5300", "0x8001", profile, "protector");
        let Some(hosts) = hosts_with(&[event]) else { return };
        let services = json!([service_with(key, value.clone())]);
        let offer = ["--offer", "//hpc/5300/2/8001"];
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[ROOM, offer].concat());
        let mut ecu = hosts.ecu();
        ecu.order(&format!("protect 5300 8001 {profile}"));
        ecu.order(&format!("{subscribe} 5300 2 8001"));
        ecu.tell("received");
        ecu.line_while(|| hpc.order("probe //hpc/5300/2/8001"));
        hpc.order("publish //hpc/5300/2/8001 1 20");
        ecu.ask_until("received", |line| line == "NOTIFICATION 8001 1");
        for number in 2..=20 {
            let expected = format!("NOTIFICATION 8001 {number}");
            assert_eq!(ecu.ask("received"), expected, "{profile}");
        }
    }
}

#[test]
fn our_events_are_protected_over_udp() {
    our_events_are_protected("unreliable", &json!("30501"), "subscribe");
}

#[test]
fn our_events_are_protected_over_tcp() {
    our_events_are_protected("reliable", &json!({ "port": "30502" }), "subscribe-tcp");
}

/// The routing manager, which checks, is in another process.
#[test]
fn other_processes_get_nothing_damaged() {
    let checked = [
        entry("0x5310", "0x8001", "P04", "checker"),
        entry("0x5310", "0x0421", "P04", "both"),
        entry("0x5301", "0x0421", "P04", "both"),
    ];
    let Some(hosts) = hosts_with(&checked) else { return };
    let services = json!([{ "service": "0x5301", "instance": "1", "unreliable": "30502" }]);
    let _router = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut peer = beside(&hosts, &services);
    let mut ecu = offering_ecu(&hosts);
    for (service, id) in [("5310", "8001"), ("5310", "421"), ("5301", "421")] {
        ecu.order(&format!("protect {service} {id} P04"));
    }
    peer.order("serve //hpc/5301/2/421");
    peer.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut peer);
    ecu.order("spoil 5310 8001 checksum");
    ecu.order("notify 8001 666");
    ecu.order("spoil 5310 8001 nothing");
    ecu.order("notify 8001 1");
    assert_eq!(peer.ask("received 1"), "1..1");
    let call = "call //ecu/5310/3/421 1 1 60000";
    assert_eq!(peer.ask(call), "answered 1 failed {}");
    ecu.order("spoil 5310 421 checksum");
    assert_eq!(peer.ask(call), "answered 0 failed {DATA_LOSS: 1}");
    assert_eq!(ecu.ask("call 5301 421 2 hello"), "RESPONSE E_OK hello");
    ecu.order("spoil 5301 421 checksum");
    assert_eq!(ecu.ask("call 5301 421 2 hello"), "ERROR E_MALFORMED_MESSAGE");
    assert_failed_checks(&mut peer, 3);
}

/// Within a host, nothing is protected and checked.
#[test]
fn local_messages_need_no_checksum() {
    let protected =
        [entry("0x5300", "0x8001", "CRC32", "both"), entry("0x5300", "0x0421", "CRC32", "both")];
    let Some(hosts) = hosts_with(&protected) else { return };
    let mut hpc = hosts.peer_with(PEER, HPC, &ROOM);
    let mut peer = beside(&hosts, &json!([]));
    hpc.order("serve //hpc/5300/2/421");
    assert_eq!(peer.ask("call //hpc/5300/2/421 3 1 60000"), "answered 3 failed {}");
    peer.order("subscribe //hpc/5300/2/8001");
    peer.connect(&mut hpc, "//hpc/5300/2/8001");
    hpc.order("publish //hpc/5300/2/8001 1 3");
    assert_eq!(peer.ask("received 3"), "1..3");
    assert_failed_checks(&mut peer, 0);
}

#[test]
fn two_transports_protect_all_messages() {
    for (profile, _) in PROFILES {
        let protected = ["0x0421", "0x8001"].map(|id| entry("0x5300", id, profile, "both"));
        let Some(hosts) = hosts_with(&protected) else { return };
        let services = json!([service_with("unreliable", json!("30501"))]);
        let offer = ["--offer", "//hpc/5300/2/8001"];
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[ROOM, offer].concat());
        let mut ecu = hosts.peer_on("ecu", PEER, "//ecu/5320/1/0", &services, &ROOM);
        hpc.order("serve //hpc/5300/2/421");
        let answer = ecu.ask("call //hpc/5300/2/421 20 5 60000");
        assert_eq!(answer, "answered 20 failed {}", "{profile}");
        ecu.order("subscribe //hpc/5300/2/8001");
        ecu.connect(&mut hpc, "//hpc/5300/2/8001");
        hpc.order("publish //hpc/5300/2/8001 1 20");
        assert_eq!(ecu.ask("received 20"), "1..20", "{profile}");
        for peer in [&mut hpc, &mut ecu] {
            assert_failed_checks(peer, 0);
        }
    }
}

/// Two events of a service, each with a data id of its own; the ECU has one for all.
#[test]
fn each_id_has_its_own_data_id() {
    for profile in ["CRC8", "P04", "P07"] {
        let mut other = entry("0x5310", "0x8002", profile, "checker");
        other["data_id"] = json!("0xa74");
        let Some(hosts) = hosts_with(&[entry("0x5310", "0x8001", profile, "checker"), other])
        else {
            return;
        };
        let mut hpc = hosts.peer_with(PEER, HPC, &ROOM);
        let mut ecu = hosts.ecu();
        ecu.order("offer-groups 5310 3 8001=8001,8002");
        for event in ["8001", "8002"] {
            ecu.order(&format!("protect 5310 {event} {profile}"));
            hpc.order(&format!("subscribe //ecu/5310/3/{event}"));
        }
        connect(&mut ecu, &mut hpc);
        ecu.order("notify 8002 666");
        assert_failed_checks(&mut hpc, 1);
        ecu.order("notify 8001 1");
        assert_eq!(hpc.ask("received 1"), "1..1", "{profile}");
    }
}

/// vsomeip goes on without it.
#[test]
fn strict_transport_misses_the_plugin() {
    let Some(hosts) = hosts_with(&[]) else { return };
    let variable = ("VSOMEIP_E2E_PROTECTION_MODULE", "/does/not/exist.so");
    let mut command = hosts.peer_command(PEER, HPC, &["--strict"]);
    let mut peer = Peer::spawn("hpc", command.env(variable.0, variable.1));
    assert_eq!(peer.wait().code(), Some(1));
    hosts.peer_with_variable(PEER, HPC, variable.0, variable.1).end();
}

/// The corrected vsomeip compares it with that of the message before.
#[test]
fn counter_may_go_on_but_not_back() {
    for (profile, _) in [PROFILES[2], PROFILES[3]] {
        let mut event = entry("0x5310", "0x8001", profile, "checker");
        event["max_delta_counter"] = json!("2");
        let Some(hosts) = hosts_with(&[event]) else { return };
        let mut hpc = hosts.peer_with(PEER, HPC, &ROOM);
        let mut ecu = offering_ecu(&hosts);
        ecu.order(&format!("protect 5310 8001 {profile}"));
        hpc.order("subscribe //ecu/5310/3/8001");
        connect(&mut ecu, &mut hpc);
        for number in 1..=10 {
            ecu.order(&format!("notify 8001 {number}"));
        }
        assert_eq!(hpc.ask("received 10"), "1..10", "{profile}");
        ecu.order("spoil 5310 8001 counter");
        ecu.order("notify 8001 11");
        ecu.order("notify 8001 666");
        assert_failed_checks(&mut hpc, 1);
        ecu.order("spoil 5310 8001 nothing");
        ecu.order("notify 8001 666");
        ecu.order("notify 8001 12");
        assert_eq!(hpc.ask("received 2"), "11..12", "{profile}");
        assert_failed_checks(&mut hpc, 2);
    }
}

/// The corrected vsomeip does not keep it for those who come later.
#[test]
fn damaged_value_of_field_is_not_kept() {
    let Some(hosts) = hosts_with(&[entry("0x5310", "0x8001", "CRC32", "checker")]) else { return };
    let services = json!([{
        "service": "0x5310", "instance": "1", "unicast": "10.77.0.2", "unreliable": "30509",
        "events": [{ "event": "0x8001", "is_field": "true" }],
        "eventgroups": [{ "eventgroup": "0x8001", "events": ["0x8001"] }],
    }]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &ROOM);
    let mut ecu = offering_ecu(&hosts);
    ecu.order("protect 5310 8001 CRC32");
    hpc.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut hpc);
    ecu.order("notify 8001 1");
    assert_eq!(hpc.ask("received 1"), "1..1");
    ecu.order("spoil 5310 8001 checksum");
    ecu.order("notify 8001 666");
    assert_failed_checks(&mut hpc, 1);
    let mut peer = beside(&hosts, &services);
    peer.order("subscribe //ecu/5310/3/8001");
    assert_eq!(peer.ask("received 1"), "1..1");
}

/// The corrected vsomeip takes responses with one of the return codes for E2E.
#[test]
fn return_codes_for_e2e_are_data_loss() {
    for (offer, options) in [("offer", [].as_slice()), ("offer-tcp", &["--reliable"])] {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hosts.peer_with(PEER, HPC, options);
        let mut ecu = hosts.ecu();
        ecu.order(&format!("{offer} 5310 3 8001"));
        for code in ["0b", "0c", "0d", "0e", "0f"] {
            let answer = hpc.ask(&format!("call //ecu/5310/3/1{code} 1 1 5000"));
            assert_eq!(answer, "answered 0 failed {DATA_LOSS: 1}", "{offer}, {code}");
        }
    }
}

#[test]
fn short_payload_is_not_sent_unprotected() {
    let protected = [
        entry("0x5300", "0x8001", "P04", "protector"),
        entry("0x5310", "0x0421", "P04", "protector"),
    ];
    let Some(hosts) = hosts_with(&protected) else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let _ecu = offering_ecu(&hosts);
    let is_short =
        |answer: &str| answer.contains("INVALID_ARGUMENT") && answer.contains("12 bytes at least");
    let answer = hpc.ask("publish-sized //hpc/5300/2/8001 11");
    assert!(is_short(&answer), "{answer}");
    hpc.order("publish-sized //hpc/5300/2/8001 12");
    assert!(hpc.ask("call-sized //ecu/5310/3/421 12 60000").starts_with("12 bytes"));
    // It takes a moment until it is known that the service is on another host.
    hpc.ask_until("call-sized //ecu/5310/3/421 11 1000", is_short);
}

/// That of the documentation, which has another profile for each of what is exchanged.
#[test]
fn example_configuration_protects_both_ways() {
    let Some(hosts) = two_hosts() else { return };
    let path = harness::workspace().join("config/protected.json");
    let text = std::fs::read_to_string(path).unwrap();
    let given: Value = serde_json::from_str(&text).unwrap();
    let offer = ["--strict", "--offer", "//hpc/5300/2/8001"];
    let mut hpc = hosts.peer_given(PEER, HPC, given.clone(), &[ROOM.as_slice(), &offer].concat());
    let mut ecu = offering_ecu(&hosts);
    for entry in given["e2e"]["protected"].as_array().unwrap() {
        let word = |key: &str| entry[key].as_str().unwrap().trim_start_matches("0x").to_owned();
        let (service, id) = (word("service_id"), word("event_id"));
        ecu.order(&format!("protect {service} {id} {}", word("profile")));
    }
    hpc.order("serve //hpc/5300/2/421");
    assert_eq!(ecu.ask("call 5300 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(hpc.ask("call //ecu/5310/3/421 2 1 60000"), "answered 2 failed {}");
    hpc.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut hpc);
    ecu.order("subscribe 5300 2 8001");
    ecu.tell("received");
    ecu.line_while(|| hpc.order("probe //hpc/5300/2/8001"));
    hpc.order("publish //hpc/5300/2/8001 1 1");
    ecu.ask_until("received", |line| line == "NOTIFICATION 8001 1");
    for id in ["8001", "421"] {
        ecu.order(&format!("spoil 5310 {id} checksum"));
    }
    ecu.order("spoil 5300 421 checksum");
    ecu.order("notify 8001 666");
    assert_eq!(ecu.ask("call 5300 421 2 hello"), "ERROR E_MALFORMED_MESSAGE");
    let call = "call //ecu/5310/3/421 2 1 60000";
    assert_eq!(hpc.ask(call), "answered 0 failed {DATA_LOSS: 2}");
    assert_failed_checks(&mut hpc, 4);
}
