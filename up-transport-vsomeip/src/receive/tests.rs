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

//! Received messages of each kind, over a mocked vsomeip.

mod attributes;
mod events;
mod failed_checks;
mod fields;
mod losses;
mod notifications;
mod records;
mod requests;
mod responses;

use async_trait::async_trait;
use parking_lot::RwLockReadGuard;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use up_rust::{UListener, UMessageBuilder, UPayloadFormat};
use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

use super::*;
use crate::delivery::executor::Executor;
use crate::delivery::mailbox::Mailbox;
use crate::events::{EventOptions, Events};
use crate::mapping::agreements::Agreements;
use crate::mapping::authorities::Authorities;
use crate::mapping::outbound::ResponseKind;
use crate::mapping::request_context::LastAddresses;
use crate::metrics::{Metrics, Waiting};
use crate::network::state::Monitor;
use crate::options::{Options, Overflow, QueueLimits};
use crate::registration::filter::{Filter, Offers};
use crate::registration::registry::{self, Registry};
use crate::registration::routes::Registration;
use crate::services::{Environment, InterfaceVersions, Services};
use crate::testing::{idle, inbox, next, number_of, service, uri, Call, Vsomeip, CLIENT, POOL};
use crate::vsomeip::application::SomeIp;

const OWN: &str = "//here/9/1/0";
const ANYBODY: &str = "//*/FFFFFFFF/FF/0";
const EVERYTHING: &str = "//*/FFFFFFFF/FF/FFFF";
const OWN_METHOD: &str = "//here/1234/1/421";
const TOPIC: &str = "//brakes/1234/1/8001";
const EVENT: u16 = 0x8001;
const METHOD: u16 = 0x421;
const TTL: Duration = Duration::from_millis(1500);

/// A receiver over a mocked vsomeip. Service 1234 has the authority `//brakes`. Its event 8001 is a field
/// for listeners of the registry.
struct Fixture {
    vsomeip: Arc<Vsomeip>,
    monitor: Arc<Monitor>,
    routes: Arc<Routes>,
    counters: Arc<Counters>,
    outgoing: Arc<OutgoingRequests>,
    incoming: Arc<IncomingRequests>,
    receiver: Arc<Receiver>,
    services: Arc<Services>,
    registry: Registry,
    options: Options,
    executor: Executor,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let application: Arc<dyn SomeIp> = Arc::new(vsomeip.mock());
        let (monitor, counters) = (Arc::<Monitor>::default(), Arc::<Counters>::default());
        let routes = Arc::<Routes>::default();
        let outgoing = Arc::new(OutgoingRequests::new(application.clone(), 1000));
        let incoming =
            Arc::new(IncomingRequests::new(application.clone(), options.max_incoming_requests));
        let mut authorities = Authorities::new("here", "ecu");
        authorities.insert(ServiceId(0x1234), None, "brakes".to_owned());
        let receiver = Arc::new(Receiver::new(Parts {
            own: uri(OWN),
            inbound: Inbound::new(
                authorities,
                Agreements::of_options(&options),
                Arc::default(),
                TTL,
            ),
            routes: routes.clone(),
            outgoing: outgoing.clone(),
            incoming: incoming.clone(),
            announcements: Arc::default(),
            counters: counters.clone(),
            own_client: Arc::new(OwnClient::new(monitor.clone())),
            request_ttl: TTL,
            one_dispatcher: true,
        }));
        let mut events = Events::default();
        events.insert(service(0x1234, 1), EventId(EVENT), EventOptions::in_groups(&[5]).field());
        let events = Arc::new(events);
        let services = Arc::new(Services::new(Environment {
            application,
            monitor: monitor.clone(),
            counters: counters.clone(),
            events: events.clone(),
            versions: InterfaceVersions::new(MajorVersion(1), Default::default()),
            receive: receiver.clone(),
        }));
        let executor = Executor::on(Handle::current());
        let registry = Registry::new(registry::Parts {
            own: uri(OWN),
            offers: Offers { configured: Vec::new(), listed: Vec::new(), events },
            options: options.clone(),
            services: services.clone(),
            monitor: monitor.clone(),
            routes: routes.clone(),
            executor: executor.clone(),
            counters: counters.clone(),
        });
        Self {
            vsomeip,
            monitor,
            routes,
            counters,
            outgoing,
            incoming,
            receiver,
            services,
            registry,
            options,
            executor,
            _pool: pool,
        }
    }

    fn listen(&self, source: &str, sink: Option<&str>) -> UnboundedReceiver<UMessage> {
        let (mailbox, inbox) = self.mailbox();
        self.register(source, sink, &mailbox);
        inbox
    }

    fn mailbox(&self) -> (Arc<Mailbox>, UnboundedReceiver<UMessage>) {
        let (listener, inbox) = inbox();
        (self.mailbox_of(listener), inbox)
    }

    fn mailbox_of(&self, listener: Arc<dyn UListener>) -> Arc<Mailbox> {
        let (executor, counters) = (self.executor.clone(), self.counters.clone());
        Arc::new(Mailbox::new(listener, self.options.queue, executor, counters))
    }

    fn register(
        &self,
        source: &str,
        sink: Option<&str>,
        mailbox: &Arc<Mailbox>,
    ) -> Arc<Registration> {
        let filter = Filter::new(&uri(source), sink.map(uri).as_ref(), "here").unwrap();
        self.routes.add(filter, mailbox.clone())
    }

    fn receive(&self, header: &Header) {
        self.receive_with(header, "");
    }

    fn receive_with(&self, header: &Header, payload: &'static str) {
        self.accept(header, Bytes::from_static(payload.as_bytes()));
    }

    fn accept(&self, header: &Header, payload: Bytes) {
        // A default message is a request, which suffices to answer it.
        self.receiver.accept(header, payload, &Message::default(), &LastValues::default());
    }

    /// Sends a request to a service of `//brakes`; returns its message and the header of its response.
    fn send_request(&self) -> (UMessage, Header) {
        let sink = uri("//brakes/1234/1/421");
        let sent = UMessageBuilder::request(sink, uri(OWN), 1000).build().unwrap();
        let context =
            RequestContext::of(sent.attributes.clone().unwrap(), &LastAddresses::default());
        let deadline = Instant::now() + Duration::from_secs(1);
        self.vsomeip.continue_after(6);
        self.outgoing.send(&request(), &Bytes::new(), deadline, || context, Arc::new(())).unwrap();
        (sent, Header { session: 7, ..header(MessageType::Response, METHOD) })
    }

    /// The return codes of the errors that were sent since the last time.
    fn refusals(&self) -> Vec<ReturnCode> {
        let codes = self.vsomeip.calls().into_iter().map(|call| match call {
            Call::SendResponse(
                ResponseKind { message_type: MessageType::Error, return_code },
                payload,
            ) => {
                assert!(payload.is_empty());
                return_code
            }
            call => panic!("{call:?}"),
        });
        codes.collect()
    }

    fn metrics(&self) -> Metrics {
        self.counters.snapshot(Waiting::default(), 0)
    }
}

