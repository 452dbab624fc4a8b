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

//! `debounce-times` and `someip-tp` of a service: collecting and segmenting messages.

use std::collections::BTreeMap;

use super::read::Tree;
use super::understand::declaring::sections;
use super::understand::field::{scalar, Brief, ShortOrLong};
use super::understand::section::Section;
use super::understand::text::{Decimal, Form, Hex};
use super::warn::Notes;

sections! {
    /// How long messages are collected, to be sent together (nPDU), by method or event.
    pub struct DebounceTimes: Last {
        /// For requests, by method.
        "requests" as Hex => requests: BTreeMap<u16, DebounceTime>,
        /// For responses and events, by method or event.
        "responses" as Hex => responses: BTreeMap<u16, DebounceTime>,
    }

    /// How long messages of a method or event are collected, in milliseconds.
    pub struct DebounceTime: Last {
        /// The minimum time between two messages; the default is in [`NpduDefaultTimings`].
        "debounce-time" as Decimal => debounce_time: Option<u32>,
        /// The maximum time until a message is sent; the default is in [`NpduDefaultTimings`].
        "maximum-retention-time" as Decimal => maximum_retention_time: Option<u32>,
    }

    /// The defaults for [`DebounceTime`], in milliseconds.
    pub struct NpduDefaultTimings: Last {
        /// [`DebounceTime::debounce_time`] of requests; 2 ms by default.
        "debounce-time-request" as Decimal => debounce_time_request: Option<u32>,
        /// [`DebounceTime::debounce_time`] of responses; 2 ms by default.
        "debounce-time-response" as Decimal => debounce_time_response: Option<u32>,
        /// [`DebounceTime::maximum_retention_time`] of requests; 5 ms by default.
        "max-retention-time-request" as Decimal => max_retention_time_request: Option<u32>,
        /// [`DebounceTime::maximum_retention_time`] of responses; 5 ms by default.
        "max-retention-time-response" as Decimal => max_retention_time_response: Option<u32>,
    }

    /// The messages that may be segmented (SOME/IP-TP) if their payload does not fit into a UDP
    /// datagram of 1,400 bytes. Other messages of that size are dropped.
    pub struct SomeIpTp: Last {
        /// The methods whose requests may be segmented. For the client's configuration, where the
        /// service must have its [`unicast`](super::Service::unicast).
        "client-to-service" as Brief => client_to_service: Vec<TpMethod>,
        /// The methods whose responses may be segmented, and events. For the service's configuration.
        "service-to-client" as Brief => service_to_client: Vec<TpMethod>,
    }

    /// A method or event whose messages may be segmented.
    pub struct TpMethod: Last {
        /// The id of the method or event: 1 to 0xffff; required.
        "method" as Hex => method: u16,
        /// The maximum size of a segment in bytes: a multiple of 16 up to 1,392, which is the default.
        "max-segment-length" as Decimal => max_segment_length: Option<u16>,
        /// The time between two segments in milliseconds; 0 by default.
        "separation-time" as Decimal => separation_time: Option<u32>,
    }
}

impl From<u16> for TpMethod {
    fn from(method: u16) -> Self {
        Self { method, ..Self::default() }
    }
}

impl ShortOrLong for TpMethod {
    type Long = Self;

    fn from_short(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self> {
        scalar::<Hex, u16>(tree, notes).map(Self::from)
    }
    fn from_long(long: Self) -> Self {
        long
    }
    fn written(&self) -> Tree {
        if *self == Self::from(self.method) {
            return Hex::print(&self.method).into();
        }
        self.write()
    }
}
