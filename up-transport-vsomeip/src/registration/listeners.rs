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

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use parking_lot::RwLock;
use smallvec::SmallVec;
use up_rust::{UAttributes, UMessage, UMessageType};
use vsomeip_sys::ServiceId;

use crate::dispatch::{Matched, Worker};
use crate::registration::filter::{Delivery, Filter};
use crate::uri_mapping::{resource_of, ServiceInstance};

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

    /// Whether messages may still be delivered for it.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }
}

/// One listener that gets a message.
struct Recipient {
    worker: Arc<Worker>,
    matched: Matched,
    /// Replaces the source's authority.
    authority: Option<String>,
}

/// Finding the listeners of a message costs the same however many are registered for others:
/// filters that name a service and a method or event are looked up by these.
#[derive(Default)]
pub(crate) struct Listeners {
    index: RwLock<Index>,
}

#[derive(Default)]
struct Index {
    named: HashMap<(ServiceId, u16), Vec<Arc<Registration>>>,
    wildcards: Vec<Arc<Registration>>,
}

impl Listeners {
    pub(crate) fn add(&self, registration: Arc<Registration>) {
        let mut index = self.index.write();
        match registration.filter.key() {
            Some(key) => index.named.entry(key).or_default().push(registration),
            None => index.wildcards.push(registration),
        }
    }

    /// Ends the deliveries for a registration, also of messages that are queued already.
    pub(crate) fn remove(&self, registration: &Arc<Registration>) {
        registration.active.store(false, Ordering::Release);
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
    pub(crate) fn dispatch(&self, message: UMessage, source_is_assumed: bool) -> bool {
        let Some(attributes) = message.attributes.as_ref() else { return false };
        let mut recipients = self.recipients(attributes, source_is_assumed);
        let Some(last) = recipients.pop() else { return false };
        for recipient in recipients {
            recipient.enqueue(message.clone());
        }
        last.enqueue(message);
        true
    }

    fn recipients(
        &self,
        attributes: &UAttributes,
        source_is_assumed: bool,
    ) -> SmallVec<[Recipient; 1]> {
        let mut recipients: SmallVec<[Recipient; 1]> = SmallVec::new();
        let index = self.index.read();
        let named = key_of(attributes).and_then(|key| index.named.get(&key));
        for registration in named.into_iter().flatten().chain(&index.wildcards) {
            let Some(delivery) = registration.filter.matches(attributes, source_is_assumed) else {
                continue;
            };
            let same = |other: &&mut Recipient| Arc::ptr_eq(&other.worker, &registration.worker);
            match recipients.iter_mut().find(same) {
                Some(recipient) => recipient.matched.push(registration.clone()),
                None => recipients.push(Recipient::new(registration, delivery)),
            }
        }
        recipients
    }
}

impl Recipient {
    fn new(registration: &Arc<Registration>, delivery: Delivery<'_>) -> Self {
        let authority = match delivery {
            Delivery::AsItIs => None,
            Delivery::From(authority) => Some(authority.to_owned()),
        };
        Self {
            worker: registration.worker.clone(),
            matched: SmallVec::from_iter([registration.clone()]),
            authority,
        }
    }

    fn enqueue(self, mut message: UMessage) {
        let source = message.attributes.as_mut().and_then(|attributes| attributes.source.as_mut());
        if let (Some(authority), Some(source)) = (self.authority, source) {
            source.authority_name = authority;
        }
        self.worker.enqueue(message, self.matched);
    }
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
