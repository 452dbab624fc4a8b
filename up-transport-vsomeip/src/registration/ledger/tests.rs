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

use std::future::Future;
use std::task::{Context, Wake, Waker};
use std::thread;

use parking_lot::RwLockReadGuard;
use up_rust::UCode;
use vsomeip_sys::{EventId, EventgroupId, MajorVersion, Message, MethodId};

use super::*;
use crate::events::EventOptions;
use crate::network::state::Subscription;
use crate::testing::{failure, service, Call, Vsomeip, POOL};
use crate::vsomeip::application::MockSomeIp;

const EVENT: EventId = EventId(0x8001);
const GROUP: EventgroupId = EventgroupId(0x8001);
const METHOD: MethodId = MethodId(0x421);
const VERSION: MajorVersion = MajorVersion(3);

struct NoSink;

impl MessageSink for NoSink {
    fn receive(&self, _: &Message) {}
}

struct Fixture {
    vsomeip: Arc<Vsomeip>,
    monitor: Arc<Monitor>,
    sink: Arc<dyn MessageSink>,
    ledger: Arc<Ledger>,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let monitor = Arc::new(Monitor::default());
        let sink: Arc<dyn MessageSink> = Arc::new(NoSink);
        let ledger = ledger(vsomeip.mock(), &monitor, &sink);
        Self { vsomeip, monitor, sink, ledger, _pool: pool }
    }

    fn acquire(&self, needs: &[Need]) -> Result<Lease, UCode> {
        self.ledger.acquire(needs.to_vec()).map_err(|status| status.get_code())
    }

    /// How many slots of the pool are in use; the first two owners are the fixture and the ledger.
    fn slots(&self) -> usize {
        Arc::strong_count(&self.sink) - 2
    }
}

fn ledger(
    application: MockSomeIp,
    monitor: &Arc<Monitor>,
    sink: &Arc<dyn MessageSink>,
) -> Arc<Ledger> {
    ledger_knowing(Events::default(), application, monitor, sink)
}

fn ledger_knowing(
    events: Events,
    application: MockSomeIp,
    monitor: &Arc<Monitor>,
    sink: &Arc<dyn MessageSink>,
) -> Arc<Ledger> {
    Arc::new(Ledger::new(
        Arc::new(application),
        monitor.clone(),
        Arc::default(),
        sink.clone(),
        events,
    ))
}

fn this() -> ServiceInstance {
    service(0x1234, 2)
}

fn other() -> ServiceInstance {
    service(0x1234, 3)
}

/// One need of each kind, with how vsomeip is asked for it and asked to forget it.
fn one_of_each() -> [(Need, Call, Call); 5] {
    [
        (
            Need::Handler(this(), METHOD),
            Call::RegisterHandler(this(), METHOD),
            Call::UnregisterHandler(this(), METHOD),
        ),
        (
            Need::Offer(this(), VERSION),
            Call::OfferService(this(), VERSION),
            Call::StopOfferService(this(), VERSION),
        ),
        (
            Need::OfferEvent(this(), EVENT),
            Call::OfferEvent(this(), EVENT),
            Call::StopOfferEvent(this(), EVENT),
        ),
        (Need::Request(other()), Call::RequestService(other()), Call::ReleaseService(other())),
        (
            Need::Subscription(other(), VERSION, EVENT),
            Call::Subscribe(other(), VERSION, EVENT),
            Call::Unsubscribe(other(), EVENT),
        ),
    ]
}

fn needs() -> Vec<Need> {
    one_of_each().into_iter().map(|(need, _, _)| need).collect()
}

fn established() -> Vec<Call> {
    one_of_each().into_iter().map(|(_, establish, _)| establish).collect()
}

/// What is withdrawn if the first `count` needs were established.
fn withdrawn(count: usize) -> Vec<Call> {
    one_of_each().into_iter().take(count).rev().map(|(_, _, withdraw)| withdraw).collect()
}

#[test]
fn what_is_acquired_is_established_in_order_and_withdrawn_in_reverse_with_the_same_ids() {
    let fixture = Fixture::new();
    let lease = fixture.acquire(&needs()).unwrap();
    assert_eq!(fixture.vsomeip.calls(), established());
    assert_eq!(fixture.slots(), 1);
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), withdrawn(5));
    assert_eq!(fixture.slots(), 0);
}

