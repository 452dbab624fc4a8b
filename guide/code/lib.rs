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

//! Compiles the Rust code of the guide, and runs what is not marked `no_run`: as documentation tests.

/// Compiles the Rust code of a chapter, and runs what is not marked `no_run`.
#[cfg(doctest)]
macro_rules! chapters {
    ($($name:ident = $file:literal,)*) => {
        $(
            #[doc = include_str!(concat!("../src/", $file))]
            struct $name;
        )*
    };
}

#[cfg(doctest)]
chapters! {
    Introduction = "introduction.md",
    FirstEcu = "first-ecu.md",
    Concepts = "concepts.md",
    Rpc = "rpc.md",
    Events = "events.md",
    Payloads = "payloads.md",
    Configuration = "configuration.md",
    Zenoh = "zenoh.md",
    Performance = "performance.md",
    Troubleshooting = "troubleshooting.md",
    LogLines = "log-lines.md",
    Operating = "operating.md",
    Migration = "migration.md",
    Upgrading = "upgrading.md",
    Questions = "questions.md",
}
