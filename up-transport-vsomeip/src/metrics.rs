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

//! The transport's counters, which are always on. Uses no other module.

#[cfg(feature = "metrics")]
mod export;

use std::sync::atomic::{AtomicU64, Ordering};

/// A monotonic counter.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds one and returns the previous count.
    pub(crate) fn increment(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many messages wait in a transport at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// In the queues of listeners.
    pub for_listeners: usize,
    /// Requests and notifications whose service is not available yet.
    pub for_services: usize,
    /// First messages of topics, held for subscribers.
    pub for_subscribers: usize,
    /// Requests of this transport without a response yet.
    pub for_responses: usize,
    /// Received requests that no listener has answered yet.
    pub for_answers: usize,
}

/// Defines the counters together with their snapshot, which therefore has all of them.
macro_rules! counters {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
        }

        /// A snapshot of a transport's counters, from [`metrics`](crate::UPTransportVsomeip::metrics).
        ///
        /// Each counts messages since the transport was created, unless it names something else, and
        /// never decreases. Counting costs one relaxed atomic addition and cannot be turned off.
        ///
        /// ```no_run
        /// # fn example(transport: &up_transport_vsomeip::UPTransportVsomeip) {
        /// let metrics = transport.metrics();
        /// println!("{} received, {} dropped", metrics.received, metrics.dropped_queue_full);
        /// println!("{} requests in flight", metrics.waiting.for_responses);
        /// # }
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Metrics {
            $($(#[doc = $doc])* pub $name: u64,)*
            /// Dropped because vsomeip delivered them after their listener was unregistered. Counted
            /// for all transports of the process together.
            pub late_calls: u64,
            /// How many messages wait at this moment.
            pub waiting: Waiting,
        }

        impl Counters {
            pub(crate) fn snapshot(&self, waiting: Waiting, late_calls: u64) -> Metrics {
                Metrics { $($name: self.$name.get(),)* late_calls, waiting }
            }
        }

        #[cfg(feature = "metrics")]
        impl Metrics {
            /// The counters, but for those of the process: names, descriptions and values.
            fn counters(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
                [$((
                    concat!("up_vsomeip_", stringify!($name), "_total"),
                    concat!($($doc,)*),
                    self.$name,
                ),)*]
                .into_iter()
            }
        }
    };
}

counters! {
    /// Passed to vsomeip.
    sent,
    /// Refused by `send`, with an error.
    rejected,
    /// Received from vsomeip.
    received,
    /// Passed to a listener; counts once for each listener that gets the message.
    delivered,
    /// Dropped because the queue of the listener was full.
    dropped_queue_full,
    /// Dropped because their time to live expired in a listener's queue, or while they were held as the
    /// first messages of a topic.
    dropped_expired,
    /// Dropped because no listener's filter matches.
    dropped_unmatched,
    /// Dropped because they do not map to a valid uProtocol message.
    dropped_invalid,
    /// Failed vsomeip's E2E check: events are dropped, requests are refused with E_MALFORMED_MESSAGE,
    /// and responses become DATA_LOSS.
    e2e_failed,
    /// Refused because the two ends disagree on
    /// [`carry_attributes`](crate::TransportBuilder::carry_attributes), or the attributes cannot be
    /// decoded: events are dropped, requests are refused, and responses become errors.
    attributes_refused,
    /// Responses to no request of this transport, or to one that has expired.
    uncorrelated,
    /// Requests of this transport without a response within their time to live.
    requests_expired,
    /// Notifications whose service did not become available in time.
    notifications_lost,
    /// Events and responses that do not reach other hosts because they are too large for the protocol.
    too_large_for_network,
    /// Subscriptions that a service refused, or that vsomeip cannot make: to events on other hosts
    /// without service discovery.
    subscriptions_refused,
    /// Subscriptions without an answer for 5 s after their service became available. vsomeip 3.4.10
    /// does not report that a service on another host refused one.
    subscriptions_unanswered,
    /// Received requests that no listener answered within their time to live.
    unanswered,
    /// Panics in listeners.
    listener_panics,
}
