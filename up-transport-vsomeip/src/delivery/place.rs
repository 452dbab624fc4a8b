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

//! Tracks what the current thread is doing: whether a listener may run on it, and whether it may wait for
//! one. Thread-local state only.

use std::cell::Cell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside the transport, as far as is known: the thread may hold locks of the application.
    Elsewhere,
    /// Passing on a message from vsomeip, without holding locks.
    Dispatcher,
    /// Inside a call of a listener.
    Listener,
}

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Elsewhere) };
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

fn at<R>(place: Place, call: impl FnOnce() -> R) -> R {
    struct Return(Place);
    impl Drop for Return {
        fn drop(&mut self) {
            PLACE.set(self.0);
        }
    }
    let _return = Return(PLACE.replace(place));
    call()
}

/// Marks this thread permanently as one that runs listeners or their tasks.
pub(crate) fn become_worker() {
    IS_WORKER.set(true);
}

/// Runs `call` as the dispatcher thread, on which listeners may run inline.
pub(crate) fn on_dispatcher<R>(call: impl FnOnce() -> R) -> R {
    at(Place::Dispatcher, call)
}

pub(super) fn inside_listener<R>(call: impl FnOnce() -> R) -> R {
    at(Place::Listener, call)
}

pub(super) fn is_inside_listener() -> bool {
    PLACE.get() == Place::Listener
}

pub(super) fn is_dispatcher() -> bool {
    PLACE.get() == Place::Dispatcher
}

/// Whether this thread runs listeners or their tasks.
fn is_worker() -> bool {
    IS_WORKER.get()
}

/// Whether this thread belongs to a transport, running listeners or vsomeip's handlers. It ends with that
/// transport, so it must not wait for its end.
pub(crate) fn is_own_thread() -> bool {
    is_worker() || PLACE.get() != Place::Elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_is_restored_after_nested_calls() {
        assert!(!is_own_thread());
        on_dispatcher(|| {
            assert!(is_dispatcher() && is_own_thread());
            inside_listener(|| assert!(is_inside_listener() && !is_dispatcher()));
            assert!(is_dispatcher());
        });
        assert!(!is_own_thread());
    }

    #[test]
    fn worker_is_own_thread() {
        std::thread::spawn(|| {
            become_worker();
            inside_listener(|| assert!(is_worker() && is_own_thread()));
            assert!(is_own_thread() && !is_dispatcher() && !is_inside_listener());
        })
        .join()
        .unwrap();
    }
}
