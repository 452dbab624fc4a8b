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

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::runtime::Handle;
use tokio::task::coop;
use up_rust::{UListener, UMessage};

use crate::metrics::Counters;
use crate::registration::listeners::Registration;

/// The registrations that a message is delivered for; nearly always one.
pub(crate) type Matched = SmallVec<[Arc<Registration>; 1]>;

/// Invokes one listener, whatever number of filters it is registered with.
pub(crate) struct Worker {
    listener: Arc<dyn UListener>,
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
        Self { listener, queue: Mutex::default(), capacity, runtime, counters }
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
            if matched.iter().any(|registration| registration.is_active()) {
                self.deliver(message).await;
            }
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

    async fn deliver(&self, message: UMessage) {
        self.counters.delivered.increment();
        let call = async { self.listener.on_receive(message).await };
        if AssertUnwindSafe(call).catch_unwind().await.is_err() {
            self.counters.listener_panics.increment();
            log::error!("a listener panicked; the message is lost");
        }
    }
}

#[cfg(test)]
mod tests;
