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

//! Tracks transports of this process that are shutting down: after a drop, the name of the application
//! stays in use for a while.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// How long to wait for the name of a transport that shuts down: a little longer than vsomeip waits for
/// its routing manager.
const TIMEOUT: Duration = Duration::from_secs(6);

static ENDING: Endings = Endings::new();

/// Exists while a transport shuts down.
pub(crate) struct Ending(&'static Endings);

impl Ending {
    pub(crate) fn begin() -> Self {
        ENDING.begin()
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        *self.0.count.lock() -= 1;
        self.0.changed.notify_all();
    }
}

/// Waits while a name is in use and any transport shuts down, which may have it.
pub(super) fn wait_while(is_taken: impl Fn() -> bool) {
    ENDING.wait_while(is_taken, TIMEOUT);
}

struct Endings {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Endings {
    const fn new() -> Self {
        Self { count: Mutex::new(0), changed: Condvar::new() }
    }

    fn begin(&'static self) -> Ending {
        *self.count.lock() += 1;
        Ending(self)
    }

    fn wait_while(&self, is_taken: impl Fn() -> bool, timeout: Duration) {
        let mut count = self.count.lock();
        self.changed.wait_while_for(&mut count, |count| *count > 0 && is_taken(), timeout);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn name_is_awaited_during_shutdown() {
        static ENDINGS: Endings = Endings::new();
        static IS_TAKEN: AtomicBool = AtomicBool::new(true);
        let is_taken = || IS_TAKEN.load(Ordering::Relaxed);
        // Nothing ends, so it would stay taken.
        ENDINGS.wait_while(is_taken, LONG);
        let (first, second) = (ENDINGS.begin(), ENDINGS.begin());
        let waiting = thread::spawn(move || ENDINGS.wait_while(is_taken, LONG));
        drop(first);
        assert!(!waiting.is_finished());
        IS_TAKEN.store(false, Ordering::Relaxed);
        drop(second);
        waiting.join().unwrap();
    }

    #[test]
    fn waiting_is_bounded() {
        static ENDINGS: Endings = Endings::new();
        let _ending = ENDINGS.begin();
        ENDINGS.wait_while(|| true, Duration::from_millis(1));
    }
}
