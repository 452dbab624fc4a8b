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

//! Correlating responses with requests.

use super::*;

// [utest->dsn~someip-request-id~1]
#[tokio::test(start_paused = true)]
async fn response_answers_its_request_once() {
    let fixture = Fixture::new();
    let ids = [(); 3].map(|()| fixture.send_request());
    for (session, id) in [1, 2, 3].into_iter().zip(&ids).rev() {
        assert_eq!(fixture.answered(session).as_ref(), Some(id));
        assert_eq!(fixture.answered(session), None);
    }
    assert_eq!(fixture.answered(4), None);
}

// [utest->dsn~someip-request-id~1]
#[tokio::test(start_paused = true)]
async fn response_of_another_method_answers_nothing() {
    let fixture = Fixture::new();
    let id = fixture.send_request();
    for (what, stranger) in [
        ("service", Header { service: 0x5678, ..response(1) }),
        ("instance", Header { instance: 3, ..response(1) }),
        ("method", Header { method: 0x0999, ..response(1) }),
        ("client", Header { client: CLIENT.0 + 1, ..response(1) }),
        ("session", response(2)),
    ] {
        assert_eq!(fixture.outgoing.answered(&stranger), None, "{what}");
    }
    assert_eq!(fixture.answered(1), Some(id));
}

// [utest->dsn~someip-request-id~1]
#[tokio::test(start_paused = true)]
async fn session_ids_wrap_with_requests_in_flight() {
    const BEFORE_THE_WRAP: u16 = 3000;
    let fixture = Fixture::new();
    fixture.vsomeip.continue_after(u16::MAX - BEFORE_THE_WRAP);
    let sessions = (u16::MAX - BEFORE_THE_WRAP + 1..=u16::MAX).chain(1..=3000);
    let waiting: Vec<_> = sessions.map(|session| (session, fixture.send_request())).collect();
    for (session, id) in waiting {
        assert_eq!(fixture.answered(session), Some(id), "{session}");
    }
}

// [utest->dsn~someip-request-id~1]
#[tokio::test(start_paused = true)]
async fn more_requests_than_session_ids() {
    let fixture = Fixture::with(Setup { in_flight: 1, ..Setup::default() });
    for number in 0..70_000_u32 {
        let session = u16::try_from(number % u32::from(u16::MAX) + 1).unwrap();
        let id = fixture.send_request();
        assert_eq!(fixture.answered(session), Some(id), "{number}");
    }
}

// [utest->dsn~someip-request-id~1]
#[tokio::test(start_paused = true)]
async fn reused_request_id_aborts_older_request() {
    let mut fixture = Fixture::new();
    fixture.vsomeip.continue_after(6);
    let old = fixture.send_request();
    fixture.vsomeip.continue_after(6);
    let new = fixture.send_request();
    assert_eq!(fixture.next_response().await, (old, UCode::ABORTED));
    assert_eq!(fixture.answered(7), Some(new));
}

// [utest->dsn~someip-request-expiry~1]
#[tokio::test(start_paused = true)]
async fn answered_request_does_not_expire() {
    let fixture = Fixture::new();
    let (answered, expiring) = (fixture.send_request(), fixture.send_request());
    assert_eq!(fixture.answered(1), Some(answered));
    assert_eq!(fixture.outgoing.next_expired().await.id, expiring);
    assert_eq!(fixture.outgoing.len(), 0);
    // A late response.
    assert_eq!(fixture.answered(2), None);
}

// [utest->dsn~someip-request-expiry~1]
#[tokio::test(start_paused = true)]
async fn waiting_for_service_uses_up_ttl() {
    let fixture = Fixture::new();
    let start = Instant::now();
    let id = fixture.send_one(request());
    sleep(Duration::from_millis(u64::from(TTL) / 2)).await;
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    fixture.vsomeip.next_request().await;
    assert_eq!(fixture.outgoing.next_expired().await.id, id);
    // Timers have a resolution of a millisecond.
    assert!(start.elapsed() <= Duration::from_millis(u64::from(TTL) + 1));
}

#[tokio::test(start_paused = true)]
async fn full_table_refuses_until_room_is_made() {
    let fixture = Fixture::with(Setup { in_flight: 2, ..Setup::default() });
    fixture.send_request();
    let expiring = fixture.send_request();
    fixture.vsomeip.calls();
    assert_eq!(fixture.send(request()), Err(UCode::RESOURCE_EXHAUSTED));
    assert_eq!(fixture.vsomeip.calls(), []);
    assert!(fixture.answered(1).is_some());
    // Must not expire together with the other request.
    let mut lasting = request();
    lasting.attributes.as_mut().unwrap().ttl = Some(100 * TTL);
    assert_eq!(fixture.send(lasting), Ok(()));
    assert_eq!(fixture.send(request()), Err(UCode::RESOURCE_EXHAUSTED));
    assert_eq!(fixture.outgoing.next_expired().await.id, expiring);
    assert_eq!(fixture.send(request()), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn full_table_fails_waiting_request() {
    let mut fixture = Fixture::with(Setup { in_flight: 1, ..Setup::default() });
    let [first, second] = [(); 2].map(|()| fixture.send_one(request()));
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    assert_eq!(fixture.next_response().await, (second, UCode::RESOURCE_EXHAUSTED));
    assert_eq!(fixture.answered(1), Some(first));
}
