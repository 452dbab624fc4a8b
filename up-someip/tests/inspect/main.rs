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
//! The commands that look at things, as a user types them, on the real vsomeip.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod config;
mod doctor;
#[path = "../cli/ecus.rs"]
mod ecus;
mod list;
mod map;
#[allow(dead_code, reason = "shared with the tests of the other commands")]
#[path = "../cli/tool.rs"]
mod tool;
mod two_hosts;
