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
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use vsomeip_sys::{EventId, MajorVersion};

use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counter;
use crate::network::problem::Problem;
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
    /// What keeps the transport from working, as far as it was found out: looked for every other
    /// second. Each was logged as a warning.
    pub problems: BTreeSet<Problem>,
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
    /// How many changes of it there were.
    changes: AtomicU32,
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

    /// Takes what keeps the transport from working now.
    pub(crate) fn set_problems(&self, mut found: BTreeSet<Problem>) {
        self.update(|state| {
            found.extend(state.problems.iter().filter(|it| it.is_lasting()).cloned());
            found.difference(&state.problems).for_each(|problem| log::warn!("{problem}"));
            state.problems.difference(&found).for_each(|it| log::info!("no longer so: {it}"));
            let changed = found != state.problems;
            state.problems = found;
            changed
        });
    }

    /// Adds what is seen by chance.
    pub(crate) fn add_problem(&self, problem: Problem) {
        self.update(|state| {
            let is_new = !state.problems.contains(&problem);
            if is_new {
                log::warn!("{problem}");
                state.problems.insert(problem);
            }
            is_new
        });
    }

    pub(crate) fn is_on_other_host(&self, service: ServiceInstance) -> bool {
        self.place_of(service) == Some(Place::OtherHost)
    }

    pub(crate) fn place_of(&self, service: ServiceInstance) -> Option<Place> {
        self.state.borrow().places.get(&service).copied()
    }

    /// How many changes of the state there were.
    pub(crate) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.state.borrow().registered
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
        self.state.send_if_modified(|state| {
            let changed = !state.is_over && change(state);
            // Nobody sees the state before this returns.
            self.changes.fetch_add(changed.into(), Ordering::Release);
            changed
        })
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
mod tests;
