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

//! The host in its network, and the ports of clients.

use std::net::IpAddr;

use super::Findings;
use crate::stack::{Client, InternalServices, PortRange, StackConfig};

/// Linux's limit for the name of a network device.
const MAX_DEVICE_NAME: usize = 15;

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    addresses(config, findings);
    names(config, findings);
    for (index, client) in config.clients.iter().enumerate() {
        ports(&format!("clients[{index}]"), client, findings);
    }
    for (index, services) in config.internal_services.iter().enumerate() {
        internal(&format!("internal_services[{index}]"), services, findings);
    }
}

fn addresses(config: &StackConfig, findings: &mut Findings) {
    if let Some(address) = config.unicast {
        if address.is_multicast() || address.is_unspecified() {
            let what = format!("{address} is not the address of a host");
            findings.error("unicast", what, "write the address of this host on the network");
        }
    }
    if let Some(netmask) = config.netmask {
        if !is_netmask(netmask) {
            let what = format!("{netmask} is not a netmask");
            findings.error("netmask", what, "write one such as 255.255.255.0");
        }
        if config.prefix.is_some() {
            findings.warning("prefix", "is not read beside `netmask`", "remove one of them");
        }
    }
    let bits = if config.unicast.is_some_and(|address| address.is_ipv6()) { 128 } else { 32 };
    if let Some(prefix) = config.prefix.filter(|prefix| !(1..=bits).contains(prefix)) {
        let remedy = format!("write a number from 1 to {bits}");
        findings.error("prefix", format!("{prefix} is not a prefix length"), remedy);
    }
}

fn is_netmask(mask: IpAddr) -> bool {
    match mask {
        IpAddr::V4(mask) => {
            let bits = mask.to_bits();
            bits != 0 && bits.leading_ones() + bits.trailing_zeros() == u32::BITS
        }
        IpAddr::V6(_) => false,
    }
}

fn names(config: &StackConfig, findings: &mut Findings) {
    if let Some(device) = &config.device {
        let fits = (1..=MAX_DEVICE_NAME).contains(&device.len());
        if !fits || device.contains(|c: char| c == '/' || c.is_whitespace()) {
            let what = format!("{device:?} is not the name of a network device");
            findings.error("device", what, "write its name, such as \"eth0\", or remove the key");
        }
    }
    if let Some(network) = &config.network {
        if network.is_empty() || network.contains('/') {
            let what = format!("{network:?} cannot be part of a file name");
            findings.error("network", what, "write a name without a slash, or remove the key");
        }
    }
}

fn ports(place: &str, client: &Client, findings: &mut Findings) {
    for (key, ports) in [("reliable", &client.reliable), ("unreliable", &client.unreliable)] {
        for (index, port) in ports.iter().enumerate().filter(|(_, port)| **port == u16::MAX) {
            findings.port(format!("{place}.{key}[{index}]"), Some(*port));
        }
    }
    for (key, range) in [
        ("reliable_remote_ports", &client.reliable_remote_ports),
        ("unreliable_remote_ports", &client.unreliable_remote_ports),
        ("reliable_client_ports", &client.reliable_client_ports),
        ("unreliable_client_ports", &client.unreliable_client_ports),
    ] {
        if let Some(range) = range {
            port_range(&format!("{place}.{key}"), range, findings);
        }
    }
}

fn port_range(place: &str, range: &PortRange, findings: &mut Findings) {
    findings.port(format!("{place}.first"), range.first);
    findings.port(format!("{place}.last"), range.last);
    if range.first > range.last {
        after(place, findings);
    }
}

fn after(place: &str, findings: &mut Findings) {
    let what = "`first` is after `last`, so vsomeip ignores it";
    findings.warning(place, what, "swap them");
}

fn internal(place: &str, services: &InternalServices, findings: &mut Findings) {
    let (Some(first), Some(last)) = (&services.first, &services.last) else {
        let what = "lacks `first` or `last`, for which vsomeip uses 0";
        findings.warning(place, what, "write both ends, they may be equal");
        return;
    };
    // vsomeip's defaults.
    let instances = (first.instance.unwrap_or(0), last.instance.unwrap_or(0xffff));
    if first.service > last.service || instances.0 > instances.1 {
        after(place, findings);
    }
}