#[test]
fn what_was_withdrawn_can_be_acquired_again() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        let lease = fixture.acquire(&needs()).unwrap();
        assert_eq!(fixture.vsomeip.calls(), established());
        drop(lease);
        assert_eq!(fixture.vsomeip.calls(), withdrawn(5));
    }
}

#[test]
fn what_several_need_is_done_for_the_first_and_undone_for_the_last() {
    let fixture = Fixture::new();
    let leases = [(); 3].map(|()| fixture.acquire(&needs()).unwrap());
    assert_eq!(fixture.vsomeip.calls(), established());
    assert_eq!(fixture.slots(), 1);
    let [first, second, third] = leases;
    drop(second);
    drop(first);
    assert_eq!(fixture.vsomeip.calls(), []);
    drop(third);
    assert_eq!(fixture.vsomeip.calls(), withdrawn(5));
}

#[test]
fn needs_are_shared_one_by_one() {
    let fixture = Fixture::new();
    let handler = Need::Handler(this(), METHOD);
    let with_offer = fixture.acquire(&[handler, Need::Offer(this(), VERSION)]).unwrap();
    let with_request = fixture.acquire(&[handler, Need::Request(other())]).unwrap();
    fixture.vsomeip.calls();
    drop(with_offer);
    assert_eq!(fixture.vsomeip.calls(), [Call::StopOfferService(this(), VERSION)]);
    drop(with_request);
    assert_eq!(
        fixture.vsomeip.calls(),
        [Call::ReleaseService(other()), Call::UnregisterHandler(this(), METHOD)]
    );
}

#[test]
fn needs_of_different_instances_methods_and_events_are_not_shared() {
    let fixture = Fixture::new();
    let (other_event, other_method) = (EventId(0x8002), MethodId(0x422));
    let _first = fixture.acquire(&needs()).unwrap();
    fixture.vsomeip.calls();
    let _second = fixture
        .acquire(&[
            Need::Offer(other(), VERSION),
            Need::OfferEvent(this(), other_event),
            Need::Request(this()),
            Need::Subscription(other(), VERSION, other_event),
            Need::Handler(this(), other_method),
        ])
        .unwrap();
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::OfferService(other(), VERSION),
            Call::OfferEvent(this(), other_event),
            Call::RequestService(this()),
            Call::Subscribe(other(), VERSION, other_event),
            Call::RegisterHandler(this(), other_method),
        ]
    );
    assert_eq!(fixture.slots(), 2);
}

#[test]
fn a_failure_at_any_place_undoes_what_came_before_it_and_leaves_nothing_behind() {
    for place in 0..needs().len() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(established()[place].clone());
        assert_eq!(fixture.acquire(&needs()).err(), Some(UCode::INTERNAL), "{place}");
        let expected: Vec<_> =
            established().into_iter().take(place + 1).chain(withdrawn(place)).collect();
        assert_eq!(fixture.vsomeip.calls(), expected, "{place}");
        assert_eq!(fixture.slots(), 0, "{place}");

        fixture.vsomeip.refuse_nothing();
        drop(fixture.acquire(&needs()).unwrap());
        let expected: Vec<_> = established().into_iter().chain(withdrawn(5)).collect();
        assert_eq!(fixture.vsomeip.calls(), expected, "{place}");
    }
}

#[test]
fn a_failure_does_not_undo_what_others_need() {
    let fixture = Fixture::new();
    let all_but_the_last = &needs()[..4];
    let lease = fixture.acquire(all_but_the_last).unwrap();
    fixture.vsomeip.calls();
    fixture.vsomeip.refuse(established()[4].clone());
    assert_eq!(fixture.acquire(&needs()).err(), Some(UCode::INTERNAL));
    assert_eq!(fixture.vsomeip.calls(), established()[4..]);
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), withdrawn(4));
}

