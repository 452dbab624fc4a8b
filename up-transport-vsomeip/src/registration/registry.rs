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

//! The registry: registers and unregisters listeners, with the leases that they need.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Notify;
use up_rust::{UListener, UStatus, UUri};
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
use crate::registration::optional_offer::OptionalOffer;
use crate::registration::routes::{Registration, Routes};
use crate::registration::wildcard::WildcardSubscription;
use crate::services::{FieldValue, Lease, Services};
use crate::uprotocol::{code, MessageParts, UriParts};

/// The components and options of a registry.
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
    /// Notified when an optional offer is added.
    optional_offer: Notify,
}

#[derive(Default)]
struct Entries {
    registered: HashMap<(Filter, Address), Entry>,
    mailboxes: HashMap<Address, Weak<Mailbox>>,
    is_closed: bool,
}

/// A registration and its leases.
struct Entry {
    registration: Arc<Registration>,
    lease: Lease,
    wildcard: Option<WildcardSubscription>,
    optional_offer: Option<OptionalOffer>,
}

/// The address of a listener, which identifies it while its mailbox lives. Unlike `ComparableListener`, it
/// does not depend on the vtable, of which the compiler may make several.
type Address = usize;

fn address_of(listener: &Arc<dyn UListener>) -> Address {
    Arc::as_ptr(listener).cast::<()>().addr()
}

