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

//! Who is registered with what: registers and unregisters listeners, with all that they need.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Notify;
use up_rust::{UCode, UListener, UStatus, UUri};
use vsomeip_sys::callback::guard;

use crate::delivery::executor::Executor;
use crate::delivery::mailbox::Mailbox;
use crate::error::{exhausted, has_ended};
use crate::mapping::inbound::notification;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counters;
use crate::network::state::{Monitor, State};
use crate::options::Options;
use crate::registration::filter::{Filter, Offers};
use crate::registration::routes::{Registration, Routes};
use crate::registration::wildcard::WildcardSubscription;
use crate::registration::wish::Wish;
use crate::services::{FieldValue, Lease, Services};

/// What a registry is made of.
pub(crate) struct Parts {
    /// The local entity.
    pub(crate) own: UUri,
    pub(crate) offers: Offers,
    pub(crate) options: Options,
    pub(crate) services: Arc<Services>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) executor: Executor,
    pub(crate) counters: Arc<Counters>,
}

pub(crate) struct Registry {
    parts: Parts,
    entries: Mutex<Entries>,
    /// Somebody wishes for offers.
    wished: Notify,
}

/// What was registered, and by that keeps what it needs.
#[derive(Default)]
struct Entries {
    registered: HashMap<(Filter, Address), Entry>,
    mailboxes: HashMap<Address, Weak<Mailbox>>,
    is_closed: bool,
}

struct Entry {
    registration: Arc<Registration>,
    lease: Lease,
    wildcard: Option<WildcardSubscription>,
    wish: Option<Wish>,
}

/// Where a listener is; nothing else is there while its mailbox lives. It is the identity of the
/// listener: a `ComparableListener` is not, as the compiler may make several vtables of one type.
type Address = usize;

fn address_of(listener: &Arc<dyn UListener>) -> Address {
    Arc::as_ptr(listener).cast::<()>().addr()
}

