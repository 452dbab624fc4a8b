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

//! The runtime that listeners may use: for the tasks that they spawn, timers, and sockets. Listeners
//! themselves run inline, or on [`workers`](crate::delivery::workers).

use std::io;
use std::panic::catch_unwind;
use std::sync::OnceLock;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

use crate::delivery::place::become_worker;

const THREAD_NAME: &str = "up-vsomeip-rt";

/// A runtime with one thread, and one with more if listeners spawn tasks. What was begun on the first
/// one stays there, so it is never replaced.
#[derive(Debug)]
pub(super) struct Runtimes {
    first: Handle,
    more: OnceLock<Handle>,
    threads: usize,
    /// `None` once they have ended.
    owned: Mutex<Option<Vec<Runtime>>>,
}

impl Runtimes {
    /// # Errors
    ///
    /// Fails if the system starts no thread.
    pub(super) fn start(threads: usize) -> io::Result<Self> {
        let first = build(1)?;
        let (handle, owned) = (first.handle().clone(), Mutex::new(Some(vec![first])));
        Ok(Self { first: handle, more: OnceLock::new(), threads, owned })
    }

    /// Makes this thread part of the runtime, which a listener may rely on.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        self.more.get().unwrap_or(&self.first).enter()
    }

    /// Starts more threads if listeners have spawned tasks, which one thread may be too few for.
    pub(super) fn extend(&self) {
        if self.more.get().is_some() || self.threads == 1 {
            return;
        }
        if self.first.metrics().num_alive_tasks() == 0 {
            return;
        }
        match build(self.threads) {
            Ok(runtime) => self.add(runtime),
            Err(error) => log::debug!("the tasks of listeners get no more threads: {error}"),
        }
    }

    fn add(&self, runtime: Runtime) {
        let mut owned = self.owned.lock();
        match owned.as_mut() {
            Some(owned) => {
                self.more.get_or_init(|| runtime.handle().clone());
                owned.push(runtime);
            }
            None => {
                drop(owned);
                runtime.shutdown_background();
            }
        }
    }

    /// Drops all tasks; waits for those that block their threads, at most until `timeout`. Must not
    /// be called on a thread of a runtime.
    pub(super) fn end(&self, timeout: Duration) {
        self.take().for_each(|runtime| runtime.shutdown_timeout(timeout));
    }

    /// The same without waiting, on any thread.
    pub(super) fn end_in_background(&self) {
        self.take().for_each(Runtime::shutdown_background);
    }

    fn take(&self) -> impl Iterator<Item = Runtime> {
        self.owned.lock().take().into_iter().flatten()
    }
}

/// tokio panics if the system starts no thread.
fn build(threads: usize) -> io::Result<Runtime> {
    let build = || {
        Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name(THREAD_NAME)
            .on_thread_start(become_worker)
            // A listener may use all that tokio was built with.
            .enable_all()
            .build()
    };
    catch_unwind(build).unwrap_or_else(|_| Err(io::Error::other("the runtime has no thread")))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn spawned_tasks_bring_more_threads() {
        let runtimes = Runtimes::start(2).unwrap();
        runtimes.extend();
        assert!(runtimes.more.get().is_none());
        let (news, is_new) = channel();
        let spawn = |text: &'static str| {
            let _context = runtimes.enter();
            let news = news.clone();
            tokio::spawn(async move {
                news.send(text).unwrap();
                std::future::pending::<()>().await;
            });
            assert_eq!(is_new.recv(), Ok(text));
        };
        spawn("first");
        runtimes.extend();
        assert_eq!(runtimes.more.get().unwrap().metrics().num_workers(), 2);
        spawn("second");
        drop(news);
        runtimes.end(Duration::from_secs(3_600));
        // Both tasks have let go of their senders.
        assert!(is_new.recv().is_err());
    }

    #[test]
    fn one_thread_stays_one() {
        let runtimes = Runtimes::start(1).unwrap();
        runtimes.first.spawn(std::future::pending::<()>());
        runtimes.extend();
        assert!(runtimes.more.get().is_none());
        runtimes.end(Duration::ZERO);
    }

    #[test]
    fn ended_runtimes_are_not_extended() {
        let runtimes = Runtimes::start(2).unwrap();
        runtimes.end_in_background();
        runtimes.add(build(1).unwrap());
        assert!(runtimes.more.get().is_none() && runtimes.owned.lock().is_none());
    }
}
