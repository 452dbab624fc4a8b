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

//! Sending requests, and waiting for their services.

use super::*;

// [utest->dsn~someip-request-out~1]
#[tokio::test(start_paused = true)]
async fn request_to_available_service_is_sent() {
    let fixture = Fixture::new();
    fixture.send_request();
    let header = outbound::request(request().attributes.as_ref().unwrap()).unwrap();
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::RequestService(this()),
            Call::RegisterHandler(this(), MethodId::ANY),
            Call::SendRequest(header, b"question".to_vec()),
        ]
    );
    assert_eq!(fixture.metrics().sent, 1);
}

// [utest->dsn~someip-request-out~1]
#[tokio::test(start_paused = true)]
async fn service_is_requested_and_handled_once() {
    let fixture = Fixture::new();
    fixture.send_request();
    fixture.vsomeip.calls();
    fixture.send_request();
    assert!(matches!(fixture.vsomeip.calls()[..], [Call::SendRequest(..)]));
    fixture.send(request_to("//ecu/21234/3/422")).unwrap();
    assert!(matches!(fixture.vsomeip.calls()[..], [Call::SendRequest(..)]));
}

// [utest->dsn~someip-request-availability~1]
#[tokio::test(start_paused = true)]
async fn request_waits_for_its_service() {
    let fixture = Fixture::new();
    let id = fixture.send_one(request());
    sleep(Duration::from_millis(u64::from(TTL) / 4)).await;
    assert_eq!(fixture.vsomeip.calls(), [Call::RequestService(this())]);
    // Another service does not count.
    fixture.monitor.set_available(service(0x1234, 3), AVAILABLE, || true);
    yield_now().await;
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.metrics().sent, 0);

    fixture.monitor.set_available(this(), AVAILABLE, || true);
    let (header, payload) = fixture.vsomeip.next_request().await;
    assert_eq!((service_of(&header), header.method()), (this(), METHOD));
    assert_eq!(payload, b"question");
    assert_eq!(fixture.answered(1), Some(id));
    assert_eq!(fixture.metrics().sent, 1);
}

// [utest->dsn~someip-request-availability~1]
#[tokio::test(start_paused = true)]
async fn request_to_absent_service_is_unavailable() {
    let mut fixture = Fixture::new();
    let start = Instant::now();
    let id = fixture.send_one(request());
    let response = next(&mut fixture.responses).await;
    // Timers have a resolution of a millisecond.
    assert!(start.elapsed() <= Duration::from_millis(u64::from(TTL) + 1));
    assert!(response.is_response());
    assert_eq!(response.request_id_unchecked(), &id);
    assert_eq!(response.commstatus(), Some(UCode::UNAVAILABLE));
    assert_eq!(response.source_unchecked(), &uri(METHOD_URI));
    assert_eq!(response.sink_unchecked(), &uri(OWN));
    assert_eq!(response.ttl(), Some(TTL));

    fixture.vsomeip.calls();
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    sleep(Duration::from_millis(TTL.into())).await;
    assert_eq!(requests(fixture.vsomeip.calls()), []);
    assert_eq!(fixture.metrics().sent, 0);
    assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
}

// [utest->dsn~someip-request-availability~1]
#[tokio::test(start_paused = true)]
async fn waiting_does_not_hold_up_other_services() {
    let fixture = Fixture::new();
    fixture.send(request()).unwrap();
    fixture.monitor.set_available(service(0x5678, 1), AVAILABLE, || true);
    fixture.vsomeip.calls();
    fixture.send(request_to("//ecu/5678/1/1")).unwrap();
    assert_eq!(requests(fixture.vsomeip.calls()).len(), 1);
}

// [utest->dsn~someip-request-availability~1]
#[tokio::test(start_paused = true)]
async fn late_failure_is_reported_by_response() {
    let mut fixture = Fixture::new();
    let id = fixture.send_one(request());
    fixture.vsomeip.refuse_to_send();
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    assert_eq!(fixture.next_response().await, (id, UCode::INTERNAL));
}

#[tokio::test(start_paused = true)]
async fn failed_request_is_not_pending() {
    let fixture = Fixture::with(Setup { in_flight: 1, ..Setup::default() });
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    fixture.vsomeip.refuse_to_send();
    assert_eq!(fixture.send(request()), Err(UCode::INTERNAL));
    assert_eq!(fixture.metrics().sent, 0);
    fixture.vsomeip.refuse_nothing();
    assert_eq!(fixture.send(request()), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn failed_service_request_is_internal_error() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse(Call::RequestService(this()));
    assert_eq!(fixture.send(request()), Err(UCode::INTERNAL));
    assert_eq!(fixture.vsomeip.calls(), [Call::RequestService(this())]);
    fixture.vsomeip.refuse_nothing();
    assert_eq!(fixture.send(request()), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn failed_handler_is_retried() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse(Call::RegisterHandler(this(), MethodId::ANY));
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    assert_eq!(fixture.send(request()), Err(UCode::INTERNAL));
    assert_eq!(requests(fixture.vsomeip.calls()), []);
    fixture.vsomeip.refuse_nothing();
    let id = fixture.send_request();
    assert_eq!(fixture.answered(1), Some(id));
}

// [utest->dsn~someip-request-availability~1]
#[tokio::test(start_paused = true)]
async fn close_fails_waiting_requests() {
    let mut fixture = Fixture::new();
    let waiting = [(); 2].map(|()| fixture.send_one(request()));
    fixture.sender.close();
    for id in waiting {
        assert_eq!(fixture.next_response().await, (id, UCode::UNAVAILABLE));
    }
    assert_eq!(
        fixture.vsomeip.calls(),
        [Call::RequestService(this()), Call::ReleaseService(this())]
    );
    assert_eq!(fixture.sender.waiting(), 0);
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    assert_eq!(fixture.send(request()), Err(UCode::UNAVAILABLE));
    sleep(Duration::from_millis(TTL.into())).await;
    assert_eq!(requests(fixture.vsomeip.calls()), []);
    assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
}

#[tokio::test(start_paused = true)]
async fn sink_without_authority_is_accepted() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    let id = fixture.send_one(request_to("/21234/3/421"));
    assert_eq!(requests(fixture.vsomeip.calls()).len(), 1);
    assert_eq!(fixture.answered(1), Some(id));
}
