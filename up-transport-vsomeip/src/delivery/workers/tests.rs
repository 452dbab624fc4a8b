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

use std::future::{pending, poll_fn};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::task::Poll;

use super::*;
use crate::delivery::place::is_own_thread;

const LONG: Duration = Duration::from_secs(3_600);

fn workers(limit: usize) -> Arc<Workers> {
    Arc::new(Workers::new(limit, Arc::new(Runtimes::start(1).unwrap())))
}

impl Workers {
    fn end(&self) {
        self.close(LONG);
        self.runtimes.end(LONG);
    }

    fn running(&self) -> usize {
        self.state.lock().running
    }

    fn wait_for_running(&self, count: usize) {
        let mut state = self.state.lock();
        self.changed.wait_while(&mut state, |state| state.running != count);
    }
}

fn all_are_idle(workers: &Workers) -> bool {
    let state = workers.state.lock();
    state.idle == state.running
}

/// Blocks its thread until it is released.
fn blocking(began: &Sender<u32>, number: u32) -> (impl Future<Output = ()>, Sender<()>) {
    let (go, goes): (_, Receiver<()>) = channel();
    let began = began.clone();
    let task = async move {
        began.send(number).unwrap();
        goes.recv().unwrap();
    };
    (task, go)
}

#[test]
fn threads_start_on_demand_and_end_when_idle() {
    let workers = workers(4);
    assert_eq!(workers.running(), 0);
    let (news, is_new) = channel();
    for number in 0..3 {
        let news = news.clone();
        workers.spawn(async move { news.send((number, is_own_thread())).unwrap() });
        assert_eq!(is_new.recv(), Ok((number, true)));
    }
    workers.wait_for_running(0);
    workers.spawn(async move { news.send((3, is_own_thread())).unwrap() });
    assert_eq!(is_new.recv(), Ok((3, true)));
    workers.end();
    assert_eq!(workers.running(), 0);
}

#[test]
fn idle_thread_is_used_again() {
    let workers = workers(4);
    let (news, is_new) = channel();
    for number in 0..100 {
        let news = news.clone();
        workers.spawn(async move { news.send(number).unwrap() });
        assert_eq!(is_new.recv(), Ok(number));
        while !all_are_idle(&workers) {
            thread::yield_now();
        }
        // None if it had to wait for a second.
        assert!(workers.running() <= 1);
    }
    workers.end();
}

#[test]
fn limit_holds_for_blocked_threads() {
    let workers = workers(2);
    let (news, began) = channel();
    let mut gates = Vec::new();
    for number in 0..3 {
        let (task, go) = blocking(&news, number);
        gates.push(go);
        workers.spawn(task);
    }
    let mut first = [began.recv().unwrap(), began.recv().unwrap()];
    first.sort_unstable();
    assert_eq!((first, workers.running()), ([0, 1], 2));
    assert!(began.try_recv().is_err());
    gates[1].send(()).unwrap();
    assert_eq!(began.recv(), Ok(2));
    for gate in [0, 2] {
        gates[gate].send(()).unwrap();
    }
    workers.end();
}

#[test]
fn task_goes_on_when_it_is_woken() {
    let workers = workers(1);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let (news, is_new) = channel();
    workers.spawn(async move { news.send(receiver.await).unwrap() });
    workers.wait_for_running(0);
    sender.send(7).unwrap();
    assert_eq!(is_new.recv().unwrap(), Ok(7));
    workers.end();
}

#[test]
fn close_drops_what_waits_for_ever() {
    let workers = workers(2);
    let (news, is_new) = channel::<()>();
    for _ in 0..2 {
        let news = news.clone();
        let mut wakers = Vec::new();
        workers.spawn(async move {
            // It owns itself, so nobody else lets go of it.
            poll_fn::<(), _>(|context| {
                wakers.push(context.waker().clone());
                Poll::Pending
            })
            .await;
            drop(news);
        });
    }
    let kept = news.clone();
    workers.spawn(async move {
        pending::<()>().await;
        drop(kept);
    });
    drop(news);
    workers.end();
    assert!(is_new.recv().is_err());
    assert!(workers.state.lock().tasks.is_empty());
}

#[test]
fn nothing_is_polled_after_close() {
    let workers = workers(1);
    let (news, is_new) = channel();
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let late = news.clone();
    workers.spawn(async move {
        drop(receiver.await);
        late.send(()).unwrap();
    });
    workers.wait_for_running(0);
    workers.end();
    drop(sender);
    workers.spawn(async move { news.send(()).unwrap() });
    assert!(is_new.recv().is_err());
    assert!(workers.state.lock().tasks.is_empty());
}

#[test]
fn close_waits_until_timeout_at_most() {
    let workers = workers(1);
    let (news, began) = channel();
    let (task, go) = blocking(&news, 1);
    workers.spawn(task);
    assert_eq!(began.recv(), Ok(1));
    workers.close(Duration::ZERO);
    assert_eq!(workers.running(), 1);
    go.send(()).unwrap();
    workers.wait_for_running(0);
    workers.end();
}

#[test]
fn panic_ends_no_thread() {
    let workers = workers(1);
    let (news, is_new) = channel();
    workers.spawn(async { panic!("on purpose") });
    workers.spawn(async move { news.send(()).unwrap() });
    assert_eq!(is_new.recv(), Ok(()));
    workers.end();
}

#[test]
fn thread_that_cannot_start_is_tried_again() {
    static FAILS: AtomicBool = AtomicBool::new(true);
    let start_if_possible: Start = |work| {
        if FAILS.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        start(work)
    };
    let runtimes = Arc::new(Runtimes::start(1).unwrap());
    let workers = Arc::new(Workers { start: start_if_possible, ..Workers::new(1, runtimes) });
    let (news, is_new) = channel();
    workers.spawn(async move { news.send(()).unwrap() });
    workers.start_threads();
    assert!(is_new.try_recv().is_err());
    FAILS.store(false, Ordering::Relaxed);
    workers.start_threads();
    assert_eq!(is_new.recv(), Ok(()));
    workers.end();
}
