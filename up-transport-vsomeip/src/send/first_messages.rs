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
//! The first messages of a topic: they are held until its subscribers are connected.
//!
//! The first publish offers its topic, and subscribers connect a moment later. Until then, messages are
//! held in order, while `send` returns. A topic opens for good when its subscribers have connected, after
//! a timeout, or when too much is held.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at, Instant};
use up_rust::UStatus;
use vsomeip_sys::EventgroupId;

use crate::error::internal;
use crate::events::Events;
use crate::mapping::outbound::Notification;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counters;
use crate::network::state::Monitor;
use crate::options::HoldLimits;
use crate::services::{Arrivals, Lease, Need, Services};
use crate::vsomeip::application::SomeIp;

/// A topic opens when nobody else has subscribed for this long. It also covers the moment between the
/// acceptance of a subscriber and the first event that vsomeip sends to it.
const QUIET: Duration = Duration::from_millis(100);

/// The memory cost of a held message besides its payload, in bytes.
const OVERHEAD: usize = 64;

/// The components and limits for holding messages.
pub(crate) struct Parts {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) services: Arc<Services>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) events: Arc<Events>,
    /// The local services that other hosts can subscribe to.
    pub(crate) announced: FxHashSet<ServiceInstance>,
    /// The runtime of the control thread.
    pub(crate) control: Handle,
    /// The longest time from the start of the routing manager to the first announcements.
    pub(crate) first_offer: Duration,
    pub(crate) limits: HoldLimits,
}

pub(crate) struct FirstMessages {
    parts: Parts,
    /// When the transport started, and with it the routing manager, if this application hosts it.
    begin: Instant,
    /// The size of the held messages.
    bytes: AtomicUsize,
    messages: AtomicUsize,
    has_warned: AtomicBool,
}

/// Whether a topic is open, and the messages held until then.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    is_open: AtomicBool,
    held: Mutex<VecDeque<FirstMessage>>,
}

/// A message to be published.
#[derive(Debug)]
pub(crate) struct FirstMessage {
    pub(crate) payload: Bytes,
    /// When it expires.
    pub(crate) deadline: Option<Instant>,
}

/// A topic that is about to be offered, and whose new subscribers are counted.
pub(crate) struct Watched {
    topic: Notification,
    arrivals: watch::Receiver<Arrivals>,
    groups: Vec<EventgroupId>,
    _watch: Lease,
}

impl Gate {
    fn open() -> Self {
        Self { is_open: AtomicBool::new(true), held: Mutex::default() }
    }

    /// Whether messages go straight to vsomeip.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }
}

impl FirstMessage {
    fn size(&self) -> usize {
        self.payload.len().saturating_add(OVERHEAD)
    }
}

