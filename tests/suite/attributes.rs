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
//! Carried attributes, also if only one end carries them, and payloads of zero bytes.

use harness::{repeat, Hosts, Network, Peer};

use crate::PEER;

const SERVICE: &str = "//service/5a00/1/0";
const METHOD: &str = "//service/5A00/1/421";
const CLIENT: &str = "//client/5a01/1/0";
const TOPIC: &str = "//service/5A00/1/8001";
const EVERYTHING: &str = "//*/FFFFFFFF/FF/FFFF";
pub(crate) const ANYBODY: &str = "//*/FFFFFFFF/FF/0";

const CARRIED: [&str; 2] = ["--carry", "5a00"];
pub(crate) const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The value of an attribute in what a peer has shown.
pub(crate) fn value<'a>(shown: &'a str, name: &str) -> Option<&'a str> {
    let settings = shown.split(' ').filter_map(|setting| setting.split_once('='));
    settings.filter(|(it, _)| *it == name).map(|(_, value)| value).next()
}

pub(crate) fn assert_shown(shown: &str, expected: &[(&str, Option<&str>)]) {
    for (name, expected) in expected {
        assert_eq!(value(shown, name), *expected, "{name} of {shown}");
    }
}

/// A service and a client, each with its options.
fn peers(of_service: &[&str], of_client: &[&str]) -> (Network, Peer, Peer) {
    let network = Network::new("service");
    let service = network.peer_with(PEER, "service", SERVICE, of_service);
    let client = network.peer_with(PEER, "client", CLIENT, of_client);
    (network, service, client)
}

/// The service answers as told, the client shows the responses.
fn serve(service: &mut Peer, client: &mut Peer, answer: &str) {
    service.order(&format!("answer requests {ANYBODY} {METHOD} {answer}"));
    client.order(&format!("show responses {METHOD} {CLIENT}"));
}

/// Has the client listen to the topic. The first message waits until it is connected.
fn listen(service: &mut Peer, client: &mut Peer) {
    client.order(&format!("show events {TOPIC}"));
    service.ask(&format!("send publish {TOPIC} payload=00"));
}

#[test]
fn attributes_of_request_and_response_arrive() {
    let (_network, mut service, mut client) = peers(&CARRIED, &CARRIED);
    let answer = format!("payload=6f6b format=TEXT traceparent={TRACE} token=other");
    serve(&mut service, &mut client, &answer);
    let id = client.ask(&format!(
        "send request {CLIENT} {METHOD} payload=6869 format=JSON priority=CS6 ttl=4321 \
         permission=7 token=secret traceparent={TRACE}"
    ));
    let request = service.ask("shown requests");
    assert_shown(
        &request,
        &[
            ("type", Some("REQUEST")),
            ("id", Some(&id)),
            ("source", Some("//client/5A01/1/0")),
            ("sink", Some(METHOD)),
            ("priority", Some("CS6")),
            ("ttl", Some("4321")),
            ("permission", Some("7")),
            ("token", Some("secret")),
            ("traceparent", Some(TRACE)),
            ("format", Some("JSON")),
            ("payload", Some("6869")),
        ],
    );
    let response = client.ask("shown responses");
    assert_shown(
        &response,
        &[
            ("reqid", Some(&id)),
            ("source", Some(METHOD)),
            ("sink", Some("//client/5A01/1/0")),
            ("priority", Some("CS6")),
            ("ttl", Some("4321")),
            ("status", Some("OK")),
            ("token", Some("other")),
            ("traceparent", Some(TRACE)),
            ("format", Some("TEXT")),
            ("payload", Some("6f6b")),
        ],
    );
}

#[test]
fn status_of_error_arrives_as_it_was() {
    let (_network, mut service, mut client) = peers(&CARRIED, &CARRIED);
    serve(&mut service, &mut client, "status=PERMISSION_DENIED");
    client.ask(&format!("send request {CLIENT} {METHOD}"));
    let response = client.ask("shown responses");
    assert_shown(&response, &[("status", Some("PERMISSION_DENIED")), ("payload", None)]);
}

