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

//! Who needs what of vsomeip. The first one to need something has it done, the last one to let go
//! of it has it undone, with the ids it was done with.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use up_rust::UStatus;
use vsomeip_sys::callback::{AvailabilityCallback, SubscriptionStatusCallback};
use vsomeip_sys::{Error, EventId, MajorVersion};

use crate::error::{exhausted, internal, invalid_argument};
use crate::events::Events;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counters;
use crate::network::state::Monitor;
use crate::registration::filter::Need;
use crate::vsomeip::application::SomeIp;
use crate::vsomeip::handler_pool::{MessageSink, SlotLease};

pub(crate) struct Ledger {
    application: Arc<dyn SomeIp>,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
    sink: Arc<dyn MessageSink>,
    events: Events,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    needs: HashMap<Need, Entry>,
    subscriptions: Subscriptions,
}

type Subscriptions = HashMap<(ServiceInstance, EventId), Versions>;

/// vsomeip subscribes to an event in one version at a time, and ends that whatever the version.
#[derive(Default)]
struct Versions {
    /// Those that somebody needs.
    needed: Vec<MajorVersion>,
    /// The one that vsomeip was asked for.
    subscribed: Option<MajorVersion>,
}

impl Versions {
    /// The one to subscribe to: that in which the service is available, if somebody needs it.
    fn wanted(&self, available: Option<MajorVersion>) -> Option<MajorVersion> {
        let is_needed = |version: &MajorVersion| self.needed.contains(version);
        let best = available.filter(is_needed).or(self.subscribed.filter(is_needed));
        best.or(self.needed.first().copied())
    }
}

struct Entry {
    users: usize,
    _kept: Kept,
}

