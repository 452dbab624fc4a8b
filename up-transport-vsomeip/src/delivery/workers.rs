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

//! The threads that listeners run on when they do not run inline. They start when there is something
//! to run, up to a limit, and end when there was nothing for a while.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_task::{Runnable, Task};
use parking_lot::{Condvar, Mutex};
use rustc_hash::FxHashMap;
use vsomeip_sys::callback::quietly;

use crate::delivery::place::become_worker;
use crate::delivery::runtimes::Runtimes;

const THREAD_NAME: &str = "up-vsomeip";

/// For how long a thread waits for something to run before it ends.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// How a thread is started.
type Start = fn(Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>>;

fn start(work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(work)
}

/// A pool of threads, which polls tasks in the order in which they become ready.
pub(super) struct Workers {
    state: Mutex<State>,
    changed: Condvar,
    next_id: AtomicU64,
    /// How many threads there are at most.
    limit: usize,
    runtimes: Arc<Runtimes>,
    start: Start,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Runnable>,
    /// Those that have not ended: nothing else owns a task that waits for ever.
    tasks: FxHashMap<u64, Task<()>>,
    /// How many threads run, and how many of these have nothing to do yet.
    running: usize,
    idle: usize,
    threads: Vec<JoinHandle<()>>,
    /// Whether the last thread that was wanted could not be started.
    has_failed: bool,
    /// Nothing is polled any more.
    is_closed: bool,
}

impl State {
    fn lacks_threads(&self, limit: usize) -> bool {
        self.idle < self.ready.len() && self.running < limit && !self.is_closed
    }

    fn add(&mut self, thread: JoinHandle<()>) {
        self.running += 1;
        self.idle += 1;
        self.has_failed = false;
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.push(thread);
    }
}

impl Workers {
    /// Tasks are polled inside of `runtimes`.
    pub(super) fn new(limit: usize, runtimes: Arc<Runtimes>) -> Self {
        let (state, changed, next_id) = (Mutex::default(), Condvar::new(), 0.into());
        Self { state, changed, next_id, limit, runtimes, start }
    }

    pub(super) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (workers, polling) = (self.clone(), self.clone());
        let task = async move {
            task.await;
            workers.forget(id);
        };
        let (runnable, task) = async_task::spawn(task, move |runnable| polling.schedule(runnable));
        let mut state = self.state.lock();
        if state.is_closed {
            return;
        }
        state.tasks.insert(id, task);
        drop(state);
        runnable.schedule();
    }

    fn forget(&self, id: u64) {
        let task = self.state.lock().tasks.remove(&id);
        if let Some(task) = task {
            task.detach();
        }
    }

    fn schedule(self: &Arc<Self>, runnable: Runnable) {
        let mut state = self.state.lock();
        if state.is_closed {
            drop(state);
            return quietly(|| drop(runnable));
        }
        state.ready.push_back(runnable);
        drop(state);
        self.changed.notify_one();
        self.start_threads();
    }

    /// Starts threads if there are too few for what is ready. Those that cannot be started, the next
    /// call tries again.
    pub(super) fn start_threads(self: &Arc<Self>) {
        let mut state = self.state.lock();
        while state.lacks_threads(self.limit) {
            match self.start_thread() {
                Ok(thread) => state.add(thread),
                Err(error) => {
                    let running = state.running;
                    let is_known = std::mem::replace(&mut state.has_failed, true);
                    drop(state);
                    if !is_known {
                        log::warn!(running; "listeners wait, as no thread can be started: {error}");
                    }
                    return;
                }
            }
        }
    }

    fn start_thread(self: &Arc<Self>) -> io::Result<JoinHandle<()>> {
        let workers = self.clone();
        (self.start)(Box::new(move || workers.work()))
    }

    fn work(&self) {
        become_worker();
        let mut is_new = true;
        while let Some(runnable) = self.next(std::mem::take(&mut is_new)) {
            let _runtime = self.runtimes.enter();
            quietly(|| {
                runnable.run();
            });
        }
    }

    /// Waits for what is ready; `None` if the thread is to end. One that is new counts as idle.
    fn next(&self, is_new: bool) -> Option<Runnable> {
        let mut state = self.state.lock();
        state.idle -= usize::from(is_new);
        let mut has_waited = false;
        loop {
            if let Some(runnable) = state.ready.pop_front() {
                return Some(runnable);
            }
            if state.is_closed || has_waited {
                state.running -= 1;
                self.changed.notify_all();
                return None;
            }
            state.idle += 1;
            has_waited = self.changed.wait_for(&mut state, KEEP_ALIVE).timed_out();
            state.idle -= 1;
        }
    }

    /// Drops all tasks; waits for those that block their threads, at most until `timeout`.
    pub(super) fn close(&self, timeout: Duration) {
        let mut state = self.state.lock();
        state.is_closed = true;
        let ready = std::mem::take(&mut state.ready);
        drop(state);
        self.changed.notify_all();
        ready.into_iter().for_each(|runnable| quietly(|| drop(runnable)));
        self.join(timeout);
        let tasks = std::mem::take(&mut self.state.lock().tasks);
        tasks.into_values().for_each(|task| quietly(|| drop(task)));
    }

    fn join(&self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        let mut state = self.state.lock();
        self.changed.wait_while_until(&mut state, |state| state.running > 0, deadline);
        let all_end = state.running == 0;
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        if all_end {
            threads.into_iter().for_each(|thread| drop(thread.join()));
        }
    }
}

#[cfg(test)]
mod tests;
