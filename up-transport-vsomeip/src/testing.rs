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

//! Shared by the unit tests: a mocked vsomeip that records calls, listeners, and messages.

pub(crate) mod records;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use up_rust::{UListener, UMessage, UMessageBuilder, UUri, UUID};
use vsomeip_sys::callback::{AvailabilityCallback, SubscriptionCallback};
use vsomeip_sys::{
    ClientId, Error, EventId, EventgroupId, Header, InstanceId, MajorVersion, Message, MethodId,
    RequestId, ServiceId, SessionId,
};

use crate::mapping::outbound::ResponseKind;
use crate::mapping::uri::ServiceInstance;
use crate::services::{Environment, InterfaceVersions, LastValues, Receive};
use crate::vsomeip::application::MockSomeIp;

/// Guards the handler pool of the process: tests that take slots lock it for reading, tests that count
/// slots or rely on their order for writing.
pub(crate) static POOL: RwLock<()> = RwLock::new(());

/// The client id of the application that [`Vsomeip`] stands for.
pub(crate) const CLIENT: ClientId = ClientId(0x0107);

pub(crate) fn uri(text: &str) -> UUri {
    text.parse().unwrap()
}

pub(crate) fn service(service: u16, instance: u16) -> ServiceInstance {
    ServiceInstance { service: ServiceId(service), instance: InstanceId(instance) }
}

/// A message published to `topic`, with a number as its payload.
pub(crate) fn published(topic: &str, number: u32) -> UMessage {
    let payload = number.to_be_bytes().to_vec();
    let format = up_rust::UPayloadFormat::UPAYLOAD_FORMAT_RAW;
    UMessageBuilder::publish(uri(topic)).build_with_payload(payload, format).unwrap()
}

pub(crate) fn number_of(message: &UMessage) -> u32 {
    let payload = message.payload.as_ref().unwrap();
    u32::from_be_bytes(payload.as_ref().try_into().unwrap())
}

/// The id of a message created some time ago.
pub(crate) fn id_made_before(milliseconds: u64) -> UUID {
    let now = UUID::build();
    UUID { msb: now.msb - (milliseconds << 16), ..now }
}

/// A listener that passes on what it gets.
pub(crate) struct Inbox(pub(crate) UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Inbox {
    async fn on_receive(&self, message: UMessage) {
        // A test that has seen enough no longer receives.
        let _ = self.0.send(message);
    }
}

pub(crate) fn inbox() -> (Arc<Inbox>, UnboundedReceiver<UMessage>) {
    let (sender, receiver) = unbounded_channel();
    (Arc::new(Inbox(sender)), receiver)
}

/// The next message.
pub(crate) async fn next<T>(inbox: &mut UnboundedReceiver<T>) -> T {
    arriving(inbox.recv()).await.unwrap()
}

/// Waits for something that must happen. With a paused clock, the test fails when all tasks are idle,
/// instead of waiting forever.
pub(crate) async fn arriving<T>(expected: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(3600), expected).await.unwrap()
}

/// Waits until all tasks are idle. For a paused clock.
pub(crate) async fn idle() {
    sleep(Duration::from_millis(1)).await;
}

/// The numbers of the next messages in an inbox.
pub(crate) async fn numbers(inbox: &mut UnboundedReceiver<UMessage>, count: usize) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(count);
    while numbers.len() < count {
        numbers.push(number_of(&next(inbox).await));
    }
    numbers
}

/// A call to vsomeip.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    OfferService(ServiceInstance, MajorVersion),
    StopOfferService(ServiceInstance, MajorVersion),
    AskForOfferedServices,
    RequestService(ServiceInstance),
    ReleaseService(ServiceInstance),
    OfferEvent(ServiceInstance, EventId),
    StopOfferEvent(ServiceInstance, EventId),
    Subscribe(ServiceInstance, MajorVersion, EventId),
    Unsubscribe(ServiceInstance, EventId),
    RegisterHandler(ServiceInstance, MethodId),
    UnregisterHandler(ServiceInstance, MethodId),
    SendRequest(Header, Vec<u8>),
    SendResponse(ResponseKind, Vec<u8>),
    Notify(ServiceInstance, EventId, Vec<u8>),
    WatchSubscribers(ServiceInstance, EventgroupId),
    IgnoreSubscribers(ServiceInstance, EventgroupId),
}

