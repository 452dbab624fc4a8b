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

#[test]
fn lease_releases_in_reverse_order() {
    let fixture = Fixture::new();
    let lease = fixture.acquire(&needs()).unwrap();
    assert_eq!(fixture.vsomeip.calls(), acquired());
    assert_eq!(fixture.living(), 2);
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), released(5));
    assert_eq!(fixture.living(), 0);
}

#[test]
fn released_needs_can_be_acquired_again() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        let lease = fixture.acquire(&needs()).unwrap();
        assert_eq!(fixture.vsomeip.calls(), acquired());
        drop(lease);
        assert_eq!(fixture.vsomeip.calls(), released(5));
    }
}

#[test]
fn last_lease_releases_what_first_acquired() {
    let fixture = Fixture::new();
    let leases = [(); 3].map(|()| fixture.acquire(&needs()).unwrap());
    assert_eq!(fixture.vsomeip.calls(), acquired());
    let [first, second, third] = leases;
    drop(second);
    drop(first);
    assert_eq!(fixture.vsomeip.calls(), []);
    drop(third);
    assert_eq!(fixture.vsomeip.calls(), released(5));
}

#[test]
fn needs_are_shared_one_by_one() {
    let fixture = Fixture::new();
    let handler = Need::Handler(this());
    let with_offer = fixture.acquire(&[handler, Need::Offer(this(), VERSION)]).unwrap();
    let with_request = fixture.acquire(&[handler, Need::Request(other())]).unwrap();
    fixture.vsomeip.calls();
    drop(with_offer);
    assert_eq!(fixture.vsomeip.calls(), [Call::StopOfferService(this(), VERSION)]);
    drop(with_request);
    assert_eq!(fixture.vsomeip.calls(), [Call::ReleaseService(other()), unregister(this())]);
}

#[test]
fn needs_of_other_ids_are_not_shared() {
    let fixture = Fixture::new();
    let (other_event, third) = (EventId(0x8002), service(0x1234, 4));
    let _first = fixture.acquire(&needs()).unwrap();
    fixture.vsomeip.calls();
    let _second = fixture
        .acquire(&[
            Need::Offer(third, VERSION),
            Need::OfferEvent(this(), other_event),
            Need::Request(this()),
            Need::Subscription(other(), VERSION, other_event),
            Need::Handler(other()),
        ])
        .unwrap();
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::OfferService(third, VERSION),
            Call::OfferEvent(this(), other_event),
            Call::RequestService(this()),
            Call::Subscribe(other(), VERSION, other_event),
            register(other()),
        ]
    );
}

#[test]
fn failed_acquisition_leaves_nothing_behind() {
    for place in 0..needs().len() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(acquired()[place].clone());
        assert_eq!(fixture.acquire(&needs()).err(), Some(UCode::INTERNAL), "{place}");
        let expected: Vec<_> =
            acquired().into_iter().take(place + 1).chain(released(place)).collect();
        assert_eq!(fixture.vsomeip.calls(), expected, "{place}");
        assert_eq!(fixture.living(), 0, "{place}");

        fixture.vsomeip.refuse_nothing();
        drop(fixture.acquire(&needs()).unwrap());
        let expected: Vec<_> = acquired().into_iter().chain(released(5)).collect();
        assert_eq!(fixture.vsomeip.calls(), expected, "{place}");
    }
}

#[test]
fn failed_acquisition_keeps_needs_of_others() {
    let fixture = Fixture::new();
    let all_but_the_last = &needs()[..4];
    let lease = fixture.acquire(all_but_the_last).unwrap();
    fixture.vsomeip.calls();
    fixture.vsomeip.refuse(acquired()[4].clone());
    assert_eq!(fixture.acquire(&needs()).err(), Some(UCode::INTERNAL));
    assert_eq!(fixture.vsomeip.calls(), acquired()[4..]);
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), released(4));
}

#[test]
fn failed_release_does_not_keep_the_rest() {
    let fixture = Fixture::new();
    let lease = fixture.acquire(&needs()).unwrap();
    fixture.vsomeip.calls();
    for call in released(5) {
        fixture.vsomeip.refuse(call);
    }
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), released(5));
    assert_eq!(fixture.living(), 0);
    let _lease = fixture.acquire(&needs()).unwrap();
    assert_eq!(fixture.vsomeip.calls(), acquired());
}

#[test]
fn close_withdraws_everything_once() {
    let fixture = Fixture::new();
    let leases = [(); 2].map(|()| fixture.acquire(&needs()).unwrap());
    let idle = service(0x4321, 1);
    drop(fixture.available(idle));
    fixture.services.close();
    let mut calls = fixture.vsomeip.calls();
    assert_eq!(calls.len(), 2 * (needs().len() + 1));
    assert_eq!(unfinished(calls.clone()), []);
    let position = |call: &Call| calls.iter().position(|it| it == call).unwrap();
    assert!(position(&released(5)[0]) < position(&released(5)[1]), "the request ends last");
    assert!(position(&released(5)[3]) < position(&released(5)[4]), "the handler ends last");
    fixture.services.close();
    drop(leases);
    calls = fixture.vsomeip.calls();
    assert_eq!(calls, []);
    assert_eq!(fixture.living(), 0);
}
