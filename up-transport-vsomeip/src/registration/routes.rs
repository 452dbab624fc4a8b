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

//! The registered listeners, and how a message finds those whose filters it matches.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::RwLock;
use protobuf::MessageField;
use rustc_hash::FxHashMap;
use up_rust::{UAttributes, UAttributesError, UMessage, UMessageType, UUri};
use vsomeip_sys::{MajorVersion, MethodId, ServiceId};

use crate::delivery::mailbox::Worker;
use crate::mapping::authorities::Source;
use crate::mapping::inbound;
use crate::mapping::uri::{resource_of, ServiceInstance};
use crate::registration::filter::{Delivery, Filter, FilterKind};

/// A listener registered with a filter.
pub(crate) struct Registration {
    filter: Filter,
    worker: Arc<Worker>,
    active: AtomicBool,
}

impl Registration {
    pub(crate) fn new(filter: Filter, worker: Arc<Worker>) -> Self {
        Self { filter, worker, active: AtomicBool::new(true) }
    }

    /// Who invokes the listener.
    pub(crate) fn worker(&self) -> &Arc<Worker> {
        &self.worker
    }

    fn takes_notifications(&self) -> bool {
        self.filter.kind() == Ok(FilterKind::Notification)
    }

    /// Whether messages may still be delivered for it.
    fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }
}

/// The registrations of one listener that a message is delivered for; nearly always one.
pub(crate) struct Matched {
    first: Arc<Registration>,
    others: Vec<Arc<Registration>>,
}

impl Matched {
    pub(crate) fn new(first: Arc<Registration>) -> Self {
        Self { first, others: Vec::new() }
    }

    pub(crate) fn push(&mut self, registration: Arc<Registration>) {
        self.others.push(registration);
    }

    /// Who invokes the listener.
    pub(crate) fn worker(&self) -> &Arc<Worker> {
        self.first.worker()
    }

    /// Whether the message may still be delivered.
    pub(crate) fn is_active(&self) -> bool {
        self.first.is_active() || self.others.iter().any(|registration| registration.is_active())
    }
}

/// One listener that gets a message.
struct Recipient {
    matched: Matched,
    /// Replaces what is assumed of the source.
    source: Option<UUri>,
}

/// All that get it; nearly always one.
#[derive(Default)]
struct Recipients {
    first: Option<Recipient>,
    others: Vec<Recipient>,
}

impl Recipients {
    fn add(&mut self, registration: &Arc<Registration>, delivery: Delivery) {
        let mut known = self.first.iter_mut().chain(&mut self.others);
        if let Some(recipient) = known.find(|recipient| recipient.is_for(registration)) {
            recipient.matched.push(registration.clone());
        } else if self.first.is_none() {
            self.first = Some(Recipient::new(registration, delivery));
        } else {
            self.others.push(Recipient::new(registration, delivery));
        }
    }
}

/// Finding the listeners of a message costs the same however many are registered for others:
/// filters that name a service and a method or event are looked up by these.
#[derive(Default)]
pub(crate) struct Listeners {
    index: RwLock<Index>,
    /// Whether vsomeip has one dispatcher thread, whatever happens. If not, it calls the next handler
    /// on another thread while a listener blocks this one, and what comes then must not overtake.
    one_dispatcher: bool,
    /// How many take events as notifications: mostly none, and then no event has to be looked at
    /// twice.
    taking_notifications: AtomicUsize,
}

#[derive(Default)]
struct Index {
    named: FxHashMap<(ServiceId, u16), Vec<Arc<Registration>>>,
    wildcards: Vec<Arc<Registration>>,
}

impl Index {
    /// Those whose filters name `key`, and those whose filters name nothing.
    fn candidates(&self, key: Option<(ServiceId, u16)>) -> [&[Arc<Registration>]; 2] {
        let named = key.and_then(|key| self.named.get(&key));
        [named.map_or(&[], Vec::as_slice), &self.wildcards]
    }
}

impl Listeners {
    pub(crate) fn new(one_dispatcher: bool) -> Self {
        Self { one_dispatcher, ..Self::default() }
    }

    pub(crate) fn add(&self, registration: Arc<Registration>) {
        if registration.takes_notifications() {
            self.taking_notifications.fetch_add(1, Ordering::Relaxed);
        }
        let mut index = self.index.write();
        match registration.filter.key() {
            Some(key) => index.named.entry(key).or_default().push(registration),
            None => index.wildcards.push(registration),
        }
    }

    /// How many listeners are registered with a filter.
    pub(crate) fn count(&self, filter: &Filter) -> usize {
        let index = self.index.read();
        let registrations = match filter.key() {
            Some(key) => index.named.get(&key),
            None => Some(&index.wildcards),
        };
        let same = |registration: &&Arc<Registration>| registration.filter == *filter;
        registrations.map_or(0, |registrations| registrations.iter().filter(same).count())
    }

    /// Whether the requests to a method, which nobody gets, would be somebody's in another version.
    // [impl->dsn~someip-request-in~1]
    pub(crate) fn has_other_version_of(
        &self,
        service: ServiceInstance,
        method: MethodId,
        version: MajorVersion,
    ) -> bool {
        self.index
            .read()
            .candidates(Some((service.service, method.0)))
            .into_iter()
            .flatten()
            .any(|registration| registration.filter.is_for_other_version(service, method, version))
    }

