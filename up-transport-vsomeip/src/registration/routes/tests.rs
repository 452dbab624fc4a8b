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

mod recipients;

use std::sync::OnceLock;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;
use up_rust::{UListener, UMessage, UMessageBuilder, UUID};

use super::*;
use crate::delivery::executor::Executor;
use crate::options::Options;
use crate::testing::{inbox, next, number_of, numbers, published, service, uri, Inbox};

const TOPIC: &str = "//ecu/1234/1/8001";
const OTHER_TOPIC: &str = "//ecu/1234/1/8002";
/// A topic without other registrations.
const SENTINEL: &str = "//ecu/9999/1/8001";

/// The local entity.
const OWN: &str = "//here/9/1/0";

fn mailbox(listener: Arc<dyn UListener>) -> Arc<Mailbox> {
    let executor = Executor::on(Handle::current());
    Arc::new(Mailbox::new(listener, Options::default().queue, executor, Arc::default()))
}

fn mailbox_with_inbox() -> (Arc<Mailbox>, UnboundedReceiver<UMessage>) {
    let (listener, inbox) = inbox();
    (mailbox(listener), inbox)
}

fn filter(source: &str, sink: Option<&str>) -> Filter {
    Filter::new(&uri(source), sink.map(uri).as_ref(), "here").unwrap()
}

impl Routes {
    fn register(
        &self,
        mailbox: &Arc<Mailbox>,
        source: &str,
        sink: Option<&str>,
    ) -> Arc<Registration> {
        self.add(filter(source, sink), mailbox.clone())
    }

    /// Delivers a message; returns whether it has recipients.
    fn deliver(&self, message: UMessage, source: Source) -> bool {
        let recipients = self.recipients(message.attributes.get_or_default(), source);
        let is_wanted = !recipients.is_empty();
        recipients.deliver(message, None, true);
        is_wanted
    }

    fn publish(&self, topic: &str, number: u32) -> bool {
        self.deliver(published(topic, number), Source::Known)
    }

    /// Asserts that nothing is queued in a mailbox: a new message comes next.
    async fn assert_empty(&self, mailbox: &Arc<Mailbox>, inbox: &mut UnboundedReceiver<UMessage>) {
        let sentinel = self.register(mailbox, SENTINEL, None);
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
async fn every_listener_gets_every_message() {
    let routes = Routes::default();
    let mut inboxes = Vec::new();
    for _ in 0..5 {
        let (mailbox, inbox) = mailbox_with_inbox();
        routes.register(&mailbox, TOPIC, None);
        inboxes.push((mailbox, inbox));
    }
    for number in 0..3 {
        assert!(routes.publish(TOPIC, number));
    }
    for (mailbox, mut inbox) in inboxes {
        assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
        routes.assert_empty(&mailbox, &mut inbox).await;
    }
}

// [utest->dsn~utransport-registerlistener-listener-reuse~1]
#[tokio::test(start_paused = true)]
async fn listener_gets_messages_of_all_filters() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let topics: Vec<_> = (0..20).map(|n| format!("//ecu/12{n:02}/1/8001")).collect();
    for topic in &topics {
        routes.register(&mailbox, topic, None);
    }
    for (number, topic) in (0..).zip(&topics) {
        assert!(routes.publish(topic, number));
    }
    assert_eq!(numbers(&mut inbox, topics.len()).await, Vec::from_iter(0..20));
}

// [utest->dsn~utransport-registerlistener-listener-reuse~1]
#[tokio::test(start_paused = true)]
async fn overlapping_filters_deliver_once() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    for source in [TOPIC, "//*/1234/1/8001", "//ecu/1234/1/FFFF", "//*/FFFFFFFF/FF/FFFF"] {
        routes.register(&mailbox, source, None);
    }
    assert!(routes.publish(TOPIC, 0));
    assert!(routes.publish(OTHER_TOPIC, 1));
    assert!(routes.publish(TOPIC, 2));
    assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
    routes.assert_empty(&mailbox, &mut inbox).await;
}

