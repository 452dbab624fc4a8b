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

//! The services that the transport deals with, offered or used, one object for each instance. Uses
//! the seam to vsomeip, the network's state, and mappings.
//!
//! Whoever needs something of a service holds a lease. The service acquires it in vsomeip on first
//! use and releases it on the last drop, with the same ids.

mod entrance;
mod lease;
mod reoffering;
mod requested;
mod service;
mod subscribers;
mod subscription;
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

/// Takes what vsomeip delivers of a service, on its dispatcher thread: it must return soon.
pub(crate) trait Receive: Send + Sync {
    /// `values` are those of the service's fields.
    fn receive(&self, message: &Message, values: &LastValues);
}

/// What all services share.
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
    /// Requested services that nobody uses, in the order in which that began. Locked before `by_id`,
    /// that before the state of a service, and that before the monitor.
    idle: Mutex<VecDeque<ServiceInstance>>,
    /// No service is added any more. Set while `by_id` is locked.
    is_closed: AtomicBool,
}

/// How many services that nobody uses stay requested. vsomeip up to 3.5.11 never reports a service over
/// UDP as available again once it was released, unless it is the bundled one. There are no more than
/// the network has: only what is available is kept.
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

    /// Meets every one of `needs`, for as long as the lease lives.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if the handler pool is empty, `INVALID_ARGUMENT` if the service is
    /// offered in another version already, `UNAVAILABLE` if the transport has ended, `INTERNAL` if
    /// vsomeip fails. Nothing is left behind then.
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
        // A service that is released meanwhile takes no users any more: the next one does.
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

    /// A service that nobody uses stays requested while it is available; it is released, oldest first,
    /// when too many do.
    fn keep_or_release(&self, id: ServiceInstance) {
        let mut idle = self.idle.lock();
        let is_idle = |id| self.by_id.read().get(&id).is_some_and(|service| service.is_idle());
        // Some are used again.
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

    /// Releases and forgets a service, unless somebody has begun to use it meanwhile.
    fn release_if_unused(&self, id: ServiceInstance) {
        let mut by_id = self.by_id.write();
        let Some(service) = by_id.get(&id) else { return };
        if service.release_if_unused() {
            by_id.remove(&id);
            let is_requested = |service| {
                by_id.iter().any(|(other, it)| other.covers(service) && it.is_requested())
            };
            // What is no longer asked for is no longer reported: it would stay as it was for ever.
            self.environment
                .monitor
                .forget_services(|service| id.covers(service) && !is_requested(service));
        }
    }

    /// Subscribes to the events that are needed in several versions in the one that there is now.
    pub(crate) fn follow_versions(&self) {
        let services: Vec<_> = self.by_id.read().values().cloned().collect();
        services.iter().for_each(|service| service.follow_version());
    }

    /// What offers an event: with it, all others that are known of its eventgroups. Whoever
    /// subscribes to a group before one of its events is offered may never get that.
    pub(crate) fn offers_of_event(
        &self,
        service: ServiceInstance,
        event: EventId,
    ) -> impl Iterator<Item = Need> + '_ {
        let others = self.environment.events.others_of_groups(service, event);
        std::iter::once(event).chain(others).map(move |event| Need::OfferEvent(service, event))
    }

    /// The values of the fields of all services that match a pattern.
    pub(crate) fn values(&self, pattern: ServiceInstance) -> Vec<Arc<LastValues>> {
        let by_id = self.by_id.read();
        if pattern.is_concrete() {
            return by_id.get(&pattern).map(|service| service.values()).into_iter().collect();
        }
        let matching = by_id.iter().filter(|(id, _)| pattern.covers(**id));
        matching.map(|(_, service)| service.values()).collect()
    }

    /// The subscriptions to the watched eventgroups of a service, if it is in use.
    pub(crate) fn arrivals(&self, id: ServiceInstance) -> Option<watch::Receiver<Arrivals>> {
        self.by_id.read().get(&id).map(|service| service.arrivals())
    }

    /// Since when a service is offered, if it is.
    pub(crate) fn offered_since(&self, id: ServiceInstance) -> Option<Instant> {
        self.by_id.read().get(&id).and_then(|service| service.offered_since())
    }

    /// The subscription to an event, if there is one, in words.
    pub(crate) fn describe(&self, service: ServiceInstance, event: EventId) -> String {
        let known = self.by_id.read().get(&service).and_then(|service| service.wanted(event));
        known.map(|wanted| wanted.to_string()).unwrap_or_default()
    }

    /// The values of the fields of a service of our own.
    pub(crate) fn own_values(&self, service: ServiceInstance) -> Option<Arc<LastValues>> {
        self.by_id.read().get(&service).map(|service| service.values())
    }

    /// Withdraws everything, and refuses every further need.
    pub(crate) fn close(&self) {
        self.idle.lock().clear();
        let mut by_id = self.by_id.write();
        self.is_closed.store(true, Ordering::Relaxed);
        by_id.drain().for_each(|(_, service)| service.close());
    }
}

#[cfg(test)]
mod tests;
