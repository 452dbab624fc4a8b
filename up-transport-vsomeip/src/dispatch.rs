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

mod place;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{poll_fn, Future};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::coop;
use up_rust::{UListener, UMessage};

use crate::builder::Overflow;
use crate::dispatch::place::Pace;
use crate::metrics::Counters;
use crate::registration::listeners::Registration;
use crate::time_to_live::remaining_time;

pub(crate) use crate::dispatch::place::{is_elsewhere, on_dispatcher};

/// The registrations that a message is delivered for; nearly always one.
pub(crate) type Matched = SmallVec<[Arc<Registration>; 1]>;

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
    waiting: VecDeque<Delivery>,
    activity: Activity,
}

/// What a task, or the dispatcher, is doing with the listener. There is never a second one, which is
/// what keeps the order.
#[derive(Default)]
enum Activity {
    #[default]
    Idle,
    /// The first step of a call, from the look at whether it is still wanted. Those who wait for its
    /// end learn of it as their channel closes.
    FirstStep(Vec<oneshot::Sender<Infallible>>),
    /// What comes before and after a first step.
    GoingOn,
}

impl Queue {
    fn is_idle(&self) -> bool {
        matches!(self.activity, Activity::Idle)
    }

    /// Returns what there is no room for.
    fn append(
        &mut self,
        delivery: Delivery,
        capacity: usize,
        overflow: Overflow,
    ) -> Option<Delivery> {
        if self.waiting.len() < capacity {
            self.waiting.push_back(delivery);
            return None;
        }
        let oldest = match overflow {
            Overflow::DropNewest => None,
            Overflow::DropOldest => self.waiting.pop_front(),
        };
        if oldest.is_none() {
            return Some(delivery);
        }
        self.waiting.push_back(delivery);
        oldest
    }
}

/// Those who wait for the end of a first step are told only when the queue is not locked any more:
/// they may go on at once.
fn go_over(mut queue: MutexGuard<'_, Queue>, activity: Activity) {
    let ended = std::mem::replace(&mut queue.activity, activity);
    drop(queue);
    drop(ended);
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

    /// Passes a message to the listener at once if that is possible, or queues it; drops one if the
    /// queue is full.
    pub(crate) fn enqueue(self: &Arc<Self>, message: UMessage, matched: Matched) {
        let delivery = Delivery::new(message, matched);
        let mut queue = self.queue.lock();
        let is_idle = queue.is_idle();
        if is_idle && self.pace.may_run_here() {
            queue.activity = Activity::FirstStep(Vec::new());
            drop(queue);
            return self.run_here(delivery);
        }
        let dropped = queue.append(delivery, self.capacity, self.overflow);
        let is_to_be_drained = is_idle && !queue.waiting.is_empty();
        if is_to_be_drained {
            queue.activity = Activity::GoingOn;
        }
        drop(queue);
        if is_to_be_drained {
            self.runtime.spawn(self.clone().drain(None));
        }
        if dropped.is_some() && self.counters.dropped_queue_full.increment() == 0 {
            log::warn!(capacity = self.capacity; "a listener is too slow: messages are dropped");
        }
    }

    /// Takes the first step of a call on this thread. Only if more is to be done, a task does it.
    fn run_here(self: &Arc<Self>, mut delivery: Delivery) {
        let step = {
            // A listener may rely on being inside of a runtime.
            let _runtime = self.runtime.enter();
            // Who wakes it is told again by the task, which takes the next step in any case.
            delivery.step(self, &mut Context::from_waker(Waker::noop()))
        };
        let queue = self.queue.lock();
        let is_done = step.is_ready() && queue.waiting.is_empty();
        go_over(queue, if is_done { Activity::Idle } else { Activity::GoingOn });
        if !is_done {
            let begun = step.is_pending().then_some(delivery);
            self.runtime.spawn(self.clone().drain(begun));
        }
    }

    async fn drain(self: Arc<Self>, begun: Option<Delivery>) {
        let mut next = begun.or_else(|| self.next());
        while let Some(mut delivery) = next {
            poll_fn(|context| {
                let is_first = delivery.message.is_some();
                let step = delivery.step(&self, context);
                if is_first {
                    go_over(self.queue.lock(), Activity::GoingOn);
                }
                step
            })
            .await;
            drop(delivery);
            // A listener that never waits must not keep its thread from the others.
            coop::consume_budget().await;
            next = self.next();
        }
    }

    /// How many messages wait for the listener.
    pub(crate) fn queued(&self) -> usize {
        self.queue.lock().waiting.len()
    }

    fn next(&self) -> Option<Delivery> {
        loop {
            let mut queue = self.queue.lock();
            let next = queue.waiting.pop_front();
            let is_more = next.is_some();
            go_over(queue, if is_more { Activity::FirstStep(Vec::new()) } else { Activity::Idle });
            // It may have waited for long.
            if !next.as_ref().is_some_and(Delivery::has_expired) {
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
        if place::is_inside_listener() {
            return;
        }
        let ended = {
            let mut queue = self.queue.lock();
            let Activity::FirstStep(waiting) = &mut queue.activity else { return };
            let (closes_at_its_end, ended) = oneshot::channel();
            waiting.push(closes_at_its_end);
            ended
        };
        let Err(_closed) = ended.await;
    }
}

/// A message on its way to a listener, in steps. It can change the thread between two of them.
struct Delivery {
    /// Until the first step.
    message: Option<UMessage>,
    matched: Matched,
    /// From the first step on.
    call: Option<Call>,
}

type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Delivery {
    fn new(message: UMessage, matched: Matched) -> Self {
        Self { message: Some(message), matched, call: None }
    }

    // [impl->dsn~up-attributes-ttl-timeout~1]
    fn has_expired(&self) -> bool {
        let attributes = self.message.as_ref().and_then(|message| message.attributes.as_ref());
        attributes.is_some_and(|attributes| remaining_time(attributes).is_err())
    }

    /// Takes the next step. A panic ends the delivery.
    fn step(&mut self, worker: &Worker, context: &mut Context<'_>) -> Poll<()> {
        let step = catch_unwind(AssertUnwindSafe(|| match self.message.take() {
            Some(message) => self.begin(message, worker, context),
            None => self.go_on(context),
        }));
        step.unwrap_or_else(|_| {
            worker.counters.listener_panics.increment();
            log::error!("a listener panicked; the message is lost");
            Poll::Ready(())
        })
    }

    fn begin(&mut self, message: UMessage, worker: &Worker, context: &mut Context) -> Poll<()> {
        if !self.matched.iter().any(|registration| registration.is_active()) {
            return Poll::Ready(());
        }
        worker.counters.delivered.increment();
        // Its own owner of the listener lets the call change the thread.
        let listener = worker.listener.clone();
        let call = self.call.insert(Box::pin(async move { listener.on_receive(message).await }));
        worker.pace.measured(|| place::inside_listener(|| call.as_mut().poll(context)))
    }

    fn go_on(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.call {
            Some(call) => place::inside_listener(|| call.as_mut().poll(context)),
            None => Poll::Ready(()),
        }
    }
}

#[cfg(test)]
mod tests;
