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

//! Limits the messages in flight: the sender waits for room.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) struct Window {
    size: u64,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    free: u64,
    /// Waking somebody up goes through the kernel even if nobody sleeps; not so in C++.
    is_waited_for: bool,
}

impl Window {
    pub(crate) fn new(size: u64) -> Self {
        let state = State { free: size, is_waited_for: false };
        Self { size, state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(crate) fn enter(&self) {
        self.wait_until(|free| free > 0).free -= 1;
    }

    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        state.free += 1;
        let is_waited_for = state.is_waited_for;
        drop(state);
        if is_waited_for {
            self.changed.notify_one();
        }
    }

    pub(crate) fn wait_until_empty(&self) {
        drop(self.wait_until(|free| free == self.size));
    }

    /// For one thread at a time.
    fn wait_until(&self, condition: impl Fn(u64) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while !condition(state.free) {
            state.is_waited_for = true;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.is_waited_for = false;
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
