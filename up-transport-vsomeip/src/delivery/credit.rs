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

//! Decides which listeners may run inline: those whose recent calls were quick. Measures the time that a
//! call runs or blocks, but not the time in which the system runs other threads.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::delivery::place::is_dispatcher;

/// The credit of a listener, so that one that blocks does not run on the thread that receives everything.
pub(super) struct Credit {
    /// A quick call earns one, up to four times the needed credit.
    earned: AtomicU32,
    /// The credit needed to run inline.
    needed: AtomicU32,
}

/// The longest quick call. Answering a request takes a tenth of it.
const QUICK: Duration = Duration::from_micros(250);
/// The longest inline call that does not hold up other listeners.
const TOO_LONG: Duration = Duration::from_millis(10);
const FIRST_NEEDED: u32 = 16;
/// The factor by which the needed credit grows when an inline call takes too long, and its maximum.
const MORE_NEEDED: u32 = 16;
const MOST_NEEDED: u32 = 4_096;
const GREATEST_CREDIT: u32 = 4;
const NEVER: u32 = u32::MAX;

impl Credit {
    /// The credit of a listener that never runs inline, however quick it is.
    pub(super) fn never() -> Self {
        Self { earned: 0.into(), needed: NEVER.into() }
    }

    /// Whether the listener may run inline on this thread.
    pub(super) fn allows_inline(&self) -> bool {
        is_dispatcher() && self.is_quick()
    }

    fn is_quick(&self) -> bool {
        let needed = self.needed.load(Ordering::Relaxed);
        needed != NEVER && self.earned.load(Ordering::Relaxed) >= needed
    }

    /// Measures the first poll of a call. Not to be called concurrently.
    pub(super) fn measured<R>(&self, poll: impl FnOnce() -> R) -> R {
        let is_inline = is_dispatcher();
        let begin = Instant::now();
        let baseline = baseline(begin);
        let result = poll();
        let mut time = begin.elapsed();
        if time > QUICK {
            time = time.saturating_sub(stalled_since(baseline));
        }
        self.note(time, is_inline);
        result
    }

    fn note(&self, time: Duration, is_inline: bool) {
        let needed = self.needed.load(Ordering::Relaxed);
        if needed == NEVER {
            return;
        }
        let earned = self.earned.load(Ordering::Relaxed);
        let most = needed.saturating_mul(GREATEST_CREDIT);
        let (earned, needed) = if is_inline && time > TOO_LONG {
            (0, needed.saturating_mul(MORE_NEEDED).min(MOST_NEEDED))
        } else if time > QUICK {
            (earned.saturating_sub(FIRST_NEEDED), needed)
        } else if earned >= most && needed > FIRST_NEEDED {
            // After many quick calls, earlier slow ones are forgiven.
            (FIRST_NEEDED * GREATEST_CREDIT, FIRST_NEEDED)
        } else {
            (earned.saturating_add(1).min(most), needed)
        };
        self.earned.store(earned, Ordering::Relaxed);
        self.needed.store(needed, Ordering::Relaxed);
    }
}

impl Default for Credit {
    fn default() -> Self {
        Self { earned: 0.into(), needed: FIRST_NEEDED.into() }
    }
}

/// The total time in which a thread was ready to run while the system ran others.
type Stalled = Duration;

/// The maximum age of a baseline. Reading one costs about 10 µs. Stalls before a call would excuse the call,
/// so this must be much less than [`TOO_LONG`].
const BASELINE_AGE: Duration = Duration::from_millis(5);

thread_local! {
    /// Until when a baseline counts. To compare times is cheaper than to subtract them.
    static BASELINE: Cell<Option<(Instant, Stalled)>> = const { Cell::new(None) };
}

/// The stalled time of this thread at most [`BASELINE_AGE`] ago.
fn baseline(now: Instant) -> Stalled {
    let known = BASELINE.get().filter(|(until, _)| now < *until);
    let (_, stalled) = known.unwrap_or_else(|| {
        let fresh = (now + BASELINE_AGE, stalled());
        BASELINE.set(Some(fresh));
        fresh
    });
    stalled
}

fn stalled_since(baseline: Stalled) -> Duration {
    let now = stalled();
    BASELINE.set(Some((Instant::now() + BASELINE_AGE, now)));
    now.saturating_sub(baseline)
}

