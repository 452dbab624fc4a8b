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

//! `applications`: what calls itself by a name in vsomeip.

use super::understand::declaring::sections;
use super::understand::text::{Decimal, Hex, Text, UnlessFalse};

sections! {
    /// An application: what calls itself by this name in vsomeip, in whatever process.
    pub struct Application: Last settled {
        /// Its name; required. Unique among the applications of a network.
        "name" as Text => name: String,
        /// Its client id; unique in the network. 0 is not allowed for the transport's own; 0xffff, as
        /// well as none, lets vsomeip choose.
        "id" as Hex => id: Option<u16>,
        /// How many further threads call back when a callback takes longer than
        /// `max_dispatch_time`. vsomeip's default is 10, that of a transport is 0: with more, one thread
        /// can overtake another.
        "max_dispatchers" as Decimal => max_dispatchers: Option<u32>,
        /// After how many milliseconds a callback counts as blocked; 100 by default.
        "max_dispatch_time" as Decimal => max_dispatch_time: Option<u32>,
        /// How many threads do the I/O: 1 to 255; 2 by default.
        "threads" as Decimal => threads: Option<u32>,
        /// The nice level of the threads that do the I/O; by default, it is left alone.
        "io_thread_nice" as Decimal => io_thread_nice: Option<i32>,
        /// For how many milliseconds requests for services are collected before the routing
        /// manager gets them: up to 10,000; 10 by default.
        "request_debounce_time" as Decimal => request_debounce_time: Option<u32>,
        /// Whether events carry session ids, as requests always do; true by default.
        "has_session_handling" as UnlessFalse => has_session_handling: Option<bool>,
    }
}

impl Application {
    /// An application with the given name and client id.
    pub fn new(name: impl Into<String>, id: u16) -> Self {
        Self { name: name.into(), id: Some(id), ..Self::default() }
    }
}
