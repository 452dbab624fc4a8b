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

//! The destination of vsomeip's own log.
//!
//! vsomeip has no callback for its log. It writes lines of the level `logging.level` or above to C++'s
//! `std::cout`, if `logging.console` in its configuration is true, which is the default. The glue
//! intercepts what looks like vsomeip's lines there, and passes on what other C++ code prints.
//!
//! vsomeip may hold locks while it writes a line; 3.4.10 holds one that all of its threads need. So
//! lines are queued, and the thread `vsomeip-log`, which runs only while there are lines, turns them into
//! log records. A slow logger does not block vsomeip, and one that calls vsomeip or prints to
//! `std::cout` does not deadlock. Lines still queued when the process ends are lost; [`flush`] waits for
//! them.

mod line;
mod queue;

use std::cell::Cell;
use std::sync::{Once, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use crate::callback::guard;
use crate::resident;
use line::Line;
use queue::Queue;

/// The target of the log records made from vsomeip's lines.
pub const TARGET: &str = "vsomeip";

/// How long [`flush`] waits for a slow logger.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Where vsomeip's log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the standard output, as vsomeip writes it.
    Console,
    /// To the `log` crate's logger, with the target [`TARGET`] and vsomeip's level. To the standard
    /// output while the crate's maximum level is `Off`, as it is without a logger.
    Log,
    /// Nowhere.
    Nowhere,
}

static DESTINATION: RwLock<Option<Destination>> = RwLock::new(None);
static QUEUE: Queue = Queue::new();

thread_local! {
    /// Whether this is the thread that calls the logger.
    static IS_LOGGING: Cell<bool> = const { Cell::new(false) };
}

/// Sets the destination of vsomeip's log for the whole process.
pub fn set(destination: Destination) {
    prepare(destination);
    *DESTINATION.write().unwrap_or_else(PoisonError::into_inner) = Some(destination);
}

/// Sets the destination, unless it has been set before.
pub fn set_default(destination: Destination) {
    if current().is_some() {
        return;
    }
    prepare(destination);
    DESTINATION.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(destination);
}

/// Waits until the logger has received all lines that vsomeip has written, for a second at most.
/// Returns at once on the thread that calls the logger.
pub fn flush() {
    if !IS_LOGGING.get() {
        QUEUE.wait_until_empty(FLUSH_TIMEOUT);
    }
}

/// Warns, once, if vsomeip's lines are no longer intercepted.
pub(crate) fn warn_if_lost() {
    static WARNING: Once = Once::new();
    let is_wanted = current().is_some_and(|destination| destination != Destination::Console);
    if is_wanted && !ffi::is_console_captured() {
        WARNING.call_once(|| {
            log::warn!(
                target: TARGET,
                "vsomeip's log is lost: its lines go to std::cout, whose buffer was replaced. Redirect \
                 std::cout, and call std::ios::sync_with_stdio, before the first application is created"
            );
        });
    }
}

fn current() -> Option<Destination> {
    *DESTINATION.read().unwrap_or_else(PoisonError::into_inner)
}

fn prepare(destination: Destination) {
    if destination != Destination::Console {
        resident::keep_loaded();
        ffi::capture_console();
    }
}

/// Starts the thread that calls the logger. If that fails, the next line tries again.
fn start_thread() {
    let serve = || {
        IS_LOGGING.set(true);
        QUEUE.serve(|line| guard("logger", (), || line.log()), report_loss);
    };
    if thread::Builder::new().name("vsomeip-log".to_owned()).spawn(serve).is_err() {
        QUEUE.lacks_thread();
    }
}

fn report_loss(count: u64) {
    let report =
        || log::warn!(target: TARGET, "{count} lines were lost, the logger is too slow for them");
    guard("logger", (), report);
}

/// Takes a line that C++ code has written, and returns whether it did. vsomeip may hold locks here, so
/// this must neither block nor log.
fn take_line(line: &[u8]) -> bool {
    guard("log", false, || match current() {
        None | Some(Destination::Console) => false,
        Some(Destination::Nowhere) => Line::parse(line).is_some(),
        // A line caused by the logger itself would cause the next one, and so on.
        Some(Destination::Log) => !IS_LOGGING.get() && queue_line(line),
    })
}

fn queue_line(line: &[u8]) -> bool {
    let level = log::max_level();
    if level == log::LevelFilter::Off {
        return false;
    }
    let Some(line) = Line::parse(line) else { return false };
    if line.level <= level && QUEUE.push(line) {
        start_thread();
    }
    true
}

#[allow(unreachable_pub, reason = "generated code")]
#[cxx::bridge(namespace = "vsomeip_glue")]
mod ffi {
    extern "Rust" {
        fn take_line(line: &[u8]) -> bool;
    }

    // SAFETY: the declaration is checked against log.h by the C++ compiler. The function changes
    // one pointer, once, and may be called from any thread.
    unsafe extern "C++" {
        include!("vsomeip_glue/log.h");

        fn capture_console();
        fn is_console_captured() -> bool;
    }
}