#[test]
fn what_vsomeip_fails_to_withdraw_does_not_keep_the_rest() {
    let fixture = Fixture::new();
    let lease = fixture.acquire(&needs()).unwrap();
    fixture.vsomeip.calls();
    for call in withdrawn(5) {
        fixture.vsomeip.refuse(call);
    }
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), withdrawn(5));
    assert_eq!(fixture.slots(), 0);
    let _lease = fixture.acquire(&needs()).unwrap();
    assert_eq!(fixture.vsomeip.calls(), established());
}

#[test]
fn a_service_is_offered_in_one_version_at_a_time() {
    let fixture = Fixture::new();
    let second_version = MajorVersion(4);
    let first = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    let needs = [Need::Handler(this(), METHOD), Need::Offer(this(), second_version)];
    fixture.vsomeip.calls();
    assert_eq!(fixture.acquire(&needs).err(), Some(UCode::INVALID_ARGUMENT));
    assert_eq!(
        fixture.vsomeip.calls(),
        [Call::RegisterHandler(this(), METHOD), Call::UnregisterHandler(this(), METHOD)]
    );
    let _of_another_instance = fixture.acquire(&[Need::Offer(other(), second_version)]).unwrap();
    drop(first);
    fixture.vsomeip.calls();
    let _second = fixture.acquire(&needs).unwrap();
    assert_eq!(
        fixture.vsomeip.calls(),
        [Call::RegisterHandler(this(), METHOD), Call::OfferService(this(), second_version)]
    );
}

/// An event that is needed in two versions.
struct TwoVersions {
    fixture: Fixture,
    leases: [Lease; 2],
}

const OTHER_VERSION: MajorVersion = MajorVersion(4);

impl TwoVersions {
    fn new() -> Self {
        let fixture = Fixture::new();
        let leases = [VERSION, OTHER_VERSION]
            .map(|version| fixture.acquire(&[Need::Subscription(this(), version, EVENT)]).unwrap());
        assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
        Self { fixture, leases }
    }

    fn appear(&self, version: MajorVersion) {
        self.fixture.monitor.set_available(this(), Some(version));
        self.fixture.ledger.follow_versions();
    }

    fn switch_to(version: MajorVersion) -> [Call; 2] {
        [Call::Unsubscribe(this(), EVENT), Call::Subscribe(this(), version, EVENT)]
    }
}

#[test]
fn of_several_versions_the_one_that_there_is_is_subscribed_to() {
    let two = TwoVersions::new();
    two.appear(VERSION);
    assert_eq!(two.fixture.vsomeip.calls(), []);
    two.appear(OTHER_VERSION);
    assert_eq!(two.fixture.vsomeip.calls(), TwoVersions::switch_to(OTHER_VERSION));
    // Nobody needs this one.
    two.appear(MajorVersion(9));
    assert_eq!(two.fixture.vsomeip.calls(), []);
    two.appear(VERSION);
    assert_eq!(two.fixture.vsomeip.calls(), TwoVersions::switch_to(VERSION));
    let TwoVersions { fixture, leases: [first, second] } = two;
    drop((second, first));
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
}

#[test]
fn a_version_that_is_there_already_is_subscribed_to_at_once() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), Some(OTHER_VERSION));
    let _first = fixture.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
    let _second = fixture.acquire(&[Need::Subscription(this(), OTHER_VERSION, EVENT)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), TwoVersions::switch_to(OTHER_VERSION));
}

#[test]
fn the_end_of_one_version_leaves_the_other_one_subscribed_to() {
    let TwoVersions { fixture, leases: [first, second] } = TwoVersions::new();
    drop(second);
    assert_eq!(fixture.vsomeip.calls(), []);
    drop(first);
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
    let TwoVersions { fixture, leases: [first, second] } = TwoVersions::new();
    drop(first);
    assert_eq!(fixture.vsomeip.calls(), TwoVersions::switch_to(OTHER_VERSION));
    assert_eq!(fixture.monitor.state().subscriptions[&(this(), EVENT.0)], Subscription::Pending);
    drop(second);
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
    assert!(fixture.monitor.state().subscriptions.is_empty());
}

