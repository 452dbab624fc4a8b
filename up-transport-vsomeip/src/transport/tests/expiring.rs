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

//! Requests without an answer in time.

use super::*;

const METHOD: &str = "//ecu/21234/3/421";

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.keep_house(&Handle::current());
    fixture.make_available(service(0x1234, 2));
    fixture
}

// [utest->dsn~someip-request-expiry~1]
#[tokio::test(start_paused = true)]
async fn request_without_response_exceeds_deadline() {
    let (fixture, (listener, mut responses)) = (fixture(), inbox());
    fixture.register(EVERYTHING, Some(OWN), &listener).await.unwrap();
    let start = tokio::time::Instant::now();
    let request = request_to(METHOD, 1_000);
    fixture.send(request.clone()).await.unwrap();
    assert_eq!(fixture.transport.metrics().waiting.for_responses, 1);
    let response = next(&mut responses).await;
    // Timers have a resolution of a millisecond.
    assert!(start.elapsed() <= Duration::from_millis(1_001));
    assert!(response.is_response());
    assert_eq!(response.request_id_unchecked(), request.id_unchecked());
    assert_eq!(response.commstatus(), Some(UCode::DEADLINE_EXCEEDED));
    assert_eq!(response.source_unchecked(), &uri(METHOD));
    assert_eq!(response.sink_unchecked(), &uri(OWN));
    let metrics = fixture.transport.metrics();
    assert_eq!((metrics.requests_expired, metrics.waiting.for_responses), (1, 0));
}

// [utest->dsn~someip-response-to-request~1]
#[tokio::test(start_paused = true)]
async fn unanswered_request_times_out_at_caller() {
    let (fixture, (listener, mut requests)) = (fixture(), inbox());
    fixture.register(ANYBODY, Some(OWN_METHOD), &listener).await.unwrap();
    let (answered, unanswered) = (fixture.deliver_request(), fixture.deliver_request());
    next(&mut requests).await;
    next(&mut requests).await;
    assert_eq!(fixture.transport.metrics().waiting.for_answers, 2);
    fixture.send(response_to(&answered)).await.unwrap();
    fixture.calls();
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(fixture.calls(), [refusal(ReturnCode::Timeout)]);
    let metrics = fixture.transport.metrics();
    assert_eq!((metrics.unanswered, metrics.waiting.for_answers), (1, 0));
    assert_eq!(fixture.send(response_to(&unanswered)).await, Err(UCode::NOT_FOUND));
}
