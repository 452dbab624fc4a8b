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

//! The mailbox of a listener: a bounded queue, and at most one call at a time.
//!
//! A listener gets its messages in the order in which vsomeip delivered them. A slow listener fills its own
//! mailbox without holding up others; one that panics loses the message. A quick listener runs inline on
//! the dispatcher thread while its mailbox is empty, as switching threads costs more than all the rest.

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

/// Calls one listener, regardless of the number of its registrations.
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
    /// Channels that close at the next transition.
    waiters: Vec<oneshot::Sender<Infallible>>,
    is_closed: bool,
}

/// What a task, or the dispatcher thread, is doing with the listener. There is only one at a time, which
/// preserves the order.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Activity {
    #[default]
    Idle,
    /// The first poll of a call, including the check of its registrations.
    FirstPoll,
    /// Before and after first polls.
    Draining,
}

/// A call of a listener, which can move to another thread between polls.
type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call in progress.
struct Running {
    call: Call,
    receipt: Option<Arc<dyn Receipt>>,
}

/// The number of calls of a listener before others on its thread have their turn.
const CALLS_AT_A_TIME: u32 = 64;

/// Changes the activity. Wakes waiters after unlocking the state, as they may lock it at once.
fn transition(mut state: MutexGuard<'_, State>, activity: Activity) {
    state.activity = activity;
    if !state.waiters.is_empty() {
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        drop(waiters);
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

    /// Makes the listener run only on the transport's threads.
    pub(crate) fn never_inline(self) -> Self {
        Self { credit: Credit::never(), ..self }
    }

    /// Delivers a message inline if possible, else queues it.
    pub(crate) fn deliver(self: &Arc<Self>, delivery: Delivery) {
        if self.credit.allows_inline() && self.begin_if_idle() {
            self.run_inline(delivery);
        } else {
            self.post(delivery);
        }
    }

    /// Queues a message. If there is no room, drops messages as the overflow policy says.
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

    /// To be called without the lock: dropping a delivery may run arbitrary code.
    fn count_dropped(&self, dropped: Vec<Delivery>) {
        for delivery in dropped {
            if self.counters.dropped_queue_full.increment() == 0 {
                let QueueLimits { messages, bytes, .. } = self.limits;
                log::warn!(
                    messages, bytes;
                    "a listener is too slow, so its messages are dropped; make it faster, or raise \
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

    /// Polls a call for the first time on this thread. Spawns a task if anything is left to do.
    fn run_inline(self: &Arc<Self>, delivery: Delivery) {
        let running = {
            let _runtime = self.executor.enter();
            // Wakeups are not lost: if the call is pending, the task polls it again.
            self.begin(delivery, &mut Context::from_waker(Waker::noop()))
        };
        let state = self.state.lock();
        let is_done = running.is_none() && state.queue.is_empty();
        transition(state, if is_done { Activity::Idle } else { Activity::Draining });
        if !is_done {
            self.executor.spawn(self.clone().drain(running));
        }
    }

    /// Starts a call, unless its registrations have ended. Returns the call if it is pending.
    fn begin(&self, delivery: Delivery, context: &mut Context<'_>) -> Option<Running> {
        if !delivery.is_wanted() {
            delivery.lose(Loss::Unregistered);
            return None;
        }
        self.counters.delivered.increment();
        let (message, receipt) = delivery.into_parts();
        // Owned by the call, which may outlive the mailbox.
        let listener = self.listener.clone();
        let call: Call = Box::pin(async move { listener.on_receive(message).await });
        self.credit.measured(|| self.poll(Running { call, receipt }, context))
    }

    /// Polls a call. Returns it if it is pending. A panic ends it.
    fn poll(&self, running: Running, context: &mut Context<'_>) -> Option<Running> {
        let Running { mut call, receipt } = running;
        // Includes dropping the call, which may panic, too.
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
                quietly(|| log::error!("a listener panicked, and lost the message"));
                quietly(|| drop(panic));
                if let Some(receipt) = receipt {
                    receipt.lost(Loss::Panicked);
                }
            }
        }
        None
    }

    /// Finishes a started call, then runs all queued ones.
    async fn drain(self: Arc<Self>, started: Option<Running>) {
        let (mut next, mut running) = (None, started);
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
            // A listener that is never pending must not starve others on this thread.
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

    /// The number of queued messages.
    pub(crate) fn queued(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Drops the queued messages whose registrations have ended.
    pub(crate) fn purge(&self) {
        let unwanted = self.state.lock().queue.take_unwanted();
        unwanted.into_iter().for_each(|delivery| delivery.lose(Loss::Unregistered));
    }

    /// Drops all queued messages. A started call continues.
    pub(crate) fn clear(&self) {
        let waiting = std::mem::take(&mut self.state.lock().queue);
        waiting.into_iter().for_each(|delivery| delivery.lose(Loss::Ended));
    }

    /// Drops all queued messages, and accepts no more.
    pub(crate) fn close(&self) {
        self.state.lock().is_closed = true;
        self.clear();
    }

    /// Whether no call is in progress, and no message queued.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.lock().activity == Activity::Idle
    }

    /// Waits until the mailbox is idle.
    pub(crate) async fn idle(&self) {
        while let Some(changed) = self.waiter_unless(|activity| activity == Activity::Idle) {
            let Err(_closed) = changed.await;
        }
    }

    /// Waits until every call that is being started has been polled. Later calls see which registrations
    /// have ended, so once this returns, nothing is delivered for those any more.
    ///
    /// Does not wait inside a listener, since the call may be that listener's own.
    pub(crate) async fn settle(&self) {
        if place::is_inside_listener() {
            return;
        }
        if let Some(changed) = self.waiter_unless(|activity| activity != Activity::FirstPoll) {
            let Err(_closed) = changed.await;
        }
    }

    /// A channel that closes at the next transition; `None` if `is_done` holds already.
    fn waiter_unless(
        &self,
        is_done: impl Fn(Activity) -> bool,
    ) -> Option<oneshot::Receiver<Infallible>> {
        let mut state = self.state.lock();
        if is_done(state.activity) {
            return None;
        }
        let (closes_at_transition, changed) = oneshot::channel();
        state.waiters.push(closes_at_transition);
        Some(changed)
    }
}

#[cfg(test)]
mod tests;
