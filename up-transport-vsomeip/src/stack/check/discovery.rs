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

//! `service-discovery`.

use super::Findings;
use crate::stack::{ServiceDiscovery, StackConfig, TtlFactor};

const MAX_TTL: u32 = 0xff_ffff;

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    let Some(discovery) = &config.service_discovery else { return };
    let place = |key: &str| format!("service-discovery.{key}");
    if let Some(address) = discovery.multicast {
        if !address.is_multicast() {
            let what = format!("{address} is not a multicast address");
            findings.error(place("multicast"), what, "write one from 224.0.0.0 to 239.255.255.255");
        } else if config.unicast.is_some_and(|own| own.is_ipv4() != address.is_ipv4()) {
            let what = format!("{address} is of another IP version than `unicast`");
            findings.error(place("multicast"), what, "write both as IPv4 or both as IPv6");
        }
    }
    if let Some(protocol) = discovery.protocol.as_deref() {
        if !["udp", "tcp"].contains(&protocol) {
            let what = format!("{protocol:?} is not a protocol of service discovery");
            findings.warning(place("protocol"), what, "write \"udp\"");
        }
    }
    if discovery.ttl == Some(0) {
        let what = "0 is not allowed, so vsomeip uses its default";
        findings.warning(place("ttl"), what, format!("write a number from 1 to {MAX_TTL}"));
    }
    findings.range(place("ttl"), discovery.ttl.filter(|ttl| *ttl > 0), 1..=MAX_TTL);
    if discovery.max_remote_subscribers == Some(0) {
        let what = "0 is not allowed, so vsomeip uses its default";
        findings.warning(place("max_remote_subscribers"), what, "write a number from 1 to 255");
    }
    delays(discovery, findings);
    factors("ttl_factor_offers", &discovery.ttl_factor_offers, findings);
    factors("ttl_factor_subscriptions", &discovery.ttl_factor_subscriptions, findings);
}

fn delays(discovery: &ServiceDiscovery, findings: &mut Findings) {
    // vsomeip's defaults, in milliseconds.
    let least = discovery.initial_delay_min.unwrap_or(0);
    let most = discovery.initial_delay_max.unwrap_or(3000);
    if least > most {
        findings.warning(
            "service-discovery.initial_delay_min",
            format!(
                "{least} ms is more than `initial_delay_max`, {most} ms, so vsomeip swaps them"
            ),
            "swap them, or write both",
        );
    }
}

fn factors(key: &str, factors: &[TtlFactor], findings: &mut Findings) {
    for (index, factor) in factors.iter().enumerate() {
        let place = format!("service-discovery.{key}[{index}]");
        findings.id(format!("{place}.service"), factor.service);
        findings.id(format!("{place}.instance"), factor.instance);
        if factor.ttl_factor.unwrap_or(0) == 0 {
            findings.warning(format!("{place}.ttl_factor"), "is missing or 0", "write at least 1");
        }
    }
}
