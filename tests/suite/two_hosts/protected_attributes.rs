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

//! Carried attributes in E2E-protected payloads between hosts.

use super::e2e::{entry, hosts_with, PROFILES};
use super::*;
use crate::attributes::{assert_shown, reason, value, ANYBODY, BY_HAND, TRACE, WRITTEN_BY_HAND};

const METHOD: &str = "//hpc/5300/2/421";
const TOPIC: &str = "//hpc/5300/2/8001";
const CLIENT: &str = "//ecu/5320/1/0";
const CARRIED: [&str; 2] = ["--carry", "5300"];

/// What a datagram takes behind SOME/IP's header.
const DATAGRAM: usize = 1400;
/// What P04 can protect behind SOME/IP's header: its length has 16 bits.
const LONGEST_OF_P04: usize = 65_527;

/// Over which protocol the service is offered.
#[derive(Clone, Copy)]
enum Over {
    Udp,
    Tcp,
}

use Over::{Tcp, Udp};

/// A service with a method and an event, both protected, and a client with its options.
fn peers(profile: &str, over: Over, of_client: &[&str]) -> Option<(Hosts, Peer, Peer)> {
    let protected = ["0x0421", "0x8001"].map(|id| entry("0x5300", id, profile, "both"));
    peers_with(&protected, over, of_client)
}

fn peers_with(protected: &[Value], over: Over, of_client: &[&str]) -> Option<(Hosts, Peer, Peer)> {
    let hosts = hosts_with(protected)?;
    let services = json!([match over {
        Udp => service_with("unreliable", json!("30501")),
        Tcp => service_with("reliable", json!({ "port": "30502" })),
    }]);
    let of_service = [CARRIED.as_slice(), &["--offer", TOPIC]].concat();
    let service = hosts.peer_on("hpc", PEER, HPC, &services, &of_service);
    let client = hosts.peer_on("ecu", PEER, CLIENT, &services, of_client);
    Some((hosts, service, client))
}

/// The service answers as told, the client shows the responses.
fn serve(service: &mut Peer, client: &mut Peer, answer: &str) {
    service.order(&format!("answer requests {ANYBODY} {METHOD} {answer}"));
    client.order(&format!("show responses {METHOD} {CLIENT}"));
}

fn listen(client: &mut Peer) {
    client.order(&format!("show events {TOPIC}"));
    client.order(&format!("subscription {TOPIC} Accepted"));
}

/// A payload with room for what protects it in front.
fn behind_room(text: &str) -> String {
    format!("{}{text}", "00".repeat(20))
}

fn size_of(shown: &str) -> usize {
    value(shown, "payload").unwrap_or_default().len() / 2
}

#[track_caller]
fn assert_payload(shown: &str, text: &str) {
    let payload = value(shown, "payload").unwrap();
    assert!(payload.ends_with(text) && size_of(shown) == 20 + text.len() / 2, "{shown}");
}

fn assert_no_failed_checks(peers: [&mut Peer; 2]) {
    for peer in peers {
        let metrics = peer.ask("metrics");
        assert!(metrics.contains("e2e_failed: 0,"), "{metrics}");
        assert!(metrics.contains("attributes_refused: 0"), "{metrics}");
    }
}

fn attributes_of_protected_messages_arrive(over: Over) {
    for (profile, _) in PROFILES {
        let Some((_hosts, mut service, mut client)) = peers(profile, over, &CARRIED) else {
            return;
        };
        let (asked, answered, told) = ["6869", "6f6b", "746f6c64"].map(behind_room).into();
        let answer = format!("payload={answered} format=TEXT traceparent={TRACE} token=other");
        serve(&mut service, &mut client, &answer);
        let settings =
            format!("format=JSON priority=CS6 ttl=60000 token=secret traceparent={TRACE}");
        let id = client.ask(&format!("send request {CLIENT} {METHOD} payload={asked} {settings}"));
        let request = service.ask("shown requests");
        let carried = [("token", Some("secret")), ("traceparent", Some(TRACE))];
        assert_shown(&request, &carried);
        let expected = [("id", Some(&*id)), ("source", Some(CLIENT)), ("format", Some("JSON"))];
        assert_shown(&request, &expected);
        assert_payload(&request, "6869");
        let response = client.ask("shown responses");
        let carried = [("token", Some("other")), ("traceparent", Some(TRACE))];
        assert_shown(&response, &carried);
        let expected = [("reqid", Some(&*id)), ("status", Some("OK")), ("format", Some("TEXT"))];
        assert_shown(&response, &expected);
        assert_payload(&response, "6f6b");
        listen(&mut client);
        let settings = format!("format=PROTOBUF traceparent={TRACE}");
        let id = service.ask(&format!("send publish {TOPIC} payload={told} {settings}"));
        let event = client.ask("shown events");
        let carried = [("id", Some(&*id)), ("traceparent", Some(TRACE))];
        assert_shown(&event, &carried);
        assert_shown(&event, &[("format", Some("PROTOBUF"))]);
        assert_payload(&event, "746f6c64");
        assert_no_failed_checks([&mut service, &mut client]);
    }
}

