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
//! The binary `bridge` between uEntities in processes of their own: ECUs in a SOME/IP network, and peers
//! in a Zenoh network without a router, or clients of an MQTT broker, all on this host.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

#[cfg(feature = "mqtt")]
mod mqtt;
mod networks;
mod scenarios;
mod zenoh;
