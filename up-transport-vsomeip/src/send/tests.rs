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

use parking_lot::RwLockReadGuard;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::yield_now;
use tokio::time::sleep;
use up_rust::{UMessageBuilder, UPayloadFormat, UPriority, UUID};
use vsomeip_sys::{EventId, MajorVersion, MessageType, RequestId, ReturnCode, SessionId};

use super::*;
use crate::delivery::mailbox::Worker;
use crate::events::Events;
use crate::mapping::authorities::Authorities;
use crate::mapping::outbound::ResponseKind;
use crate::metrics::{Counters, Metrics};
use crate::network::state::Monitor;
use crate::receive::watch_deadlines;
use crate::registration::filter::Filter;
use crate::registration::routes::{Listeners, Registration};
use crate::rpc::incoming::{IncomingRequest, IncomingRequests};
use crate::rpc::outgoing::OutgoingRequests;
use crate::stack::{Service, StackConfig};
use crate::testing::{id_made_before, inbox, next, service, uri, Call, Vsomeip, CLIENT, POOL};

const CAPACITY: usize = 10_000;
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

/// What of a sender can be different.
struct Setup {
    /// How many requests may wait for their response.
    in_flight: usize,
    /// How many requests and notifications may wait for their service.
    waiting: usize,
    payload_format: UPayloadFormat,
    notifications: NotificationMode,
    reliable: bool,
    foreign_sources: bool,
    stack: StackConfig,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            in_flight: CAPACITY,
            waiting: CAPACITY,
            payload_format: UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED,
            notifications: NotificationMode::RequestNoReturn,
            reliable: false,
            foreign_sources: false,
            stack: StackConfig::default(),
        }
    }
}

/// A sender and a receiver over a mocked vsomeip, with a listener for all responses.
struct Fixture {
    vsomeip: Arc<Vsomeip>,
    monitor: Arc<Monitor>,
    receiver: Arc<Receiver>,
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

    fn with(setup: Setup) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let application: Arc<dyn SomeIp> = Arc::new(vsomeip.mock());
        let monitor = Arc::new(Monitor::default());
        let counters = Arc::new(Counters::default());
        let listeners = Arc::new(Listeners::default());
        let receiver = Arc::new(Receiver {
            application: application.clone(),
            authorities: Authorities::new("here", "ecu"),
            own: uri(OWN),
            listeners: listeners.clone(),
            outgoing: Arc::new(OutgoingRequests::new(application.clone(), setup.in_flight)),
            incoming: Arc::new(IncomingRequests::new(CAPACITY)),
            counters: counters.clone(),
            payload_format: setup.payload_format,
            request_ttl: Duration::from_secs(10),
            invalid: Default::default(),
        });
        let (sink, events) = (receiver.clone(), Events::default());
        let ledger =
            Ledger::new(application.clone(), monitor.clone(), counters.clone(), sink, events);
        let sender = Arc::new(Sender {
            application,
            ledger: Arc::new(ledger),
            receiver: receiver.clone(),
            runtime: Handle::current(),
            used: Used::default(),
            last_addresses: LastAddresses::default(),
            backlog: Backlog::new(monitor.clone(), setup.waiting),
            monitor: monitor.clone(),
            limits: PayloadLimits::of(&setup.stack, "3.4.10"),
            payload_format: setup.payload_format,
            notifications: setup.notifications,
            reliable: setup.reliable,
            foreign_sources: setup.foreign_sources,
        });
        tokio::spawn(watch_deadlines(receiver.clone()));
        let (listener, responses) = inbox();
        let filter =
            Filter::new(&uri("//*/FFFFFFFF/FF/FFFF"), Some(&uri("//*/FFFFFFFF/FF/0"))).unwrap();
        let worker = Arc::new(Worker::new(listener, CAPACITY, Handle::current(), counters));
        listeners.add(Arc::new(Registration::new(filter, worker)));
        Self { vsomeip, monitor, receiver, sender, responses, _pool: pool }
    }

    fn send(&self, message: UMessage) -> Result<(), UCode> {
        self.sender.send(message).map_err(|status| status.get_code())
    }

    fn metrics(&self) -> Metrics {
        self.receiver.counters.snapshot(Default::default())
    }

    /// Sends a request to the available service; returns the id of its message.
    fn send_request(&self) -> UUID {
        self.monitor.set_available(this(), AVAILABLE);
        let request = request();
        let id = request.id_unchecked().clone();
        assert_eq!(self.send(request), Ok(()));
        id
    }

    /// A request to this transport that was received, to be answered by a response to the id.
    fn receive_request(&self) -> UUID {
        let id = UUID::build();
        let deadline = Instant::now() + Duration::from_secs(10);
        self.receiver.incoming.insert(&id, IncomingRequest::default(), deadline).unwrap();
        id
    }

    /// The id of the request that waits for the answer with the given session id.
    fn answered(&self, session: u16) -> Option<UUID> {
        let id = RequestId::new(CLIENT, SessionId(session));
        self.receiver.outgoing.answered(id).map(|context| context.id)
    }

    /// The next response: the id of the request, and its status.
    async fn next_response(&mut self) -> (UUID, UCode) {
        let response = next(&mut self.responses).await;
        (response.request_id_unchecked().clone(), response.commstatus().unwrap())
    }
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

