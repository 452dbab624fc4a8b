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

//! The topics that are published, by service.

use std::sync::Arc;

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use up_rust::UStatus;
use vsomeip_sys::{EventId, MajorVersion};

use crate::error::exhausted;
use crate::mapping::outbound::Notification;
use crate::mapping::uri::ServiceInstance;
use crate::send::first_messages::{FirstMessages, Gate};
use crate::send::uses::{LastUse, SenderClock};
use crate::services::{offer_needs, Lease, Need, Services};

/// For how many ticks a service must not have been published for before its offers may end.
const IDLE_TICKS: u32 = 60;

/// Offers of topics are kept until the transport ends, as subscribers are lost with them. Only if room
/// is short, those of the service end that was used longest ago.
pub(crate) struct Topics {
    services: Arc<Services>,
    clock: Arc<SenderClock>,
    first_messages: Arc<FirstMessages>,
    published: RwLock<Published>,
    max_services: usize,
    max_topics: usize,
}

#[derive(Default)]
struct Published {
    by_service: FxHashMap<ServiceInstance, PublishedService>,
    topics: usize,
}

impl Published {
    /// The gate of a topic if it is offered, and in use by that.
    fn gate_of(&self, topic: &Notification, now: u32) -> Option<&Arc<Gate>> {
        let known = self.by_service.get(&topic.service)?;
        let Topic { gate, .. } = known.topics.get(&(topic.version, topic.event))?;
        known.last_use.stamp(now);
        Some(gate)
    }
}

#[derive(Default)]
struct PublishedService {
    topics: FxHashMap<(MajorVersion, EventId), Topic>,
    last_use: LastUse,
}

/// A topic that is offered.
struct Topic {
    gate: Arc<Gate>,
    _offer: Lease,
}

impl Topics {
    pub(crate) fn new(
        services: Arc<Services>,
        clock: Arc<SenderClock>,
        first_messages: Arc<FirstMessages>,
        max_services: usize,
        max_topics: usize,
    ) -> Self {
        let published = RwLock::default();
        Self { services, clock, first_messages, published, max_services, max_topics }
    }

    /// Offers topics before anything is published to them: all events, then their services. vsomeip
    /// can lose a subscription that arrives in the moment in which it learns of the event.
    ///
    /// # Errors
    ///
    /// Those of [`offer`](Self::offer).
    // [impl->dsn~someip-offer-up-front~1]
    pub(crate) fn offer_all(&self, topics: &[Notification]) -> Result<(), UStatus> {
        let events = topics.iter().map(|topic| Need::OfferEvent(topic.service, topic.event));
        let _before_the_services = self.services.acquire(events.collect())?;
        topics.iter().try_for_each(|topic| self.offer(topic).map(drop))
    }

    /// Offers a topic, unless it is offered already. Returns its gate if that is not open yet.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many topics are offered and all are in use, or if the handler pool
    /// is empty; `INVALID_ARGUMENT` if the service is offered in another version; `INTERNAL` if
    /// vsomeip fails.
    pub(crate) fn offer(&self, topic: &Notification) -> Result<Option<Arc<Gate>>, UStatus> {
        let now = self.clock.now();
        if let Some(gate) = self.published.read().gate_of(topic, now) {
            return Ok((!gate.is_open()).then(|| gate.clone()));
        }
        self.offer_new(topic, now).map(Some)
    }

    pub(super) fn offer_new(&self, topic: &Notification, now: u32) -> Result<Arc<Gate>, UStatus> {
        let Notification { service, version, event } = *topic;
        let mut published = self.published.write();
        // Another publisher may have offered it meanwhile.
        if let Some(gate) = published.gate_of(topic, now) {
            return Ok(gate.clone());
        }
        let is_new_service = !published.by_service.contains_key(&service);
        self.make_room(&mut published, is_new_service, now)?;
        let mut needs = vec![Need::OfferEvent(service, event)];
        needs.extend(offer_needs(service, version));
        let watched = self.first_messages.watch(topic)?;
        let offer = self.services.acquire(needs)?;
        let gate = self.first_messages.gate(watched);
        let known = published.by_service.entry(service).or_default();
        known.last_use.stamp(now);
        known.topics.insert((version, event), Topic { gate: gate.clone(), _offer: offer });
        published.topics += 1;
        Ok(gate)
    }

    /// Sends what is held, for whoever is connected.
    pub(crate) fn open_all(&self) {
        let published = self.published.read();
        published.by_service.iter().for_each(|(service, known)| self.open(*service, known));
    }

    fn open(&self, service: ServiceInstance, known: &PublishedService) {
        for (&(version, event), topic) in &known.topics {
            self.first_messages.open(&Notification { service, version, event }, &topic.gate);
        }
    }

    fn make_room(
        &self,
        published: &mut Published,
        is_new_service: bool,
        now: u32,
    ) -> Result<(), UStatus> {
        let is_full = |published: &Published| {
            let services = published.by_service.len();
            published.topics >= self.max_topics || is_new_service && services >= self.max_services
        };
        while is_full(published) {
            let oldest = published.by_service.iter().min_by_key(|(_, it)| it.last_use.get());
            let idle = oldest.filter(|(_, it)| now.wrapping_sub(it.last_use.get()) >= IDLE_TICKS);
            let Some((&service, _)) = idle else {
                return Err(exhausted("too many topics are being published"));
            };
            let ended = published.by_service.remove(&service).unwrap_or_default();
            self.open(service, &ended);
            published.topics -= ended.topics.len();
        }
        Ok(())
    }

    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.published.write());
        drop(all);
    }
}
