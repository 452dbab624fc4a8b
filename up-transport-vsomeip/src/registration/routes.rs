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

//! Where a message goes: the registrations, and how a message finds those whose filters it matches.

mod awaited;
mod recipients;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use up_rust::{UAttributes, UMessageType, UUri};
use vsomeip_sys::{EventId, MajorVersion, MethodId, ServiceId};

use crate::delivery::mailbox::{Mailbox, Token};
use crate::mapping::authorities::Source;
use crate::mapping::uri::{resource_of, ServiceInstance};
use crate::registration::filter::Filter;

use awaited::Awaited;
pub(crate) use recipients::{EventRecipients, Recipient, Recipients};

/// A listener registered with a filter.
pub(crate) struct Registration {
    filter: Filter,
    mailbox: Arc<Mailbox>,
    token: Token,
    /// Which registration it is: the first of a transport is 1.
    number: u64,
}

impl Registration {
    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The delivery of a field's value to this listener alone, as an event or as a notification.
    pub(crate) fn recipient_of(&self, event: &UAttributes, known: Source) -> Option<Recipient> {
        let matched = match self.filter.takes_notifications() {
            true => self.filter.notifies_of(event, known)?,
            false => self.filter.matches(event, known)?,
        };
        Some(Recipient::new(self, matched))
    }

    /// The sink of events that it takes as notifications; `None` if it takes them as they are.
    pub(crate) fn notified_sink(&self, own: &UUri) -> Option<UUri> {
        self.filter.takes_notifications().then(|| self.filter.notified_sink(own))
    }
}

/// Finding the listeners of a message costs the same however many are registered for others:
/// filters that name a service and a method or event are looked up by these.
#[derive(Default)]
pub(crate) struct Routes {
    index: RwLock<Index>,
    /// How many take events as notifications: mostly none, and then no event has to be looked at
    /// twice.
    taking_notifications: AtomicUsize,
    /// Which events somebody may listen to.
    awaited: Awaited,
}

#[derive(Default)]
struct Index {
    named: FxHashMap<(ServiceId, u16), Vec<Arc<Registration>>>,
    wildcards: Vec<Arc<Registration>>,
    /// How many registrations there have been.
    count: u64,
}

impl Index {
    /// Those whose filters name `key`, and those whose filters name nothing.
    fn candidates(&self, key: Option<(ServiceId, u16)>) -> [&[Arc<Registration>]; 2] {
        let named = key.and_then(|key| self.named.get(&key));
        [named.map_or(&[], Vec::as_slice), &self.wildcards]
    }
}

impl Routes {
    /// Registers a listener.
    pub(crate) fn add(&self, filter: Filter, mailbox: Arc<Mailbox>) -> Arc<Registration> {
        if filter.takes_notifications() {
            self.taking_notifications.fetch_add(1, Ordering::Relaxed);
        }
        let mut index = self.index.write();
        index.count += 1;
        let key = filter.key();
        let token = Token::default();
        let registration = Arc::new(Registration { filter, mailbox, token, number: index.count });
        self.awaited.add(&registration.filter);
        match key {
            Some(key) => index.named.entry(key).or_default().push(registration.clone()),
            None => index.wildcards.push(registration.clone()),
        }
        registration
    }

    /// Ends the deliveries for a registration, also of messages that are queued already.
    pub(crate) fn remove(&self, registration: &Arc<Registration>) {
        self.take_out(registration);
        registration.token.cancel();
        registration.mailbox.purge();
    }

    fn take_out(&self, registration: &Arc<Registration>) {
        let index = &mut *self.index.write();
        let is_other = |other: &Arc<Registration>| !Arc::ptr_eq(other, registration);
        let registrations = match registration.filter.key() {
            Some(key) => index.named.entry(key).or_default(),
            None => &mut index.wildcards,
        };
        let before = registrations.len();
        registrations.retain(is_other);
        if registrations.len() < before {
            self.awaited.remove(&registration.filter);
            if registration.filter.takes_notifications() {
                self.taking_notifications.fetch_sub(1, Ordering::Relaxed);
            }
        }
        if let Some(key) = registration.filter.key() {
            if index.named.get(&key).is_some_and(Vec::is_empty) {
                index.named.remove(&key);
            }
        }
    }

    /// Whether somebody may listen to an event. Says so too often, but never too seldom.
    pub(crate) fn may_await(&self, service: ServiceId, event: EventId) -> bool {
        self.awaited.may_have(service, event.0)
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

    /// Those who get a message; each listener gets it once, however many of its filters match.
    // [impl->dsn~utransport-registerlistener-start-invoking-listeners~1]
    pub(crate) fn recipients(&self, attributes: &UAttributes, source: Source) -> Recipients {
        self.index.read().recipients(attributes, source)
    }

    /// Those who get an event. What the sink of a filter leaves open is that of the local entity
    /// `own`.
    pub(crate) fn event_recipients(
        &self,
        event: &UAttributes,
        source: Source,
        own: &UUri,
    ) -> EventRecipients {
        let index = self.index.read();
        let notified = match self.taking_notifications.load(Ordering::Relaxed) {
            0 => Vec::new(),
            _ => index.notified(event, source, own),
        };
        let published = index.recipients(event, source);
        EventRecipients { notified, published, registrations: index.count }
    }
}

impl Index {
    fn recipients(&self, attributes: &UAttributes, source: Source) -> Recipients {
        let mut recipients = Recipients::default();
        let mut add_matching = |registrations: &[Arc<Registration>]| {
            for registration in registrations {
                if let Some(matched) = registration.filter.matches(attributes, source) {
                    recipients.add(registration, matched);
                }
            }
        };
        if source == Source::OnlyClient {
            // Any event may be meant.
            self.named.values().for_each(|registrations| add_matching(registrations));
            add_matching(&self.wildcards);
        } else {
            self.candidates(key_of(attributes)).into_iter().for_each(add_matching);
        }
        recipients
    }

    // [impl->dsn~someip-notification-in~1]
    fn notified(&self, event: &UAttributes, source: Source, own: &UUri) -> Vec<(UUri, Recipient)> {
        let mut notified: Vec<(UUri, Recipient)> = Vec::new();
        for registration in self.candidates(key_of(event)).into_iter().flatten() {
            let Some(matched) = registration.filter.notifies_of(event, source) else { continue };
            let sink = registration.filter.notified_sink(own);
            let mut known = notified.iter_mut();
            match known.find(|(to, it)| it.is_for(registration) && *to == sink) {
                Some((_, recipient)) => recipient.push(registration),
                None => notified.push((sink, Recipient::new(registration, matched))),
            }
        }
        notified
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