mod publishing {
    use super::*;

    // [utest->dsn~someip-offer-up-front~1]
    #[tokio::test(start_paused = true)]
    async fn topics_are_offered_before_anything_is_published_to_them() {
        let fixture = Fixture::new();
        let topics = ["//here/21234/3/8001", "//here/21234/3/8002"].map(uri);
        fixture.sender.offer_topics(&topics).unwrap();
        let offered = service(0x1234, 2);
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::OfferEvent(offered, EventId(0x8001)),
                Call::OfferEvent(offered, EventId(0x8002)),
                Call::RegisterHandler(offered, MethodId::ANY),
                Call::OfferService(offered, MajorVersion(3)),
            ]
        );
        fixture.send(publish("//here/21234/3/8001")).unwrap();
        assert!(matches!(fixture.vsomeip.calls()[..], [Call::Notify(..)]));
        for topic in
            ["//here/21234/3/421", "//here/21234/3/FFFF", "//here/FFFF/3/8001", "//*/1/1/8001"]
        {
            let status = fixture.sender.offer_topics(&[uri(topic)]).unwrap_err();
            assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{topic}");
        }
    }

    // [utest->dsn~someip-publish-out~1]
    #[tokio::test(start_paused = true)]
    async fn the_first_message_of_a_topic_offers_it_and_every_one_notifies_it() {
        let fixture = Fixture::new();
        assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::OfferEvent(this(), EVENT),
                Call::RegisterHandler(this(), MethodId::ANY),
                Call::OfferService(this(), VERSION),
                notify(EVENT),
            ]
        );
        for _ in 0..3 {
            assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
            assert_eq!(fixture.vsomeip.calls(), [notify(EVENT)]);
        }
        assert_eq!(fixture.metrics().sent, 4);
    }

    // [utest->dsn~someip-publish-out~1]
    #[tokio::test(start_paused = true)]
    async fn the_topics_of_a_service_share_its_offer() {
        let fixture = Fixture::new();
        fixture.send(publish(TOPIC)).unwrap();
        fixture.vsomeip.calls();
        fixture.send(publish("//here/21234/3/8002")).unwrap();
        let event = EventId(0x8002);
        assert_eq!(fixture.vsomeip.calls(), [Call::OfferEvent(this(), event), notify(event)]);
    }

    // [utest->dsn~someip-publish-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_topic_is_not_published_in_the_version_of_another() {
        let fixture = Fixture::new();
        fixture.send(publish(TOPIC)).unwrap();
        fixture.vsomeip.calls();
        assert_eq!(fixture.send(publish("//here/21234/4/8001")), Err(UCode::INVALID_ARGUMENT));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.send(publish("//here/21234/4/8002")), Err(UCode::INVALID_ARGUMENT));
        let event = EventId(0x8002);
        assert_eq!(
            fixture.vsomeip.calls(),
            [Call::OfferEvent(this(), event), Call::StopOfferEvent(this(), event)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_offer_that_fails_is_tried_again_with_the_next_message() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(Call::OfferService(this(), VERSION));
        assert_eq!(fixture.send(publish(TOPIC)), Err(UCode::INTERNAL));
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::OfferEvent(this(), EVENT),
                Call::RegisterHandler(this(), MethodId::ANY),
                Call::OfferService(this(), VERSION),
                Call::UnregisterHandler(this(), MethodId::ANY),
                Call::StopOfferEvent(this(), EVENT),
            ]
        );
        fixture.vsomeip.refuse_nothing();
        assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
        assert_eq!(fixture.vsomeip.calls().len(), 4);
        assert_eq!(fixture.metrics().sent, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_notification_that_vsomeip_refuses_is_an_internal_error() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(notify(EVENT));
        assert_eq!(fixture.send(publish(TOPIC)), Err(UCode::INTERNAL));
        assert_eq!(fixture.metrics().sent, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_published_is_withdrawn_at_the_end() {
        let fixture = Fixture::new();
        fixture.send(publish(TOPIC)).unwrap();
        fixture.vsomeip.calls();
        fixture.sender.used.clear();
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::StopOfferService(this(), VERSION),
                Call::UnregisterHandler(this(), MethodId::ANY),
                Call::StopOfferEvent(this(), EVENT),
            ]
        );
    }
}

// [utest->dsn~utransport-send-error-invalid-parameter~1]
#[tokio::test(start_paused = true)]
async fn what_is_not_valid_is_not_sent() {
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
            "a type that nobody knows",
            with(|attributes| {
                attributes.type_ = protobuf::EnumOrUnknown::from_i32(20);
            }),
        ),
    ] {
        assert_eq!(fixture.send(message), Err(UCode::INVALID_ARGUMENT), "{what}");
    }
    assert_eq!(fixture.vsomeip.calls(), []);
}

