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

//! Where vsomeip's own log goes.
//!
//! vsomeip has no callback for its log. It writes each line to C++'s `std::cout`, if the key
//! `logging.console` of its configuration is true (which is its default) and the line is of the
//! level `logging.level` or above. There the glue reads along, and takes what looks like vsomeip's
//! lines; whatever else C++ code of the process prints is left alone.
//!
//! A line is not passed to a logger where it is written, as vsomeip may hold its locks there:
//! 3.4.10 holds one that all of its threads need. It is queued, and a thread of this module's own
//! (`vsomeip-log`) makes log records of the queue. So a slow logger does not hold up vsomeip, and one
//! that calls into vsomeip, or prints to `std::cout` itself, does not deadlock. What is still queued
//! when the process ends is lost; [`flush`] waits for it.

mod line;
mod queue;

use std::cell::Cell;
use std::io;
use std::sync::{Mutex, Once, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use crate::callback::guard;
use crate::resident;
use line::Line;
use queue::Queue;

/// The target of the log records that are made of vsomeip's lines.
pub const TARGET: &str = "vsomeip";

/// How long [`flush`] waits for a logger that takes its time.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Where vsomeip's log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the standard output, as vsomeip itself does it.
    Console,
    /// Into the `log` crate's logger, with the target [`TARGET`] and vsomeip's level. To the standard
    /// output as long as that crate's maximum level is `Off`, which it is without a logger.
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

/// Says where vsomeip's log goes from now on, for the whole process.
///
/// # Errors
///
/// Fails if the system starts no thread, which [`Destination::Log`] needs.
pub fn set(destination: Destination) -> io::Result<()> {
    prepare(destination)?;
    *DESTINATION.write().unwrap_or_else(PoisonError::into_inner) = Some(destination);
    Ok(())
}

/// The same, unless it was said before.
///
/// # Errors
///
/// Fails if the system starts no thread, which [`Destination::Log`] needs.
pub fn set_default(destination: Destination) -> io::Result<()> {
    if current().is_some() {
        return Ok(());
    }
    prepare(destination)?;
    DESTINATION.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(destination);
    Ok(())
}

/// Waits until the logger has got all lines that vsomeip has written so far, for a second at most.
/// Returns at once on the thread that calls the logger.
pub fn flush() {
    if !IS_LOGGING.get() {
        QUEUE.wait_until_empty(FLUSH_TIMEOUT);
    }
}

/// Warns, once, if vsomeip's lines no longer come here.
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

fn prepare(destination: Destination) -> io::Result<()> {
    if destination == Destination::Log {
        start_thread()?;
    }
    if destination != Destination::Console {
        resident::keep_loaded();
        ffi::capture_console();
    }
    Ok(())
}

/// Starts the thread that calls the logger. There is one, which lives as long as the process.
fn start_thread() -> io::Result<()> {
    static IS_STARTED: Mutex<bool> = Mutex::new(false);
    let mut is_started = IS_STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_started {
        thread::Builder::new().name("vsomeip-log".to_owned()).spawn(|| {
            IS_LOGGING.set(true);
            QUEUE.serve(|line| guard("logger", (), || line.log()), report_loss);
        })?;
        *is_started = true;
    }
    Ok(())
}

fn report_loss(count: u64) {
    let report =
        || log::warn!(target: TARGET, "{count} lines were lost, the logger is too slow for them");
    guard("logger", (), report);
}

/// Takes a line that C++ code has written; returns whether it did. Called wherever vsomeip logs, so
/// it must not wait and not log.
fn take_line(line: &[u8]) -> bool {
    guard("log", false, || match current() {
        None | Some(Destination::Console) => false,
        Some(Destination::Nowhere) => Line::parse(line).is_some(),
        // A line that the logger itself has caused would cause the next one, and so on.
        Some(Destination::Log) => !IS_LOGGING.get() && queue_line(line),
    })
}

fn queue_line(line: &[u8]) -> bool {
    let level = log::max_level();
    if level == log::LevelFilter::Off {
        return false;
    }
    let Some(line) = Line::parse(line) else { return false };
    if line.level <= level {
        QUEUE.push(line);
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
