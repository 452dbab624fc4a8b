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

//! The calls to vsomeip that a registration makes and undoes.

use super::*;

fn this() -> ServiceInstance {
    service(0x1234, 2)
}

/// A filter of each kind, and what vsomeip is asked for it.
fn filters() -> [(&'static str, Option<&'static str>, Vec<Call>); 6] {
    let (version, event) = (MajorVersion(3), EventId(0x8001));
    let subscribed = [
        Call::RequestService(this()),
        Call::RegisterHandler(this(), MethodId::ANY),
        Call::Subscribe(this(), version, event),
    ];
    let offered = |service, version| {
        [Call::RegisterHandler(service, MethodId::ANY), Call::OfferService(service, version)]
    };
    let own = MajorVersion(2);
    let known = service(0x1111, 1);
    [
        (TOPIC, None, subscribed.to_vec()),
        (TOPIC, Some(OWN), [&subscribed[..], &offered(service(9, 1), own)].concat()),
        (
            "//ecu/FFFFFFFF/3/FFFF",
            None,
            vec![Call::RequestService(known), Call::RequestService(service(0x2222, 7))],
        ),
        (ANYBODY, Some("//here/31234/3/421"), offered(service(0x1234, 3), version).to_vec()),
        (
            "//ecu/21234/3/421",
            Some(OWN),
            vec![Call::RequestService(this()), Call::RegisterHandler(this(), MethodId::ANY)],
        ),
        (
            EVERYTHING,
            Some("//here/FFFFFFFF/FF/FFFF"),
            // The second one is configured in a version of its own.
            [offered(known, own), offered(service(0x2222, 7), MajorVersion(5))].concat(),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn needs_are_withdrawn_with_same_ids() {
    for (source, sink, established) in filters() {
        let (fixture, listener) = (Fixture::new(), listener());
        for _ in 0..2 {
            assert_eq!(fixture.register(source, sink, &listener).await, Ok(()));
            assert_eq!(fixture.calls(), established, "{source} {sink:?}");
            assert_eq!(fixture.unregister(source, sink, &listener).await, Ok(()));
            assert_eq!(fixture.calls(), undoing(established.clone()), "{source} {sink:?}");
        }
    }
}

// [utest->dsn~someip-wildcard-topic~1]
#[tokio::test(start_paused = true)]
async fn wildcard_topic_follows_available_services() {
    let (fixture, listener) = (Fixture::new(), listener());
    let found = |service, version| {
        [
            Call::RequestService(service),
            Call::RegisterHandler(service, MethodId::ANY),
            Call::Subscribe(service, version, EventId(0x8001)),
        ]
    };
    let (before, after) = (service(0x1234, 1), service(0x1234, 2));
    let any = Call::RequestService(service(0x1234, 0xffff));
    fixture.transport.monitor.set_available(before, Some(MajorVersion(3)), || true);
    fixture.register("//ecu/FFFF1234/FF/8001", None, &listener).await.unwrap();
    let mut calls = fixture.calls();
    let first = [std::slice::from_ref(&any), &found(before, MajorVersion(3))].concat();
    assert_eq!(calls, first);
    fixture.transport.monitor.set_available(after, Some(MajorVersion(4)), || true);
    fixture.stages().registry.update_subscriptions(&fixture.transport.monitor.state());
    let second = fixture.calls();
    assert_eq!(second, found(after, MajorVersion(4)));
    calls.extend(second);
    fixture.unregister("//ecu/FFFF1234/FF/8001", None, &listener).await.unwrap();
    // The services that are available stay requested.
    calls.retain(|call| !matches!(call, Call::RequestService(service) if service.is_concrete()));
    assert_withdrawn(fixture.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn shared_needs_are_withdrawn_in_the_end() {
    let (fixture, listener) = (Fixture::new(), listener());
    for (source, sink, _) in filters() {
        fixture.register(source, sink, &listener).await.unwrap();
    }
    let established = fixture.calls();
    for (source, sink, _) in filters() {
        fixture.unregister(source, sink, &listener).await.unwrap();
    }
    let (mut withdrawn, expected) = (fixture.calls(), undoing(established));
    for call in expected {
        let position = withdrawn.iter().position(|other| *other == call);
        withdrawn.remove(position.unwrap_or_else(|| panic!("{call:?} is missing")));
    }
    assert_eq!(withdrawn, []);
}

// [utest->dsn~utransport-registerlistener-number-of-listeners~1]
#[tokio::test(start_paused = true)]
async fn last_listener_withdraws_its_filter() {
    let fixture = Fixture::new();
    let listeners = [(); 3].map(|()| listener());
    fixture.register(TOPIC, None, &listeners[0]).await.unwrap();
    let established = fixture.calls();
    for listener in &listeners[1..] {
        fixture.register(TOPIC, None, listener).await.unwrap();
    }
    for listener in &listeners[..2] {
        fixture.unregister(TOPIC, None, listener).await.unwrap();
    }
    assert_eq!(fixture.calls(), []);
    fixture.unregister(TOPIC, None, &listeners[2]).await.unwrap();
    assert_eq!(fixture.calls(), undoing(established));
}

// [utest->dsn~utransport-registerlistener-idempotent~1]
#[tokio::test(start_paused = true)]
async fn registering_twice_is_idempotent() {
    let (fixture, (listener, mut inbox)) = (Fixture::new(), inbox());
    fixture.register(TOPIC, None, &listener).await.unwrap();
    let established = fixture.calls();
    // The same, written in another way.
    let with_instance = UUri { ue_id: 0x2_1234, ..uri(TOPIC) };
    for topic in [uri(TOPIC), with_instance] {
        let again = fixture.transport.register_listener(&topic, None, listener.clone());
        assert_eq!(again.await, Ok(()));
    }
    assert_eq!(fixture.calls(), []);
    assert!(fixture.deliver(TOPIC, 0));
    assert_eq!(numbers(&mut inbox, 1).await, [0]);
    idle().await;
    assert!(is_empty(&mut inbox));
    assert_eq!(fixture.unregister(TOPIC, None, &listener).await, Ok(()));
    assert_eq!(fixture.calls(), undoing(established));
    assert!(!fixture.deliver(TOPIC, 1));
    assert_eq!(fixture.unregister(TOPIC, None, &listener).await, Err(UCode::NOT_FOUND));
}

// [utest->dsn~utransport-unregisterlistener-error-notfound~1]
#[tokio::test(start_paused = true)]
async fn unregistered_listener_is_not_found() {
    let (fixture, registered, other) = (Fixture::new(), listener(), listener());
    fixture.register(TOPIC, None, &registered).await.unwrap();
    fixture.calls();
    for (source, sink, listener) in [
        (TOPIC, None, &other),
        (OTHER_TOPIC, None, &registered),
        ("//*/21234/3/8001", None, &registered),
        (TOPIC, Some(OWN), &registered),
    ] {
        let result = fixture.unregister(source, sink, listener).await;
        assert_eq!(result, Err(UCode::NOT_FOUND), "{source} {sink:?}");
    }
    assert_eq!(fixture.calls(), []);
    assert!(fixture.deliver(TOPIC, 0));
}

// [utest->dsn~utransport-registerlistener-error-invalid-parameter~1]
// [utest->dsn~utransport-unregisterlistener-error-invalid-parameter~1]
#[tokio::test(start_paused = true)]
async fn invalid_filter_is_refused() {
    let (fixture, listener) = (Fixture::new(), listener());
    for (source, sink) in [
        (OWN, None),
        ("//ecu/21234/3/421", None),
        (TOPIC, Some("//here/9/2/421")),
        (OWN, Some("//here/9/2/0")),
    ] {
        let result = fixture.register(source, sink, &listener).await;
        assert_eq!(result, Err(UCode::INVALID_ARGUMENT), "{source} {sink:?}");
        let result = fixture.unregister(source, sink, &listener).await;
        assert_eq!(result, Err(UCode::INVALID_ARGUMENT), "{source} {sink:?}");
    }
    assert_eq!(fixture.calls(), []);
}

#[tokio::test(start_paused = true)]
async fn failed_registration_leaves_nothing() {
    let fixture = Fixture::with(Options { max_listeners: 1, ..Options::default() });
    let (listener, mut inbox) = inbox();
    for (source, sink, established) in filters() {
        for refused in &established {
            fixture.vsomeip.refuse(refused.clone());
            let result = fixture.register(source, sink, &listener).await;
            assert_eq!(result, Err(UCode::INTERNAL), "{refused:?}");
            assert!(!fixture.deliver(TOPIC, 0));
            let result = fixture.unregister(source, sink, &listener).await;
            assert_eq!(result, Err(UCode::NOT_FOUND), "{refused:?}");
            fixture.vsomeip.refuse_nothing();
            fixture.calls();
        }
        fixture.register(source, sink, &listener).await.unwrap();
        assert_eq!(fixture.calls(), established);
        fixture.unregister(source, sink, &listener).await.unwrap();
        fixture.calls();
    }
    assert!(is_empty(&mut inbox));
}
