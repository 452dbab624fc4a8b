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

//! `applications`: the clients of the routing manager.

use super::understand::declaring::sections;
use super::understand::text::{Decimal, Hex, Text, UnlessFalse};

sections! {
    /// A vsomeip application.
    pub struct Application: Last settled {
        /// The name; required. Unique among the applications of a network.
        "name" as Text => name: String,
        /// The client id, unique in the network. Without an id, or with 0xffff, vsomeip chooses one. The
        /// transport's own must not be 0.
        "id" as Hex => id: Option<u16>,
        /// How many dispatcher threads vsomeip may add while a callback takes longer than
        /// `max_dispatch_time`. vsomeip's default is 10, a transport's is 0: with more, messages may be
        /// reordered.
        "max_dispatchers" as Decimal => max_dispatchers: Option<u32>,
        /// The time after which a callback counts as blocked, in milliseconds; 100 by default.
        "max_dispatch_time" as Decimal => max_dispatch_time: Option<u32>,
        /// The number of I/O threads, 1 to 255; 2 by default.
        "threads" as Decimal => threads: Option<u32>,
        /// The nice level of the I/O threads; unchanged by default.
        "io_thread_nice" as Decimal => io_thread_nice: Option<i32>,
        /// How long requests for services are collected before they are sent to the routing manager,
        /// in milliseconds: up to 10,000; 10 by default.
        "request_debounce_time" as Decimal => request_debounce_time: Option<u32>,
        /// Whether events have session ids, as requests always do; true by default.
        "has_session_handling" as UnlessFalse => has_session_handling: Option<bool>,
    }
}

impl Application {
    /// An application with the given name and client id, and vsomeip's defaults.
    pub fn new(name: impl Into<String>, id: u16) -> Self {
        Self { name: name.into(), id: Some(id), ..Self::default() }
    }
}
