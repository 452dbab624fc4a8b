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

//! From vsomeip's dispatcher thread to a listener: one bounded queue for each listener.
//!
//! A listener gets its messages one after the other, in the order in which vsomeip delivered them.
//! One that is slow fills its own queue and holds up nobody else; one that panics loses the message
//! that it panicked on. One that has been quick so far runs on the dispatcher thread itself, if
//! nothing is queued for it: changing the thread costs more than all the rest.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Mutex, MutexGuard};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::coop;
use up_rust::{UListener, UMessage};
use vsomeip_sys::callback::quietly;

use crate::builder::Overflow;
use crate::delivery::inline::{self, Pace};
use crate::mapping::ttl::remaining_time;
use crate::metrics::Counters;
use crate::registration::routes::Matched;

/// Invokes one listener, whatever number of filters it is registered with.
pub(crate) struct Worker {
    listener: Arc<dyn UListener>,
    queue: Mutex<Queue>,
    capacity: usize,
    overflow: Overflow,
    pace: Pace,
    runtime: Handle,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    activity: Activity,
    /// Those who wait for the end of the first step that is taken now: they learn of it as their
    /// channel closes.
    settling: Vec<oneshot::Sender<Infallible>>,
}

/// A message that waits for the listener.
struct Waiting {
    message: UMessage,
    matched: Matched,
}

/// What is left of a call after its first step. It can change the thread between two steps.
type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a task, or the dispatcher, is doing with the listener. There is never a second one, which is
/// what keeps the order.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Activity {
    #[default]
    Idle,
    /// The first step of a call, from the look at whether it is still wanted.
    FirstStep,
    /// What comes before and after a first step.
    GoingOn,
}

impl Queue {
    fn is_idle(&self) -> bool {
        self.activity == Activity::Idle
    }

    /// Returns what there is no room for.
    fn append(&mut self, last: Waiting, capacity: usize, overflow: Overflow) -> Option<Waiting> {
        if self.waiting.len() < capacity {
            self.waiting.push_back(last);
            return None;
        }
        let oldest = match overflow {
            Overflow::DropNewest => None,
            Overflow::DropOldest => self.waiting.pop_front(),
        };
        if oldest.is_none() {
            return Some(last);
        }
        self.waiting.push_back(last);
        oldest
    }
}

/// Those who wait for the end of a first step are told only when the queue is not locked any more:
/// they may go on at once.
fn go_over(mut queue: MutexGuard<'_, Queue>, activity: Activity) {
    queue.activity = activity;
    if !queue.settling.is_empty() {
        let settled = std::mem::take(&mut queue.settling);
        drop(queue);
        drop(settled);
    }
}