// [utest->dsn~utransport-registerlistener-start-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn only_matching_filters_get_message() {
    let routes = Routes::default();
    let (matching, mut matching_inbox) = mailbox_with_inbox();
    let (other, mut other_inbox) = mailbox_with_inbox();
    routes.register(&matching, TOPIC, None);
    for source in ["//ecu/1234/2/8001", "//ecu/21234/1/8001", "//else/1234/1/8001", OTHER_TOPIC] {
        routes.register(&other, source, None);
    }
    routes.register(&other, "//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"));
    assert!(routes.publish(TOPIC, 0));
    assert_eq!(numbers(&mut matching_inbox, 1).await, [0]);
    routes.assert_empty(&other, &mut other_inbox).await;
}

#[tokio::test(start_paused = true)]
async fn unmatched_message_has_no_recipients() {
    let routes = Routes::default();
    assert!(!routes.publish(TOPIC, 0));
    let (mailbox, _inbox) = mailbox_with_inbox();
    let registration = routes.register(&mailbox, TOPIC, None);
    assert!(!routes.publish(OTHER_TOPIC, 1));
    assert!(routes.publish(TOPIC, 2));
    routes.remove(&registration);
    assert!(!routes.publish(TOPIC, 3));
    assert!(!routes.deliver(UMessage::default(), Source::Known));
}

// Each kind of message must be looked up in the index by the right address.
#[tokio::test(start_paused = true)]
async fn only_requests_are_found_by_sink() {
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
        let (routes, message) = (Routes::default(), message.unwrap());
        let (named, mut named_inbox) = mailbox_with_inbox();
        let (wildcard, mut wildcard_inbox) = mailbox_with_inbox();
        routes.register(&named, source, Some(sink));
        routes.register(&wildcard, "//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"));
        assert_eq!(routes.index.read().named.len(), 1);
        assert!(routes.deliver(message.clone(), Source::Known));
        assert_eq!(next(&mut named_inbox).await, message);
        assert_eq!(next(&mut wildcard_inbox).await, message);
    }
}

