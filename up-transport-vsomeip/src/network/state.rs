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

//! What the transport knows of the network now: whether it is registered, which of the services it
//! asked for are available, and what became of its subscriptions. Others may watch it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use vsomeip_sys::{EventId, MajorVersion};

use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counter;
use crate::network::static_routes::StaticRoutes;

/// What became of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// The service has not answered yet: it is not available, or about to answer.
    Pending,
    /// The service has accepted it.
    Accepted,
    /// The service has refused it: no event will come. It may be asked again when it returns.
    Refused,
}

/// Where a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An application of the routing manager's host offers it.
    ThisHost,
    /// None does, but it is available.
    OtherHost,
}

/// What the transport knows of the network at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// Whether the application is registered at the routing manager.
    pub registered: bool,
    /// The available ones among the services that were called, subscribed to or awaited, each with
    /// its major version.
    pub services: BTreeMap<ServiceInstance, u8>,
    /// The events subscribed to, by service and event id.
    pub subscriptions: BTreeMap<(ServiceInstance, u16), Subscription>,
    /// What the applications of the routing manager's host offered when that was asked last.
    pub(crate) offered: BTreeSet<ServiceInstance>,
    /// Where the available services are, for those of which it is known.
    pub(crate) places: BTreeMap<ServiceInstance, Place>,
    /// Whether it has been registered for a while.
    pub(crate) is_settled: bool,
    /// Nothing will change any more.
    pub(crate) is_over: bool,
}

impl State {
    /// Whether there is an available service of which is not known where it is.
    pub(crate) fn lacks_places(&self) -> bool {
        self.services.keys().any(|service| !self.places.contains_key(service))
    }

    /// A service that returns has to accept them anew.
    fn end_subscriptions(&mut self, service: ServiceInstance) {
        let events = (service, 0)..=(service, u16::MAX);
        self.subscriptions.range_mut(events).for_each(|(_, it)| *it = Subscription::Pending);
    }
}

/// What vsomeip reports as the version of a service that it finds by static routing.
const UNKNOWN_VERSION: u8 = 0;

/// Owns the state: takes vsomeip's reports, and tells those who watch.
#[derive(Default)]
pub(crate) struct Monitor {
    state: watch::Sender<State>,
    static_routes: StaticRoutes,
}

impl Monitor {
    pub(crate) fn new(static_routes: StaticRoutes) -> Self {
        Self { static_routes, ..Self::default() }
    }

