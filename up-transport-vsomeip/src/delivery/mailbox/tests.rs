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

mod endings;
mod inline_calls;
mod order;
mod receipts;

use std::pin::pin;
use std::sync::{mpsc, OnceLock};
use std::thread;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use tokio::sync::Notify;
use tokio::task::yield_now;
use up_rust::UMessage;

use super::*;
use crate::options::Overflow;
use crate::testing::{arriving, idle, inbox, next, number_of, numbers, published, Inbox};

const TOPIC: &str = "//ecu/1234/1/8001";
const LIMITS: QueueLimits =
    QueueLimits { messages: 20_000, bytes: usize::MAX, overflow: Overflow::DropNewest };

fn mailbox(listener: Arc<dyn UListener>) -> (Arc<Mailbox>, Arc<Counters>) {
    limited(listener, LIMITS)
}

fn limited(listener: Arc<dyn UListener>, limits: QueueLimits) -> (Arc<Mailbox>, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let executor = Executor::on(Handle::current());
    (Arc::new(Mailbox::new(listener, limits, executor, counters.clone())), counters)
}

/// A message for the registration `token`.
fn delivery(token: &Token, number: u32) -> Delivery {
    Delivery::new(published(TOPIC, number), Tokens::new(token.clone()), None)
}

/// Queues a message for a permanent registration.
fn post(mailbox: &Arc<Mailbox>, number: u32) {
    mailbox.post(delivery(&Token::default(), number));
}

/// Passes on the numbers of its messages, and waits in each call until it may go on.
struct Slow {
    delivered: UnboundedSender<u32>,
    may_go_on: Arc<Notify>,
}

#[async_trait]
impl UListener for Slow {
    async fn on_receive(&self, message: UMessage) {
        self.delivered.send(number_of(&message)).unwrap();
        self.may_go_on.notified().await;
    }
}

fn slow() -> (Arc<Slow>, UnboundedReceiver<u32>, Arc<Notify>) {
    let (delivered, receiver) = unbounded_channel();
    let may_go_on = Arc::new(Notify::new());
    (Arc::new(Slow { delivered, may_go_on: may_go_on.clone() }), receiver, may_go_on)
}

/// Passes on the numbers of its messages, and blocks its thread in each call until it may go on.
struct Blocking(Mutex<mpsc::Receiver<()>>, UnboundedSender<u32>);

#[async_trait]
impl UListener for Blocking {
    async fn on_receive(&self, message: UMessage) {
        self.1.send(number_of(&message)).unwrap();
        // Fails when the test has ended.
        let _ = self.0.lock().recv();
    }
}

fn blocking() -> (Arc<Blocking>, UnboundedReceiver<u32>, mpsc::Sender<()>) {
    let (go_on, may_go_on) = mpsc::channel();
    let (begins, begun) = unbounded_channel();
    (Arc::new(Blocking(Mutex::new(may_go_on), begins)), begun, go_on)
}

/// Yields a different number of times for each message.
struct Hesitant(UnboundedSender<u32>);

#[async_trait]
impl UListener for Hesitant {
    async fn on_receive(&self, message: UMessage) {
        let number = number_of(&message);
        for _ in 0..number.wrapping_mul(2_654_435_761) >> 30 {
            yield_now().await;
        }
        self.0.send(number).unwrap();
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("on purpose, at last");
    }
}

fn is_pending(future: &mut Pin<&mut impl Future>) -> bool {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[tokio::test(start_paused = true)]
async fn full_mailbox_drops_newest() {
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = limited(listener, QueueLimits { messages: 3, ..LIMITS });
    // Nothing is delivered before this task yields.
    (0..5).for_each(|number| post(&mailbox, number));
    assert_eq!(counters.dropped_queue_full.get(), 2);
    assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
    (5..9).for_each(|number| post(&mailbox, number));
    assert_eq!(numbers(&mut inbox, 3).await, [5, 6, 7]);
    assert_eq!((counters.delivered.get(), counters.dropped_queue_full.get()), (6, 3));
}

#[tokio::test(start_paused = true)]
async fn full_mailbox_drops_oldest_by_policy() {
    let (listener, mut inbox) = inbox();
    let limits = QueueLimits { messages: 3, overflow: Overflow::DropOldest, ..LIMITS };
    let (mailbox, counters) = limited(listener, limits);
    (0..5).for_each(|number| post(&mailbox, number));
    assert_eq!(numbers(&mut inbox, 3).await, [2, 3, 4]);
    assert_eq!((counters.delivered.get(), counters.dropped_queue_full.get()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn mailbox_is_bounded_by_bytes() {
    for (overflow, kept) in [(Overflow::DropNewest, [0, 1]), (Overflow::DropOldest, [3, 4])] {
        let (listener, mut inbox) = inbox();
        // Room for two payloads of four bytes each.
        let (mailbox, counters) = limited(listener, QueueLimits { bytes: 11, overflow, ..LIMITS });
        (0..5).for_each(|number| post(&mailbox, number));
        assert_eq!((mailbox.queued(), counters.dropped_queue_full.get()), (2, 3));
        assert_eq!(numbers(&mut inbox, 2).await, kept);
        // Delivered messages have made room.
        (5..7).for_each(|number| post(&mailbox, number));
        assert_eq!(numbers(&mut inbox, 2).await, [5, 6]);
        assert_eq!(counters.dropped_queue_full.get(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn full_mailbox_affects_no_other() {
    let (slow, mut slow_inbox, _) = slow();
    let limits = QueueLimits { messages: 1, ..LIMITS };
    let (slow_mailbox, slow_counters) = limited(slow, limits);
    post(&slow_mailbox, 0);
    assert_eq!(next(&mut slow_inbox).await, 0);
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = limited(listener, limits);
    for number in 1..4 {
        post(&slow_mailbox, number);
        post(&mailbox, number);
        assert_eq!(numbers(&mut inbox, 1).await, [number]);
    }
    // The listener handles one, and one is queued.
    assert_eq!(slow_counters.dropped_queue_full.get(), 2);
    assert_eq!(counters.dropped_queue_full.get(), 0);
}

/// Panics in different ways at messages 1 to 3.
struct Panicking(Arc<Inbox>);

#[async_trait]
impl UListener for Panicking {
    async fn on_receive(&self, message: UMessage) {
        match number_of(&message) {
            1 => panic!("on purpose"),
            2 => {
                yield_now().await;
                panic!("on purpose, later")
            }
            3 => std::panic::panic_any(Bomb),
            _ => self.0.on_receive(message).await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn panic_loses_one_message() {
    let (listener, mut inbox) = inbox();
    let (mailbox, counters) = mailbox(Arc::new(Panicking(listener)));
    (0..6).for_each(|number| post(&mailbox, number));
    assert_eq!(numbers(&mut inbox, 3).await, [0, 4, 5]);
    assert_eq!((counters.delivered.get(), counters.listener_panics.get()), (6, 3));
}

#[tokio::test(start_paused = true)]
async fn idle_waits_for_calls_and_queue() {
    let (slow, mut inbox, may_go_on) = slow();
    let (mailbox, _) = mailbox(slow);
    assert!(mailbox.is_idle());
    arriving(mailbox.idle()).await;
    (0..2).for_each(|number| post(&mailbox, number));
    let mut idling = pin!(mailbox.idle());
    for expected in 0..2 {
        assert_eq!(next(&mut inbox).await, expected);
        idle().await;
        assert!(is_pending(&mut idling) && !mailbox.is_idle());
        may_go_on.notify_one();
    }
    arriving(idling).await;
    assert!(mailbox.is_idle());
}
