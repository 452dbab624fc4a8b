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

//! Messages whose E2E check has failed, which are never delivered.

use up_rust::{UCode, UStatus};
use vsomeip_sys::CheckResult;

use super::*;

const RESULTS: [CheckResult; 3] =
    [CheckResult::WrongChecksum, CheckResult::Failed, CheckResult::Unknown(9)];

/// The same message after a failed check.
fn failed(header: Header, result: CheckResult) -> Header {
    Header { check_result: result.into(), ..header }
}

#[tokio::test(start_paused = true)]
async fn failed_event_reaches_nobody() {
    for result in RESULTS {
        let fixture = Fixture::new();
        let mut publications = fixture.listen(TOPIC, None);
        let mut to_own = fixture.listen(TOPIC, Some(OWN));
        let mut to_all = fixture.listen(EVERYTHING, Some(EVERYTHING));
        fixture.receive_with(&failed(event(), result), "bad");
        fixture.receive(&failed(event(), result));
        fixture.receive_with(&failed(header(MessageType::RequestNoReturn, 0), result), "bad");
        fixture.receive_with(&failed(header(MessageType::RequestNoReturn, METHOD), result), "bad");
        idle().await;
        assert!([&mut publications, &mut to_own, &mut to_all].into_iter().all(is_empty));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.metrics(), Metrics { e2e_failed: 4, ..Metrics::default() });
    }
}

#[tokio::test(start_paused = true)]
async fn failed_value_of_field_is_not_kept() {
    let fixture = Fixture::new().with_field();
    let (_, mut first) = fixture.subscribe(TOPIC, None);
    for (result, number) in [(CheckResult::Ok, 1_u32), (CheckResult::WrongChecksum, 2)] {
        let payload = Bytes::copy_from_slice(&number.to_be_bytes());
        fixture.receive_value(&failed(event(), result), payload);
    }
    let (_, mut second) = fixture.subscribe(TOPIC, None);
    for inbox in [&mut first, &mut second] {
        assert_eq!(number_of(&next(inbox).await), 1);
    }
    idle().await;
    assert!(is_empty(&mut first) && is_empty(&mut second));
}

// [utest->dsn~someip-request-in~1]
#[tokio::test(start_paused = true)]
async fn failed_request_is_refused() {
    for result in RESULTS {
        let fixture = Fixture::new();
        let mut requests = fixture.listen(ANYBODY, Some(OWN_METHOD));
        fixture.receive_with(&failed(request(), result), "bad");
        assert_eq!(fixture.refusals(), [ReturnCode::MalformedMessage]);
        idle().await;
        assert!(is_empty(&mut requests));
        assert_eq!(fixture.incoming.len(), 0);
        assert_eq!(fixture.metrics(), Metrics { e2e_failed: 1, ..Metrics::default() });
    }
}

// [utest->dsn~someip-response-in~1]
#[tokio::test(start_paused = true)]
async fn failed_response_becomes_data_loss() {
    for result in RESULTS {
        for message_type in [MessageType::Response, MessageType::Error] {
            let fixture = Fixture::new();
            let mut responses = fixture.listen("//brakes/1234/1/421", Some(OWN));
            let (sent, response) = fixture.send_request();
            let response = Header { message_type: message_type.into(), ..response };
            fixture.receive_with(&failed(response, result), "bad");
            let response = next(&mut responses).await;
            assert_eq!(response.request_id_unchecked(), sent.id_unchecked());
            assert_eq!(response.commstatus(), Some(UCode::DATA_LOSS));
            let status: UStatus = response.extract_protobuf().unwrap();
            assert!(status.get_message().contains("E2E check of the response"), "{status}");
            assert_eq!(fixture.outgoing.len(), 0);
            assert_eq!(fixture.metrics().e2e_failed, 1);
        }
    }
}

// [utest->dsn~someip-response-in~1]
#[tokio::test(start_paused = true)]
async fn failed_stray_response_completes_nothing() {
    let fixture = Fixture::new();
    let mut responses = fixture.listen("//brakes/1234/1/421", Some(OWN));
    let (_, response) = fixture.send_request();
    let stranger = Header { session: 8, ..response };
    fixture.receive_with(&failed(stranger, CheckResult::WrongChecksum), "bad");
    idle().await;
    assert!(is_empty(&mut responses));
    assert_eq!(fixture.outgoing.len(), 1);
    let metrics = fixture.metrics();
    assert_eq!((metrics.e2e_failed, metrics.uncorrelated), (1, 1));
}

// [utest->dsn~someip-response-in~1]
#[tokio::test(start_paused = true)]
async fn error_without_payload_keeps_its_status() {
    for message_type in [MessageType::Response, MessageType::Error] {
        let fixture = Fixture::new();
        let mut responses = fixture.listen("//brakes/1234/1/421", Some(OWN));
        let (_, response) = fixture.send_request();
        let return_code = ReturnCode::NotReady.into();
        let error = Header { message_type: message_type.into(), return_code, ..response };
        fixture.receive(&failed(error, CheckResult::Failed));
        assert_eq!(next(&mut responses).await.commstatus(), Some(UCode::UNAVAILABLE));
        assert_eq!(fixture.metrics().e2e_failed, 0);
    }
}
