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

//! Tests of the transport between real processes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod attributes;
mod authority;
mod blocking;
mod clock;
mod configuration;
mod diagnosis;
mod ending;
mod endurance;
mod eventgroups;
mod fields;
mod filters;
mod first_messages;
mod l2;
mod lifecycle;
mod network_file;
mod odd_traffic;
mod options;
mod order;
mod overload;
mod own_topics;
mod plugin;
mod ports;
mod protocols;
mod publish_subscribe;
mod rpc;
mod security;
mod shared_file;
mod sizes;
mod static_routing;
mod streamer;
mod threads;
mod two_hosts;
mod vsomeip_log;

const PEER: &str = env!("CARGO_BIN_EXE_peer");
/// A program that uses vsomeip directly.
const PLAIN: &str = env!("PLAIN_PROGRAM");