/// A message of each type, from `authority`; the last one answers a request that came in.
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
async fn a_message_of_another_authority_is_sent_only_if_that_is_wanted() {
    for (foreign_sources, authority, result) in [
        (false, "//here", Ok(())),
        (false, "", Ok(())),
        (false, "//ecu", Err(UCode::PERMISSION_DENIED)),
        (false, "//here.too", Err(UCode::PERMISSION_DENIED)),
        (true, "//here", Ok(())),
        (true, "//ecu", Ok(())),
    ] {
        let fixture = Fixture::with(Setup { foreign_sources, ..Setup::default() });
        let request = fixture.receive_request();
        for message in messages_from(authority, &request) {
            let kind = message.type_unchecked();
            assert_eq!(fixture.send(message), result, "{kind:?} of {authority:?}");
        }
        // What is refused leaves nothing behind: the request still waits for its response.
        assert_eq!(fixture.vsomeip.calls().is_empty(), result.is_err());
        assert_eq!(fixture.receiver.incoming.take(&request).is_some(), result.is_err());
    }
}

// [utest->dsn~someip-ttl-out~1]
// [utest->dsn~up-attributes-ttl-timeout~1]
#[tokio::test(start_paused = true)]
async fn what_has_expired_is_not_sent() {
    let fixture = Fixture::new();
    fixture.monitor.set_available(this(), AVAILABLE);
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
async fn what_has_no_time_to_live_or_comes_from_the_future_does_not_expire() {
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

mod requesting {
    use super::*;

    // [utest->dsn~someip-request-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_to_an_available_service_is_sent_at_once() {
        let fixture = Fixture::new();
        fixture.send_request();
        let header = outbound::request(request().attributes.as_ref().unwrap(), false).unwrap();
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::RegisterHandler(this(), METHOD),
                Call::RequestService(this()),
                Call::SendRequest(header, b"question".to_vec()),
            ]
        );
        assert_eq!(fixture.metrics().sent, 1);
    }

    // [utest->dsn~someip-request-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_service_is_requested_once_and_each_of_its_methods_handled_once() {
        let fixture = Fixture::new();
        fixture.send_request();
        fixture.vsomeip.calls();
        fixture.send_request();
        assert!(matches!(fixture.vsomeip.calls()[..], [Call::SendRequest(..)]));
        fixture.send(request_to("//ecu/21234/3/422")).unwrap();
        assert!(matches!(
            fixture.vsomeip.calls()[..],
            [Call::RegisterHandler(_, MethodId(0x422)), Call::SendRequest(..)]
        ));
        fixture.sender.used.clear();
        let withdrawn = fixture.vsomeip.calls();
        assert_eq!(withdrawn.len(), 3);
        assert!(withdrawn.contains(&Call::ReleaseService(this())));
    }

    // [utest->dsn~someip-request-availability~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_to_a_service_that_is_not_available_is_sent_when_it_is() {
        let fixture = Fixture::new();
        let request = request();
        let id = request.id_unchecked().clone();
        fixture.send(request).unwrap();
        sleep(Duration::from_millis(u64::from(TTL) / 4)).await;
        let calls = fixture.vsomeip.calls();
        assert_eq!(calls, [Call::RegisterHandler(this(), METHOD), Call::RequestService(this())]);
        // Another service does not help.
        fixture.monitor.set_available(service(0x1234, 3), AVAILABLE);
        yield_now().await;
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.metrics().sent, 0);

        fixture.monitor.set_available(this(), AVAILABLE);
        let (header, payload) = fixture.vsomeip.next_request().await;
        assert_eq!((service_of(&header), header.method()), (this(), METHOD));
        assert_eq!(payload, b"question");
        assert_eq!(fixture.answered(1), Some(id));
        assert_eq!(fixture.metrics().sent, 1);
    }

    // [utest->dsn~someip-request-availability~1]
    #[tokio::test(start_paused = true)]
    async fn the_answer_is_unavailable_if_the_service_does_not_come_in_time() {
        let mut fixture = Fixture::new();
        let request = request();
        let id = request.id_unchecked().clone();
        let start = Instant::now();
        fixture.send(request).unwrap();
        let response = next(&mut fixture.responses).await;
        // Timers have a resolution of a millisecond.
        assert!(start.elapsed() <= Duration::from_millis(u64::from(TTL) + 1));
        assert!(response.is_response());
        assert_eq!(response.request_id_unchecked(), &id);
        assert_eq!(response.commstatus(), Some(UCode::UNAVAILABLE));
        assert_eq!(response.source_unchecked(), &uri(METHOD_URI));
        assert_eq!(response.sink_unchecked(), &uri(OWN));
        assert_eq!(response.ttl(), Some(TTL));

        fixture.vsomeip.calls();
        fixture.monitor.set_available(this(), AVAILABLE);
        sleep(Duration::from_millis(TTL.into())).await;
        assert_eq!(requests(fixture.vsomeip.calls()), []);
        assert_eq!(fixture.metrics().sent, 0);
        assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
    }

    // [utest->dsn~someip-request-availability~1]
    #[tokio::test(start_paused = true)]
    async fn what_waits_for_a_service_does_not_hold_up_requests_to_another() {
        let fixture = Fixture::new();
        fixture.send(request()).unwrap();
        fixture.monitor.set_available(service(0x5678, 1), AVAILABLE);
        fixture.vsomeip.calls();
        fixture.send(request_to("//ecu/5678/1/1")).unwrap();
        assert_eq!(requests(fixture.vsomeip.calls()).len(), 1);
    }

    // [utest->dsn~someip-request-availability~1]
    #[tokio::test(start_paused = true)]
    async fn the_caller_learns_from_the_answer_that_a_request_could_not_be_sent_later() {
        let mut fixture = Fixture::new();
        let request = request();
        let id = request.id_unchecked().clone();
        fixture.send(request).unwrap();
        fixture.vsomeip.refuse_to_send();
        fixture.monitor.set_available(this(), AVAILABLE);
        assert_eq!(fixture.next_response().await, (id, UCode::INTERNAL));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_vsomeip_refuses_does_not_wait_for_an_answer() {
        let fixture = Fixture::with(Setup { in_flight: 1, ..Setup::default() });
        fixture.monitor.set_available(this(), AVAILABLE);
        fixture.vsomeip.refuse_to_send();
        assert_eq!(fixture.send(request()), Err(UCode::INTERNAL));
        assert_eq!(fixture.metrics().sent, 0);
        fixture.vsomeip.refuse_nothing();
        assert_eq!(fixture.send(request()), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_cannot_be_requested_is_an_error_at_once() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(Call::RequestService(this()));
        assert_eq!(fixture.send(request()), Err(UCode::INTERNAL));
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::RegisterHandler(this(), METHOD),
                Call::RequestService(this()),
                Call::UnregisterHandler(this(), METHOD),
            ]
        );
        fixture.vsomeip.refuse_nothing();
        assert_eq!(fixture.send(request()), Ok(()));
    }
}

