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

//! Listeners and what they need: filter → routes, and leases of services. Uses services, delivery,
//! the network's state, and mappings.

pub(crate) mod answers;
pub(crate) mod filter;
pub(crate) mod registry;
pub(crate) mod routes;
pub(crate) mod wildcard;
pub(crate) mod wish;
