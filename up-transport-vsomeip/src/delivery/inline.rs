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

//! On which thread a listener may run: whether this one may, and whether the listener is quick.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What this thread is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing of the transport's, as far as is known: it may hold locks of the application.
    Elsewhere,
    /// It passes on what vsomeip has delivered, and holds no lock.
    Dispatcher,
    Listener,
}

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Elsewhere) };
}

fn at<R>(place: Place, call: impl FnOnce() -> R) -> R {
    struct Return(Place);
    impl Drop for Return {
        fn drop(&mut self) {
            PLACE.set(self.0);
        }
    }
    let _return = Return(PLACE.replace(place));
    call()
}

/// Runs what vsomeip's dispatcher thread does with a message. Listeners may run in it.
pub(crate) fn on_dispatcher<R>(call: impl FnOnce() -> R) -> R {
    at(Place::Dispatcher, call)
}

pub(crate) fn inside_listener<R>(call: impl FnOnce() -> R) -> R {
    at(Place::Listener, call)
}

/// Whether this thread is inside a call of a listener.
pub(crate) fn is_inside_listener() -> bool {
    PLACE.get() == Place::Listener
}

/// Whether this thread is neither inside a listener nor vsomeip's dispatcher: only then may it wait
/// for these.
pub(crate) fn is_elsewhere() -> bool {
    PLACE.get() == Place::Elsewhere
}

/// How quick the calls of a listener have been: a listener that keeps its thread for long must not
/// get the one on which everything arrives.
pub(crate) struct Pace {
    /// A quick call earns one, up to four times what is needed; a slow one costs what is needed at
    /// first. So a thread that the machine stops once in a while makes no difference.
    credit: AtomicU32,
    /// How much it takes to be called quick.
    needed: AtomicU32,
}

/// What takes longer is not quick. Answering a request takes a tenth of it, and more if the processor
/// is given to another thread in between.
const QUICK: Duration = Duration::from_micros(250);
/// What takes longer in place has held others up.
const TOO_LONG: Duration = Duration::from_millis(10);
const FIRST_NEEDED: u32 = 16;
/// By how much more it takes each time that others were held up.
const MORE_NEEDED: u32 = 16;
const GREATEST_CREDIT: u32 = 4;

impl Pace {
    /// Of a listener that is not to run in place, however quick it is.
    pub(crate) fn never_in_place() -> Self {
        Self { needed: u32::MAX.into(), ..Self::default() }
    }

    /// Whether the listener may run on this thread.
    pub(crate) fn may_run_here(&self) -> bool {
        PLACE.get() == Place::Dispatcher && self.is_quick()
    }

    fn is_quick(&self) -> bool {
        let needed = self.needed.load(Ordering::Relaxed);
        needed != u32::MAX && self.credit.load(Ordering::Relaxed) >= needed
    }

    /// Measures the first step of a call. There is never more than one at a time.
    pub(crate) fn measured<R>(&self, step: impl FnOnce() -> R) -> R {
        let in_place = PLACE.get() == Place::Dispatcher;
        let begin = Instant::now();
        let result = step();
        self.note(begin.elapsed(), in_place);
        result
    }

    fn note(&self, time: Duration, in_place: bool) {
        let credit = self.credit.load(Ordering::Relaxed);
        let needed = self.needed.load(Ordering::Relaxed);
        let credit = if in_place && time > TOO_LONG {
            self.needed.store(needed.saturating_mul(MORE_NEEDED), Ordering::Relaxed);
            0
        } else if time > QUICK {
            credit.saturating_sub(FIRST_NEEDED)
        } else {
            credit.saturating_add(1).min(needed.saturating_mul(GREATEST_CREDIT))
        };
        self.credit.store(credit, Ordering::Relaxed);
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { credit: 0.into(), needed: FIRST_NEEDED.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(pace: &Pace, count: u32, time: Duration, in_place: bool) {
        (0..count).for_each(|_| pace.note(time, in_place));
    }

    #[test]
    fn a_listener_is_quick_after_a_number_of_quick_calls() {
        let pace = Pace::default();
        note(&pace, FIRST_NEEDED - 1, QUICK, false);
        assert!(!pace.is_quick());
        note(&pace, 1, QUICK, false);
        assert!(pace.is_quick());
        note(&pace, 1, QUICK * 2, true);
        assert!(!pace.is_quick());
    }

    #[test]
    fn one_slow_call_among_many_quick_ones_makes_no_difference_but_a_few_do() {
        let pace = Pace::default();
        note(&pace, 1_000, QUICK, true);
        note(&pace, 1, QUICK * 2, true);
        assert!(pace.is_quick());
        note(&pace, 3, QUICK * 2, true);
        assert!(!pace.is_quick());
    }

    #[test]
    fn one_that_has_held_others_up_must_be_quick_more_often() {
        let pace = Pace::default();
        note(&pace, 1, TOO_LONG * 2, false);
        note(&pace, FIRST_NEEDED, QUICK, false);
        assert!(pace.is_quick());
        note(&pace, 1, TOO_LONG * 2, true);
        note(&pace, FIRST_NEEDED * MORE_NEEDED - 1, QUICK, false);
        assert!(!pace.is_quick());
        note(&pace, 1, QUICK, false);
        assert!(pace.is_quick());
    }

    #[test]
    fn a_listener_may_run_here_only_on_the_dispatcher_and_not_inside_another() {
        let pace = Pace::default();
        note(&pace, FIRST_NEEDED, QUICK, false);
        assert!(!pace.may_run_here());
        on_dispatcher(|| {
            assert!(pace.may_run_here());
            assert!(!Pace::never_in_place().may_run_here());
            inside_listener(|| assert!(!pace.may_run_here()));
            assert!(pace.may_run_here());
        });
        assert!(is_elsewhere());
    }

    #[test]
    fn one_that_may_never_run_in_place_does_not_however_quick_it_is() {
        let pace = Pace::never_in_place();
        pace.credit.store(u32::MAX - 1, Ordering::Relaxed);
        note(&pace, 2, QUICK, false);
        assert!(!pace.is_quick());
    }
}
