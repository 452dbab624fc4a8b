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

//! The services that are called.

use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use up_rust::UStatus;

use crate::error::exhausted;
use crate::mapping::uri::ServiceInstance;
use crate::send::protocols::LastChoice;
use crate::send::uses::{LastUse, SenderClock};
use crate::services::{Lease, Need, Services};

/// After how many ticks a service that nobody calls any more is let go of.
const IDLE_TICKS: u32 = 300;

/// One entry for each service that was called. Those that requests wait for, or are on their way to,
/// are as many as these; of the others there is a bounded number.
pub(crate) struct Calls {
    services: Arc<Services>,
    clock: Arc<SenderClock>,
    by_service: RwLock<FxHashMap<ServiceInstance, Arc<Call>>>,
    capacity: usize,
    /// Held while a handler is acquired: by one thread at a time.
    acquiring: Mutex<()>,
}

/// What a call of a service needs. Each request holds one until it is answered.
pub(crate) struct Call {
    service: ServiceInstance,
    handler: OnceLock<Lease>,
    last_use: LastUse,
    pub(crate) protocol: LastChoice,
    /// Released after the handler.
    _request: Lease,
}

impl Call {
    /// Whether the service has been available, and was called then.
    pub(crate) fn has_begun(&self) -> bool {
        self.handler.get().is_some()
    }
}

impl Calls {
    pub(crate) fn new(services: Arc<Services>, clock: Arc<SenderClock>, capacity: usize) -> Self {
        let (by_service, acquiring) = (RwLock::default(), Mutex::default());
        Self { services, clock, by_service, capacity, acquiring }
    }

    /// The entry of a service, which is requested from now on.
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
        // Not under the lock: it asks vsomeip.
        drop(evicted);
        Ok(call)
    }

    /// Makes sure that the responses of an available service are handled.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if as many services as may be are called at this moment, or if the
    /// handler pool is empty; `INTERNAL` if vsomeip fails.
    pub(crate) fn handle_responses(&self, call: &Call) -> Result<(), UStatus> {
        if call.has_begun() {
            return Ok(());
        }
        let _acquiring = self.acquiring.lock();
        if call.has_begun() {
            return Ok(());
        }
        self.make_room_for_handler()?;
        let lease = self.services.acquire(vec![Need::Handler(call.service)])?;
        // Nobody else sets it.
        let _ = call.handler.set(lease);
        Ok(())
    }

    fn make_room_for_handler(&self) -> Result<(), UStatus> {
        let mut by_service = self.by_service.write();
        let handled = by_service.values().filter(|call| call.has_begun()).count();
        if handled < self.capacity {
            return Ok(());
        }
        let evicted = evict_oldest(&mut by_service, Call::has_begun);
        drop(by_service);
        evicted.map(drop).ok_or_else(|| {
            exhausted(format!(
                "{} services are called at this moment already; raise `max_sender_services`",
                self.capacity
            ))
        })
    }

    /// Lets go of the services that were not called for long, and of those that are too many now that
    /// no request waits for them any more.
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
        // Not under the lock: it asks vsomeip.
        drop(ended);
    }

    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.by_service.write());
        drop(all);
    }
}

/// Whether no request waits for the service or is on its way to it.
fn is_idle(call: &Arc<Call>) -> bool {
    Arc::strong_count(call) == 1
}

/// Takes out the idle entry that was used longest ago.
fn evict_oldest(
    by_service: &mut FxHashMap<ServiceInstance, Arc<Call>>,
    is_wanted: impl Fn(&Call) -> bool,
) -> Option<Arc<Call>> {
    let idle = by_service.iter().filter(|(_, call)| is_idle(call) && is_wanted(call));
    let oldest = idle.min_by_key(|(_, call)| call.last_use.get()).map(|(service, _)| *service)?;
    by_service.remove(&oldest)
}
