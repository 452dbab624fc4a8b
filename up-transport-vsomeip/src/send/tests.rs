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

//! Sending messages of each kind, over a mocked vsomeip.

mod attributes;
mod correlating;
mod first_messages;
mod leases;
mod local_listeners;
mod notifying;
mod publishing;
mod requesting;
mod responding;
mod sizes;

use std::time::Duration;

use parking_lot::RwLockReadGuard;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::yield_now;
use tokio::time::{sleep, Instant};
use up_rust::{UCode, UMessageBuilder, UPayloadFormat, UPriority, UUID};
use vsomeip_sys::{EventId, Header, MajorVersion, MessageType, MethodId, ReturnCode};

use super::*;
use crate::delivery::executor::Executor;
use crate::delivery::mailbox::{Mailbox, Receipt};
use crate::events::EventOptions;
use crate::mapping::outbound::ResponseKind;
use crate::mapping::uri::service_of;
use crate::metrics::{Metrics, Waiting};
use crate::protocol::Protocol;
use crate::registration::filter::Filter;
use crate::registration::routes::Routes;
use crate::rpc::incoming::IncomingRequest;
use crate::send::protocols::{ProtocolOverrides, Rules};
use crate::services::{Environment, InterfaceVersions};
use crate::stack::{Service, StackConfig};
use crate::testing::{
    id_made_before, inbox, next, service, uri, Call, NoReceive, Vsomeip, CLIENT, POOL,
};

const TTL: u32 = 30_000;
const OWN: &str = "//here/9/1/0";
const TOPIC: &str = "//here/21234/3/8001";
const EVENT: EventId = EventId(0x8001);
const METHOD_URI: &str = "//ecu/21234/3/421";
const OWN_METHOD_URI: &str = "//here/21234/3/421";
const METHOD: MethodId = MethodId(0x421);
const VERSION: MajorVersion = MajorVersion(3);
const SUCCESS: ResponseKind =
    ResponseKind { message_type: MessageType::Response, return_code: ReturnCode::Ok };

fn this() -> ServiceInstance {
    service(0x1234, 2)
}

/// The options of a sender.
struct Setup {
    /// The maximum number of requests in flight.
    in_flight: usize,
    options: Options,
    stack: StackConfig,
    /// How long first messages are held.
    holds: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        let (options, stack, holds) = Default::default();
        Self { in_flight: 10_000, options, stack, holds }
    }
}

/// Adds a field of service 1234.
fn with_own_field(mut events: Events) -> Events {
    let options = EventOptions::in_groups(&[0x8fff]).field();
    events.insert(service(0x1234, 1), EventId(0x8fff), options);
    events
}

/// A sender over a mocked vsomeip, with a listener for all responses.
struct Fixture {
    routes: Arc<Routes>,
    /// The mailbox of the listener.
    mailbox: Arc<Mailbox>,
    vsomeip: Arc<Vsomeip>,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
    outgoing: Arc<OutgoingRequests>,
    incoming: Arc<IncomingRequests>,
    sender: Arc<Sender>,
    responses: UnboundedReceiver<UMessage>,
    _pool: RwLockReadGuard<'static, ()>,
}

/// The version in which the services are available.
const AVAILABLE: Option<MajorVersion> = Some(MajorVersion(3));

impl Fixture {
    fn new() -> Self {
        Self::with(Setup::default())
    }

    fn with_options(options: Options) -> Self {
        Self::with(Setup { options, ..Setup::default() })
    }

