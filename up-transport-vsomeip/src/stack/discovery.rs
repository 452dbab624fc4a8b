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

//! `service-discovery`: service discovery (SD).

use std::net::IpAddr;
use std::time::Duration;

use super::understand::declaring::sections;
use super::understand::text::{Byte, Decimal, Hex, Port, Text, Word};

sections! {
    /// How services are announced to and found on other hosts. Used by the application that hosts the
    /// routing manager. Times are in milliseconds unless noted.
    pub struct ServiceDiscovery: First {
        /// Whether service discovery is on; true by default.
        "enable" as Word => enable: Option<bool>,
        /// The multicast address; 224.224.224.0 by default.
        "multicast" as Word => multicast: Option<IpAddr>,
        /// The port; 30490 by default.
        "port" as Port => port: Option<u16>,
        /// `udp` or `tcp`; `udp` by default.
        "protocol" as Text => protocol: Option<String>,
        /// The minimum delay of the first announcement; 0 by default.
        "initial_delay_min" as Decimal => initial_delay_min: Option<u32>,
        /// The maximum delay of the first announcement; 3000 by default.
        "initial_delay_max" as Decimal => initial_delay_max: Option<u32>,
        /// The delay before the first repetition of an announcement, which doubles with each further
        /// one; 10 by default.
        "repetitions_base_delay" as Decimal => repetitions_base_delay: Option<u32>,
        /// The number of repetitions with growing delays: up to 255; 3 by default.
        "repetitions_max" as Byte => repetitions_max: Option<u32>,
        /// How long an announcement or subscription is valid, in seconds: 1 to 0xffffff. The default,
        /// 0xffffff, means until the next restart.
        "ttl" as Decimal => ttl: Option<u32>,
        /// Factors for the `ttl` of announcements of other hosts.
        "ttl_factor_offers" [First] => ttl_factor_offers: Vec<TtlFactor>,
        /// Factors for the `ttl` of subscriptions.
        "ttl_factor_subscriptions" [First] => ttl_factor_subscriptions: Vec<TtlFactor>,
        /// The period of announcements after the repetitions; 1000 by default.
        "cyclic_offer_delay" as Decimal => cyclic_offer_delay: Option<u32>,
        /// The minimum delay of answers to multicast messages; 2000 by default.
        "request_response_delay" as Decimal => request_response_delay: Option<u32>,
        /// How long new offers are collected; 500 by default.
        "offer_debounce_time" as Decimal => offer_debounce_time: Option<u32>,
        /// The maximum number of subscribers per host and eventgroup: 1 to 255; 3 by default.
        "max_remote_subscribers" as Byte => max_remote_subscribers: Option<u32>,
    }

    /// A factor for the `ttl` of one service instance.
    pub struct TtlFactor: Last {
        /// The service id; required.
        "service" as Hex => service: u16,
        /// The instance id; required.
        "instance" as Hex => instance: u16,
        /// The factor: at least 1; required.
        "ttl_factor" as Decimal => ttl_factor: Option<u32>,
    }
}

impl ServiceDiscovery {
    /// The default of [`port`](Self::port).
    pub const DEFAULT_PORT: u16 = 30490;

    /// The maximum time from the start of the routing manager to the first announcement of a service:
    /// vsomeip waits for a random initial delay, and collects further offers.
    pub(crate) fn first_offer(&self) -> Duration {
        let min = self.initial_delay_min.unwrap_or(0);
        let max = self.initial_delay_max.unwrap_or(3000);
        let debounce = self.offer_debounce_time.unwrap_or(500);
        let milliseconds = [min.max(max), debounce].map(u64::from);
        Duration::from_millis(milliseconds.iter().sum())
    }

    /// Turns service discovery off. Services on other hosts then need their
    /// [`unicast`](super::Service::unicast).
    pub fn disabled() -> Self {
        Self { enable: Some(false), ..Self::default() }
    }
}