/// What lives as long as something is established.
enum Kept {
    Nothing,
    /// The pool slot of a handler.
    Slot(#[allow(dead_code, reason = "held, not read")] SlotLease),
    /// Tells the callback for the availability that it is still wanted.
    Watch(#[allow(dead_code, reason = "held, not read")] Arc<()>),
}

impl Ledger {
    pub(crate) fn new(
        application: Arc<dyn SomeIp>,
        monitor: Arc<Monitor>,
        counters: Arc<Counters>,
        sink: Arc<dyn MessageSink>,
        events: Events,
    ) -> Self {
        Self { application, monitor, counters, sink, events, entries: Mutex::default() }
    }

    /// Sees to it that every one of `needs` is met, for as long as the lease lives.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if the handler pool is empty, `INVALID_ARGUMENT` if the service is
    /// offered in another version already, `INTERNAL` if vsomeip fails. Nothing is left behind then.
    pub(crate) fn acquire(self: &Arc<Self>, needs: Vec<Need>) -> Result<Lease, UStatus> {
        let mut lease = Lease { ledger: self.clone(), needs: Vec::with_capacity(needs.len()) };
        for need in needs {
            self.add_user(need)?;
            lease.needs.push(need);
        }
        Ok(lease)
    }

    fn add_user(&self, need: Need) -> Result<(), UStatus> {
        let entries = &mut *self.entries.lock();
        if let Some(entry) = entries.needs.get_mut(&need) {
            entry.users += 1;
            return Ok(());
        }
        if let Need::Offer(service, _) = need {
            refuse_second_version(entries.needs.keys(), service)?;
        }
        let kept = self.establish(need, &mut entries.subscriptions)?;
        entries.needs.insert(need, Entry { users: 1, _kept: kept });
        Ok(())
    }

    fn remove_user(&self, need: Need) {
        let entries = &mut *self.entries.lock();
        let Some(entry) = entries.needs.get_mut(&need) else { return };
        entry.users -= 1;
        if entry.users > 0 {
            return;
        }
        let entry = entries.needs.remove(&need);
        if let Err(error) = self.withdraw(need, &mut entries.subscriptions) {
            log::warn!("vsomeip did not withdraw {need:?}: {error}");
        }
        // The slot goes back to the pool when vsomeip no longer has its handler.
        drop(entry);
        if let Need::Request(service) = need {
            self.forget(service, entries.needs.keys());
        }
    }

    /// Subscribes to the events that are needed in several versions in the one that there is now.
    pub(crate) fn follow_versions(&self) {
        for (&(service, event), versions) in &mut self.entries.lock().subscriptions {
            if versions.needed.len() < 2 {
                continue;
            }
            if let Err(error) = self.subscribe(service, event, versions) {
                log::warn!("event {event} of service {service} cannot be subscribed to: {error}");
            }
        }
    }

    fn establish(&self, need: Need, subscriptions: &mut Subscriptions) -> Result<Kept, UStatus> {
        log::debug!("establishing {need:?}");
        let application = &self.application;
        match need {
            Need::Offer(service, version) => application.offer_service(service, version),
            Need::OfferEvent(service, event) => {
                let options = self.events.options_of(service, event);
                application.offer_event(service, event, &options)
            }
            Need::Request(service) => {
                let watch = Arc::new(());
                let callback = self.watch_availability(Arc::downgrade(&watch));
                application.request_service(service, callback).map_err(internal)?;
                return Ok(Kept::Watch(watch));
            }
            Need::Subscription(service, version, event) => {
                let versions = subscriptions.entry((service, event)).or_default();
                versions.needed.push(version);
                let result = self.subscribe(service, event, versions);
                if result.is_err() {
                    // As if it had not been tried; an error of that would be the same one.
                    let _ = self.unsubscribe(service, version, event, subscriptions);
                }
                result
            }
            Need::Handler(service, method) => {
                let slot = SlotLease::take(self.sink.clone())
                    .ok_or_else(|| exhausted("all handlers of the pool are in use"))?;
                application
                    .register_handler(service, method, slot.handler(), slot.generation())
                    .map_err(internal)?;
                return Ok(Kept::Slot(slot));
            }
        }
        .map(|()| Kept::Nothing)
        .map_err(internal)
    }

    fn withdraw(&self, need: Need, subscriptions: &mut Subscriptions) -> Result<(), Error> {
        log::debug!("withdrawing {need:?}");
        let application = &self.application;
        match need {
            Need::Offer(service, version) => application.stop_offer_service(service, version),
            Need::OfferEvent(service, event) => application.stop_offer_event(service, event),
            Need::Request(service) => application.release_service(service),
            Need::Subscription(service, version, event) => {
                self.unsubscribe(service, version, event, subscriptions)
            }
            Need::Handler(service, method) => application.unregister_handler(service, method),
        }
    }

    /// Sees to it that vsomeip is subscribed in the version that is wanted, if any.
    fn subscribe(
        &self,
        service: ServiceInstance,
        event: EventId,
        versions: &mut Versions,
    ) -> Result<(), Error> {
        let wanted = versions.wanted(self.monitor.version_of(service));
        if wanted == versions.subscribed {
            return Ok(());
        }
        let options = self.events.options_of(service, event);
        if versions.subscribed.take().is_some() {
            self.monitor.remove_subscription(service, event);
            self.application.unsubscribe(service, event, &options)?;
        }
        if let Some(version) = wanted {
            self.monitor.add_subscription(service, event);
            let callback = self.watch_subscription(service, event);
            self.application.subscribe(service, version, event, &options, callback)?;
        }
        versions.subscribed = wanted;
        Ok(())
    }

    fn unsubscribe(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
        event: EventId,
        subscriptions: &mut Subscriptions,
    ) -> Result<(), Error> {
        let Some(versions) = subscriptions.get_mut(&(service, event)) else { return Ok(()) };
        versions.needed.retain(|needed| *needed != version);
        let result = self.subscribe(service, event, versions);
        if versions.needed.is_empty() {
            self.monitor.remove_subscription(service, event);
            subscriptions.remove(&(service, event));
        }
        result
    }

    /// What is no longer asked for is no longer reported: it would stay as it was for ever.
    fn forget<'a>(&self, ended: ServiceInstance, established: impl Iterator<Item = &'a Need>) {
        let requested: Vec<_> = established.filter_map(Need::as_request).collect();
        self.monitor.forget_services(|service| {
            ended.covers(service) && !requested.iter().any(|other| other.covers(service))
        });
    }

    /// A report may come after the service was released: it is one of a service that nobody asks
    /// for any more.
    fn watch_availability(&self, watch: Weak<()>) -> AvailabilityCallback {
        let monitor = self.monitor.clone();
        AvailabilityCallback::new(move |service, instance, version| {
            if watch.strong_count() > 0 {
                monitor.set_available(ServiceInstance { service, instance }, version);
            }
        })
    }

    fn watch_subscription(
        &self,
        service: ServiceInstance,
        event: EventId,
    ) -> SubscriptionStatusCallback {
        let (monitor, counters) = (self.monitor.clone(), self.counters.clone());
        SubscriptionStatusCallback::new(move |_, _, eventgroup, _, status| {
            let is_accepted = status == 0;
            let refusals = &counters.subscriptions_refused;
            if monitor.set_subscribed(service, event, is_accepted, refusals) {
                log::warn!(
                    "service {service} refuses the subscription to event {event} of eventgroup \
                     {eventgroup}"
                );
            }
        })
    }
}

/// vsomeip keeps one version for each service instance that is offered.
fn refuse_second_version<'a>(
    mut established: impl Iterator<Item = &'a Need>,
    wanted: ServiceInstance,
) -> Result<(), UStatus> {
    let is_offered = |need: &&Need| matches!(need, Need::Offer(service, _) if *service == wanted);
    match established.find(is_offered) {
        None => Ok(()),
        Some(offer) => Err(invalid_argument(format!(
            "the service is offered in another major version already: {offer:?}"
        ))),
    }
}

/// Keeps what was acquired; lets go of it, in reverse order, when dropped.
#[must_use]
pub(crate) struct Lease {
    ledger: Arc<Ledger>,
    needs: Vec<Need>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        while let Some(need) = self.needs.pop() {
            self.ledger.remove_user(need);
        }
    }
}

#[cfg(test)]
mod tests;