/// The header of a message to or from service 1234, instance 1, version 1; of a request from client 107.
fn header(message_type: MessageType, method: u16) -> Header {
    let (service, instance) = (ServiceId(0x1234), InstanceId(1));
    let version = MajorVersion(1);
    let method = MethodId(method);
    let header = Header::request(message_type, service, instance, method, version, false);
    Header { client: CLIENT.0, ..header }
}

fn request() -> Header {
    header(MessageType::Request, METHOD)
}

fn event() -> Header {
    header(MessageType::Notification, EVENT)
}

fn is_empty(inbox: &mut UnboundedReceiver<UMessage>) -> bool {
    inbox.try_recv() == Err(TryRecvError::Empty)
}

// [utest->dsn~someip-payload-format~1]
#[tokio::test(start_paused = true)]
async fn payload_has_agreed_format() {
    use UPayloadFormat::{UPAYLOAD_FORMAT_PROTOBUF, UPAYLOAD_FORMAT_UNSPECIFIED};
    for agreed in [UPAYLOAD_FORMAT_UNSPECIFIED, UPAYLOAD_FORMAT_PROTOBUF] {
        let fixture = Fixture::with(Options { payload_format: agreed, ..Options::default() });
        let mut publications = fixture.listen("//brakes/1234/1/8001", None);
        let mut to_own = fixture.listen("//brakes/1234/1/8001", Some(OWN));
        let mut to_service = fixture.listen(EVERYTHING, Some("//here/1234/1/0"));
        let mut requests = fixture.listen(ANYBODY, Some("//here/1234/1/421"));
        let mut responses = fixture.listen("//brakes/1234/1/421", Some(OWN));
        for payload in ["x", ""] {
            let (_, response) = fixture.send_request();
            let notification = header(MessageType::RequestNoReturn, 0);
            for header in [event(), notification, request(), response] {
                fixture.receive_with(&header, payload);
            }
            for inbox in
                [&mut publications, &mut to_own, &mut to_service, &mut requests, &mut responses]
            {
                let message = next(inbox).await;
                let is_payload = !payload.is_empty() || agreed != UPAYLOAD_FORMAT_UNSPECIFIED;
                let expected = is_payload.then(|| Bytes::from_static(payload.as_bytes()));
                assert_eq!(message.payload, expected);
                assert_eq!(message.payload_format_unchecked(), agreed, "{message:?}");
            }
        }
    }
}

// [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
#[tokio::test(start_paused = true)]
async fn invalid_message_is_counted_and_dropped() {
    let fixture = Fixture::new();
    let mut all = fixture.listen(EVERYTHING, None);
    let mut to_all = fixture.listen(EVERYTHING, Some(EVERYTHING));
    let invalid = [
        header(MessageType::Notification, METHOD),
        header(MessageType::Notification, 0xffff),
        header(MessageType::RequestNoReturn, EVENT),
        header(MessageType::Unknown(0x42), METHOD),
    ];
    for header in invalid {
        fixture.receive(&header);
    }
    idle().await;
    assert!(is_empty(&mut all) && is_empty(&mut to_all));
    assert_eq!(fixture.vsomeip.calls(), []);
    // A default message is a request to method 0.
    fixture.receiver.receive(&Message::default(), &LastValues::default());
    assert_eq!(fixture.refusals(), [ReturnCode::UnknownMethod]);
    let metrics = fixture.metrics();
    assert_eq!((metrics.received, metrics.dropped_invalid), (1, 5));
    // The two notifications are of the same type, which is warned about once.
    assert_eq!(fixture.receiver.invalid.lock().len(), 4);
    assert_eq!((metrics.delivered, metrics.dropped_unmatched), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn payload_is_not_copied() {
    let fixture = Fixture::new();
    let mut events = fixture.listen("//*/1234/FF/8001", None);
    let received = Bytes::from(vec![7; 1000]);
    let header = header(MessageType::Notification, 0x8001);
    fixture.accept(&header, received.clone());
    let payload = next(&mut events).await.payload.unwrap();
    assert_eq!((payload.as_ptr(), payload.len()), (received.as_ptr(), 1000));
}
