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
fn own_service_is_not_subscribed_to() {
    let fixture = Fixture::new();
    let subscription = fixture.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
    let offer = [Need::OfferEvent(this(), EVENT), Need::Offer(this(), VERSION)];
    let lease = fixture.acquire(&offer).unwrap();
    let offered = [
        Call::Unsubscribe(this(), EVENT),
        Call::OfferEvent(this(), EVENT),
        Call::OfferService(this(), VERSION),
    ];
    assert_eq!(fixture.vsomeip.calls(), offered);
    let status = || fixture.monitor.state().subscriptions.get(&(this(), EVENT.0)).copied();
    assert_eq!(status(), Some(Subscription::Accepted));
    drop(lease);
    let withdrawn = [
        Call::StopOfferService(this(), VERSION),
        Call::StopOfferEvent(this(), EVENT),
        Call::Subscribe(this(), VERSION, EVENT),
    ];
    assert_eq!(fixture.vsomeip.calls(), withdrawn);
    assert_eq!(status(), Some(Subscription::Pending));
    drop(subscription);
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
}

#[test]
fn own_service_in_other_version_accepts_nothing() {
    let fixture = Fixture::new();
    let _offer = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    let _subscription =
        fixture.acquire(&[Need::Subscription(this(), OTHER_VERSION, EVENT)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [Call::OfferService(this(), VERSION)]);
    let status = fixture.monitor.state().subscriptions[&(this(), EVENT.0)];
    assert_eq!(status, Subscription::Pending);
}

/// Another application may offer it, too.
#[test]
fn unnamed_service_is_subscribed_to() {
    for offer in [Need::OfferListed(this(), VERSION), Need::WeakOffer(this(), VERSION)] {
        let fixture = Fixture::new();
        let _offer = fixture.acquire(&[offer]).unwrap();
        let _subscription = fixture.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).unwrap();
        let calls = [Call::OfferService(this(), VERSION), Call::Subscribe(this(), VERSION, EVENT)];
        assert_eq!(fixture.vsomeip.calls(), calls, "{offer:?}");
    }
}
