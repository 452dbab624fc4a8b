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

/// Runs `work` many times on each of four threads.
fn at_once(work: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for thread in 0..4 {
            let work = &work;
            scope.spawn(move || (0..500).for_each(|round| work(thread + round)));
        }
    });
}

#[test]
fn concurrent_leases_share_needs() {
    let fixture = Fixture::new();
    at_once(|_| drop(fixture.acquire(&needs()).unwrap()));
    assert_eq!(unfinished(fixture.vsomeip.calls()), []);
    assert_eq!(fixture.living(), 0);
}

#[test]
fn concurrent_leases_leave_nothing_behind() {
    let fixture = Fixture::new();
    fixture.vsomeip.refuse(Call::OfferEvent(other(), EVENT));
    at_once(|number| {
        let service = if number % 2 == 0 { this() } else { other() };
        let (request, handler) = (Need::Request(service), Need::Handler(service));
        let version = [VERSION, OTHER_VERSION][number % 4 / 2];
        let subscription = Need::Subscription(service, version, EVENT);
        let needs = match number % 7 {
            0 => vec![Need::Request(any_instance())],
            1 => vec![request, Need::OfferEvent(service, EVENT)],
            2 => offer_needs(service, version).into(),
            3 => offer_needs(service, MajorVersion::ANY).into(),
            _ => vec![request, handler, subscription],
        };
        let lease = fixture.acquire(&needs);
        match number % 5 {
            0 => fixture.appear(service),
            1 => fixture.vsomeip.report(service, None),
            2 => fixture.services.update_subscriptions(),
            _ => {}
        }
        drop(lease);
    });
    let refused = Call::OfferEvent(other(), EVENT);
    // Idle services stay requested until they are absent.
    for service in [this(), other()] {
        fixture.vsomeip.report(service, None);
        drop(fixture.acquire(&[Need::Request(service)]).unwrap());
    }
    let calls = fixture.vsomeip.calls().into_iter().filter(|call| *call != refused);
    assert_eq!(unfinished(calls.collect()), []);
    assert_eq!(fixture.living(), 0);
    assert_eq!(fixture.monitor.state().services.len(), 0);
    assert_eq!(fixture.monitor.state().subscriptions.len(), 0);
}

#[test]
fn closing_during_acquisition_leaves_nothing_behind() {
    for _ in 0..200 {
        let fixture = Fixture::new();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| drop(fixture.acquire(&needs())));
            }
            scope.spawn(|| fixture.services.close());
        });
        assert_eq!(unfinished(fixture.vsomeip.calls()), []);
        assert_eq!(fixture.living(), 0);
    }
}

/// A call of vsomeip's for one service may block. Releasing another service must not wait for it, least of
/// all while holding the lock of the network's state.
#[test]
fn release_does_not_wait_for_other_services() {
    let (enter, entered) = channel();
    let (leave, may_leave) = sync_channel(0);
    let may_leave = Mutex::new(may_leave);
    let mut application = MockSomeIp::new();
    accept_event_requests(&mut application);
    application.expect_request_service().returning(|_, _| Ok(()));
    application.expect_release_service().returning(|_| Ok(()));
    application.expect_subscribe().returning(move |_, _, _, _, _| {
        enter.send(()).unwrap();
        may_leave.lock().recv().unwrap();
        Ok(())
    });
    application.expect_unsubscribe().returning(|_, _, _| Ok(()));
    let environment = environment(application);
    let monitor = environment.monitor.clone();
    let services = Arc::new(Services::new(environment));
    let any = services.acquire(vec![Need::Request(any_instance())]).unwrap();
    let _one = services.acquire(vec![Need::Request(this())]).unwrap();
    monitor.set_available(this(), Some(VERSION), || true);
    thread::scope(|scope| {
        scope.spawn(|| {
            let subscription = Need::Subscription(this(), VERSION, EVENT);
            drop(services.acquire(vec![subscription]).unwrap());
        });
        entered.recv().unwrap();
        drop(any);
        let is_available = monitor.is_available(this());
        leave.send(()).unwrap();
        assert!(is_available);
    });
}
