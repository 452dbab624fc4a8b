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

//! Order, and listeners that hold up nobody else.

use super::*;
use crate::control::Control;

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

/// Posts each message to another mailbox, and blocks its thread until something has come of it.
struct Forwarding {
    other: Arc<Mailbox>,
    listeners: Handle,
    control: Handle,
    first: Mutex<mpsc::Receiver<&'static str>>,
    news: mpsc::Sender<&'static str>,
    done: mpsc::Sender<&'static str>,
}

#[async_trait]
impl UListener for Forwarding {
    async fn on_receive(&self, message: UMessage) {
        post(&self.other, number_of(&message));
        // Comes after the message wherever this thread is not needed, so nothing waits for ever.
        let (listeners, news) = (self.listeners.clone(), self.news.clone());
        self.control.spawn(async move {
            listeners.spawn(async move { news.send("a later task").unwrap() });
        });
        self.done.send(self.first.lock().recv().unwrap()).unwrap();
    }
}

struct Announcing(mpsc::Sender<&'static str>);

#[async_trait]
impl UListener for Announcing {
    async fn on_receive(&self, _: UMessage) {
        self.0.send("the other listener").unwrap();
    }
}

/// A worker thread keeps the task that it spawned last for itself.
#[test]
fn blocked_worker_holds_up_no_message() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).on_thread_start(place::become_worker).build().unwrap();
    let started = Control::start().unwrap();
    let (listeners, control) = (runtime.handle().clone(), started.runtime().clone());
    let executor = Executor::new(listeners.clone(), control.clone());
    let mailbox = |listener| {
        Arc::new(Mailbox::new(listener, LIMITS, executor.clone(), Arc::new(Counters::default())))
    };
    let ((news, first), (done, is_done)) = (mpsc::channel(), mpsc::channel());
    let (first, other) = (Mutex::new(first), mailbox(Arc::new(Announcing(news.clone()))));
    let forwarding = Forwarding { other, listeners, control, first, news, done };
    post(&mailbox(Arc::new(forwarding)), 0);
    assert_eq!(is_done.recv(), Ok("the other listener"));
}
