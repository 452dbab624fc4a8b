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

//! The transport's options and their defaults. Uses `error` only.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use up_rust::{UPayloadFormat, UStatus};

use crate::error::invalid_argument;
use crate::uprotocol::format;

/// How a NOTIFICATION message is sent, for which SOME/IP has no counterpart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotificationMode {
    /// As a REQUEST_NO_RETURN to the sink's service, with the sink's resource as the method id. Of the
    /// source, the receiver learns only the client id. The message waits for the service within its
    /// time to live, or for 5 s if it has none;
    /// [`Metrics::notifications_lost`](crate::Metrics::notifications_lost) counts those that expire.
    #[default]
    RequestNoReturn,
    /// As an event of the source's service, which every subscriber receives.
    Event,
    /// Not at all: `send` fails with UNIMPLEMENTED.
    Reject,
}

/// Which message is dropped when a listener's queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// The arriving one.
    #[default]
    DropNewest,
    /// The oldest ones in the queue. Choose this when only the latest value matters.
    DropOldest,
}

/// The limits of a listener's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueLimits {
    pub(crate) messages: usize,
    /// Payload bytes.
    pub(crate) bytes: usize,
    pub(crate) overflow: Overflow,
}

/// The limits for holding the first messages of topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HoldLimits {
    /// Since the topic was offered; zero turns holding off.
    pub(crate) time: Duration,
    /// For all topics together.
    pub(crate) bytes: usize,
}

/// The services whose messages carry their attributes after the payload; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CarriedAttributes {
    /// All services.
    pub(crate) all: bool,
    /// Services, or single instances of them.
    pub(crate) services: BTreeSet<(u16, Option<u16>)>,
}

/// The transport's options.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) payload_format: UPayloadFormat,
    /// Override `payload_format` for single services.
    pub(crate) service_formats: BTreeMap<u16, UPayloadFormat>,
    pub(crate) carried: CarriedAttributes,
    pub(crate) notifications: NotificationMode,
    pub(crate) reliable: bool,
    pub(crate) foreign_sources: bool,
    pub(crate) request_ttl: Duration,
    pub(crate) max_listeners: usize,
    pub(crate) max_listeners_per_filter: usize,
    pub(crate) queue: QueueLimits,
    pub(crate) inline_calls: bool,
    pub(crate) max_outgoing_requests: usize,
    pub(crate) max_incoming_requests: usize,
    pub(crate) max_sender_services: usize,
    pub(crate) max_published_topics: usize,
    pub(crate) hold_first_messages: HoldLimits,
}

/// About half of the 65,535 session ids, so that none is reused while its request is pending.
pub(crate) const MAX_OUTGOING_REQUESTS: usize = 32_768;

impl Default for Options {
    fn default() -> Self {
        Self {
            payload_format: format::UNSPECIFIED,
            service_formats: BTreeMap::new(),
            carried: CarriedAttributes::default(),
            notifications: NotificationMode::default(),
            reliable: false,
            foreign_sources: false,
            request_ttl: Duration::from_secs(10),
            max_listeners: 10_000,
            max_listeners_per_filter: 100,
            queue: QueueLimits {
                messages: 65_536,
                bytes: 64 * 1024 * 1024,
                overflow: Overflow::default(),
            },
            inline_calls: true,
            max_outgoing_requests: MAX_OUTGOING_REQUESTS,
            max_incoming_requests: 65_536,
            max_sender_services: 1_000,
            max_published_topics: 10_000,
            hold_first_messages: HoldLimits {
                time: Duration::from_millis(1_500),
                bytes: 16 * 1024 * 1024,
            },
        }
    }
}

impl Options {
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a limit is 0, with which nothing could be registered, queued or sent.
    pub(crate) fn check(&self) -> Result<(), UStatus> {
        let limits = [
            ("max_listeners", self.max_listeners),
            ("max_listeners_per_filter", self.max_listeners_per_filter),
            ("listener_queue", self.queue.messages),
            ("listener_queue_bytes", self.queue.bytes),
            ("max_outgoing_requests", self.max_outgoing_requests),
            ("max_incoming_requests", self.max_incoming_requests),
            ("max_sender_services", self.max_sender_services),
            ("max_published_topics", self.max_published_topics),
        ];
        match limits.into_iter().find(|(_, limit)| *limit == 0) {
            None => Ok(()),
            Some((name, _)) => {
                Err(invalid_argument(format!("`{name}` is 0; set it to at least 1")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use up_rust::UCode;

    use super::*;

    #[test]
    fn defaults_are_as_documented() {
        let options = Options::default();
        assert_eq!(options.payload_format, UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED);
        assert!(options.service_formats.is_empty());
        assert!(!options.carried.all && options.carried.services.is_empty());
        assert_eq!(options.notifications, NotificationMode::RequestNoReturn);
        assert!(!options.reliable && !options.foreign_sources && options.inline_calls);
        assert_eq!(options.request_ttl, Duration::from_secs(10));
        assert_eq!(options.max_listeners, 10_000);
        assert_eq!(options.max_listeners_per_filter, 100);
        assert_eq!(options.queue.messages, 65_536);
        assert_eq!(options.queue.bytes, 67_108_864);
        assert_eq!(options.queue.overflow, Overflow::DropNewest);
        assert_eq!(options.max_outgoing_requests, 32_768);
        assert_eq!(options.max_incoming_requests, 65_536);
        assert_eq!(options.max_sender_services, 1_000);
        assert_eq!(options.max_published_topics, 10_000);
        assert_eq!(options.hold_first_messages.time, Duration::from_millis(1_500));
        assert_eq!(options.hold_first_messages.bytes, 16_777_216);
        assert_eq!(options.check(), Ok(()));
    }

    #[test]
    fn limit_of_zero_is_refused() {
        type Change = (&'static str, fn(&mut Options));
        let changes: [Change; 8] = [
            ("max_listeners", |it| it.max_listeners = 0),
            ("max_listeners_per_filter", |it| it.max_listeners_per_filter = 0),
            ("listener_queue", |it| it.queue.messages = 0),
            ("listener_queue_bytes", |it| it.queue.bytes = 0),
            ("max_outgoing_requests", |it| it.max_outgoing_requests = 0),
            ("max_incoming_requests", |it| it.max_incoming_requests = 0),
            ("max_sender_services", |it| it.max_sender_services = 0),
            ("max_published_topics", |it| it.max_published_topics = 0),
        ];
        for (name, change) in changes {
            let mut options = Options::default();
            change(&mut options);
            let status = options.check().unwrap_err();
            assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT);
            assert!(status.get_message().contains(&format!("`{name}`")), "{status}");
        }
    }
}
