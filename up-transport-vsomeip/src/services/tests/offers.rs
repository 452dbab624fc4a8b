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

fn offer(version: MajorVersion) -> Call {
    Call::OfferService(this(), version)
}

fn stop(version: MajorVersion) -> Call {
    Call::StopOfferService(this(), version)
}

const OPEN: MajorVersion = MajorVersion::ANY;

// [utest->dsn~someip-uri-version~1]
#[test]
fn open_version_is_that_of_service() {
    let configured = MajorVersion(7);
    let versions = [(ServiceId(0x1234), configured)].into_iter().collect();
    let fixture = Fixture::with(|environment| {
        environment.versions = InterfaceVersions::new(OWN_VERSION, versions);
    });
    let own = service(0x4321, 1);
    let leases = [this(), own].map(|it| fixture.acquire(&[Need::Offer(it, OPEN)]).unwrap());
    assert_eq!(fixture.vsomeip.calls(), [offer(configured), Call::OfferService(own, OWN_VERSION)]);
    let [one, _other] = leases;
    drop(one);
    assert_eq!(fixture.vsomeip.calls(), [stop(configured)]);
}

#[test]
fn open_version_joins_concrete_one() {
    let fixture = Fixture::new();
    let concrete = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [offer(VERSION)]);
    drop(concrete);
    assert_eq!(fixture.vsomeip.calls(), []);
    // The old version is no longer needed.
    let _other = fixture.acquire(&[Need::Offer(this(), OTHER_VERSION)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [stop(VERSION), offer(OTHER_VERSION)]);
    drop(open);
    assert_eq!(fixture.vsomeip.calls(), []);
}

#[test]
fn concrete_version_replaces_open_one() {
    let fixture = Fixture::new();
    let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
    let concrete = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [offer(OWN_VERSION), stop(OWN_VERSION), offer(VERSION)]);
    drop((open, concrete));
    assert_eq!(fixture.vsomeip.calls(), [stop(VERSION)]);
}

#[test]
fn second_concrete_version_is_an_error() {
    let fixture = Fixture::new();
    let first = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    let needs = offer_needs(this(), OTHER_VERSION);
    fixture.vsomeip.calls();
    assert_eq!(fixture.acquire(&needs).err(), Some(UCode::INVALID_ARGUMENT));
    assert_eq!(fixture.vsomeip.calls(), [register(this()), unregister(this())]);
    let _of_other = fixture.acquire(&[Need::Offer(other(), OTHER_VERSION)]).unwrap();
    drop(first);
    fixture.vsomeip.calls();
    let _second = fixture.acquire(&needs).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [register(this()), offer(OTHER_VERSION)]);
}

#[test]
fn weak_offer_gives_way_to_needed_version() {
    let fixture = Fixture::new();
    let weak = fixture.acquire(&[Need::WeakOffer(this(), OTHER_VERSION)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [offer(OTHER_VERSION)]);
    let needed = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [stop(OTHER_VERSION), offer(VERSION)]);
    drop(needed);
    assert_eq!(fixture.vsomeip.calls(), []);
    drop(weak);
    assert_eq!(fixture.vsomeip.calls(), [stop(VERSION)]);
}

#[test]
fn weak_offer_keeps_existing_version() {
    let named = [VERSION, OPEN].map(|version| Need::Offer(this(), version));
    let listed = [VERSION, OPEN].map(|version| Need::OfferListed(this(), version));
    for need in named.into_iter().chain(listed) {
        let fixture = Fixture::new();
        let needed = fixture.acquire(&[need]).unwrap();
        let offered = fixture.vsomeip.calls();
        let weak = fixture.acquire(&[Need::WeakOffer(this(), OTHER_VERSION)]).unwrap();
        assert_eq!(fixture.vsomeip.calls(), []);
        drop((needed, weak));
        assert_eq!(unfinished([offered, fixture.vsomeip.calls()].concat()), []);
    }
}

#[test]
fn refused_version_restores_the_open_one() {
    let fixture = Fixture::new();
    let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
    fixture.vsomeip.calls();
    fixture.vsomeip.refuse(offer(VERSION));
    let result = fixture.acquire(&[Need::Offer(this(), VERSION)]);
    assert_eq!(result.err(), Some(UCode::INTERNAL));
    let calls = fixture.vsomeip.calls();
    assert_eq!(calls, [stop(OWN_VERSION), offer(VERSION), offer(OWN_VERSION)]);
    drop(open);
    assert_eq!(fixture.vsomeip.calls(), [stop(OWN_VERSION)]);
}

#[test]
fn failed_stop_keeps_offer() {
    let fixture = Fixture::new();
    let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
    fixture.vsomeip.calls();
    fixture.vsomeip.refuse(stop(OWN_VERSION));
    let result = fixture.acquire(&[Need::Offer(this(), VERSION)]);
    assert_eq!(result.err(), Some(UCode::INTERNAL));
    assert_eq!(fixture.vsomeip.calls(), [stop(OWN_VERSION)]);
    fixture.vsomeip.refuse_nothing();
    drop(open);
    assert_eq!(fixture.vsomeip.calls(), [stop(OWN_VERSION)]);
}

#[test]
fn offer_is_renewed_if_still_needed() {
    let fixture = Fixture::new();
    let offered = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    fixture.vsomeip.calls();
    assert_eq!(fixture.services.offered(), [this()].into());
    let ids = [this(), other()].into();
    fixture.services.pause_offers(&ids);
    assert_eq!(fixture.services.offered(), [this()].into());
    fixture.services.resume_offers(&ids);
    assert_eq!(fixture.vsomeip.calls(), [stop(VERSION), offer(VERSION)]);
    fixture.services.pause_offers(&ids);
    drop(offered);
    fixture.vsomeip.calls();
    fixture.services.resume_offers(&ids);
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.services.offered(), [].into());
}
