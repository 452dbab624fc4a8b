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
//! Messages that carry their attributes, or should.

use protobuf::Message as _;
use up_rust::{UAttributes, UCode, UPriority, UStatus, UUID};

use super::*;
use crate::mapping::trailer;
use crate::options::CarriedAttributes;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn carrying() -> Options {
    let carried = CarriedAttributes { services: [(0x1234, None)].into(), all: false };
    Options { carried, ..Options::default() }
}

fn attributes() -> UAttributes {
    UAttributes {
        id: Some(UUID::build()).into(),
        source: Some(uri("//hpc/4711/5/0")).into(),
        priority: UPriority::UPRIORITY_CS5.into(),
        ttl: Some(500),
        permission_level: Some(7),
        traceparent: Some(TRACE.to_owned()),
        token: Some("secret".to_owned()),
        payload_format: UPayloadFormat::UPAYLOAD_FORMAT_JSON.into(),
        ..Default::default()
    }
}

fn written(attributes: &UAttributes) -> Bytes {
    trailer::append(Some(b"x"), attributes, "").unwrap()
}

/// Asserts what holds for each kind of message.
fn assert_carried(message: &UMessage, sent: &UAttributes) {
    let received = message.attributes.get_or_default();
    let expected = UAttributes {
        type_: received.type_,
        source: received.source.clone(),
        sink: received.sink.clone(),
        priority: received.priority,
        ttl: received.ttl,
        reqid: received.reqid.clone(),
        commstatus: received.commstatus,
        ..sent.clone()
    };
    assert_eq!(received, &expected);
    assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
}