/// Reads the stalled time of this thread from the kernel; zero if it does not count it.
fn stalled() -> Stalled {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.and_then(|text| text.split(' ').nth(1)?.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::panic::{catch_unwind, AssertUnwindSafe};
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;
    use crate::delivery::place::{inside_listener, on_dispatcher};

    fn note(credit: &Credit, count: u32, time: Duration, is_inline: bool) {
        (0..count).for_each(|_| credit.note(time, is_inline));
    }

    #[test]
    fn quick_calls_earn_credit() {
        let credit = Credit::default();
        note(&credit, FIRST_NEEDED - 1, QUICK, false);
        assert!(!credit.is_quick());
        note(&credit, 1, QUICK, false);
        assert!(credit.is_quick());
        note(&credit, 1, QUICK * 2, true);
        assert!(!credit.is_quick());
    }

    #[test]
    fn one_slow_call_is_tolerated() {
        let credit = Credit::default();
        note(&credit, 1_000, QUICK, true);
        note(&credit, 1, QUICK * 2, true);
        assert!(credit.is_quick());
        note(&credit, 3, QUICK * 2, true);
        assert!(!credit.is_quick());
    }

    #[test]
    fn blocking_the_dispatcher_costs_more() {
        let credit = Credit::default();
        note(&credit, 1, TOO_LONG * 2, false);
        note(&credit, FIRST_NEEDED, QUICK, false);
        assert!(credit.is_quick());
        note(&credit, 1, TOO_LONG * 2, true);
        note(&credit, FIRST_NEEDED * MORE_NEEDED - 1, QUICK, false);
        assert!(!credit.is_quick());
        note(&credit, 1, QUICK, false);
        assert!(credit.is_quick());
    }

    #[test]
    fn credit_recovers_after_many_slow_calls() {
        let credit = Credit::default();
        for _ in 0..50 {
            note(&credit, 1, TOO_LONG * 2, true);
        }
        note(&credit, MOST_NEEDED, QUICK, false);
        assert!(credit.is_quick());
        // After even more quick calls, the slow ones are forgiven.
        note(&credit, MOST_NEEDED * GREATEST_CREDIT, QUICK, true);
        assert_eq!(credit.needed.load(Ordering::Relaxed), FIRST_NEEDED);
        assert!(credit.is_quick());
    }

    #[test]
    fn only_the_dispatcher_runs_calls_inline() {
        let credit = Credit::default();
        note(&credit, FIRST_NEEDED, QUICK, false);
        assert!(!credit.allows_inline());
        on_dispatcher(|| {
            assert!(credit.allows_inline());
            assert!(!Credit::never().allows_inline());
            inside_listener(|| assert!(!credit.allows_inline()));
            assert!(credit.allows_inline());
        });
    }

    #[test]
    fn never_inline_stays_so() {
        let credit = Credit::never();
        note(&credit, 100_000, QUICK, false);
        assert!(!credit.is_quick());
        note(&credit, 1, TOO_LONG * 2, true);
        note(&credit, 100_000, QUICK, false);
        assert!(!credit.is_quick());
    }

    #[test]
    fn sleeping_counts_against_the_listener() {
        let credit = Credit::default();
        note(&credit, FIRST_NEEDED * GREATEST_CREDIT, QUICK, false);
        on_dispatcher(|| credit.measured(|| thread::sleep(TOO_LONG * 2)));
        assert!(!credit.is_quick());
    }

    /// Runs until the thread has been stalled for longer than a call may take. Returns the time in which it
    /// was not.
    fn run_while_stalled() -> Duration {
        let (begin, before) = (Instant::now(), stalled());
        loop {
            let stalled = stalled().saturating_sub(before);
            if stalled > TOO_LONG * 2 {
                return begin.elapsed().saturating_sub(stalled);
            }
        }
    }

    /// Runs a test while many threads compete for the processors.
    fn among_competitors(test: impl FnOnce()) {
        if !std::path::Path::new("/proc/thread-self/schedstat").exists() {
            println!("SKIPPED: the system does not count stalls");
            return;
        }
        let is_done = AtomicBool::new(false);
        let compete = || {
            while !is_done.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        };
        let competitors = 8 * thread::available_parallelism().unwrap().get();
        thread::scope(|threads| {
            (0..competitors).for_each(|_| drop(threads.spawn(compete)));
            let result = catch_unwind(AssertUnwindSafe(test));
            is_done.store(true, Ordering::Relaxed);
            result.unwrap();
        });
    }

    fn trusted() -> Credit {
        let credit = Credit::default();
        note(&credit, FIRST_NEEDED * GREATEST_CREDIT, QUICK, true);
        credit
    }

    #[test]
    fn stalls_are_not_counted() {
        among_competitors(|| {
            // Repeated until the thread itself has run for less than a call may take.
            let credit = loop {
                let credit = trusted();
                if on_dispatcher(|| credit.measured(run_while_stalled)) < TOO_LONG / 2 {
                    break credit;
                }
            };
            assert_eq!(credit.needed.load(Ordering::Relaxed), FIRST_NEEDED);
            assert!(credit.is_quick());
        });
    }

    #[test]
    fn earlier_stalls_do_not_excuse_slow_call() {
        among_competitors(|| {
            let credit = trusted();
            credit.measured(|| ());
            run_while_stalled();
            on_dispatcher(|| credit.measured(|| thread::sleep(TOO_LONG * 2)));
            assert!(!credit.is_quick());
        });
    }
}
