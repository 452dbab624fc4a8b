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

//! The services that the transport offers or uses, one object per instance. May use vsomeip, network and
//! mapping.
//!
//! Users of a service hold leases on what they need. The service acquires it in vsomeip on first use, and
//! releases it on the last drop, with the same ids.

mod lease;
mod message_handler;
mod needed_versions;
mod reoffering;
mod requested;
mod service;
mod subscribers;
mod subscriptions;
mod values;
mod versions;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use tokio::sync::watch;
use tokio::time::Instant;
use up_rust::UStatus;
use vsomeip_sys::{EventId, Message};

use crate::error::has_ended;
use crate::events::Events;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counters;
use crate::network::state::Monitor;
use crate::vsomeip::application::SomeIp;

pub(crate) use lease::{offer_needs, Lease, Need};
use service::Service;
pub(crate) use subscribers::Arrivals;
pub(crate) use values::{FieldValue, LastValues};
pub(crate) use versions::InterfaceVersions;

/// Receives the messages of services, on vsomeip's dispatcher thread.
pub(crate) trait Receive: Send + Sync {
    /// Must return quickly. `values` are the last values of the service's fields.
    fn receive(&self, message: &Message, values: &LastValues);
}

/// The components that all services share.
pub(crate) struct Environment {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) events: Arc<Events>,
    pub(crate) versions: InterfaceVersions,
    pub(crate) receive: Arc<dyn Receive>,
}

pub(crate) struct Services {
    environment: Arc<Environment>,
    by_id: RwLock<FxHashMap<ServiceInstance, Arc<Service>>>,
    /// Unused services that stay requested, oldest first. The lock order is `idle`, `by_id`, the state of a
    /// service, the monitor.
    idle: Mutex<VecDeque<ServiceInstance>>,
    /// Set while `by_id` is locked.
    is_closed: AtomicBool,
}

/// The maximum number of unused services that stay requested. vsomeip up to 3.5.11, except the bundled one,
/// never reports a service over UDP as available again once it was released. Only available services stay.
const MAX_IDLE: usize = 4096;

impl Services {
    pub(crate) fn new(environment: Environment) -> Self {
        Self {
            environment: Arc::new(environment),
            by_id: RwLock::default(),
            idle: Mutex::default(),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Acquires all `needs`, until the lease is dropped.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if the handler pool is empty; `INVALID_ARGUMENT` if the service is already
    /// offered in another version; `UNAVAILABLE` if the transport has ended; `INTERNAL` if vsomeip fails.
    /// Nothing is acquired then.
    pub(crate) fn acquire(self: &Arc<Self>, needs: Vec<Need>) -> Result<Lease, UStatus> {
        let mut lease = Lease::empty(self.clone(), needs.len());
        for need in needs {
            self.add_user(need)?;
            lease.push(need);
        }
        Ok(lease)
    }

    fn add_user(&self, need: Need) -> Result<(), UStatus> {
        let id = need.service();
        // Retries with a new object if this one was released meanwhile.
        while !self.service(id)?.add_user(need).inspect_err(|_| self.keep_or_release(id))? {}
        Ok(())
    }

    fn service(&self, id: ServiceInstance) -> Result<Arc<Service>, UStatus> {
        if let Some(service) = self.by_id.read().get(&id) {
            return Ok(service.clone());
        }
        let mut by_id = self.by_id.write();
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(has_ended());
        }
        let new = || Arc::new(Service::new(id, self.environment.clone()));
        Ok(by_id.entry(id).or_insert_with(new).clone())
    }

    fn remove_user(&self, need: Need) {
        let id = need.service();
        let Some(service) = self.by_id.read().get(&id).cloned() else { return };
        if service.remove_user(need) {
            self.keep_or_release(id);
        }
    }

    /// Keeps an unused service requested if it is available, else releases it. Releases the oldest ones if
    /// there are too many.
    fn keep_or_release(&self, id: ServiceInstance) {
        let mut idle = self.idle.lock();
        let is_idle = |id| self.by_id.read().get(&id).is_some_and(|service| service.is_idle());
        // Some may be in use again.
        idle.retain(|other| *other != id && is_idle(*other));
        if self.environment.monitor.is_available(id) && is_idle(id) {
            idle.push_back(id);
        } else {
            self.release_if_unused(id);
        }
        while idle.len() > MAX_IDLE {
            if let Some(oldest) = idle.pop_front() {
                self.release_if_unused(oldest);
            }
        }
    }

    /// Releases and removes a service, unless it is in use again.
    fn release_if_unused(&self, id: ServiceInstance) {
        let mut by_id = self.by_id.write();
        let Some(service) = by_id.get(&id) else { return };
        if service.release_if_unused() {
            by_id.remove(&id);
            let is_requested = |service| {
                by_id.iter().any(|(other, it)| other.covers(service) && it.is_requested())
            };
            // vsomeip reports nothing about services that are no longer requested.
            self.environment
                .monitor
                .forget_services(|service| id.covers(service) && !is_requested(service));
        }
    }

    /// Switches subscriptions in several versions to the available version.
    pub(crate) fn update_subscriptions(&self) {
        let services: Vec<_> = self.by_id.read().values().cloned().collect();
        services.iter().for_each(|service| service.update_subscriptions());
    }

    /// The needs for offering an event: all known events of its eventgroups. An event that is offered after
    /// somebody has subscribed to its group may never reach that subscriber.
    pub(crate) fn offers_of_event(
        &self,
        service: ServiceInstance,
        event: EventId,
    ) -> impl Iterator<Item = Need> + '_ {
        let others = self.environment.events.others_of_groups(service, event);
        std::iter::once(event).chain(others).map(move |event| Need::OfferEvent(service, event))
    }

    /// The last values of all services that match a pattern.
    pub(crate) fn values(&self, pattern: ServiceInstance) -> Vec<Arc<LastValues>> {
        let by_id = self.by_id.read();
        if pattern.is_concrete() {
            return by_id.get(&pattern).map(|service| service.values()).into_iter().collect();
        }
        let matching = by_id.iter().filter(|(id, _)| pattern.covers(**id));
        matching.map(|(_, service)| service.values()).collect()
    }

    /// The subscription counts of a service, if it is in use.
    pub(crate) fn arrivals(&self, id: ServiceInstance) -> Option<watch::Receiver<Arrivals>> {
        self.by_id.read().get(&id).map(|service| service.arrivals())
    }

    /// When the offer of a service began, if it is offered.
    pub(crate) fn offered_since(&self, id: ServiceInstance) -> Option<Instant> {
        self.by_id.read().get(&id).and_then(|service| service.offered_since())
    }

    /// Describes the subscription to an event, for the log.
    pub(crate) fn describe(&self, service: ServiceInstance, event: EventId) -> String {
        let known = self.by_id.read().get(&service).and_then(|service| service.wanted(event));
        known.map(|wanted| wanted.to_string()).unwrap_or_default()
    }

    /// The last values of a service, if it is in use.
    pub(crate) fn values_of(&self, service: ServiceInstance) -> Option<Arc<LastValues>> {
        self.by_id.read().get(&service).map(|service| service.values())
    }

    /// Withdraws everything. No needs can be acquired any more.
    pub(crate) fn close(&self) {
        self.idle.lock().clear();
        let mut by_id = self.by_id.write();
        self.is_closed.store(true, Ordering::Relaxed);
        by_id.drain().for_each(|(_, service)| service.close());
    }
}

#[cfg(test)]
mod tests;