impl Registry {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts, entries: Mutex::default(), wished: Notify::default() }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the specification knows no such filter.
    pub(crate) fn filter(&self, source: &UUri, sink: Option<&UUri>) -> Result<Filter, UStatus> {
        Filter::new(source, sink, &self.parts.own.authority_name)
    }

    // [impl->dsn~utransport-registerlistener-number-of-listeners~1]
    // [impl->dsn~utransport-registerlistener-listener-reuse~1]
    // [impl->dsn~utransport-registerlistener-idempotent~1]
    pub(crate) fn register(
        &self,
        filter: Filter,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        let Parts { own, offers, services, routes, monitor, .. } = &self.parts;
        let mut entries = self.entries.lock();
        entries.ensure_open()?;
        let key = (filter, address_of(&listener));
        if entries.registered.contains_key(&key) {
            return Ok(());
        }
        self.check_limits(&entries, &key.0)?;
        let mailbox = self.mailbox_of(&mut entries, listener);
        // Before vsomeip knows: the value of a field arrives with the subscription.
        let registration = routes.add(key.0.clone(), mailbox);
        match services.acquire(key.0.needs(offers)) {
            Ok(lease) => {
                let mut wildcard = key.0.wildcard_topic().map(WildcardSubscription::new);
                if let Some(wildcard) = &mut wildcard {
                    wildcard.update(&monitor.state(), &offers.events, services);
                }
                self.post_values(&key.0, &registration);
                let wish = key.0.wish(ServiceInstance::of(own)).map(Wish::new);
                if wish.is_some() {
                    self.wished.notify_one();
                }
                entries.registered.insert(key, Entry { registration, lease, wildcard, wish });
                Ok(())
            }
            Err(status) => {
                routes.remove(&registration);
                // The listener may go with its registration, and use the transport as it does.
                drop(entries);
                Err(status)
            }
        }
    }

    /// Gives a listener the values of the fields that others have subscribed to: vsomeip delivers
    /// them to the first subscriber only.
    fn post_values(&self, filter: &Filter, registration: &Arc<Registration>) {
        let Some(topic) = filter.events() else { return };
        for values in self.parts.services.values(topic.service) {
            for field in values.all() {
                // Locked until it is queued: what comes next is queued behind it.
                let value = field.lock();
                if let Some(value) = &*value {
                    self.post_value(value, registration);
                }
            }
        }
    }

    fn post_value(&self, value: &FieldValue, registration: &Arc<Registration>) {
        let attributes = value.event.attributes.get_or_default();
        let recipient = registration
            .recipient_of(attributes, value.source)
            .filter(|_| registration.number() > value.registrations);
        let Some(recipient) = recipient else { return };
        match registration.notified_sink(&self.parts.own) {
            None => recipient.post(value.event.clone(), None),
            Some(sink) => match notification(&value.event, sink) {
                Ok(notification) => recipient.post(notification, None),
                Err(error) => log::debug!("a value makes no valid notification: {error}"),
            },
        }
    }

    /// Ends a registration and withdraws what only it needed. Returns the listener's mailbox.
    // [impl->dsn~utransport-unregisterlistener-error-notfound~1]
    // [impl->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
    pub(crate) fn unregister(
        &self,
        filter: Filter,
        listener: &Arc<dyn UListener>,
    ) -> Result<Arc<Mailbox>, UStatus> {
        let mut entries = self.entries.lock();
        entries.ensure_open()?;
        let Some(entry) = entries.registered.remove(&(filter, address_of(listener))) else {
            return Err(UStatus::fail_with_code(
                UCode::NOT_FOUND,
                "the listener is not registered with this filter",
            ));
        };
        Ok(self.end(entry))
    }

    /// Brings the subscriptions up to what the network has now.
    pub(crate) fn follow(&self, state: &State) {
        let Parts { services, offers, .. } = &self.parts;
        services.follow_versions();
        for entry in self.entries.lock().registered.values_mut() {
            if let Some(wildcard) = &mut entry.wildcard {
                wildcard.update(state, &offers.events, services);
            }
        }
    }

    /// Whether there is a topic that leaves the service open.
    pub(crate) fn follows_any_service(&self) -> bool {
        let entries = self.entries.lock();
        let mut wildcards = entries.registered.values().filter_map(|entry| entry.wildcard.as_ref());
        wildcards.any(WildcardSubscription::is_of_any_service)
    }

    /// Waits until somebody wishes for offers.
    pub(crate) async fn wished(&self) {
        self.wished.notified().await;
    }

    pub(crate) fn has_open_wishes(&self) -> bool {
        let entries = self.entries.lock();
        let mut wishes = entries.registered.values().filter_map(|entry| entry.wish.as_ref());
        wishes.any(Wish::is_open)
    }

    /// Makes the offers that somebody wishes for, as far as they are nobody else's. `state` has just
    /// learned what others offer.
    pub(crate) fn grant_wishes(&self, state: &State) {
        let mut entries = self.entries.lock();
        for wish in entries.registered.values_mut().filter_map(|entry| entry.wish.as_mut()) {
            wish.grant(state, &self.parts.services);
        }
    }

    /// How many messages wait for listeners.
    pub(crate) fn queued(&self) -> usize {
        self.entries.lock().living().iter().map(|mailbox| mailbox.queued()).sum()
    }

    /// Refuses every further registration, and returns the mailboxes of all listeners.
    pub(crate) fn close(&self) -> Vec<Arc<Mailbox>> {
        let mut entries = self.entries.lock();
        entries.is_closed = true;
        entries.living()
    }

    /// Ends all registrations.
    pub(crate) fn end_all(&self) {
        let ended: Vec<_> = self.entries.lock().registered.drain().collect();
        // The listeners may go with their mailboxes, and use the transport as they do, or panic.
        for (_, entry) in ended {
            guard("drop of a listener", (), || drop(self.end(entry)));
        }
    }

    fn end(&self, Entry { registration, lease, wildcard, wish }: Entry) -> Arc<Mailbox> {
        self.parts.routes.remove(&registration);
        drop((wish, wildcard, lease));
        registration.mailbox().clone()
    }

    // [impl->req~utransport-registerlistener-max-listeners~1]
    // [impl->dsn~utransport-registerlistener-error-resource-exhausted~1]
    fn check_limits(&self, entries: &Entries, filter: &Filter) -> Result<(), UStatus> {
        let Options { max_listeners, max_listeners_per_filter, .. } = self.parts.options;
        if entries.registered.len() >= max_listeners {
            return Err(exhausted(format!(
                "{max_listeners} listeners are registered already; raise `max_listeners`"
            )));
        }
        if self.parts.routes.count(filter) >= max_listeners_per_filter {
            return Err(exhausted(format!(
                "{max_listeners_per_filter} listeners are registered with this filter already; \
                 raise `max_listeners_per_filter`"
            )));
        }
        Ok(())
    }

    /// The mailbox of a listener: one, however many filters the listener has, for the order of its
    /// messages.
    fn mailbox_of(&self, entries: &mut Entries, listener: Arc<dyn UListener>) -> Arc<Mailbox> {
        let address = address_of(&listener);
        if let Some(mailbox) = entries.mailboxes.get(&address).and_then(Weak::upgrade) {
            return mailbox;
        }
        if entries.mailboxes.len() > entries.registered.len() {
            entries.mailboxes.retain(|_, mailbox| mailbox.strong_count() > 0);
        }
        let Parts { options, executor, counters, .. } = &self.parts;
        let mailbox = Mailbox::new(listener, options.queue, executor.clone(), counters.clone());
        let mailbox = Arc::new(match options.inline_calls {
            true => mailbox,
            false => mailbox.never_inline(),
        });
        entries.mailboxes.insert(address, Arc::downgrade(&mailbox));
        mailbox
    }

    #[cfg(test)]
    pub(crate) fn routes(&self) -> Arc<Routes> {
        self.parts.routes.clone()
    }

    #[cfg(test)]
    pub(crate) fn is_locked(&self) -> bool {
        self.entries.is_locked()
    }

    /// How many listeners are remembered.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.entries.lock().mailboxes.len()
    }
}

impl Entries {
    fn ensure_open(&self) -> Result<(), UStatus> {
        if self.is_closed {
            return Err(has_ended());
        }
        Ok(())
    }

    fn living(&self) -> Vec<Arc<Mailbox>> {
        self.mailboxes.values().filter_map(Weak::upgrade).collect()
    }
}
