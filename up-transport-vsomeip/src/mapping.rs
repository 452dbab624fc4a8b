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

//! The mapping between uProtocol and SOME/IP: addresses, messages, attributes and return codes. Pure
//! functions and values.

pub(crate) mod agreements;
pub(crate) mod authorities;
pub(crate) mod content;
pub(crate) mod inbound;
pub(crate) mod local_entity;
pub(crate) mod message_id;
pub(crate) mod outbound;
pub(crate) mod per_service;
pub(crate) mod protection;
pub(crate) mod request_context;
pub(crate) mod return_code;
pub(crate) mod trailer;
pub(crate) mod ttl;
pub(crate) mod uri;
mod validation;
