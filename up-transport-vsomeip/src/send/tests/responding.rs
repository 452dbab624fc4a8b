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

//! Responding to received requests.

use super::*;

fn sent(kind: ResponseKind) -> Vec<Call> {
    vec![Call::SendResponse(kind, b"answer".to_vec())]
}

fn answer(builder: &mut UMessageBuilder) -> UMessage {
    builder.build_with_payload("answer", UPayloadFormat::UPAYLOAD_FORMAT_RAW).unwrap()
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn request_is_answered_once() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.receive_request(), fixture.receive_request());
    assert_eq!(fixture.send(answer(&mut response_to(&first))), Ok(()));
    assert_eq!(fixture.vsomeip.calls(), sent(SUCCESS));
    assert_eq!(fixture.send(answer(&mut response_to(&first))), Err(UCode::NOT_FOUND));
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.send(answer(&mut response_to(&second))), Ok(()));
    assert_eq!(fixture.vsomeip.calls(), sent(SUCCESS));
    assert_eq!(fixture.metrics().sent, 2);
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn response_to_unknown_request_is_not_found() {
    let fixture = Fixture::new();
    fixture.receive_request();
    let response = answer(&mut response_to(&UUID::build()));
    assert_eq!(fixture.send(response), Err(UCode::NOT_FOUND));
    assert_eq!(fixture.vsomeip.calls(), []);
}

// [utest->dsn~someip-response-out~1]
#[tokio::test(start_paused = true)]
async fn status_decides_response_or_error() {
    let fixture = Fixture::new();
    let error = |return_code| ResponseKind { message_type: MessageType::Error, return_code };
    for (status, kind) in [
        (None, SUCCESS),
        (Some(UCode::OK), SUCCESS),
        (Some(UCode::UNAVAILABLE), error(ReturnCode::NotReady)),
        (Some(UCode::NOT_FOUND), error(ReturnCode::UnknownService)),
        (Some(UCode::UNIMPLEMENTED), error(ReturnCode::UnknownMethod)),
        (Some(UCode::PERMISSION_DENIED), error(ReturnCode::NotOk)),
    ] {
        let mut response = response_to(&fixture.receive_request());
        if let Some(status) = status {
            response.with_comm_status(status);
        }
        assert_eq!(fixture.send(answer(&mut response)), Ok(()));
        assert_eq!(fixture.vsomeip.calls(), sent(kind), "{status:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn refused_response_is_internal_error() {
    let fixture = Fixture::new();
    let id = fixture.receive_request();
    fixture.vsomeip.refuse(Call::SendResponse(SUCCESS, b"answer".to_vec()));
    assert_eq!(fixture.send(answer(&mut response_to(&id))), Err(UCode::INTERNAL));
    assert_eq!(fixture.metrics().sent, 0);
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn response_to_request_without_return_is_dropped() {
    let fixture = Fixture::new();
    let mut request = request();
    fixture.incoming.mark_without_return(&mut request);
    for _ in 0..2 {
        assert_eq!(fixture.send(answer(&mut response_to(request.id_unchecked()))), Ok(()));
    }
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!((fixture.metrics().sent, fixture.incoming.len()), (0, 0));
}
