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

//! What the transport knows about the network: its state, the offered services and their protocols, and
//! static routes. May use stack, vsomeip and mapping.

pub(crate) mod announcements;
pub(crate) mod discovery;
pub(crate) mod offers;
pub(crate) mod own_client;
pub(crate) mod problem;
pub(crate) mod state;
pub(crate) mod static_routes;
