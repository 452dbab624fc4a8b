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

//! Two hosts with service discovery. The other one is an ECU with a foreign SOME/IP stack, and a foreign
//! decoder reads the messages on the wire.

mod e2e;
mod protected_attributes;
mod restarts;
mod vsomeip_defects;

use harness::{repeat, Header, Hosts, Peer, Wire};
use serde_json::{json, Value};

use crate::PEER;

/// Our entity: its id is the client id as well.
const HPC: &str = "//hpc/5300/2/0";
const CLIENT_ID: u16 = 0x5300;
/// The client id that the ECU uses.
const ECU_CLIENT_ID: u16 = 0x0031;

/// What the peer takes for a probe.
const PROBE: u64 = u64::MAX - 1;

const REQUEST: u8 = 0x00;
const REQUEST_NO_RETURN: u8 = 0x01;
const NOTIFICATION: u8 = 0x02;
const RESPONSE: u8 = 0x80;
const ERROR: u8 = 0x81;

const E_OK: u8 = 0x00;
const E_UNKNOWN_SERVICE: u8 = 0x02;
const E_UNKNOWN_METHOD: u8 = 0x03;
const E_WRONG_INTERFACE_VERSION: u8 = 0x08;

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Service 5310 of the ECU, version 3, with event 8001.
fn offering_ecu(hosts: &Hosts) -> Peer {
    let mut ecu = hosts.ecu();
    ecu.order("offer 5310 3 8001");
    ecu
}

/// Waits until the ECU's events arrive: a subscription takes a moment.
fn connect(ecu: &mut Peer, hpc: &mut Peer) {
    hpc.tell("connected //ecu/5310/3/8001");
    let probe = format!("notify 8001 {PROBE}");
    assert_eq!(hpc.line_while(|| ecu.order(&probe)), "ok");
}

/// Has the ECU send events with a number until one of them arrives. Older ones may still be there.
fn notify_until_received(number: u32, ecu: &mut Peer, hpc: &mut Peer) {
    let (event, number) = (format!("notify 8001 {number}"), number.to_string());
    repeat(|| {
        hpc.tell("received 1");
        let received = hpc.line_while(|| ecu.order(&event));
        if received.contains(&number) {
            Ok(())
        } else {
            Err(format!("only {received} came, not {number}"))
        }
    });
}

/// A request of ours to the ECU.
fn request_from_hpc(method: u16, version: u8) -> Header {
    Header {
        from: "hpc",
        over: "udp",
        message: 0x5310_0000 | u32::from(method),
        client: CLIENT_ID,
        session: 1,
        protocol: 1,
        version,
        kind: REQUEST,
        code: E_OK,
    }
}

/// A request of the ECU's to us.
fn request_from_ecu(method: u16, version: u8) -> Header {
    let message = 0x5300_0000 | u32::from(method);
    Header { from: "ecu", message, client: ECU_CLIENT_ID, ..request_from_hpc(method, version) }
}

/// An event has no client.
fn event(from: &'static str, message: u32, version: u8) -> Header {
    Header { from, message, client: 0, kind: NOTIFICATION, ..request_from_hpc(0, version) }
}

/// Takes the next message of the kind from the wire. Its session id is not known beforehand.
fn assert_next(wire: &mut Wire, expected: &Header) -> Header {
    let header = wire.next(expected.message);
    assert_eq!(header, Header { session: header.session, ..expected.clone() });
    assert_ne!(header.session, 0, "session ids are in use");
    header
}

/// A request, and the response to it, whose type and return code are as given.
fn assert_exchange(wire: &mut Wire, request: &Header, kind: u8, code: u8) {
    let request = assert_next(wire, request);
    let from = if request.from == "hpc" { "ecu" } else { "hpc" };
    assert_eq!(wire.next(request.message), Header { from, kind, code, ..request });
}

#[test]
fn ecu_answers_requests() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let _ecu = offering_ecu(&hosts);
    assert_eq!(hpc.ask("call //ecu/5310/3/421 5 1 60000"), "answered 5 failed {}");
    for _ in 0..5 {
        assert_exchange(&mut wire, &request_from_hpc(0x421, 3), RESPONSE, E_OK);
    }
}

