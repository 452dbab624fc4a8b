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

//! The offers of published topics, by service.

use std::sync::Arc;

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use up_rust::UStatus;
use vsomeip_sys::{EventId, MajorVersion};

use crate::error::exhausted;
use crate::mapping::outbound::Notification;
use crate::mapping::uri::ServiceInstance;
use crate::send::first_messages::{FirstMessages, Gate};
use crate::send::leases::{LastUse, SenderClock};
use crate::services::{offer_needs, Lease, Services};

/// The number of ticks after which the offer of an idle topic may be withdrawn.
const IDLE_TICKS: u32 = 60;
/// The same for a topic that was published to within one tick only: nothing more may follow, and unknown
/// senders have many topics.
const ONCE_TICKS: u32 = 2;

/// The offered topics. Offers are kept until the transport ends, as withdrawing one loses its subscribers.
/// Only if there is no room, the least recently used ones are withdrawn.
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
    by_service: FxHashMap<ServiceInstance, FxHashMap<(MajorVersion, EventId), Topic>>,
    topics: usize,
}

/// A topic that is offered.
struct Topic {
    gate: Arc<Gate>,
    /// `None` if it was offered up front.
    first_use: Option<u32>,
    last_use: LastUse,
    _offer: Lease,
}

impl Topic {
    /// Whether its offer may be withdrawn to make room.
    fn is_idle(&self, now: u32) -> bool {
        let last_use = self.last_use.get();
        let was_used_once = self.first_use == Some(last_use);
        let ticks = if was_used_once { ONCE_TICKS } else { IDLE_TICKS };
        now.wrapping_sub(last_use) >= ticks
    }
}

impl Published {
    /// The gate of a topic, if it is offered. Counts as a use.
    fn gate_of(&self, topic: &Notification, now: u32) -> Option<&Arc<Gate>> {
        let topics = self.by_service.get(&topic.service)?;
        let Topic { gate, last_use, .. } = topics.get(&(topic.version, topic.event))?;
        last_use.stamp(now);
        Some(gate)
    }

    fn add(&mut self, key: &Notification, topic: Topic) {
        let topics = self.by_service.entry(key.service).or_default();
        topics.insert((key.version, key.event), topic);
        self.topics += 1;
    }

    fn remove(&mut self, key: &Notification) -> Option<Topic> {
        let topics = self.by_service.get_mut(&key.service)?;
        let removed = topics.remove(&(key.version, key.event))?;
        self.topics -= 1;
        if topics.is_empty() {
            self.by_service.remove(&key.service);
        }
        Some(removed)
    }

    fn all(&self) -> impl Iterator<Item = (Notification, &Topic)> {
        self.by_service.iter().flat_map(|(service, topics)| topics_of(*service, topics))
    }

    /// The least recently used idle topic.
    fn oldest_topic(&self, now: u32) -> Option<Notification> {
        let idle = self.all().filter(|(_, topic)| topic.is_idle(now));
        idle.min_by_key(|(_, topic)| topic.last_use.get()).map(|(key, _)| key)
    }

    /// The topics of the least recently used service all of whose topics are idle.
    fn oldest_service(&self, now: u32) -> Option<Vec<Notification>> {
        let idle = self.by_service.iter();
        let idle = idle.filter(|(_, topics)| topics.values().all(|topic| topic.is_idle(now)));
        let last_use =
            |topics: &FxHashMap<_, Topic>| topics.values().map(|topic| topic.last_use.get()).max();
        let (service, topics) = idle.min_by_key(|(_, topics)| last_use(topics))?;
        Some(topics_of(*service, topics).map(|(key, _)| key).collect())
    }
}

fn topics_of(
    service: ServiceInstance,
    topics: &FxHashMap<(MajorVersion, EventId), Topic>,
) -> impl Iterator<Item = (Notification, &Topic)> {
    topics
        .iter()
        .map(move |(&(version, event), topic)| (Notification { service, version, event }, topic))
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

    /// Offers topics up front: first all events, then their services. vsomeip may lose a subscription that
    /// arrives while the event is being offered.
    ///
    /// # Errors
    ///
    /// As for [`offer`](Self::offer).
    // [impl->dsn~someip-offer-up-front~1]
    pub(crate) fn offer_all(&self, topics: &[Notification]) -> Result<(), UStatus> {
        let events = topics
            .iter()
            .flat_map(|topic| self.services.offers_of_event(topic.service, topic.event));
        let _before_the_services = self.services.acquire(events.collect())?;
        let now = self.clock.now();
        topics.iter().try_for_each(|topic| self.offer_new(topic, None, now).map(drop))
    }

    /// Offers a topic, unless it is offered already. Returns its gate if it is not open yet.
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
        self.offer_new(topic, Some(now), now).map(Some)
    }

    pub(super) fn offer_new(
        &self,
        topic: &Notification,
        first_use: Option<u32>,
        now: u32,
    ) -> Result<Arc<Gate>, UStatus> {
        let Notification { service, version, event } = *topic;
        let mut published = self.published.write();
        // Another thread may have offered it meanwhile.
        if let Some(gate) = published.gate_of(topic, now) {
            return Ok(gate.clone());
        }
        self.make_room(&mut published, service, now)?;
        let mut needs: Vec<_> = self.services.offers_of_event(service, event).collect();
        needs.extend(offer_needs(service, version));
        let watched = self.first_messages.watch(topic)?;
        let offer = self.services.acquire(needs)?;
        let gate = self.first_messages.gate(watched);
        let last_use = LastUse::at(now);
        let new = Topic { gate: gate.clone(), first_use, last_use, _offer: offer };
        published.add(topic, new);
        Ok(gate)
    }

    /// Sends the held messages of all topics.
    pub(crate) fn open_all(&self) {
        for (key, topic) in self.published.read().all() {
            self.first_messages.open(&key, &topic.gate);
        }
    }

    /// Withdraws offers until there is room for a topic of `service`.
    fn make_room(
        &self,
        published: &mut Published,
        service: ServiceInstance,
        now: u32,
    ) -> Result<(), UStatus> {
        let no_room = |limit: &str| {
            exhausted(format!("too many topics are being published to; raise `{limit}`"))
        };
        while published.topics >= self.max_topics {
            let oldest =
                published.oldest_topic(now).ok_or_else(|| no_room("max_published_topics"))?;
            self.withdraw(&oldest, published);
        }
        while !published.by_service.contains_key(&service)
            && published.by_service.len() >= self.max_services
        {
            let oldest =
                published.oldest_service(now).ok_or_else(|| no_room("max_sender_services"))?;
            oldest.iter().for_each(|topic| self.withdraw(topic, published));
        }
        Ok(())
    }

    fn withdraw(&self, key: &Notification, published: &mut Published) {
        if let Some(topic) = published.remove(key) {
            self.first_messages.open(key, &topic.gate);
        }
    }

    pub(crate) fn clear(&self) {
        drop(std::mem::take(&mut *self.published.write()));
    }
}
