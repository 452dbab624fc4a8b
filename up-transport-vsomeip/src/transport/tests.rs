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

//! A transport over a mocked vsomeip, from its public interface.

mod ending;
mod expiring;
mod listeners;
mod local_uris;
mod racing;
mod registering;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, Weak};

use parking_lot::RwLockReadGuard;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use up_rust::{UCode, UMessageBuilder, UUID};
use vsomeip_sys::{
    EventId, Header, MajorVersion, Message, MessageType, MethodId, ReturnCode, ServiceId,
};

use super::*;
use crate::delivery::mailbox::Receipt;
use crate::diagnosis::Expected;
use crate::events::{EventOptions, Events};
use crate::mapping::authorities::{Authorities, Source};
use crate::mapping::local_entity::Local;
use crate::mapping::outbound::ResponseKind;
use crate::network::static_routes::StaticRoutes;
use crate::options::HoldLimits;
use crate::options::{Options, QueueLimits};
use crate::protocol::Protocol;
use crate::registration::routes::Routes;
use crate::rpc::incoming::IncomingRequest;
use crate::send::payload_limits::PayloadLimits;
use crate::send::protocols::{ProtocolOverrides, Rules};
use crate::stack::StackConfig;
use crate::startup::{Effective, NetworkFiles};
use crate::testing::{
    arriving, idle, inbox, next, number_of, numbers, published, service, uri, Call, Inbox, Vsomeip,
    POOL,
};
use crate::vsomeip::application::SomeIp;

const OWN: &str = "//here/9/2/0";
const OWN_TOPIC: &str = "//here/9/2/8001";
const OWN_METHOD: &str = "//here/9/2/421";
const TOPIC: &str = "//ecu/21234/3/8001";
const OTHER_TOPIC: &str = "//ecu/21234/3/8002";
const ANYBODY: &str = "//*/FFFFFFFF/FF/0";
const EVERYTHING: &str = "//*/FFFFFFFF/FF/FFFF";

/// A transport over a mocked vsomeip.
struct Fixture {
    vsomeip: Arc<Vsomeip>,
    transport: Arc<UPTransportVsomeip>,
    routes: Arc<Routes>,
    _pool: RwLockReadGuard<'static, ()>,
}

/// The threads of a transport, but for the application.
fn running() -> Running {
    let listeners = Executor::start(2).unwrap();
    let control = Control::start().unwrap();
    Running { application: None, first_requests: None, listeners, control }
}

fn expected() -> Expected {
    let files = NetworkFiles::in_folder("/tmp".as_ref(), "up-unit");
    Expected::of(&Effective::of(StackConfig::for_application("a", 1)), files, false)
}

fn description(options: Options) -> Description {
    let mut events = Events::default();
    events.insert(service(0x1111, 1), EventId(0x8001), EventOptions::in_groups(&[5]));
    Description {
        local: Local::of(uri(OWN)).unwrap(),
        authorities: Authorities::new("here", "ecu"),
        configured: vec![service(0x1111, 1), service(0x2222, 7)],
        listed: vec![service(0x1111, 1), service(0x2222, 7)],
        events,
        versions: [(ServiceId(0x2222), MajorVersion(5))].into_iter().collect(),
        limits: PayloadLimits::of(&StackConfig::default(), "3.4.10"),
        rules: Rules::new(ProtocolOverrides::default(), Protocol::Udp, &StackConfig::default()),
        discovery: None,
        static_routes: StaticRoutes::default(),
        one_dispatcher: true,
        expected: expected(),
        offered: Vec::new(),
        options,
    }
}

