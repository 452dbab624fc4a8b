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
        Some(milliseconds) => u64::from(milliseconds),
    };
    match ttl.saturating_sub(age_of(attributes.id_unchecked())) {
        0 => Err(UStatus::fail_with_code(
            UCode::DEADLINE_EXCEEDED,
            "the time to live of the message is over",
        )),
        remaining => Ok(Some(Duration::from_millis(remaining))),
    }
}

/// How long ago an id was made, in milliseconds; none if its host's clock is ahead of ours.
fn age_of(id: &UUID) -> u64 {
    unix_milliseconds().saturating_sub(id.get_time().unwrap_or_default())
}

/// The time, as ids contain it.
pub(crate) fn unix_milliseconds() -> u64 {
    let time = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    time.as_secs() * 1_000 + u64::from(time.subsec_millis())
}
