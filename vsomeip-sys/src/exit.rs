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

//! The end of the process.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the end of the process waits: a little longer than vsomeip waits for its routing
/// manager.
const TIMEOUT: Duration = Duration::from_secs(6);

static HOLDS: Mutex<usize> = Mutex::new(0);
static RELEASED: Condvar = Condvar::new();

/// As long as there is one, the process does not end: `exit`, and the return from `main`, wait for
/// it, for 6 seconds at most.
///
/// A thread that ends an application holds one meanwhile. At the end of the process C++ destroys
/// what vsomeip keeps in static variables, and an application that is just being ended still uses
/// that: the process would be aborted.
#[derive(Debug)]
pub struct ExitHold(());

impl ExitHold {
    /// Has the end of the process wait from now on.
    #[must_use]
    pub fn new() -> Self {
        *holds() += 1;
        // Once for each hold: what was registered last runs first, and this has to run before the
        // destructors of what vsomeip has made until now.
        // SAFETY: the function has the signature that C expects, does not unwind, and uses nothing but
        // variables that are never destroyed.
        if unsafe { libc::atexit(wait) } != 0 {
            log::warn!("the end of the process will not wait for that of an application");
        }
        Self(())
    }
}

impl Default for ExitHold {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ExitHold {
    fn drop(&mut self) {
        *holds() -= 1;
        RELEASED.notify_all();
    }
}

extern "C" fn wait() {
    let holds = holds();
    drop(RELEASED.wait_timeout_while(holds, TIMEOUT, |holds| *holds > 0));
}

fn holds() -> MutexGuard<'static, usize> {
    HOLDS.lock().unwrap_or_else(PoisonError::into_inner)
}
