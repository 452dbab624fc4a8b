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

//! `service-discovery`: how services are announced to and found on other hosts.

use std::net::IpAddr;
use std::time::Duration;

use super::understand::declaring::sections;
use super::understand::text::{Byte, Decimal, Hex, Port, Text, Word};

sections! {
    /// How services are announced to and found on other hosts. Only the application that hosts the
    /// routing manager does that.
    pub struct ServiceDiscovery: First {
        /// Whether it is done at all; true by default.
        "enable" as Word => enable: Option<bool>,
        /// The multicast address for it; 224.224.224.0 by default.
        "multicast" as Word => multicast: Option<IpAddr>,
        /// The port for it; 30490 by default.
        "port" as Port => port: Option<u16>,
        /// `udp` or `tcp`; `udp` by default.
        "protocol" as Text => protocol: Option<String>,
        /// How many milliseconds pass at least before the first announcement; 0 by default.
        "initial_delay_min" as Decimal => initial_delay_min: Option<u32>,
        /// How many milliseconds pass at most before the first announcement; 3000 by default.
        "initial_delay_max" as Decimal => initial_delay_max: Option<u32>,
        /// How many milliseconds pass before the first repetition of an announcement, and twice as
        /// many before each next one; 10 by default.
        "repetitions_base_delay" as Decimal => repetitions_base_delay: Option<u32>,
        /// How often an announcement is repeated with growing delays: up to 255; 3 by default.
        "repetitions_max" as Byte => repetitions_max: Option<u32>,
        /// For how many seconds an announcement or a subscription is valid: 1 to 0xffffff, which
        /// means until the next restart and is the default.
        "ttl" as Decimal => ttl: Option<u32>,
        /// Factors for the `ttl` of what certain other services announce.
        "ttl_factor_offers" [First] => ttl_factor_offers: Vec<TtlFactor>,
        /// Factors for the `ttl` of subscriptions to certain services.
        "ttl_factor_subscriptions" [First] => ttl_factor_subscriptions: Vec<TtlFactor>,
        /// Every how many milliseconds an announcement is made anew in the end; 1000 by default.
        "cyclic_offer_delay" as Decimal => cyclic_offer_delay: Option<u32>,
        /// How many milliseconds pass at least before what came by multicast is answered; 2000 by
        /// default.
        "request_response_delay" as Decimal => request_response_delay: Option<u32>,
        /// For how many milliseconds new offers are collected; 500 by default.
        "offer_debounce_time" as Decimal => offer_debounce_time: Option<u32>,
        /// How many subscribers a host may have per eventgroup: 1 to 255; 3 by default.
        "max_remote_subscribers" as Byte => max_remote_subscribers: Option<u32>,
    }

    /// For how many times longer what concerns an instance of a service is valid.
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

    /// How much later than the routing manager's start services are announced first, at most: vsomeip
    /// waits for a time at random between two limits, and for further offers.
    pub(crate) fn first_offer(&self) -> Duration {
        let min = self.initial_delay_min.unwrap_or(0);
        let max = self.initial_delay_max.unwrap_or(3000);
        let debounce = self.offer_debounce_time.unwrap_or(500);
        let milliseconds = [min.max(max), debounce].map(u64::from);
        Duration::from_millis(milliseconds.iter().sum())
    }

    /// No service discovery: everything is on this host, or has its
    /// [`unicast`](super::Service::unicast).
    pub fn disabled() -> Self {
        Self { enable: Some(false), ..Self::default() }
    }
}