/// Records the calls to a [`MockSomeIp`]. They succeed unless refused.
#[derive(Default)]
pub(crate) struct Vsomeip {
    calls: Mutex<Vec<Call>>,
    refuses: Mutex<Vec<Call>>,
    refuses_to_send: Mutex<bool>,
    last_session: Mutex<u16>,
    called: Notify,
    availability: Mutex<Vec<(ServiceInstance, AvailabilityCallback)>>,
    subscribers: Mutex<Vec<(ServiceInstance, EventgroupId, SubscriptionCallback)>>,
}

impl Vsomeip {
    /// The calls since the last time.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock())
    }

    /// Waits until a request is sent, and returns it.
    pub(crate) async fn next_request(&self) -> (Header, Vec<u8>) {
        loop {
            let request = self.calls().into_iter().find_map(|call| match call {
                Call::SendRequest(header, payload) => Some((header, payload)),
                _ => None,
            });
            match request {
                Some(request) => return request,
                None => arriving(self.called.notified()).await,
            }
        }
    }

    /// Makes `call` fail from now on.
    pub(crate) fn refuse(&self, call: Call) {
        self.refuses.lock().push(call);
    }

    /// Makes all calls succeed from now on.
    pub(crate) fn refuse_nothing(&self) {
        self.refuses.lock().clear();
        *self.refuses_to_send.lock() = false;
    }

    /// Makes sending requests fail from now on.
    pub(crate) fn refuse_to_send(&self) {
        *self.refuses_to_send.lock() = true;
    }

    /// Makes the next request get the session id after `session`.
    pub(crate) fn continue_after(&self, session: u16) {
        *self.last_session.lock() = session;
    }

    /// A mock whose calls are recorded here.
    pub(crate) fn mock(self: &Arc<Self>) -> MockSomeIp {
        /// Expects a method any number of times and records each call.
        macro_rules! record {
            ($mock:ident, $($expect:ident($($argument:ident),*) => $call:expr;)*) => {$(
                let this = self.clone();
                $mock.$expect().returning(move |$($argument),*| this.call($call));
            )*};
        }
        let mut mock = MockSomeIp::new();
        record!(mock,
            expect_offer_service(service, version) => Call::OfferService(service, version);
            expect_stop_offer_service(service, version) => Call::StopOfferService(service, version);
            expect_ask_for_offered_services(_callback) => Call::AskForOfferedServices;
            expect_release_service(service) => Call::ReleaseService(service);
            expect_offer_event(service, event, _options) => Call::OfferEvent(service, event);
            expect_stop_offer_event(service, event) => Call::StopOfferEvent(service, event);
            expect_ignore_subscribers(service, group) => Call::IgnoreSubscribers(service, group);
            expect_subscribe(service, version, event, _options, _callback) => Call::Subscribe(service, version, event);
            expect_unsubscribe(service, event, _options) => Call::Unsubscribe(service, event);
            expect_register_handler(service, method, _handler, _generation) =>
                Call::RegisterHandler(service, method);
            expect_unregister_handler(service, method) => Call::UnregisterHandler(service, method);
            expect_send_response(_request, kind, payload) =>
                Call::SendResponse(kind, payload.to_vec());
            expect_notify(service, event, payload) =>
                Call::Notify(service, event, payload.to_vec());
        );
        accept_event_requests(&mut mock);
        let this = self.clone();
        mock.expect_request_service().returning(move |service, callback| {
            this.availability.lock().push((service, callback));
            this.call(Call::RequestService(service))
        });
        let this = self.clone();
        mock.expect_watch_subscribers().returning(move |service, group, callback| {
            this.subscribers.lock().push((service, group, callback));
            this.call(Call::WatchSubscribers(service, group))
        });
        let this = self.clone();
        mock.expect_send_request().returning(move |header, payload| {
            if *this.refuses_to_send.lock() {
                return Err(failure());
            }
            this.call(Call::SendRequest(*header, payload.to_vec()))?;
            Ok(RequestId::new(CLIENT, this.next_session()))
        });
        mock
    }

    fn call(&self, call: Call) -> Result<(), Error> {
        let result = if self.refuses.lock().contains(&call) { Err(failure()) } else { Ok(()) };
        self.calls.lock().push(call);
        self.called.notify_one();
        result
    }

    /// Like vsomeip, counts from 1 to 65,535 and wraps to 1.
    fn next_session(&self) -> SessionId {
        let mut last = self.last_session.lock();
        *last = last.checked_add(1).unwrap_or(1);
        SessionId(*last)
    }
}

