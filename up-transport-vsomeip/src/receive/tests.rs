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
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;
use up_rust::UMessageBuilder;
use vsomeip_sys::{InstanceId, MajorVersion, MethodId, RequestId, ServiceId, SessionId};

use super::*;
use crate::delivery::mailbox::Worker;
use crate::mapping::request_context::LastAddresses;
use crate::metrics::Metrics;
use crate::registration::filter::Filter;
use crate::registration::routes::Registration;
use crate::testing::{idle, inbox, next, uri, Call, Vsomeip, CLIENT, POOL};

const OWN: &str = "//here/9/1/0";
const ANYBODY: &str = "//*/FFFFFFFF/FF/0";
const EVERYTHING: &str = "//*/FFFFFFFF/FF/FFFF";
const EVENT: u16 = 0x8001;
const METHOD: u16 = 0x421;
const TTL: Duration = Duration::from_millis(1500);

/// What of a receiver can be different.
struct Setup {
    max_incoming: usize,
    payload_format: UPayloadFormat,
}

impl Default for Setup {
    fn default() -> Self {
        let payload_format = UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED;
        Self { max_incoming: 1000, payload_format }
    }
}

/// A receiver in front of a mocked vsomeip. The service 1234 is known to be at `//brakes`.
struct Fixture {
    vsomeip: Arc<Vsomeip>,
    receiver: Arc<Receiver>,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Setup::default())
    }

    fn with(setup: Setup) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let application: Arc<dyn SomeIp> = Arc::new(vsomeip.mock());
        let mut authorities = Authorities::new("here", "ecu");
        authorities.services.insert((ServiceId(0x1234), None), "brakes".to_owned());
        let receiver = Arc::new(Receiver {
            application: application.clone(),
            authorities,
            own: uri(OWN),
            listeners: Arc::default(),
            outgoing: Arc::new(OutgoingRequests::new(application, 1000)),
            incoming: Arc::new(IncomingRequests::new(setup.max_incoming)),
            counters: Arc::default(),
            payload_format: setup.payload_format,
            request_ttl: TTL,
            invalid: InvalidKinds::default(),
        });
        tokio::spawn(watch_deadlines(receiver.clone()));
        Self { vsomeip, receiver, _pool: pool }
    }

    fn listen(&self, source: &str, sink: Option<&str>) -> UnboundedReceiver<UMessage> {
        let (worker, inbox) = self.worker();
        self.register(source, sink, &worker);
        inbox
    }

    fn worker(&self) -> (Arc<Worker>, UnboundedReceiver<UMessage>) {
        let (listener, inbox) = inbox();
        let counters = self.receiver.counters.clone();
        (Arc::new(Worker::new(listener, 1000, Handle::current(), counters)), inbox)
    }

    fn register(&self, source: &str, sink: Option<&str>, worker: &Arc<Worker>) {
        let filter = Filter::new(&uri(source), sink.map(uri).as_ref()).unwrap();
        self.receiver.listeners.add(Arc::new(Registration::new(filter, worker.clone())));
    }

    fn receive(&self, header: &Header) {
        self.receive_with(header, "");
    }

    fn receive_with(&self, header: &Header, payload: &'static str) {
        // An empty message is a request, which is all that answering one needs.
        self.receiver.accept(header, Bytes::from_static(payload.as_bytes()), &Message::default());
    }

    /// Sends a request to a service at `//brakes`; returns its message and the header of its response.
    fn send_request(&self) -> (UMessage, Header) {
        let sink = uri("//brakes/1234/1/421");
        let request = UMessageBuilder::request(sink, uri(OWN), 1000).build().unwrap();
        let context =
            RequestContext::of(request.attributes.clone().unwrap(), &LastAddresses::default());
        let deadline = Instant::now() + Duration::from_secs(1);
        self.vsomeip.continue_after(6);
        self.receiver
            .outgoing
            .send(&super::tests::request(), &Bytes::new(), deadline, || context)
            .unwrap();
        (request, Header { session: 7, ..header(MessageType::Response, METHOD) })
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
        self.receiver.counters.snapshot(Default::default())
    }
}

