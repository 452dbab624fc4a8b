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

//! Where listeners run when they do not run inline.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{EnterGuard, Handle};

use crate::delivery::runtimes::Runtimes;
use crate::delivery::workers::Workers;

/// The threads of the listeners, which are those of one transport. The control thread is none of
/// them.
#[derive(Clone)]
pub(crate) struct Executor(Threads);

#[derive(Clone)]
enum Threads {
    Own {
        runtimes: Arc<Runtimes>,
        workers: Arc<Workers>,
    },
    /// For tests, with the clock of their runtime.
    #[cfg_attr(not(any(test, feature = "benchmarking")), expect(dead_code))]
    Of(Handle),
}

impl Executor {
    /// Listeners get `threads` threads at most, which start when they are needed.
    ///
    /// # Errors
    ///
    /// Fails if the system starts no thread.
    pub(crate) fn start(threads: usize) -> io::Result<Self> {
        let runtimes = Arc::new(Runtimes::start(threads)?);
        let workers = Arc::new(Workers::new(threads, runtimes.clone()));
        Ok(Self(Threads::Own { runtimes, workers }))
    }

    /// Runs listeners on a runtime.
    #[cfg(any(test, feature = "benchmarking"))]
    pub(crate) fn on(runtime: Handle) -> Self {
        Self(Threads::Of(runtime))
    }

    /// Makes this thread part of the listeners' runtime, which a listener may rely on.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        match &self.0 {
            Threads::Own { runtimes, .. } => runtimes.enter(),
            Threads::Of(runtime) => runtime.enter(),
        }
    }

    /// Runs a task on a thread of the listeners.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        match &self.0 {
            Threads::Own { workers, .. } => workers.spawn(task),
            Threads::Of(runtime) => drop(runtime.spawn(task)),
        }
    }

    /// Starts threads that are missing. To be called every other second.
    pub(crate) fn tick(&self) {
        if let Threads::Own { runtimes, workers } = &self.0 {
            runtimes.extend();
            workers.start_threads();
        }
    }

    /// Drops all calls and all tasks of listeners; waits for those that block their threads, at most
    /// until `timeout`. Must not be called on a thread of a runtime.
    pub(crate) fn end(&self, timeout: Duration) {
        if let Threads::Own { runtimes, workers } = &self.0 {
            let deadline = Instant::now() + timeout;
            workers.close(timeout);
            runtimes.end(deadline.saturating_duration_since(Instant::now()));
        }
    }

    /// The same without waiting, on any thread.
    pub(crate) fn end_in_background(&self) {
        if let Threads::Own { runtimes, workers } = &self.0 {
            workers.close(Duration::ZERO);
            runtimes.end_in_background();
        }
    }
}
