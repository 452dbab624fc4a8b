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

use std::sync::OnceLock;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;
use up_rust::{UListener, UMessageBuilder, UUID};

use super::*;
use crate::metrics::Counters;
use crate::testing::{inbox, next, number_of, numbers, published, service, uri, Inbox};

const TOPIC: &str = "//ecu/1234/1/8001";
const OTHER_TOPIC: &str = "//ecu/1234/1/8002";
/// A topic that no test registers anything else for.
const SENTINEL: &str = "//ecu/9999/1/8001";

fn worker(listener: Arc<dyn UListener>) -> Arc<Worker> {
    Arc::new(Worker::new(listener, 1000, Handle::current(), Arc::new(Counters::default())))
}

fn worker_with_inbox() -> (Arc<Worker>, UnboundedReceiver<UMessage>) {
    let (listener, inbox) = inbox();
    (worker(listener), inbox)
}

impl Listeners {
    fn register(
        &self,
        worker: &Arc<Worker>,
        source: &str,
        sink: Option<&str>,
    ) -> Arc<Registration> {
        let filter = Filter::new(&uri(source), sink.map(uri).as_ref()).unwrap();
        let registration = Arc::new(Registration::new(filter, worker.clone()));
        self.add(registration.clone());
        registration
    }

    /// Dispatches a message; returns whether there is anybody to get it.
    fn publish(&self, topic: &str, number: u32) -> bool {
        self.dispatch(published(topic, number), Source::Known)
    }

    /// Makes sure that nothing is queued for a worker: a further message is the next one.
    async fn assert_empty(&self, worker: &Arc<Worker>, inbox: &mut UnboundedReceiver<UMessage>) {
        let sentinel = self.register(worker, SENTINEL, None);
        assert!(self.publish(SENTINEL, u32::MAX));
        assert_eq!(numbers(inbox, 1).await, [u32::MAX]);
        self.remove(&sentinel);
    }

    fn is_empty(&self) -> bool {
        let index = self.index.read();
        index.named.is_empty() && index.wildcards.is_empty()
    }
}

// [utest->dsn~utransport-registerlistener-number-of-listeners~1]
#[tokio::test(start_paused = true)]
async fn each_listener_of_a_filter_gets_each_message() {
    let listeners = Listeners::default();
    let mut inboxes = Vec::new();
    for _ in 0..5 {
        let (worker, inbox) = worker_with_inbox();
        listeners.register(&worker, TOPIC, None);
        inboxes.push((worker, inbox));
    }
    for number in 0..3 {
        assert!(listeners.publish(TOPIC, number));
    }
    for (worker, mut inbox) in inboxes {
        assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
        listeners.assert_empty(&worker, &mut inbox).await;
    }
}

// [utest->dsn~utransport-registerlistener-listener-reuse~1]
#[tokio::test(start_paused = true)]
async fn a_listener_with_many_filters_gets_the_messages_of_each() {
    let listeners = Listeners::default();
    let (worker, mut inbox) = worker_with_inbox();
    let topics: Vec<_> = (0..20).map(|n| format!("//ecu/12{n:02}/1/8001")).collect();
    for topic in &topics {
        listeners.register(&worker, topic, None);
    }
    for (number, topic) in (0..).zip(&topics) {
        assert!(listeners.publish(topic, number));
    }
    assert_eq!(numbers(&mut inbox, topics.len()).await, Vec::from_iter(0..20));
}

// [utest->dsn~utransport-registerlistener-listener-reuse~1]
#[tokio::test(start_paused = true)]
async fn a_listener_with_several_filters_that_match_gets_a_message_once() {
    let listeners = Listeners::default();
    let (worker, mut inbox) = worker_with_inbox();
    for source in [TOPIC, "//*/1234/1/8001", "//ecu/1234/1/FFFF", "//*/FFFFFFFF/FF/FFFF"] {
        listeners.register(&worker, source, None);
    }
    assert!(listeners.publish(TOPIC, 0));
    assert!(listeners.publish(OTHER_TOPIC, 1));
    assert!(listeners.publish(TOPIC, 2));
    assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
    listeners.assert_empty(&worker, &mut inbox).await;
}