impl Registry {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts, entries: Mutex::default(), optional_offer: Notify::default() }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the specification does not allow such a filter.
    pub(crate) fn filter(&self, source: &UUri, sink: Option<&UUri>) -> Result<Filter, UStatus> {
        Filter::new(source, sink, self.parts.own.authority())
    }

    // [impl->dsn~utransport-registerlistener-number-of-listeners~1]
    // [impl->dsn~utransport-registerlistener-listener-reuse~1]
    // [impl->dsn~utransport-registerlistener-idempotent~1]
    pub(crate) fn register(
        &self,
        filter: Filter,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        let routes = &self.parts.routes;
        let mut entries = self.entries.lock();
        entries.ensure_open()?;
        let key = (filter, address_of(&listener));
        if entries.registered.contains_key(&key) {
            return Ok(());
        }
        self.check_limits(&entries, &key.0)?;
        let mailbox = self.mailbox_of(&mut entries, listener);
        // Before the subscription, with which the value of a field arrives.
        let registration = routes.add(key.0.clone(), mailbox);
        match self.establish(&key.0, registration.clone()) {
            Ok(entry) => {
                entries.registered.insert(key, entry);
                Ok(())
            }
            Err(status) => {
                routes.remove(&registration);
                // Dropping the registration may drop the listener, which may use the transport.
                drop(entries);
                Err(status)
            }
        }
    }

    /// Acquires what a registration needs, and queues the known values of its fields.
    fn establish(
        &self,
        filter: &Filter,
        registration: Arc<Registration>,
    ) -> Result<Entry, UStatus> {
        let Parts { own, offers, services, monitor, .. } = &self.parts;
        let lease = services.acquire(filter.needs(offers))?;
        let mut wildcard = filter.wildcard_topic().map(WildcardSubscription::new);
        if let Some(wildcard) = &mut wildcard {
            wildcard.update(&monitor.state(), &offers.events, services);
        }
        self.post_values(filter, &registration);
        let optional_offer = filter.optional_offer(ServiceInstance::of(own));
        let optional_offer = optional_offer.map(OptionalOffer::new);
        if optional_offer.is_some() {
            self.optional_offer.notify_one();
        }
        Ok(Entry { registration, lease, wildcard, optional_offer })
    }

    /// Queues the known values of fields for a new listener, as vsomeip delivers them to the first
    /// subscriber only.
    fn post_values(&self, filter: &Filter, registration: &Arc<Registration>) {
        let Some(topic) = filter.events() else { return };
        for values in self.parts.services.values(topic.service) {
            for field in values.all() {
                // Locked until the value is queued, so that later ones come after it.
                let value = field.lock();
                if let Some(value) = &*value {
                    self.post_value(value, registration);
                }
            }
        }
    }

    fn post_value(&self, value: &FieldValue, registration: &Arc<Registration>) {
        let attributes = value.event.all_attributes();
        let recipient = registration
            .recipient_of(attributes, value.source)
            .filter(|_| registration.number() > value.registrations);
        let Some(recipient) = recipient else { return };
        match registration.notified_sink(&self.parts.own) {
            None => recipient.post(value.event.clone(), None),
            Some(sink) => match notification(&value.event, sink) {
                Ok(notification) => recipient.post(notification, None),
                Err(error) => log::debug!("a value is not a valid notification: {error}"),
            },
        }
    }

    /// Ends a registration and drops its leases. Returns the listener's mailbox.
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
                code::NOT_FOUND,
                "the listener is not registered with this filter",
            ));
        };
        Ok(self.end(entry))
    }

    /// Updates subscriptions to the current state of the network.
    pub(crate) fn update_subscriptions(&self, state: &State) {
        let Parts { services, offers, .. } = &self.parts;
        services.update_subscriptions();
        for entry in self.entries.lock().registered.values_mut() {
            if let Some(wildcard) = &mut entry.wildcard {
                wildcard.update(state, &offers.events, services);
            }
        }
    }

    /// Whether any topic has a wildcard for the service.
    pub(crate) fn has_topic_of_any_service(&self) -> bool {
        let entries = self.entries.lock();
        let mut wildcards = entries.registered.values().filter_map(|entry| entry.wildcard.as_ref());
        wildcards.any(WildcardSubscription::is_of_any_service)
    }

    /// Waits until an optional offer is added.
    pub(crate) async fn optional_offer_added(&self) {
        self.optional_offer.notified().await;
    }

    pub(crate) fn has_pending_offers(&self) -> bool {
        let entries = self.entries.lock();
        let mut offers = entries.registered.values().filter_map(|it| it.optional_offer.as_ref());
        offers.any(OptionalOffer::is_pending)
    }

    /// Makes the pending optional offers, unless another application offers the service according to
    /// `state`, which must be up to date.
    pub(crate) fn make_pending_offers(&self, state: &State) {
        let mut entries = self.entries.lock();
        for entry in entries.registered.values_mut() {
            if let Some(offer) = &mut entry.optional_offer {
                offer.make(state, &self.parts.services);
            }
        }
    }

    /// The number of messages queued for listeners.
    pub(crate) fn queued(&self) -> usize {
        self.entries.lock().living().iter().map(|mailbox| mailbox.queued()).sum()
    }

    /// Accepts no more registrations. Returns the mailboxes of all listeners.
    pub(crate) fn close(&self) -> Vec<Arc<Mailbox>> {
        let mut entries = self.entries.lock();
        entries.is_closed = true;
        entries.living()
    }

    /// Ends all registrations.
    pub(crate) fn end_all(&self) {
        let ended: Vec<_> = self.entries.lock().registered.drain().collect();
        // Dropping a mailbox may drop its listener, which may use the transport, or panic.
        for (_, entry) in ended {
            guard("drop of a listener", (), || drop(self.end(entry)));
        }
    }

    fn end(&self, Entry { registration, lease, wildcard, optional_offer }: Entry) -> Arc<Mailbox> {
        self.parts.routes.remove(&registration);
        drop((optional_offer, wildcard, lease));
        registration.mailbox().clone()
    }

    // [impl->req~utransport-registerlistener-max-listeners~1]
    // [impl->dsn~utransport-registerlistener-error-resource-exhausted~1]
    fn check_limits(&self, entries: &Entries, filter: &Filter) -> Result<(), UStatus> {
        let Options { max_listeners, max_listeners_per_filter, .. } = self.parts.options;
        if entries.registered.len() >= max_listeners {
            return Err(exhausted(format!(
                "{max_listeners} listeners are already registered; raise `max_listeners`"
            )));
        }
        if self.parts.routes.count(filter) >= max_listeners_per_filter {
            return Err(exhausted(format!(
                "{max_listeners_per_filter} listeners are already registered with this filter; raise \
                 `max_listeners_per_filter`"
            )));
        }
        Ok(())
    }

    /// The mailbox of a listener. All its registrations share it, which preserves the order of messages.
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

    /// The number of remembered listeners.
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
