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

//! Calls on the dispatcher thread.

use std::time::Duration;

use super::*;
use crate::delivery::place::on_dispatcher;
use crate::mapping::authorities::Source;
use crate::registration::filter::Filter;
use crate::registration::routes::Routes;
use crate::testing::uri;

/// A mailbox whose listener has enough credit to run inline, even if a call or two take long on a busy
/// machine.
pub(super) fn trusted(listener: Arc<dyn UListener>) -> (Arc<Mailbox>, Arc<Counters>) {
    let (mailbox, counters) = mailbox(listener);
    earn_trust(&mailbox);
    (mailbox, counters)
}

fn earn_trust(mailbox: &Mailbox) {
    while !on_dispatcher(|| mailbox.credit.allows_inline()) {
        (0..1_000).for_each(|_| mailbox.credit.measured(|| ()));
    }
}

/// Delivers a message like vsomeip's dispatcher thread.
fn dispatch(mailbox: &Arc<Mailbox>, number: u32) {
    dispatch_for(&Token::default(), mailbox, number);
}

fn dispatch_for(token: &Token, mailbox: &Arc<Mailbox>, number: u32) {
    on_dispatcher(|| mailbox.deliver(delivery(token, number)));
}

#[tokio::test]
async fn quick_listener_runs_on_dispatcher() {
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = trusted(listener);
    for number in 0..10 {
        dispatch(&mailbox, number);
        // Without yielding.
        assert_eq!(number_of(&inbox.try_recv().unwrap()), number);
    }
    assert_eq!(counters.delivered.get(), 10);
    assert!(mailbox.is_idle());
}

#[tokio::test]
async fn several_dispatchers_run_last_listener_inline() {
    for one_dispatcher in [true, false] {
        let routes = Routes::default();
        let ((first, mut first_inbox), (last, mut last_inbox)) = (inbox(), inbox());
        for listener in [first, last] {
            let filter = Filter::new(&uri(TOPIC), None, "").unwrap();
            routes.add(filter, trusted(listener).0);
        }
        let message = published(TOPIC, 1);
        let recipients = routes.recipients(&message.attributes, Source::Known);
        on_dispatcher(|| recipients.deliver(message, None, one_dispatcher));
        // Without yielding.
        assert_eq!(first_inbox.try_recv().is_ok(), one_dispatcher);
        assert_eq!(number_of(&last_inbox.try_recv().unwrap()), 1);
        if !one_dispatcher {
            assert_eq!(numbers(&mut first_inbox, 1).await, [1]);
        }
    }
}

#[tokio::test]
async fn application_threads_run_no_listener() {
    let (listener, mut inbox) = inbox();
    let (mailbox, _) = trusted(listener);
    mailbox.deliver(delivery(&Token::default(), 0));
    inbox.try_recv().unwrap_err();
    // Queued messages come first, even for the dispatcher.
    dispatch(&mailbox, 1);
    inbox.try_recv().unwrap_err();
    assert_eq!(numbers(&mut inbox, 2).await, [0, 1]);
}

