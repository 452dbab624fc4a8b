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

//! An instance of a service, and everything acquired for it in vsomeip.

use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::watch;
use tokio::time::Instant;
use up_rust::UStatus;
use vsomeip_sys::callback::AvailabilityCallback;
use vsomeip_sys::{Error, EventId, MajorVersion, MethodId};

use crate::error::{exhausted, internal, invalid_argument};
use crate::mapping::uri::ServiceInstance;
use crate::services::lease::Need;
use crate::services::message_handler::MessageHandler;
use crate::services::subscribers::{Arrivals, Subscribers};
use crate::services::subscriptions::{Provider, Subscriptions, Wanted};
use crate::services::values::LastValues;
use crate::services::Environment;
use crate::vsomeip::handler_pool::SlotLease;

pub(super) struct Service {
    id: ServiceInstance,
    environment: Arc<Environment>,
    handler: Arc<MessageHandler>,
    subscribers: Subscribers,
    state: Mutex<State>,
    /// Whether the state has a request. Readable while the monitor is locked, unlike the state.
    is_requested: AtomicBool,
}

struct State {
    /// The number of leases for each need.
    users: FxHashMap<Need, usize>,
    /// A single slot for all messages: vsomeip may call the handler of a method after it was unregistered,
    /// while other users still want the queued messages.
    slot: Option<SlotLease>,
    /// Alive while the service is requested, for the availability callback.
    request: Option<Arc<()>>,
    /// The version of the offer.
    offer: Option<MajorVersion>,
    offered_since: Option<Instant>,
    subscriptions: Subscriptions,
    /// The number of needs that make the service this transport's own.
    own_needs: usize,
    /// Whether this object is dead, and a new one takes its place.
    is_released: bool,
}

impl State {
    fn new(subscriptions: Subscriptions) -> Self {
        Self {
            users: FxHashMap::default(),
            slot: None,
            request: None,
            offer: None,
            offered_since: None,
            subscriptions,
            own_needs: 0,
            is_released: false,
        }
    }

    fn provider(&self) -> Provider {
        match self.own_needs {
            0 => Provider::Other,
            _ => Provider::Own(self.offer),
        }
    }

    fn is_used(&self) -> bool {
        !self.users.is_empty()
    }

    /// The version required of the offer, of which there is only one per service instance.
    fn needed_version(&self) -> Option<MajorVersion> {
        self.users.keys().find_map(|need| need.offered_version())
    }
}

impl Service {
    pub(super) fn new(id: ServiceInstance, environment: Arc<Environment>) -> Self {
        let handler = Arc::new(MessageHandler::new(environment.receive.clone()));
        let subscriptions = Subscriptions::new(id, environment.clone(), handler.values.clone());
        let (state, subscribers) = (Mutex::new(State::new(subscriptions)), Subscribers::default());
        Self { id, environment, handler, subscribers, state, is_requested: AtomicBool::default() }
    }

    pub(super) fn arrivals(&self) -> watch::Receiver<Arrivals> {
        self.subscribers.arrivals()
    }

    pub(super) fn offered_since(&self) -> Option<Instant> {
        let state = self.state.lock();
        state.offered_since.filter(|_| state.offer.is_some())
    }

    pub(super) fn values(&self) -> Arc<LastValues> {
        self.handler.values.clone()
    }

    /// Adds a user of a need. Returns false if the service was released.
    pub(super) fn add_user(&self, need: Need) -> Result<bool, UStatus> {
        let state = &mut *self.state.lock();
        if state.is_released {
            return Ok(false);
        }
        if let Some(users) = state.users.get_mut(&need) {
            *users += 1;
            return Ok(true);
        }
        // Ends subscriptions before the service is offered.
        self.count_own(need, state, 1);
        let result = self.establish(need, state);
        match result {
            Ok(()) => drop(state.users.insert(need, 1)),
            Err(_) => self.count_own(need, state, -1),
        }
        result.map(|()| true)
    }

    /// Counts a need that makes the service this transport's own, to which vsomeip must not subscribe.
    fn count_own(&self, need: Need, state: &mut State, change: isize) {
        if need.is_own() {
            let before = state.own_needs;
            state.own_needs = before.saturating_add_signed(change);
            if (before == 0) != (state.own_needs == 0) {
                self.update(state);
            }
        }
    }