mod correlating {
    use super::*;

    // [utest->dsn~someip-request-id~1]
    #[tokio::test(start_paused = true)]
    async fn an_answer_finds_the_request_with_its_request_id_once() {
        let fixture = Fixture::new();
        let ids = [(); 3].map(|()| fixture.send_request());
        for (session, id) in [1, 2, 3].into_iter().zip(&ids).rev() {
            assert_eq!(fixture.answered(session).as_ref(), Some(id));
            assert_eq!(fixture.answered(session), None);
        }
        assert_eq!(fixture.answered(4), None);
    }

    // [utest->dsn~someip-request-id~1]
    #[tokio::test(start_paused = true)]
    async fn the_client_is_part_of_the_request_id() {
        let fixture = Fixture::new();
        fixture.send_request();
        let of_another = RequestId::new(vsomeip_sys::ClientId(CLIENT.0 + 1), SessionId(1));
        assert!(fixture.receiver.outgoing.answered(of_another).is_none());
        assert!(fixture.answered(1).is_some());
    }

    // [utest->dsn~someip-request-id~1]
    #[tokio::test(start_paused = true)]
    async fn thousands_of_requests_in_flight_are_told_apart_across_the_wrap_of_the_session_ids() {
        const BEFORE_THE_WRAP: u16 = 3000;
        let fixture = Fixture::new();
        fixture.vsomeip.continue_after(u16::MAX - BEFORE_THE_WRAP);
        let sessions = (u16::MAX - BEFORE_THE_WRAP + 1..=u16::MAX).chain(1..=3000);
        let waiting: Vec<_> = sessions.map(|session| (session, fixture.send_request())).collect();
        for (session, id) in waiting {
            assert_eq!(fixture.answered(session), Some(id), "{session}");
        }
    }

    // [utest->dsn~someip-request-id~1]
    #[tokio::test(start_paused = true)]
    async fn more_requests_than_there_are_session_ids_are_answered_one_after_the_other() {
        let fixture = Fixture::with(Setup { in_flight: 1, ..Setup::default() });
        for number in 0..70_000_u32 {
            let session = u16::try_from(number % u32::from(u16::MAX) + 1).unwrap();
            let id = fixture.send_request();
            assert_eq!(fixture.answered(session), Some(id), "{number}");
        }
    }