/// They have the client and the session id of a request that waits, and come before its response.
#[test]
fn responses_of_others_answer_no_request() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    ecu.order("offer-beside 5311");
    // What has been called is known to vsomeip: responses of it arrive.
    for service in ["5310", "5311"] {
        let answer = hpc.ask(&format!("call //ecu/{service}/3/421 1 1 60000"));
        assert_eq!(answer, "answered 1 failed {}", "{service}");
    }
    assert_eq!(hpc.ask("call-sized //ecu/5310/3/430 8 60000"), "8 bytes");
    let metrics = hpc.ask("metrics");
    assert!(metrics.contains("received: 5, delivered: 3,"), "{metrics}");
    assert!(metrics.contains("uncorrelated: 2,"), "{metrics}");
}

/// Listens to a topic of the ECU until an event with a number comes, and stops. The service is not
/// needed then for as long as vsomeip takes to notice.
fn listen(topic: &str, number: u32, ecu: &mut Peer, hpc: &mut Peer) {
    hpc.order(&format!("subscribe {topic}"));
    hpc.order("subscription //ecu/5310/3/8001 Accepted");
    notify_until_received(number, ecu, hpc);
    hpc.order(&format!("unsubscribe {topic}"));
    ecu.order("announced 2");
}

/// Listens to a topic, stops, and calls the service, again and again. The transport hosts the routing
/// manager.
fn listen_then_call(offer: &str, options: &[&str], topic: &str, rounds: u32) {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer_with(PEER, HPC, options);
    let mut ecu = hosts.ecu();
    ecu.order(offer);
    for round in 1..=rounds {
        listen(topic, 1000 + round, &mut ecu, &mut hpc);
        let answer = hpc.ask("call //ecu/5310/3/421 1 1 5000");
        assert_eq!(answer, "answered 1 failed {}", "{topic}, round {round}");
    }
}

const LISTENED: [&str; 3] = ["//ecu/5310/3/8001", "//ecu/5310/FF/8001", "//ecu/FFFF5310/FF/8001"];

#[test]
fn service_stays_available_after_listening() {
    for topic in LISTENED {
        listen_then_call("offer 5310 3 8001", &[], topic, 20);
    }
}

#[test]
fn service_stays_available_after_tcp_listening() {
    for topic in LISTENED {
        listen_then_call("offer-tcp 5310 3 8001", &["--reliable"], topic, 20);
    }
}

/// Without a call in between, nobody needs the service after the last listener.
fn listen_again(offer: &str) {
    for topic in LISTENED {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hosts.peer(PEER, HPC);
        let mut ecu = hosts.ecu();
        ecu.order(offer);
        for number in 1001..=1020 {
            listen(topic, number, &mut ecu, &mut hpc);
        }
    }
}

#[test]
fn listening_again_is_accepted() {
    listen_again("offer 5310 3 8001");
}

#[test]
fn listening_again_is_accepted_over_tcp() {
    listen_again("offer-tcp 5310 3 8001");
}

/// vsomeip 3.4.10 does not pass on the refusal of another host.
#[test]
fn subscription_refused_by_ecu_stays_pending() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    hpc.order("subscribe //ecu/5310/3/8002");
    hpc.order("subscribe //ecu/5310/3/8001");
    hpc.order("subscription //ecu/5310/3/8001 Accepted");
    connect(&mut ecu, &mut hpc);
    hpc.order("subscription //ecu/5310/3/8002 Pending");
    hpc.ask_until("metrics", |metrics| metrics.contains("subscriptions_unanswered: 1"));
}

/// vsomeip subscribes in a concrete version only.
#[test]
fn topic_in_any_version_follows_ecu() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    hpc.order("subscribe //ecu/FFFF5310/FF/8001");
    for version in [3, 4] {
        let mut ecu = hosts.ecu();
        ecu.order(&format!("offer 5310 {version} 8001"));
        hpc.tell(&format!("connected //ecu/5310/{version}/8001"));
        assert_eq!(hpc.line_while(|| ecu.order(&format!("notify 8001 {PROBE}"))), "ok");
        ecu.tell("crash");
        ecu.wait();
    }
}

#[test]
fn ecu_answers_requests_over_tcp() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer_with(PEER, HPC, &["--reliable"]);
    let mut ecu = hosts.ecu();
    ecu.order("offer-tcp 5310 3 8001");
    assert_eq!(hpc.ask("call //ecu/5310/3/421 5 1 60000"), "answered 5 failed {}");
    let request = Header { over: "tcp", ..request_from_hpc(0x421, 3) };
    for _ in 0..5 {
        assert_exchange(&mut wire, &request, RESPONSE, E_OK);
    }
}