/// What arrives at, or comes from, service 1234, instance 1, version 1. If it is a request, the
/// client 107 sent it.
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

mod events {
    use super::*;

    // [utest->dsn~someip-source-authority~1]
    #[tokio::test(start_paused = true)]
    async fn an_event_comes_from_where_its_service_is_known_to_be() {
        let fixture = Fixture::new();
        let mut all = fixture.listen(EVERYTHING, None);
        let mut there = fixture.listen("//brakes/1234/1/8001", None);
        // Nobody else can claim it.
        let mut elsewhere = fixture.listen("//elsewhere/1234/1/8001", None);
        fixture.receive_with(&event(), "x");
        for inbox in [&mut all, &mut there] {
            let message = next(inbox).await;
            assert!(message.is_publish());
            assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/8001"));
            assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
        }
        idle().await;
        assert!(is_empty(&mut elsewhere));
    }

    // [utest->dsn~someip-source-authority~1]
    #[tokio::test(start_paused = true)]
    async fn an_event_of_any_other_service_comes_from_where_its_listener_thinks_it_is() {
        let fixture = Fixture::new();
        let mut all = fixture.listen(EVERYTHING, None);
        let mut there = fixture.listen("//elsewhere/5678/1/8001", None);
        fixture.receive(&Header { service: 0x5678, ..event() });
        assert_eq!(next(&mut all).await.source_unchecked(), &uri("//ecu/5678/1/8001"));
        assert_eq!(next(&mut there).await.source_unchecked(), &uri("//elsewhere/5678/1/8001"));
    }

    // [utest->dsn~someip-notification-in~1]
    #[tokio::test(start_paused = true)]
    async fn an_event_is_a_publication_to_some_and_a_notification_to_others() {
        let fixture = Fixture::new();
        let mut publications = fixture.listen("//brakes/1234/1/8001", None);
        let mut notifications = fixture.listen("//brakes/1234/1/8001", Some(OWN));
        let mut of_any_service = fixture.listen("//*/FFFFFFFF/FF/8001", Some(OWN));
        fixture.receive_with(&event(), "x");
        assert!(next(&mut publications).await.is_publish());
        for inbox in [&mut notifications, &mut of_any_service] {
            let message = next(inbox).await;
            assert!(message.is_notification());
            assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/8001"));
            assert_eq!(message.sink_unchecked(), &uri(OWN));
            assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
        }
        idle().await;
        for inbox in [&mut publications, &mut notifications, &mut of_any_service] {
            assert!(is_empty(inbox));
        }
        let metrics = fixture.metrics();
        assert_eq!((metrics.delivered, metrics.dropped_unmatched), (3, 0));
    }

    // [utest->dsn~someip-notification-in~1]
    #[tokio::test(start_paused = true)]
    async fn who_takes_all_that_is_sent_to_it_is_not_sent_the_events_of_others() {
        let fixture = Fixture::new();
        let mut sent_to_own = fixture.listen(EVERYTHING, Some(OWN));
        let mut sent_to_anybody = fixture.listen(EVERYTHING, Some(EVERYTHING));
        let mut publications = fixture.listen("//brakes/1234/1/8001", None);
        let mut notifications = fixture.listen("//brakes/1234/1/8001", Some(OWN));
        fixture.receive(&event());
        assert!(next(&mut publications).await.is_publish());
        assert!(next(&mut notifications).await.is_notification());
        idle().await;
        assert!(is_empty(&mut sent_to_own));
        assert!(is_empty(&mut sent_to_anybody));
    }

