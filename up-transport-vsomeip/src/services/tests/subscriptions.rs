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

use super::*;

/// An event that is needed in two versions.
struct TwoVersions {
    fixture: Fixture,
    leases: [Lease; 2],
}

fn subscription(version: MajorVersion) -> [Need; 1] {
    [Need::Subscription(this(), version, EVENT)]
}

impl TwoVersions {
    fn new() -> Self {
        let fixture = Fixture::new();
        let leases = [VERSION, OTHER_VERSION]
            .map(|version| fixture.acquire(&subscription(version)).unwrap());
        assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
        Self { fixture, leases }
    }

    fn appear(&self, version: MajorVersion) {
        self.fixture.monitor.set_available(this(), Some(version), || true);
        self.fixture.services.update_subscriptions();
    }
}

fn switch_to(version: MajorVersion) -> [Call; 2] {
    [Call::Unsubscribe(this(), EVENT), Call::Subscribe(this(), version, EVENT)]
}

fn status(fixture: &Fixture) -> Option<Subscription> {
    fixture.monitor.state().subscriptions.get(&(this(), EVENT.0)).copied()
}

#[test]
fn subscription_follows_available_version() {
    let two = TwoVersions::new();
    two.appear(VERSION);
    assert_eq!(two.fixture.vsomeip.calls(), []);
    two.appear(OTHER_VERSION);
    assert_eq!(two.fixture.vsomeip.calls(), switch_to(OTHER_VERSION));
    // This version is not needed.
    two.appear(MajorVersion(9));
    assert_eq!(two.fixture.vsomeip.calls(), []);
    two.appear(VERSION);
    assert_eq!(two.fixture.vsomeip.calls(), switch_to(VERSION));
    let TwoVersions { fixture, leases: [first, second] } = two;
    drop((second, first));
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
}

#[test]
fn available_version_is_subscribed_at_once() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), Some(OTHER_VERSION), || true);
    let _first = fixture.acquire(&subscription(VERSION)).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
    let _second = fixture.acquire(&subscription(OTHER_VERSION)).unwrap();
    assert_eq!(fixture.vsomeip.calls(), switch_to(OTHER_VERSION));
}

#[test]
fn remaining_version_stays_subscribed() {
    let TwoVersions { fixture, leases: [first, second] } = TwoVersions::new();
    drop(second);
    assert_eq!(fixture.vsomeip.calls(), []);
    drop(first);
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
    let TwoVersions { fixture, leases: [first, second] } = TwoVersions::new();
    drop(first);
    assert_eq!(fixture.vsomeip.calls(), switch_to(OTHER_VERSION));
    assert_eq!(status(&fixture), Some(Subscription::Pending));
    drop(second);
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
    assert_eq!(status(&fixture), None);
}

#[test]
fn refused_version_keeps_the_other_one() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), Some(OTHER_VERSION), || true);
    let _first = fixture.acquire(&subscription(VERSION)).unwrap();
    fixture.vsomeip.refuse(Call::Subscribe(this(), OTHER_VERSION, EVENT));
    assert!(fixture.acquire(&subscription(OTHER_VERSION)).is_err());
    assert_eq!(fixture.vsomeip.calls().last(), Some(&Call::Subscribe(this(), VERSION, EVENT)));
    assert_eq!(status(&fixture), Some(Subscription::Pending));
}

// [utest->dsn~someip-eventgroup~1]
#[test]
fn known_event_options_reach_vsomeip() {
    let known = EventOptions::in_groups(&[5, 6]).field();
    let mut events = Events::default();
    events.insert(this(), EVENT, known.clone());
    let events = Arc::new(events);
    for (instance, event, expected) in [
        (this(), EVENT, known.clone()),
        (this(), EventId(0x8002), EventOptions::in_groups(&[0x8002])),
        (other(), EVENT, known),
    ] {
        let mut application = MockSomeIp::new();
        accept_event_requests(&mut application);
        let [offered, subscribed, unsubscribed] = [(); 3].map(|()| expected.clone());
        application
            .expect_offer_event()
            .once()
            .withf(move |s, e, options| (*s, *e, options) == (instance, event, &offered))
            .returning(|_, _, _| Ok(()));
        application
            .expect_subscribe()
            .once()
            .withf(move |s, _, e, options, _| (*s, *e, options) == (instance, event, &subscribed))
            .returning(|_, _, _, _, _| Ok(()));
        application
            .expect_unsubscribe()
            .once()
            .withf(move |s, e, options| (*s, *e, options) == (instance, event, &unsubscribed))
            .returning(|_, _, _| Ok(()));
        application.expect_stop_offer_event().once().returning(|_, _| Ok(()));
        let events = events.clone();
        let services = Services::new(Environment { events, ..environment(application) });
        let services = Arc::new(services);
        drop(services.acquire(vec![Need::OfferEvent(instance, event)]).unwrap());
        drop(services.acquire(vec![Need::Subscription(instance, VERSION, event)]).unwrap());
    }
}

/// Reads the counter as soon as it is notified of a changed state.
struct Witness {
    counters: Arc<Counters>,
    refused: Mutex<Option<u64>>,
}

impl Wake for Witness {
    fn wake(self: Arc<Self>) {
        *self.refused.lock() = Some(self.counters.subscriptions_refused.get());
    }
}

#[test]
fn refusal_is_counted_before_it_is_seen() {
    let (sender, callbacks) = channel();
    let mut application = MockSomeIp::new();
    accept_event_requests(&mut application);
    application.expect_subscribe().once().returning(move |_, _, _, _, callback| {
        sender.send(callback).unwrap();
        Ok(())
    });
    application.expect_unsubscribe().once().returning(|_, _, _| Ok(()));
    let environment = environment(application);
    let (monitor, counters) = (environment.monitor.clone(), environment.counters.clone());
    let services = Arc::new(Services::new(environment));
    let lease = services.acquire(subscription(VERSION).into()).unwrap();
    let status = || monitor.state().subscriptions.get(&(this(), EVENT.0)).copied();
    assert_eq!(status(), Some(Subscription::Pending));
    let callback = callbacks.recv().unwrap();
    let report = |status| callback.report(this().service, this().instance, GROUP, EVENT, status);
    let mut watched = monitor.watch();
    let mut change = Box::pin(watched.changed());
    let witness = Arc::new(Witness { counters: counters.clone(), refused: Mutex::default() });
    let waker = Waker::from(witness.clone());
    assert!(change.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    report(7);
    report(7);
    assert_eq!(*witness.refused.lock(), Some(1));
    assert_eq!(status(), Some(Subscription::Refused));
    assert_eq!(counters.subscriptions_refused.get(), 1);
    report(0);
    assert_eq!(status(), Some(Subscription::Accepted));
    drop(lease);
    report(0);
    assert_eq!(status(), None);
}