#[test]
fn error_of_ecu_becomes_status() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let _ecu = offering_ecu(&hosts);
    // Other methods than these, and other versions, are refused by the foreign stack itself.
    let errors = [
        (0x101, 3, 0x01, "UNKNOWN"),
        (0x102, 3, 0x02, "NOT_FOUND"),
        (0x103, 3, 0x03, "INVALID_ARGUMENT"),
        (0x104, 3, 0x04, "UNAVAILABLE"),
        (0x105, 3, 0x05, "INTERNAL"),
        (0x106, 3, 0x06, "DEADLINE_EXCEEDED"),
        (0x107, 3, 0x07, "FAILED_PRECONDITION"),
        (0x108, 3, 0x08, "FAILED_PRECONDITION"),
        (0x109, 3, 0x09, "DATA_LOSS"),
        (0x10a, 3, 0x0a, "INVALID_ARGUMENT"),
        (0x777, 3, E_UNKNOWN_METHOD, "INVALID_ARGUMENT"),
    ];
    for (method, version, code, status) in errors {
        let answer = hpc.ask(&format!("call //ecu/5310/{version}/{method:x} 1 1 60000"));
        assert_eq!(answer, format!("answered 0 failed {{{status}: 1}}"), "return code {code}");
    }
    for (method, version, code, _) in errors {
        assert_exchange(&mut wire, &request_from_hpc(method, version), ERROR, code);
    }
}

/// A request in a version that the service does not have is refused by the ECU. But vsomeip 3.5 and
/// 3.6 do not send it, and only its ttl tells.
#[test]
fn request_in_other_version_fails() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let _ecu = offering_ecu(&hosts);
    let vsomeip = vsomeip_sys::VSOMEIP_VERSION;
    let is_sent = !vsomeip.starts_with("3.5.") && !vsomeip.starts_with("3.6.");
    // Connected by a request in the right version first.
    let answer = hpc.ask("call //ecu/5310/3/421 1 1 60000");
    assert_eq!(answer, "answered 1 failed {}");
    assert_exchange(&mut wire, &request_from_hpc(0x421, 3), RESPONSE, E_OK);
    let status = if is_sent { "FAILED_PRECONDITION" } else { "DEADLINE_EXCEEDED" };
    let answer = hpc.ask("call //ecu/5310/4/421 1 1 3000");
    assert_eq!(answer, format!("answered 0 failed {{{status}: 1}}"));
    if is_sent {
        let request = request_from_hpc(0x421, 4);
        assert_exchange(&mut wire, &request, ERROR, E_WRONG_INTERFACE_VERSION);
    }
}

#[test]
fn our_service_answers_an_ecu() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    hpc.order("serve //hpc/5300/2/421");
    hpc.order("refuse //hpc/5300/2/422 NOT_FOUND");
    assert_eq!(ecu.ask("call 5300 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(ecu.ask("call 5300 422 2 hello"), "ERROR E_UNKNOWN_SERVICE hello");
    assert_eq!(ecu.ask("call 5300 777 2 hello"), "ERROR E_UNKNOWN_METHOD");
    assert_eq!(ecu.ask("call 5300 423 7 hello"), "ERROR E_WRONG_INTERFACE_VERSION");
    assert_exchange(&mut wire, &request_from_ecu(0x421, 2), RESPONSE, E_OK);
    assert_exchange(&mut wire, &request_from_ecu(0x422, 2), ERROR, E_UNKNOWN_SERVICE);
    assert_exchange(&mut wire, &request_from_ecu(0x777, 2), ERROR, E_UNKNOWN_METHOD);
    assert_exchange(&mut wire, &request_from_ecu(0x423, 7), ERROR, E_WRONG_INTERFACE_VERSION);
}

#[test]
fn events_of_ecu_arrive() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    hpc.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut hpc);
    for number in 1..=10 {
        ecu.order(&format!("notify 8001 {number}"));
    }
    assert_eq!(hpc.ask("received 10"), "1..10");
    assert_next(&mut wire, &event("ecu", 0x5310_8001, 3));
}

#[test]
fn ecu_receives_events() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    // The first event offers the service.
    hpc.order("probe //hpc/5300/2/8001");
    ecu.order("subscribe 5300 2 8001");
    ecu.tell("received");
    ecu.line_while(|| hpc.order("probe //hpc/5300/2/8001"));
    hpc.order("publish //hpc/5300/2/8001 1 10");
    // More probes may be on the way.
    ecu.ask_until("received", |line| line == "NOTIFICATION 8001 1");
    for number in 2..=10 {
        assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"));
    }
    for _ in 0..10 {
        assert_next(&mut wire, &event("hpc", 0x5300_8001, 2));
    }
}

