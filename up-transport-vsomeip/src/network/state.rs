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

//! The current state of the network, as far as the transport knows it: its registration, the available
//! services, its subscriptions, and problems. Can be watched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use vsomeip_sys::{EventId, MajorVersion};

use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counter;
use crate::network::problem::Problem;
use crate::network::static_routes::StaticRoutes;

/// The status of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// The service is not available, or has not answered yet.
    Pending,
    /// The service has accepted the subscription.
    Accepted,
    /// The service has rejected the subscription, and sends no events. vsomeip may subscribe again when
    /// the service returns.
    Refused,
}

/// Where an available service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// An application of the routing manager's host offers it.
    ThisHost,
    OtherHost,
}

/// The state of the network at one moment, as far as the transport knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// Whether the application is registered with the routing manager.
    pub registered: bool,
    /// The available services with their major versions, among those that were called, subscribed to or
    /// waited for.
    pub services: BTreeMap<ServiceInstance, u8>,
    /// The subscriptions, by service and event id.
    pub subscriptions: BTreeMap<(ServiceInstance, u16), Subscription>,
    /// The current problems, which are also logged as warnings. Checked every two seconds.
    pub problems: BTreeSet<Problem>,
    /// The services that the applications of the routing manager's host offered at the last check.
    pub(crate) offered: BTreeSet<ServiceInstance>,
    /// The known locations of available services.
    pub(crate) locations: BTreeMap<ServiceInstance, Location>,
    /// Whether the application has been registered for a while.
    pub(crate) is_settled: bool,
    /// Whether the transport has ended.
    pub(crate) has_ended: bool,
}

impl State {
    /// The services that applications of the routing manager's host offer. Updated once
    /// [`follow_offers`](crate::UPTransportVsomeip::follow_offers) was called.
    pub fn offered(&self) -> impl Iterator<Item = ServiceInstance> + '_ {
        self.offered.iter().copied()
    }

    /// Whether the location of an available service is unknown.
    pub(crate) fn lacks_locations(&self) -> bool {
        self.services.keys().any(|service| !self.locations.contains_key(service))
    }

    /// Marks subscriptions as pending: a service that returns has to accept them again.
    fn reset_subscriptions(&mut self, service: ServiceInstance) {
        let events = (service, 0)..=(service, u16::MAX);
        self.subscriptions.range_mut(events).for_each(|(_, it)| *it = Subscription::Pending);
    }
}

/// The version that vsomeip reports for a service found by static routing.
const UNKNOWN_VERSION: u8 = 0;

/// Owns the state: updates it from vsomeip's reports, and notifies its watchers.
#[derive(Default)]
pub(crate) struct Monitor {
    state: watch::Sender<State>,
    /// The number of changes of the state.
    changes: AtomicU32,
    static_routes: StaticRoutes,
    /// Whether somebody wants to know all that this host offers.
    follows_offers: AtomicBool,
}

impl Monitor {
    pub(crate) fn new(static_routes: StaticRoutes) -> Self {
        Self { static_routes, ..Self::default() }
    }

    pub(crate) fn static_routes(&self) -> &StaticRoutes {
        &self.static_routes
    }

    pub(crate) fn follow_offers(&self) {
        self.follows_offers.store(true, Ordering::Relaxed);
    }

