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

//! The order of messages, and listeners that do not hold up others.

use std::time::Duration;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_are_delivered_in_order() {
    const COUNT: u32 = 10_000;
    let (sender, mut delivered) = unbounded_channel();
    let (mailbox, counters) = mailbox(Arc::new(Hesitant(sender)));
    let posting = thread::spawn(move || (0..COUNT).for_each(|number| post(&mailbox, number)));
    for expected in 0..COUNT {
        assert_eq!(next(&mut delivered).await, expected);
    }
    posting.join().unwrap();
    let counted = (counters.delivered.get(), counters.dropped_queue_full.get());
    assert_eq!(counted, (COUNT.into(), 0));
}

#[tokio::test(start_paused = true)]
async fn waiting_listener_holds_up_nobody() {
    let (slow, mut slow_inbox, may_go_on) = slow();
    let (slow_mailbox, _) = mailbox(slow);
    let (listener, mut inbox) = inbox();
    let (mailbox, _) = mailbox(listener);
    for number in 0..100 {
        post(&slow_mailbox, number);
        post(&mailbox, number);
    }
    assert_eq!(numbers(&mut inbox, 100).await, Vec::from_iter(0..100));
    assert_eq!(next(&mut slow_inbox).await, 0);
    slow_inbox.try_recv().unwrap_err();
    for expected in 1..100 {
        may_go_on.notify_one();
        assert_eq!(next(&mut slow_inbox).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocking_listener_holds_up_nobody() {
    let (blocking, mut begun, _until_the_end) = blocking();
    let (blocked_mailbox, _) = mailbox(blocking);
    post(&blocked_mailbox, 0);
    next(&mut begun).await;

    let (listener, mut inbox) = inbox();
    let (mailbox, _) = mailbox(listener);
    (0..100).for_each(|number| post(&mailbox, number));
    assert_eq!(numbers(&mut inbox, 100).await, Vec::from_iter(0..100));
}

#[tokio::test(start_paused = true)]
async fn busy_listener_shares_its_thread() {
    let (sender, mut delivered) = unbounded_channel();
    let (busy, _) = mailbox(Arc::new(Inbox(sender.clone())));
    let (other, _) = mailbox(Arc::new(Inbox(sender)));
    (0..10_000).for_each(|number| post(&busy, number));
    post(&other, 10_000);
    let order = numbers(&mut delivered, 10_001).await;
    assert_ne!(order.last(), Some(&10_000));
}

/// Posts each message to another mailbox, and blocks its thread until that is delivered.
struct Forwarding {
    other: Arc<Mailbox>,
    news: Mutex<mpsc::Receiver<u32>>,
    done: mpsc::Sender<u32>,
}

#[async_trait]
impl UListener for Forwarding {
    async fn on_receive(&self, message: UMessage) {
        post(&self.other, number_of(&message));
        self.done.send(self.news.lock().recv().unwrap()).unwrap();
    }
}

struct Announcing(mpsc::Sender<u32>);

#[async_trait]
impl UListener for Announcing {
    async fn on_receive(&self, message: UMessage) {
        self.0.send(number_of(&message)).unwrap();
    }
}

#[test]
fn blocked_thread_holds_up_no_message() {
    let executor = Executor::start(2).unwrap();
    let mailbox = |listener| {
        Arc::new(Mailbox::new(listener, LIMITS, executor.clone(), Arc::new(Counters::default())))
    };
    let ((announced, news), (done, is_done)) = (mpsc::channel(), mpsc::channel());
    let other = mailbox(Arc::new(Announcing(announced)));
    let forwarding = mailbox(Arc::new(Forwarding { other, news: Mutex::new(news), done }));
    for number in 0..100 {
        post(&forwarding, number);
        assert_eq!(is_done.recv(), Ok(number));
    }
    executor.end(Duration::from_secs(3_600));
}

/// A listener that never waits leaves its thread to others, also if there is only one.
#[test]
fn busy_listener_leaves_its_only_thread() {
    let executor = Executor::start(1).unwrap();
    let mailbox = |listener| {
        Arc::new(Mailbox::new(listener, LIMITS, executor.clone(), Arc::new(Counters::default())))
    };
    struct Endless(Mutex<Option<Arc<Mailbox>>>);
    #[async_trait]
    impl UListener for Endless {
        async fn on_receive(&self, message: UMessage) {
            if let Some(own) = &*self.0.lock() {
                post(own, number_of(&message));
            }
        }
    }
    let (announced, news) = mpsc::channel();
    let endless = Arc::new(Endless(Mutex::default()));
    let busy = mailbox(endless.clone());
    *endless.0.lock() = Some(busy.clone());
    post(&busy, 0);
    post(&mailbox(Arc::new(Announcing(announced))), 1);
    assert_eq!(news.recv(), Ok(1));
    *endless.0.lock() = None;
    executor.end(Duration::from_secs(3_600));
}
