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

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, Weak};

use parking_lot::RwLockReadGuard;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::UnboundedReceiver;
use up_rust::UMessageBuilder;
use vsomeip_sys::{EventId, MajorVersion, MethodId};

use super::*;
use crate::events::EventOptions;
use crate::mapping::authorities::Source;
use crate::network::static_routes::StaticRoutes;
use crate::stack::StackConfig;
use crate::testing::{
    idle, inbox, number_of, numbers, published, service, uri, Call, Inbox, Vsomeip, POOL,
};

const OWN: &str = "//here/9/2/0";
const TOPIC: &str = "//ecu/21234/3/8001";
const OTHER_TOPIC: &str = "//ecu/21234/3/8002";
const ANYBODY: &str = "//*/FFFFFFFF/FF/0";
const EVERYTHING: &str = "//*/FFFFFFFF/FF/FFFF";

/// A transport over a mocked vsomeip.
struct Fixture {
    vsomeip: Arc<Vsomeip>,
    transport: Arc<UPTransportVsomeip>,
    /// How often what runs was stopped.
    stopped: Arc<AtomicUsize>,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let mut events = Events::default();
        events.insert(service(0x1111, 1), EventId(0x8001), EventOptions::in_groups(&[5]));
        let description = Description {
            local: Local::of(uri(OWN)).unwrap(),
            authorities: Authorities::new("here", "ecu"),
            configured: vec![service(0x1111, 1), service(0x2222, 7)],
            listed: vec![service(0x1111, 1), service(0x2222, 7)],
            events,
            limits: PayloadLimits::of(&StackConfig::default(), "3.4.10"),
            discovers: true,
            static_routes: StaticRoutes::default(),
            one_dispatcher: true,
            offered: Vec::new(),
            options,
        };
        let application = Arc::new(vsomeip.mock());
        let mut transport =
            UPTransportVsomeip::assemble(description, application, Handle::current());
        let stopped = Arc::new(AtomicUsize::new(0));
        let stops = stopped.clone();
        *transport.stop.get_mut() = Some(Box::new(move || {
            stops.fetch_add(1, Ordering::SeqCst);
        }));
        Self { vsomeip, transport: Arc::new(transport), stopped, _pool: pool }
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
        self.transport.registry.listeners.dispatch(published(topic, number), Source::Known)
    }

    fn calls(&self) -> Vec<Call> {
        self.vsomeip.calls()
    }

    fn stopped(&self) -> usize {
        self.stopped.load(Ordering::SeqCst)
    }
}

fn listener() -> Arc<Inbox> {
    inbox().0
}

fn is_empty(inbox: &mut UnboundedReceiver<UMessage>) -> bool {
    inbox.try_recv() == Err(TryRecvError::Empty)
}

/// What undoes what was asked of vsomeip, in reverse order.
fn undoing(calls: Vec<Call>) -> Vec<Call> {
    let undoing = calls.into_iter().rev().map(|call| match call {
        Call::OfferService(service, version) => Call::StopOfferService(service, version),
        Call::RequestService(service) => Call::ReleaseService(service),
        Call::OfferEvent(service, event) => Call::StopOfferEvent(service, event),
        Call::Subscribe(service, _, event) => Call::Unsubscribe(service, event),
        Call::RegisterHandler(service, method) => Call::UnregisterHandler(service, method),
        call => panic!("{call:?} cannot be undone"),
    });
    undoing.collect()
}

mod registering {
    use super::*;

    fn this() -> ServiceInstance {
        service(0x1234, 2)
    }