    fn with(Setup { in_flight, mut options, stack, holds }: Setup) -> Self {
        options.hold_first_messages.time = holds;
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let application: Arc<dyn SomeIp> = Arc::new(vsomeip.mock());
        let (monitor, counters) = (Arc::<Monitor>::default(), Arc::<Counters>::default());
        let (routes, events) =
            (Arc::<Routes>::default(), Arc::new(with_own_field(stack.known_events())));
        let outgoing = Arc::new(OutgoingRequests::new(application.clone(), in_flight));
        let incoming = Arc::new(IncomingRequests::new(application.clone(), 10));
        let services = Services::new(Environment {
            application: application.clone(),
            monitor: monitor.clone(),
            counters: counters.clone(),
            events: events.clone(),
            versions: InterfaceVersions::new(MajorVersion(1), Default::default()),
            receive: Arc::new(NoReceive),
        });
        let parts = Parts {
            application,
            services: Arc::new(services),
            outgoing: outgoing.clone(),
            incoming: incoming.clone(),
            answers: Arc::new(Answers::new(routes.clone(), counters.clone())),
            routes: routes.clone(),
            events,
            monitor: monitor.clone(),
            counters: counters.clone(),
            limits: PayloadLimits::of(&stack, "3.4.10"),
            announcements: Arc::default(),
            rules: Rules::new(ProtocolOverrides::default(), Protocol::of(options.reliable), &stack),
            discovery: None,
            control: Handle::current(),
        };
        let sender = Arc::new(Sender::new(parts, uri("//here/9/1/0"), &options));
        let (listener, responses) = inbox();
        let anybody = uri("//*/FFFFFFFF/FF/0");
        let filter = Filter::new(&uri("//*/FFFFFFFF/FF/FFFF"), Some(&anybody), "here").unwrap();
        let executor = Executor::on(Handle::current());
        let mailbox = Arc::new(Mailbox::new(listener, options.queue, executor, counters.clone()));
        routes.add(filter, mailbox.clone());
        Self {
            routes,
            mailbox,
            vsomeip,
            monitor,
            counters,
            outgoing,
            incoming,
            sender,
            responses,
            _pool: pool,
        }
    }

    fn send(&self, message: UMessage) -> Result<(), UCode> {
        self.sender.send(message).map_err(|status| status.get_code())
    }

    fn metrics(&self) -> Metrics {
        self.counters.snapshot(Waiting::default(), 0)
    }

    /// Sends a request to the available service; returns the id of its message.
    fn send_request(&self) -> UUID {
        self.monitor.set_available(this(), AVAILABLE, || true);
        self.send_one(request())
    }

    /// Sends a message; returns its id.
    fn send_one(&self, message: UMessage) -> UUID {
        let id = message.id_unchecked().clone();
        assert_eq!(self.send(message), Ok(()));
        id
    }

    /// Receives a request, which a response to the returned id answers.
    fn receive_request(&self) -> UUID {
        let id = UUID::build();
        let deadline = Instant::now() + Duration::from_secs(10);
        let responder = self.incoming.insert(&id, IncomingRequest::default(), deadline).unwrap();
        // A listener has handled it.
        responder.taken();
        id
    }

    /// The message id of the request that a response with the given session id answers.
    fn answered(&self, session: u16) -> Option<UUID> {
        self.outgoing.answered(&response(session)).map(|context| context.id)
    }

    /// The request id and the status of the next response.
    async fn next_response(&mut self) -> (UUID, UCode) {
        let response = next(&mut self.responses).await;
        (response.request_id_unchecked().clone(), response.commstatus().unwrap())
    }
}

/// A response of the called method.
fn response(session: u16) -> Header {
    let (ServiceInstance { service, instance }, message_type) = (this(), MessageType::Response);
    let header = Header::request(message_type, service, instance, METHOD, VERSION, false);
    Header { client: CLIENT.0, session, ..header }
}

fn request() -> UMessage {
    request_to(METHOD_URI)
}

fn request_to(method: &str) -> UMessage {
    let mut builder = UMessageBuilder::request(uri(method), uri(OWN), TTL);
    builder.build_with_payload("question", UPayloadFormat::UPAYLOAD_FORMAT_RAW).unwrap()
}

fn response_to(request: &UUID) -> UMessageBuilder {
    let mut builder =
        UMessageBuilder::response(uri("//ecu/107/3/0"), request.clone(), uri(OWN_METHOD_URI));
    builder.with_priority(UPriority::UPRIORITY_CS4);
    builder
}

