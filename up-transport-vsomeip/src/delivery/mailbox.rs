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

//! The mailbox of a listener: one bounded queue, and never more than one call at a time.
//!
//! A listener gets its messages one after the other, in the order in which vsomeip delivered them.
//! One that is slow fills its own mailbox and holds up nobody else; one that panics loses the message
//! that it panicked on. One that has been quick so far runs inline, on the dispatcher thread, while
//! its mailbox is empty: changing the thread costs more than all the rest.

mod delivery;
mod queue;

use std::convert::Infallible;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use up_rust::UListener;
use vsomeip_sys::callback::quietly;

use crate::delivery::credit::Credit;
use crate::delivery::executor::Executor;
use crate::delivery::place;
use crate::metrics::Counters;
use crate::options::QueueLimits;

pub(crate) use delivery::{Delivery, Loss, Receipt, Token, Tokens};
use queue::Queue;

/// Invokes one listener, whatever number of filters it is registered with.
pub(crate) struct Mailbox {
    listener: Arc<dyn UListener>,
    state: Mutex<State>,
    limits: QueueLimits,
    credit: Credit,
    executor: Executor,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct State {
    queue: Queue,
    activity: Activity,
    /// Those who wait for a transition: they learn of it as their channel closes.
    waiters: Vec<oneshot::Sender<Infallible>>,
    /// Nothing is taken in any more.
    is_closed: bool,
}

/// What a task, or the dispatcher, is doing with the listener. There is never a second one, which
/// keeps the order.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Activity {
    #[default]
    Idle,
    /// The first poll of a call, from the look at whether it is still wanted.
    FirstPoll,
    /// What comes before and after a first poll.
    Draining,
}

/// What is left of a call after its first poll. It can change the thread between two polls.
type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call that goes on, and who is told if it is lost.
struct Running {
    call: Call,
    receipt: Option<Arc<dyn Receipt>>,
}

/// After so many calls in a row, other listeners have their turn.
const CALLS_AT_A_TIME: u32 = 64;

/// Waiters are told only when the mailbox is not locked any more: they may go on at once.
fn transition(mut state: MutexGuard<'_, State>, activity: Activity) {
    state.activity = activity;
    if !state.waiters.is_empty() {
        let told = std::mem::take(&mut state.waiters);
        drop(state);
        drop(told);
    }
}

impl Mailbox {
    pub(crate) fn new(
        listener: Arc<dyn UListener>,
        limits: QueueLimits,
        executor: Executor,
        counters: Arc<Counters>,
    ) -> Self {
        let (state, credit) = (Mutex::default(), Credit::default());
        Self { listener, state, limits, credit, executor, counters }
    }

    /// Makes the listener run on threads of the transport's own only.
    pub(crate) fn never_inline(self) -> Self {
        Self { credit: Credit::never(), ..self }
    }

    /// Delivers a message: inline if that is possible, else it is queued.
    pub(crate) fn deliver(self: &Arc<Self>, delivery: Delivery) {
        if self.credit.allows_inline() && self.begin_if_idle() {
            self.run_inline(delivery);
        } else {
            self.post(delivery);
        }
    }

    /// Queues a message; drops some if there is no room.
    pub(crate) fn post(self: &Arc<Self>, delivery: Delivery) {
        let mut state = self.state.lock();
        if state.is_closed {
            drop(state);
            return delivery.lose(Loss::Ended);
        }
        let dropped = state.queue.push(delivery, self.limits);
        let starts = state.activity == Activity::Idle && !state.queue.is_empty();
        if starts {
            state.activity = Activity::Draining;
        }
        drop(state);
        if starts {
            self.executor.spawn(self.clone().drain(None));
        }
        self.count_dropped(dropped);
    }

    /// Not under the lock: what is dropped may be the last owner of something larger.
    fn count_dropped(&self, dropped: Vec<Delivery>) {
        for delivery in dropped {
            if self.counters.dropped_queue_full.increment() == 0 {
                let QueueLimits { messages, bytes, .. } = self.limits;
                log::warn!(
                    messages, bytes;
                    "a listener is too slow: messages are dropped; make it quicker, or raise \
                     `listener_queue` and `listener_queue_bytes`"
                );
            }
            delivery.lose(Loss::QueueFull);
        }
    }

    fn begin_if_idle(&self) -> bool {
        let mut state = self.state.lock();
        let is_idle = state.activity == Activity::Idle && !state.is_closed;
        if is_idle {
            state.activity = Activity::FirstPoll;
        }
        is_idle
    }

    /// Polls a call for the first time on this thread. Only if more is to be done, a task does it.
    fn run_inline(self: &Arc<Self>, delivery: Delivery) {
        let running = {
            let _runtime = self.executor.enter();
            // Who wakes it is told again by the task, which polls in any case.
            self.begin(delivery, &mut Context::from_waker(Waker::noop()))
        };
        let state = self.state.lock();
        let is_done = running.is_none() && state.queue.is_empty();
        transition(state, if is_done { Activity::Idle } else { Activity::Draining });
        if !is_done {
            self.executor.spawn(self.clone().drain(running));
        }
    }