    /// Removes a user of a need. Returns whether the service is unused now.
    pub(super) fn remove_user(&self, need: Need) -> bool {
        let state = &mut *self.state.lock();
        let Entry::Occupied(mut users) = state.users.entry(need) else { return false };
        *users.get_mut() -= 1;
        if *users.get() > 0 {
            return false;
        }
        users.remove();
        self.withdraw(need, state);
        self.count_own(need, state, -1);
        !state.is_used()
    }

    fn establish(&self, need: Need, state: &mut State) -> Result<(), UStatus> {
        log::debug!(service:% = self.id; "acquiring {need:?}");
        match need {
            Need::Request(_) => self.request(state),
            Need::Handler(_) => self.handle(state),
            Need::Subscription(_, version, event) => {
                let provider = state.provider();
                state.subscriptions.need(version, event, provider).map_err(internal)
            }
            Need::Offer(_, version) | Need::OfferListed(_, version) => self.offer(version, state),
            Need::WeakOffer(_, version) => self.offer_weakly(version, state),
            Need::OfferEvent(_, event) => self.offer_event(event).map_err(internal),
            Need::Subscribers(_, group) => {
                let application = &*self.environment.application;
                self.subscribers.watch(application, self.id, group).map_err(internal)
            }
        }
    }

    fn offer_event(&self, event: EventId) -> Result<(), Error> {
        let Environment { application, events, .. } = &*self.environment;
        let options = events.options_of(self.id, event);
        if options.is_field {
            self.handler.values.restart(event);
        }
        let result = application.offer_event(self.id, event, &options);
        result.inspect_err(|_| self.handler.values.forget(event))
    }

    fn stop_offer_event(&self, event: EventId) -> Result<(), Error> {
        self.handler.values.forget(event);
        self.environment.application.stop_offer_event(self.id, event)
    }

    fn withdraw(&self, need: Need, state: &mut State) {
        if let Err(error) = self.try_withdraw(need, state) {
            log::warn!(service:% = self.id; "vsomeip failed to withdraw {need:?}: {error}");
        }
    }

    /// Withdraws a need, except a request, which stays until the service is released.
    fn try_withdraw(&self, need: Need, state: &mut State) -> Result<(), Error> {
        log::debug!(service:% = self.id; "releasing {need:?}");
        let application = &self.environment.application;
        match need {
            Need::Request(_) => Ok(()),
            Need::Handler(_) => {
                // Returned to the pool after vsomeip has dropped the handler.
                let _slot = state.slot.take();
                application.unregister_handler(self.id, MethodId::ANY)
            }
            Need::Subscription(_, version, event) => {
                let provider = state.provider();
                state.subscriptions.no_longer_need(version, event, provider)
            }
            Need::Offer(..) | Need::OfferListed(..) | Need::WeakOffer(..) => self.stop_offer(state),
            Need::OfferEvent(_, event) => self.stop_offer_event(event),
            Need::Subscribers(_, group) => self.subscribers.ignore(&**application, self.id, group),
        }
    }

    fn request(&self, state: &mut State) -> Result<(), UStatus> {
        if state.request.is_some() {
            return Ok(());
        }
        let request = Arc::new(());
        let callback = self.watch_availability(&request);
        // Before any report.
        self.is_requested.store(true, Ordering::Release);
        match self.environment.application.request_service(self.id, callback) {
            Ok(()) => {
                state.request = Some(request);
                Ok(())
            }
            Err(error) => {
                self.is_requested.store(false, Ordering::Release);
                Err(internal(error))
            }
        }
    }

    fn handle(&self, state: &mut State) -> Result<(), UStatus> {
        let slot = SlotLease::take(self.handler.clone()).ok_or_else(|| {
            exhausted(
                "all handlers of the pool are in use; use fewer services, or build with a larger \
                 `UP_VSOMEIP_HANDLER_POOL_SIZE`",
            )
        })?;
        let application = &self.environment.application;
        application
            .register_handler(self.id, MethodId::ANY, slot.handler(), slot.generation())
            .map_err(internal)?;
        state.slot = Some(slot);
        Ok(())
    }

    /// Offers the service in the required version, else in the usual one.
    fn offer(&self, version: MajorVersion, state: &mut State) -> Result<(), UStatus> {
        let needed = state.needed_version();
        if let Some(other) = needed.filter(|it| version != MajorVersion::ANY && *it != version) {
            return Err(invalid_argument(format!(
                "service {} is already offered in major version {other}",
                self.id
            )));
        }
        let wanted = match (needed, version) {
            (Some(needed), _) => needed,
            (None, MajorVersion::ANY) => self.usual_version(state),
            (None, version) => version,
        };
        self.offer_in(wanted, state).map_err(internal)
    }