    pub(crate) fn static_routes(&self) -> &StaticRoutes {
        &self.static_routes
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// The version in which a service is available.
    pub(crate) fn version_of(&self, service: ServiceInstance) -> Option<MajorVersion> {
        self.state.borrow().services.get(&service).copied().map(MajorVersion)
    }

    /// vsomeip repeats that it is not registered at every attempt.
    pub(crate) fn set_registered(&self, registered: bool) {
        self.update(|state| {
            let changed = std::mem::replace(&mut state.registered, registered) != registered;
            if changed {
                let what = if registered { "registered" } else { "deregistered" };
                log::info!("the application is {what} at the routing manager");
                state.is_settled = false;
                // It is not reported that they are gone.
                for service in self.static_routes.unreported().filter(|_| !registered) {
                    state.services.remove(&service);
                }
            }
            changed
        });
    }

    /// Takes what vsomeip may never report for available, if the application has been registered since
    /// the last time: the routing manager needs a moment until it has routes.
    pub(crate) fn assume_unreported(&self) {
        self.update(|state| {
            if !std::mem::replace(&mut state.is_settled, state.registered) {
                return false;
            }
            let before = state.services.len();
            for service in self.static_routes.unreported() {
                state.services.entry(service).or_insert(UNKNOWN_VERSION);
            }
            state.services.len() != before
        });
    }

    /// Takes a report of vsomeip's: the version in which a service is available, if it is. vsomeip
    /// makes one with wildcards when a handler is registered, which says nothing about any service.
    /// Nor does one of a service that is no longer wanted, or one that is not to be believed. Returns
    /// whether anything has changed.
    pub(crate) fn set_available(
        &self,
        service: ServiceInstance,
        version: Option<MajorVersion>,
        is_wanted: impl FnOnce() -> bool,
    ) -> bool {
        self.update(|state| {
            let is_believed = self.static_routes.believes(service, version.is_some());
            if !service.is_concrete() || !is_believed || !is_wanted() {
                return false;
            }
            let version = version.map(|version| version.0);
            let before = match version {
                Some(version) => state.services.insert(service, version),
                None => {
                    state.places.remove(&service);
                    let before = state.services.remove(&service);
                    if before.is_some() && !self.static_routes.contains(service) {
                        state.end_subscriptions(service);
                    }
                    before
                }
            };
            if before != version {
                log::debug!("service {service} is available in version {version:?}");
            }
            before != version
        })
    }

    /// Forgets the services that nobody asks for any more.
    pub(crate) fn forget_services(&self, is_unused: impl Fn(ServiceInstance) -> bool) {
        // What is there without having been asked for stays.
        let is_forgotten = |service| {
            is_unused(service) && !self.static_routes.unreported().any(|it| it == service)
        };
        self.update(|state| {
            let before = state.services.len();
            state.services.retain(|service, _| !is_forgotten(*service));
            state.places.retain(|service, _| !is_forgotten(*service));
            state.services.len() != before
        });
    }

    pub(crate) fn add_subscription(&self, service: ServiceInstance, event: EventId) {
        self.update(|state| {
            state.subscriptions.insert((service, event.0), Subscription::Pending).is_none()
        });
    }

    /// A subscription to an event of our own, which vsomeip is not asked for and tells nothing of.
    pub(crate) fn add_own_subscription(&self, service: ServiceInstance, event: EventId) {
        let accepted = Subscription::Accepted;
        self.update(|state| {
            state.subscriptions.insert((service, event.0), accepted) != Some(accepted)
        });
    }

    pub(crate) fn remove_subscription(&self, service: ServiceInstance, event: EventId) {
        self.update(|state| state.subscriptions.remove(&(service, event.0)).is_some());
    }

    /// Takes a report of vsomeip's; returns whether it is a refusal that is new, which it counts
    /// before anybody can see it. A report that comes after the subscription has ended is ignored.
    pub(crate) fn set_subscribed(
        &self,
        service: ServiceInstance,
        event: EventId,
        is_accepted: bool,
        refusals: &Counter,
    ) -> bool {
        let now = if is_accepted { Subscription::Accepted } else { Subscription::Refused };
        let changed = self.update(|state| {
            let Some(subscription) = state.subscriptions.get_mut(&(service, event.0)) else {
                return false;
            };
            let changed = std::mem::replace(subscription, now) != now;
            if changed && !is_accepted {
                refusals.increment();
            }
            changed
        });
        changed && !is_accepted
    }

    /// Takes what this host offers. It tells where the services are that were available when it was
    /// asked, as long as they are.
    pub(crate) fn set_offered(
        &self,
        offered: BTreeSet<ServiceInstance>,
        available: &BTreeSet<ServiceInstance>,
    ) {
        self.update(|state| {
            let mut places = state.places.clone();
            for service in available.iter().filter(|service| state.services.contains_key(service)) {
                let is_here = offered.contains(service);
                places.insert(*service, if is_here { Place::ThisHost } else { Place::OtherHost });
            }
            let changed = state.offered != offered || state.places != places;
            state.offered = offered;
            state.places = places;
            changed
        });
    }

    pub(crate) fn is_on_other_host(&self, service: ServiceInstance) -> bool {
        self.state.borrow().places.get(&service) == Some(&Place::OtherHost)
    }

    pub(crate) fn is_available(&self, service: ServiceInstance) -> bool {
        self.state.borrow().services.contains_key(&service)
    }

    /// Returns as soon as the service is available, or the transport has ended.
    pub(crate) async fn wait_for(&self, service: ServiceInstance) {
        let mut state = self.watch();
        let is_known = |state: &State| state.is_over || state.services.contains_key(&service);
        // It fails only when this is gone, and then nobody waits.
        let _ = state.wait_for(is_known).await;
    }

    /// Leaves nothing but that the transport has ended.
    pub(crate) fn end(&self) {
        self.state.send_replace(State { is_over: true, ..State::default() });
    }

    /// Returns whether anything changed. A report that comes after the end changes nothing.
    fn update(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        self.state.send_if_modified(|state| !state.is_over && change(state))
    }
}

/// How long a service that is available may take to answer a subscription.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Since when the services that are available have left subscriptions unanswered.
#[derive(Default)]
pub(crate) struct Unanswered(BTreeMap<(ServiceInstance, u16), (Instant, bool)>);

impl Unanswered {
    /// The subscriptions whose answer is overdue now; each is told once.
    pub(crate) fn overdue(&mut self, state: &State, now: Instant) -> Vec<(ServiceInstance, u16)> {
        let is_unanswered = |topic: &(ServiceInstance, u16)| {
            state.subscriptions.get(topic) == Some(&Subscription::Pending)
                && state.services.contains_key(&topic.0)
        };
        self.0.retain(|topic, _| is_unanswered(topic));
        for topic in state.subscriptions.keys().filter(|topic| is_unanswered(topic)) {
            self.0.entry(*topic).or_insert((now, false));
        }
        let overdue = self.0.iter_mut().filter_map(|(topic, (since, is_told))| {
            let is_overdue = now.duration_since(*since) >= ANSWER_TIMEOUT;
            (is_overdue && !std::mem::replace(is_told, is_overdue)).then_some(*topic)
        });
        overdue.collect()
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(monitor.state(), State { is_over: true, ..State::default() });
    }

