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

//! A bounded queue of lines for the logger.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Line;

/// How many lines the queue holds before further ones are dropped.
const CAPACITY: usize = 8192;

/// For how long a thread waits for lines before it ends.
const KEEP_ALIVE: Duration = Duration::from_secs(2);

/// A bounded queue, served by one thread, which runs only while there are lines.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    lines: VecDeque<Line>,
    /// Lines dropped since the last report.
    lost: u64,
    /// Whether taken lines are still being served.
    is_serving: bool,
    /// Whether there is a thread that serves lines, or one is being started.
    has_thread: bool,
}

impl Queue {
    pub(super) const fn new() -> Self {
        let state = State { lines: VecDeque::new(), lost: 0, is_serving: false, has_thread: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Appends a line, or counts it as lost. Returns whether a thread is needed that serves it.
    #[must_use]
    pub(super) fn push(&self, line: Line) -> bool {
        let mut state = self.lock();
        if state.lines.len() < CAPACITY {
            state.lines.push_back(line);
        } else {
            state.lost += 1;
        }
        let needs_thread = !std::mem::replace(&mut state.has_thread, true);
        drop(state);
        self.changed.notify_all();
        needs_thread
    }

    /// The thread that was needed could not be started: the next line needs it again.
    pub(super) fn lacks_thread(&self) {
        self.lock().has_thread = false;
    }

    /// Serves lines until there are none for a while. Calls `report_loss` with the number of dropped
    /// lines, after the lines before them.
    pub(super) fn serve(&self, serve: impl Fn(&Line), report_loss: impl Fn(u64)) {
        while let Some((lines, lost)) = self.take() {
            lines.iter().for_each(&serve);
            if lost > 0 {
                report_loss(lost);
            }
        }
    }

    /// Ends the service of what was taken before, and waits for more; `None` if the thread is to end.
    fn take(&self) -> Option<(VecDeque<Line>, u64)> {
        let mut state = self.lock();
        state.is_serving = false;
        self.changed.notify_all();
        let is_empty = |state: &mut State| state.lines.is_empty();
        let waited = self.changed.wait_timeout_while(state, KEEP_ALIVE, is_empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_serving = !state.lines.is_empty();
        state.has_thread = state.is_serving;
        state
            .is_serving
            .then(|| (std::mem::take(&mut state.lines), std::mem::take(&mut state.lost)))
    }

    /// Waits until all lines are served.
    pub(super) fn wait_until_empty(&self, timeout: Duration) {
        let is_busy = |state: &mut State| state.is_serving || !state.lines.is_empty();
        // Whether it is over or not: nobody can do more about it.
        drop(self.changed.wait_timeout_while(self.lock(), timeout, is_busy));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{channel, Receiver, Sender};
    use std::sync::OnceLock;
    use std::thread;

    use super::*;

    fn line(number: usize) -> Line {
        Line::parse(format!("2026-11-21 10:11:12.1 [info] {number}").as_bytes()).unwrap()
    }

    #[test]
    fn lines_beyond_capacity_are_counted() {
        static QUEUE: Queue = Queue::new();
        for number in 0..CAPACITY + 3 {
            assert_eq!(QUEUE.push(line(number)), number == 0);
        }
        let (served, lines) = channel();
        let (reported, losses) = channel();
        thread::spawn(move || {
            QUEUE.serve(
                |line| served.send(format!("{line:?}")).unwrap(),
                |lost| reported.send(lost).unwrap(),
            );
        });
        for number in 0..CAPACITY {
            assert_eq!(lines.recv().unwrap(), format!("{:?}", line(number)));
        }
        assert_eq!(losses.recv().unwrap(), 3);
        // And it goes on.
        assert!(!QUEUE.push(line(7)));
        assert_eq!(lines.recv().unwrap(), format!("{:?}", line(7)));
        assert!(losses.try_recv().is_err());
    }

    #[test]
    fn wait_ends_when_last_line_is_served() {
        static QUEUE: Queue = Queue::new();
        static DONE: OnceLock<()> = OnceLock::new();
        assert!(QUEUE.push(line(1)));
        QUEUE.wait_until_empty(Duration::from_millis(1));
        let (go, gone): (Sender<()>, Receiver<()>) = channel();
        thread::spawn(move || {
            let serve = |_: &Line| {
                gone.recv().unwrap();
                DONE.set(()).unwrap();
            };
            QUEUE.serve(serve, |_| {});
        });
        QUEUE.wait_until_empty(Duration::from_millis(1));
        assert!(DONE.get().is_none());
        go.send(()).unwrap();
        QUEUE.wait_until_empty(Duration::from_secs(60));
        assert!(DONE.get().is_some());
    }
    #[test]
    fn thread_ends_without_lines() {
        static QUEUE: Queue = Queue::new();
        let (served, lines) = channel();
        for number in 0..2 {
            assert!(QUEUE.push(line(number)));
            let served = served.clone();
            let serve = move |line: &Line| served.send(format!("{line:?}")).unwrap();
            thread::spawn(move || QUEUE.serve(serve, |_| {})).join().unwrap();
            assert_eq!(lines.try_recv(), Ok(format!("{:?}", line(number))));
        }
    }

    #[test]
    fn failed_thread_is_needed_again() {
        static QUEUE: Queue = Queue::new();
        assert!(QUEUE.push(line(0)));
        assert!(!QUEUE.push(line(1)));
        QUEUE.lacks_thread();
        assert!(QUEUE.push(line(2)));
    }
}