    // [utest->dsn~someip-request-id~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_whose_id_is_given_to_a_new_one_is_aborted() {
        let mut fixture = Fixture::new();
        fixture.vsomeip.continue_after(6);
        let old = fixture.send_request();
        fixture.vsomeip.continue_after(6);
        let new = fixture.send_request();
        assert_eq!(fixture.next_response().await, (old, UCode::ABORTED));
        assert_eq!(fixture.answered(7), Some(new));
    }

    // [utest->dsn~someip-request-expiry~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_not_answered_in_time_has_exceeded_its_deadline() {
        let mut fixture = Fixture::new();
        let start = Instant::now();
        let id = fixture.send_request();
        let response = next(&mut fixture.responses).await;
        assert!(start.elapsed() <= Duration::from_millis(u64::from(TTL) + 1));
        assert!(response.is_response());
        assert_eq!(response.request_id_unchecked(), &id);
        assert_eq!(response.commstatus(), Some(UCode::DEADLINE_EXCEEDED));
        assert_eq!(response.source_unchecked(), &uri(METHOD_URI));
        assert_eq!(response.sink_unchecked(), &uri(OWN));
        // The late answer.
        assert_eq!(fixture.answered(1), None);
        assert_eq!(fixture.metrics().requests_expired, 1);
    }

    // [utest->dsn~someip-request-expiry~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_that_was_answered_does_not_expire() {
        let mut fixture = Fixture::new();
        let answered = fixture.send_request();
        let expiring = fixture.send_request();
        assert_eq!(fixture.answered(1), Some(answered));
        assert_eq!(fixture.next_response().await, (expiring, UCode::DEADLINE_EXCEEDED));
        sleep(Duration::from_millis(2 * u64::from(TTL))).await;
        assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(fixture.metrics().requests_expired, 1);
    }

    // [utest->dsn~someip-request-expiry~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_that_had_to_wait_has_only_the_rest_of_its_time() {
        let mut fixture = Fixture::new();
        let start = Instant::now();
        fixture.send(request()).unwrap();
        sleep(Duration::from_millis(u64::from(TTL) / 2)).await;
        fixture.monitor.set_available(this(), AVAILABLE);
        fixture.vsomeip.next_request().await;
        let (_, status) = fixture.next_response().await;
        assert_eq!(status, UCode::DEADLINE_EXCEEDED);
        assert!(start.elapsed() <= Duration::from_millis(u64::from(TTL) + 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_table_takes_no_more_requests_until_one_is_answered_or_expires() {
        let mut fixture = Fixture::with(Setup { in_flight: 2, ..Setup::default() });
        fixture.send_request();
        let expiring = fixture.send_request();
        fixture.vsomeip.calls();
        assert_eq!(fixture.send(request()), Err(UCode::RESOURCE_EXHAUSTED));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert!(fixture.answered(1).is_some());
        // It must not expire together with the other one.
        let mut patient = request();
        patient.attributes.as_mut().unwrap().ttl = Some(100 * TTL);
        assert_eq!(fixture.send(patient), Ok(()));
        assert_eq!(fixture.send(request()), Err(UCode::RESOURCE_EXHAUSTED));
        assert_eq!(fixture.next_response().await, (expiring, UCode::DEADLINE_EXCEEDED));
        assert_eq!(fixture.send(request()), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_table_that_is_full_when_the_service_comes_is_told_by_the_answer() {
        let mut fixture = Fixture::with(Setup { in_flight: 1, ..Setup::default() });
        let ids = [(); 2].map(|()| {
            let request = request();
            let id = request.id_unchecked().clone();
            fixture.send(request).unwrap();
            id
        });
        fixture.monitor.set_available(this(), AVAILABLE);
        let (refused, status) = fixture.next_response().await;
        assert_eq!(status, UCode::RESOURCE_EXHAUSTED);
        let sent = fixture.answered(1).unwrap();
        assert!(ids == [sent.clone(), refused.clone()] || ids == [refused, sent]);
    }
}

mod responding {
    use super::*;

    fn sent(kind: ResponseKind) -> Vec<Call> {
        vec![Call::SendResponse(kind, b"answer".to_vec())]
    }

    fn answer(builder: &mut UMessageBuilder) -> UMessage {
        builder.build_with_payload("answer", UPayloadFormat::UPAYLOAD_FORMAT_RAW).unwrap()
    }

    // [utest->dsn~someip-response-to-request~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_is_answered_once() {
        let fixture = Fixture::new();
        let (first, second) = (fixture.receive_request(), fixture.receive_request());
        assert_eq!(fixture.send(answer(&mut response_to(&first))), Ok(()));
        assert_eq!(fixture.vsomeip.calls(), sent(SUCCESS));
        assert_eq!(fixture.send(answer(&mut response_to(&first))), Err(UCode::NOT_FOUND));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.send(answer(&mut response_to(&second))), Ok(()));
        assert_eq!(fixture.vsomeip.calls(), sent(SUCCESS));
        assert_eq!(fixture.metrics().sent, 2);
    }

    // [utest->dsn~someip-response-to-request~1]
    #[tokio::test(start_paused = true)]
    async fn a_response_to_a_request_that_did_not_come_is_not_sent() {
        let fixture = Fixture::new();
        fixture.receive_request();
        let response = answer(&mut response_to(&UUID::build()));
        assert_eq!(fixture.send(response), Err(UCode::NOT_FOUND));
        assert_eq!(fixture.vsomeip.calls(), []);
    }

    // [utest->dsn~someip-response-out~1]
    #[tokio::test(start_paused = true)]
    async fn the_status_decides_between_a_response_and_an_error() {
        let fixture = Fixture::new();
        let error = |return_code| ResponseKind { message_type: MessageType::Error, return_code };
        for (status, kind) in [
            (None, SUCCESS),
            (Some(UCode::OK), SUCCESS),
            (Some(UCode::UNAVAILABLE), error(ReturnCode::NotReady)),
            (Some(UCode::NOT_FOUND), error(ReturnCode::UnknownService)),
            (Some(UCode::UNIMPLEMENTED), error(ReturnCode::UnknownMethod)),
            (Some(UCode::PERMISSION_DENIED), error(ReturnCode::NotOk)),
        ] {
            let mut response = response_to(&fixture.receive_request());
            if let Some(status) = status {
                response.with_comm_status(status);
            }
            assert_eq!(fixture.send(answer(&mut response)), Ok(()));
            assert_eq!(fixture.vsomeip.calls(), sent(kind), "{status:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_vsomeip_refuses_is_an_internal_error() {
        let fixture = Fixture::new();
        let id = fixture.receive_request();
        fixture.vsomeip.refuse(Call::SendResponse(SUCCESS, b"answer".to_vec()));
        assert_eq!(fixture.send(answer(&mut response_to(&id))), Err(UCode::INTERNAL));
        assert_eq!(fixture.metrics().sent, 0);
    }

    // [utest->dsn~someip-response-to-request~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_that_nobody_answers_in_time_is_refused() {
        let fixture = Fixture::new();
        let id = fixture.receive_request();
        sleep(Duration::from_secs(11)).await;
        let timeout =
            ResponseKind { message_type: MessageType::Error, return_code: ReturnCode::Timeout };
        assert_eq!(fixture.vsomeip.calls(), [Call::SendResponse(timeout, Vec::new())]);
        assert_eq!(fixture.metrics().unanswered, 1);
        assert_eq!(fixture.send(answer(&mut response_to(&id))), Err(UCode::NOT_FOUND));
    }
}

mod notifying {
    use super::*;

    const SINK: &str = "//ecu/25678/4/0";
    const NOTIFIED: MethodId = MethodId(0);

    fn sink() -> ServiceInstance {
        service(0x5678, 2)
    }

    fn notification_with(ttl: Option<u32>, payload: &'static str) -> UMessage {
        let mut builder = UMessageBuilder::notification(uri(TOPIC), uri(SINK));
        if let Some(ttl) = ttl {
            builder.with_ttl(ttl);
        }
        builder.build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_RAW).unwrap()
    }

    fn notification() -> UMessage {
        notification_with(None, "news")
    }

    fn with_mode(notifications: NotificationMode) -> Fixture {
        Fixture::with(Setup { notifications, ..Setup::default() })
    }

    // [utest->dsn~someip-notification-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_is_a_request_without_return_to_its_sink() {
        let fixture = Fixture::new();
        fixture.monitor.set_available(sink(), AVAILABLE);
        assert_eq!(fixture.send(notification()), Ok(()));
        let header = Header::request(
            MessageType::RequestNoReturn,
            sink().service,
            sink().instance,
            NOTIFIED,
            MajorVersion(4),
            false,
        );
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::RegisterHandler(sink(), NOTIFIED),
                Call::RequestService(sink()),
                Call::SendRequest(header, b"news".to_vec()),
            ]
        );
        assert_eq!(fixture.metrics().sent, 1);
        // Nobody waits for an answer.
        assert_eq!(fixture.answered(1), None);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(fixture.metrics().requests_expired, 0);
        assert_eq!(fixture.metrics().notifications_lost, 0);
    }

    // [utest->dsn~someip-notification-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_is_an_event_of_its_source_if_that_is_wanted() {
        let fixture = with_mode(NotificationMode::Event);
        assert_eq!(fixture.send(notification()), Ok(()));
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::OfferEvent(this(), EVENT),
                Call::RegisterHandler(this(), MethodId::ANY),
                Call::OfferService(this(), VERSION),
                notify(EVENT),
            ]
        );
        // Published or notified, it is the same event.
        assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
        assert_eq!(fixture.vsomeip.calls(), [notify(EVENT)]);
        assert_eq!(fixture.metrics().sent, 2);
    }

    // [utest->dsn~someip-notification-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_is_refused_if_that_is_wanted() {
        let fixture = with_mode(NotificationMode::Reject);
        fixture.monitor.set_available(sink(), AVAILABLE);
        assert_eq!(fixture.send(notification()), Err(UCode::UNIMPLEMENTED));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.metrics().sent, 0);
        // That is no reason to refuse anything else.
        assert_eq!(fixture.send(publish(TOPIC)), Ok(()));
    }

    // [utest->dsn~someip-ttl-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_that_has_expired_is_not_sent() {
        for mode in [NotificationMode::RequestNoReturn, NotificationMode::Event] {
            let fixture = with_mode(mode);
            fixture.monitor.set_available(sink(), AVAILABLE);
            let result = fixture.send(expired(notification()));
            assert_eq!(result, Err(UCode::DEADLINE_EXCEEDED), "{mode:?}");
            assert_eq!(fixture.vsomeip.calls(), [], "{mode:?}");
        }
    }

    // [utest->dsn~someip-notification-out~1]
    #[tokio::test(start_paused = true)]
    async fn notifications_wait_for_the_service_and_keep_their_order() {
        let fixture = Fixture::new();
        for payload in ["one", "two"] {
            assert_eq!(fixture.send(notification_with(None, payload)), Ok(()));
        }
        sleep(NOTIFICATION_PATIENCE / 2).await;
        assert_eq!(requests(fixture.vsomeip.calls()), []);
        assert_eq!(fixture.metrics().sent, 0);
        fixture.monitor.set_available(sink(), AVAILABLE);
        assert_eq!(fixture.send(notification_with(None, "three")), Ok(()));
        sleep(NOTIFICATION_PATIENCE).await;
        let sent = requests(fixture.vsomeip.calls());
        let payloads: Vec<_> = sent.iter().map(|(_, payload)| payload.as_slice()).collect();
        assert_eq!(payloads, [&b"one"[..], b"two", b"three"]);
        assert!(sent.iter().all(|(header, _)| service_of(header) == sink()));
        let metrics = fixture.metrics();
        assert_eq!((metrics.sent, metrics.notifications_lost), (3, 0));
    }

    // [utest->dsn~someip-notification-out~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_whose_service_does_not_come_in_time_is_counted_as_lost() {
        for (ttl, patience) in [
            (None, NOTIFICATION_PATIENCE),
            (Some(0), NOTIFICATION_PATIENCE),
            (Some(TTL), Duration::from_millis(TTL.into())),
            (Some(100 * TTL), Duration::from_millis((100 * TTL).into())),
        ] {
            let mut fixture = Fixture::new();
            assert_eq!(fixture.send(notification_with(ttl, "news")), Ok(()));
            // The message is a little older than its patience.
            sleep(patience - Duration::from_millis(500)).await;
            assert_eq!(fixture.metrics().notifications_lost, 0, "{ttl:?}");
            sleep(Duration::from_millis(502)).await;
            assert_eq!(fixture.metrics().notifications_lost, 1, "{ttl:?}");
            fixture.monitor.set_available(sink(), AVAILABLE);
            sleep(patience).await;
            assert_eq!(requests(fixture.vsomeip.calls()), [], "{ttl:?}");
            assert_eq!(fixture.metrics().sent, 0, "{ttl:?}");
            // There is nobody to tell.
            assert_eq!(fixture.responses.try_recv(), Err(TryRecvError::Empty));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_notification_that_vsomeip_refuses_is_an_error_at_once_and_lost_later() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse_to_send();
        fixture.monitor.set_available(sink(), AVAILABLE);
        assert_eq!(fixture.send(notification()), Err(UCode::INTERNAL));
        assert_eq!(fixture.metrics().notifications_lost, 0);
        fixture.monitor.set_available(sink(), None);
        assert_eq!(fixture.send(notification()), Ok(()));
        fixture.monitor.set_available(sink(), AVAILABLE);
        sleep(Duration::from_millis(1)).await;
        let metrics = fixture.metrics();
        assert_eq!((metrics.sent, metrics.notifications_lost), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_sink_that_cannot_be_requested_is_an_error_at_once() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(Call::RequestService(sink()));
        assert_eq!(fixture.send(notification()), Err(UCode::INTERNAL));
        fixture.vsomeip.refuse_nothing();
        assert_eq!(fixture.send(notification()), Ok(()));
    }

    // [utest->dsn~someip-request-availability~1]
    #[tokio::test(start_paused = true)]
    async fn only_so_many_requests_and_notifications_wait_for_their_services() {
        let mut fixture = Fixture::with(Setup { waiting: 2, ..Setup::default() });
        fixture.send(request()).unwrap();
        fixture.send(notification()).unwrap();
        let refused = Err(UCode::RESOURCE_EXHAUSTED);
        assert_eq!(fixture.send(request()), refused);
        assert_eq!(fixture.send(notification()), refused);
        assert_eq!(fixture.send(request_to("//ecu/9999/1/1")), refused);
        // What need not wait takes no place.
        fixture.monitor.set_available(service(0x8888, 1), AVAILABLE);
        assert_eq!(fixture.send(request_to("//ecu/8888/1/1")), Ok(()));
        assert!(fixture.answered(1).is_some());
        // One finds its service, the other one does not.
        fixture.monitor.set_available(sink(), AVAILABLE);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(fixture.metrics().sent, 2);
        assert_eq!(fixture.send(request_to("//ecu/9999/1/1")), Ok(()));
        assert_eq!(fixture.send(request()), refused);
        let (_, status) = fixture.next_response().await;
        assert_eq!(status, UCode::UNAVAILABLE);
        assert_eq!(fixture.send(request()), Ok(()));
        assert_eq!(fixture.metrics().notifications_lost, 0);
    }
}

