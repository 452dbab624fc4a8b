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

//! Routes: the registrations, and how those with matching filters are found for a message.

mod awaited;
mod recipients;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use up_rust::{UAttributes, UUri};
use vsomeip_sys::{EventId, MajorVersion, MethodId, ServiceId};

use crate::delivery::mailbox::{Mailbox, Token};
use crate::mapping::authorities::Source;
use crate::mapping::uri::{resource_of, ServiceInstance};
use crate::registration::filter::Filter;
use crate::uprotocol::{Attributes, Kind};

use awaited::Awaited;
pub(crate) use recipients::{EventRecipients, Recipient, Recipients};

/// A listener registered with a filter.
pub(crate) struct Registration {
    filter: Filter,
    mailbox: Arc<Mailbox>,
    token: Token,
    /// Registrations are numbered from 1.
    number: u64,
}

impl Registration {
    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// This listener as the recipient of a field's value, if its filter matches.
    pub(crate) fn recipient_of(&self, event: &UAttributes, known: Source) -> Option<Recipient> {
        let matched = match self.filter.takes_notifications() {
            true => self.filter.notifies_of(event, known)?,
            false => self.filter.matches(event, known)?,
        };
        Some(Recipient::new(self, matched))
    }

    /// The sink of events delivered as notifications; `None` if they are delivered as published.
    pub(crate) fn notified_sink(&self, own: &UUri) -> Option<UUri> {
        self.filter.takes_notifications().then(|| self.filter.notified_sink(own))
    }
}

/// All registrations. Those with a service and a method or event in their filter are indexed by it, so the
/// cost of a lookup does not depend on listeners of other messages.
#[derive(Default)]
pub(crate) struct Routes {
    index: RwLock<Index>,
    /// The number of filters that match events as notifications: usually none, which saves a lookup.
    taking_notifications: AtomicUsize,
    awaited: Awaited,
}

#[derive(Default)]
struct Index {
    named: FxHashMap<(ServiceId, u16), Vec<Arc<Registration>>>,
    wildcards: Vec<Arc<Registration>>,
    /// The number of the last registration.
    count: u64,
}

impl Index {
    /// The registrations indexed by `key`, and those with wildcards.
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

    /// Removes a registration. Drops the messages queued for it.
    pub(crate) fn remove(&self, registration: &Arc<Registration>) {
        self.take_out(registration);
        registration.token.cancel();
        registration.mailbox.purge();
    }

    fn take_out(&self, registration: &Arc<Registration>) {
        if !self.index.write().remove(registration) {
            return;
        }
        self.awaited.remove(&registration.filter);
        if registration.filter.takes_notifications() {
            self.taking_notifications.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether an event may have local listeners. May return true in error, but never false.
    pub(crate) fn may_await(&self, service: ServiceId, event: EventId) -> bool {
        self.awaited.may_have(service, event.0)
    }

    /// The number of listeners registered with a filter.
    pub(crate) fn count(&self, filter: &Filter) -> usize {
        let index = self.index.read();
        let registrations = match filter.key() {
            Some(key) => index.named.get(&key),
            None => Some(&index.wildcards),
        };
        let same = |registration: &&Arc<Registration>| registration.filter == *filter;
        registrations.map_or(0, |registrations| registrations.iter().filter(same).count())
    }

    /// Whether requests to a method would have a listener in another version.
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

    /// The listeners of a message, each once, even if several of its filters match.
    // [impl->dsn~utransport-registerlistener-start-invoking-listeners~1]
    pub(crate) fn recipients(&self, attributes: &UAttributes, source: Source) -> Recipients {
        self.index.read().recipients(attributes, source)
    }

    /// The listeners of an event. Wildcards in the sink of a filter stand for the local entity, `own`.
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
    /// Returns whether the registration was there.
    fn remove(&mut self, registration: &Arc<Registration>) -> bool {
        let key = registration.filter.key();
        let registrations = match key {
            Some(key) => self.named.entry(key).or_default(),
            None => &mut self.wildcards,
        };
        let before = registrations.len();
        registrations.retain(|other| !Arc::ptr_eq(other, registration));
        let is_removed = registrations.len() < before;
        if let (true, Some(key)) = (registrations.is_empty(), key) {
            self.named.remove(&key);
        }
        is_removed
    }

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
            // It may be any event of the client.
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

/// The service and the method or event of a message: of the sink for a request, else of the source.
fn key_of(attributes: &UAttributes) -> Option<(ServiceId, u16)> {
    let uri = match attributes.kind() {
        Some(Kind::Request) => attributes.sink()?,
        _ => attributes.origin()?,
    };
    Some((ServiceInstance::of(uri).service, resource_of(uri).ok()?))
}

#[cfg(test)]
mod tests;
