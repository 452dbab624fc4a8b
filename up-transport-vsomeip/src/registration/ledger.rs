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
use vsomeip_sys::{Error, EventId};

use crate::application::SomeIp;
use crate::error::{exhausted, internal, invalid_argument};
use crate::events::Events;
use crate::metrics::Counters;
use crate::registration::filter::Need;
use crate::registration::handler_pool::{MessageSink, SlotLease};
use crate::state::Monitor;
use crate::uri_mapping::ServiceInstance;

pub(crate) struct Ledger {
    application: Arc<dyn SomeIp>,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
    sink: Arc<dyn MessageSink>,
    events: Events,
    entries: Mutex<HashMap<Need, Entry>>,
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
        let mut entries = self.entries.lock();
        if let Some(entry) = entries.get_mut(&need) {
            entry.users += 1;
            return Ok(());
        }
        if let Need::Offer(service, _) = need {
            refuse_second_version(entries.keys(), service)?;
        }
        let kept = self.establish(need)?;
        entries.insert(need, Entry { users: 1, _kept: kept });
        Ok(())
    }

    fn remove_user(&self, need: Need) {
        let mut entries = self.entries.lock();
        let Some(entry) = entries.get_mut(&need) else { return };
        entry.users -= 1;
        if entry.users > 0 {
            return;
        }
        let entry = entries.remove(&need);
        if is_subscribed_in_another_version(entries.keys(), need) {
            return;
        }
        if let Err(error) = self.withdraw(need) {
            log::warn!("vsomeip did not withdraw {need:?}: {error}");
        }
        // The slot goes back to the pool when vsomeip no longer has its handler.
        drop(entry);
        self.forget(need, entries.keys());
    }

    fn establish(&self, need: Need) -> Result<Kept, UStatus> {
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
                let options = self.events.options_of(service, event);
                self.monitor.add_subscription(service, event);
                let callback = self.watch_subscription(service, event);
                application.subscribe(service, version, event, &options, callback)
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

    fn withdraw(&self, need: Need) -> Result<(), Error> {
        log::debug!("withdrawing {need:?}");
        let application = &self.application;
        match need {
            Need::Offer(service, version) => application.stop_offer_service(service, version),
            Need::OfferEvent(service, event) => application.stop_offer_event(service, event),
            Need::Request(service) => application.release_service(service),
            Need::Subscription(service, _, event) => {
                let options = self.events.options_of(service, event);
                application.unsubscribe(service, event, &options)
            }
            Need::Handler(service, method) => application.unregister_handler(service, method),
        }
    }

    /// What is no longer asked for is no longer reported: it would stay as it was for ever.
    fn forget<'a>(&self, ended: Need, established: impl Iterator<Item = &'a Need>) {
        match ended {
            Need::Subscription(service, _, event) => {
                self.monitor.remove_subscription(service, event);
            }
            Need::Request(ended) => {
                let requested: Vec<_> = established.filter_map(Need::as_request).collect();
                self.monitor.forget_services(|service| {
                    ended.covers(service) && !requested.iter().any(|other| other.covers(service))
                });
            }
            _ => {}
        }
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

/// vsomeip ends the subscription to an event in all versions at once: the last one ends it.
fn is_subscribed_in_another_version<'a>(
    mut established: impl Iterator<Item = &'a Need>,
    ended: Need,
) -> bool {
    let Need::Subscription(service, _, event) = ended else { return false };
    established
        .any(|need| matches!(need, Need::Subscription(s, _, e) if (*s, *e) == (service, event)))
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
