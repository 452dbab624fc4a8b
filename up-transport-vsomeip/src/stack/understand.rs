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

//! What vsomeip's rules make of what is read. Each section of the configuration declares its keys, the
//! form of each value, and which of two definitions counts. The rules, in vsomeip's
//! `configuration_impl.cpp`:
//!
//! * The keys of a file are looked up one by one: of a key that is there twice, the first counts. So
//!   it is for `routing`, its `host` and `guests`, `multicast`, `payload-sizes` and
//!   `endpoint-queue-limits`.
//! * In all other sections, the keys are read in their order: the last counts, but the first in
//!   `service-discovery`, `watchdog`, `tracing`, and for most of `logging`. Lists add up.
//! * What a key refers to must have been read before ([`settle`](super::settle)).
//! * Any text is read for a number or a truth value, and never refused ([`text`]).
//! * A list may be an object with arbitrary keys. An object in place of a value is an empty text, a
//!   value in place of an object or a list is an empty one.
//! * Unknown keys are passed over.
//! * Of an instance of a service, of an application and of an event, the first definition counts. A
//!   client id belongs to the first application that has it.
//!
//! Several files are read one after the other; `startup::merging` says in which order.

pub(super) mod declaring;
pub(super) mod field;
pub(super) mod repeated;
pub(super) mod section;
pub(crate) mod text;
