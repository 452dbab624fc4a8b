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

fn release(service: ServiceInstance) -> Call {
    Call::ReleaseService(service)
}

#[test]
fn available_service_stays_requested() {
    let fixture = Fixture::new();
    let subscription = Need::Subscription(this(), VERSION, EVENT);
    let needs = [Need::Request(this()), Need::Handler(this()), subscription];
    let lease = fixture.acquire(&needs).unwrap();
    fixture.appear(this());
    fixture.vsomeip.calls();
    drop(lease);
    let unsubscribed = [Call::Unsubscribe(this(), EVENT), unregister(this())];
    assert_eq!(fixture.vsomeip.calls(), unsubscribed);
    assert!(fixture.monitor.is_available(this()));
    let _again = fixture.acquire(&needs).unwrap();
    let subscribed = [register(this()), Call::Subscribe(this(), VERSION, EVENT)];
    assert_eq!(fixture.vsomeip.calls(), subscribed);
    // It still gets reports that the service is gone.
    fixture.vsomeip.report(this(), None);
    assert!(!fixture.monitor.is_available(this()));
}

#[test]
fn absent_service_is_released_at_once() {
    let fixture = Fixture::new();
    let lease = fixture.available(this());
    fixture.vsomeip.report(this(), None);
    fixture.vsomeip.calls();
    drop(lease);
    assert_eq!(fixture.vsomeip.calls(), [release(this())]);
    assert_eq!(fixture.living(), 0);
}

#[test]
fn too_many_idle_services_release_the_oldest() {
    let fixture = Fixture::new();
    let idle = |number| service(0x1000, number);
    let most = u16::try_from(MAX_IDLE).unwrap();
    for number in 1..=most {
        drop(fixture.available(idle(number)));
    }
    // Makes this one the newest.
    drop(fixture.acquire(&[Need::Request(idle(1))]).unwrap());
    assert!(!fixture.vsomeip.calls().contains(&release(idle(2))));
    for number in most + 1..=most + 3 {
        drop(fixture.available(idle(number)));
        let oldest = idle(number - most + 1);
        assert_eq!(fixture.vsomeip.calls().last(), Some(&release(oldest)));
        assert!(!fixture.monitor.is_available(oldest));
    }
    assert_eq!(fixture.living(), MAX_IDLE);
}

#[test]
fn service_in_use_again_is_not_idle() {
    let fixture = Fixture::new();
    let idle = |number| service(0x1000, number);
    let used = |number| service(0x2000, number);
    let most = u16::try_from(MAX_IDLE).unwrap();
    (1..most).for_each(|number| drop(fixture.available(idle(number))));
    let leases = (1..=most).map(|number| {
        drop(fixture.available(used(number)));
        fixture.acquire(&[Need::Request(used(number))]).unwrap()
    });
    let leases: Vec<_> = leases.collect();
    let is_release = |call: &Call| matches!(call, Call::ReleaseService(_));
    assert!(!fixture.vsomeip.calls().iter().any(is_release));
    drop(leases);
    let released: Vec<_> = (1..most).map(|number| release(idle(number))).collect();
    assert_eq!(fixture.vsomeip.calls(), released);
}

#[test]
fn late_report_does_not_revive_service() {
    let fixture = Fixture::new();
    let lease = fixture.available(this());
    assert!(fixture.monitor.is_available(this()));
    fixture.vsomeip.report(this(), None);
    drop(lease);
    fixture.appear(this());
    assert!(!fixture.monitor.is_available(this()));
    // Nor does the report count as a use.
    assert_eq!(fixture.vsomeip.calls().last(), Some(&release(this())));
}

#[test]
fn released_service_is_no_longer_available() {
    let fixture = Fixture::new();
    let any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
    let _unrelated = fixture.available(service(0x4321, 1));
    fixture.appear(this());
    drop(any);
    assert!(!fixture.monitor.is_available(this()));
    assert!(fixture.monitor.is_available(service(0x4321, 1)));
}

#[test]
fn wildcard_release_keeps_services_requested_elsewhere() {
    let fixture = Fixture::new();
    let any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
    let _one = fixture.available(this());
    // A handler does not request its service.
    let _handled = fixture.acquire(&[Need::Handler(other())]).unwrap();
    fixture.appear(other());
    drop(any);
    assert!(fixture.monitor.is_available(this()));
    assert!(!fixture.monitor.is_available(other()));
}

#[test]
fn service_covered_by_wildcard_stays_available() {
    let fixture = Fixture::new();
    let any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
    drop(fixture.available(this()));
    // It is released to make room for others.
    for number in 1..=u16::try_from(MAX_IDLE).unwrap() {
        drop(fixture.available(service(0x1000, number)));
    }
    assert!(fixture.vsomeip.calls().contains(&release(this())));
    assert!(fixture.monitor.is_available(this()));
    drop(any);
    assert!(!fixture.monitor.is_available(this()));
}

#[test]
fn unrequested_service_does_not_stay() {
    let fixture = Fixture::new();
    let _any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
    fixture.appear(this());
    drop(fixture.acquire(&offer_needs(this(), VERSION)).unwrap());
    assert_eq!(fixture.living(), 1);
    assert!(fixture.monitor.is_available(this()));
}