impl Worker {
    pub(crate) fn new(
        listener: Arc<dyn UListener>,
        capacity: usize,
        runtime: Handle,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            listener,
            queue: Mutex::default(),
            capacity,
            overflow: Overflow::default(),
            pace: Pace::default(),
            runtime,
            counters,
        }
    }

    /// Has the listener run on the transport's runtime only, or else, where possible, in place.
    pub(crate) fn in_place(self, allowed: bool) -> Self {
        let pace = if allowed { Pace::default() } else { Pace::never_in_place() };
        Self { pace, ..self }
    }

    /// What happens when the queue is full.
    pub(crate) fn when_full(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }

    /// Passes a message to the listener that it is for, at once if that is possible, or queues it.
    pub(crate) fn enqueue(message: UMessage, matched: Matched) {
        let worker = matched.worker();
        if worker.pace.may_run_here() && worker.is_free_to_begin() {
            worker.run_here(message, &matched);
        } else {
            Self::append(message, matched);
        }
    }

    /// Queues a message for the listener that it is for; drops one if the queue is full.
    pub(crate) fn append(message: UMessage, matched: Matched) {
        let worker = matched.worker().clone();
        let mut queue = worker.queue.lock();
        let last = Waiting { message, matched };
        let dropped = queue.append(last, worker.capacity, worker.overflow);
        let is_to_be_drained = queue.is_idle() && !queue.waiting.is_empty();
        if is_to_be_drained {
            queue.activity = Activity::GoingOn;
        }
        drop(queue);
        if is_to_be_drained {
            worker.runtime.spawn(worker.clone().drain(None));
        }
        if dropped.is_some() && worker.counters.dropped_queue_full.increment() == 0 {
            log::warn!(capacity = worker.capacity; "a listener is too slow: messages are dropped");
        }
    }

    /// Whether nothing else is done with the listener; from now on, something is.
    fn is_free_to_begin(&self) -> bool {
        let mut queue = self.queue.lock();
        let is_idle = queue.is_idle();
        if is_idle {
            queue.activity = Activity::FirstStep;
        }
        is_idle
    }

    /// Takes the first step of a call on this thread. Only if more is to be done, a task does it.
    fn run_here(self: &Arc<Self>, message: UMessage, matched: &Matched) {
        let begun = {
            // A listener may rely on being inside of a runtime.
            let _runtime = self.runtime.enter();
            // Who wakes it is told again by the task, which takes the next step in any case.
            self.begin(message, matched, &mut Context::from_waker(Waker::noop()))
        };
        let queue = self.queue.lock();
        let is_done = begun.is_none() && queue.waiting.is_empty();
        go_over(queue, if is_done { Activity::Idle } else { Activity::GoingOn });
        if !is_done {
            self.runtime.spawn(self.clone().drain(begun));
        }
    }

    /// Takes the first step of a call; returns what is left of it.
    fn begin(
        &self,
        message: UMessage,
        matched: &Matched,
        context: &mut Context<'_>,
    ) -> Option<Call> {
        if !matched.is_active() {
            return None;
        }
        self.counters.delivered.increment();
        // Its own owner of the listener lets the call change the thread.
        let listener = self.listener.clone();
        let call = Box::pin(async move { listener.on_receive(message).await });
        self.pace.measured(|| self.step(call, context))
    }

    /// Takes a step of a call; returns what is left of it. A panic ends it.
    fn step(&self, mut call: Call, context: &mut Context<'_>) -> Option<Call> {
        // The end of the call is in it: what is dropped then may panic, too.
        let step = || {
            inline::inside_listener(move || {
                call.as_mut().poll(context).is_pending().then_some(call)
            })
        };
        catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
            self.counters.listener_panics.increment();
            quietly(|| log::error!("a listener panicked; the message is lost"));
            quietly(|| drop(panic));
            None
        })
    }

    async fn drain(self: Arc<Self>, begun: Option<Call>) {
        // What is to begin, and what is left of what has begun.
        let (mut next, mut call) = (None, begun);
        loop {
            poll_fn(|context| {
                call = match next.take() {
                    Some(Waiting { message, matched }) => {
                        let begun = self.begin(message, &matched, context);
                        go_over(self.queue.lock(), Activity::GoingOn);
                        begun
                    }
                    None => call.take().and_then(|call| self.step(call, context)),
                };
                call.as_ref().map_or(Poll::Ready(()), |_| Poll::Pending)
            })
            .await;
            // A listener that never waits must not keep its thread from the others.
            coop::consume_budget().await;
            next = self.next();
            if next.is_none() {
                return;
            }
        }
    }

    /// How many messages wait for the listener.
    pub(crate) fn queued(&self) -> usize {
        self.queue.lock().waiting.len()
    }

    fn next(&self) -> Option<Waiting> {
        loop {
            let mut queue = self.queue.lock();
            let next = queue.waiting.pop_front();
            let is_more = next.is_some();
            go_over(queue, if is_more { Activity::FirstStep } else { Activity::Idle });
            // It may have waited for long.
            if !next.as_ref().is_some_and(Waiting::has_expired) {
                return next;
            }
            self.counters.dropped_expired.increment();
        }
    }

    /// Waits until every call of the listener that began before has done its first step. Those that
    /// begin afterwards see which registrations have ended, so nothing is delivered for these any
    /// more once this has returned.
    ///
    /// Inside a listener nothing is waited for: the call may be the listener's own.
    pub(crate) async fn settle(&self) {
        if inline::is_inside_listener() {
            return;
        }
        let ended = {
            let mut queue = self.queue.lock();
            if queue.activity != Activity::FirstStep {
                return;
            }
            let (closes_at_its_end, ended) = oneshot::channel();
            queue.settling.push(closes_at_its_end);
            ended
        };
        let Err(_closed) = ended.await;
    }
}

impl Waiting {
    // [impl->dsn~up-attributes-ttl-timeout~1]
    fn has_expired(&self) -> bool {
        let attributes = self.message.attributes.as_ref();
        attributes.is_some_and(|attributes| remaining_time(attributes).is_err())
    }
}

#[cfg(test)]
mod tests;