impl Fixture {
    /// Everything but the end runs in the runtime of the test, with its clock.
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let listeners = Executor::on(Handle::current());
        Self::on(&listeners, &Handle::current(), options, running())
    }

    /// Holds no first messages.
    fn sending_at_once() -> Self {
        let hold_first_messages = HoldLimits { time: Duration::ZERO, bytes: 0 };
        Self::with(Options { hold_first_messages, ..Options::default() })
    }

    /// Everything runs on threads of the transport's own.
    fn threaded() -> Self {
        let running = running();
        let (listeners, control) = (running.listeners.clone(), running.control.runtime().clone());
        let fixture = Self::on(&listeners, &control, Options::default(), running);
        fixture.keep_house(&control);
        fixture
    }

    fn on(listeners: &Executor, control: &Handle, options: Options, running: Running) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let description = description(options);
        let local = description.local.provider();
        let application = Arc::new(vsomeip.mock());
        let stages = Stages::assemble(description, application, listeners.clone(), control.clone());
        let routes = stages.registry.routes();
        let transport = Arc::new(UPTransportVsomeip::of(local, Arc::new(stages), running));
        Self { vsomeip, transport, routes, _pool: pool }
    }

    /// Has `runtime` do what the control thread does all the time.
    fn keep_house(&self, runtime: &Handle) {
        let application: Arc<dyn SomeIp> = Arc::new(self.vsomeip.mock());
        let discovery = Discovery::new(application, self.transport.monitor.clone());
        housekeeping::start(runtime, &self.stages(), discovery, false);
    }

    fn stages(&self) -> Arc<Stages> {
        self.transport.stages().unwrap()
    }

    fn make_available(&self, service: ServiceInstance) {
        self.transport.monitor.set_available(service, Some(MajorVersion(1)), || true);
    }

    async fn register(
        &self,
        source: &str,
        sink: Option<&str>,
        listener: &Arc<Inbox>,
    ) -> Result<(), UCode> {
        let (source, sink) = (uri(source), sink.map(uri));
        let result = self.transport.register_listener(&source, sink.as_ref(), listener.clone());
        result.await.map_err(|status| status.get_code())
    }

    async fn unregister(
        &self,
        source: &str,
        sink: Option<&str>,
        listener: &Arc<Inbox>,
    ) -> Result<(), UCode> {
        let (source, sink) = (uri(source), sink.map(uri));
        let result = self.transport.unregister_listener(&source, sink.as_ref(), listener.clone());
        result.await.map_err(|status| status.get_code())
    }

    async fn send(&self, message: UMessage) -> Result<(), UCode> {
        self.transport.send(message).await.map_err(|status| status.get_code())
    }

    /// Delivers an event; returns whether there is anybody to get it.
    fn deliver(&self, topic: &str, number: u32) -> bool {
        self.deliver_message(published(topic, number), None)
    }

    fn deliver_message(&self, message: UMessage, receipt: Option<Arc<dyn Receipt>>) -> bool {
        let attributes = message.attributes.get_or_default();
        let recipients = self.routes.recipients(attributes, Source::Known);
        let is_wanted = !recipients.is_empty();
        recipients.deliver(message, receipt, true);
        is_wanted
    }

    /// Delivers a request for [`OWN_METHOD`]; returns its id.
    fn deliver_request(&self) -> UUID {
        let caller = uri("//ecu/107/2/0");
        let request = UMessageBuilder::request(uri(OWN_METHOD), caller, 10_000).build().unwrap();
        let id = request.id_unchecked().clone();
        let header = Header { message_type: MessageType::Request.into(), ..Header::default() };
        let received = IncomingRequest { header, message: Message::default() };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        let responder = self.stages().incoming.insert(&id, received, deadline).unwrap();
        assert!(self.deliver_message(request, Some(responder)));
        id
    }

    fn calls(&self) -> Vec<Call> {
        self.vsomeip.calls()
    }
}

fn refusal(return_code: ReturnCode) -> Call {
    Call::SendResponse(ResponseKind { message_type: MessageType::Error, return_code }, Vec::new())
}

fn request_to(method: &str, ttl: u32) -> UMessage {
    UMessageBuilder::request(uri(method), uri(OWN), ttl).build().unwrap()
}

fn response_to(request: &UUID) -> UMessage {
    UMessageBuilder::response(uri("//ecu/107/2/0"), request.clone(), uri(OWN_METHOD))
        .with_priority(up_rust::UPriority::UPRIORITY_CS4)
        .build()
        .unwrap()
}

fn listener() -> Arc<Inbox> {
    inbox().0
}

fn is_empty(inbox: &mut UnboundedReceiver<UMessage>) -> bool {
    inbox.try_recv() == Err(TryRecvError::Empty)
}

/// The calls that undo the given ones, in reverse order.
fn undoing(calls: Vec<Call>) -> Vec<Call> {
    let undoing = calls.into_iter().rev().map(|call| match call {
        Call::OfferService(service, version) => Call::StopOfferService(service, version),
        Call::RequestService(service) => Call::ReleaseService(service),
        Call::OfferEvent(service, event) => Call::StopOfferEvent(service, event),
        Call::WatchSubscribers(service, group) => Call::IgnoreSubscribers(service, group),
        Call::Subscribe(service, _, event) => Call::Unsubscribe(service, event),
        Call::RegisterHandler(service, method) => Call::UnregisterHandler(service, method),
        call => panic!("{call:?} cannot be undone"),
    });
    undoing.collect()
}

fn assert_withdrawn(mut calls: Vec<Call>, established: Vec<Call>) {
    // What waited for subscribers is published first.
    calls.retain(|call| !matches!(call, Call::Notify(..)));
    for call in undoing(established) {
        let position = calls.iter().position(|other| *other == call);
        calls.remove(position.unwrap_or_else(|| panic!("{call:?} is missing")));
    }
    assert_eq!(calls, []);
}

// [utest->dsn~utransport-receive-error-unimplemented~1]
#[tokio::test]
async fn receive_is_unimplemented() {
    let status = Fixture::new().transport.receive(&uri(TOPIC), None).await.unwrap_err();
    assert_eq!(status.get_code(), UCode::UNIMPLEMENTED);
}

// [utest->dsn~localuriprovider-getauthority~1]
// [utest->dsn~localuriprovider-getsource-uri-segments~1]
// [utest->dsn~localuriprovider-getresource~1]
#[tokio::test]
async fn transport_provides_uris_of_its_entity() {
    let transport = Fixture::new().transport;
    assert_eq!(transport.get_authority(), "here");
    assert_eq!(transport.get_source_uri(), uri(OWN));
    assert_eq!(transport.get_resource_uri(0x8001), uri("//here/9/2/8001"));
}