impl Fixture {
    fn sent_responses(&self) -> Vec<(ReturnCode, Bytes)> {
        let responses = self.vsomeip.calls().into_iter().filter_map(|call| match call {
            Call::SendResponse(kind, payload) => Some((kind.return_code, payload.into())),
            _ => None,
        });
        responses.collect()
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn request_has_attributes_of_its_caller() {
    let fixture = Fixture::with(carrying());
    let mut requests = fixture.listen("//hpc/4711/5/0", Some(OWN_METHOD));
    let mut of_others = fixture.listen("//ecu/FFFFFFFF/FF/0", Some(OWN_METHOD));
    let sent = attributes();
    fixture.accept(&request(), written(&sent));
    let message = next(&mut requests).await;
    assert_carried(&message, &sent);
    assert_eq!(message.source_unchecked(), &uri("//hpc/4711/5/0"));
    assert_eq!(message.sink_unchecked(), &uri(OWN_METHOD));
    assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS5);
    assert_eq!(message.ttl(), Some(500));
    idle().await;
    assert!(is_empty(&mut of_others));
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn request_waits_for_its_carried_ttl() {
    for (ttl, milliseconds) in [(500, 500), (3_000, 3_000), (u32::MAX, 600_000)] {
        let fixture = Fixture::with(carrying());
        let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
        let start = Instant::now();
        let sent = UAttributes { ttl: Some(ttl), ..attributes() };
        fixture.accept(&request(), written(&sent));
        assert_eq!(next(&mut requests).await.ttl(), Some(ttl));
        fixture.incoming.next_expired().await;
        let waited = start.elapsed();
        let expected = Duration::from_millis(milliseconds);
        assert!(waited >= expected && waited <= expected + Duration::from_millis(2), "{waited:?}");
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn requests_with_same_id_are_both_answerable() {
    let fixture = Fixture::with(carrying());
    let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
    let sent = attributes();
    for _ in 0..2 {
        fixture.accept(&request(), written(&sent));
    }
    let first = next(&mut requests).await;
    let second = next(&mut requests).await;
    assert_eq!(first.id_unchecked(), sent.id.as_ref().unwrap());
    assert_ne!(second.id_unchecked(), first.id_unchecked());
    for message in [first, second] {
        assert!(fixture.incoming.take(message.id_unchecked()).is_some());
    }
    // An answered request does not count.
    fixture.accept(&request(), written(&sent));
    assert_eq!(next(&mut requests).await.id_unchecked(), sent.id.as_ref().unwrap());
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn request_without_return_keeps_its_id() {
    let fixture = Fixture::with(carrying());
    let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
    let sent = attributes();
    fixture.accept(&header(MessageType::RequestNoReturn, METHOD), written(&sent));
    let message = next(&mut requests).await;
    assert_carried(&message, &sent);
    assert_eq!(message.source_unchecked(), &uri("//hpc/4711/5/0"));
    assert_eq!(fixture.incoming.len(), 0);
    // A response to it must not answer another request.
    fixture.accept(&request(), written(&sent));
    fixture.accept(&header(MessageType::RequestNoReturn, METHOD), written(&sent));
    assert_eq!(next(&mut requests).await.attributes.id, sent.id);
    assert_ne!(next(&mut requests).await.attributes.id, sent.id);
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn notification_comes_from_its_source() {
    let fixture = Fixture::with(carrying());
    let mut notices = fixture.listen("//hpc/4711/5/8002", Some("//here/1234/1/0"));
    let mut of_others = fixture.listen("//hpc/4711/5/8003", Some("//here/1234/1/0"));
    let sent = UAttributes { source: Some(uri("//hpc/4711/5/8002")).into(), ..attributes() };
    fixture.accept(&header(MessageType::RequestNoReturn, 0), written(&sent));
    let message = next(&mut notices).await;
    assert_carried(&message, &sent);
    assert_eq!(message.source_unchecked(), &uri("//hpc/4711/5/8002"));
    assert_eq!(message.ttl(), Some(500));
    idle().await;
    assert!(is_empty(&mut of_others));
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn event_has_authority_of_its_source() {
    let fixture = Fixture::with(carrying());
    let mut events = fixture.listen("//hpc/1234/1/8001", None);
    let mut of_others = fixture.listen(TOPIC, None);
    // The ids are those of SOME/IP's header.
    let sent = UAttributes { source: Some(uri("//hpc/1/2/8003")).into(), ..attributes() };
    fixture.accept(&event(), written(&sent));
    let message = next(&mut events).await;
    assert_carried(&message, &sent);
    assert_eq!(message.source_unchecked(), &uri("//hpc/1234/1/8001"));
    assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS5);
    assert_eq!(message.ttl(), Some(500));
    idle().await;
    assert!(is_empty(&mut of_others));
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn source_without_authority_is_assumed() {
    let fixture = Fixture::with(carrying());
    let mut requests = fixture.listen("//elsewhere/4711/5/0", Some(OWN_METHOD));
    let mut events = fixture.listen(TOPIC, None);
    let sent = UAttributes { source: Some(uri("/4711/5/0")).into(), ..attributes() };
    fixture.accept(&request(), written(&sent));
    fixture.accept(&event(), written(&sent));
    assert_eq!(next(&mut requests).await.source_unchecked(), &uri("//elsewhere/4711/5/0"));
    assert_eq!(next(&mut events).await.source_unchecked(), &uri(TOPIC));
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn response_keeps_attributes_of_request() {
    let fixture = Fixture::with(carrying());
    let mut responses = fixture.listen(EVERYTHING, Some(OWN));
    let (sent_request, response) = fixture.send_request();
    let sent = attributes();
    fixture.accept(&response, written(&sent));
    let message = next(&mut responses).await;
    assert_carried(&message, &sent);
    assert_eq!(message.request_id_unchecked(), sent_request.id_unchecked());
    assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/421"));
    assert_eq!(message.priority_unchecked(), sent_request.priority_unchecked());
    assert_eq!(message.ttl(), sent_request.ttl());
    assert_eq!(message.commstatus(), Some(UCode::OK));
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn carried_status_refines_return_code() {
    use UCode::{NOT_FOUND, OK, PERMISSION_DENIED, UNKNOWN};
    for (code, carried, expected) in [
        (ReturnCode::NotOk, Some(PERMISSION_DENIED), PERMISSION_DENIED),
        (ReturnCode::NotOk, Some(OK), UNKNOWN),
        (ReturnCode::UnknownService, None, NOT_FOUND),
        (ReturnCode::Ok, Some(PERMISSION_DENIED), OK),
    ] {
        let fixture = Fixture::with(carrying());
        let mut responses = fixture.listen(EVERYTHING, Some(OWN));
        let (_, response) = fixture.send_request();
        let commstatus = carried.map(Into::into);
        let sent = UAttributes { commstatus, ..attributes() };
        fixture.accept(&Header { return_code: code.into(), ..response }, written(&sent));
        assert_eq!(next(&mut responses).await.commstatus(), Some(expected), "{code:?} {carried:?}");
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn mismatched_message_reaches_nobody() {
    use ReturnCode::{MalformedMessage, WrongProtocolVersion};
    let damaged = {
        let mut bytes = written(&attributes()).to_vec();
        bytes[10] ^= 1;
        Bytes::from(bytes)
    };
    let plain = Bytes::from_static(b"x");
    for (options, bytes, code) in [
        (carrying(), plain.clone(), WrongProtocolVersion),
        (carrying(), Bytes::new(), WrongProtocolVersion),
        (carrying(), damaged, MalformedMessage),
        (Options::default(), written(&attributes()), WrongProtocolVersion),
    ] {
        let is_carrying = options.carried == carrying().carried;
        let fixture = Fixture::with(options);
        let mut all = fixture.listen(EVERYTHING, None);
        let mut to_all = fixture.listen(EVERYTHING, Some(EVERYTHING));
        for header in [
            event(),
            header(MessageType::RequestNoReturn, 0),
            header(MessageType::RequestNoReturn, METHOD),
        ] {
            fixture.accept(&header, bytes.clone());
        }
        assert_eq!(fixture.sent_responses(), []);
        fixture.accept(&request(), bytes.clone());
        let [(sent_code, reason)] = &fixture.sent_responses()[..] else { panic!("one response") };
        assert_eq!(*sent_code, code);
        // The error carries attributes if those are agreed here, but the caller sends none.
        assert_eq!(trailer::is_at_end_of(reason), is_carrying);
        assert_eq!(fixture.metrics().attributes_refused, 4);
        assert_eq!(fixture.incoming.len(), 0);
        idle().await;
        assert!(is_empty(&mut all) && is_empty(&mut to_all));
    }
}

// [utest->dsn~someip-carried-attributes~1]
#[tokio::test(start_paused = true)]
async fn mismatched_response_fails_with_reason() {
    let ok = ReturnCode::Ok;
    let (plain, empty) = (Bytes::from_static(b"x"), Bytes::new());
    let refused = ReturnCode::WrongProtocolVersion;
    for (options, return_code, bytes, text) in [
        (carrying(), ok, plain, "carries no attributes"),
        (carrying(), ok, empty.clone(), "carries no attributes"),
        (carrying(), refused, empty, "cannot read attributes"),
        (Options::default(), ok, written(&attributes()), "set `carry_attributes`"),
        (Options::default(), refused, written(&attributes()), "set `carry_attributes`"),
    ] {
        let fixture = Fixture::with(options);
        let mut responses = fixture.listen(EVERYTHING, Some(OWN));
        let (sent_request, response) = fixture.send_request();
        let header = Header { return_code: return_code.into(), ..response };
        fixture.accept(&header, bytes);
        let message = next(&mut responses).await;
        assert_eq!(message.request_id_unchecked(), sent_request.id_unchecked());
        assert_eq!(message.commstatus(), Some(UCode::FAILED_PRECONDITION));
        let format = message.payload_format_unchecked();
        assert_eq!(format, UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF);
        let status = UStatus::parse_from_bytes(&message.payload.unwrap()).unwrap();
        assert_eq!(status.get_code(), UCode::FAILED_PRECONDITION);
        assert!(status.get_message().contains(text), "{status}");
        assert_eq!((fixture.outgoing.len(), fixture.metrics().attributes_refused), (0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn error_without_attributes_is_an_error() {
    let fixture = Fixture::with(carrying());
    let mut responses = fixture.listen(EVERYTHING, Some(OWN));
    let (_, response) = fixture.send_request();
    let code = ReturnCode::NotReady.into();
    fixture.accept(&Header { return_code: code, ..response }, Bytes::new());
    let message = next(&mut responses).await;
    assert_eq!((message.commstatus(), message.payload), (Some(UCode::UNAVAILABLE), None));
    assert_eq!(fixture.metrics().attributes_refused, 0);
}

#[tokio::test(start_paused = true)]
async fn invalid_carried_attributes_are_malformed() {
    let fixture = Fixture::with(carrying());
    for sent in [
        UAttributes { ttl: Some(0), ..attributes() },
        UAttributes { priority: UPriority::UPRIORITY_CS1.into(), ..attributes() },
        UAttributes { source: Some(uri("//hpc/1/1/8001")).into(), ..attributes() },
    ] {
        fixture.accept(&request(), written(&sent));
        assert_eq!(fixture.refusals(), [ReturnCode::MalformedMessage]);
    }
    fixture.accept(&header(MessageType::Request, EVENT), written(&attributes()));
    assert_eq!(fixture.refusals(), [ReturnCode::UnknownMethod]);
    assert_eq!(fixture.metrics().dropped_invalid, 4);
}

#[tokio::test(start_paused = true)]
async fn kept_value_of_field_has_no_ttl() {
    let fixture = Fixture::with(carrying()).with_field();
    let (_, mut first) = fixture.subscribe("//hpc/1234/1/8001", None);
    fixture.receive_value(&event(), written(&attributes()));
    assert_eq!(next(&mut first).await.ttl(), Some(500));
    let (_, mut second) = fixture.subscribe("//hpc/1234/1/8001", None);
    let message = next(&mut second).await;
    assert_eq!((message.ttl(), message.attributes.token.as_deref()), (None, Some("secret")));
}
