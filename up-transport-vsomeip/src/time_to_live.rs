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

//! How long a message may still travel.

use std::time::{Duration, SystemTime};

use up_rust::{UAttributes, UCode, UStatus, UUID};

/// What is left of a message's time to live; `None` if it lives for ever.
///
/// # Errors
///
/// `DEADLINE_EXCEEDED` if nothing is left.
// [impl->dsn~someip-ttl-out~1]
// [impl->dsn~up-attributes-ttl~1]
// [impl->dsn~up-attributes-ttl-timeout~1]
pub(crate) fn remaining_time(attributes: &UAttributes) -> Result<Option<Duration>, UStatus> {
    let ttl = match attributes.ttl() {
        None | Some(0) => return Ok(None),
        Some(milliseconds) => Duration::from_millis(milliseconds.into()),
    };
    let age = age_of(attributes.id_unchecked());
    match ttl.checked_sub(age) {
        Some(remaining) if !remaining.is_zero() => Ok(Some(remaining)),
        _ => Err(UStatus::fail_with_code(
            UCode::DEADLINE_EXCEEDED,
            "the time to live of the message is over",
        )),
    }
}

/// How long ago an id was made; nothing if its host's clock is ahead of ours.
fn age_of(id: &UUID) -> Duration {
    let made = SystemTime::UNIX_EPOCH + Duration::from_millis(id.get_time().unwrap_or_default());
    SystemTime::now().duration_since(made).unwrap_or_default()
}