    /// Offers the service, unless it is offered already. A later offer may change the version.
    fn offer_weakly(&self, version: MajorVersion, state: &mut State) -> Result<(), UStatus> {
        let configured = self.environment.versions.configured(self.id.service);
        let wanted = match (state.offer, configured) {
            (None, None) if version != MajorVersion::ANY => version,
            _ => self.usual_version(state),
        };
        self.offer_in(wanted, state).map_err(internal)
    }

    fn usual_version(&self, state: &State) -> MajorVersion {
        state.offer.unwrap_or_else(|| self.environment.versions.of(self.id.service))
    }

    fn offer_in(&self, version: MajorVersion, state: &mut State) -> Result<(), Error> {
        if state.offer == Some(version) {
            return Ok(());
        }
        let application = &self.environment.application;
        if let Some(before) = state.offer {
            log::warn!(
                service:% = self.id, version:% = version;
                "service {} is now offered in version {version} instead of {before}, which vsomeip may \
                 reject if it has no port; set `TransportBuilder::service_version`",
                self.id
            );
            application.stop_offer_service(self.id, before)?;
        }
        let result = application.offer_service(self.id, version);
        // On failure, restores the previous offer for those that accept any version.
        state.offer = match &result {
            Ok(()) => Some(version),
            Err(_) => state.offer.filter(|it| application.offer_service(self.id, *it).is_ok()),
        };
        state.offered_since = Some(Instant::now());
        self.update(state);
        result
    }

    /// Withdraws the offer, unless other needs keep it.
    fn stop_offer(&self, state: &mut State) -> Result<(), Error> {
        let is_needed = state.users.keys().any(|need| need.is_offer());
        match state.offer.take_if(|_| !is_needed) {
            Some(version) => self.environment.application.stop_offer_service(self.id, version),
            None => Ok(()),
        }
    }

    /// Calls `act` with the version of the offer, if there is one, under the lock.
    pub(super) fn with_offer(&self, act: impl FnOnce(MajorVersion)) {
        let state = self.state.lock();
        if let Some(version) = state.offer {
            act(version);
        }
    }

    /// Switches subscriptions in several versions to the available version.
    pub(super) fn update_subscriptions(&self) {
        self.update(&mut self.state.lock());
    }

    fn update(&self, state: &mut State) {
        let provider = state.provider();
        state.subscriptions.update(provider);
    }

    /// The subscription to an event, if there is one.
    pub(super) fn wanted(&self, event: EventId) -> Option<Wanted> {
        self.state.lock().subscriptions.wanted(event)
    }

    /// Releases the service if it is unused. Returns whether it was.
    pub(super) fn release_if_unused(&self) -> bool {
        let state = &mut *self.state.lock();
        if state.is_used() {
            return false;
        }
        self.release(state);
        true
    }

    fn release(&self, state: &mut State) {
        state.is_released = true;
        // Taking the request makes the callback ignore later reports.
        if state.request.take().is_some() {
            if let Err(error) = self.environment.application.release_service(self.id) {
                log::warn!(service:% = self.id; "vsomeip failed to release service {}: {error}", self.id);
            }
        }
        self.is_requested.store(false, Ordering::Release);
    }

    /// Whether it is requested but unused.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state.lock();
        state.request.is_some() && !state.is_used()
    }

    pub(super) fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::Acquire)
    }

    /// Withdraws everything, even if it is in use.
    pub(super) fn close(&self) {
        let state = &mut *self.state.lock();
        let mut needs: Vec<_> = state.users.drain().map(|(need, _)| need).collect();
        // Subscriptions before the request, offers before the handler.
        needs.sort_unstable_by(|one, other| other.cmp(one));
        for need in needs {
            self.withdraw(need, state);
        }
        self.release(state);
    }

    /// The callback for availability, which ignores reports after the release.
    fn watch_availability(&self, request: &Arc<()>) -> AvailabilityCallback {
        let monitor = self.environment.monitor.clone();
        let (request, values) = (Arc::downgrade(request), Arc::downgrade(&self.handler.values));
        let id = self.id;
        AvailabilityCallback::new(move |service, instance, version| {
            let service = ServiceInstance { service, instance };
            monitor.set_available(service, version, || request.strong_count() > 0);
            // Even if the monitor knows already, by the request of a wildcard.
            if let Some(values) = values.upgrade().filter(|_| service == id && version.is_none()) {
                values.clear();
            }
        })
    }
}
