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

//! The recipients of a message, and the outcomes that they report.

use std::sync::Barrier;

use parking_lot::Mutex;

use super::*;
use crate::delivery::mailbox::{Loss, Receipt};
use crate::delivery::place::on_dispatcher;
use crate::mapping::inbound::notification;

const ANYTHING: &str = "//*/FFFFFFFF/FF/FFFF";

/// Records the outcomes of a message: why it was lost, or `None` if a listener has handled it.
#[derive(Default)]
struct Outcomes(Mutex<Vec<Option<Loss>>>);

impl Receipt for Outcomes {
    fn taken(&self) {
        self.0.lock().push(None);
    }

    fn lost(&self, loss: Loss) {
        self.0.lock().push(Some(loss));
    }
}

impl Outcomes {
    /// The outcomes since the last call.
    fn take(&self) -> Vec<Option<Loss>> {
        std::mem::take(&mut *self.0.lock())
    }
}

fn recipients_of(routes: &Routes, message: &UMessage) -> Recipients {
    routes.recipients(message.attributes.get_or_default(), Source::Known)
}

fn event_recipients_of(routes: &Routes, event: &UMessage) -> EventRecipients {
    routes.event_recipients(event.attributes.get_or_default(), Source::Known, &uri(OWN))
}

#[tokio::test(start_paused = true)]
async fn each_listener_reports_its_outcome() {
    let routes = Routes::default();
    let outcomes = Arc::new(Outcomes::default());
    let mut inboxes = Vec::new();
    for _ in 0..3 {
        let (mailbox, inbox) = mailbox_with_inbox();
        routes.register(&mailbox, TOPIC, None);
        routes.register(&mailbox, ANYTHING, None);
        inboxes.push((mailbox, inbox));
    }
    let message = published(TOPIC, 0);
    recipients_of(&routes, &message).deliver(message, Some(outcomes.clone()), true);
    for (mailbox, inbox) in &mut inboxes {
        assert_eq!(numbers(inbox, 1).await, [0]);
        mailbox.idle().await;
    }
    assert_eq!(outcomes.take(), [None; 3]);
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn removal_purges_the_queue() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let removed = routes.register(&mailbox, TOPIC, None);
    routes.register(&mailbox, OTHER_TOPIC, None);
    let outcomes = Arc::new(Outcomes::default());
    for number in 0..6 {
        let topic = if number % 2 == 0 { TOPIC } else { OTHER_TOPIC };
        let message = published(topic, number);
        recipients_of(&routes, &message).deliver(message, Some(outcomes.clone()), true);
    }
    routes.remove(&removed);
    assert_eq!(outcomes.take(), [Some(Loss::Unregistered); 3]);
    assert_eq!(mailbox.queued(), 3);
    assert_eq!(numbers(&mut inbox, 3).await, [1, 3, 5]);
    mailbox.idle().await;
    assert_eq!(outcomes.take(), [None; 3]);
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn last_of_two_removals_loses_message() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let [first, second] = [TOPIC, ANYTHING].map(|source| routes.register(&mailbox, source, None));
    let outcomes = Arc::new(Outcomes::default());
    let message = published(TOPIC, 0);
    recipients_of(&routes, &message).deliver(message, Some(outcomes.clone()), true);
    routes.remove(&first);
    assert_eq!(outcomes.take(), []);
    routes.remove(&second);
    assert_eq!(outcomes.take(), [Some(Loss::Unregistered)]);
    routes.assert_empty(&mailbox, &mut inbox).await;
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn removal_between_lookup_and_delivery_counts() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let registration = routes.register(&mailbox, TOPIC, None);
    let outcomes = Arc::new(Outcomes::default());
    let message = published(TOPIC, 0);
    let recipients = recipients_of(&routes, &message);
    routes.remove(&registration);
    recipients.deliver(message, Some(outcomes.clone()), true);
    routes.assert_empty(&mailbox, &mut inbox).await;
    assert_eq!(outcomes.take(), [Some(Loss::Unregistered)]);
}

#[tokio::test(start_paused = true)]
async fn posting_delivers_to_all() {
    let routes = Routes::default();
    let mut inboxes = Vec::new();
    for _ in 0..3 {
        let (mailbox, inbox) = mailbox_with_inbox();
        routes.register(&mailbox, TOPIC, None);
        inboxes.push((mailbox, inbox));
    }
    let message = published(TOPIC, 7);
    recipients_of(&routes, &message).post(&message);
    for (mailbox, mut inbox) in inboxes {
        assert_eq!(numbers(&mut inbox, 1).await, [7]);
        routes.assert_empty(&mailbox, &mut inbox).await;
    }
}

