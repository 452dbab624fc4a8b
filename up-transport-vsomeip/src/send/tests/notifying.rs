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

//! Notifications, in each mode.

use super::*;

/// How long a notification without a time to live waits, as documented.
const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(5);

const SINK: &str = "//ecu/25678/4/0";
const NOTIFIED: MethodId = MethodId(0);

fn sink() -> ServiceInstance {
    service(0x5678, 2)
}

fn notification_with(ttl: Option<u32>, payload: &'static str) -> UMessage {
    let mut builder = UMessageBuilder::notification(uri(TOPIC), uri(SINK));
    if let Some(ttl) = ttl {
        builder.with_ttl(ttl);
    }
    builder.build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_RAW).unwrap()
}

fn notification() -> UMessage {
    notification_with(None, "news")
}

fn with_mode(notifications: NotificationMode) -> Fixture {
    Fixture::with_options(Options { notifications, ..Options::default() })
}

// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn notification_is_request_without_return() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(sink(), AVAILABLE, || true);
    assert_eq!(fixture.send(notification()), Ok(()));
    let header = Header::request(
        MessageType::RequestNoReturn,
        sink().service,
        sink().instance,
        NOTIFIED,
        MajorVersion(4),
        false,
    );
    assert_eq!(
        fixture.vsomeip.calls(),
        [Call::RequestService(sink()), Call::SendRequest(header, b"news".to_vec()),]
    );
    assert_eq!(fixture.metrics().sent, 1);
    // It is not pending.
    assert_eq!(fixture.answered(1), None);
    assert_eq!(fixture.outgoing.len(), 0);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(fixture.metrics().notifications_lost, 0);
}

// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn event_mode_publishes_notification() {
    let fixture = with_mode(NotificationMode::Event);
    assert_eq!(fixture.send(notification()), Ok(()));
    assert_eq!(fixture.vsomeip.calls(), [&offer(EVENT)[..], &[notify(EVENT)]].concat());
    // A published message is the same event.
    assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
    assert_eq!(fixture.vsomeip.calls(), [notify(EVENT)]);
    assert_eq!(fixture.metrics().sent, 2);
}

// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn reject_mode_refuses_notification() {
    let fixture = with_mode(NotificationMode::Reject);
    fixture.monitor.set_available(sink(), AVAILABLE, || true);
    assert_eq!(fixture.send(notification()), Err(UCode::UNIMPLEMENTED));
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.metrics().sent, 0);
    // Other messages are sent.
    assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
}

// [utest->dsn~someip-ttl-out~1]
#[tokio::test(start_paused = true)]
async fn expired_notification_is_not_sent() {
    for mode in [NotificationMode::RequestNoReturn, NotificationMode::Event] {
        let fixture = with_mode(mode);
        fixture.monitor.set_available(sink(), AVAILABLE, || true);
        let result = fixture.send(expired(notification()));
        assert_eq!(result, Err(UCode::DEADLINE_EXCEEDED), "{mode:?}");
        assert_eq!(fixture.vsomeip.calls(), [], "{mode:?}");
    }
}

// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn waiting_notifications_keep_their_order() {
    let fixture = Fixture::new();
    for payload in ["one", "two"] {
        assert_eq!(fixture.send(notification_with(None, payload)), Ok(()));
    }
    sleep(NOTIFICATION_TIMEOUT / 2).await;
    assert_eq!(requests(fixture.vsomeip.calls()), []);
    assert_eq!(fixture.metrics().sent, 0);
    fixture.monitor.set_available(sink(), AVAILABLE, || true);
    assert_eq!(fixture.send(notification_with(None, "three")), Ok(()));
    sleep(NOTIFICATION_TIMEOUT).await;
    let sent = requests(fixture.vsomeip.calls());
    let payloads: Vec<_> = sent.iter().map(|(_, payload)| payload.as_slice()).collect();
    assert_eq!(payloads, [&b"one"[..], b"two", b"three"]);
    assert!(sent.iter().all(|(header, _)| service_of(header) == sink()));
    let metrics = fixture.metrics();
    assert_eq!((metrics.sent, metrics.notifications_lost), (3, 0));
}

// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn notification_to_absent_service_is_lost() {
    for (ttl, timeout) in [
        (None, NOTIFICATION_TIMEOUT),
        (Some(0), NOTIFICATION_TIMEOUT),
        (Some(TTL), Duration::from_millis(TTL.into())),
        (Some(100 * TTL), Duration::from_millis((100 * TTL).into())),
    ] {
        let mut fixture = Fixture::new();
        assert_eq!(fixture.send(notification_with(ttl, "news")), Ok(()));
        // The message is a little older than this.
        sleep(timeout - Duration::from_millis(500)).await;
        assert_eq!(fixture.metrics().notifications_lost, 0, "{ttl:?}");
        sleep(Duration::from_millis(502)).await;
        assert_eq!(fixture.metrics().notifications_lost, 1, "{ttl:?}");
        fixture.monitor.set_available(sink(), AVAILABLE, || true);
        sleep(timeout).await;
        assert_eq!(requests(fixture.vsomeip.calls()), [], "{ttl:?}");
        assert_eq!(fixture.metrics().sent, 0, "{ttl:?}");
        // A notification gets no response.
        assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_notification_fails_or_is_lost() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse_to_send();
    fixture.monitor.set_available(sink(), AVAILABLE, || true);
    assert_eq!(fixture.send(notification()), Err(UCode::INTERNAL));
    assert_eq!(fixture.metrics().notifications_lost, 0);
    fixture.monitor.set_available(sink(), None, || true);
    assert_eq!(fixture.send(notification()), Ok(()));
    fixture.monitor.set_available(sink(), AVAILABLE, || true);
    sleep(Duration::from_millis(1)).await;
    let metrics = fixture.metrics();
    assert_eq!((metrics.sent, metrics.notifications_lost), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn failed_request_of_sink_is_internal_error() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse(Call::RequestService(sink()));
    assert_eq!(fixture.send(notification()), Err(UCode::INTERNAL));
    fixture.vsomeip.refuse_nothing();
    assert_eq!(fixture.send(notification()), Ok(()));
}

// [utest->dsn~someip-request-availability~1]
#[tokio::test(start_paused = true)]
async fn requests_and_notifications_share_waiting_room() {
    let mut fixture =
        Fixture::with_options(Options { max_outgoing_requests: 2, ..Options::default() });
    fixture.send(request()).unwrap();
    fixture.send(notification()).unwrap();
    let refused = Err(UCode::RESOURCE_EXHAUSTED);
    assert_eq!(fixture.send(request()), refused);
    assert_eq!(fixture.send(notification()), refused);
    assert_eq!(fixture.send(request_to("//ecu/9999/1/1")), refused);
    // A request that need not wait takes no room.
    fixture.monitor.set_available(service(0x8888, 1), AVAILABLE, || true);
    assert_eq!(fixture.send(request_to("//ecu/8888/1/1")), Ok(()));
    let answer = Header { service: 0x8888, instance: 1, method: 1, ..response(1) };
    assert!(fixture.outgoing.answered(&answer).is_some());
    // The notification finds its service, the request does not.
    fixture.monitor.set_available(sink(), AVAILABLE, || true);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(fixture.metrics().sent, 2);
    assert_eq!(fixture.send(request_to("//ecu/9999/1/1")), Ok(()));
    assert_eq!(fixture.send(request()), refused);
    let (_, status) = fixture.next_response().await;
    assert_eq!(status, UCode::UNAVAILABLE);
    assert_eq!(fixture.send(request()), Ok(()));
    assert_eq!(fixture.metrics().notifications_lost, 0);
}

#[tokio::test(start_paused = true)]
async fn waiting_notification_is_lost_at_close() {
    let fixture = Fixture::new();
    assert_eq!(fixture.send(notification()), Ok(()));
    fixture.sender.close();
    assert_eq!(fixture.metrics().notifications_lost, 1);
    assert_eq!(fixture.send(notification()), Err(UCode::UNAVAILABLE));
}
