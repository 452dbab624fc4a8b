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

//! Options that limit what a transport holds, and for how long.

use std::time::Duration;

use super::TransportBuilder;
use crate::options::{Overflow, MAX_OUTGOING_REQUESTS};

impl TransportBuilder {
    /// Limits how many listeners can be registered in all. Default: 10,000. Registering another one
    /// fails with RESOURCE_EXHAUSTED.
    pub fn max_listeners(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_listeners = count)
    }

    /// Limits how many listeners can be registered with the same filter. Default: 100. Registering
    /// another one fails with RESOURCE_EXHAUSTED.
    pub fn max_listeners_per_filter(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_listeners_per_filter = count)
    }

    /// Limits how many messages each listener's queue holds. Default: 65,536. When the queue is full,
    /// messages are dropped as [`when_queue_is_full`](Self::when_queue_is_full) sets.
    pub fn listener_queue(self, count: usize) -> Self {
        self.set(move |settings| settings.options.queue.messages = count)
    }

    /// Limits how many bytes of payload each listener's queue holds. Default: 64 MiB. A larger message
    /// is queued only if the queue is empty.
    pub fn listener_queue_bytes(self, bytes: usize) -> Self {
        self.set(move |settings| settings.options.queue.bytes = bytes)
    }

    /// Sets which message is dropped when a listener's queue is full. Default: the newest.
    /// [`Metrics::dropped_queue_full`](crate::Metrics::dropped_queue_full) counts them.
    pub fn when_queue_is_full(self, overflow: Overflow) -> Self {
        self.set(move |settings| settings.options.queue.overflow = overflow)
    }

    /// Allows inline calls: a listener that has been quick runs on vsomeip's dispatcher thread when its
    /// queue is empty. Default: true. This saves a thread switch per message.
    ///
    /// A listener earns inline calls with 16 calls of at most 250 µs each, and loses them with slow
    /// ones. If it awaits something that is not ready, it continues on the transport's runtime.
    ///
    /// While a listener blocks the dispatcher thread, no listener receives anything. Set this to false
    /// if a listener is usually quick but sometimes blocks its thread, above all if it then waits for
    /// another message.
    pub fn in_place(self, allowed: bool) -> Self {
        self.set(move |settings| settings.options.inline_calls = allowed)
    }

    /// Limits how many requests wait for their response, and how many requests and notifications wait
    /// for their service. Default: 32,768, which is also the maximum, since there are 65,535 session
    /// ids. Sending another one fails with RESOURCE_EXHAUSTED.
    ///
    /// One service takes at most half of the places, all services that have never been available
    /// together three quarters, but either at least 64. What waits for services has at most 64 MiB of
    /// payload.
    pub fn max_outgoing_requests(self, count: usize) -> Self {
        self.set(move |settings| {
            settings.options.max_outgoing_requests = count.min(MAX_OUTGOING_REQUESTS)
        })
    }

    /// Limits how many received requests wait for an answer. Default: 65,536. Further requests are
    /// answered with E_NOT_READY.
    pub fn max_incoming_requests(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_incoming_requests = count)
    }

    /// Limits how many services `send` keeps requested, and how many it keeps offered. Default: 1,000
    /// each.
    ///
    /// A requested service is released when it has not been called for five minutes, or when another
    /// one needs its place and it has been idle the longest. If all of them have requests in flight, a
    /// request to another one fails with RESOURCE_EXHAUSTED. Offered services make room as topics do,
    /// see [`max_published_topics`](Self::max_published_topics).
    ///
    /// Each service takes a handler slot of the process, as listeners do. There are 5,000 unless
    /// `UP_VSOMEIP_HANDLER_POOL_SIZE` was set at build time.
    pub fn max_sender_services(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_sender_services = count)
    }

    /// Limits how many topics are offered because messages were published to them. Default: 10,000.
    ///
    /// Topics stay offered until the transport ends, or until another one needs their place: then the
    /// topic idle for the longest time is withdrawn, if it has been idle for a minute, or for two
    /// seconds after a single message. If there is none, the message is refused with
    /// RESOURCE_EXHAUSTED.
    pub fn max_published_topics(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_published_topics = count)
    }

    /// Sets how long the first messages of a topic are held for subscribers at most. Default: 1.5 s;
    /// zero turns it off.
    ///
    /// The first message makes vsomeip offer the topic; subscribers connect some 20 ms later on this
    /// host, and half a second or more later on others, since vsomeip collects offers for 500 ms
    /// (`offer_debounce_time`) and repeats them every second (`cyclic_offer_delay`). `send` returns at
    /// once. Held messages are sent in order once a subscriber has connected and no other one has for
    /// 100 ms; for a service with a port, while service discovery is on, a subscriber on another host.
    ///
    /// The time starts when the topic is offered and the application is registered, for which the
    /// messages are held as long again. Other hosts see a service only after `initial_delay_max` and
    /// `offer_debounce_time` from the start of the routing manager, 3.5 s by default: for such a
    /// service, the time starts that long after the transport's start at the earliest. Messages still
    /// held when the transport ends are sent then. Values of fields are never held, since vsomeip sends
    /// the current one to each new subscriber.
    pub fn hold_first_messages(self, time: Duration) -> Self {
        self.set(move |settings| settings.options.hold_first_messages.time = time)
    }

    /// Limits how many bytes of first messages are held for subscribers, for all topics together.
    /// Default: 16 MiB. Each message counts with its payload and 64 bytes. A topic that exceeds the
    /// limit is no longer held: its messages are sent at once, in order.
    pub fn hold_first_messages_bytes(self, bytes: usize) -> Self {
        self.set(move |settings| settings.options.hold_first_messages.bytes = bytes)
    }
}
