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
use std::sync::Arc;

use parking_lot::Mutex;
use up_rust::UStatus;
use vsomeip_sys::callback::AvailabilityCallback;
use vsomeip_sys::Error;

use crate::application::SomeIp;
use crate::availability::Availability;
use crate::error::{exhausted, internal, invalid_argument};
use crate::events::Events;
use crate::registration::filter::Need;
use crate::registration::handler_pool::{MessageSink, SlotLease};
use crate::uri_mapping::ServiceInstance;

pub(crate) struct Ledger {
    application: Arc<dyn SomeIp>,
    availability: Arc<Availability>,
    sink: Arc<dyn MessageSink>,
    events: Events,
    entries: Mutex<HashMap<Need, Entry>>,
}

struct Entry {
    users: usize,
    /// Keeps the pool slot of a handler.
    _slot: Option<SlotLease>,
}

impl Ledger {
    pub(crate) fn new(
        application: Arc<dyn SomeIp>,
        availability: Arc<Availability>,
        sink: Arc<dyn MessageSink>,
        events: Events,
    ) -> Self {
        Self { application, availability, sink, events, entries: Mutex::default() }
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
        let slot = self.establish(need)?;
        entries.insert(need, Entry { users: 1, _slot: slot });
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
    }

    fn establish(&self, need: Need) -> Result<Option<SlotLease>, UStatus> {
        log::debug!("establishing {need:?}");
        let application = &self.application;
        match need {
            Need::Offer(service, version) => application.offer_service(service, version),
            Need::OfferEvent(service, event) => {
                let options = self.events.options_of(service, event);
                application.offer_event(service, event, &options)
            }
            Need::Request(service) => application.request_service(service, self.watch()),
            Need::Subscription(service, version, event) => {
                let options = self.events.options_of(service, event);
                application.subscribe(service, version, event, &options)
            }
            Need::Handler(service, method) => {
                let slot = SlotLease::take(self.sink.clone())
                    .ok_or_else(|| exhausted("all handlers of the pool are in use"))?;
                application
                    .register_handler(service, method, slot.handler(), slot.generation())
                    .map_err(internal)?;
                return Ok(Some(slot));
            }
        }
        .map(|()| None)
        .map_err(internal)
    }

    fn withdraw(&self, need: Need) -> Result<(), Error> {
        log::debug!("withdrawing {need:?}");
        let application = &self.application;
        match need {
            Need::Offer(service, version) => application.stop_offer_service(service, version),
            Need::OfferEvent(service, event) => application.stop_offer_event(service, event),
            Need::Request(service) => {
                self.availability.set(service, false);
                application.release_service(service)
            }
            Need::Subscription(service, _, event) => {
                let options = self.events.options_of(service, event);
                application.unsubscribe(service, event, &options)
            }
            Need::Handler(service, method) => application.unregister_handler(service, method),
        }
    }

    fn watch(&self) -> AvailabilityCallback {
        let availability = self.availability.clone();
        AvailabilityCallback::new(move |service, instance, available| {
            availability.set(ServiceInstance { service, instance }, available);
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
