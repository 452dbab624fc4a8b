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

use std::sync::Arc;

use super::*;
use crate::stack::{Service, StackConfig};
use crate::testing::service;

const VERSION: Option<MajorVersion> = Some(MajorVersion(3));
const EVENT: EventId = EventId(0x8001);

fn this() -> ServiceInstance {
    service(0x1234, 1)
}

#[tokio::test]
async fn waiting_ends_with_report() {
    let monitor = Arc::new(Monitor::default());
    let waiting = tokio::spawn({
        let monitor = monitor.clone();
        async move { monitor.wait_for(this()).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    monitor.set_available(this(), VERSION, || true);
    waiting.await.unwrap();
    monitor.wait_for(this()).await;
    monitor.set_available(this(), None, || true);
    assert!(!monitor.is_available(this()));
}

#[tokio::test]
async fn waiting_ends_with_transport() {
    let monitor = Arc::new(Monitor::default());
    let waiting = tokio::spawn({
        let monitor = monitor.clone();
        async move { monitor.wait_for(this()).await }
    });
    monitor.set_registered(true);
    monitor.add_subscription(this(), EVENT);
    tokio::task::yield_now().await;
    monitor.end();
    waiting.await.unwrap();
    monitor.set_registered(true);
    monitor.set_available(this(), VERSION, || true);
    assert_eq!(monitor.state(), State { has_ended: true, ..State::default() });
}

#[test]
fn wildcard_report_is_ignored() {
    let monitor = Monitor::default();
    monitor.set_available(service(1, 0xffff), VERSION, || true);
    assert_eq!(*monitor.watch().borrow(), State::default());
}

#[test]
fn report_of_released_service_is_ignored() {
    let monitor = Monitor::default();
    assert!(!monitor.set_available(this(), VERSION, || false));
    assert!(!monitor.is_available(this()));
}

#[test]
fn watchers_see_only_changes() {
    let monitor = Monitor::default();
    let mut state = monitor.watch();
    let mut notifies = |change: &dyn Fn()| {
        change();
        let changed = state.has_changed().unwrap();
        state.mark_unchanged();
        changed
    };
    assert!(!notifies(&|| monitor.set_registered(false)));
    assert!(notifies(&|| monitor.set_registered(true)));
    assert!(!notifies(&|| monitor.set_registered(true)));
    assert!(notifies(&|| _ = monitor.set_available(this(), VERSION, || true)));
    assert!(!notifies(&|| _ = monitor.set_available(this(), VERSION, || true)));
    assert!(notifies(&|| _ = monitor.set_available(this(), Some(MajorVersion(4)), || true)));
    assert!(!notifies(&|| monitor.forget_services(|service| service != this())));
    assert!(notifies(&|| monitor.forget_services(|service| service == this())));
    assert!(!notifies(&|| _ = monitor.set_available(this(), None, || true)));
    assert!(notifies(&|| monitor.set_offered([this()].into(), &BTreeSet::new())));
    assert!(!notifies(&|| monitor.set_offered([this()].into(), &BTreeSet::new())));
}

#[test]
fn location_is_known_while_available() {
    let monitor = Monitor::default();
    let locate = || monitor.set_offered(BTreeSet::new(), &[this()].into());
    locate();
    assert!(!monitor.is_on_other_host(this()));
    monitor.set_available(this(), VERSION, || true);
    assert!(monitor.state().lacks_locations());
    locate();
    assert!(monitor.is_on_other_host(this()));
    assert!(!monitor.state().lacks_locations());
    monitor.set_available(this(), None, || true);
    monitor.set_available(this(), VERSION, || true);
    assert!(!monitor.is_on_other_host(this()));
    locate();
    monitor.forget_services(|service| service == this());
    assert!(!monitor.is_on_other_host(this()));
    monitor.set_available(this(), VERSION, || true);
    monitor.set_offered([this()].into(), &[this()].into());
    assert!(!monitor.is_on_other_host(this()));
    assert!(!monitor.state().lacks_locations());
}

/// Knows a UDP service of another host by static routing.
fn monitor_of_static_service() -> Monitor {
    let listed = Service::new(0x1234, 1).at("10.0.0.2".parse().unwrap());
    let config = StackConfig::for_application("a", 1)
        .without_service_discovery()
        .with_service(listed.with_unreliable(30509));
    Monitor::new(StaticRoutes::of(&config, "3.4.10", false))
}

#[test]
fn static_service_is_assumed_after_a_while() {
    let monitor = monitor_of_static_service();
    let is_available = || {
        monitor.assume_unreported();
        monitor.is_available(this())
    };
    assert_eq!([is_available(), is_available()], [false, false]);
    monitor.set_registered(true);
    assert_eq!([is_available(), is_available()], [false, true]);
    monitor.set_registered(false);
    assert_eq!([monitor.is_available(this()), is_available()], [false, false]);
}

#[test]
fn static_service_stays_once_reported() {
    let monitor = monitor_of_static_service();
    monitor.set_registered(true);
    assert!(monitor.set_available(this(), VERSION, || true));
    assert!(!monitor.set_available(this(), None, || true));
    monitor.forget_services(|_| true);
    assert!(monitor.is_available(this()));
    monitor.set_registered(false);
    assert!(!monitor.is_available(this()));
}

#[test]
fn refusal_is_new_once() {
    let (monitor, refusals) = (Monitor::default(), Counter::default());
    assert!(!monitor.set_subscribed(this(), EVENT, false, &refusals));
    monitor.add_subscription(this(), EVENT);
    let status =
        |monitor: &Monitor| monitor.watch().borrow().subscriptions.get(&(this(), EVENT.0)).copied();
    assert_eq!(status(&monitor), Some(Subscription::Pending));
    assert!(monitor.set_subscribed(this(), EVENT, false, &refusals));
    assert!(!monitor.set_subscribed(this(), EVENT, false, &refusals));
    assert_eq!(status(&monitor), Some(Subscription::Refused));
    assert!(!monitor.set_subscribed(this(), EVENT, true, &refusals));
    assert_eq!(status(&monitor), Some(Subscription::Accepted));
    monitor.remove_subscription(this(), EVENT);
    assert!(!monitor.set_subscribed(this(), EVENT, true, &refusals));
    assert_eq!(status(&monitor), None);
    assert_eq!(refusals.get(), 1);
}

#[test]
fn subscription_is_pending_when_service_goes() {
    let (monitor, refusals) = (Monitor::default(), Counter::default());
    let other = service(0x1234, 3);
    for service in [this(), other] {
        monitor.add_subscription(service, EVENT);
        monitor.set_subscribed(service, EVENT, true, &refusals);
        // It was not known to be available before.
        monitor.set_available(service, None, || true);
        monitor.set_available(service, VERSION, || true);
    }
    let status = |service| monitor.state().subscriptions[&(service, EVENT.0)];
    assert_eq!(status(this()), Subscription::Accepted);
    monitor.set_available(this(), None, || true);
    assert_eq!(status(this()), Subscription::Pending);
    assert_eq!(status(other), Subscription::Accepted);
}

#[test]
fn unanswered_subscription_is_overdue_once() {
    let (monitor, mut unanswered) = (Monitor::default(), Unanswered::default());
    let start = Instant::now();
    let mut overdue = |monitor: &Monitor, seconds| {
        unanswered.overdue(&monitor.state(), start + Duration::from_secs(seconds))
    };
    monitor.add_subscription(this(), EVENT);
    assert_eq!(overdue(&monitor, 0), []);
    assert_eq!(overdue(&monitor, 100), []);
    monitor.set_available(this(), VERSION, || true);
    assert_eq!(overdue(&monitor, 101), []);
    assert_eq!(overdue(&monitor, 105), []);
    assert_eq!(overdue(&monitor, 106), [(this(), EVENT.0)]);
    assert_eq!(overdue(&monitor, 200), []);
    monitor.set_subscribed(this(), EVENT, true, &Counter::default());
    assert_eq!(overdue(&monitor, 300), []);
    monitor.remove_subscription(this(), EVENT);
    monitor.add_subscription(this(), EVENT);
    assert_eq!(overdue(&monitor, 301), []);
    assert_eq!(overdue(&monitor, 306), [(this(), EVENT.0)]);
}