impl FirstMessages {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            parts,
            begin: Instant::now(),
            bytes: AtomicUsize::default(),
            messages: AtomicUsize::default(),
            has_warned: AtomicBool::default(),
        }
    }

    /// The number of held messages.
    pub(crate) fn len(&self) -> usize {
        self.messages.load(Ordering::Relaxed)
    }

    /// Starts counting the subscribers of a topic, before it is offered. `None` if its messages are not
    /// held: vsomeip itself sends the value of a field to new subscribers.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if vsomeip fails.
    pub(crate) fn watch(&self, topic: &Notification) -> Result<Option<Watched>, UStatus> {
        let Parts { services, events, limits, .. } = &self.parts;
        let options = events.options_of(topic.service, topic.event);
        if limits.time.is_zero() || options.is_field {
            return Ok(None);
        }
        let groups = options.eventgroups;
        let needs = groups.iter().map(|group| Need::Subscribers(topic.service, *group)).collect();
        let watch = services.acquire(needs)?;
        let arrivals = services.arrivals(topic.service);
        Ok(arrivals.map(|arrivals| Watched { topic: *topic, arrivals, groups, _watch: watch }))
    }

    /// The gate of a topic that has just been offered. The control thread opens it later.
    pub(crate) fn gate(self: &Arc<Self>, watched: Option<Watched>) -> Arc<Gate> {
        let Some(watched) = watched else { return Arc::new(Gate::open()) };
        let (this, gate) = (self.clone(), Arc::<Gate>::default());
        let result = gate.clone();
        self.parts.control.spawn(async move {
            this.wait_for_subscribers(&watched).await;
            this.open(&watched.topic, &gate);
        });
        result
    }

    /// Publishes a message after the held ones. Opens the topic if there is no room for the message.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if vsomeip fails.
    pub(crate) fn publish(
        &self,
        topic: &Notification,
        gate: &Gate,
        message: FirstMessage,
    ) -> Result<(), UStatus> {
        // Locked until the message is sent, which preserves the order.
        let mut held = gate.held.lock();
        if !gate.is_open() {
            if self.reserve(message.size()) {
                held.push_back(message);
                return Ok(());
            }
            self.warn_of_no_room(topic);
            self.flush(topic, gate, &mut held);
        }
        self.send(topic, &message.payload)
    }

    /// Sends the held messages, and stops holding.
    pub(crate) fn open(&self, topic: &Notification, gate: &Gate) {
        let mut held = gate.held.lock();
        self.flush(topic, gate, &mut held);
    }

    fn flush(&self, topic: &Notification, gate: &Gate, held: &mut VecDeque<FirstMessage>) {
        for message in std::mem::take(held) {
            self.release(message.size());
            if message.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                self.parts.counters.dropped_expired.increment();
            } else if let Err(status) = self.send(topic, &message.payload) {
                log::warn!(service:% = topic.service, event:% = topic.event; "a message held for subscribers of {topic:?} was not sent: {status}");
            }
        }
        gate.is_open.store(true, Ordering::Release);
    }

    /// Publishes a message immediately.
    pub(super) fn send(&self, topic: &Notification, payload: &[u8]) -> Result<(), UStatus> {
        let Parts { application, counters, .. } = &self.parts;
        application.notify(topic.service, topic.event, payload).map_err(internal)?;
        counters.sent.increment();
        Ok(())
    }

    /// Reserves room for a message, if there is any.
    fn reserve(&self, size: usize) -> bool {
        let room = |bytes: usize| {
            bytes.checked_add(size).filter(|bytes| *bytes <= self.parts.limits.bytes)
        };
        let is_reserved =
            self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok();
        self.messages.fetch_add(is_reserved.into(), Ordering::Relaxed);
        is_reserved
    }

    fn release(&self, size: usize) {
        self.bytes.fetch_sub(size, Ordering::Relaxed);
        self.messages.fetch_sub(1, Ordering::Relaxed);
    }

    fn warn_of_no_room(&self, topic: &Notification) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            let Notification { service, event, .. } = topic;
            let bytes = self.parts.limits.bytes;
            log::warn!(
                service:% = service, event:% = event, bytes;
                "{bytes} bytes of messages are being held for subscribers: messages of event {event} of \
                 service {service}, and of further topics, are sent immediately, and new subscribers \
                 may miss them; offer topics up front, or raise `hold_first_messages_bytes`"
            );
        }
    }

    /// Returns when the subscribers of a topic have connected, or after the hold time.
    async fn wait_for_subscribers(&self, watched: &Watched) {
        let Parts { monitor, services, announced, first_offer, limits, .. } = &self.parts;
        let service = watched.topic.service;
        let mut states = monitor.watch();
        let is_registered = states.borrow().registered;
        // Offers are not visible before.
        let registered = states.wait_for(|state| state.registered);
        let _ = timeout(limits.time, registered).await;
        let is_announced = announced.contains(&service);
        let now = Instant::now();
        let offered = if is_announced {
            // The routing manager may have started only now.
            let begin = if is_registered { self.begin } else { now };
            now.max(begin + *first_offer)
        } else {
            // Subscribers connect to all events of a service when it is offered.
            services.offered_since(service).filter(|_| is_registered).unwrap_or(now)
        };
        let _ = timeout_at(offered + limits.time, connected(watched, is_announced)).await;
    }
}

/// Returns when somebody has subscribed (from another host, if the service is announced), and nobody else
/// did for [`QUIET`].
async fn connected(watched: &Watched, is_announced: bool) {
    let mut arrivals = watched.arrivals.clone();
    let awaited = |arrivals: &Arrivals| arrivals.of(&watched.groups, is_announced);
    if arrivals.wait_for(|now| awaited(now) > 0).await.is_err() {
        return;
    }
    let all = |arrivals: &Arrivals| arrivals.of(&watched.groups, false);
    loop {
        let before = all(&arrivals.borrow_and_update());
        if timeout(QUIET, arrivals.wait_for(|now| all(now) != before)).await.is_err() {
            return;
        }
    }
}