#[test]
fn attributes_of_event_arrive() {
    let (_network, mut service, mut client) = peers(&CARRIED, &CARRIED);
    service.order(&format!("show own {TOPIC}"));
    listen(&mut service, &mut client);
    let settings = format!("payload= format=PROTOBUF priority=CS3 ttl=9000 traceparent={TRACE}");
    let id = service.ask(&format!("send publish {TOPIC} {settings}"));
    for (peer, listener) in [(&mut client, "events"), (&mut service, "own")] {
        // Behind the first one.
        peer.ask(&format!("shown {listener}"));
        let event = peer.ask(&format!("shown {listener}"));
        assert_shown(
            &event,
            &[
                ("type", Some("PUBLISH")),
                ("id", Some(&id)),
                ("source", Some(TOPIC)),
                ("priority", Some("CS3")),
                ("ttl", Some("9000")),
                ("traceparent", Some(TRACE)),
                ("format", Some("PROTOBUF")),
                ("payload", Some("")),
            ],
        );
    }
}

#[test]
fn attributes_of_notification_arrive() {
    for options in [&["--carry", "5a01"][..], &["--carry", "5a00", "--notify-by-event"]] {
        let (_network, mut service, mut client) = peers(options, options);
        client.order(&format!("show notices {TOPIC} {CLIENT}"));
        let id = service.ask(&format!("send notification {TOPIC} {CLIENT} token=secret"));
        assert_shown(
            &client.ask("shown notices"),
            &[
                ("type", Some("NOTIFICATION")),
                ("id", Some(&id)),
                ("source", Some(TOPIC)),
                ("sink", Some("//client/5A01/1/0")),
                ("token", Some("secret")),
                ("payload", None),
            ],
        );
    }
}

#[test]
fn request_is_refused_if_only_client_carries() {
    for of_service in [&[][..], &["--carry", "5a02"]] {
        let (_network, mut service, mut client) = peers(of_service, &CARRIED);
        serve(&mut service, &mut client, "payload=6f6b");
        client.ask(&format!("send request {CLIENT} {METHOD} payload=6869"));
        let response = client.ask("shown responses");
        assert_shown(&response, &[("status", Some("FAILED_PRECONDITION"))]);
        assert!(reason(&response).contains("cannot read attributes"), "{response}");
        let metrics = service.ask("metrics");
        assert!(metrics.contains("attributes_refused: 1"), "{metrics}");
        assert!(metrics.contains("delivered: 0"), "{metrics}");
    }
}

#[test]
fn request_without_attributes_is_refused() {
    let (_network, mut service, mut client) = peers(&CARRIED, &[]);
    serve(&mut service, &mut client, "payload=6f6b");
    client.ask(&format!("send request {CLIENT} {METHOD} payload=6869"));
    let response = client.ask("shown responses");
    assert_shown(&response, &[("status", Some("FAILED_PRECONDITION"))]);
    assert!(reason(&response).contains("carry_attributes"), "{response}");
    for peer in [&mut service, &mut client] {
        let metrics = peer.ask("metrics");
        assert!(metrics.contains("attributes_refused: 1"), "{metrics}");
    }
}

/// The text of the payload, a `UStatus`.
pub(crate) fn reason(shown: &str) -> String {
    let payload = value(shown, "payload").unwrap_or_default().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    String::from_utf8_lossy(&payload.chunks(2).map(byte).collect::<Vec<_>>()).into_owned()
}

#[test]
fn event_is_dropped_if_only_one_end_carries() {
    for (of_service, of_client) in [(&CARRIED[..], &[][..]), (&[], &CARRIED)] {
        let (_network, mut service, mut client) = peers(of_service, of_client);
        listen(&mut service, &mut client);
        repeat(|| {
            service.ask(&format!("send publish {TOPIC} payload=00"));
            let metrics = client.ask("metrics");
            match metrics.contains("delivered: 0") && !metrics.contains("attributes_refused: 0") {
                true => Ok(()),
                false => Err(metrics),
            }
        });
    }
}

/// The bytes are those of the example in ATTRIBUTES.md.
pub(crate) const WRITTEN_BY_HAND: &str = concat!(
    "6869",
    "0100100191a2b3c4d570018000000000000001",
    "02000a000053010100",
    "00687063",
    "03000106",
    "040004000005dc",
    "05000400000003",
    "07003730302d34626639326633353737623334646136613363653932396430653065343733362d",
    "303066303637616130626139303262372d3031",
    "0800096c6574206d6520696e",
    "09000106",
    "0100008c92013841f57550617474",
    "72f5",
);

