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

//! The interface to vsomeip: the calls that the transport makes, the handler slots that vsomeip
//! calls, its log, and its version.

pub(crate) mod application;
pub(crate) mod handler_pool;
pub(crate) mod log;
pub(crate) mod version;