    // [utest->dsn~someip-notification-in~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_goes_to_the_sink_that_its_filter_names() {
        const OTHER: &str = "//there/77/3/0";
        const EVENT: &str = "//brakes/1234/1/8001";
        let fixture = Fixture::new();
        let mut own = fixture.listen(EVENT, Some(OWN));
        let mut other = fixture.listen(EVENT, Some(OTHER));
        let (worker, mut both) = fixture.worker();
        for sink in [OWN, ANYBODY, OTHER] {
            fixture.register(EVENT, Some(sink), &worker);
        }
        fixture.receive(&event());
        assert_eq!(next(&mut own).await.sink_unchecked(), &uri(OWN));
        assert_eq!(next(&mut other).await.sink_unchecked(), &uri(OTHER));
        for sink in [OWN, OTHER] {
            assert_eq!(next(&mut both).await.sink_unchecked(), &uri(sink));
        }
        idle().await;
        for inbox in [&mut own, &mut other, &mut both] {
            assert!(is_empty(inbox));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_counts_as_unmatched_if_nobody_takes_it_in_either_way() {
        let fixture = Fixture::new();
        fixture.receive(&event());
        assert_eq!(fixture.metrics().dropped_unmatched, 1);
        let mut notifications = fixture.listen("//brakes/1234/1/8001", Some(OWN));
        fixture.receive(&event());
        next(&mut notifications).await;
        assert_eq!(fixture.metrics().dropped_unmatched, 1);
        fixture.receive(&Header { instance: 2, ..event() });
        assert_eq!(fixture.metrics().dropped_unmatched, 2);
    }
}

mod notifications {
    use super::*;

    fn notification() -> Header {
        header(MessageType::RequestNoReturn, 0)
    }

    // [utest->dsn~someip-notification-in~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_without_return_to_method_0_is_a_notification_from_any_resource_of_its_client(
    ) {
        let fixture = Fixture::new();
        let sink = Some("//here/1234/1/0");
        let mut inboxes = [
            ("//ecu/107/1/8001", "//ecu/107/1/8001"),
            ("//phone/107/1/8002", "//phone/107/1/8002"),
            ("//*/FFFFFFFF/FF/8003", "//ecu/107/1/8003"),
            (EVERYTHING, "//ecu/107/1/8000"),
        ]
        .map(|(source, expected)| (fixture.listen(source, sink), expected));
        let mut of_another = fixture.listen("//ecu/108/1/8001", sink);
        fixture.receive_with(&notification(), "x");
        for (inbox, expected) in &mut inboxes {
            let message = next(inbox).await;
            assert!(message.is_notification());
            assert_eq!(message.source_unchecked(), &uri(expected));
            assert_eq!(message.sink_unchecked(), &uri("//here/1234/1/0"));
            assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
        }
        idle().await;
        assert!(is_empty(&mut of_another));
    }

    // [utest->dsn~someip-notification-in~1]
    #[tokio::test(start_paused = true)]
    async fn a_notification_that_nobody_takes_is_counted_and_not_answered() {
        let fixture = Fixture::new();
        fixture.receive(&notification());
        assert_eq!(fixture.metrics().dropped_unmatched, 1);
        assert_eq!(fixture.vsomeip.calls(), []);
    }
}

mod requests {
    use super::*;