pub(crate) const BY_HAND: [(&str, Option<&str>); 9] = [
    ("source", Some("//hpc/5301/1/0")),
    ("id", Some("0191a2b3-c4d5-7001-8000-000000000001")),
    ("priority", Some("CS5")),
    ("ttl", Some("1500")),
    ("permission", Some("3")),
    ("traceparent", Some(TRACE)),
    ("token", Some("let-me-in")),
    ("format", Some("RAW")),
    ("payload", Some("6869")),
];

#[test]
fn handwritten_trailer_is_read() {
    // The client knows of no trailers: what it sends is the payload as it is.
    let (_network, mut service, mut client) = peers(&CARRIED, &[]);
    service.order(&format!("show requests {ANYBODY} {METHOD}"));
    client.ask(&format!("send request {CLIENT} {METHOD} payload={WRITTEN_BY_HAND}"));
    let request = service.ask("shown requests").replace("let me in", "let-me-in");
    assert_shown(&request, &BY_HAND);
}

#[test]
fn request_with_damaged_trailer_is_refused() {
    let (_network, mut service, mut client) = peers(&CARRIED, &[]);
    serve(&mut service, &mut client, "payload=6f6b");
    let damaged = WRITTEN_BY_HAND.replacen("000005dc", "000005dd", 1);
    client.ask(&format!("send request {CLIENT} {METHOD} payload={damaged}"));
    service.ask_until("metrics", |metrics| {
        metrics.contains("attributes_refused: 1") && metrics.contains("delivered: 0")
    });
}

#[test]
fn streamer_route_gets_carried_source() {
    let services = serde_json::json!([{ "service": "0x5a00", "instance": "1" }]);
    let network = Network::new("service").with_services(services);
    let mut service = network.peer_with(PEER, "service", SERVICE, &CARRIED);
    let mut client = network.peer_with(PEER, "client", CLIENT, &CARRIED);
    service.order(&format!("answer requests //client/FFFFFFFF/FF/FFFF {EVERYTHING}"));
    client.order(&format!("show responses {METHOD} {CLIENT}"));
    client.ask(&format!("send request {CLIENT} {METHOD} token=secret"));
    let request = service.ask("shown requests");
    assert_shown(&request, &[("source", Some("//client/5A01/1/0")), ("token", Some("secret"))]);
    assert_shown(&client.ask("shown responses"), &[("status", Some("OK"))]);
}

#[test]
fn default_values_arrive_in_agreed_format() {
    for options in [&["--payload-format", "PROTOBUF"][..], &["--service-format", "5a00=PROTOBUF"]] {
        let (_network, mut service, mut client) = peers(options, options);
        listen(&mut service, &mut client);
        service.ask(&format!("send publish {TOPIC}"));
        client.ask("shown events");
        let expected = [("payload", Some("")), ("format", Some("PROTOBUF"))];
        assert_shown(&client.ask("shown events"), &expected);
        serve(&mut service, &mut client, "payload=");
        client.ask(&format!("send request {CLIENT} {METHOD} payload="));
        assert_shown(&service.ask("shown requests"), &expected);
        assert_shown(&client.ask("shown responses"), &expected);
        client.order(&format!("show others //service/5A00/1/422 {CLIENT}"));
        client.ask(&format!("send request {CLIENT} //service/5A00/1/422"));
        let refused = client.ask("shown others");
        assert_shown(&refused, &[("status", Some("INVALID_ARGUMENT")), ("payload", None)]);
    }
}

/// vsomeip keeps the value, and passes on a change only: the first one is not taken for none.
#[test]
fn default_value_of_field_arrives() {
    let services = serde_json::json!([{
        "service": "0x5a00", "instance": "1",
        "events": [{ "event": "0x8001", "is_field": "true" }],
        "eventgroups": [{ "eventgroup": "0x8001", "events": ["0x8001"] }],
    }]);
    let network = Network::new("service").with_services(services);
    let options = ["--payload-format", "PROTOBUF"];
    let mut service = network.peer_with(PEER, "service", SERVICE, &options);
    let mut client = network.peer_with(PEER, "client", CLIENT, &options);
    let assert_value = |client: &mut Peer, listener: &str, value: &str| {
        let expected = [("payload", Some(value)), ("format", Some("PROTOBUF"))];
        assert_shown(&client.ask(&format!("shown {listener}")), &expected);
    };
    service.ask(&format!("send publish {TOPIC} payload="));
    client.order(&format!("show events {TOPIC}"));
    assert_value(&mut client, "events", "");
    for value in ["0801", "", "0802", ""] {
        service.ask(&format!("send publish {TOPIC} payload={value}"));
        assert_value(&mut client, "events", value);
    }
    client.order(&format!("show later {TOPIC}"));
    assert_value(&mut client, "later", "");
    let mut other = network.peer_with(PEER, "other", "//other/5a03/1/0", &options);
    other.order(&format!("show events {TOPIC}"));
    assert_value(&mut other, "events", "");
}

