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
//! that it panicked on.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{poll_fn, Future};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::coop;
use up_rust::{UListener, UMessage};

use crate::metrics::Counters;
use crate::registration::listeners::Registration;

/// The registrations that a message is delivered for; nearly always one.
pub(crate) type Matched = SmallVec<[Arc<Registration>; 1]>;

/// Invokes one listener, whatever number of filters it is registered with.
pub(crate) struct Worker {
    listener: Arc<dyn UListener>,
    /// Held during the first step of a call, from the look at whether it is still wanted.
    starting: Mutex<()>,
    started: Notify,
    queue: Mutex<Queue>,
    capacity: usize,
    runtime: Handle,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(UMessage, Matched)>,
    /// A task is emptying the queue. There is never a second one, which is what keeps the order.
    is_drained: bool,
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
            starting: Mutex::default(),
            started: Notify::new(),
            queue: Mutex::default(),
            capacity,
            runtime,
            counters,
        }
    }

    /// Queues a message for the listener; drops it if the queue is full.
    pub(crate) fn enqueue(self: &Arc<Self>, message: UMessage, matched: Matched) {
        let mut queue = self.queue.lock();
        if queue.waiting.len() >= self.capacity {
            drop(queue);
            if self.counters.dropped_queue_full.increment() == 0 {
                log::warn!(capacity = self.capacity; "a listener is too slow: messages are dropped");
            }
            return;
        }
        queue.waiting.push_back((message, matched));
        if !queue.is_drained {
            queue.is_drained = true;
            drop(queue);
            self.runtime.spawn(self.clone().drain());
        }
    }

    async fn drain(self: Arc<Self>) {
        while let Some((message, matched)) = self.next() {
            self.deliver(message, &matched).await;
            // A listener that never waits must not keep its thread from the others.
            coop::consume_budget().await;
        }
    }

    fn next(&self) -> Option<(UMessage, Matched)> {
        let mut queue = self.queue.lock();
        let next = queue.waiting.pop_front();
        queue.is_drained = next.is_some();
        next
    }

    async fn deliver(&self, message: UMessage, matched: &Matched) {
        let (mut message, mut call) = (Some(message), None);
        let steps = poll_fn(|context| match (&mut call, message.take()) {
            (Some(call), _) => inside_listener(|| poll(call, context)),
            (None, Some(message)) => {
                let _starting = Starting { step: Some(self.starting.lock()), ended: &self.started };
                if !matched.iter().any(|registration| registration.is_active()) {
                    return Poll::Ready(());
                }
                self.counters.delivered.increment();
                inside_listener(|| poll(call.insert(self.listener.on_receive(message)), context))
            }
            (None, None) => Poll::Ready(()),
        });
        if AssertUnwindSafe(steps).catch_unwind().await.is_err() {
            self.counters.listener_panics.increment();
            log::error!("a listener panicked; the message is lost");
        }
    }

    /// Waits until every call of the listener that began before has done its first step. Those that
    /// begin afterwards see which registrations have ended, so nothing is delivered for these any
    /// more once this has returned.
    ///
    /// Inside a listener nothing is waited for: the call may be the listener's own.
    pub(crate) async fn settle(&self) {
        if IN_LISTENER.get() {
            return;
        }
        loop {
            let started = self.started.notified();
            tokio::pin!(started);
            // From here on no end of a step is missed, whether or not it comes before the look.
            started.as_mut().enable();
            if self.starting.try_lock().is_some() {
                return;
            }
            started.await;
        }
    }
}

/// The first step of a call. Tells those who wait for its end, however it ends.
struct Starting<'a> {
    step: Option<MutexGuard<'a, ()>>,
    ended: &'a Notify,
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        drop(self.step.take());
        self.ended.notify_waiters();
    }
}

thread_local! {
    /// This thread is inside a call of a listener.
    static IN_LISTENER: Cell<bool> = const { Cell::new(false) };
}

fn inside_listener<R>(call: impl FnOnce() -> R) -> R {
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            IN_LISTENER.set(self.0);
        }
    }
    let _reset = Reset(IN_LISTENER.replace(true));
    call()
}

fn poll(call: &mut Pin<Box<impl Future + ?Sized>>, context: &mut Context<'_>) -> Poll<()> {
    call.as_mut().poll(context).map(drop)
}

#[cfg(test)]
mod tests;