// [utest->dsn~utransport-registerlistener-start-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn a_message_reaches_those_whose_filters_match_and_nobody_else() {
    let listeners = Listeners::default();
    let (matching, mut matching_inbox) = worker_with_inbox();
    let (other, mut other_inbox) = worker_with_inbox();
    listeners.register(&matching, TOPIC, None);
    for source in ["//ecu/1234/2/8001", "//ecu/21234/1/8001", "//else/1234/1/8001", OTHER_TOPIC] {
        listeners.register(&other, source, None);
    }
    listeners.register(&other, "//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"));
    assert!(listeners.publish(TOPIC, 0));
    assert_eq!(numbers(&mut matching_inbox, 1).await, [0]);
    listeners.assert_empty(&other, &mut other_inbox).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_matches_no_filter_is_reported() {
    let listeners = Listeners::default();
    assert!(!listeners.publish(TOPIC, 0));
    let (worker, _inbox) = worker_with_inbox();
    let registration = listeners.register(&worker, TOPIC, None);
    assert!(!listeners.publish(OTHER_TOPIC, 1));
    assert!(listeners.publish(TOPIC, 2));
    listeners.remove(&registration);
    assert!(!listeners.publish(TOPIC, 3));
    assert!(!listeners.dispatch(UMessage::default(), Source::Known));
}

// Filters that name a service and a resource are found through an index: each kind of message must
// be looked up by the right address.
#[tokio::test(start_paused = true)]
async fn requests_are_found_by_their_sink_and_everything_else_by_its_source() {
    let request =
        UMessageBuilder::request(uri("//here/1234/1/421"), uri("//ecu/107/1/0"), 1000).build();
    let response =
        UMessageBuilder::response(uri("//here/9/1/0"), UUID::build(), uri("//ecu/1234/1/421"))
            .build();
    let notification =
        UMessageBuilder::notification(uri("//ecu/1234/1/8001"), uri("//here/9/1/0")).build();
    for (message, source, sink) in [
        (request, "//*/FFFFFFFF/FF/0", "//here/1234/1/421"),
        (response, "//ecu/1234/1/421", "//here/9/1/0"),
        (notification, "//ecu/1234/1/8001", "//here/9/1/0"),
    ] {
        let (listeners, message) = (Listeners::default(), message.unwrap());
        let (named, mut named_inbox) = worker_with_inbox();
        let (wildcard, mut wildcard_inbox) = worker_with_inbox();
        listeners.register(&named, source, Some(sink));
        listeners.register(&wildcard, "//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"));
        assert_eq!(listeners.index.read().named.len(), 1);
        assert!(listeners.dispatch(message.clone(), Source::Known));
        assert_eq!(next(&mut named_inbox).await, message);
        assert_eq!(next(&mut wildcard_inbox).await, message);
    }
}

