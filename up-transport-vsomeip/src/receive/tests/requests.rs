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

//! Requests, with and without return.

use super::*;

// [utest->dsn~someip-request-in~1]
#[tokio::test(start_paused = true)]
async fn request_waits_for_its_ttl() {
    let fixture = Fixture::new();
    let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
    let start = Instant::now();
    fixture.receive_with(&request(), "x");
    let message = next(&mut requests).await;
    assert!(message.is_request());
    assert_eq!(message.source_unchecked(), &uri("//ecu/107/1/0"));
    assert_eq!(message.sink_unchecked(), &uri(OWN_METHOD));
    assert_eq!(message.ttl().map(u128::from), Some(TTL.as_millis()));
    assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
    // After the listener has returned, the request can still be answered.
    idle().await;
    assert!(fixture.incoming.header(message.id_unchecked()).is_some());
    assert_eq!(fixture.incoming.next_expired().await.header, request());
    let waited = start.elapsed();
    assert!(waited >= TTL && waited <= TTL + Duration::from_millis(2), "{waited:?}");
    assert!(fixture.incoming.take(message.id_unchecked()).is_none());
    assert_eq!(fixture.refusals(), []);
}

// [utest->dsn~someip-request-in~1]
#[tokio::test(start_paused = true)]
async fn request_without_return_needs_no_entry() {
    let fixture = Fixture::with(Options { max_incoming_requests: 1, ..Options::default() });
    let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
    for _ in 0..100 {
        fixture.receive_with(&header(MessageType::RequestNoReturn, METHOD), "x");
    }
    assert_eq!(fixture.incoming.len(), 0);
    for _ in 0..100 {
        let message = next(&mut requests).await;
        assert!(message.is_request());
        assert_eq!(message.source_unchecked(), &uri("//ecu/107/1/0"));
        assert_eq!(message.sink_unchecked(), &uri(OWN_METHOD));
        assert!(fixture.incoming.is_without_return(message.id_unchecked()));
    }
    fixture.receive(&request());
    let message = next(&mut requests).await;
    assert!(!fixture.incoming.is_without_return(message.id_unchecked()));
    assert_eq!(fixture.refusals(), []);
}

// [utest->dsn~someip-request-in~1]
#[tokio::test(start_paused = true)]
async fn request_without_listener_is_refused() {
    use ReturnCode::{UnknownMethod, WrongInterfaceVersion};
    let fixture = Fixture::new();
    let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
    let mut of_one_client = fixture.listen("//ecu/108/1/0", Some("//here/1234/1/423"));
    // Responses of a remote method with the same id.
    let mut responses = fixture.listen("//ecu/1234/2/424", Some(OWN));
    for (what, header, reason) in [
        ("another method", Header { method: 0x422, ..request() }, UnknownMethod),
        ("another version", Header { interface_version: 2, ..request() }, WrongInterfaceVersion),
        ("another instance", Header { instance: 2, ..request() }, UnknownMethod),
        ("another service", Header { service: 0x5678, ..request() }, UnknownMethod),
        ("from another client", Header { method: 0x423, ..request() }, UnknownMethod),
        ("a method of others", Header { method: 0x424, ..request() }, UnknownMethod),
        ("no method", Header { method: 0, ..request() }, UnknownMethod),
        ("an event", Header { method: EVENT, ..request() }, UnknownMethod),
    ] {
        fixture.receive(&header);
        assert_eq!(fixture.refusals(), [reason], "{what}");
        let no_return = Header { message_type: MessageType::RequestNoReturn.into(), ..header };
        fixture.receive(&no_return);
        assert_eq!(fixture.refusals(), [], "{what}, without return");
    }
    // Rejected requests are not pending.
    assert_eq!(fixture.incoming.len(), 0);
    for inbox in [&mut requests, &mut of_one_client, &mut responses] {
        assert!(is_empty(inbox));
    }
    fixture.receive(&request());
    next(&mut requests).await;
    assert_eq!(fixture.refusals(), []);
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn incoming_requests_are_bounded() {
    let fixture = Fixture::with(Options { max_incoming_requests: 2, ..Options::default() });
    let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
    fixture.receive(&request());
    fixture.receive(&request());
    assert_eq!(fixture.refusals(), []);
    fixture.receive(&request());
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
    // One is answered.
    let answered = next(&mut requests).await;
    assert!(fixture.incoming.take(answered.id_unchecked()).is_some());
    fixture.receive(&request());
    assert_eq!(fixture.refusals(), []);
    fixture.receive(&request());
    assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
    // The others expire.
    for _ in 0..2 {
        fixture.incoming.next_expired().await;
    }
    fixture.receive(&request());
    assert_eq!(fixture.refusals(), []);
    for _ in 0..3 {
        next(&mut requests).await;
    }
    idle().await;
    assert!(is_empty(&mut requests));
}

#[tokio::test(start_paused = true)]
async fn failed_refusal_is_not_repeated() {
    let fixture = Fixture::new();
    let kind =
        ResponseKind { message_type: MessageType::Error, return_code: ReturnCode::UnknownMethod };
    fixture.vsomeip.refuse(Call::SendResponse(kind, Vec::new()));
    fixture.receive(&request());
    assert_eq!(fixture.metrics().dropped_unmatched, 1);
}