    /// Begins a call; returns what is left of it after the first poll.
    fn begin(&self, delivery: Delivery, context: &mut Context<'_>) -> Option<Running> {
        if !delivery.is_wanted() {
            delivery.lose(Loss::Unregistered);
            return None;
        }
        self.counters.delivered.increment();
        let (message, receipt) = delivery.into_parts();
        // Its own owner of the listener lets the call change the thread.
        let listener = self.listener.clone();
        let call: Call = Box::pin(async move { listener.on_receive(message).await });
        self.credit.measured(|| self.poll(Running { call, receipt }, context))
    }

    /// Polls a call; returns what is left of it. A panic ends it.
    fn poll(&self, running: Running, context: &mut Context<'_>) -> Option<Running> {
        let Running { mut call, receipt } = running;
        // The end of the call is in it: what is dropped then may panic, too.
        let poll = || {
            place::inside_listener(move || call.as_mut().poll(context).is_pending().then_some(call))
        };
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Some(call)) => return Some(Running { call, receipt }),
            Ok(None) => {
                if let Some(receipt) = receipt {
                    receipt.taken();
                }
            }
            Err(panic) => {
                self.counters.listener_panics.increment();
                quietly(|| log::error!("a listener panicked; the message is lost"));
                quietly(|| drop(panic));
                if let Some(receipt) = receipt {
                    receipt.lost(Loss::Panicked);
                }
            }
        }
        None
    }

    async fn drain(self: Arc<Self>, begun: Option<Running>) {
        // What is to begin, and what is left of what has begun.
        let (mut next, mut running) = (None, begun);
        for call in 1_u32.. {
            poll_fn(|context| {
                running = match next.take() {
                    Some(delivery) => {
                        let begun = self.begin(delivery, context);
                        transition(self.state.lock(), Activity::Draining);
                        begun
                    }
                    None => running.take().and_then(|running| self.poll(running, context)),
                };
                running.as_ref().map_or(Poll::Ready(()), |_| Poll::Pending)
            })
            .await;
            // A listener that never waits must not keep its thread from the others.
            if call.is_multiple_of(CALLS_AT_A_TIME) {
                yield_now().await;
            }
            next = self.next();
            if next.is_none() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Delivery> {
        loop {
            let mut state = self.state.lock();
            let next = state.queue.pop();
            let activity = if next.is_some() { Activity::FirstPoll } else { Activity::Idle };
            transition(state, activity);
            // [impl->dsn~up-attributes-ttl-timeout~1]
            let expired = match next {
                Some(delivery) if delivery.has_expired() => delivery,
                next => return next,
            };
            self.counters.dropped_expired.increment();
            expired.lose(Loss::Expired);
        }
    }

    /// How many messages wait for the listener.
    pub(crate) fn queued(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Drops what waits for the listener and is no longer wanted.
    pub(crate) fn purge(&self) {
        let unwanted = self.state.lock().queue.take_unwanted();
        unwanted.into_iter().for_each(|delivery| delivery.lose(Loss::Unregistered));
    }

    /// Drops all that waits for the listener. A call that has begun goes on.
    pub(crate) fn clear(&self) {
        let waiting = std::mem::take(&mut self.state.lock().queue);
        waiting.into_iter().for_each(|delivery| delivery.lose(Loss::Ended));
    }

    /// Drops all that waits for the listener, and takes nothing in any more.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.clear();
    }

    /// Whether no call of the listener goes on, and nothing waits for it.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.lock().activity == Activity::Idle
    }

    /// Waits until no call of the listener goes on, and nothing waits for it.
    pub(crate) async fn idle(&self) {
        while let Some(changed) = self.waiter_unless(|activity| activity == Activity::Idle) {
            let Err(_closed) = changed.await;
        }
    }

    /// Waits until every call of the listener that began before was polled. Those that begin
    /// afterwards see which registrations have ended, so nothing is delivered for these any more once
    /// this has returned.
    ///
    /// Inside a listener nothing is waited for: the call may be the listener's own.
    pub(crate) async fn settle(&self) {
        if place::is_inside_listener() {
            return;
        }
        if let Some(changed) = self.waiter_unless(|activity| activity != Activity::FirstPoll) {
            let Err(_closed) = changed.await;
        }
    }

    /// A channel that closes at the next transition, unless the activity is as wanted.
    fn waiter_unless(
        &self,
        is_wanted: impl Fn(Activity) -> bool,
    ) -> Option<oneshot::Receiver<Infallible>> {
        let mut state = self.state.lock();
        if is_wanted(state.activity) {
            return None;
        }
        let (closes_at_transition, changed) = oneshot::channel();
        state.waiters.push(closes_at_transition);
        Some(changed)
    }
}

#[cfg(test)]
mod tests;
