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

//! The user documentation has all keys.

use crate::stack::understand::section::Section;
use crate::stack::{
    Application, Client, Credentials, DebounceTime, DebounceTimes, E2e, E2eProtected, Event,
    Eventgroup, FilePermissions, IdRange, InternalService, InternalServices, LogFile,
    LogStatistics, LogVersion, Logging, Multicast, NpduDefaultTimings, PayloadSize, PayloadSizes,
    Permission, Permissions, Policy, PortRange, QueueLimit, QueueLimits, ReliablePort,
    RoutingCredentials, RoutingGuests, RoutingHost, RoutingSection, Security, Service,
    ServiceDiscovery, SomeIpTp, StackConfig, TpMethod, TraceChannel, Tracing, TtlFactor,
    UserAndGroup, Watchdog,
};

macro_rules! keys_of {
    ($($section:ty),* $(,)?) => {
        [$((stringify!($section), <$section as Section>::KEYS)),*]
    };
}

#[test]
fn user_documentation_has_all_keys() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    // What stands between backquotes: `a.b[].c`, `.c`, `c`.
    let quoted = text.split('`').skip(1).step_by(2);
    let words: std::collections::HashSet<&str> =
        quoted.flat_map(|code| code.split(['.', '[', ']', '…', ' '])).collect();
    for (section, keys) in keys_of![
        Application,
        Client,
        Credentials,
        DebounceTime,
        DebounceTimes,
        E2e,
        E2eProtected,
        Event,
        Eventgroup,
        FilePermissions,
        IdRange,
        InternalService,
        InternalServices,
        LogFile,
        LogStatistics,
        LogVersion,
        Logging,
        Multicast,
        NpduDefaultTimings,
        PayloadSize,
        PayloadSizes,
        Permission,
        Permissions,
        Policy,
        PortRange,
        QueueLimit,
        QueueLimits,
        ReliablePort,
        RoutingCredentials,
        RoutingGuests,
        RoutingHost,
        RoutingSection,
        Security,
        Service,
        ServiceDiscovery,
        SomeIpTp,
        StackConfig,
        TpMethod,
        TraceChannel,
        Tracing,
        TtlFactor,
        UserAndGroup,
        Watchdog,
    ] {
        for key in keys {
            assert!(words.contains(key), "{section}: config/README.md does not have `{key}`");
        }
    }
}
