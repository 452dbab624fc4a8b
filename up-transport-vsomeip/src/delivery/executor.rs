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

use tokio::runtime::{EnterGuard, Handle};

use crate::delivery::place::is_worker;

/// The runtime of the listeners, and that of the control thread, on which no listener runs.
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    listeners: Handle,
    control: Handle,
}

impl Executor {
    pub(crate) fn new(listeners: Handle, control: Handle) -> Self {
        Self { listeners, control }
    }

    /// Makes this thread part of the listeners' runtime, which a listener may rely on.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        self.listeners.enter()
    }

    /// Runs a task on the listeners' runtime.
    ///
    /// A worker thread keeps the task that it has spawned last for itself. If a listener blocked that
    /// thread then, the task would wait for it, so tasks of workers come from the control thread.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if is_worker() {
            let listeners = self.listeners.clone();
            self.control.spawn(async move {
                listeners.spawn(task);
            });
        } else {
            self.listeners.spawn(task);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use tokio::runtime::Builder;

    use super::*;
    use crate::delivery::place::become_worker;

    #[test]
    fn only_workers_spawn_through_control() {
        // Nothing runs on these until somebody blocks on them.
        let runtime = || Builder::new_current_thread().build().unwrap();
        let (listeners, control) = (runtime(), runtime());
        let run_all = |runtime: &tokio::runtime::Runtime| {
            runtime.block_on(async { tokio::task::yield_now().await });
        };
        let executor = Executor::new(listeners.handle().clone(), control.handle().clone());
        let (ran, has_run) = channel();
        let spawn = |name: &'static str| {
            let ran = ran.clone();
            executor.spawn(async move { ran.send(name).unwrap() });
        };
        spawn("of another thread");
        thread::scope(|threads| {
            threads.spawn(|| {
                become_worker();
                spawn("of a worker");
            });
        });
        run_all(&listeners);
        assert_eq!(has_run.try_iter().collect::<Vec<_>>(), ["of another thread"]);
        run_all(&control);
        assert!(has_run.try_recv().is_err());
        run_all(&listeners);
        assert_eq!(has_run.try_iter().collect::<Vec<_>>(), ["of a worker"]);
    }
}
