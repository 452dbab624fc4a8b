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
use crate::send::uses::{LastUse, SenderClock};
use crate::services::{offer_needs, Lease, Need, Services};

/// For how many ticks a service must not have been published for before its offers may end.
const IDLE_TICKS: u32 = 60;

/// Offers of topics are kept until the transport ends, as subscribers are lost with them. Only if room
/// is short, those of the service end that was used longest ago.
pub(crate) struct Topics {
    services: Arc<Services>,
    clock: Arc<SenderClock>,
    published: RwLock<Published>,
    max_services: usize,
    max_topics: usize,
}

#[derive(Default)]
struct Published {
    by_service: FxHashMap<ServiceInstance, PublishedService>,
    topics: usize,
}

#[derive(Default)]
struct PublishedService {
    topics: FxHashMap<(MajorVersion, EventId), Lease>,
    last_use: LastUse,
}

impl Published {
    /// Returns whether a topic is offered, which is in use if so.
    fn touch(&self, topic: &Notification, now: u32) -> bool {
        let known = self.by_service.get(&topic.service);
        let known = known.filter(|it| it.topics.contains_key(&(topic.version, topic.event)));
        known.inspect(|it| it.last_use.stamp(now)).is_some()
    }
}

impl Topics {
    pub(crate) fn new(
        services: Arc<Services>,
        clock: Arc<SenderClock>,
        max_services: usize,
        max_topics: usize,
    ) -> Self {
        Self { services, clock, published: RwLock::default(), max_services, max_topics }
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
        topics.iter().try_for_each(|topic| self.offer(topic))
    }

    /// Offers a topic, unless it is offered already.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many topics are offered and all are in use, or if the handler pool
    /// is empty; `INVALID_ARGUMENT` if the service is offered in another version; `INTERNAL` if
    /// vsomeip fails.
    pub(crate) fn offer(&self, topic: &Notification) -> Result<(), UStatus> {
        let now = self.clock.now();
        if self.published.read().touch(topic, now) {
            return Ok(());
        }
        self.offer_new(topic, now)
    }

    pub(super) fn offer_new(&self, topic: &Notification, now: u32) -> Result<(), UStatus> {
        let Notification { service, version, event } = *topic;
        let mut published = self.published.write();
        // Another publisher may have offered it meanwhile.
        if published.touch(topic, now) {
            return Ok(());
        }
        let is_new_service = !published.by_service.contains_key(&service);
        self.make_room(&mut published, is_new_service, now)?;
        let mut needs = vec![Need::OfferEvent(service, event)];
        needs.extend(offer_needs(service, version));
        let lease = self.services.acquire(needs)?;
        let known = published.by_service.entry(service).or_default();
        known.last_use.stamp(now);
        known.topics.insert((version, event), lease);
        published.topics += 1;
        Ok(())
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
            published.topics -= ended.topics.len();
        }
        Ok(())
    }

    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.published.write());
        drop(all);
    }
}