    // [utest->dsn~someip-request-in~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_is_kept_for_the_time_that_its_listener_is_told() {
        let fixture = Fixture::new();
        let mut requests = fixture.listen(ANYBODY, Some("//here/1234/1/421"));
        for message_type in [MessageType::Request, MessageType::RequestNoReturn] {
            fixture.receive_with(&header(message_type, METHOD), "x");
            let message = next(&mut requests).await;
            assert!(message.is_request());
            assert_eq!(message.source_unchecked(), &uri("//ecu/107/1/0"));
            assert_eq!(message.sink_unchecked(), &uri("//here/1234/1/421"));
            assert_eq!(message.ttl().map(u128::from), Some(TTL.as_millis()));
            assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
            assert!(fixture.receiver.incoming.take(message.id_unchecked()).is_some());
        }
        fixture.receive(&request());
        let unanswered = next(&mut requests).await;
        sleep(TTL - Duration::from_millis(1)).await;
        assert_eq!(fixture.refusals(), []);
        sleep(Duration::from_millis(3)).await;
        assert_eq!(fixture.refusals(), [ReturnCode::Timeout]);
        assert!(fixture.receiver.incoming.take(unanswered.id_unchecked()).is_none());
        assert_eq!(fixture.metrics().unanswered, 1);
    }

    // [utest->dsn~someip-request-in~1]
    #[tokio::test(start_paused = true)]
    async fn a_request_that_nobody_takes_is_refused_with_the_reason() {
        use ReturnCode::{UnknownMethod, WrongInterfaceVersion};
        let fixture = Fixture::new();
        let mut requests = fixture.listen(ANYBODY, Some("//here/1234/1/421"));
        let mut of_one_client = fixture.listen("//ecu/108/1/0", Some("//here/1234/1/423"));
        // Responses from a method of that number elsewhere.
        let mut responses = fixture.listen("//ecu/1234/2/424", Some(OWN));
        for (what, header, reason) in [
            ("another method", Header { method: 0x422, ..request() }, UnknownMethod),
            (
                "another version",
                Header { interface_version: 2, ..request() },
                WrongInterfaceVersion,
            ),
            ("another instance", Header { instance: 2, ..request() }, UnknownMethod),
            ("another service", Header { service: 0x5678, ..request() }, UnknownMethod),
            ("from another client", Header { method: 0x423, ..request() }, UnknownMethod),
            ("a method of others", Header { method: 0x424, ..request() }, UnknownMethod),
            ("no method", Header { method: 0, ..request() }, UnknownMethod),
            ("an event", Header { method: EVENT, ..request() }, UnknownMethod),
        ] {
            fixture.receive(&header);
            assert_eq!(fixture.refusals(), [reason], "{what}");
            let no_return = Header { message_type: MessageType::RequestNoReturn.into(), ..header };
            fixture.receive(&no_return);
            assert_eq!(fixture.refusals(), [], "{what}, without return");
        }
        // What was refused is not kept.
        sleep(2 * TTL).await;
        assert_eq!(fixture.refusals(), []);
        assert_eq!(fixture.metrics().unanswered, 0);
        for inbox in [&mut requests, &mut of_one_client, &mut responses] {
            assert!(is_empty(inbox));
        }
        fixture.receive(&request());
        next(&mut requests).await;
        assert_eq!(fixture.refusals(), []);
    }

    // [utest->dsn~someip-response-to-request~1]
    #[tokio::test(start_paused = true)]
    async fn only_so_many_requests_wait_for_their_answers() {
        let fixture = Fixture::with(Setup { max_incoming: 2, ..Setup::default() });
        let mut requests = fixture.listen(ANYBODY, Some("//here/1234/1/421"));
        fixture.receive(&request());
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), []);
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
        // One is answered.
        let answered = next(&mut requests).await;
        assert!(fixture.receiver.incoming.take(answered.id_unchecked()).is_some());
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), []);
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
        // The others are not, for too long.
        sleep(2 * TTL).await;
        assert_eq!(fixture.refusals(), [ReturnCode::Timeout; 2]);
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), []);
        for _ in 0..3 {
            next(&mut requests).await;
        }
        idle().await;
        assert!(is_empty(&mut requests));
    }

    #[tokio::test(start_paused = true)]
    async fn what_wants_no_answer_is_received_even_if_no_more_can_wait_for_one() {
        let fixture = Fixture::with(Setup { max_incoming: 0, ..Setup::default() });
        let mut requests = fixture.listen(ANYBODY, Some("//here/1234/1/421"));
        fixture.receive(&header(MessageType::RequestNoReturn, METHOD));
        next(&mut requests).await;
        fixture.receive(&request());
        assert_eq!(fixture.refusals(), [ReturnCode::NotReady]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_vsomeip_refuses_is_the_end_of_it() {
        let fixture = Fixture::new();
        let kind = ResponseKind {
            message_type: MessageType::Error,
            return_code: ReturnCode::UnknownMethod,
        };
        fixture.vsomeip.refuse(Call::SendResponse(kind, Vec::new()));
        fixture.receive(&request());
        assert_eq!(fixture.metrics().dropped_unmatched, 1);
    }
}

mod responses {
    use super::*;

    // [utest->dsn~someip-response-in~1]
    #[tokio::test(start_paused = true)]
    async fn a_response_comes_from_where_its_request_went_to() {
        let fixture = Fixture::new();
        let mut all = fixture.listen(EVERYTHING, Some(OWN));
        let mut there = fixture.listen("//brakes/1234/1/421", Some(OWN));
        let mut elsewhere = fixture.listen("//elsewhere/1234/1/421", Some(OWN));
        let (request, response) = fixture.send_request();
        fixture.receive_with(&response, "x");
        for inbox in [&mut all, &mut there] {
            let message = next(inbox).await;
            assert!(message.is_response());
            assert_eq!(message.source_unchecked(), &uri("//brakes/1234/1/421"));
            assert_eq!(message.request_id_unchecked(), request.id_unchecked());
            assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
        }
        idle().await;
        assert!(is_empty(&mut elsewhere));
    }

    // [utest->dsn~someip-request-id~1]
    #[tokio::test(start_paused = true)]
    async fn a_response_to_no_request_is_counted_and_dropped() {
        let fixture = Fixture::new();
        let mut all = fixture.listen(EVERYTHING, Some(OWN));
        let (_, response) = fixture.send_request();
        for stray in [
            Header { session: response.session + 1, ..response },
            Header { client: response.client + 1, ..response },
        ] {
            fixture.receive(&stray);
        }
        fixture.receive(&response);
        fixture.receive(&response);
        next(&mut all).await;
        idle().await;
        assert!(is_empty(&mut all));
        assert_eq!(fixture.metrics().uncorrelated, 3);
        let id = RequestId::new(CLIENT, SessionId(response.session));
        assert!(fixture.receiver.outgoing.answered(id).is_none());
    }
}

// [utest->dsn~someip-payload-format~1]
#[tokio::test(start_paused = true)]
async fn what_has_a_payload_has_it_in_the_format_that_was_agreed_upon() {
    use UPayloadFormat::{UPAYLOAD_FORMAT_PROTOBUF, UPAYLOAD_FORMAT_UNSPECIFIED};
    for agreed in [UPAYLOAD_FORMAT_UNSPECIFIED, UPAYLOAD_FORMAT_PROTOBUF] {
        let fixture = Fixture::with(Setup { payload_format: agreed, ..Setup::default() });
        let mut publications = fixture.listen("//brakes/1234/1/8001", None);
        let mut to_own = fixture.listen("//brakes/1234/1/8001", Some(OWN));
        let mut to_service = fixture.listen(EVERYTHING, Some("//here/1234/1/0"));
        let mut requests = fixture.listen(ANYBODY, Some("//here/1234/1/421"));
        let mut responses = fixture.listen("//brakes/1234/1/421", Some(OWN));
        for (payload, expected) in [("x", agreed), ("", UPAYLOAD_FORMAT_UNSPECIFIED)] {
            let (_, response) = fixture.send_request();
            let notification = header(MessageType::RequestNoReturn, 0);
            for header in [event(), notification, request(), response] {
                fixture.receive_with(&header, payload);
            }
            for inbox in
                [&mut publications, &mut to_own, &mut to_service, &mut requests, &mut responses]
            {
                let message = next(inbox).await;
                assert_eq!(message.payload.is_some(), !payload.is_empty());
                assert_eq!(message.payload_format_unchecked(), expected, "{message:?}");
            }
        }
    }
}

// [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
#[tokio::test(start_paused = true)]
async fn what_makes_no_valid_message_is_counted_and_dropped() {
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
    // An empty message is a request to method 0.
    fixture.receiver.receive(&Message::default());
    assert_eq!(fixture.refusals(), [ReturnCode::UnknownMethod]);
    let metrics = fixture.metrics();
    assert_eq!((metrics.received, metrics.dropped_invalid), (1, 5));
    // The two notifications are of one kind, which is logged once.
    assert_eq!(fixture.receiver.invalid.0.lock().len(), 4);
    assert_eq!((metrics.delivered, metrics.dropped_unmatched), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_listener_sees_the_bytes_that_were_received_and_no_copy_of_them() {
    let fixture = Fixture::new();
    let mut events = fixture.listen("//*/1234/FF/8001", None);
    let received = Bytes::from(vec![7; 1000]);
    let header = header(MessageType::Notification, 0x8001);
    fixture.receiver.accept(&header, received.clone(), &Message::default());
    let payload = next(&mut events).await.payload.unwrap();
    assert_eq!((payload.as_ptr(), payload.len()), (received.as_ptr(), 1000));
}