#[test]
fn notification_to_ecu_is_request_no_return() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    // A notification does not wait for its service for as long as a request does.
    assert_eq!(hpc.ask("call //ecu/5310/3/421 1 1 60000"), "answered 1 failed {}");
    hpc.order("notify 8001 //ecu/5310/3/0 7");
    assert_eq!(ecu.ask("received"), "REQUEST_NO_RETURN 0000 7");
    let expected = Header { kind: REQUEST_NO_RETURN, ..request_from_hpc(0, 3) };
    assert_next(&mut wire, &expected);
}

#[test]
fn request_no_return_of_ecu_is_notification() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    // All that is known of the sender is its client id, here 5310.
    hpc.order("listen //ecu/5310/2/8001");
    for number in 1..=3 {
        ecu.order(&format!("send 5300 0 2 5310 {number}"));
    }
    assert_eq!(hpc.ask("received 3"), "1..3");
}

#[test]
fn ecu_can_crash_and_return() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    hpc.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut hpc);
    assert_eq!(hpc.ask("call //ecu/5310/3/421 5 1 60000"), "answered 5 failed {}");
    for round in 1001..=1003 {
        ecu.tell("crash");
        ecu.wait();
        ecu = offering_ecu(&hosts);
        // What is sent before the crash is known is lost.
        let call = "call //ecu/5310/3/421 1 1 500";
        hpc.ask_until(call, |answer| answer == "answered 1 failed {}");
        notify_until_received(round, &mut ecu, &mut hpc);
    }
}

#[test]
fn large_message_without_segments_is_refused() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let _ecu = offering_ecu(&hosts);
    assert_eq!(hpc.ask("call-sized //ecu/5310/3/421 1400 60000"), "1400 bytes");
    // It takes a moment until it is known that the service is on another host.
    hpc.ask_until("call-sized //ecu/5310/3/421 1401 1000", |answer| {
        answer.contains("INVALID_ARGUMENT") && answer.contains("1400 are the limit")
    });
    assert_eq!(hpc.ask("call-sized //ecu/5310/3/421 1400 60000"), "1400 bytes");
    // Subscribers on this host get it: that is no error.
    hpc.order("publish-sized //hpc/5300/2/8001 1401");
    hpc.ask_until("metrics", |metrics| metrics.contains("too_large_for_network: 1"));
}

/// The service of the entity on the first host, as both hosts list it.
fn service_with(key: &str, value: Value) -> Value {
    let mut service = json!({ "service": "0x5300", "instance": "1", "unicast": "10.77.0.1" });
    service[key] = value;
    service
}

/// Our peers on both hosts: one that serves, and offers a topic, and one that calls it.
fn peers(hosts: &Hosts, service: &Value, options: &[&str]) -> (Peer, Peer) {
    let services = json!([service]);
    let offer = ["--offer", "//hpc/5300/2/8001"];
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &offer);
    hpc.order("serve //hpc/5300/2/421");
    (hpc, hosts.peer_on("ecu", PEER, "//ecu/5320/1/0", &services, options))
}

/// Requests, responses and events of all sizes between hosts.
fn assert_sizes(hpc: &mut Peer, ecu: &mut Peer, sizes: &[usize]) {
    ecu.order("subscribe-sized //hpc/5300/2/8001");
    ecu.tell("sized");
    ecu.line_while(|| hpc.order("publish-sized //hpc/5300/2/8001 2"));
    for size in sizes {
        let expected = format!("{size} bytes");
        assert_eq!(ecu.ask(&format!("call-sized //hpc/5300/2/421 {size} 60000")), expected);
        hpc.order(&format!("publish-sized //hpc/5300/2/8001 {size}"));
        // More of the first ones may be on the way.
        ecu.ask_until("sized", |answer| answer == expected);
    }
}

#[test]
fn large_messages_are_sent_in_segments() {
    let Some(hosts) = two_hosts() else { return };
    let mut service = service_with("unreliable", json!("30501"));
    service["someip-tp"] = json!({
        "client-to-service": ["0x0421"],
        "service-to-client": ["0x0421", "0x8001"],
    });
    let (mut hpc, mut ecu) = peers(&hosts, &service, &[]);
    assert_sizes(&mut hpc, &mut ecu, &[0, 1400, 1401, 65_536, 100_000]);
    hpc.ask_until("metrics", |metrics| metrics.contains("too_large_for_network: 0"));
}

