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

//! Events, delivered as published and as notifications.

use super::*;

// [utest->dsn~someip-source-authority~1]
#[tokio::test(start_paused = true)]
async fn event_comes_from_known_authority() {
    let fixture = Fixture::new();
    let mut all = fixture.listen(EVERYTHING, None);
    let mut there = fixture.listen("//brakes/1234/1/8001", None);
    // Another authority does not match.
    let mut elsewhere = fixture.listen("//elsewhere/1234/1/8001", None);
    fixture.receive_with(&event(), "x");
    for inbox in [&mut all, &mut there] {
        let message = next(inbox).await;
        assert!(message.is_publish());
        assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/8001"));
        assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
    }
    idle().await;
    assert!(is_empty(&mut elsewhere));
}

// [utest->dsn~someip-source-authority~1]
#[tokio::test(start_paused = true)]
async fn filter_names_authority_of_unknown_service() {
    let fixture = Fixture::new();
    let mut all = fixture.listen(EVERYTHING, None);
    let mut there = fixture.listen("//elsewhere/5678/1/8001", None);
    fixture.receive(&Header { service: 0x5678, ..event() });
    assert_eq!(next(&mut all).await.source_unchecked(), &uri("//ecu/5678/1/8001"));
    assert_eq!(next(&mut there).await.source_unchecked(), &uri("//elsewhere/5678/1/8001"));
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn event_is_published_and_notified() {
    let fixture = Fixture::new();
    let mut publications = fixture.listen("//brakes/1234/1/8001", None);
    let mut notifications = fixture.listen("//brakes/1234/1/8001", Some(OWN));
    let mut of_any_service = fixture.listen("//*/FFFFFFFF/FF/8001", Some(OWN));
    fixture.receive_with(&event(), "x");
    assert!(next(&mut publications).await.is_publish());
    for inbox in [&mut notifications, &mut of_any_service] {
        let message = next(inbox).await;
        assert!(message.is_notification());
        assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/8001"));
        assert_eq!(message.sink_unchecked(), &uri(OWN));
        assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
    }
    idle().await;
    for inbox in [&mut publications, &mut notifications, &mut of_any_service] {
        assert!(is_empty(inbox));
    }
    let metrics = fixture.metrics();
    assert_eq!((metrics.delivered, metrics.dropped_unmatched), (3, 0));
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn point_to_point_filter_takes_no_events() {
    let fixture = Fixture::new();
    let mut sent_to_own = fixture.listen(EVERYTHING, Some(OWN));
    let mut sent_to_anybody = fixture.listen(EVERYTHING, Some(EVERYTHING));
    let mut publications = fixture.listen("//brakes/1234/1/8001", None);
    let mut notifications = fixture.listen("//brakes/1234/1/8001", Some(OWN));
    fixture.receive(&event());
    assert!(next(&mut publications).await.is_publish());
    assert!(next(&mut notifications).await.is_notification());
    idle().await;
    assert!(is_empty(&mut sent_to_own));
    assert!(is_empty(&mut sent_to_anybody));
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn notification_has_sink_of_filter() {
    const OTHER: &str = "//there/77/3/0";
    const EVENT: &str = "//brakes/1234/1/8001";
    let fixture = Fixture::new();
    let mut own = fixture.listen(EVENT, Some(OWN));
    let mut other = fixture.listen(EVENT, Some(OTHER));
    let (mailbox, mut both) = fixture.mailbox();
    for sink in [OWN, ANYBODY, OTHER] {
        fixture.register(EVENT, Some(sink), &mailbox);
    }
    fixture.receive(&event());
    assert_eq!(next(&mut own).await.sink_unchecked(), &uri(OWN));
    assert_eq!(next(&mut other).await.sink_unchecked(), &uri(OTHER));
    for sink in [OWN, OTHER] {
        assert_eq!(next(&mut both).await.sink_unchecked(), &uri(sink));
    }
    idle().await;
    for inbox in [&mut own, &mut other, &mut both] {
        assert!(is_empty(inbox));
    }
}

#[tokio::test(start_paused = true)]
async fn event_without_listener_is_unmatched() {
    let fixture = Fixture::new();
    fixture.receive(&event());
    assert_eq!(fixture.metrics().dropped_unmatched, 1);
    let mut notifications = fixture.listen("//brakes/1234/1/8001", Some(OWN));
    fixture.receive(&event());
    next(&mut notifications).await;
    assert_eq!(fixture.metrics().dropped_unmatched, 1);
    fixture.receive(&Header { instance: 2, ..event() });
    assert_eq!(fixture.metrics().dropped_unmatched, 2);
}
