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

//! The owner of a C++ application. Counts the calls into it, which the exit handler waits for.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use cxx::UniquePtr;

use crate::exit::{self, Gate, Pass};
use crate::{ffi, Error};

/// An application of the glue; never null.
pub(crate) struct Handle(Arc<Inner>);

/// The part that the exit handler stops.
pub(crate) struct Inner {
    native: UniquePtr<ffi::Application>,
    calls: Gate,
    is_running: AtomicBool,
}

// SAFETY: the glue's class has no state but a pointer that never changes, and a vsomeip application
// may be used from any thread.
unsafe impl Send for Inner {}
// SAFETY: as above; every method takes the C++ object by const reference.
unsafe impl Sync for Inner {}

/// A call into an application, during which the process does not end.
pub(crate) struct Call<'a> {
    application: &'a ffi::Application,
    _pass: Pass<'a>,
}

impl Deref for Call<'_> {
    type Target = ffi::Application;

    fn deref(&self) -> &ffi::Application {
        self.application
    }
}

impl Handle {
    pub(crate) fn new(native: UniquePtr<ffi::Application>) -> Self {
        let inner =
            Arc::new(Inner { native, calls: Gate::new(), is_running: AtomicBool::new(false) });
        exit::stop_at_the_end(&inner);
        Self(inner)
    }

    /// Begins a call.
    pub(crate) fn enter(&self) -> Result<Call<'_>, Error> {
        let pass = self.0.calls.enter()?;
        Ok(Call { application: &self.0.native, _pass: pass })
    }

    /// Runs the application until it is stopped.
    pub(crate) fn run(&self) -> Result<(), Error> {
        let call = self.enter()?;
        // A second call fails at once and must leave the flag set.
        let was_running = self.0.is_running.swap(true, Ordering::SeqCst);
        // SAFETY: the handle is never null, the method throws nothing and may run on any thread.
        let failure = unsafe { call.start() };
        self.0.is_running.store(was_running, Ordering::SeqCst);
        Error::check("start", &failure)
    }

    /// For methods that may be called at any time.
    pub(crate) fn native(&self) -> &ffi::Application {
        &self.0.native
    }
}

impl Inner {
    pub(crate) fn is_in_use(&self) -> bool {
        self.calls.is_in_use()
    }

    /// Stops it if it runs. If it does not, `stop` would wait for `run`.
    pub(crate) fn end(&self) {
        if self.is_running.load(Ordering::SeqCst) {
            // The process exits, so a failure has no consequence.
            // SAFETY: as in `run`.
            drop(unsafe { self.native.stop() });
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let native = std::mem::replace(&mut self.native, UniquePtr::null());
        match exit::CREATION.enter() {
            Ok(_pass) => drop(native),
            // The destructor would use vsomeip's static variables, which are destroyed.
            Err(_) => std::mem::forget(native),
        }
    }
}