#[test]
fn a_version_that_vsomeip_refuses_leaves_the_other_one_subscribed_to() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), Some(OTHER_VERSION));
    let _first = fixture.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).unwrap();
    fixture.vsomeip.refuse(Call::Subscribe(this(), OTHER_VERSION, EVENT));
    assert!(fixture.acquire(&[Need::Subscription(this(), OTHER_VERSION, EVENT)]).is_err());
    assert_eq!(fixture.vsomeip.calls().last(), Some(&Call::Subscribe(this(), VERSION, EVENT)));
    assert_eq!(fixture.monitor.state().subscriptions[&(this(), EVENT.0)], Subscription::Pending);
}

// [utest->dsn~someip-eventgroup~1]
#[test]
fn an_event_is_offered_subscribed_to_and_given_up_with_what_is_known_about_it() {
    let known = EventOptions::in_groups(&[5, 6]).field();
    let mut events = Events::default();
    events.insert(this(), EVENT, known.clone());
    for (instance, event, expected) in [
        (this(), EVENT, known),
        (this(), EventId(0x8002), EventOptions::in_groups(&[0x8002])),
        (other(), EVENT, EventOptions::in_groups(&[5, 6]).field()),
    ] {
        let mut application = MockSomeIp::new();
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
        let sink: Arc<dyn MessageSink> = Arc::new(NoSink);
        let ledger = ledger_knowing(events.clone(), application, &Arc::default(), &sink);
        let needs =
            [Need::OfferEvent(instance, event), Need::Subscription(instance, VERSION, event)];
        drop(ledger.acquire(needs.into()).unwrap());
    }
}

#[test]
fn a_service_that_is_released_is_not_available_any_more() {
    let fixture = Fixture::new();
    let lease = fixture.acquire(&[Need::Request(this())]).unwrap();
    fixture.monitor.set_available(this(), Some(VERSION));
    fixture.monitor.set_available(other(), Some(VERSION));
    drop(lease);
    assert!(!fixture.monitor.is_available(this()));
    assert!(fixture.monitor.is_available(other()));
}

#[test]
fn a_service_that_another_request_covers_stays_available() {
    let fixture = Fixture::new();
    let any = fixture.acquire(&[Need::Request(service(0x1234, 0xffff))]).unwrap();
    let one = fixture.acquire(&[Need::Request(this())]).unwrap();
    fixture.monitor.set_available(this(), Some(VERSION));
    drop(one);
    assert!(fixture.monitor.is_available(this()));
    drop(any);
    assert!(!fixture.monitor.is_available(this()));
}

#[test]
fn a_report_that_comes_after_the_release_says_nothing() {
    let _pool = POOL.read();
    let (sink, monitor): (Arc<dyn MessageSink>, _) = (Arc::new(NoSink), Arc::default());
    let (sender, callbacks) = std::sync::mpsc::channel();
    let mut application = MockSomeIp::new();
    application.expect_request_service().once().returning(move |_, callback| {
        sender.send(callback).unwrap();
        Ok(())
    });
    application.expect_release_service().once().returning(|_| Ok(()));
    let ledger = ledger(application, &monitor, &sink);
    let lease = ledger.acquire(vec![Need::Request(this())]).unwrap();
    let callback = callbacks.recv().unwrap();
    callback.report(this().service, this().instance, Some(VERSION));
    assert!(monitor.is_available(this()));
    drop(lease);
    callback.report(this().service, this().instance, Some(VERSION));
    assert!(!monitor.is_available(this()));
}

/// Looks at the counter as soon as it is told that the state has changed.
struct Witness {
    counters: Arc<Counters>,
    refused: Mutex<Option<u64>>,
}

impl Wake for Witness {
    fn wake(self: Arc<Self>) {
        *self.refused.lock() =
            Some(self.counters.snapshot(Default::default()).subscriptions_refused);
    }
}

