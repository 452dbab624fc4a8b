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

//! Known keys without a field, and the versions of vsomeip that read a key.

/// The known keys below a key.
pub(super) enum Keys {
    /// Not checked.
    Any,
    /// The keys of an object, or of the objects in a list.
    These(&'static [(&'static str, Keys)]),
}

use Keys::{Any, These};

const IDS: Keys = These(&[("first", Any), ("last", Any)]);
const SERVICE: Keys = These(&[("service", Any), ("instance", Any)]);
const DEBOUNCE: Keys = These(&[
    ("service", Any),
    ("instance", Any),
    (
        "events",
        These(&[
            ("event", Any),
            ("on_change", Any),
            ("on_change_resets_interval", Any),
            ("ignore", These(&[("index", Any), ("mask", Any)])),
            ("interval", Any),
            ("send_current_value_after", Any),
        ]),
    ),
]);
const ACCEPTED_PORTS: Keys = These(&[("first", Any), ("last", Any), ("port", Any), ("type", Any)]);
const GUEST_PORTS: Keys =
    These(&[("uid", Any), ("gid", Any), ("ranges", IDS), ("first", Any), ("last", Any)]);
const MATCH: Keys = These(&[("service", Any), ("instance", Any), ("method", Any)]);
const FILTERS: Keys = These(&[
    ("channel", Any),
    ("type", Any),
    ("services", MATCH),
    ("methods", Any),
    ("clients", Any),
    ("matches", Any),
]);

const STACK: &[(&str, Keys)] = &[
    (
        "acceptances",
        These(&[
            ("address", Any),
            ("path", Any),
            ("reliable", ACCEPTED_PORTS),
            ("unreliable", ACCEPTED_PORTS),
        ]),
    ),
    ("container_policy_extensions", These(&[("container", Any), ("path", Any)])),
    ("debounce", DEBOUNCE),
    ("dispatching", These(&[("max_dispatch_time", Any), ("max_dispatchers", Any)])),
    (
        "network-options",
        These(&[
            ("external-tcp-keepcnt", Any),
            ("external-tcp-keepidle", Any),
            ("external-tcp-keepintvl", Any),
            ("external-tcp-user-timeout", Any),
            ("local-tcp-keepcnt", Any),
            ("local-tcp-keepidle", Any),
            ("local-tcp-keepintvl", Any),
            ("local-tcp-user-timeout", Any),
        ]),
    ),
    ("partitions", Any),
    ("request_debounce_time", Any),
    ("routing-client-ports", GUEST_PORTS),
    ("secure-services", SERVICE),
    (
        "security-update-whitelist",
        These(&[("check-whitelist", Any), ("services", IDS), ("uids", IDS)]),
    ),
    ("servicegroups", Any),
    ("suppress_missing_event_logs", These(&[("service", Any), ("instance", Any), ("events", IDS)])),
    ("uds-preferred", Any),
    ("uprotocol", Any),
    // Of older versions.
    ("warn_fill_level", Any),
];
const APPLICATION: &[(&str, Keys)] = &[
    ("debounce", DEBOUNCE),
    ("plugins", Any),
    ("status_log_interval", Any),
    ("version_log_interval", Any),
];
// In vsomeip's own examples, but no version reads it.
const EVENT: &[(&str, Keys)] = &[("update-cycle", Any)];
const DISCOVERY: &[(&str, Keys)] = &[
    ("find_debounce_time", Any),
    ("find_initial_debounce_reps", Any),
    ("find_initial_debounce_time", Any),
    ("initial_state", Any),
    ("offers_watchdog", Any),
    ("stop_offer_watchdog_time", Any),
    ("wait_route_netlink_notification", Any),
];
const PERMISSION: &[(&str, Keys)] =
    &[("instances", These(&[("ids", IDS), ("methods", IDS), ("first", Any), ("last", Any)]))];

/// The keys of a section, by the name of its type.
pub(super) fn without_field(section: &str) -> &'static [(&'static str, Keys)] {
    match section {
        "StackConfig" => STACK,
        "Application" => APPLICATION,
        "Event" => EVENT,
        "ServiceDiscovery" => DISCOVERY,
        "Permission" => PERMISSION,
        "RoutingGuests" => &[("ports", GUEST_PORTS)],
        "Tracing" => &[("filters", FILTERS)],
        // Each profile has its own.
        "E2eProtected" => E2E,
        _ => &[],
    }
}

const E2E: &[(&str, Keys)] = &[
    ("counter_offset", Any),
    ("crc_offset", Any),
    ("data_id", Any),
    ("data_id_mode", Any),
    ("data_id_nibble_offset", Any),
    ("data_length", Any),
    ("max_data_length", Any),
    ("max_delta_counter", Any),
    ("min_data_length", Any),
];

/// Where not all versions of vsomeip from 3.4.10 to 3.7.4 read a key: whether `is_since` a version does,
/// and if not, what to do about it.
pub(super) fn unread(
    section: &str,
    key: &str,
    is_since: impl Fn([u32; 3]) -> bool,
) -> Option<String> {
    let (is_read, text) = match (section, key) {
        ("StackConfig", "servicegroups") => {
            (!is_since([3, 5, 9]), "write the services of the groups as `services`".to_owned())
        }
        ("StackConfig", "dispatching") => {
            (is_since([3, 5, 6]), "write its keys for each of the `applications`".to_owned())
        }
        _ => match versions(section, key)? {
            Since(version) => (
                is_since(version),
                format!("use vsomeip {} or newer, or remove it", dotted(version)),
            ),
            Before(version) => (!is_since(version), "remove it".to_owned()),
        },
    };
    (!is_read).then_some(text)
}

fn dotted(version: [u32; 3]) -> String {
    version.map(|number| number.to_string()).join(".")
}

enum Versions {
    Since([u32; 3]),
    Before([u32; 3]),
}

use Versions::{Before, Since};

fn versions(section: &str, key: &str) -> Option<Versions> {
    Some(match (section, key) {
        ("StackConfig", "request_debounce_time") => Since([3, 5, 6]),
        ("StackConfig", "network-options") => Since([3, 5, 8]),
        ("StackConfig", "uds-preferred") => Since([3, 7, 2]),
        ("StackConfig", "routing-client-ports")
        | ("Service", "multicast")
        | ("Eventgroup", "is_multicast") => Before([3, 5, 9]),
        ("RoutingSection", "enabled") => Before([3, 7, 0]),
        ("StackConfig", "watchdog" | "shutdown_timeout") => Before([3, 7, 4]),
        ("Application", "status_log_interval" | "version_log_interval") => Since([3, 6, 3]),
        ("ServiceDiscovery", key) => Since(match key {
            "find_debounce_time" => [3, 5, 1],
            "initial_state" => [3, 5, 3],
            "find_initial_debounce_reps" | "find_initial_debounce_time" => [3, 5, 5],
            "wait_route_netlink_notification" => [3, 5, 6],
            "stop_offer_watchdog_time" => [3, 5, 11],
            "offers_watchdog" => [3, 6, 3],
            _ => return None,
        }),
        _ => return None,
    })
}
