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

//! Delivers messages to listeners through one bounded mailbox per listener, inline on vsomeip's dispatcher
//! thread or on the transport's threads. May use mapping's times to live, options and metrics.

pub(crate) mod credit;
pub(crate) mod executor;
pub(crate) mod mailbox;
pub(crate) mod place;
mod runtimes;
mod workers;
