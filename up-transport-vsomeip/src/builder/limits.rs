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

//! How much a transport holds, and for how long.

use std::time::Duration;

use super::TransportBuilder;
use crate::options::{Overflow, MAX_OUTGOING_REQUESTS};

impl TransportBuilder {
    /// How many listeners can be registered in all; 10,000 unless set. Another one is refused with
    /// RESOURCE_EXHAUSTED.
    pub fn max_listeners(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_listeners = count)
    }

    /// How many listeners can be registered with the same filter; 100 unless set. Another one is
    /// refused with RESOURCE_EXHAUSTED.
    pub fn max_listeners_per_filter(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_listeners_per_filter = count)
    }

    /// How many messages wait for a listener before some are dropped; 65,536 unless set.
    pub fn listener_queue(self, count: usize) -> Self {
        self.set(move |settings| settings.options.queue.messages = count)
    }

    /// How many bytes of payload wait for a listener before messages are dropped; 64 MiB unless set.
    /// A message that is larger than that is queued only if no other waits.
    pub fn listener_queue_bytes(self, bytes: usize) -> Self {
        self.set(move |settings| settings.options.queue.bytes = bytes)
    }

    /// Which message is dropped when the queue of a listener is full; the newest unless set. Each is
    /// counted in [`Metrics::dropped_queue_full`](crate::Metrics::dropped_queue_full).
    pub fn when_queue_is_full(self, overflow: Overflow) -> Self {
        self.set(move |settings| settings.options.queue.overflow = overflow)
    }

    /// Whether a listener may run inline, on vsomeip's dispatcher thread; it may unless set. It does so
    /// when nothing is queued for it and it has been quick: 16 calls that take 250 µs at most earn
    /// that, and slow ones cost it. An inline call saves a change of threads for each message. As soon
    /// as the listener awaits something, it goes on on the transport's runtime.
    ///
    /// While a listener blocks the dispatcher thread, nothing arrives at any other. Set this to false
    /// if one is usually quick but sometimes blocks its thread, above all until another message
    /// arrives.
    pub fn in_place(self, allowed: bool) -> Self {
        self.set(move |settings| settings.options.inline_calls = allowed)
    }

    /// How many requests may wait for their response, and how many requests and notifications for
    /// their service; 32,768 unless set, and never more than that, as there are 65,535 session ids.
    /// Another one is refused with RESOURCE_EXHAUSTED. One service gets at most half of the room, and
    /// those that have never been available three quarters of it, but 64 places in any case; and
    /// what waits for services has at most 64 MiB of payload.
    pub fn max_outgoing_requests(self, count: usize) -> Self {
        self.set(move |settings| {
            settings.options.max_outgoing_requests = count.min(MAX_OUTGOING_REQUESTS)
        })
    }

    /// How many received requests may wait for being answered; 65,536 unless set. Another one is
    /// answered with E_NOT_READY.
    pub fn max_incoming_requests(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_incoming_requests = count)
    }

    /// How many services sending keeps in use: as many as are called, and as many as are published
    /// for; 1,000 unless set. A service that is called is let go of when it was not called for five
    /// minutes, or for the longest time when room is short; while as many as this wait for responses
    /// at the same time, a request to another one is refused with RESOURCE_EXHAUSTED. Each takes a
    /// handler of the process's pool (5,000, unless `UP_VSOMEIP_HANDLER_POOL_SIZE` was set for the
    /// build), which listeners need, too. Room for another service to publish for is made as for
    /// another topic: see [`max_published_topics`](Self::max_published_topics).
    pub fn max_sender_services(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_sender_services = count)
    }

    /// How many topics are offered because they were published to; 10,000 unless set. They stay
    /// offered until the transport ends. If room is short, the one that was published to the longest
    /// time ago is withdrawn, if that was a minute ago, or two seconds if nothing was published to it
    /// before; else the message is refused with RESOURCE_EXHAUSTED.
    pub fn max_published_topics(self, count: usize) -> Self {
        self.set(move |settings| settings.options.max_published_topics = count)
    }

    /// For how long the first messages of a topic wait for subscribers at most; 1.5 s unless set, not
    /// at all if it is zero. The first message makes vsomeip offer the topic, and subscribers connect a
    /// moment later: some 20 ms on this host, half a second and more on others, as vsomeip collects
    /// offers for 500 ms and repeats them every second (`offer_debounce_time`, `cyclic_offer_delay`).
    /// `send` returns at once; what it is given for the topic meanwhile is sent in order, as soon as
    /// somebody has subscribed and nobody else did for 100 ms. For a service with a port, while
    /// service discovery is on, that is somebody on another host.
    ///
    /// Not held are the values of fields, which vsomeip gives to whoever subscribes. The time counts
    /// from the offer of the topic, and from when the application was registered, for which it waits
    /// as long again. Other hosts do not hear of a service before `initial_delay_max` and
    /// `offer_debounce_time` from the start of the routing manager, 3.5 s unless configured, so the time
    /// of such a service does not count from sooner after the transport's start. What waits when the transport ends is sent then, to whoever is connected.
    pub fn hold_first_messages(self, time: Duration) -> Self {
        self.set(move |settings| settings.options.hold_first_messages.time = time)
    }

    /// How many bytes of first messages wait for subscribers, of all topics together, with 64 for each
    /// message beside its payload; 16 MiB unless set. A topic that needs more no longer waits: all of
    /// its messages are sent at once, in order, to whoever is connected.
    pub fn hold_first_messages_bytes(self, bytes: usize) -> Self {
        self.set(move |settings| settings.options.hold_first_messages.bytes = bytes)
    }
}
