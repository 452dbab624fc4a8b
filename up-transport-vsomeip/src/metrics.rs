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

//! What the transport counts, always: each counter is one atomic addition.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts something that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds one and returns the count before.
    pub(crate) fn increment(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What waits in the transport at one moment, in messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// For a listener to have time.
    pub for_listeners: usize,
    /// For a service to become available: requests, and notifications sent without return.
    pub for_services: usize,
    /// The first messages of topics, for their subscribers.
    pub for_subscribers: usize,
    /// Requests of this transport, for their response.
    pub for_responses: usize,
    /// Received requests, for a listener to answer them.
    pub for_answers: usize,
}

/// Defines the counters together with their snapshot, so that none is left out of it.
macro_rules! counters {
    ($($(#[$meta:meta])* $name:ident,)*) => {
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
        }

        /// The transport's counters at one moment, since it was created: of messages, unless a counter
        /// names something else.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Metrics {
            $($(#[$meta])* pub $name: u64,)*
            /// Dropped because vsomeip delivered them after the registration that they were for had
            /// ended; counted for all transports of the process together.
            pub late_calls: u64,
            /// What waits in the transport at this moment.
            pub waiting: Waiting,
        }

        impl Counters {
            pub(crate) fn snapshot(&self, waiting: Waiting, late_calls: u64) -> Metrics {
                Metrics { $($name: self.$name.get(),)* late_calls, waiting }
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
    /// Passed to a listener; a message that several listeners get counts for each.
    delivered,
    /// Dropped because the queue of the listener was full.
    dropped_queue_full,
    /// Dropped because their time to live was over before the listener had time for them, or, of the
    /// first messages of a topic, before they were sent.
    dropped_expired,
    /// Dropped because no listener has a filter that matches.
    dropped_unmatched,
    /// Dropped because they make no valid uProtocol message.
    dropped_invalid,
    /// Not delivered because vsomeip's E2E check found that they are not as they were sent: events
    /// are dropped, requests refused (E_MALFORMED_MESSAGE), responses end their request with DATA_LOSS.
    e2e_failed,
    /// Refused because they carry no attributes behind their payload although that is agreed upon, or
    /// some although it is not, or some that cannot be read
    /// ([`carry_attributes`](crate::TransportBuilder::carry_attributes)): events are dropped, requests
    /// refused, and responses become errors.
    attributes_refused,
    /// Responses to no request of this transport, or to one that had expired.
    uncorrelated,
    /// Requests of this transport that got no response within their time to live.
    requests_expired,
    /// Notifications that found nobody to take them.
    notifications_lost,
    /// Events and responses that do not reach other hosts, as they are too large for the way there.
    too_large_for_network,
    /// Subscriptions that a service has refused, or that vsomeip cannot make: to events of other
    /// hosts without service discovery.
    subscriptions_refused,
    /// Subscriptions that a service has not answered, for 5 s after it became available. vsomeip
    /// 3.4.10 does not pass on the refusal of a service on another host.
    subscriptions_unanswered,
    /// Received requests that were not answered within their time to live.
    unanswered,
    /// Listeners that panicked.
    listener_panics,
}
