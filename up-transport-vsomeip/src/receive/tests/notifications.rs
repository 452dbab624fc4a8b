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

//! Notifications received as requests without return.

use super::*;

fn notification() -> Header {
    header(MessageType::RequestNoReturn, 0)
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn request_to_method_0_is_notification() {
    let fixture = Fixture::new();
    let sink = Some("//here/1234/1/0");
    let mut inboxes = [
        ("//ecu/107/1/8001", "//ecu/107/1/8001"),
        ("//phone/107/1/8002", "//phone/107/1/8002"),
        ("//*/FFFFFFFF/FF/8003", "//ecu/107/1/8003"),
        (EVERYTHING, "//ecu/107/1/8000"),
    ]
    .map(|(source, expected)| (fixture.listen(source, sink), expected));
    let mut of_another = fixture.listen("//ecu/108/1/8001", sink);
    fixture.receive_with(&notification(), "x");
    for (inbox, expected) in &mut inboxes {
        let message = next(inbox).await;
        assert!(message.is_notification());
        assert_eq!(message.source_unchecked(), &uri(expected));
        assert_eq!(message.sink_unchecked(), &uri("//here/1234/1/0"));
        assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
    }
    idle().await;
    assert!(is_empty(&mut of_another));
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn notification_without_listener_is_unmatched() {
    let fixture = Fixture::new();
    fixture.receive(&notification());
    assert_eq!(fixture.metrics().dropped_unmatched, 1);
    assert_eq!(fixture.vsomeip.calls(), []);
}
