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

//! What this thread is doing: whether a listener may run on it, and whether it may wait for one.

use std::cell::Cell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing of the transport's, as far as is known: it may hold locks of the application.
    Elsewhere,
    /// It passes on what vsomeip has delivered, and holds no lock.
    Dispatcher,
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

/// Marks this thread as one of the runtime that runs the listeners, for good.
pub(crate) fn become_worker() {
    IS_WORKER.set(true);
}

/// Runs what vsomeip's dispatcher thread does with a message. Listeners may run in it.
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

/// Whether this thread belongs to the runtime that runs the listeners.
pub(super) fn is_worker() -> bool {
    IS_WORKER.get()
}

/// Whether this thread runs listeners of some transport, or vsomeip's handlers: it ends with that
/// transport, so it must not wait for the end.
pub(crate) fn is_own_thread() -> bool {
    is_worker() || PLACE.get() != Place::Elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_returns_after_nested_calls() {
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
