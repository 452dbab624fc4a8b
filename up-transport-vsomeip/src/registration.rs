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

//! Registers listeners: their filters, the routes of messages to them, and the leases that they need. May
//! use services, delivery, network and mapping.

pub(crate) mod answers;
pub(crate) mod filter;
mod optional_offer;
pub(crate) mod registry;
pub(crate) mod routes;
mod wildcard;
