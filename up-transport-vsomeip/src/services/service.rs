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

//! One instance of a service, and all that vsomeip was asked for on its behalf.

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
use crate::services::entrance::Entrance;
use crate::services::lease::Need;
use crate::services::subscribers::{Arrivals, Subscribers};
use crate::services::subscriptions::{Provider, Subscriptions, Wanted};
use crate::services::values::LastValues;
use crate::services::Environment;
use crate::vsomeip::handler_pool::SlotLease;

pub(super) struct Service {
    id: ServiceInstance,
    environment: Arc<Environment>,
    entrance: Arc<Entrance>,
    subscribers: Subscribers,
    state: Mutex<State>,
    /// As the state tells: whoever has locked the monitor must not wait for the state's lock.
    is_requested: AtomicBool,
}

struct State {
    /// How many leases need what.
    users: FxHashMap<Need, usize>,
    /// One for all messages of the service: vsomeip calls a handler for a method alone also after it
    /// was unregistered, and others may still want what is queued.
    handler: Option<SlotLease>,
    /// Tells the callback for the availability that it is still wanted.
    request: Option<Arc<()>>,
    /// The version in which the service is offered.
    offer: Option<MajorVersion>,
    offered_since: Option<Instant>,
    subscriptions: Subscriptions,
    /// How many needs make it a service of our own.
    own_needs: usize,
    /// Whether this is over: another one takes its place.
    is_released: bool,
}

impl State {
    fn new(subscriptions: Subscriptions) -> Self {
        Self {
            users: FxHashMap::default(),
            handler: None,
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

    /// The version that an offer must have: vsomeip keeps one for each service instance.
    fn needed_version(&self) -> Option<MajorVersion> {
        self.users.keys().find_map(|need| need.offered_version())
    }
}

impl Service {
    pub(super) fn new(id: ServiceInstance, environment: Arc<Environment>) -> Self {
        let receive = environment.receive.clone();
        let entrance = Arc::new(Entrance::new(receive));
        let subscriptions = Subscriptions::new(id, environment.clone(), entrance.values.clone());
        let (state, subscribers) = (Mutex::new(State::new(subscriptions)), Subscribers::default());
        Self { id, environment, entrance, subscribers, state, is_requested: AtomicBool::default() }
    }

    pub(super) fn arrivals(&self) -> watch::Receiver<Arrivals> {
        self.subscribers.arrivals()
    }

    pub(super) fn offered_since(&self) -> Option<Instant> {
        let state = self.state.lock();
        state.offered_since.filter(|_| state.offer.is_some())
    }

    pub(super) fn values(&self) -> Arc<LastValues> {
        self.entrance.values.clone()
    }

    /// Returns whether it has a user more: there are none any more once it was released.
    pub(super) fn add_user(&self, need: Need) -> Result<bool, UStatus> {
        let state = &mut *self.state.lock();
        if state.is_released {
            return Ok(false);
        }
        if let Some(users) = state.users.get_mut(&need) {
            *users += 1;
            return Ok(true);
        }
        // Before it is offered: what vsomeip has requested of it goes on counting.
        self.count_own(need, state, 1);
        let result = self.establish(need, state);
        match result {
            Ok(()) => drop(state.users.insert(need, 1)),
            Err(_) => self.count_own(need, state, -1),
        }
        result.map(|()| true)
    }

    /// vsomeip subscribes to the events of a service that is not our own, and only then.
    fn count_own(&self, need: Need, state: &mut State, change: isize) {
        if need.is_own() {
            let before = state.own_needs;
            state.own_needs = before.saturating_add_signed(change);
            if (before == 0) != (state.own_needs == 0) {
                self.follow(state);
            }
        }
    }

    /// Returns whether nobody uses the service any more.
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
        log::debug!("acquiring {need:?}");
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
            self.entrance.values.restart(event);
        }
        let result = application.offer_event(self.id, event, &options);
        result.inspect_err(|_| self.entrance.values.forget(event))
    }

    fn stop_offer_event(&self, event: EventId) -> Result<(), Error> {
        self.entrance.values.forget(event);
        self.environment.application.stop_offer_event(self.id, event)
    }

    fn withdraw(&self, need: Need, state: &mut State) {
        if let Err(error) = self.try_withdraw(need, state) {
            log::warn!("vsomeip did not withdraw {need:?}: {error}");
        }
    }

