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

//! Payloads that are too large.

use super::*;

fn large(builder: &mut UMessageBuilder, size: usize) -> UMessage {
    let format = UPayloadFormat::UPAYLOAD_FORMAT_RAW;
    builder.build_with_payload(vec![0; size], format).unwrap()
}

fn large_request(size: usize) -> UMessage {
    large(&mut UMessageBuilder::request(uri(METHOD_URI), uri(OWN), TTL), size)
}

fn large_event(size: usize) -> UMessage {
    large(&mut UMessageBuilder::publish(uri(TOPIC)), size)
}

fn with_stack(stack: StackConfig) -> Fixture {
    Fixture::with(Setup { stack, ..Setup::default() })
}

fn limited() -> Fixture {
    with_stack(StackConfig { max_payload_size_local: Some(2000), ..StackConfig::default() })
}

/// Moves all available services to another host.
fn move_away(fixture: &Fixture) {
    let available = fixture.monitor.state().services.keys().copied().collect();
    fixture.monitor.set_offered(Default::default(), &available);
}

// [utest->dsn~someip-payload-size~1]
#[tokio::test(start_paused = true)]
async fn message_above_local_limit_is_refused() {
    let fixture = limited();
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    assert_eq!(fixture.send(large_event(2001)), Err(UCode::INVALID_ARGUMENT));
    assert_eq!(fixture.send(large_request(2001)), Err(UCode::INVALID_ARGUMENT));
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.send(large_event(2000)), Ok(()));
    assert_eq!(fixture.send(large_request(2000)), Ok(()));
    let metrics = fixture.metrics();
    assert_eq!((metrics.sent, metrics.too_large_for_network), (2, 0));
}

// [utest->dsn~someip-payload-size~1]
#[tokio::test(start_paused = true)]
async fn too_large_response_leaves_request_pending() {
    let fixture = limited();
    let request = fixture.receive_request();
    let response = |size| large(&mut response_to(&request), size);
    assert_eq!(fixture.send(response(2001)), Err(UCode::INVALID_ARGUMENT));
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.send(response(2000)), Ok(()));
}

// [utest->dsn~someip-payload-size~1]
#[tokio::test(start_paused = true)]
async fn network_limit_applies_to_other_hosts() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    assert_eq!(fixture.send(large_request(1401)), Ok(()));
    move_away(&fixture);
    assert_eq!(fixture.send(large_request(1401)), Err(UCode::INVALID_ARGUMENT));
    assert_eq!(fixture.send(large_request(1400)), Ok(()));
}

// [utest->dsn~someip-payload-size~1]
#[tokio::test(start_paused = true)]
async fn late_size_failure_is_reported_by_response() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.send(large_request(1401)), Ok(()));
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    move_away(&fixture);
    assert_eq!(fixture.next_response().await.1, UCode::INVALID_ARGUMENT);
    assert_eq!(requests(fixture.vsomeip.calls()), []);
}

// [utest->dsn~someip-payload-size~1]
#[tokio::test(start_paused = true)]
async fn event_above_network_limit_is_counted() {
    let service = Service::new(0x1234, 2).with_unreliable(30509);
    let fixture = with_stack(StackConfig::default().with_service(service));
    for size in [1400, 1401, 1402] {
        assert_eq!(fixture.send(large_event(size)), Ok(()));
    }
    let metrics = fixture.metrics();
    assert_eq!((metrics.sent, metrics.too_large_for_network), (3, 2));
}
