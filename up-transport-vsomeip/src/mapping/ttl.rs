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

//! Times to live: what is left of a message's, by the time in its id. Reads the system's clock.

use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use up_rust::{UAttributes, UStatus, UUID};

use crate::uprotocol::{code, id_of, Id};

/// The remaining time to live of a message; `None` if it never expires.
///
/// # Errors
///
/// `DEADLINE_EXCEEDED` if nothing is left.
// [impl->dsn~someip-ttl-out~1]
// [impl->dsn~up-attributes-ttl~1]
pub(crate) fn remaining_time(attributes: &UAttributes) -> Result<Option<Duration>, UStatus> {
    let Some(ttl) = time_to_live(attributes) else { return Ok(None) };
    match remaining_of(ttl, id_of(attributes), &CLOCK) {
        Some(remaining) => Ok(Some(remaining)),
        None => Err(UStatus::fail_with_code(
            code::DEADLINE_EXCEEDED,
            "the time to live of the message has expired",
        )),
    }
}

fn remaining_of(ttl: Duration, id: &UUID, clock: &Clock) -> Option<Duration> {
    let remaining = ttl.checked_sub(age_of(id)).filter(|remaining| !remaining.is_zero());
    // Setting the clock forward makes all messages look old.
    let remaining =
        remaining.or_else(|| ttl.checked_sub(clock.age_of(made_at(id), Reading::now())));
    remaining.filter(|remaining| !remaining.is_zero())
}

/// The time to live of a message; `None` if it never expires.
pub(crate) fn time_to_live(attributes: &UAttributes) -> Option<Duration> {
    let ttl = attributes.ttl().filter(|milliseconds| *milliseconds > 0)?;
    Some(Duration::from_millis(ttl.into()))
}

/// How long ago an id was made; zero if its host's clock is ahead of this one's.
fn age_of(id: &UUID) -> Duration {
    Duration::from_millis(unix_milliseconds()).saturating_sub(made_at(id))
}

/// When an id was made, since the Unix epoch.
fn made_at(id: &UUID) -> Duration {
    Duration::from_millis(id.made_at())
}

/// The time since the Unix epoch, as in ids.
pub(crate) fn unix_milliseconds() -> u64 {
    let time = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    time.as_secs() * 1_000 + u64::from(time.subsec_millis())
}

/// Detects steps of the system's clock. To be called regularly.
pub(crate) fn observe_clock() {
    CLOCK.observe(Reading::now());
}

static CLOCK: Clock = Clock(Mutex::new(None));

/// The smallest step. Gradual adjustments of the clock stay below it.
const STEP: Duration = Duration::from_secs(1);

/// The system's clock and the monotonic clock at the same moment.
#[derive(Clone, Copy)]
struct Reading {
    system: Duration,
    monotonic: Instant,
}

impl Reading {
    fn now() -> Self {
        Self { system: Duration::from_millis(unix_milliseconds()), monotonic: Instant::now() }
    }

    /// By how much the system's clock was set forward since an earlier reading.
    fn step_since(&self, earlier: &Self) -> Option<Duration> {
        let expected = earlier.system + self.monotonic.duration_since(earlier.monotonic);
        self.system.checked_sub(expected).filter(|step| *step > STEP)
    }
}

/// Watches the system's clock, which can be set forward while messages are on their way.
struct Clock(Mutex<Option<Observed>>);

struct Observed {
    last: Reading,
    /// When the clock was last seen to be set forward, and by how much.
    step: Option<(Instant, Duration)>,
}

impl Clock {
    fn observe(&self, now: Reading) {
        let mut observed = self.0.lock();
        let before = observed.take();
        let step = before.and_then(|Observed { last, step }| {
            now.step_since(&last).map(|step| (now.monotonic, step)).or(step)
        });
        *observed = Some(Observed { last: now, step });
    }

    /// The age of something made at a time that the clock showed then.
    fn age_of(&self, made: Duration, now: Reading) -> Duration {
        self.observe(now);
        let age = now.system.saturating_sub(made);
        let step = self.0.lock().as_ref().and_then(|observed| observed.step);
        match step {
            Some((since, step)) if age > now.monotonic.duration_since(since) => {
                age.saturating_sub(step)
            }
            _ => age,
        }
    }
}

#[cfg(test)]
mod tests {
    use up_rust::UCode;