// [utest->dsn~someip-payload-format~1]
#[tokio::test(start_paused = true)]
async fn what_is_in_another_format_than_agreed_upon_is_not_sent() {
    use UPayloadFormat::{UPAYLOAD_FORMAT_JSON, UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_UNSPECIFIED};
    let other_service = "//ecu/5678/1/0";
    for (agreed, format, result) in [
        (UPAYLOAD_FORMAT_UNSPECIFIED, UPAYLOAD_FORMAT_RAW, Ok(())),
        (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_RAW, Ok(())),
        (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_UNSPECIFIED, Ok(())),
        (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_JSON, Err(UCode::INVALID_ARGUMENT)),
    ] {
        let fixture = Fixture::with(Setup { payload_format: agreed, ..Setup::default() });
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
            // The request can still be answered, even so: errors are exempt.
            let mut error = response_to(&received);
            error.with_comm_status(UCode::ABORTED);
            assert_eq!(fixture.send(error.build_with_payload("x", format).unwrap()), Ok(()));
        }
    }
}

// [utest->dsn~someip-request-out~1]
// [utest->dsn~someip-notification-out~1]
#[tokio::test(start_paused = true)]
async fn requests_and_notifications_go_the_reliable_way_if_that_is_wanted() {
    for reliable in [false, true] {
        let fixture = Fixture::with(Setup { reliable, ..Setup::default() });
        fixture.monitor.set_available(this(), AVAILABLE);
        fixture.send(request()).unwrap();
        let sink = uri("//ecu/21234/3/0");
        let notification = UMessageBuilder::notification(uri(TOPIC), sink).build().unwrap();
        fixture.send(notification).unwrap();
        let sent = requests(fixture.vsomeip.calls());
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().all(|(header, _)| header.reliable == reliable), "{sent:?}");
    }
}

