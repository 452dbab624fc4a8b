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

//! An orderly exit of the process.
//!
//! At exit, C++ destroys vsomeip's static variables, even while threads use them. So an exit handler
//! waits for all [`ExitHold`]s, stops the applications that still run, and waits for the calls into
//! vsomeip. Later calls fail.

use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::handle::Inner;
use crate::{callback, resident, Error};

/// How long the exit handler waits: a little longer than vsomeip waits for its routing manager.
const TIMEOUT: Duration = Duration::from_secs(6);

/// How long it waits in a callback, whose thread may be one that vsomeip must join to stop.
const TIMEOUT_IN_CALLBACK: Duration = Duration::from_secs(1);

const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// How often the exit handler is registered at most. By then, vsomeip has created all its static
/// variables.
const REGISTRATIONS: usize = 64;

static HOLDS: Mutex<usize> = Mutex::new(0);
static RELEASED: Condvar = Condvar::new();
static APPLICATIONS: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);
/// The process that registered the exit handler. A fork does not have its threads, so it must not wait
/// for them.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Guards the creation and destruction of applications.
pub(crate) static CREATION: Gate = Gate::new();

/// Delays the end of the process: `exit` and the return from `main` wait until it is dropped, for 6
/// seconds at most.
///
/// A thread that shuts an application down holds one. Otherwise, C++ could destroy vsomeip's static
/// variables while the application still uses them, which would abort the process.
#[derive(Debug)]
pub struct ExitHold(());

impl ExitHold {
    /// Starts delaying the end of the process.
    #[must_use]
    pub fn new() -> Self {
        *lock(&HOLDS) += 1;
        register();
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
        *lock(&HOLDS) -= 1;
        RELEASED.notify_all();
    }
}

/// Admits calls until the process ends, and counts those that run.
pub(crate) struct Gate(AtomicUsize);

/// An admitted call.
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Fails once the process ends.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, Error> {
        // Counted before the check, so that either this call sees the end or the end waits for it.
        self.0.fetch_add(1, Ordering::SeqCst);
        let pass = Pass(self);
        if HAS_BEGUN.load(Ordering::SeqCst) {
            return Err(Error::ProcessEnds);
        }
        Ok(pass)
    }

    pub(crate) fn is_in_use(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0 .0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Makes the exit handler stop an application.
pub(crate) fn stop_at_the_end(application: &Arc<Inner>) {
    let mut applications = lock(&APPLICATIONS);
    applications.retain(|other| other.strong_count() > 0);
    applications.push(Arc::downgrade(application));
}

/// Registers the exit handler. It must run before the destructors of vsomeip's static variables, and
/// handlers run in reverse order of registration. So this is called whenever vsomeip may have created
/// more of them.
pub(crate) fn register() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    OWNER.store(process::id(), Ordering::SeqCst);
    resident::keep_loaded();
    if COUNT.fetch_add(1, Ordering::Relaxed) >= REGISTRATIONS {
        return;
    }
    // SAFETY: the function has the signature that C expects, does not unwind, and uses nothing but
    // variables that are never destroyed.
    if unsafe { libc::atexit(end) } != 0 {
        log::warn!(
            "cannot register an exit handler: the process may crash if it exits during a shutdown"
        );
    }
}

extern "C" fn end() {
    if process::id() != OWNER.load(Ordering::SeqCst) {
        return;
    }
    callback::quietly(|| {
        wait_for_holds();
        if !HAS_BEGUN.swap(true, Ordering::SeqCst) {
            stop_applications();
        }
    });
}

fn wait_for_holds() {
    drop(RELEASED.wait_timeout_while(lock(&HOLDS), TIMEOUT, |holds| *holds > 0));
}

fn stop_applications() {
    let timeout = if callback::is_running() { TIMEOUT_IN_CALLBACK } else { TIMEOUT };
    let deadline = Instant::now() + timeout;
    let applications: Vec<Arc<Inner>> =
        lock(&APPLICATIONS).iter().filter_map(Weak::upgrade).collect();
    for application in applications.clone() {
        // On a thread of its own, since `stop` may block. If none can be started, it is not stopped.
        drop(thread::Builder::new().spawn(move || application.end()));
    }
    let is_in_use =
        || CREATION.is_in_use() || applications.iter().any(|application| application.is_in_use());
    while is_in_use() && Instant::now() < deadline {
        thread::sleep(POLL_INTERVAL);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forked_process_exits_without_waiting() {
        let _hold = ExitHold::new();
        OWNER.store(0, Ordering::SeqCst);
        end();
        assert!(!HAS_BEGUN.load(Ordering::SeqCst));
        OWNER.store(process::id(), Ordering::SeqCst);
    }
}