#[test]
fn the_status_of_a_subscription_is_known_while_it_lasts_and_refusals_are_counted() {
    let _pool = POOL.read();
    let (sink, monitor): (Arc<dyn MessageSink>, _) = (Arc::new(NoSink), Arc::default());
    let counters = Arc::new(Counters::default());
    let (sender, callbacks) = std::sync::mpsc::channel();
    let mut application = MockSomeIp::new();
    application.expect_subscribe().once().returning(move |_, _, _, _, callback| {
        sender.send(callback).unwrap();
        Ok(())
    });
    application.expect_unsubscribe().once().returning(|_, _, _| Ok(()));
    let events = Events::default();
    let ledger =
        Ledger::new(Arc::new(application), Arc::clone(&monitor), counters.clone(), sink, events);
    let ledger = Arc::new(ledger);
    let lease = ledger.acquire(vec![Need::Subscription(this(), VERSION, EVENT)]).unwrap();
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
    assert_eq!(*witness.refused.lock(), Some(1), "it is counted before it is seen");
    assert_eq!(status(), Some(Subscription::Refused));
    assert_eq!(counters.snapshot(Default::default()).subscriptions_refused, 1);
    report(0);
    assert_eq!(status(), Some(Subscription::Accepted));
    drop(lease);
    report(0);
    assert_eq!(status(), None);
}

// [utest->dsn~someip-handler-pool~1]
#[test]
fn a_slot_is_freed_only_after_vsomeip_has_forgotten_its_handler() {
    let _pool = POOL.read();
    let sink: Arc<dyn MessageSink> = Arc::new(NoSink);
    let mut application = MockSomeIp::new();
    application.expect_register_handler().once().returning(|_, _, _, _| Ok(()));
    let owners = Arc::downgrade(&sink);
    application.expect_unregister_handler().once().returning(move |_, _| {
        assert_eq!(owners.strong_count(), 3);
        Ok(())
    });
    let ledger = ledger(application, &Arc::default(), &sink);
    drop(ledger.acquire(vec![Need::Handler(this(), METHOD)]).unwrap());
    assert_eq!(Arc::strong_count(&sink), 2);
}

// [utest->dsn~someip-handler-pool~1]
#[test]
fn a_handler_that_vsomeip_refuses_takes_no_slot() {
    let _pool = POOL.read();
    let sink: Arc<dyn MessageSink> = Arc::new(NoSink);
    let mut application = MockSomeIp::new();
    application.expect_register_handler().once().returning(|_, _, _, _| Err(failure()));
    let ledger = ledger(application, &Arc::default(), &sink);
    let status = ledger.acquire(vec![Need::Handler(this(), METHOD)]).err().unwrap();
    assert_eq!(status.get_code(), UCode::INTERNAL);
    assert_eq!(Arc::strong_count(&sink), 2);
}

// [utest->dsn~someip-handler-pool~1]
#[test]
fn without_a_free_slot_the_resources_are_exhausted_until_one_comes_back() {
    let _pool = POOL.write();
    let vsomeip = Arc::new(Vsomeip::default());
    let sink: Arc<dyn MessageSink> = Arc::new(NoSink);
    let ledger = ledger(vsomeip.mock(), &Arc::default(), &sink);
    let needs = || vec![Need::Request(this()), Need::Handler(this(), METHOD)];
    let mut all: Vec<_> = std::iter::from_fn(|| SlotLease::take(sink.clone())).collect();
    let status = ledger.acquire(needs()).err().unwrap();
    assert_eq!(status.get_code(), UCode::RESOURCE_EXHAUSTED);
    assert_eq!(vsomeip.calls(), [Call::RequestService(this()), Call::ReleaseService(this())]);
    all.pop();
    for _ in 0..2 {
        let lease = ledger.acquire(needs()).unwrap();
        assert!(SlotLease::take(sink.clone()).is_none());
        drop(lease);
    }
}

#[test]
fn who_acquires_at_the_same_time_shares_too() {
    let fixture = Fixture::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    drop(fixture.acquire(&needs()).unwrap());
                }
            });
        }
    });
    let mut is_established = [false; 5];
    for call in fixture.vsomeip.calls() {
        let position = established().iter().position(|establish| *establish == call);
        let withdraws = one_of_each().iter().position(|(_, _, withdraw)| *withdraw == call);
        let need = position.or(withdraws).unwrap();
        assert_eq!(is_established[need], position.is_none(), "{call:?}");
        is_established[need] = position.is_some();
    }
    assert_eq!(is_established, [false; 5]);
    assert_eq!(fixture.slots(), 0);
}