// [utest->dsn~someip-source-authority~1]
#[tokio::test(start_paused = true)]
async fn listener_sees_authority_of_its_filter() {
    let routes = Routes::default();
    let mut inboxes = Vec::new();
    for (source, authority) in [
        ("//one/1234/1/8001", "one"),
        ("//two/1234/1/8001", "two"),
        ("//ecu/1234/1/8001", "ecu"),
        ("//*/1234/1/8001", "ecu"),
    ] {
        let (mailbox, inbox) = mailbox_with_inbox();
        routes.register(&mailbox, source, None);
        inboxes.push((inbox, authority));
    }
    let (not_meant, mut not_meant_inbox) = mailbox_with_inbox();
    routes.register(&not_meant, "//three/1235/1/8001", None);
    assert!(routes.deliver(published(TOPIC, 7), Source::AuthorityAssumed));
    for (mut inbox, authority) in inboxes {
        let message = next(&mut inbox).await;
        assert_eq!(message.source_unchecked(), &uri(&format!("//{authority}/1234/1/8001")));
        assert_eq!(number_of(&message), 7);
    }
    routes.assert_empty(&not_meant, &mut not_meant_inbox).await;
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn client_notification_reaches_filters_of_any_resource() {
    let own = "//here/9/1/0";
    let message = UMessageBuilder::notification(uri("//ecu/107/1/8000"), uri(own)).build().unwrap();
    let routes = Routes::default();
    let mut inboxes = Vec::new();
    for (source, sink, expected) in [
        ("//ecu/107/1/8000", own, "//ecu/107/1/8000"),
        ("//ecu/107/1/8001", own, "//ecu/107/1/8001"),
        ("//known/107/1/8002", own, "//known/107/1/8002"),
        ("//*/FFFFFFFF/FF/8003", own, "//ecu/107/1/8003"),
        ("//*/FFFFFFFF/FF/FFFF", own, "//ecu/107/1/8000"),
        ("//*/FFFFFFFF/FF/FFFF", "//*/FFFFFFFF/FF/FFFF", "//ecu/107/1/8000"),
    ] {
        let (mailbox, inbox) = mailbox_with_inbox();
        routes.register(&mailbox, source, Some(sink));
        inboxes.push((mailbox, inbox, expected));
    }
    let (not_meant, mut not_meant_inbox) = mailbox_with_inbox();
    for (source, sink) in [
        ("//ecu/108/1/8000", Some(own)),
        ("//ecu/107/1/8001", Some("//here/10/1/0")),
        ("//ecu/107/1/421", Some(own)),
        ("//*/FFFFFFFF/FF/0", Some("//here/9/1/421")),
        ("//ecu/107/1/8000", None),
    ] {
        routes.register(&not_meant, source, sink);
    }
    assert!(routes.deliver(message, Source::OnlyClient));
    for (mailbox, mut inbox, expected) in inboxes {
        assert_eq!(next(&mut inbox).await.source_unchecked(), &uri(expected));
        routes.assert_empty(&mailbox, &mut inbox).await;
    }
    routes.assert_empty(&not_meant, &mut not_meant_inbox).await;
}

// [utest->req~utransport-registerlistener-max-listeners~1]
#[tokio::test(start_paused = true)]
async fn listeners_are_counted_per_filter() {
    let own = Some(OWN);
    let routes = Routes::default();
    // Some of them share a slot in the index.
    let filters = [
        (TOPIC, None),
        (TOPIC, own),
        ("//*/1234/1/8001", None),
        ("//ecu/21234/1/8001", None),
        ("//*/FFFFFFFF/FF/FFFF", None),
        ("//*/FFFFFFFF/FF/FFFF", own),
    ];
    let count_of = |source, sink: Option<&str>| routes.count(&filter(source, sink));
    let mut registrations = Vec::new();
    for (count, (source, sink)) in (1..).zip(filters) {
        assert_eq!(count_of(source, sink), 0);
        for _ in 0..count {
            let (mailbox, _) = mailbox_with_inbox();
            registrations.push(routes.register(&mailbox, source, sink));
        }
    }
    for (count, (source, sink)) in (1..).zip(filters) {
        assert_eq!(count_of(source, sink), count, "{source} {sink:?}");
    }
    // The same filters, written differently.
    assert_eq!(count_of("//ecu/11234/1/8001", None), 1);
    assert_eq!(count_of(TOPIC, Some("/9/1/0")), 2);
    for registration in registrations {
        routes.remove(&registration);
    }
    for (source, sink) in filters {
        assert_eq!(count_of(source, sink), 0, "{source} {sink:?}");
    }
}

// [utest->dsn~someip-request-in~1]
#[tokio::test(start_paused = true)]
async fn other_version_needs_request_listener() {
    let anybody = "//*/FFFFFFFF/FF/0";
    let routes = Routes::default();
    let (mailbox, _inbox) = mailbox_with_inbox();
    let has_other = |number, instance, method, version| {
        routes.has_other_version_of(
            service(number, instance),
            MethodId(method),
            MajorVersion(version),
        )
    };
    assert!(!has_other(0x1234, 1, 0x421, 2));
    // Responses of a remote service with the same id do not count.
    routes.register(&mailbox, "//ecu/1234/1/421", Some("//here/9/1/0"));
    assert!(!has_other(0x1234, 1, 0x421, 2));
    let of_instance = routes.register(&mailbox, anybody, Some("//here/1234/1/421"));
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
    routes.remove(&of_instance);
    assert!(!has_other(0x1234, 1, 0x421, 2));
    routes.register(&mailbox, anybody, Some("//here/FFFFFFFF/1/421"));
    assert!(has_other(0x1234, 1, 0x421, 2));
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn only_notification_filters_are_notified() {
    let own = Some(OWN);
    for (source, sink, expected) in [
        (TOPIC, own, true),
        ("//*/1234/FF/8001", own, true),
        // Not in the index, because of the wildcard.
        ("//ecu/FFFF/1/8001", own, true),
        (TOPIC, None, false),
        (OTHER_TOPIC, own, false),
        ("//ecu/21234/1/8001", own, false),
        ("//else/1234/1/8001", own, false),
        ("//*/FFFFFFFF/FF/FFFF", own, false),
        ("//*/FFFFFFFF/FF/FFFF", Some("//*/FFFFFFFF/FF/FFFF"), false),
    ] {
        let routes = Routes::default();
        let (mailbox, _inbox) = mailbox_with_inbox();
        let takes_it = |event: &UMessage, known| {
            let attributes = event.attributes.get_or_default();
            !routes.event_recipients(attributes, known, &uri(OWN)).notified.is_empty()
        };
        let is_wanted = |known| takes_it(&published(TOPIC, 0), known);
        let registration = routes.register(&mailbox, source, sink);
        assert_eq!(is_wanted(Source::Known), expected, "{source} {sink:?}");
        routes.remove(&registration);
        assert!(!is_wanted(Source::Known), "{source} {sink:?}");
        routes.register(&mailbox, "//else/1234/1/8001", own);
        assert!(is_wanted(Source::AuthorityAssumed));
        assert!(!takes_it(&UMessage::default(), Source::Known));
        routes.remove(&registration);
        assert!(is_wanted(Source::AuthorityAssumed), "a second removal counts");
    }
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn removal_ends_queued_deliveries() {
    for source in [TOPIC, "//ecu/1234/1/FFFF"] {
        let routes = Routes::default();
        let (mailbox, mut inbox) = mailbox_with_inbox();
        let registration = routes.register(&mailbox, source, None);
        // Nothing is delivered before this task yields.
        (0..10).for_each(|number| assert!(routes.publish(TOPIC, number)));
        routes.remove(&registration);
        assert!(!routes.publish(TOPIC, 10));
        routes.assert_empty(&mailbox, &mut inbox).await;
    }
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn removal_leaves_other_registrations() {
    let routes = Routes::default();
    let (removed, mut removed_inbox) = mailbox_with_inbox();
    let (kept, mut kept_inbox) = mailbox_with_inbox();
    let registration = routes.register(&removed, TOPIC, None);
    routes.register(&removed, OTHER_TOPIC, None);
    routes.register(&kept, TOPIC, None);
    routes.remove(&registration);
    assert!(routes.publish(TOPIC, 0));
    assert!(routes.publish(OTHER_TOPIC, 1));
    assert_eq!(numbers(&mut kept_inbox, 1).await, [0]);
    assert_eq!(numbers(&mut removed_inbox, 1).await, [1]);
}

#[tokio::test(start_paused = true)]
async fn message_outlives_one_of_two_registrations() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let registration = routes.register(&mailbox, TOPIC, None);
    routes.register(&mailbox, "//ecu/1234/1/FFFF", None);
    assert!(routes.publish(TOPIC, 0));
    routes.remove(&registration);
    assert!(routes.publish(TOPIC, 1));
    assert_eq!(numbers(&mut inbox, 2).await, [0, 1]);
    routes.assert_empty(&mailbox, &mut inbox).await;
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn message_ends_with_its_last_registration() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let registrations =
        [TOPIC, "//ecu/1234/1/FFFF"].map(|source| routes.register(&mailbox, source, None));
    assert!(routes.publish(TOPIC, 0));
    for registration in &registrations {
        assert_eq!(mailbox.queued(), 1);
        routes.remove(registration);
    }
    assert_eq!(mailbox.queued(), 0);
    routes.assert_empty(&mailbox, &mut inbox).await;
}

#[tokio::test(start_paused = true)]
async fn new_registration_gets_new_messages_only() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    for round in 0..3 {
        let registration = routes.register(&mailbox, TOPIC, None);
        assert!(routes.publish(TOPIC, 2 * round));
        routes.remove(&registration);
        let registration = routes.register(&mailbox, TOPIC, None);
        assert!(routes.publish(TOPIC, 2 * round + 1));
        assert_eq!(numbers(&mut inbox, 1).await, [2 * round + 1]);
        routes.remove(&registration);
    }
    routes.assert_empty(&mailbox, &mut inbox).await;
}

#[tokio::test(start_paused = true)]
async fn removal_leaves_nothing_behind() {
    let routes = Routes::default();
    let (mailbox, _inbox) = mailbox_with_inbox();
    let registrations: Vec<_> = [TOPIC, TOPIC, OTHER_TOPIC, "//*/FFFFFFFF/FF/FFFF"]
        .map(|source| routes.register(&mailbox, source, None))
        .into();
    assert!(!routes.is_empty());
    for registration in registrations {
        routes.remove(&registration);
        // A second removal does nothing.
        routes.remove(&registration);
        assert_eq!(Arc::strong_count(&registration), 1);
    }
    assert!(routes.is_empty());
    assert_eq!(Arc::strong_count(&mailbox), 1);
}

#[tokio::test(start_paused = true)]
async fn listener_may_publish_add_and_remove() {
    struct Busy {
        routes: Arc<Routes>,
        own: OnceLock<(Arc<Mailbox>, Arc<Registration>)>,
        inbox: Arc<Inbox>,
    }

    #[async_trait]
    impl UListener for Busy {
        async fn on_receive(&self, message: UMessage) {
            let (mailbox, registration) = self.own.get().unwrap();
            if number_of(&message) == 0 {
                assert!(self.routes.publish(TOPIC, 1));
                self.routes.remove(registration);
                assert!(!self.routes.publish(TOPIC, 2));
                self.routes.register(mailbox, OTHER_TOPIC, None);
                assert!(self.routes.publish(OTHER_TOPIC, 3));
            }
            self.inbox.on_receive(message).await;
        }
    }

    let routes = Arc::new(Routes::default());
    let (sender, mut inbox) = inbox();
    let busy = Arc::new(Busy { routes: routes.clone(), own: OnceLock::new(), inbox: sender });
    let mailbox = mailbox(busy.clone());
    let registration = routes.register(&mailbox, TOPIC, None);
    assert!(busy.own.set((mailbox.clone(), registration)).is_ok());
    assert!(routes.publish(TOPIC, 0));
    assert_eq!(numbers(&mut inbox, 2).await, [0, 3]);
    routes.assert_empty(&mailbox, &mut inbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_is_preserved_while_others_register() {
    const COUNT: u32 = 2000;
    let routes = Arc::new(Routes::default());
    let (mailbox, mut inbox) = mailbox_with_inbox();
    routes.register(&mailbox, TOPIC, None);
    let coming_and_going = tokio::task::spawn_blocking({
        let (routes, handle) = (routes.clone(), Handle::current());
        move || {
            let _context = handle.enter();
            for _ in 0..COUNT {
                let (mailbox, _inbox) = mailbox_with_inbox();
                let registration = routes.register(&mailbox, TOPIC, None);
                routes.remove(&registration);
            }
        }
    });
    let publishing = tokio::task::spawn_blocking({
        let routes = routes.clone();
        move || (0..COUNT).for_each(|number| assert!(routes.publish(TOPIC, number)))
    });
    let count = usize::try_from(COUNT).unwrap();
    assert_eq!(numbers(&mut inbox, count).await, Vec::from_iter(0..COUNT));
    publishing.await.unwrap();
    coming_and_going.await.unwrap();
}