#[test]
fn tcp_carries_messages_of_any_size() {
    let Some(hosts) = two_hosts() else { return };
    let service = service_with("reliable", json!({ "port": "30502" }));
    let (mut hpc, mut ecu) = peers(&hosts, &service, &["--reliable"]);
    assert_sizes(&mut hpc, &mut ecu, &[0, 1400, 1401, 65_536, 1_048_576]);
    hpc.ask_until("metrics", |metrics| metrics.contains("too_large_for_network: 0"));
}

/// Our entity with a service over both protocols, whose event goes over TCP.
fn hpc_with_tcp(hosts: &Hosts) -> Peer {
    let mut service = service_with("reliable", json!({ "port": "30502" }));
    service["unreliable"] = json!("30501");
    service["events"] = json!([{ "event": "0x8001", "is_reliable": "true" }]);
    hosts.peer_on("hpc", PEER, HPC, &json!([service]), &["--offer", "//hpc/5300/2/8001"])
}

#[test]
fn our_service_answers_an_ecu_over_tcp() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hpc_with_tcp(&hosts);
    let mut ecu = hosts.ecu();
    hpc.order("serve //hpc/5300/2/421");
    hpc.order("refuse //hpc/5300/2/422 NOT_FOUND");
    assert_eq!(ecu.ask("call-tcp 5300 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(ecu.ask("call-tcp 5300 422 2 hello"), "ERROR E_UNKNOWN_SERVICE hello");
    let over_tcp = |method| Header { over: "tcp", ..request_from_ecu(method, 2) };
    assert_exchange(&mut wire, &over_tcp(0x421), RESPONSE, E_OK);
    assert_exchange(&mut wire, &over_tcp(0x422), ERROR, E_UNKNOWN_SERVICE);
}

#[test]
fn ecu_receives_events_over_tcp() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hpc_with_tcp(&hosts);
    let mut ecu = hosts.ecu();
    ecu.order("subscribe-tcp 5300 2 8001");
    ecu.tell("received");
    ecu.line_while(|| hpc.order("probe //hpc/5300/2/8001"));
    hpc.order("publish //hpc/5300/2/8001 1 10");
    ecu.ask_until("received", |line| line == "NOTIFICATION 8001 1");
    for number in 2..=10 {
        assert_eq!(ecu.ask("received"), format!("NOTIFICATION 8001 {number}"));
    }
    for _ in 0..10 {
        assert_next(&mut wire, &Header { over: "tcp", ..event("hpc", 0x5300_8001, 2) });
    }
}

#[test]
fn events_of_ecu_arrive_over_tcp() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    ecu.order("offer-tcp 5310 3 8001");
    hpc.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut hpc);
    for number in 1..=10 {
        ecu.order(&format!("notify 8001 {number}"));
    }
    assert_eq!(hpc.ask("received 10"), "1..10");
    assert_next(&mut wire, &Header { over: "tcp", ..event("ecu", 0x5310_8001, 3) });
}

/// The number after a word, such as in `answered 5 failed {TIMEOUT: 3}`; nothing if it is not there.
fn number_after(text: &str, word: &str) -> u32 {
    let rest = text.split_once(word).map_or("", |(_, rest)| rest);
    let digits = rest.trim_start_matches([' ', ':']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or_default()
}

#[test]
fn traffic_recovers_after_link_loss() {
    let Some(hosts) = two_hosts() else { return };
    let mut wire = Wire::new(&hosts);
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = offering_ecu(&hosts);
    hpc.order("subscribe //ecu/5310/3/8001");
    connect(&mut ecu, &mut hpc);
    for round in 1..=3 {
        // More than are answered before the link is down; they end while it is.
        hpc.tell("call //ecu/5310/3/421 10000 2000 1000");
        wire.next(0x5310_0421);
        hosts.unplug();
        let answer = hpc.line();
        let expired = number_after(&answer, "DEADLINE_EXCEEDED");
        let unavailable = number_after(&answer, "UNAVAILABLE");
        let answered = number_after(&answer, "answered");
        assert_eq!(answered + expired + unavailable, 10_000, "{answer}");
        assert_ne!(expired, 0, "{answer}");
        hosts.plug();
        let call = "call //ecu/5310/3/421 1 1 1000";
        hpc.ask_until(call, |answer| answer == "answered 1 failed {}");
        hpc.order("subscription //ecu/5310/3/8001 Accepted");
        notify_until_received(round, &mut ecu, &mut hpc);
    }
}