#[test]
fn default_value_of_notification_arrives() {
    let format = ["--payload-format", "PROTOBUF"];
    for options in [format.to_vec(), [format.as_slice(), &["--notify-by-event"]].concat()] {
        let (_network, mut service, mut client) = peers(&options, &options);
        client.order(&format!("show notices {TOPIC} {CLIENT}"));
        service.ask(&format!("send notification {TOPIC} {CLIENT} payload="));
        let expected = [("payload", Some("")), ("format", Some("PROTOBUF"))];
        assert_shown(&client.ask("shown notices"), &expected);
    }
}

#[test]
fn zero_bytes_without_format_are_no_payload() {
    let options = ["--service-format", "5a02=PROTOBUF"];
    let (_network, mut service, mut client) = peers(&options, &options);
    serve(&mut service, &mut client, "payload=");
    client.ask(&format!("send request {CLIENT} {METHOD} payload="));
    let expected = [("payload", None), ("format", Some("UNSPECIFIED"))];
    assert_shown(&service.ask("shown requests"), &expected);
    assert_shown(&client.ask("shown responses"), &expected);
}

/// A foreign stack sends back what it gets, byte for byte.
#[test]
fn foreign_stack_sends_attributes_back() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let own = "//hpc/5300/2/0";
    let mut hpc = hosts.peer_with(PEER, own, &["--carry", "5310"]);
    let mut ecu = hosts.ecu();
    ecu.order("offer 5310 3 8001");
    hpc.order(&format!("show responses //ecu/5310/3/421 {own}"));
    let request =
        format!("send request {own} //ecu/5310/3/421 ttl=60000 token=secret payload=6869");
    let id = hpc.ask(&request);
    let response = hpc.ask("shown responses");
    // It is that of the request: the ECU knows nothing of it.
    assert_shown(
        &response,
        &[
            ("id", Some(&id)),
            ("reqid", Some(&id)),
            ("token", Some("secret")),
            ("payload", Some("6869")),
        ],
    );
}

/// An ECU that knows nothing of attributes calls, and answers.
#[test]
fn ecu_without_attributes_gets_errors() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let own = "//hpc/5300/2/0";
    let mut hpc = hosts.peer_with(PEER, own, &["--carry", "5300", "--carry", "5310"]);
    let mut ecu = hosts.ecu();
    ecu.order("offer 5310 3 8001");
    hpc.order(&format!("answer requests {ANYBODY} //hpc/5300/2/421 payload=6f6b"));
    let refused = ecu.ask("call-hex 5300 421 2 6869");
    assert!(refused.starts_with("ERROR E_WRONG_PROTOCOL_VERSION "), "{refused}");
    assert!(refused.ends_with("f5755061747472f5"), "{refused}");
    let answered = ecu.ask(&format!("call-hex 5300 421 2 {WRITTEN_BY_HAND}"));
    assert!(answered.starts_with("RESPONSE E_OK 6f6b"), "{answered}");
    assert_shown(&hpc.ask("shown requests").replace("let me in", "let-me-in"), &BY_HAND);
    hpc.order("show events //ecu/5310/3/8001");
    hpc.order("subscription //ecu/5310/3/8001 Accepted");
    repeat(|| {
        ecu.order("notify 8001 1");
        let metrics = hpc.ask("metrics");
        let is_refused = metrics.contains("attributes_refused: 2");
        is_refused.then_some(()).ok_or(metrics)
    });
}

/// up-rust's client and server work without a format that is agreed upon.
#[test]
fn rpc_works_without_agreed_format() {
    let (_network, mut service, mut client) = peers(&CARRIED, &CARRIED);
    service.order(&format!("serve-l2 {METHOD}"));
    assert_eq!(client.ask(&format!("call-l2 {METHOD} hello")), "HELLO");
    let error = client.ask(&format!("call-l2 {METHOD} \"\""));
    assert!(error.starts_with("error"), "{error}");
}