#[tokio::test]
async fn never_inline_listener_is_always_queued() {
    let (listener, mut inbox) = inbox();
    let executor = Executor::on(Handle::current());
    let mailbox = Mailbox::new(listener, LIMITS, executor, Arc::default()).never_inline();
    let mailbox = Arc::new(mailbox);
    for number in 0..100 {
        dispatch(&mailbox, number);
        inbox.try_recv().unwrap_err();
        assert_eq!(numbers(&mut inbox, 1).await, [number]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn order_is_preserved_beyond_inline_polls() {
    const COUNT: u32 = 10_000;
    let (sender, mut delivered) = unbounded_channel();
    let (mailbox, counters) = trusted(Arc::new(Hesitant(sender)));
    let dispatcher =
        thread::spawn(move || (0..COUNT).for_each(|number| dispatch(&mailbox, number)));
    for expected in 0..COUNT {
        assert_eq!(next(&mut delivered).await, expected);
    }
    dispatcher.join().unwrap();
    assert_eq!(counters.delivered.get(), u64::from(COUNT));
}

#[tokio::test(start_paused = true)]
async fn inline_call_may_use_the_runtime() {
    struct Sleeping(UnboundedSender<u32>);

    #[async_trait]
    impl UListener for Sleeping {
        async fn on_receive(&self, message: UMessage) {
            let number = number_of(&message);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let sender = self.0.clone();
            tokio::spawn(async move { sender.send(number).unwrap() }).await.unwrap();
        }
    }

    let (sender, mut delivered) = unbounded_channel();
    let (mailbox, _) = trusted(Arc::new(Sleeping(sender)));
    // Outside any runtime, like vsomeip's threads.
    thread::spawn(move || (0..3).for_each(|number| dispatch(&mailbox, number))).join().unwrap();
    for expected in 0..3 {
        assert_eq!(next(&mut delivered).await, expected);
    }
}

#[tokio::test]
async fn inline_panic_loses_one_message() {
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = trusted(Arc::new(Panicking(listener)));
    (0..6).for_each(|number| dispatch(&mailbox, number));
    assert_eq!(numbers(&mut inbox, 3).await, [0, 4, 5]);
    assert_eq!((counters.delivered.get(), counters.listener_panics.get()), (6, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_wait_for_inline_call() {
    let (listener, mut delivered, go_on) = blocking();
    let (mailbox, counters) = trusted(listener);
    let token = Token::default();
    let dispatcher = thread::spawn({
        let (token, mailbox) = (token.clone(), mailbox.clone());
        move || dispatch_for(&token, &mailbox, 0)
    });
    assert_eq!(next(&mut delivered).await, 0);
    // Like vsomeip's next dispatcher thread.
    dispatch_for(&token, &mailbox, 1);
    token.cancel();
    let mut settling = pin!(mailbox.settle());
    assert!(is_pending(&mut settling));
    go_on.send(()).unwrap();
    arriving(settling).await;
    dispatcher.join().unwrap();
    arriving(mailbox.idle()).await;
    // The second message was lost with its registration.
    assert_eq!(counters.delivered.get(), 1);
}

#[tokio::test]
async fn inline_listener_posts_to_itself() {
    struct Again(OnceLock<Arc<Mailbox>>, UnboundedSender<u32>);

    #[async_trait]
    impl UListener for Again {
        async fn on_receive(&self, message: UMessage) {
            let mailbox = self.0.get().unwrap();
            let number = number_of(&message);
            mailbox.settle().await;
            if number < 5 {
                mailbox.deliver(delivery(&Token::default(), number + 1));
            }
            self.1.send(number).unwrap();
        }
    }

    let (sender, mut delivered) = unbounded_channel();
    let listener = Arc::new(Again(OnceLock::new(), sender));
    let (mailbox, _) = trusted(listener.clone());
    assert!(listener.0.set(mailbox.clone()).is_ok());
    dispatch(&mailbox, 0);
    for expected in 0..=5 {
        assert_eq!(next(&mut delivered).await, expected);
    }
}

#[tokio::test]
async fn closed_mailbox_runs_nothing_inline() {
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = trusted(listener);
    mailbox.close();
    dispatch(&mailbox, 0);
    inbox.try_recv().unwrap_err();
    assert!(mailbox.is_idle());
    assert_eq!(counters.delivered.get(), 0);
}

#[tokio::test]
async fn inline_pause_is_forgiven_after_quick_calls() {
    struct Pausing(Arc<Inbox>);

    #[async_trait]
    impl UListener for Pausing {
        async fn on_receive(&self, message: UMessage) {
            if number_of(&message) == 0 {
                thread::sleep(Duration::from_millis(20));
            }
            self.0.on_receive(message).await;
        }
    }

    let (listener, mut inbox) = inbox();
    let (mailbox, _) = trusted(Arc::new(Pausing(listener)));
    for _ in 0..10 {
        // The last call may have taken long on a busy machine.
        earn_trust(&mailbox);
        dispatch(&mailbox, 0);
        inbox.try_recv().unwrap();
        dispatch(&mailbox, 1);
        inbox.try_recv().unwrap_err();
        assert_eq!(numbers(&mut inbox, 1).await, [1]);
        for number in 2.. {
            dispatch(&mailbox, number);
            if inbox.try_recv().is_ok() {
                break;
            }
            assert!(number < 100_000, "the pause is never forgiven");
            assert_eq!(numbers(&mut inbox, 1).await, [number]);
        }
    }
}