mod sizes {
    use super::*;

    fn large(builder: &mut UMessageBuilder, size: usize) -> UMessage {
        let format = UPayloadFormat::UPAYLOAD_FORMAT_RAW;
        builder.build_with_payload(vec![0; size], format).unwrap()
    }

    fn large_request(size: usize) -> UMessage {
        large(&mut UMessageBuilder::request(uri(METHOD_URI), uri(OWN), TTL), size)
    }

    fn large_event(size: usize) -> UMessage {
        large(&mut UMessageBuilder::publish(uri(TOPIC)), size)
    }

    fn with_stack(stack: StackConfig) -> Fixture {
        Fixture::with(Setup { stack, ..Setup::default() })
    }

    fn limited() -> Fixture {
        with_stack(StackConfig { max_payload_size_local: Some(2000), ..StackConfig::default() })
    }

    /// The services that are available are on another host.
    fn move_away(fixture: &Fixture) {
        let available = fixture.monitor.state().services.keys().copied().collect();
        fixture.monitor.set_offered(Default::default(), &available);
    }

    // [utest->dsn~someip-payload-size~1]
    #[tokio::test(start_paused = true)]
    async fn what_is_too_large_for_everybody_is_not_sent() {
        let fixture = limited();
        fixture.monitor.set_available(this(), AVAILABLE);
        assert_eq!(fixture.send(large_event(2001)), Err(UCode::INVALID_ARGUMENT));
        assert_eq!(fixture.send(large_request(2001)), Err(UCode::INVALID_ARGUMENT));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.send(large_event(2000)), Ok(()));
        assert_eq!(fixture.send(large_request(2000)), Ok(()));
        let metrics = fixture.metrics();
        assert_eq!((metrics.sent, metrics.too_large_for_network), (2, 0));
    }

    // [utest->dsn~someip-payload-size~1]
    #[tokio::test(start_paused = true)]
    async fn a_response_that_is_too_large_leaves_the_request_to_a_smaller_one() {
        let fixture = limited();
        let request = fixture.receive_request();
        let response = |size| large(&mut response_to(&request), size);
        assert_eq!(fixture.send(response(2001)), Err(UCode::INVALID_ARGUMENT));
        assert_eq!(fixture.vsomeip.calls(), []);
        assert_eq!(fixture.send(response(2000)), Ok(()));
    }

    // [utest->dsn~someip-payload-size~1]
    #[tokio::test(start_paused = true)]
    async fn the_limit_of_the_network_is_for_services_on_other_hosts() {
        let fixture = Fixture::new();
        fixture.monitor.set_available(this(), AVAILABLE);
        assert_eq!(fixture.send(large_request(1401)), Ok(()));
        move_away(&fixture);
        assert_eq!(fixture.send(large_request(1401)), Err(UCode::INVALID_ARGUMENT));
        assert_eq!(fixture.send(large_request(1400)), Ok(()));
    }

    // [utest->dsn~someip-payload-size~1]
    #[tokio::test(start_paused = true)]
    async fn the_caller_learns_from_the_answer_what_is_too_large_only_when_the_service_comes() {
        let mut fixture = Fixture::new();
        assert_eq!(fixture.send(large_request(1401)), Ok(()));
        fixture.monitor.set_available(this(), AVAILABLE);
        move_away(&fixture);
        assert_eq!(fixture.next_response().await.1, UCode::INVALID_ARGUMENT);
        assert_eq!(requests(fixture.vsomeip.calls()), []);
    }

    // [utest->dsn~someip-payload-size~1]
    #[tokio::test(start_paused = true)]
    async fn an_event_that_is_too_large_for_the_network_is_sent_and_counted() {
        let service = Service::new(0x1234, 2).with_unreliable(30509);
        let fixture = with_stack(StackConfig::default().with_service(service));
        for size in [1400, 1401, 1402] {
            assert_eq!(fixture.send(large_event(size)), Ok(()));
        }
        let metrics = fixture.metrics();
        assert_eq!((metrics.sent, metrics.too_large_for_network), (3, 2));
    }
}