fn publish(topic: &str) -> UMessage {
    UMessageBuilder::publish(uri(topic))
        .build_with_payload("news", UPayloadFormat::UPAYLOAD_FORMAT_RAW)
        .unwrap()
}

fn expired(mut message: UMessage) -> UMessage {
    let attributes = message.attributes.as_mut().unwrap();
    attributes.ttl = Some(TTL);
    attributes.id = Some(id_made_before(u64::from(TTL) + 1)).into();
    message
}

/// The calls that offer a topic and its service.
fn offer(event: EventId) -> [Call; 3] {
    [
        Call::OfferEvent(this(), event),
        Call::RegisterHandler(this(), MethodId::ANY),
        Call::OfferService(this(), VERSION),
    ]
}

fn notify(event: EventId) -> Call {
    Call::Notify(this(), event, b"news".to_vec())
}

fn requests(calls: Vec<Call>) -> Vec<(Header, Vec<u8>)> {
    let sent = calls.into_iter().filter_map(|call| match call {
        Call::SendRequest(header, payload) => Some((header, payload)),
        _ => None,
    });
    sent.collect()
}

// [utest->dsn~utransport-send-error-invalid-parameter~1]
#[tokio::test(start_paused = true)]
async fn invalid_message_is_rejected() {
    let fixture = Fixture::new();
    let with = |change: fn(&mut UAttributes)| {
        let mut message = request();
        change(message.attributes.as_mut().unwrap());
        message
    };
    for (what, message) in [
        ("nothing", UMessage::default()),
        ("no sink", with(|attributes| attributes.sink = None.into())),
        ("an event as sink", with(|attributes| attributes.sink = Some(uri(TOPIC)).into())),
        ("no time to live", with(|attributes| attributes.ttl = None)),
        (
            "a wildcard version",
            with(|attributes| {
                attributes.sink.as_mut().unwrap().ue_version_major = 0xff;
            }),
        ),
        (
            "an unknown type",
            with(|attributes| {
                attributes.type_ = protobuf::EnumOrUnknown::from_i32(20);
            }),
        ),
    ] {
        assert_eq!(fixture.send(message), Err(UCode::INVALID_ARGUMENT), "{what}");
    }
    assert_eq!(fixture.vsomeip.calls(), []);
}

/// A message of each type, from `authority`. The last one answers `request`.
fn messages_from(authority: &str, request: &UUID) -> [UMessage; 4] {
    let entity = uri(&format!("{authority}/21234/3/0"));
    let topic = UUri { resource_id: 0x8001, ..entity.clone() };
    let method = UUri { resource_id: 0x421, ..entity.clone() };
    [
        UMessageBuilder::publish(topic.clone()).build().unwrap(),
        UMessageBuilder::notification(topic, uri("//ecu/107/3/0")).build().unwrap(),
        UMessageBuilder::request(uri(METHOD_URI), entity, TTL).build().unwrap(),
        UMessageBuilder::response(uri("//ecu/107/3/0"), request.clone(), method)
            .with_priority(UPriority::UPRIORITY_CS4)
            .build()
            .unwrap(),
    ]
}

// [utest->req~utransport-send-prevent-address-spoofing~1]
#[tokio::test(start_paused = true)]
async fn foreign_source_needs_permission() {
    for (foreign_sources, authority, result) in [
        (false, "//here", Ok(())),
        (false, "", Ok(())),
        (false, "//ecu", Err(UCode::PERMISSION_DENIED)),
        (false, "//here.too", Err(UCode::PERMISSION_DENIED)),
        (true, "//here", Ok(())),
        (true, "//ecu", Ok(())),
    ] {
        let fixture = Fixture::with_options(Options { foreign_sources, ..Options::default() });
        let request = fixture.receive_request();
        for message in messages_from(authority, &request) {
            let kind = message.type_unchecked();
            assert_eq!(fixture.send(message), result, "{kind:?} of {authority:?}");
        }
        // A rejected message has no effect: the request is still pending.
        assert_eq!(fixture.vsomeip.calls().is_empty(), result.is_err());
        assert_eq!(fixture.incoming.take(&request).is_some(), result.is_err());
    }
}