    pub(crate) fn follows_offers(&self) -> bool {
        self.follows_offers.load(Ordering::Relaxed)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// The version of an available service.
    pub(crate) fn version_of(&self, service: ServiceInstance) -> Option<MajorVersion> {
        self.state.borrow().services.get(&service).copied().map(MajorVersion)
    }

    /// Takes a report of vsomeip's, which repeats with every failed attempt to register.
    pub(crate) fn set_registered(&self, registered: bool) {
        self.update(|state| {
            let changed = std::mem::replace(&mut state.registered, registered) != registered;
            if changed {
                let what = if registered { "registered" } else { "no longer registered" };
                log::info!(registered; "the application is {what} with the routing manager");
                state.is_settled = false;
                // vsomeip does not report that they are gone.
                for service in self.static_routes.unreported().filter(|_| !registered) {
                    state.services.remove(&service);
                }
            }
            changed
        });
    }

    /// Marks as available the services that vsomeip may never report, if the application has been
    /// registered since the last call: the routing manager needs a moment to set up its routes.
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

    /// Takes a report of vsomeip's: the version of a service, or `None` if it is not available. Ignores
    /// reports of services that are no longer wanted, unreliable ones, and those with wildcards, which
    /// vsomeip makes when a handler is registered. Returns whether the state has changed.
    pub(crate) fn set_available(
        &self,
        service: ServiceInstance,
        version: Option<MajorVersion>,
        is_wanted: impl FnOnce() -> bool,
    ) -> bool {
        self.update(|state| {
            let is_reliable = self.static_routes.is_report_reliable(service, version.is_some());
            if !service.is_concrete() || !is_reliable || !is_wanted() {
                return false;
            }
            let version = version.map(|version| version.0);
            let before = match version {
                Some(version) => state.services.insert(service, version),
                None => {
                    state.locations.remove(&service);
                    let before = state.services.remove(&service);
                    if before.is_some() && !self.static_routes.contains(service) {
                        state.reset_subscriptions(service);
                    }
                    before
                }
            };
            if before != version {
                log::debug!(
                    service:% = service, version:? = version;
                    "service {service} is available in version {version:?}"
                );
            }
            before != version
        })
    }

    /// Forgets the services that are no longer requested.
    pub(crate) fn forget_services(&self, is_unused: impl Fn(ServiceInstance) -> bool) {
        // Unreported services were never requested.
        let is_forgotten = |service| {
            is_unused(service) && !self.static_routes.unreported().any(|it| it == service)
        };
        self.update(|state| {
            let before = state.services.len();
            state.services.retain(|service, _| !is_forgotten(*service));
            state.locations.retain(|service, _| !is_forgotten(*service));
            state.services.len() != before
        });
    }

    pub(crate) fn add_subscription(&self, service: ServiceInstance, event: EventId) {
        self.update(|state| {
            state.subscriptions.insert((service, event.0), Subscription::Pending).is_none()
        });
    }

    /// Adds an accepted subscription to an event of this transport, of which vsomeip knows nothing.
    pub(crate) fn add_own_subscription(&self, service: ServiceInstance, event: EventId) {
        let accepted = Subscription::Accepted;
        self.update(|state| {
            state.subscriptions.insert((service, event.0), accepted) != Some(accepted)
        });
    }

    pub(crate) fn remove_subscription(&self, service: ServiceInstance, event: EventId) {
        self.update(|state| state.subscriptions.remove(&(service, event.0)).is_some());
    }

    /// Takes a report of vsomeip's, unless the subscription has ended. Returns whether it is a new
    /// refusal, which is counted before the state shows it.
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

    /// Sets the services that this host offers, which locates those that were `available` when vsomeip was
    /// asked, and still are.
    pub(crate) fn set_offered(
        &self,
        offered: BTreeSet<ServiceInstance>,
        available: &BTreeSet<ServiceInstance>,
    ) {
        self.update(|state| {
            let mut locations = state.locations.clone();
            for service in available.iter().filter(|service| state.services.contains_key(service)) {
                let is_here = offered.contains(service);
                let location = if is_here { Location::ThisHost } else { Location::OtherHost };
                locations.insert(*service, location);
            }
            let changed = state.offered != offered || state.locations != locations;
            state.offered = offered;
            state.locations = locations;
            changed
        });
    }

    /// Sets the current problems, in addition to lasting ones.
    pub(crate) fn set_problems(&self, mut found: BTreeSet<Problem>) {
        self.update(|state| {
            found.extend(state.problems.iter().filter(|it| it.is_lasting()).cloned());
            found.difference(&state.problems).for_each(|problem| log::warn!("{problem}"));
            state.problems.difference(&found).for_each(|it| log::info!("resolved: {it}"));
            let changed = found != state.problems;
            state.problems = found;
            changed
        });
    }

    /// Adds a problem detected outside the regular checks.
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
        self.location_of(service) == Some(Location::OtherHost)
    }

    pub(crate) fn location_of(&self, service: ServiceInstance) -> Option<Location> {
        self.state.borrow().locations.get(&service).copied()
    }

    /// The number of changes of the state.
    pub(crate) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.state.borrow().registered
    }

    pub(crate) fn is_available(&self, service: ServiceInstance) -> bool {
        self.state.borrow().services.contains_key(&service)
    }

    /// Returns when the service is available, or the transport has ended.
    pub(crate) async fn wait_for(&self, service: ServiceInstance) {
        let mut state = self.watch();
        let is_done = |state: &State| state.has_ended || state.services.contains_key(&service);
        // Cannot fail while `self` is borrowed.
        let _ = state.wait_for(is_done).await;
    }

    /// Replaces the state by that of an ended transport.
    pub(crate) fn end(&self) {
        self.state.send_replace(State { has_ended: true, ..State::default() });
    }

    /// Changes the state, unless the transport has ended. Returns whether it has changed.
    fn update(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        self.state.send_if_modified(|state| {
            let changed = !state.has_ended && change(state);
            // The new state is visible only after this closure has returned.
            self.changes.fetch_add(changed.into(), Ordering::Release);
            changed
        })
    }
}

/// How long an available service may take to answer a subscription.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The subscriptions that available services have not answered, since when, and whether each was reported.
#[derive(Default)]
pub(crate) struct Unanswered(BTreeMap<(ServiceInstance, u16), (Instant, bool)>);

impl Unanswered {
    /// The subscriptions whose answer is overdue, each reported once.
    pub(crate) fn overdue(&mut self, state: &State, now: Instant) -> Vec<(ServiceInstance, u16)> {
        let is_unanswered = |topic: &(ServiceInstance, u16)| {
            state.subscriptions.get(topic) == Some(&Subscription::Pending)
                && state.services.contains_key(&topic.0)
        };
        self.0.retain(|topic, _| is_unanswered(topic));
        for topic in state.subscriptions.keys().filter(|topic| is_unanswered(topic)) {
            self.0.entry(*topic).or_insert((now, false));
        }
        let overdue = self.0.iter_mut().filter_map(|(topic, (since, is_reported))| {
            let is_overdue = now.duration_since(*since) >= ANSWER_TIMEOUT;
            (is_overdue && !std::mem::replace(is_reported, true)).then_some(*topic)
        });
        overdue.collect()
    }
}

#[cfg(test)]
mod tests;
