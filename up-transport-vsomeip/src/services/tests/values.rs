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

struct Field(Fixture);

impl Field {
    fn new() -> Self {
        Self(Fixture::with(|environment| environment.events = field()))
    }

    fn subscribe(&self, version: MajorVersion) -> Lease {
        let subscription = Need::Subscription(this(), version, EVENT);
        self.0.acquire(&[Need::Request(this()), subscription]).unwrap()
    }

    fn all(&self) -> Vec<Arc<crate::services::values::Field>> {
        self.0.services.values(this()).iter().flat_map(|values| values.all()).collect()
    }

    fn is_tracked(&self) -> bool {
        !self.all().is_empty()
    }

    fn has_value(&self) -> bool {
        self.all().iter().any(|field| field.lock().is_some())
    }

    fn set(&self) {
        for field in self.all() {
            let event = published("//ecu/1234/1/8001", 1);
            let source = Source::Known;
            let value = FieldValue { event, source, registrations: 0, is_own: false };
            *field.lock() = Some(value);
        }
    }
}

#[test]
fn only_subscribed_fields_are_tracked() {
    let field = Field::new();
    let _service = field.0.acquire(&[Need::Request(this())]).unwrap();
    assert!(!field.is_tracked());
    let leases = [VERSION, OTHER_VERSION].map(|version| field.subscribe(version));
    assert!(field.is_tracked());
    let no_field = Need::Subscription(this(), VERSION, EventId(0x8002));
    let _no_field = field.0.acquire(&[no_field]).unwrap();
    assert_eq!(field.all().len(), 1);
    field.set();
    let [one, other] = leases;
    drop(one);
    assert!(field.has_value());
    drop(other);
    assert!(!field.is_tracked());
    let _again = field.subscribe(VERSION);
    assert!(field.is_tracked() && !field.has_value());
}

#[test]
fn refused_subscription_tracks_nothing() {
    let field = Field::new();
    let _service = field.0.acquire(&[Need::Request(this())]).unwrap();
    field.0.vsomeip.refuse(Call::Subscribe(this(), VERSION, EVENT));
    assert!(field.0.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).is_err());
    assert!(!field.is_tracked());
}

#[test]
fn values_are_dropped_with_service() {
    let field = Field::new();
    let _lease = field.subscribe(VERSION);
    field.0.appear(this());
    field.set();
    field.0.appear(this());
    assert!(field.has_value());
    field.0.vsomeip.report(this(), None);
    assert!(field.is_tracked() && !field.has_value());
}

#[test]
fn values_are_dropped_despite_wildcard_request() {
    let field = Field::new();
    let _any = field.0.acquire(&[Need::Request(any_instance())]).unwrap();
    let _lease = field.subscribe(VERSION);
    field.0.appear(this());
    field.set();
    field.0.vsomeip.report(other(), None);
    assert!(field.has_value());
    field.0.vsomeip.report(this(), None);
    assert!(!field.has_value());
}

#[test]
fn pattern_covers_values_of_matching_services() {
    let field = Field::new();
    let needs = [this(), other(), service(0x4321, 1)].map(Need::Request);
    let _leases = field.0.acquire(&needs).unwrap();
    let count = |pattern| field.0.services.values(pattern).len();
    assert_eq!(count(this()), 1);
    assert_eq!(count(any_instance()), 2);
    assert_eq!(count(service(0xffff, 0xffff)), 3);
    assert_eq!(count(service(0x1234, 9)), 0);
}

#[test]
fn own_values_survive_lost_availability() {
    let fixture = Fixture::with(|environment| environment.events = field());
    let _request = fixture.available(this());
    let _offer = fixture.acquire(&[Need::OfferEvent(this(), EVENT)]).unwrap();
    let values = fixture.services.values_of(this()).unwrap();
    let field = values.field(EVENT).unwrap();
    for is_own in [true, false] {
        fixture.appear(this());
        let event = published("//here/21234/3/8001", 1);
        let value = FieldValue { event, source: Source::Known, registrations: 0, is_own };
        *field.lock() = Some(value);
        fixture.vsomeip.report(this(), None);
        assert_eq!(field.lock().is_some(), is_own);
    }
}