// [utest->dsn~someip-ttl-out~1]
// [utest->dsn~up-attributes-ttl-timeout~1]
#[tokio::test(start_paused = true)]
async fn expired_message_is_not_sent() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), AVAILABLE, || true);
    let received = fixture.receive_request();
    for (what, message) in [
        ("a topic", publish(TOPIC)),
        ("a request", request()),
        ("a response", response_to(&received).build().unwrap()),
    ] {
        assert_eq!(fixture.send(expired(message)), Err(UCode::DEADLINE_EXCEEDED), "{what}");
    }
    assert_eq!(fixture.vsomeip.calls(), []);
    assert_eq!(fixture.metrics().sent, 0);
    // The request can still be answered in time.
    assert_eq!(fixture.send(response_to(&received).build().unwrap()), Ok(()));
}

// [utest->dsn~someip-ttl-out~1]
// [utest->dsn~up-attributes-ttl~1]
#[tokio::test(start_paused = true)]
async fn message_without_ttl_never_expires() {
    let fixture = Fixture::new();
    let old = |ttl| {
        let mut message = expired(publish(TOPIC));
        message.attributes.as_mut().unwrap().ttl = ttl;
        message
    };
    let mut from_the_future = expired(publish(TOPIC));
    let id = UUID::build();
    let id = UUID { msb: id.msb + (60_000 << 16), ..id };
    from_the_future.attributes.as_mut().unwrap().id = Some(id).into();
    for message in [old(None), old(Some(0)), from_the_future] {
        assert_eq!(fixture.send(message), Ok(()));
    }
}

// [utest->dsn~someip-payload-format~1]
#[tokio::test(start_paused = true)]
async fn other_payload_format_is_rejected() {
    use UPayloadFormat::{UPAYLOAD_FORMAT_JSON, UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_UNSPECIFIED};
    let other_service = "//ecu/5678/1/0";
    for (agreed, format, result) in [
        (UPAYLOAD_FORMAT_UNSPECIFIED, UPAYLOAD_FORMAT_RAW, Ok(())),
        (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_RAW, Ok(())),
        (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_UNSPECIFIED, Ok(())),
        (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_JSON, Err(UCode::INVALID_ARGUMENT)),
    ] {
        let fixture =
            Fixture::with_options(Options { payload_format: agreed, ..Options::default() });
        let received = fixture.receive_request();
        for mut message in [
            UMessageBuilder::publish(uri(TOPIC)),
            UMessageBuilder::notification(uri(TOPIC), uri(other_service)),
            UMessageBuilder::request(uri(METHOD_URI), uri(OWN), TTL),
            response_to(&received),
        ] {
            let message = message.build_with_payload("x", format).unwrap();
            assert_eq!(fixture.send(message), result, "{agreed:?} {format:?}");
        }
        assert_eq!(fixture.vsomeip.calls().is_empty(), result.is_err());
        if result.is_err() {
            // The request can still be answered by an error, which is exempt.
            let mut error = response_to(&received);
            error.with_comm_status(UCode::ABORTED);
            assert_eq!(fixture.send(error.build_with_payload("x", format).unwrap()), Ok(()));
        }
    }
}

// [utest->dsn~someip-request-out~1]
// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn reliable_option_marks_requests() {
    for reliable in [false, true] {
        let fixture = Fixture::with_options(Options { reliable, ..Options::default() });
        fixture.monitor.set_available(this(), AVAILABLE, || true);
        fixture.send(request()).unwrap();
        let sink = uri("//ecu/21234/3/0");
        let notification = UMessageBuilder::notification(uri(TOPIC), sink).build().unwrap();
        fixture.send(notification).unwrap();
        let sent = requests(fixture.vsomeip.calls());
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().all(|(header, _)| header.reliable == reliable), "{sent:?}");
    }
}
