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
//! vsomeip's defaults, as the documentation of each key in [`stack`](crate::stack) tells them.

/// Those of single keys of the whole configuration.
pub(super) const OF_STACK: &[(&str, &str)] = &[
    ("unicast", "127.0.0.1"),
    ("netmask", "255.255.255.0"),
    ("diagnosis", "0x01"),
    ("network", "vsomeip"),
    ("buffer-shrink-threshold", "5"),
    ("tcp-restart-aborts-max", "5"),
    ("tcp-connect-time-max", "5000"),
    ("udp-receive-buffer-size", "1703936"),
    ("shutdown_timeout", "5000"),
    ("logging.level", "info"),
    ("logging.console", "true"),
    ("logging.file.enable", "false"),
    ("logging.dlt", "false"),
    ("logging.version.enable", "true"),
    ("logging.version.interval", "10"),
    ("logging.memory_log_interval", "0"),
    ("logging.status_log_interval", "0"),
    ("tracing.enable", "false"),
    ("tracing.sd_enable", "false"),
    ("watchdog.enable", "false"),
    ("service-discovery.enable", "true"),
    ("service-discovery.multicast", "224.224.224.0"),
    ("service-discovery.port", "30490"),
    ("service-discovery.protocol", "udp"),
    ("service-discovery.initial_delay_min", "0"),
    ("service-discovery.initial_delay_max", "3000"),
    ("service-discovery.repetitions_base_delay", "10"),
    ("service-discovery.repetitions_max", "3"),
    ("service-discovery.ttl", "16777215"),
    ("service-discovery.cyclic_offer_delay", "1000"),
    ("service-discovery.request_response_delay", "2000"),
    ("service-discovery.offer_debounce_time", "500"),
    ("service-discovery.max_remote_subscribers", "3"),
];

/// Those of an application.
pub(super) const OF_APPLICATION: &[(&str, &str)] = &[
    ("max_dispatch_time", "100"),
    ("threads", "2"),
    ("request_debounce_time", "10"),
    ("has_session_handling", "true"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::StackConfig;

    /// Each is a key of its section, and reads as what it says.
    #[test]
    fn defaults_are_keys_and_values() {
        for (place, value) in OF_STACK {
            let parts: Vec<&str> = place.split('.').collect();
            let json = parts
                .iter()
                .rev()
                .fold(serde_json::json!(value), |value, key| serde_json::json!({ *key: value }));
            let (config, warnings) =
                StackConfig::from_json_with_warnings(&json.to_string()).unwrap();
            let ignored = ["diagnosis"];
            assert!(warnings.is_empty() || ignored.contains(place), "{place}: {warnings:?}");
            let written = serde_json::to_value(&config).unwrap();
            let pointer = format!("/{}", parts.join("/"));
            assert_eq!(written.pointer(&pointer), Some(&serde_json::json!(value)), "{place}");
        }
        for (key, value) in OF_APPLICATION {
            let json = serde_json::json!({ "applications": [{ "name": "a", *key: value }] });
            let config = StackConfig::from_json(&json.to_string()).unwrap();
            let written = serde_json::to_value(&config).unwrap();
            assert_eq!(written["applications"][0][*key], *value, "{key}");
        }
    }
}