// [utest->dsn~someip-source-authority~1]
#[tokio::test(start_paused = true)]
async fn each_listener_sees_the_authority_that_its_own_filter_names() {
    let listeners = Listeners::default();
    let mut inboxes = Vec::new();
    for (source, authority) in [
        ("//one/1234/1/8001", "one"),
        ("//two/1234/1/8001", "two"),
        ("//ecu/1234/1/8001", "ecu"),
        ("//*/1234/1/8001", "ecu"),
    ] {
        let (worker, inbox) = worker_with_inbox();
        listeners.register(&worker, source, None);
        inboxes.push((inbox, authority));
    }
    let (not_meant, mut not_meant_inbox) = worker_with_inbox();
    listeners.register(&not_meant, "//three/1235/1/8001", None);
    assert!(listeners.dispatch(published(TOPIC, 7), Source::AuthorityAssumed));
    for (mut inbox, authority) in inboxes {
        let message = next(&mut inbox).await;
        assert_eq!(message.source_unchecked(), &uri(&format!("//{authority}/1234/1/8001")));
        assert_eq!(number_of(&message), 7);
    }
    listeners.assert_empty(&not_meant, &mut not_meant_inbox).await;
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn a_notification_from_a_client_reaches_those_who_wait_for_any_of_its_resources() {
    let own = "//here/9/1/0";
    let message = UMessageBuilder::notification(uri("//ecu/107/1/8000"), uri(own)).build().unwrap();
    let listeners = Listeners::default();
    let mut inboxes = Vec::new();
    for (source, sink, expected) in [
        ("//ecu/107/1/8000", own, "//ecu/107/1/8000"),
        ("//ecu/107/1/8001", own, "//ecu/107/1/8001"),
        ("//known/107/1/8002", own, "//known/107/1/8002"),
        ("//*/FFFFFFFF/FF/8003", own, "//ecu/107/1/8003"),
        ("//*/FFFFFFFF/FF/FFFF", own, "//ecu/107/1/8000"),
        ("//*/FFFFFFFF/FF/FFFF", "//*/FFFFFFFF/FF/FFFF", "//ecu/107/1/8000"),
    ] {
        let (worker, inbox) = worker_with_inbox();
        listeners.register(&worker, source, Some(sink));
        inboxes.push((worker, inbox, expected));
    }
    let (not_meant, mut not_meant_inbox) = worker_with_inbox();
    for (source, sink) in [
        ("//ecu/108/1/8000", Some(own)),
        ("//ecu/107/1/8001", Some("//here/10/1/0")),
        ("//ecu/107/1/421", Some(own)),
        ("//*/FFFFFFFF/FF/0", Some("//here/9/1/421")),
        ("//ecu/107/1/8000", None),
    ] {
        listeners.register(&not_meant, source, sink);
    }
    assert!(listeners.dispatch(message, Source::OnlyClient));
    for (worker, mut inbox, expected) in inboxes {
        assert_eq!(next(&mut inbox).await.source_unchecked(), &uri(expected));
        listeners.assert_empty(&worker, &mut inbox).await;
    }
    listeners.assert_empty(&not_meant, &mut not_meant_inbox).await;
}

// [utest->req~utransport-registerlistener-max-listeners~1]
#[tokio::test(start_paused = true)]
async fn the_listeners_of_each_filter_are_counted_for_themselves() {
    let own = Some("//here/9/1/0");
    let listeners = Listeners::default();
    // Some of them share a place in the index.
    let filters = [
        (TOPIC, None),
        (TOPIC, own),
        ("//*/1234/1/8001", None),
        ("//ecu/21234/1/8001", None),
        ("//*/FFFFFFFF/FF/FFFF", None),
        ("//*/FFFFFFFF/FF/FFFF", own),
    ];
    let count_of = |source, sink: Option<&str>| {
        listeners.count(&Filter::new(&uri(source), sink.map(uri).as_ref()).unwrap())
    };
    let mut registrations = Vec::new();
    for (count, (source, sink)) in (1..).zip(filters) {
        assert_eq!(count_of(source, sink), 0);
        for _ in 0..count {
            let (worker, _) = worker_with_inbox();
            registrations.push(listeners.register(&worker, source, sink));
        }
    }
    for (count, (source, sink)) in (1..).zip(filters) {
        assert_eq!(count_of(source, sink), count, "{source} {sink:?}");
    }
    // It is the same filter, only written in another way.
    assert_eq!(count_of("//ecu/11234/1/8001", None), 1);
    for registration in registrations {
        listeners.remove(&registration);
    }
    for (source, sink) in filters {
        assert_eq!(count_of(source, sink), 0, "{source} {sink:?}");
    }
}

// [utest->dsn~someip-request-in~1]
#[tokio::test(start_paused = true)]
async fn whether_a_method_is_there_in_another_version_is_asked_of_its_own_listeners() {
    let anybody = "//*/FFFFFFFF/FF/0";
    let listeners = Listeners::default();
    let (worker, _inbox) = worker_with_inbox();
    let has_other = |number, instance, method, version| {
        listeners.has_other_version_of(
            service(number, instance),
            MethodId(method),
            MajorVersion(version),
        )
    };
    assert!(!has_other(0x1234, 1, 0x421, 2));
    // The responses of a service of that number elsewhere say nothing about this one.
    listeners.register(&worker, "//ecu/1234/1/421", Some("//here/9/1/0"));
    assert!(!has_other(0x1234, 1, 0x421, 2));
    let of_instance = listeners.register(&worker, anybody, Some("//here/1234/1/421"));
    for (number, instance, method, version, expected) in [
        (0x1234, 1, 0x421, 2, true),
        (0x1234, 1, 0x421, 1, false),
        (0x1234, 1, 0x422, 2, false),
        (0x1234, 2, 0x421, 2, false),
        (0x1235, 1, 0x421, 2, false),
    ] {
        let has_other = has_other(number, instance, method, version);
        assert_eq!(has_other, expected, "{number:04X}.{instance} {method:04X} {version}");
    }
    listeners.remove(&of_instance);
    assert!(!has_other(0x1234, 1, 0x421, 2));
    listeners.register(&worker, anybody, Some("//here/FFFFFFFF/1/421"));
    assert!(has_other(0x1234, 1, 0x421, 2));
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn an_event_is_wanted_as_a_notification_only_by_those_who_ask_for_it() {
    let own = Some("//here/9/1/0");
    for (source, sink, expected) in [
        (TOPIC, own, true),
        ("//*/1234/FF/8001", own, true),
        // Not in the index, which knows no wildcards.
        ("//ecu/FFFF/1/8001", own, true),
        (TOPIC, None, false),
        (OTHER_TOPIC, own, false),
        ("//ecu/21234/1/8001", own, false),
        ("//else/1234/1/8001", own, false),
        ("//*/FFFFFFFF/FF/FFFF", own, false),
        ("//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"), false),
    ] {
        let listeners = Listeners::default();
        let (worker, _inbox) = worker_with_inbox();
        let takes_it =
            |event: &UMessage, known| !listeners.taking_as_notification(event, known).is_empty();
        let is_wanted = |known| takes_it(&published(TOPIC, 0), known);
        let registration = listeners.register(&worker, source, sink);
        assert_eq!(is_wanted(Source::Known), expected, "{source} {sink:?}");
        listeners.remove(&registration);
        assert!(!is_wanted(Source::Known), "{source} {sink:?}");
        listeners.register(&worker, "//else/1234/1/8001", own);
        assert!(is_wanted(Source::AuthorityAssumed));
        assert!(!takes_it(&UMessage::default(), Source::Known));
        listeners.remove(&registration);
        assert!(is_wanted(Source::AuthorityAssumed), "who was removed before does not count");
    }
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn nothing_is_delivered_after_the_removal_not_even_what_was_queued() {
    for source in [TOPIC, "//ecu/1234/1/FFFF"] {
        let listeners = Listeners::default();
        let (worker, mut inbox) = worker_with_inbox();
        let registration = listeners.register(&worker, source, None);
        // Nothing is delivered before this task waits.
        (0..10).for_each(|number| assert!(listeners.publish(TOPIC, number)));
        listeners.remove(&registration);
        assert!(!listeners.publish(TOPIC, 10));
        listeners.assert_empty(&worker, &mut inbox).await;
    }
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn the_removal_of_one_registration_leaves_the_others() {
    let listeners = Listeners::default();
    let (removed, mut removed_inbox) = worker_with_inbox();
    let (kept, mut kept_inbox) = worker_with_inbox();
    let registration = listeners.register(&removed, TOPIC, None);
    listeners.register(&removed, OTHER_TOPIC, None);
    listeners.register(&kept, TOPIC, None);
    listeners.remove(&registration);
    assert!(listeners.publish(TOPIC, 0));
    assert!(listeners.publish(OTHER_TOPIC, 1));
    assert_eq!(numbers(&mut kept_inbox, 1).await, [0]);
    assert_eq!(numbers(&mut removed_inbox, 1).await, [1]);
}

#[tokio::test(start_paused = true)]
async fn of_two_filters_that_match_one_may_be_removed() {
    let listeners = Listeners::default();
    let (worker, mut inbox) = worker_with_inbox();
    let registration = listeners.register(&worker, TOPIC, None);
    listeners.register(&worker, "//ecu/1234/1/FFFF", None);
    assert!(listeners.publish(TOPIC, 0));
    listeners.remove(&registration);
    assert!(listeners.publish(TOPIC, 1));
    assert_eq!(numbers(&mut inbox, 2).await, [0, 1]);
    listeners.assert_empty(&worker, &mut inbox).await;
}

#[tokio::test(start_paused = true)]
async fn who_registers_again_gets_new_messages_only() {
    let listeners = Listeners::default();
    let (worker, mut inbox) = worker_with_inbox();
    for round in 0..3 {
        let registration = listeners.register(&worker, TOPIC, None);
        assert!(listeners.publish(TOPIC, 2 * round));
        listeners.remove(&registration);
        let registration = listeners.register(&worker, TOPIC, None);
        assert!(listeners.publish(TOPIC, 2 * round + 1));
        assert_eq!(numbers(&mut inbox, 1).await, [2 * round + 1]);
        listeners.remove(&registration);
    }
    listeners.assert_empty(&worker, &mut inbox).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_what_was_removed() {
    let listeners = Listeners::default();
    let (worker, _inbox) = worker_with_inbox();
    let registrations: Vec<_> = [TOPIC, TOPIC, OTHER_TOPIC, "//*/FFFFFFFF/FF/FFFF"]
        .map(|source| listeners.register(&worker, source, None))
        .into();
    assert!(!listeners.is_empty());
    for registration in registrations {
        listeners.remove(&registration);
        // A second removal does nothing.
        listeners.remove(&registration);
        assert_eq!(Arc::strong_count(&registration), 1);
    }
    assert!(listeners.is_empty());
    assert_eq!(Arc::strong_count(&worker), 1);
}

#[tokio::test(start_paused = true)]
async fn a_listener_may_dispatch_add_and_remove() {
    struct Busy {
        listeners: Arc<Listeners>,
        own: OnceLock<(Arc<Worker>, Arc<Registration>)>,
        inbox: Arc<Inbox>,
    }

    #[async_trait]
    impl UListener for Busy {
        async fn on_receive(&self, message: UMessage) {
            let (worker, registration) = self.own.get().unwrap();
            if number_of(&message) == 0 {
                assert!(self.listeners.publish(TOPIC, 1));
                self.listeners.remove(registration);
                assert!(!self.listeners.publish(TOPIC, 2));
                self.listeners.register(worker, OTHER_TOPIC, None);
                assert!(self.listeners.publish(OTHER_TOPIC, 3));
            }
            self.inbox.on_receive(message).await;
        }
    }

    let listeners = Arc::new(Listeners::default());
    let (sender, mut inbox) = inbox();
    let busy = Arc::new(Busy { listeners: listeners.clone(), own: OnceLock::new(), inbox: sender });
    let worker = worker(busy.clone());
    let registration = listeners.register(&worker, TOPIC, None);
    assert!(busy.own.set((worker.clone(), registration)).is_ok());
    assert!(listeners.publish(TOPIC, 0));
    assert_eq!(numbers(&mut inbox, 2).await, [0, 3]);
    listeners.assert_empty(&worker, &mut inbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_lasts_while_others_come_and_go() {
    const COUNT: u32 = 2000;
    let listeners = Arc::new(Listeners::default());
    let (listener, mut inbox) = inbox();
    let counters = Arc::new(Counters::default());
    let worker = Worker::new(listener, 10_000, Handle::current(), counters);
    listeners.register(&Arc::new(worker), TOPIC, None);
    let coming_and_going = tokio::task::spawn_blocking({
        let (listeners, handle) = (listeners.clone(), Handle::current());
        move || {
            let _context = handle.enter();
            for _ in 0..COUNT {
                let (worker, _inbox) = worker_with_inbox();
                let registration = listeners.register(&worker, TOPIC, None);
                listeners.remove(&registration);
            }
        }
    });
    let publishing = tokio::task::spawn_blocking({
        let listeners = listeners.clone();
        move || (0..COUNT).for_each(|number| assert!(listeners.publish(TOPIC, number)))
    });
    let count = usize::try_from(COUNT).unwrap();
    assert_eq!(numbers(&mut inbox, count).await, Vec::from_iter(0..COUNT));
    publishing.await.unwrap();
    coming_and_going.await.unwrap();
}