/// Makes a mock accept requests of events, which precede each subscription.
pub(crate) fn accept_event_requests(mock: &mut MockSomeIp) {
    mock.expect_request_event().returning(|_, _, _, _| Ok(()));
    mock.expect_release_event().returning(|_, _| Ok(()));
}

/// The error of refused calls.
pub(crate) fn failure() -> Error {
    Error::Exception { operation: "test", text: "refused on purpose".to_owned() }
}

impl Vsomeip {
    /// Makes a client subscribe to an eventgroup. Calls all callbacks that were ever registered, since
    /// vsomeip may call unregistered ones late.
    pub(crate) fn subscribe(
        &self,
        client: ClientId,
        service: ServiceInstance,
        group: EventgroupId,
    ) {
        for (watched, its_group, callback) in &*self.subscribers.lock() {
            if (*watched, *its_group) == (service, group) {
                assert!(callback.ask(client, true), "everybody is accepted");
            }
        }
    }

    /// Reports the availability of a service to all callbacks that were ever registered for it, oldest
    /// first, since vsomeip may call unregistered ones late.
    pub(crate) fn report(&self, service: ServiceInstance, version: Option<MajorVersion>) {
        let ServiceInstance { service: id, instance } = service;
        for (requested, callback) in &*self.availability.lock() {
            if requested.covers(service) {
                callback.report(id, instance, version);
            }
        }
    }
}

/// Drops what arrives.
pub(crate) struct NoReceive;

impl Receive for NoReceive {
    fn receive(&self, _: &Message, _: &LastValues) {}
}

/// Services of version 1, over a mock.
pub(crate) fn environment(application: MockSomeIp) -> Environment {
    Environment {
        application: Arc::new(application),
        monitor: Arc::default(),
        counters: Arc::default(),
        events: Arc::default(),
        versions: InterfaceVersions::new(MajorVersion(1), FxHashMap::default()),
        receive: Arc::new(NoReceive),
    }
}

/// The calls that were not undone. Each must be made before it is undone, and undone before it is made
/// again.
pub(crate) fn unfinished(calls: Vec<Call>) -> Vec<Call> {
    let mut begun = Vec::new();
    for call in calls {
        let ended = match call.clone() {
            Call::StopOfferService(service, version) => Call::OfferService(service, version),
            Call::ReleaseService(service) => Call::RequestService(service),
            Call::StopOfferEvent(service, event) => Call::OfferEvent(service, event),
            Call::Unsubscribe(service, event) => {
                let is_it = |it: &Call| matches!(it, Call::Subscribe(s, _, e) if (*s, *e) == (service, event));
                begun.iter().find(|it| is_it(it)).cloned().unwrap_or(call)
            }
            Call::UnregisterHandler(service, method) => Call::RegisterHandler(service, method),
            Call::IgnoreSubscribers(service, group) => Call::WatchSubscribers(service, group),
            _ => {
                assert!(!begun.contains(&call), "{call:?} began twice");
                begun.push(call);
                continue;
            }
        };
        let position = begun.iter().position(|it| *it == ended);
        begun.swap_remove(position.unwrap_or_else(|| panic!("{ended:?} ended twice")));
    }
    begun
}
