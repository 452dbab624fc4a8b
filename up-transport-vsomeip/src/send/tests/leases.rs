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

//! The leases of the sender.

use super::*;

fn method_of(service: u16, method: u16) -> UMessage {
    request_to(&format!("//ecu/{service:X}/3/{method:X}"))
}

/// The numbers of services that are requested and handled after `calls`.
fn uses(calls: &[Call]) -> (isize, isize) {
    calls.iter().fold((0, 0), |(requested, handled), call| match call {
        Call::RequestService(_) => (requested + 1, handled),
        Call::ReleaseService(_) => (requested - 1, handled),
        Call::RegisterHandler(..) => (requested, handled + 1),
        Call::UnregisterHandler(..) => (requested, handled - 1),
        _ => (requested, handled),
    })
}

#[tokio::test(start_paused = true)]
async fn absent_services_take_no_handlers() {
    let fixture = Fixture::new();
    for number in 0..5_200 {
        assert_eq!(fixture.send(method_of(0x2000 + number % 100, 1 + number)), Ok(()));
    }
    sleep(Duration::from_millis(u64::from(TTL) + 1)).await;
    assert_eq!(uses(&fixture.vsomeip.calls()), (100, 0));
    let id = fixture.send_request();
    assert_eq!(fixture.answered(1), Some(id));
}

#[tokio::test(start_paused = true)]
async fn idle_service_makes_room_for_another() {
    let options = Options { max_sender_services: 2, ..Options::default() };
    let fixture = Fixture::with_options(options);
    for number in 0..10 {
        fixture.sender.tick();
        fixture.monitor.set_available(service(number + 1, 1), AVAILABLE, || true);
        assert_eq!(fixture.send(method_of(number + 1, 1)), Ok(()));
        let header = Header { service: number + 1, instance: 1, method: 1, ..response(number + 1) };
        assert!(fixture.outgoing.answered(&header).is_some());
    }
    let calls = fixture.vsomeip.calls();
    assert_eq!(uses(&calls).1, 2);
    let oldest = Call::UnregisterHandler(service(1, 1), MethodId::ANY);
    let kept = Call::UnregisterHandler(service(9, 1), MethodId::ANY);
    assert!(calls.contains(&oldest) && !calls.contains(&kept));
}

#[tokio::test(start_paused = true)]
async fn services_in_use_are_not_evicted() {
    let options = Options { max_sender_services: 1, ..Options::default() };
    let fixture = Fixture::with_options(options);
    let id = fixture.send_request();
    fixture.monitor.set_available(service(0x5678, 1), AVAILABLE, || true);
    assert_eq!(fixture.send(method_of(0x5678, 1)), Err(UCode::RESOURCE_EXHAUSTED));
    assert_eq!(fixture.answered(1), Some(id));
    assert_eq!(fixture.send(method_of(0x5678, 1)), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn long_idle_service_is_released() {
    let fixture = Fixture::new();
    fixture.send_request();
    let ticks = || (0..1_000).for_each(|_| fixture.sender.tick());
    fixture.vsomeip.calls();
    ticks();
    // A request is still in flight.
    assert_eq!(fixture.vsomeip.calls(), []);
    assert!(fixture.answered(1).is_some());
    ticks();
    assert_eq!(fixture.vsomeip.calls(), [Call::UnregisterHandler(this(), MethodId::ANY)]);
}

#[tokio::test(start_paused = true)]
async fn topics_are_bounded_while_in_use() {
    let options = Options { max_published_topics: 2, ..Options::default() };
    let fixture = Fixture::with_options(options);
    let topics = ["//here/1/3/8001", "//here/2/3/8001", "//here/3/3/8001"];
    for topic in &topics[..2] {
        assert_eq!(fixture.send(publish(topic)), Ok(()));
    }
    assert_eq!(fixture.send(publish(topics[2])), Err(UCode::RESOURCE_EXHAUSTED));
    (0..60).for_each(|_| fixture.sender.tick());
    assert_eq!(fixture.send(publish(topics[1])), Ok(()));
    fixture.vsomeip.calls();
    // The least recently used topic makes room.
    assert_eq!(fixture.send(publish(topics[2])), Ok(()));
    let calls = fixture.vsomeip.calls();
    assert_eq!(calls[0], Call::StopOfferService(service(1, 1), VERSION));
    assert_eq!(fixture.send(publish(topics[0])), Err(UCode::RESOURCE_EXHAUSTED));
}