/// Lets a listener earn its inline calls.
async fn make_quick(
    routes: &Routes,
    mailbox: &Arc<Mailbox>,
    inbox: &mut UnboundedReceiver<UMessage>,
) {
    let registration = routes.register(mailbox, SENTINEL, None);
    (0..200).for_each(|number| assert!(routes.publish(SENTINEL, number)));
    numbers(inbox, 200).await;
    mailbox.idle().await;
    routes.remove(&registration);
}

#[tokio::test(start_paused = true)]
async fn last_recipient_runs_inline() {
    for (all_inline, expected) in [(true, [0, 0, 0]), (false, [1, 1, 0])] {
        let routes = Routes::default();
        let mut inboxes = Vec::new();
        for _ in 0..3 {
            let (mailbox, mut inbox) = mailbox_with_inbox();
            make_quick(&routes, &mailbox, &mut inbox).await;
            routes.register(&mailbox, TOPIC, None);
            inboxes.push((mailbox, inbox));
        }
        let message = published(TOPIC, 7);
        on_dispatcher(|| recipients_of(&routes, &message).deliver(message, None, all_inline));
        // The others are queued, as this task has not yielded yet.
        let queued: Vec<_> = inboxes.iter().map(|(mailbox, _)| mailbox.queued()).collect();
        assert_eq!(queued, expected, "{all_inline}");
        for (_, inbox) in &mut inboxes {
            assert_eq!(numbers(inbox, 1).await, [7]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn posting_never_runs_inline() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    make_quick(&routes, &mailbox, &mut inbox).await;
    routes.register(&mailbox, TOPIC, None);
    let message = published(TOPIC, 7);
    on_dispatcher(|| recipients_of(&routes, &message).post(&message));
    assert_eq!(mailbox.queued(), 1);
    assert_eq!(numbers(&mut inbox, 1).await, [7]);
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn listener_is_notified_once_per_sink() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let there = "//there/9/1/0";
    let registrations = [(TOPIC, OWN), ("//*/1234/FF/8001", "//*/FFFFFFFF/FF/0"), (TOPIC, there)]
        .map(|(source, sink)| routes.register(&mailbox, source, Some(sink)));
    let event = published(TOPIC, 7);
    let recipients = event_recipients_of(&routes, &event);
    assert!(!recipients.is_empty() && recipients.published.is_empty());
    let sinks: Vec<_> = recipients.notified.iter().map(|(sink, _)| sink.clone()).collect();
    assert_eq!(sinks, [uri(OWN), uri(there)]);
    // Another registration still has the same sink.
    routes.remove(&registrations[0]);
    for (sink, recipient) in recipients.notified {
        recipient.deliver(notification(&event, sink).unwrap(), None);
    }
    for sink in [OWN, there] {
        let message = next(&mut inbox).await;
        assert!(message.is_notification());
        assert_eq!(message.sink_unchecked(), &uri(sink));
    }
    routes.assert_empty(&mailbox, &mut inbox).await;
}

#[tokio::test(start_paused = true)]
async fn event_is_both_published_and_notified() {
    let routes = Routes::default();
    let (mailbox, _inbox) = mailbox_with_inbox();
    let event = published(TOPIC, 7);
    assert!(event_recipients_of(&routes, &event).is_empty());
    routes.register(&mailbox, TOPIC, None);
    let recipients = event_recipients_of(&routes, &event);
    assert!(!recipients.is_empty() && recipients.notified.is_empty());
    routes.register(&mailbox, TOPIC, Some(OWN));
    let recipients = event_recipients_of(&routes, &event);
    assert!(!recipients.published.is_empty() && recipients.notified.len() == 1);
}

#[tokio::test(start_paused = true)]
async fn registrations_are_numbered_in_order() {
    let routes = Routes::default();
    let (mailbox, _inbox) = mailbox_with_inbox();
    let count = || event_recipients_of(&routes, &published(TOPIC, 0)).registrations;
    assert_eq!(count(), 0);
    for (number, source) in (1..).zip([TOPIC, TOPIC, ANYTHING, OTHER_TOPIC]) {
        let registration = routes.register(&mailbox, source, None);
        assert_eq!((registration.number(), count()), (number, number));
        // Numbers of ended registrations are not reused.
        routes.remove(&registration);
        assert_eq!(count(), number);
    }
}

// A listener that registers while the value of a field arrives gets it once: as an event or as the last
// value. The registration count decides, so it must belong to the lookup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lookup_and_count_agree() {
    const COUNT: u32 = 10_000;
    let routes = Arc::new(Routes::default());
    let (mailbox, _inbox) = mailbox_with_inbox();
    let both_run = Arc::new(Barrier::new(2));
    let registering = tokio::task::spawn_blocking({
        let (routes, both_run) = (routes.clone(), both_run.clone());
        move || {
            both_run.wait();
            let mut last = None;
            for number in 1..=COUNT {
                // The sink has the number of the registration.
                let next =
                    routes.register(&mailbox, TOPIC, Some(&format!("//here/{number:X}/1/0")));
                if let Some(last) = last.replace(next) {
                    routes.remove(&last);
                }
            }
        }
    });
    let event = published(TOPIC, 0);
    both_run.wait();
    while !registering.is_finished() {
        let EventRecipients { notified, registrations, .. } = event_recipients_of(&routes, &event);
        let last = notified.iter().map(|(sink, _)| sink.ue_id).max().unwrap_or(0);
        assert_eq!(registrations, u64::from(last));
    }
    registering.await.unwrap();
    assert_eq!(event_recipients_of(&routes, &event).registrations, u64::from(COUNT));
}

/// The source of an event delivered to this recipient.
async fn source_at(
    recipient: Option<Recipient>,
    inbox: &mut UnboundedReceiver<UMessage>,
) -> Option<UUri> {
    recipient?.post(published(TOPIC, 7), None);
    Some(next(inbox).await.source_unchecked().clone())
}

// [utest->dsn~someip-source-authority~1]
#[tokio::test(start_paused = true)]
async fn value_is_for_matching_registrations() {
    let event = published(TOPIC, 7);
    for (source, sink, known, assumed) in [
        (TOPIC, None, Some(TOPIC), Some(TOPIC)),
        (TOPIC, Some(OWN), Some(TOPIC), Some(TOPIC)),
        (ANYTHING, None, Some(TOPIC), Some(TOPIC)),
        ("//known/1234/1/8001", None, None, Some("//known/1234/1/8001")),
        ("//known/1234/1/8001", Some(OWN), None, Some("//known/1234/1/8001")),
        (OTHER_TOPIC, None, None, None),
        (OTHER_TOPIC, Some(OWN), None, None),
        (ANYTHING, Some(OWN), None, None),
        (ANYTHING, Some(ANYTHING), None, None),
    ] {
        let routes = Routes::default();
        let (mailbox, mut inbox) = mailbox_with_inbox();
        let registration = routes.register(&mailbox, source, sink);
        for (expected, what) in [(known, Source::Known), (assumed, Source::AuthorityAssumed)] {
            let recipient = registration.recipient_of(event.attributes.get_or_default(), what);
            let got = source_at(recipient, &mut inbox).await;
            assert_eq!(got, expected.map(uri), "{source} {sink:?} {what:?}");
        }
    }
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn value_ends_with_its_registration() {
    let routes = Routes::default();
    let (mailbox, mut inbox) = mailbox_with_inbox();
    let registration = routes.register(&mailbox, TOPIC, None);
    routes.register(&mailbox, ANYTHING, None);
    let event = published(TOPIC, 7);
    let recipient =
        registration.recipient_of(event.attributes.get_or_default(), Source::Known).unwrap();
    recipient.post(event, None);
    assert_eq!(mailbox.queued(), 1);
    routes.remove(&registration);
    assert_eq!(mailbox.queued(), 0);
    routes.assert_empty(&mailbox, &mut inbox).await;
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn only_notification_filters_name_a_sink() {
    let routes = Routes::default();
    let (mailbox, _inbox) = mailbox_with_inbox();
    for (source, sink, expected) in [
        (TOPIC, None, None),
        (ANYTHING, None, None),
        (TOPIC, Some(OWN), Some(OWN)),
        (TOPIC, Some("//there/7/3/0"), Some("//there/7/3/0")),
        (TOPIC, Some("/7/3/0"), Some("//here/7/3/0")),
        (TOPIC, Some("//*/FFFFFFFF/FF/0"), Some(OWN)),
        (ANYTHING, Some(ANYTHING), None),
    ] {
        let sink_of = routes.register(&mailbox, source, sink).notified_sink(&uri(OWN));
        assert_eq!(sink_of, expected.map(uri), "{source} {sink:?}");
    }
}
