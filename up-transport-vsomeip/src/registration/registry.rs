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

//! Who is registered with what: registers and unregisters listeners, with all that it causes.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use up_rust::{UCode, UListener, UStatus};
use vsomeip_sys::callback::guard;

use crate::builder::Options;
use crate::delivery::mailbox::Worker;
use crate::error::{exhausted, unavailable};
use crate::metrics::Counters;
use crate::network::state::{Monitor, State};
use crate::registration::filter::{Filter, Offers};
use crate::registration::ledger::{Lease, Ledger};
use crate::registration::routes::{Listeners, Registration};
use crate::registration::wildcard::Followed;

pub(crate) struct Registry {
    pub(crate) offers: Offers,
    pub(crate) options: Options,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) runtime: Handle,
    pub(crate) counters: Arc<Counters>,
    pub(crate) entries: Mutex<Entries>,
}

/// What was registered, and by that keeps what it needs.
#[derive(Default)]
pub(crate) struct Entries {
    registered: HashMap<(Filter, Address), Entry>,
    workers: HashMap<Address, Weak<Worker>>,
    is_closed: bool,
}

struct Entry {
    registration: Arc<Registration>,
    lease: Lease,
    followed: Option<Followed>,
}

/// Where a listener is; nothing else is there while its worker lives. It is the identity of the
/// listener: a `ComparableListener` is not, as the compiler may make several vtables of one type.
type Address = usize;

fn address_of(listener: &Arc<dyn UListener>) -> Address {
    Arc::as_ptr(listener).cast::<()>().addr()
}

impl Registry {
    // [impl->dsn~utransport-registerlistener-number-of-listeners~1]
    // [impl->dsn~utransport-registerlistener-listener-reuse~1]
    // [impl->dsn~utransport-registerlistener-idempotent~1]
    pub(crate) fn register(
        &self,
        filter: Filter,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        let needs = filter.needs(&self.offers)?;
        let mut entries = self.entries.lock();
        entries.ensure_open()?;
        let key = (filter, address_of(&listener));
        if entries.registered.contains_key(&key) {
            return Ok(());
        }
        self.check_limits(&entries, &key.0)?;
        let worker = self.worker_of(&mut entries, listener);
        let registration = Arc::new(Registration::new(key.0.clone(), worker));
        // Before vsomeip knows: the value of a field arrives with the subscription.
        self.listeners.add(registration.clone());
        match self.ledger.acquire(needs) {
            Ok(lease) => {
                let mut followed = key.0.followed_topic().map(Followed::new);
                if let Some(followed) = &mut followed {
                    followed.update(&self.monitor.state(), &self.offers.events, &self.ledger);
                }
                entries.registered.insert(key, Entry { registration, lease, followed });
                Ok(())
            }
            Err(status) => {
                self.listeners.remove(&registration);
                // The listener may go with its registration, and use the transport as it does.
                drop(entries);
                Err(status)
            }
        }
    }

    /// Ends a registration and withdraws what only it needed. Returns who invokes the listener.
    // [impl->dsn~utransport-unregisterlistener-error-notfound~1]
    // [impl->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
    pub(crate) fn unregister(
        &self,
        filter: Filter,
        listener: &Arc<dyn UListener>,
    ) -> Result<Arc<Worker>, UStatus> {
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
        self.ledger.follow_versions();
        let mut entries = self.entries.lock();
        for followed in entries.registered.values_mut().filter_map(|entry| entry.followed.as_mut())
        {
            followed.update(state, &self.offers.events, &self.ledger);
        }
    }

    /// Whether there is a topic that leaves the service open.
    pub(crate) fn follows_any_service(&self) -> bool {
        let entries = self.entries.lock();
        let mut followed = entries.registered.values().filter_map(|entry| entry.followed.as_ref());
        followed.any(Followed::is_of_any_service)
    }

    /// How many messages wait for listeners.
    pub(crate) fn queued(&self) -> usize {
        let workers: Vec<_> =
            self.entries.lock().workers.values().filter_map(Weak::upgrade).collect();
        workers.iter().map(|worker| worker.queued()).sum()
    }

    /// Ends all registrations, and refuses every further one.
    pub(crate) fn close(&self) {
        let mut entries = self.entries.lock();
        entries.is_closed = true;
        let ended: Vec<_> = entries.registered.drain().map(|(_, entry)| self.end(entry)).collect();
        // The listeners may go with their workers, and use the transport as they do, or panic.
        drop(entries);
        for worker in ended {
            guard("drop of a listener", (), || drop(worker));
        }
    }

    fn end(&self, Entry { registration, lease, followed }: Entry) -> Arc<Worker> {
        self.listeners.remove(&registration);
        drop((followed, lease));
        registration.worker().clone()
    }

    // [impl->req~utransport-registerlistener-max-listeners~1]
    // [impl->dsn~utransport-registerlistener-error-resource-exhausted~1]
    fn check_limits(&self, entries: &Entries, filter: &Filter) -> Result<(), UStatus> {
        let Options { max_listeners, max_listeners_per_filter, .. } = self.options;
        if entries.registered.len() >= max_listeners {
            return Err(exhausted(format!("{max_listeners} listeners are registered already")));
        }
        if self.listeners.count(filter) >= max_listeners_per_filter {
            return Err(exhausted(format!(
                "{max_listeners_per_filter} listeners are registered with this filter already"
            )));
        }
        Ok(())
    }

    /// The worker of a listener: one, however many filters the listener has, for the order of its
    /// messages.
    fn worker_of(&self, entries: &mut Entries, listener: Arc<dyn UListener>) -> Arc<Worker> {
        let address = address_of(&listener);
        if let Some(worker) = entries.workers.get(&address).and_then(Weak::upgrade) {
            return worker;
        }
        if entries.workers.len() > entries.registered.len() {
            entries.workers.retain(|_, worker| worker.strong_count() > 0);
        }
        let worker = Worker::new(
            listener,
            self.options.listener_queue,
            self.runtime.clone(),
            self.counters.clone(),
        );
        let worker =
            Arc::new(worker.in_place(self.options.in_place).when_full(self.options.overflow));
        entries.workers.insert(address, Arc::downgrade(&worker));
        worker
    }
}

impl Entries {
    fn ensure_open(&self) -> Result<(), UStatus> {
        if self.is_closed {
            return Err(unavailable("the transport was shut down"));
        }
        Ok(())
    }

    /// How many listeners are remembered.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.workers.len()
    }
}