#[test]
fn protected_attributes_arrive_over_udp() {
    attributes_of_protected_messages_arrive(Udp);
}

#[test]
fn protected_attributes_arrive_over_tcp() {
    attributes_of_protected_messages_arrive(Tcp);
}

/// What protects them is not at the beginning.
#[test]
fn attributes_arrive_with_offset_protection() {
    for (profile, key, offset) in
        [("CRC32", "crc_offset", "4"), ("P04", "crc_offset", "96"), ("P07", "crc_offset", "0x60")]
    {
        let protected = ["0x0421", "0x8001"].map(|id| {
            let mut entry = entry("0x5300", id, profile, "both");
            entry[key] = json!(offset);
            entry["min_data_length"] = json!("32");
            entry
        });
        let Some((_hosts, mut service, mut client)) = peers_with(&protected, Udp, &CARRIED) else {
            return;
        };
        let payload = format!("aabbccdd{}6869", "00".repeat(20));
        serve(&mut service, &mut client, &format!("payload={payload} token=other"));
        client.ask(&format!("send request {CLIENT} {METHOD} token=secret payload={payload}"));
        listen(&mut client);
        let request = service.ask("shown requests");
        let response = client.ask("shown responses");
        service.ask(&format!("send publish {TOPIC} traceparent={TRACE} payload={payload}"));
        let event = client.ask("shown events");
        assert_shown(&request, &[("token", Some("secret"))]);
        assert_shown(&response, &[("token", Some("other")), ("status", Some("OK"))]);
        assert_shown(&event, &[("traceparent", Some(TRACE))]);
        for shown in [&request, &response, &event] {
            let payload = value(shown, "payload").unwrap();
            let is_left = payload.starts_with("aabbccdd") && payload.ends_with("6869");
            assert!(is_left && size_of(shown) == 26, "{profile}: {shown}");
        }
        assert_no_failed_checks([&mut service, &mut client]);
    }
}

/// An error has no payload, so vsomeip would write into its attributes.
#[test]
fn status_of_protected_error_arrives() {
    for (profile, over) in [("CRC32", Udp), ("P04", Udp), ("P04", Tcp), ("P07", Tcp)] {
        let Some((_hosts, mut service, mut client)) = peers(profile, over, &CARRIED) else {
            return;
        };
        serve(&mut service, &mut client, "status=PERMISSION_DENIED token=other");
        let request = format!("send request {CLIENT} {METHOD} payload={}", behind_room("6869"));
        client.ask(&request);
        let expected = [("status", Some("PERMISSION_DENIED")), ("token", Some("other"))];
        assert_shown(&client.ask("shown responses"), &expected);
        assert_no_failed_checks([&mut service, &mut client]);
    }
}

#[test]
fn refusal_of_protected_request_says_why() {
    for over in [Udp, Tcp] {
        let Some((_hosts, mut service, mut client)) = peers("P04", over, &[]) else { return };
        serve(&mut service, &mut client, "payload=6f6b");
        let request = format!("send request {CLIENT} {METHOD} payload={}", behind_room("6869"));
        client.ask(&request);
        let response = client.ask("shown responses");
        assert_shown(&response, &[("status", Some("FAILED_PRECONDITION"))]);
        assert!(reason(&response).contains("carry_attributes"), "{response}");
    }
}

/// What vsomeip writes needs room in front of the attributes.
#[test]
fn attributes_are_no_room_for_protection() {
    for (profile, size) in [("CRC32", 4), ("P04", 12)] {
        let Some((_hosts, mut service, mut client)) = peers(profile, Udp, &CARRIED) else { return };
        listen(&mut client);
        for short in [size - 1, 0] {
            let payload = "00".repeat(short);
            let answer = service.ask(&format!("send publish {TOPIC} payload={payload}"));
            assert!(answer.contains("INVALID_ARGUMENT"), "{profile}: {answer}");
            assert!(answer.contains(&format!("{size} bytes at least")), "{profile}: {answer}");
        }
        let id = service.ask(&format!("send publish {TOPIC} payload={}", "00".repeat(size)));
        assert_shown(&client.ask("shown events"), &[("id", Some(&id))]);
        assert_no_failed_checks([&mut service, &mut client]);
    }
}