    /// What a request keeps stays until the service is released.
    fn try_withdraw(&self, need: Need, state: &mut State) -> Result<(), Error> {
        log::debug!("releasing {need:?}");
        let application = &self.environment.application;
        match need {
            Need::Request(_) => Ok(()),
            Need::Handler(_) => {
                let slot = state.handler.take();
                let result = application.unregister_handler(self.id, MethodId::ANY);
                // The slot goes back to the pool when vsomeip no longer has its handler.
                drop(slot);
                result
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
        // Before anything is reported.
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
        let slot = SlotLease::take(self.entrance.clone()).ok_or_else(|| {
            exhausted(
                "all handlers of the pool are in use; use fewer services, or build with a larger \
                 `UP_VSOMEIP_HANDLER_POOL_SIZE`",
            )
        })?;
        let application = &self.environment.application;
        application
            .register_handler(self.id, MethodId::ANY, slot.handler(), slot.generation())
            .map_err(internal)?;
        state.handler = Some(slot);
        Ok(())
    }

    /// Offers the service in a version that somebody needs, else in the one that is known for it.
    fn offer(&self, version: MajorVersion, state: &mut State) -> Result<(), UStatus> {
        let needed = state.needed_version();
        if let Some(other) = needed.filter(|it| version != MajorVersion::ANY && *it != version) {
            return Err(invalid_argument(format!(
                "service {} is offered in the major version {other} already",
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

    /// Leaves an offer as it is, and gives way to a later one.
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
                "service {} is offered in version {version} instead of {before}, which vsomeip may \
                 refuse if it has no port; set `TransportBuilder::service_version`",
                self.id
            );
            application.stop_offer_service(self.id, before)?;
        }
        let result = application.offer_service(self.id, version);
        // If it fails, those who need it in whichever version keep it as it was.
        state.offer = match &result {
            Ok(()) => Some(version),
            Err(_) => state.offer.filter(|it| application.offer_service(self.id, *it).is_ok()),
        };
        state.offered_since = Some(Instant::now());
        self.follow(state);
        result
    }

    /// The offer stays as it is while somebody needs one.
    fn stop_offer(&self, state: &mut State) -> Result<(), Error> {
        let is_needed = state.users.keys().any(|need| need.is_offer());
        match state.offer.take_if(|_| !is_needed) {
            Some(version) => self.environment.application.stop_offer_service(self.id, version),
            None => Ok(()),
        }
    }

    /// Does something with the offer as it is, which stays until that is done.
    pub(super) fn with_offer(&self, act: impl FnOnce(MajorVersion)) {
        let state = self.state.lock();
        if let Some(version) = state.offer {
            act(version);
        }
    }

    /// Subscribes to what is needed in several versions in the one that there is now.
    pub(super) fn follow_version(&self) {
        self.follow(&mut self.state.lock());
    }

    fn follow(&self, state: &mut State) {
        let provider = state.provider();
        state.subscriptions.follow(provider);
    }

    /// The subscription to an event, if there is one.
    pub(super) fn wanted(&self, event: EventId) -> Option<Wanted> {
        self.state.lock().subscriptions.wanted(event)
    }

    /// Releases the service unless somebody uses it. Returns whether it did.
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
        // From now on no report is taken any more.
        if state.request.take().is_some() {
            if let Err(error) = self.environment.application.release_service(self.id) {
                log::warn!("vsomeip did not release service {}: {error}", self.id);
            }
        }
        self.is_requested.store(false, Ordering::Release);
    }

    /// Whether it is requested, and nobody uses it.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state.lock();
        state.request.is_some() && !state.is_used()
    }

    pub(super) fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::Acquire)
    }

    /// Withdraws everything, whoever uses it.
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

    /// A report that comes after the service was released changes nothing.
    fn watch_availability(&self, request: &Arc<()>) -> AvailabilityCallback {
        let monitor = self.environment.monitor.clone();
        let (request, values) = (Arc::downgrade(request), Arc::downgrade(&self.entrance.values));
        let id = self.id;
        AvailabilityCallback::new(move |service, instance, version| {
            let service = ServiceInstance { service, instance };
            monitor.set_available(service, version, || request.strong_count() > 0);
            // Whether or not the monitor knows it already from the request of a wildcard.
            if let Some(values) = values.upgrade().filter(|_| service == id && version.is_none()) {
                values.clear();
            }
        })
    }
}
