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

//! Limits what is on its way, and lets the sender wait.

use parking_lot::{Condvar, Mutex, MutexGuard};

/// Not with std's condition variable: that asks the kernel to wake somebody even if nobody waits,
/// which the one of C++ does not.
pub(crate) struct Window {
    size: u64,
    free: Mutex<u64>,
    changed: Condvar,
}

impl Window {
    pub(crate) fn new(size: u64) -> Self {
        Self { size, free: Mutex::new(size), changed: Condvar::new() }
    }

    pub(crate) fn enter(&self) {
        *self.wait_while(|free| *free == 0) -= 1;
    }

    pub(crate) fn leave(&self) {
        *self.free.lock() += 1;
        self.changed.notify_one();
    }

    pub(crate) fn wait_until_empty(&self) {
        drop(self.wait_while(|free| *free < self.size));
    }

    fn wait_while(&self, condition: impl FnMut(&mut u64) -> bool) -> MutexGuard<'_, u64> {
        let mut free = self.free.lock();
        self.changed.wait_while(&mut free, condition);
        free
    }
}