/// Another sort of computer calls, answers and notifies, and computes what is in front by itself.
#[test]
fn damaged_attributes_are_not_delivered() {
    for (profile, offer) in
        [("CRC32", "offer"), ("P04", "offer"), ("CRC32", "offer-tcp"), ("P04", "offer-tcp")]
    {
        let protected = [("0x5310", "0x8001"), ("0x5310", "0x0421"), ("0x5300", "0x0421")];
        let protected = protected.map(|(service, id)| entry(service, id, profile, "both"));
        let Some(hosts) = hosts_with(&protected) else { return };
        let services = json!([service_with("unreliable", json!("30501"))]);
        let carried = ["--carry", "5300", "--carry", "5310"];
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &carried);
        let mut ecu = hosts.ecu();
        ecu.order(&format!("{offer} 5310 3 8001"));
        for (service, id) in [("5310", "8001"), ("5310", "421"), ("5300", "421")] {
            ecu.order(&format!("protect {service} {id} {profile}"));
        }
        hpc.order(&format!("answer requests {ANYBODY} {METHOD} payload={}", behind_room("6f6b")));
        hpc.order(&format!("show responses //ecu/5310/3/421 {HPC}"));
        // The authority is that of the carried source.
        hpc.order("show events //*/5310/3/8001");
        hpc.order("subscription //ecu/5310/3/8001 Accepted");
        let ask = format!(
            "send request {HPC} //ecu/5310/3/421 ttl=60000 token=secret payload={}",
            behind_room("6869")
        );
        let call = format!("call-hex 5300 421 2 {WRITTEN_BY_HAND}");
        let notify = format!("notify-hex 8001 {WRITTEN_BY_HAND}");

        let answered = ecu.ask(&call);
        assert!(answered.starts_with("RESPONSE E_OK 6f6b"), "{profile}: {answered}");
        let request = hpc.ask("shown requests").replace("let me in", "let-me-in");
        assert_shown(&request, &BY_HAND[..BY_HAND.len() - 1]);
        assert_payload(&request, "6869");
        hpc.ask(&ask);
        let response = hpc.ask("shown responses");
        assert_shown(&response, &[("status", Some("OK")), ("token", Some("secret"))]);
        assert_payload(&response, "6869");

        for (service, id) in [("5310", "8001"), ("5310", "421"), ("5300", "421")] {
            ecu.order(&format!("spoil {service} {id} checksum"));
        }
        assert_eq!(ecu.ask(&call), "ERROR E_MALFORMED_MESSAGE", "{profile}");
        hpc.ask(&ask);
        assert_shown(&hpc.ask("shown responses"), &[("status", Some("DATA_LOSS"))]);
        ecu.order(&notify);
        hpc.ask_until("metrics", |metrics| metrics.contains("e2e_failed: 3,"));

        ecu.order("spoil 5310 8001 nothing");
        ecu.order(&notify);
        let event = hpc.ask("shown events").replace("let me in", "let-me-in");
        assert_shown(&event, &[("traceparent", Some(TRACE)), ("token", Some("let-me-in"))]);
        assert_payload(&event, "6869");
        let metrics = hpc.ask("metrics");
        assert!(metrics.contains("attributes_refused: 0"), "{metrics}");
    }
}

/// The attributes count for the limit of a datagram.
#[test]
fn protected_attributes_fit_datagram() {
    let Some((_hosts, mut service, mut client)) = peers("P04", Udp, &CARRIED) else { return };
    serve(&mut service, &mut client, &format!("payload={}", behind_room("6f6b")));
    let request = |size: usize| {
        let payload = "00".repeat(size);
        format!("send request {CLIENT} {METHOD} ttl=60000 token=secret payload={payload}")
    };
    let refused = client.ask(&request(DATAGRAM));
    assert!(refused.contains("INVALID_ARGUMENT"), "{refused}");
    let mut words = refused.split(' ');
    let all: usize = words.find_map(|word| word.parse().ok()).expect("a size");
    let largest = 2 * DATAGRAM - all;
    let refused = client.ask(&request(largest + 1));
    assert!(refused.contains("1401 bytes"), "{refused}");
    let id = client.ask(&request(largest));
    assert_shown(&client.ask("shown responses"), &[("reqid", Some(&id)), ("status", Some("OK"))]);
    let request = service.ask("shown requests");
    assert_eq!(size_of(&request), largest);
    assert_shown(&request, &[("token", Some("secret"))]);
}

/// The length that P04 writes would not be right any more, and the message dropped.
#[test]
fn longest_message_of_profile_arrives() {
    let Some((_hosts, mut service, mut client)) = peers("P04", Tcp, &CARRIED) else { return };
    listen(&mut client);
    let publish = |size: usize| format!("send publish {TOPIC} payload={}", "00".repeat(size));
    let answer = service.ask(&publish(LONGEST_OF_P04));
    assert!(answer.contains("INVALID_ARGUMENT"), "{answer}");
    let sizes = answer.split(|character: char| !character.is_ascii_digit());
    let sizes = sizes.filter_map(|number| number.parse().ok());
    let all: usize = sizes.max().expect("a size");
    let largest = 2 * LONGEST_OF_P04 - all;
    let answer = service.ask(&publish(largest + 1));
    assert!(answer.contains(&format!("takes {LONGEST_OF_P04} bytes at most")), "{answer}");
    let id = service.ask(&publish(largest));
    let event = client.ask("shown events");
    assert_shown(&event, &[("id", Some(&id))]);
    assert_eq!(size_of(&event), largest);
    assert_no_failed_checks([&mut service, &mut client]);
}
