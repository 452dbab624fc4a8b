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

//! Limits of payloads and queues, `watchdog`, and `file-permissions`.

use std::net::IpAddr;

use super::Findings;
use crate::stack::StackConfig;

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    for (index, sizes) in config.payload_sizes.iter().enumerate() {
        let place = format!("payload-sizes[{index}]");
        let ports = sizes.ports.iter().map(|port| (port.port, port.max_payload_size));
        host(&place, sizes.unicast, ports, "max-payload-size", findings);
    }
    for (index, limits) in config.endpoint_queue_limits.iter().enumerate() {
        let place = format!("endpoint-queue-limits[{index}]");
        let ports = limits.ports.iter().map(|port| (port.port, port.queue_size_limit));
        host(&place, limits.unicast, ports, "queue-size-limit", findings);
    }
    if let Some(watchdog) = &config.watchdog {
        findings.range("watchdog.timeout", watchdog.timeout, 2..=u32::MAX);
        let pongs = watchdog.allowed_missing_pongs;
        findings.range("watchdog.allowed_missing_pongs", pongs, 1..=u32::MAX);
    }
    if let Some(permissions) = &config.file_permissions {
        let uds = permissions.permissions_uds;
        if uds.is_some_and(|uds| uds > 0o777) {
            let place = "file-permissions.permissions-uds";
            findings.warning(place, "are not permissions", "write them in octal, up to 0777");
        }
    }
}

/// vsomeip ignores incomplete entries.
fn host(
    place: &str,
    unicast: Option<IpAddr>,
    ports: impl Iterator<Item = (Option<u16>, Option<u32>)>,
    key: &str,
    findings: &mut Findings,
) {
    if unicast.is_none() {
        findings.warning(format!("{place}.unicast"), "is missing", "add the address of the host");
    }
    for (index, (port, limit)) in ports.enumerate() {
        let place = format!("{place}.ports[{index}]");
        findings.port(format!("{place}.port"), port);
        if limit.is_none() {
            findings.warning(format!("{place}.{key}"), "is missing", "add it, in bytes");
        }
    }
}
