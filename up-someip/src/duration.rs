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

//! Times on the command line.

use std::time::Duration;

/// A number of milliseconds, or a number with its unit: `ms`, `s` or `min`.
///
/// # Errors
///
/// Says what to write.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at(digits.len());
    let number: f64 = number.parse().map_err(|_| "write a time such as 500ms or 2s".to_owned())?;
    let seconds_per_unit = match unit {
        "" | "ms" => 0.001,
        "us" => 0.000_001,
        "s" => 1.0,
        "min" => 60.0,
        _ => return Err(format!("there is no unit {unit:?}; write ms, s or min")),
    };
    Duration::try_from_secs_f64(number * seconds_per_unit)
        .map_err(|_| format!("{text} is no time that can be waited for"))
}

/// Milliseconds, as a time to live has them: at least one.
pub(crate) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, milliseconds) in
            [("250", 250), ("250ms", 250), ("2s", 2000), ("0.5s", 500), ("1min", 60_000), ("0", 0)]
        {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(milliseconds), "{text}");
        }
        for text in ["", "s", "-1s", "5h", "1e99s", "NaN", "1 s", "infs", "inf"] {
            duration(text).unwrap_err();
        }
    }
}