    /// Delivers an event to the listeners that take it as a notification: to the sink that their filter
    /// names, where what it leaves open is that of the local entity `own`. Each gets it once for each
    /// sink. Returns whether there is any.
    ///
    /// # Errors
    ///
    /// Fails if that makes no valid message.
    // [impl->dsn~someip-notification-in~1]
    pub(crate) fn notify(
        &self,
        event: &UMessage,
        source: Source,
        own: &UUri,
    ) -> Result<bool, UAttributesError> {
        let mut notified: Vec<(UUri, Recipient)> = Vec::new();
        for (registration, delivery) in self.taking_as_notification(event, source) {
            let sink = registration.filter.notified_sink(own);
            let mut known = notified.iter_mut();
            match known.find(|(to, it)| it.is_for(&registration) && *to == sink) {
                Some((_, recipient)) => recipient.matched.push(registration),
                None => notified.push((sink, Recipient::new(&registration, delivery))),
            }
        }
        let is_any = !notified.is_empty();
        for (sink, recipient) in notified {
            self.enqueue(recipient, inbound::notification(event, &sink)?);
        }
        Ok(is_any)
    }

    fn taking_as_notification(
        &self,
        event: &UMessage,
        source: Source,
    ) -> Vec<(Arc<Registration>, Delivery)> {
        let attributes = event.attributes.as_ref();
        let any = self.taking_notifications.load(Ordering::Relaxed) > 0;
        let Some(attributes) = attributes.filter(|_| any) else { return Vec::new() };
        let index = self.index.read();
        let candidates = index.candidates(key_of(attributes)).into_iter().flatten();
        let taking = candidates.filter_map(|registration| {
            Some((registration.clone(), registration.filter.notifies_of(attributes, source)?))
        });
        taking.collect()
    }

    /// Ends the deliveries for a registration, also of messages that are queued already.
    pub(crate) fn remove(&self, registration: &Arc<Registration>) {
        let was_active = registration.active.swap(false, Ordering::AcqRel);
        if was_active && registration.takes_notifications() {
            self.taking_notifications.fetch_sub(1, Ordering::Relaxed);
        }
        let mut index = self.index.write();
        let Some(key) = registration.filter.key() else {
            index.wildcards.retain(|other| !Arc::ptr_eq(other, registration));
            return;
        };
        if let Some(registrations) = index.named.get_mut(&key) {
            registrations.retain(|other| !Arc::ptr_eq(other, registration));
            if registrations.is_empty() {
                index.named.remove(&key);
            }
        }
    }

    /// Queues a message for each listener that has a filter for it; each gets it once, however many
    /// of its filters match. Returns whether there is any.
    // [impl->dsn~utransport-registerlistener-start-invoking-listeners~1]
    pub(crate) fn dispatch(&self, message: UMessage, source: Source) -> bool {
        let Some(attributes) = message.attributes.as_ref() else { return false };
        let Recipients { first, others } = self.recipients(attributes, source);
        let Some(mut recipient) = first else { return false };
        // All get a copy but the last one.
        for other in others {
            self.enqueue(std::mem::replace(&mut recipient, other), message.clone());
        }
        recipient.enqueue(message);
        true
    }

    /// Passes a message to one recipient of several.
    fn enqueue(&self, recipient: Recipient, message: UMessage) {
        if self.one_dispatcher {
            recipient.enqueue(message);
        } else {
            recipient.append(message);
        }
    }

    fn recipients(&self, attributes: &UAttributes, source: Source) -> Recipients {
        let mut recipients = Recipients::default();
        let mut add_matching = |registrations: &[Arc<Registration>]| {
            for registration in registrations {
                if let Some(delivery) = registration.filter.matches(attributes, source) {
                    recipients.add(registration, delivery);
                }
            }
        };
        let index = self.index.read();
        if source == Source::OnlyClient {
            // Any event may be meant.
            index.named.values().for_each(|registrations| add_matching(registrations));
            add_matching(&index.wildcards);
        } else {
            index.candidates(key_of(attributes)).into_iter().for_each(add_matching);
        }
        recipients
    }
}

impl Recipient {
    fn is_for(&self, registration: &Registration) -> bool {
        Arc::ptr_eq(self.matched.worker(), &registration.worker)
    }

    fn new(registration: &Arc<Registration>, delivery: Delivery) -> Self {
        let source = match delivery {
            Delivery::AsItIs => None,
            Delivery::From(source) => Some(source),
        };
        Self { matched: Matched::new(registration.clone()), source }
    }

    /// Passes the message to the listener at once, if that is possible.
    fn enqueue(self, message: UMessage) {
        Worker::enqueue(with_source(self.source, message), self.matched);
    }

    /// Leaves the message in the queue of the listener in any case.
    fn append(self, message: UMessage) {
        Worker::append(with_source(self.source, message), self.matched);
    }
}

fn with_source(source: Option<UUri>, mut message: UMessage) -> UMessage {
    if let (Some(source), Some(attributes)) = (source, message.attributes.as_mut()) {
        attributes.source = MessageField::some(source);
    }
    message
}

/// The service and the method or event of a message: a request goes to them, everything else comes
/// from them.
fn key_of(attributes: &UAttributes) -> Option<(ServiceId, u16)> {
    let uri = match attributes.type_.enum_value() {
        Ok(UMessageType::UMESSAGE_TYPE_REQUEST) => attributes.sink.as_ref()?,
        _ => attributes.source.as_ref()?,
    };
    Some((ServiceInstance::of(uri).service, resource_of(uri).ok()?))
}

#[cfg(test)]
mod tests;
