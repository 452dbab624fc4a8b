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

//! The leases of called services.

use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use up_rust::UStatus;

use crate::error::exhausted;
use crate::mapping::uri::ServiceInstance;
use crate::send::leases::{LastUse, SenderClock};
use crate::send::protocols::LastChoice;
use crate::services::{Lease, Need, Services};

/// The number of ticks after which an idle service is released.
const IDLE_TICKS: u32 = 300;

/// One entry per called service. Entries with pending requests are always kept, of the idle ones at most
/// `capacity`.
pub(crate) struct Calls {
    services: Arc<Services>,
    clock: Arc<SenderClock>,
    by_service: RwLock<FxHashMap<ServiceInstance, Arc<Call>>>,
    capacity: usize,
    /// Held while a handler is acquired.
    acquiring: Mutex<()>,
}

/// The leases for calls of a service. Each request shares them until it is answered.
pub(crate) struct Call {
    service: ServiceInstance,
    handler: OnceLock<Lease>,
    last_use: LastUse,
    pub(crate) protocol: LastChoice,
    /// Dropped after the handler.
    _request: Lease,
}

impl Call {
    /// Whether responses are handled: the service has been called while it was available.
    pub(crate) fn has_handler(&self) -> bool {
        self.handler.get().is_some()
    }
}

impl Calls {
    pub(crate) fn new(services: Arc<Services>, clock: Arc<SenderClock>, capacity: usize) -> Self {
        let (by_service, acquiring) = (RwLock::default(), Mutex::default());
        Self { services, clock, by_service, capacity, acquiring }
    }

    /// The entry of a service. Requests the service if it is new.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if vsomeip fails.
    pub(crate) fn call(&self, service: ServiceInstance) -> Result<Arc<Call>, UStatus> {
        let now = self.clock.now();
        if let Some(call) = self.by_service.read().get(&service) {
            call.last_use.stamp(now);
            return Ok(call.clone());
        }
        let request = self.services.acquire(vec![Need::Request(service)])?;
        let last_use = LastUse::at(now);
        let (handler, protocol) = (OnceLock::new(), LastChoice::default());
        let new = Call { service, handler, last_use, protocol, _request: request };
        let mut by_service = self.by_service.write();
        let call = by_service.entry(service).or_insert_with(|| Arc::new(new)).clone();
        let evicted = (by_service.len() > self.capacity)
            .then(|| evict_oldest(&mut by_service, |_| true))
            .flatten();
        drop(by_service);
        // Outside the lock, as it calls vsomeip.
        drop(evicted);
        Ok(call)
    }

    /// Ensures that responses of an available service are handled.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many services have requests in flight, or if the handler pool is
    /// empty; `INTERNAL` if vsomeip fails.
    pub(crate) fn handle_responses(&self, call: &Call) -> Result<(), UStatus> {
        if call.has_handler() {
            return Ok(());
        }
        let _acquiring = self.acquiring.lock();
        if call.has_handler() {
            return Ok(());
        }
        self.make_room_for_handler()?;
        let lease = self.services.acquire(vec![Need::Handler(call.service)])?;
        // Set under the lock only, so this cannot fail.
        let _ = call.handler.set(lease);
        Ok(())
    }

    fn make_room_for_handler(&self) -> Result<(), UStatus> {
        let mut by_service = self.by_service.write();
        let handled = by_service.values().filter(|call| call.has_handler()).count();
        if handled < self.capacity {
            return Ok(());
        }
        let evicted = evict_oldest(&mut by_service, Call::has_handler);
        drop(by_service);
        evicted.map(drop).ok_or_else(|| {
            exhausted(format!(
                "{} services have requests in flight; raise `max_sender_services`",
                self.capacity
            ))
        })
    }

    /// Releases services that have been idle for long, and the oldest idle ones beyond the capacity.
    pub(crate) fn expire(&self) {
        let now = self.clock.now();
        let mut by_service = self.by_service.write();
        let idle = by_service.iter().filter(|(_, call)| is_idle(call));
        let mut idle: Vec<_> =
            idle.map(|(service, call)| (call.last_use.get(), *service)).collect();
        idle.sort_unstable_by_key(|(last_use, _)| *last_use);
        let excess = by_service.len().saturating_sub(self.capacity);
        let is_old = |last_use| now.wrapping_sub(last_use) >= IDLE_TICKS;
        let ended =
            idle.iter().enumerate().filter(|(n, (last_use, _))| *n < excess || is_old(*last_use));
        let ended: Vec<_> =
            ended.filter_map(|(_, (_, service))| by_service.remove(service)).collect();
        drop(by_service);
        // Outside the lock, as it calls vsomeip.
        drop(ended);
    }

    pub(crate) fn clear(&self) {
        drop(std::mem::take(&mut *self.by_service.write()));
    }
}

/// Whether no request to the service is waiting or in flight.
fn is_idle(call: &Arc<Call>) -> bool {
    Arc::strong_count(call) == 1
}

/// Removes the least recently used idle entry.
fn evict_oldest(
    by_service: &mut FxHashMap<ServiceInstance, Arc<Call>>,
    is_candidate: impl Fn(&Call) -> bool,
) -> Option<Arc<Call>> {
    let idle = by_service.iter().filter(|(_, call)| is_idle(call) && is_candidate(call));
    let oldest = idle.min_by_key(|(_, call)| call.last_use.get()).map(|(service, _)| *service)?;
    by_service.remove(&oldest)
}
