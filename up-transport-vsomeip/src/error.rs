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

//! Constructors for the statuses that `UTransport` returns. Uses no other module.

use up_rust::UStatus;

use crate::uprotocol::code;

/// The caller passed something invalid.
pub(crate) fn invalid_argument(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::INVALID_ARGUMENT, message)
}

/// The state of the process prevents the call.
pub(crate) fn failed_precondition(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::FAILED_PRECONDITION, message)
}

/// The name or id is in use.
pub(crate) fn already_exists(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::ALREADY_EXISTS, message)
}

/// vsomeip failed, for which the caller has no remedy, except for a name in use.
pub(crate) fn internal(error: vsomeip_sys::Error) -> UStatus {
    match error {
        vsomeip_sys::Error::NameInUse(_) => already_exists(error.to_string()),
        error => UStatus::fail_with_code(code::INTERNAL, error.to_string()),
    }
}

/// A limit was reached.
pub(crate) fn exhausted(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::RESOURCE_EXHAUSTED, message)
}

/// There was no response in time.
pub(crate) fn deadline_exceeded(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::DEADLINE_EXCEEDED, message)
}

/// The operation was interrupted.
pub(crate) fn aborted(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::ABORTED, message)
}

/// The transport was shut down.
pub(crate) fn has_ended() -> UStatus {
    unavailable("the transport was shut down")
}

/// The service or transport is not there, or cannot be reached.
pub(crate) fn unavailable(message: impl Into<String>) -> UStatus {
    UStatus::fail_with_code(code::UNAVAILABLE, message)
}
