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

//! Publishing events.

use super::*;

// [utest->dsn~someip-offer-up-front~1]
#[tokio::test(start_paused = true)]
async fn topics_are_offered_before_publishing() {
    let fixture = Fixture::new();
    let topics = ["//here/21234/3/8001", "//here/21234/3/8002"].map(uri);
    fixture.sender.offer_topics(&topics).unwrap();
    let offered = service(0x1234, 2);
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::OfferEvent(offered, EventId(0x8001)),
            Call::OfferEvent(offered, EventId(0x8002)),
            Call::RegisterHandler(offered, MethodId::ANY),
            Call::OfferService(offered, MajorVersion(3)),
        ]
    );
    fixture.send(publish("//here/21234/3/8001")).unwrap();
    assert!(matches!(fixture.vsomeip.calls()[..], [Call::Notify(..)]));
    for topic in ["//here/21234/3/421", "//here/21234/3/FFFF", "//here/FFFF/3/8001", "//*/1/1/8001"]
    {
        let status = fixture.sender.offer_topics(&[uri(topic)]).unwrap_err();
        assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{topic}");
    }
}

// [utest->dsn~someip-publish-out~1]
#[tokio::test(start_paused = true)]
async fn first_message_offers_its_topic() {
    let fixture = Fixture::new();
    assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
    assert_eq!(fixture.vsomeip.calls(), [&offer(EVENT)[..], &[notify(EVENT)]].concat());
    for _ in 0..3 {
        assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
        assert_eq!(fixture.vsomeip.calls(), [notify(EVENT)]);
    }
    assert_eq!(fixture.metrics().sent, 4);
}

// [utest->dsn~someip-publish-out~1]
#[tokio::test(start_paused = true)]
async fn topics_share_offer_of_service() {
    let fixture = Fixture::new();
    fixture.send(publish(TOPIC)).unwrap();
    fixture.vsomeip.calls();
    fixture.send(publish("//here/21234/3/8002")).unwrap();
    let event = EventId(0x8002);
    assert_eq!(fixture.vsomeip.calls(), [Call::OfferEvent(this(), event), notify(event)]);
}

// [utest->dsn~someip-publish-out~1]
#[tokio::test(start_paused = true)]
async fn second_version_of_service_is_rejected() {
    let fixture = Fixture::new();
    fixture.send(publish(TOPIC)).unwrap();
    fixture.vsomeip.calls();
    assert_eq!(fixture.send(publish("//here/21234/4/8001")), Err(UCode::INVALID_ARGUMENT));
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.send(publish("//here/21234/4/8002")), Err(UCode::INVALID_ARGUMENT));
    let event = EventId(0x8002);
    assert_eq!(
        fixture.vsomeip.calls(),
        [Call::OfferEvent(this(), event), Call::StopOfferEvent(this(), event)]
    );
}

#[tokio::test(start_paused = true)]
async fn failed_offer_is_retried() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse(Call::OfferService(this(), VERSION));
    assert_eq!(fixture.send(publish(TOPIC)), Err(UCode::INTERNAL));
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::OfferEvent(this(), EVENT),
            Call::RegisterHandler(this(), MethodId::ANY),
            Call::OfferService(this(), VERSION),
            Call::UnregisterHandler(this(), MethodId::ANY),
            Call::StopOfferEvent(this(), EVENT),
        ]
    );
    fixture.vsomeip.refuse_nothing();
    assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
    assert_eq!(fixture.vsomeip.calls().len(), 4);
    assert_eq!(fixture.metrics().sent, 1);
}

#[tokio::test(start_paused = true)]
async fn refused_event_is_internal_error() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse(notify(EVENT));
    assert_eq!(fixture.send(publish(TOPIC)), Err(UCode::INTERNAL));
    assert_eq!(fixture.metrics().sent, 0);
}

#[tokio::test(start_paused = true)]
async fn offers_are_withdrawn_at_close() {
    let fixture = Fixture::new();
    fixture.send(publish(TOPIC)).unwrap();
    fixture.vsomeip.calls();
    fixture.sender.close();
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::StopOfferService(this(), VERSION),
            Call::UnregisterHandler(this(), MethodId::ANY),
            Call::StopOfferEvent(this(), EVENT),
        ]
    );
}