    /// A filter of each kind, and what vsomeip is asked for it.
    fn filters() -> [(&'static str, Option<&'static str>, Vec<Call>); 6] {
        let (version, event, method) = (MajorVersion(3), EventId(0x8001), MethodId(0x421));
        let subscribed = [
            Call::RequestService(this()),
            Call::RegisterHandler(this(), event.into()),
            Call::Subscribe(this(), version, event),
        ];
        let offered = |service, version| {
            [Call::RegisterHandler(service, MethodId::ANY), Call::OfferService(service, version)]
        };
        let own = MajorVersion(2);
        let known = service(0x1111, 1);
        [
            (TOPIC, None, subscribed.to_vec()),
            (TOPIC, Some(OWN), [&subscribed[..], &offered(service(9, 1), own)].concat()),
            (
                "//ecu/FFFFFFFF/3/FFFF",
                None,
                vec![Call::RequestService(known), Call::RequestService(service(0x2222, 7))],
            ),
            (ANYBODY, Some("//here/21234/3/421"), offered(this(), version).to_vec()),
            (
                "//ecu/21234/3/421",
                Some(OWN),
                vec![Call::RequestService(this()), Call::RegisterHandler(this(), method)],
            ),
            (
                EVERYTHING,
                Some("//here/FFFFFFFF/FF/FFFF"),
                [offered(known, own), offered(service(0x2222, 7), own)].concat(),
            ),
        ]
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_filter_needs_is_established_and_withdrawn_with_the_same_ids() {
        for (source, sink, established) in filters() {
            let (fixture, listener) = (Fixture::new(), listener());
            for _ in 0..2 {
                assert_eq!(fixture.register(source, sink, &listener).await, Ok(()));
                assert_eq!(fixture.calls(), established, "{source} {sink:?}");
                assert_eq!(fixture.unregister(source, sink, &listener).await, Ok(()));
                assert_eq!(fixture.calls(), undoing(established.clone()), "{source} {sink:?}");
            }
        }
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[tokio::test(start_paused = true)]
    async fn a_wildcard_topic_is_subscribed_to_where_a_service_is_available_before_and_after() {
        let (fixture, listener) = (Fixture::new(), listener());
        let found = |service, version| {
            [
                Call::RequestService(service),
                Call::RegisterHandler(service, MethodId(0x8001)),
                Call::Subscribe(service, version, EventId(0x8001)),
            ]
        };
        let (before, after) = (service(0x1234, 1), service(0x1234, 2));
        let any = Call::RequestService(service(0x1234, 0xffff));
        fixture.transport.monitor.set_available(before, Some(MajorVersion(3)));
        fixture.register("//ecu/FFFF1234/FF/8001", None, &listener).await.unwrap();
        let mut calls = fixture.calls();
        let first = [std::slice::from_ref(&any), &found(before, MajorVersion(3))].concat();
        assert_eq!(calls, first);
        fixture.transport.monitor.set_available(after, Some(MajorVersion(4)));
        fixture.transport.registry.follow(&fixture.transport.monitor.state());
        let second = fixture.calls();
        assert_eq!(second, found(after, MajorVersion(4)));
        calls.extend(second);
        fixture.unregister("//ecu/FFFF1234/FF/8001", None, &listener).await.unwrap();
        let undone = fixture.calls();
        assert_eq!(undone.len(), calls.len());
        assert!(undoing(calls).iter().all(|call| undone.contains(call)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_all_filters_need_is_withdrawn_in_the_end_in_whatever_order_they_go() {
        let (fixture, listener) = (Fixture::new(), listener());
        for (source, sink, _) in filters() {
            fixture.register(source, sink, &listener).await.unwrap();
        }
        let established = fixture.calls();
        for (source, sink, _) in filters() {
            fixture.unregister(source, sink, &listener).await.unwrap();
        }
        let (mut withdrawn, expected) = (fixture.calls(), undoing(established));
        for call in expected {
            let position = withdrawn.iter().position(|other| *other == call);
            withdrawn.remove(position.unwrap_or_else(|| panic!("{call:?} is missing")));
        }
        assert_eq!(withdrawn, []);
    }

    // [utest->dsn~utransport-registerlistener-number-of-listeners~1]
    #[tokio::test(start_paused = true)]
    async fn the_last_listener_of_a_filter_has_it_withdrawn() {
        let fixture = Fixture::new();
        let listeners = [(); 3].map(|()| listener());
        fixture.register(TOPIC, None, &listeners[0]).await.unwrap();
        let established = fixture.calls();
        for listener in &listeners[1..] {
            fixture.register(TOPIC, None, listener).await.unwrap();
        }
        for listener in &listeners[..2] {
            fixture.unregister(TOPIC, None, listener).await.unwrap();
        }
        assert_eq!(fixture.calls(), []);
        fixture.unregister(TOPIC, None, &listeners[2]).await.unwrap();
        assert_eq!(fixture.calls(), undoing(established));
    }

    // [utest->dsn~utransport-registerlistener-idempotent~1]
    #[tokio::test(start_paused = true)]
    async fn registering_twice_is_registering_once() {
        let (fixture, (listener, mut inbox)) = (Fixture::new(), inbox());
        fixture.register(TOPIC, None, &listener).await.unwrap();
        let established = fixture.calls();
        // The same, written in another way.
        let with_instance = UUri { ue_id: 0x2_1234, ..uri(TOPIC) };
        for topic in [uri(TOPIC), with_instance] {
            let again = fixture.transport.register_listener(&topic, None, listener.clone());
            assert_eq!(again.await, Ok(()));
        }
        assert_eq!(fixture.calls(), []);
        assert!(fixture.deliver(TOPIC, 0));
        assert_eq!(numbers(&mut inbox, 1).await, [0]);
        idle().await;
        assert!(is_empty(&mut inbox));
        assert_eq!(fixture.unregister(TOPIC, None, &listener).await, Ok(()));
        assert_eq!(fixture.calls(), undoing(established));
        assert!(!fixture.deliver(TOPIC, 1));
        assert_eq!(fixture.unregister(TOPIC, None, &listener).await, Err(UCode::NOT_FOUND));
    }

    // [utest->dsn~utransport-unregisterlistener-error-notfound~1]
    #[tokio::test(start_paused = true)]
    async fn what_is_not_registered_is_not_found() {
        let (fixture, registered, other) = (Fixture::new(), listener(), listener());
        fixture.register(TOPIC, None, &registered).await.unwrap();
        fixture.calls();
        for (source, sink, listener) in [
            (TOPIC, None, &other),
            (OTHER_TOPIC, None, &registered),
            ("//*/21234/3/8001", None, &registered),
            (TOPIC, Some(OWN), &registered),
        ] {
            let result = fixture.unregister(source, sink, listener).await;
            assert_eq!(result, Err(UCode::NOT_FOUND), "{source} {sink:?}");
        }
        assert_eq!(fixture.calls(), []);
        assert!(fixture.deliver(TOPIC, 0));
    }

    // [utest->dsn~utransport-registerlistener-error-invalid-parameter~1]
    // [utest->dsn~utransport-unregisterlistener-error-invalid-parameter~1]
    #[tokio::test(start_paused = true)]
    async fn what_is_no_filter_is_an_invalid_argument() {
        let (fixture, listener) = (Fixture::new(), listener());
        for (source, sink) in [
            (OWN, None),
            ("//ecu/21234/3/421", None),
            (TOPIC, Some("//here/9/2/421")),
            (OWN, Some("//here/9/2/0")),
        ] {
            let result = fixture.register(source, sink, &listener).await;
            assert_eq!(result, Err(UCode::INVALID_ARGUMENT), "{source} {sink:?}");
            let result = fixture.unregister(source, sink, &listener).await;
            assert_eq!(result, Err(UCode::INVALID_ARGUMENT), "{source} {sink:?}");
        }
        assert_eq!(fixture.calls(), []);
    }

    // [utest->req~utransport-registerlistener-max-listeners~1]
    // [utest->dsn~utransport-registerlistener-error-resource-exhausted~1]
    #[tokio::test(start_paused = true)]
    async fn there_are_only_so_many_listeners() {
        let fixture = Fixture::with(Options { max_listeners: 2, ..Options::default() });
        let listener = listener();
        fixture.register(TOPIC, None, &listener).await.unwrap();
        fixture.register(TOPIC, Some(OWN), &listener).await.unwrap();
        fixture.calls();
        let refused = Err(UCode::RESOURCE_EXHAUSTED);
        assert_eq!(fixture.register(OTHER_TOPIC, None, &listener).await, refused);
        assert!(!fixture.deliver(OTHER_TOPIC, 0));
        assert_eq!(fixture.calls(), []);
        // One of those that are there already is not one more.
        assert_eq!(fixture.register(TOPIC, None, &listener).await, Ok(()));
        fixture.unregister(TOPIC, None, &listener).await.unwrap();
        assert_eq!(fixture.register(OTHER_TOPIC, None, &listener).await, Ok(()));
        assert_eq!(fixture.register(TOPIC, None, &listener).await, refused);
    }

    // [utest->req~utransport-registerlistener-max-listeners~1]
    // [utest->dsn~utransport-registerlistener-error-resource-exhausted~1]
    #[tokio::test(start_paused = true)]
    async fn there_are_only_so_many_listeners_with_the_same_filter() {
        let options = Options { max_listeners_per_filter: 2, ..Options::default() };
        let fixture = Fixture::with(options);
        let [first, second, third] = [(); 3].map(|()| listener());
        for (source, sink) in [(TOPIC, None), (TOPIC, Some(OWN)), (EVERYTHING, None)] {
            fixture.register(source, sink, &first).await.unwrap();
            fixture.register(source, sink, &second).await.unwrap();
            fixture.calls();
            let refused = Err(UCode::RESOURCE_EXHAUSTED);
            assert_eq!(fixture.register(source, sink, &third).await, refused);
            assert_eq!(fixture.calls(), []);
            assert_eq!(fixture.register(source, sink, &second).await, Ok(()));
            fixture.unregister(source, sink, &first).await.unwrap();
            assert_eq!(fixture.register(source, sink, &third).await, Ok(()));
            assert_eq!(fixture.register(source, sink, &first).await, refused);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_registration_that_fails_leaves_nothing_behind() {
        let fixture = Fixture::with(Options { max_listeners: 1, ..Options::default() });
        let (listener, mut inbox) = inbox();
        for (source, sink, established) in filters() {
            for refused in &established {
                fixture.vsomeip.refuse(refused.clone());
                let result = fixture.register(source, sink, &listener).await;
                assert_eq!(result, Err(UCode::INTERNAL), "{refused:?}");
                assert!(!fixture.deliver(TOPIC, 0));
                let result = fixture.unregister(source, sink, &listener).await;
                assert_eq!(result, Err(UCode::NOT_FOUND), "{refused:?}");
                fixture.vsomeip.refuse_nothing();
                fixture.calls();
            }
            fixture.register(source, sink, &listener).await.unwrap();
            assert_eq!(fixture.calls(), established);
            fixture.unregister(source, sink, &listener).await.unwrap();
            fixture.calls();
        }
        assert!(is_empty(&mut inbox));
    }

    // [utest->dsn~utransport-registerlistener-listener-reuse~1]
    #[tokio::test(start_paused = true)]
    async fn a_listener_with_several_filters_has_one_queue() {
        let fixture = Fixture::with(Options { listener_queue: 3, ..Options::default() });
        let (listener, mut inbox) = inbox();
        for source in [TOPIC, OTHER_TOPIC, EVERYTHING] {
            fixture.register(source, None, &listener).await.unwrap();
        }
        for (number, topic) in (0..5).zip([TOPIC, OTHER_TOPIC].iter().cycle()) {
            assert!(fixture.deliver(topic, number));
        }
        assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
        idle().await;
        assert!(is_empty(&mut inbox));
        assert_eq!(fixture.transport.metrics().dropped_queue_full, 2);
        assert_eq!(fixture.transport.metrics().delivered, 3);
    }

    // [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
    #[tokio::test(start_paused = true)]
    async fn who_registers_again_gets_what_comes_then() {
        let (fixture, (listener, mut inbox)) = (Fixture::new(), inbox());
        for round in 0..3 {
            fixture.register(TOPIC, None, &listener).await.unwrap();
            assert!(fixture.deliver(TOPIC, 2 * round));
            fixture.unregister(TOPIC, None, &listener).await.unwrap();
            assert!(!fixture.deliver(TOPIC, 100));
            fixture.register(TOPIC, None, &listener).await.unwrap();
            assert!(fixture.deliver(TOPIC, 2 * round + 1));
            assert_eq!(numbers(&mut inbox, 1).await, [2 * round + 1]);
            fixture.unregister(TOPIC, None, &listener).await.unwrap();
        }
        idle().await;
        assert!(is_empty(&mut inbox));
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_is_let_go_of_when_it_is_unregistered() {
        let (fixture, listener) = (Fixture::new(), listener());
        for _ in 0..100 {
            fixture.register(TOPIC, None, &listener).await.unwrap();
            fixture.unregister(TOPIC, None, &listener).await.unwrap();
        }
        assert_eq!(Arc::strong_count(&listener), 1);
        // The next one may have its address.
        for _ in 0..100 {
            let (listener, mut inbox) = inbox();
            fixture.register(TOPIC, None, &listener).await.unwrap();
            assert!(fixture.deliver(TOPIC, 1));
            assert_eq!(numbers(&mut inbox, 1).await, [1]);
            fixture.unregister(TOPIC, None, &listener).await.unwrap();
        }
        assert!(fixture.transport.registry.entries.lock().remembered() <= 2);
    }

    #[tokio::test]
    async fn a_listener_may_use_the_transport_as_it_is_dropped() {
        struct Parting {
            transport: Weak<UPTransportVsomeip>,
            found_it_free: Arc<AtomicUsize>,
        }

        #[async_trait]
        impl UListener for Parting {
            async fn on_receive(&self, _: UMessage) {}
        }

        impl Drop for Parting {
            fn drop(&mut self) {
                let Some(transport) = self.transport.upgrade() else { return };
                let is_free = transport.registry.entries.try_lock().is_some();
                self.found_it_free.fetch_add(is_free.into(), Ordering::SeqCst);
            }
        }

        let (fixture, found_it_free) = (Fixture::new(), Arc::new(AtomicUsize::new(0)));
        let register = |topic| {
            let transport = &fixture.transport;
            let listener = Arc::new(Parting {
                transport: Arc::downgrade(transport),
                found_it_free: found_it_free.clone(),
            });
            async move { transport.register_listener(&uri(topic), None, listener).await }
        };
        fixture.vsomeip.refuse(Call::RequestService(service(0x1234, 2)));
        register(TOPIC).await.unwrap_err();
        assert_eq!(found_it_free.load(Ordering::SeqCst), 1);
        fixture.vsomeip.refuse_nothing();
        register(TOPIC).await.unwrap();
        fixture.transport.shutdown().await;
        assert_eq!(found_it_free.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_may_register_unregister_and_send() {
        struct Busy {
            transport: OnceLock<Arc<UPTransportVsomeip>>,
            other: Arc<Inbox>,
        }

        #[async_trait]
        impl UListener for Busy {
            async fn on_receive(&self, message: UMessage) {
                let transport = self.transport.get().unwrap();
                assert_eq!(number_of(&message), 0);
                transport
                    .register_listener(&uri(OTHER_TOPIC), None, self.other.clone())
                    .await
                    .unwrap();
                transport.unregister_listener(&uri(TOPIC), None, self.other.clone()).await.unwrap();
                transport.send(published("//here/9/2/8001", 1)).await.unwrap();
            }
        }

        let fixture = Fixture::new();
        let transport = &fixture.transport;
        let (other, mut inbox) = inbox();
        let busy = Arc::new(Busy { transport: OnceLock::new(), other: other.clone() });
        assert!(busy.transport.set(transport.clone()).is_ok());
        transport.register_listener(&uri(TOPIC), None, other.clone()).await.unwrap();
        transport.register_listener(&uri(TOPIC), None, busy.clone()).await.unwrap();
        assert!(fixture.deliver(TOPIC, 0));
        assert_eq!(numbers(&mut inbox, 1).await, [0]);
        idle().await;
        assert!(fixture.deliver(OTHER_TOPIC, 2));
        assert_eq!(numbers(&mut inbox, 1).await, [2]);
        let notified = Call::Notify(service(9, 1), EventId(0x8001), 1_u32.to_be_bytes().into());
        assert_eq!(fixture.calls().last(), Some(&notified));
        transport.unregister_listener(&uri(TOPIC), None, busy.clone()).await.unwrap();
    }
}

mod ending {
    use super::*;

    async fn used() -> (Fixture, Vec<Call>) {
        let fixture = Fixture::new();
        fixture.register(TOPIC, None, &listener()).await.unwrap();
        fixture.register(ANYBODY, Some("//here/21234/3/421"), &listener()).await.unwrap();
        fixture.send(published("//here/9/2/8001", 0)).await.unwrap();
        let sink = uri("//ecu/5678/1/1");
        let request = UMessageBuilder::request(sink, uri(OWN), 1000).build().unwrap();
        fixture.send(request).await.unwrap();
        let mut established = fixture.calls();
        established.retain(|call| !matches!(call, Call::Notify(..)));
        (fixture, established)
    }

    fn assert_withdrawn(mut calls: Vec<Call>, established: Vec<Call>) {
        for call in undoing(established) {
            let position = calls.iter().position(|other| *other == call);
            calls.remove(position.unwrap_or_else(|| panic!("{call:?} is missing")));
        }
        assert_eq!(calls, []);
    }

    #[tokio::test]
    async fn the_end_withdraws_everything_once_and_stops_what_runs() {
        let (fixture, established) = used().await;
        assert_eq!(fixture.stopped(), 0);
        fixture.transport.shutdown().await;
        assert_eq!(fixture.stopped(), 1);
        assert_withdrawn(fixture.calls(), established);
        fixture.transport.shutdown().await;
        assert_eq!(fixture.stopped(), 1);
        let Fixture { vsomeip, transport, stopped, _pool } = fixture;
        drop(transport);
        assert_eq!(stopped.load(Ordering::SeqCst), 1);
        assert_eq!(vsomeip.calls(), []);
    }

    #[tokio::test]
    async fn a_transport_that_is_dropped_ends_too() {
        let (fixture, established) = used().await;
        let Fixture { vsomeip, transport, stopped, _pool } = fixture;
        drop(transport);
        assert_eq!(stopped.load(Ordering::SeqCst), 1);
        assert_withdrawn(vsomeip.calls(), established);
    }

    #[tokio::test]
    async fn after_the_end_everything_is_unavailable() {
        let (fixture, listener) = (Fixture::new(), listener());
        fixture.register(TOPIC, None, &listener).await.unwrap();
        fixture.transport.shutdown().await;
        fixture.calls();
        let unavailable = Err(UCode::UNAVAILABLE);
        assert_eq!(fixture.register(OTHER_TOPIC, None, &listener).await, unavailable);
        assert_eq!(fixture.register(TOPIC, None, &listener).await, unavailable);
        assert_eq!(fixture.unregister(TOPIC, None, &listener).await, unavailable);
        assert_eq!(fixture.send(published("//here/9/2/8001", 0)).await, unavailable);
        assert_eq!(fixture.calls(), []);
        assert_eq!(Arc::strong_count(&listener), 1);
    }

    #[tokio::test]
    async fn a_listener_that_panics_as_it_is_dropped_does_not_keep_the_transport_from_ending() {
        struct Bomb;

        #[async_trait]
        impl UListener for Bomb {
            async fn on_receive(&self, _: UMessage) {}
        }

        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("on purpose");
            }
        }

        let (fixture, other) = (Fixture::new(), listener());
        let transport = &fixture.transport;
        transport.register_listener(&uri(TOPIC), None, Arc::new(Bomb)).await.unwrap();
        fixture.register(OTHER_TOPIC, None, &other).await.unwrap();
        fixture.transport.shutdown().await;
        assert_eq!(fixture.stopped(), 1);
        assert_eq!(Arc::strong_count(&other), 1);
    }

    #[tokio::test]
    async fn who_waits_for_a_service_learns_of_the_end() {
        let fixture = Fixture::new();
        let waiting = tokio::spawn({
            let transport = fixture.transport.clone();
            async move { transport.wait_for_service(&uri("//ecu/21234/3/0")).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(fixture.calls(), [Call::RequestService(service(0x1234, 2))]);
        fixture.transport.shutdown().await;
        assert_eq!(waiting.await.unwrap().unwrap_err().get_code(), UCode::UNAVAILABLE);
    }

    #[tokio::test]
    async fn nothing_is_delivered_after_the_end() {
        let (fixture, (listener, mut inbox)) = (Fixture::new(), inbox());
        fixture.register(TOPIC, None, &listener).await.unwrap();
        // Nothing is delivered before this task waits.
        assert!(fixture.deliver(TOPIC, 0));
        fixture.transport.shutdown().await;
        assert!(!fixture.deliver(TOPIC, 1));
        assert!(is_empty(&mut inbox));
        assert_eq!(fixture.transport.metrics().delivered, 0);
    }
}

// [utest->dsn~utransport-receive-error-unimplemented~1]
#[tokio::test]
async fn nothing_can_be_fetched() {
    let status = Fixture::new().transport.receive(&uri(TOPIC), None).await.unwrap_err();
    assert_eq!(status.get_code(), UCode::UNIMPLEMENTED);
}

// [utest->dsn~localuriprovider-getauthority~1]
// [utest->dsn~localuriprovider-getsource-uri-segments~1]
// [utest->dsn~localuriprovider-getresource~1]
#[tokio::test]
async fn the_transport_provides_the_uris_of_its_entity() {
    let transport = Fixture::new().transport;
    assert_eq!(transport.get_authority(), "here");
    assert_eq!(transport.get_source_uri(), uri(OWN));
    assert_eq!(transport.get_resource_uri(0x8001), uri("//here/9/2/8001"));
}