    #[test]
    fn report_about_wildcards_says_nothing() {
        let monitor = Monitor::default();
        monitor.set_available(service(1, 0xffff), VERSION, || true);
        assert_eq!(*monitor.watch().borrow(), State::default());
    }

    #[test]
    fn report_of_released_service_says_nothing() {
        let monitor = Monitor::default();
        assert!(!monitor.set_available(this(), VERSION, || false));
        assert!(!monitor.is_available(this()));
    }

    #[test]
    fn watchers_are_told_of_changes_only() {
        let monitor = Monitor::default();
        let mut state = monitor.watch();
        let mut is_told = |change: &dyn Fn()| {
            change();
            let changed = state.has_changed().unwrap();
            state.mark_unchanged();
            changed
        };
        assert!(!is_told(&|| monitor.set_registered(false)));
        assert!(is_told(&|| monitor.set_registered(true)));
        assert!(!is_told(&|| monitor.set_registered(true)));
        assert!(is_told(&|| _ = monitor.set_available(this(), VERSION, || true)));
        assert!(!is_told(&|| _ = monitor.set_available(this(), VERSION, || true)));
        assert!(is_told(&|| _ = monitor.set_available(this(), Some(MajorVersion(4)), || true)));
        assert!(!is_told(&|| monitor.forget_services(|service| service != this())));
        assert!(is_told(&|| monitor.forget_services(|service| service == this())));
        assert!(!is_told(&|| _ = monitor.set_available(this(), None, || true)));
        assert!(is_told(&|| monitor.set_offered([this()].into(), &BTreeSet::new())));
        assert!(!is_told(&|| monitor.set_offered([this()].into(), &BTreeSet::new())));
    }

    #[test]
    fn place_is_known_while_available() {
        let monitor = Monitor::default();
        let locate = || monitor.set_offered(BTreeSet::new(), &[this()].into());
        locate();
        assert!(!monitor.is_on_other_host(this()));
        monitor.set_available(this(), VERSION, || true);
        assert!(monitor.state().lacks_places());
        locate();
        assert!(monitor.is_on_other_host(this()));
        assert!(!monitor.state().lacks_places());
        monitor.set_available(this(), None, || true);
        monitor.set_available(this(), VERSION, || true);
        assert!(!monitor.is_on_other_host(this()));
        locate();
        monitor.forget_services(|service| service == this());
        assert!(!monitor.is_on_other_host(this()));
        monitor.set_available(this(), VERSION, || true);
        monitor.set_offered([this()].into(), &[this()].into());
        assert!(!monitor.is_on_other_host(this()));
        assert!(!monitor.state().lacks_places());
    }

    /// Over UDP, of another host, without service discovery.
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
        let status = |monitor: &Monitor| {
            monitor.watch().borrow().subscriptions.get(&(this(), EVENT.0)).copied()
        };
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
            // It was not available before, as far as is known.
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
}