    use super::*;
    use crate::testing::id_made_before;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// A clock that shows `system` after it has run for `running` seconds.
    fn reading(start: Instant, running: u64, system: u64) -> Reading {
        Reading { system: seconds(system), monotonic: start + seconds(running) }
    }

    #[test]
    fn step_forward_does_not_age_messages() {
        let (clock, start) = (Clock(Mutex::new(None)), Instant::now());
        clock.observe(reading(start, 0, 10_000));
        // Made at 10,001, after which the clock is set forward by an hour.
        let now = reading(start, 2, 13_602);
        assert_eq!(clock.age_of(seconds(10_001), now), seconds(1));
        let later = reading(start, 5, 13_605);
        assert_eq!(clock.age_of(seconds(10_001), later), seconds(4));
        // Made after the step.
        assert_eq!(clock.age_of(seconds(13_604), later), seconds(1));
    }

    #[test]
    fn message_built_before_step_is_alive() {
        let (id, ttl, clock) = (id_made_before(3_600_000), seconds(10), Clock(Mutex::new(None)));
        assert_eq!(remaining_of(ttl, &id, &clock), None);
        // An hour ago by the system's clock, but now by the monotonic one.
        let now = Reading::now();
        let clock = Clock(Mutex::new(None));
        clock.observe(Reading { system: now.system - HOUR, ..now });
        let remaining = remaining_of(ttl, &id, &clock);
        assert!(remaining.is_some_and(|remaining| remaining <= ttl), "{remaining:?}");
        assert_eq!(remaining_of(ttl, &id_made_before(3_611_000), &clock), None);
    }

    #[test]
    fn old_message_stays_old_after_step() {
        let (clock, start) = (Clock(Mutex::new(None)), Instant::now());
        clock.observe(reading(start, 0, 10_000));
        let now = reading(start, 2, 13_602);
        assert_eq!(clock.age_of(seconds(5_000), now), seconds(13_602 - 5_000) - HOUR);
        let much_later = reading(start, 100_000, 113_600);
        assert_eq!(clock.age_of(seconds(100_000), much_later), seconds(13_600));
    }

    #[test]
    fn only_step_forward_counts() {
        let (clock, start) = (Clock(Mutex::new(None)), Instant::now());
        clock.observe(reading(start, 0, 10_000));
        assert_eq!(clock.age_of(seconds(9_990), reading(start, 10, 10_011)), seconds(21));
        // Set back by an hour: what was made before seems to come from the future.
        assert_eq!(clock.age_of(seconds(10_011), reading(start, 11, 6_412)), Duration::ZERO);
        assert_eq!(clock.age_of(seconds(6_410), reading(start, 13, 6_414)), seconds(4));
    }

    /// The attributes of a message made a second ago.
    fn attributes(ttl: Option<u32>) -> UAttributes {
        UAttributes { id: Some(id_made_before(1_000)).into(), ttl, ..Default::default() }
    }

    // [utest->dsn~someip-ttl-out~1]
    // [utest->dsn~up-attributes-ttl~1]
    #[test]
    fn remaining_time_counts_from_id() {
        let remaining = remaining_time(&attributes(Some(3_600_000))).unwrap().unwrap();
        assert!(remaining > Duration::ZERO && remaining <= HOUR - seconds(1), "{remaining:?}");
        for ttl in [1, 1_000] {
            let status = remaining_time(&attributes(Some(ttl))).unwrap_err();
            assert_eq!(status.get_code(), UCode::DEADLINE_EXCEEDED);
        }
    }

    // [utest->dsn~up-attributes-ttl~1]
    #[test]
    fn message_without_ttl_never_expires() {
        for ttl in [None, Some(0)] {
            assert_eq!(remaining_time(&attributes(ttl)), Ok(None));
            assert_eq!(time_to_live(&attributes(ttl)), None);
        }
    }

    // [utest->dsn~someip-ttl-out~1]
    #[test]
    fn message_from_the_future_is_new() {
        let now = UUID::build();
        let later = UUID { msb: now.msb + (3_600_000 << 16), ..now };
        let attributes = UAttributes { id: Some(later).into(), ttl: Some(1), ..Default::default() };
        assert_eq!(remaining_time(&attributes), Ok(Some(Duration::from_millis(1))));
    }
}
