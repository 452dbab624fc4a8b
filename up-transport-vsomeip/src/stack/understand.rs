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

//! Interprets JSON by vsomeip's rules. Each section of the configuration declares its keys, the form
//! of each value, and which of several definitions vsomeip uses. The rules, from vsomeip's
//! `configuration_impl.cpp`:
//!
//! * The keys of a file, `routing`, its `host` and `guests`, `multicast`, `payload-sizes` and
//!   `endpoint-queue-limits` are looked up one by one: of a repeated key, the first is used.
//! * In all other sections, keys are read in order: the last is used, but the first in
//!   `service-discovery`, `watchdog`, `tracing`, and for most of `logging`. Lists add up.
//! * A key must come after those it refers to ([`settle`](super::settle)).
//! * Any text is accepted as a number or boolean ([`text`]).
//! * A list may be an object with arbitrary keys. An object in place of a value is an empty text, and a
//!   value in place of an object or list is an empty one.
//! * Unknown keys are ignored.
//! * Of a service instance, application or event, the first definition is used. A client id belongs
//!   to the first application that has it.
//!
//! Several files are read one after the other, see `startup::merging`.

pub(super) mod declaring;
pub(super) mod field;
pub(super) mod repeated;
pub(crate) mod schema;
pub(super) mod section;
pub(crate) mod text;
