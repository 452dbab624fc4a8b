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

//! vsomeip's lines on `std::cout` go to the selected destination, and all other output stays there.
//!
//! One test in one process: there is one console, one logger and one destination.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use log::{Level, LevelFilter};
use vsomeip_sys::callback::panics;
use vsomeip_sys::logging::{self, Destination};
use vsomeip_sys::testing::Console;
use vsomeip_sys::{EventId, InstanceId, ServiceId};

static CONSOLE: OnceLock<Console> = OnceLock::new();
static RECORDS: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());
/// Whether the logger writes back, in all the ways that it should not.
static ANSWERS: AtomicBool = AtomicBool::new(false);

/// What the logger calls into then.
static HOST: Mutex<Option<common::Running>> = Mutex::new(None);

struct Recorder;

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = record.args().to_string();
        if record.target() != logging::TARGET {
            return;
        }
        RECORDS.lock().unwrap().push((record.level(), text.clone()));
        assert!(!text.contains("panic"), "{text}");
        if ANSWERS.load(Ordering::SeqCst) {
            CONSOLE.get().unwrap().print(b"2026-11-21 10:11:12.123456 [info] from the logger\n");
            log::info!("a record from within the logger");
            logging::flush();
            if let Some(host) = &*HOST.lock().unwrap() {
                warn(host);
            }
        }
    }

    fn flush(&self) {}
}

fn print(text: impl AsRef<[u8]>) {
    CONSOLE.get().unwrap().print(text.as_ref());
}

/// What reached the console since the last time.
fn on_console() -> String {
    String::from_utf8_lossy(&CONSOLE.get().unwrap().collected()).into_owned()
}

/// What reached the logger since the last time.
fn logged() -> Vec<(Level, String)> {
    logging::flush();
    std::mem::take(&mut RECORDS.lock().unwrap())
}

fn line(level: &str, text: &str) -> String {
    format!("2026-11-21 10:11:12.123456 [{level}] {text}\n")
}

#[test]
fn lines_reach_selected_destination() {
    CONSOLE.set(Console::collect()).unwrap();
    lines_without_logger_stay_on_console();
    log::set_logger(&Recorder).unwrap();
    log::set_max_level(LevelFilter::Trace);
    line_becomes_record();
    what_others_write_is_left_alone();
    prompt_is_seen_at_once();
    pieces_make_one_line();
    lines_may_be_long_but_not_endless();
    bytes_that_are_no_text_are_replaced();
    level_of_logger_applies();
    threads_do_not_mix_their_lines();
    ending_thread_leaves_nothing();
    logger_may_write_and_log();
    panicking_logger_stops_nothing();
    vsomeip_itself_is_heard();
    log_is_silenced_and_restored();
    replaced_console_is_told();
}

fn lines_without_logger_stay_on_console() {
    logging::set_default(Destination::Log);
    print(line("error", "nobody logs"));
    assert_eq!(on_console(), line("error", "nobody logs"));
}

fn line_becomes_record() {
    print(line("warning", "one"));
    print("2026-11-21 10:11:12.123456 app [info] two\n");
    assert_eq!(logged(), [(Level::Warn, "one".to_owned()), (Level::Info, "two".to_owned())]);
    assert_eq!(on_console(), "");
}

fn what_others_write_is_left_alone() {
    let text = "hello\n\n2026 was a year\n2026-11-21 was a day\n2026-11-21 10:11:12.1 [x] y\n";
    print(text);
    assert_eq!(on_console(), text);
    print(format!("before\n{}after\n", line("info", "between")));
    assert_eq!(on_console(), "before\nafter\n");
    assert_eq!(logged(), [(Level::Info, "between".to_owned())]);
}

fn prompt_is_seen_at_once() {
    print("name? ");
    assert_eq!(on_console(), "name? ");
    print(line("info", "the rest of that line"));
    assert_eq!(on_console(), line("info", "the rest of that line"));
    // This one could still become a date.
    print("20");
    assert_eq!(on_console(), "");
    CONSOLE.get().unwrap().flush();
    assert_eq!(on_console(), "20");
    print("\n");
    assert_eq!(on_console(), "\n");
    assert_eq!(logged(), []);
}

fn pieces_make_one_line() {
    for byte in line("info", "in pieces").bytes() {
        print([byte]);
    }
    assert_eq!(logged(), [(Level::Info, "in pieces".to_owned())]);
    print(line("info", "x").replace('\n', ""));
    CONSOLE.get().unwrap().flush();
    assert_eq!(logged(), []);
    print(" y\n");
    assert_eq!(logged(), [(Level::Info, "x y".to_owned())]);
    assert_eq!(on_console(), "");
}

fn lines_may_be_long_but_not_endless() {
    let long = "x".repeat(60_000);
    print(line("info", &long));
    assert_eq!(logged(), [(Level::Info, long)]);
    let endless = line("info", &"x".repeat(70_000));
    print(&endless);
    assert_eq!(on_console(), endless);
    assert_eq!(logged(), []);
}

fn bytes_that_are_no_text_are_replaced() {
    print(b"2026-11-21 10:11:12.123456 [debug] \xff\xfe \x00\xc3\n");
    assert_eq!(logged(), [(Level::Debug, "\u{fffd}\u{fffd} \0\u{fffd}".to_owned())]);
    print(b"\xff\xfe\n");
    assert_eq!(CONSOLE.get().unwrap().collected(), b"\xff\xfe\n");
}

fn level_of_logger_applies() {
    log::set_max_level(LevelFilter::Warn);
    print(line("info", "too much"));
    print(line("warning", "enough"));
    log::set_max_level(LevelFilter::Trace);
    assert_eq!(logged(), [(Level::Warn, "enough".to_owned())]);
    assert_eq!(on_console(), "");
}

fn threads_do_not_mix_their_lines() {
    const THREADS: usize = 8;
    const LINES: usize = 100;
    let write = |thread: usize| {
        for number in 0..LINES {
            // Two pieces of a line of vsomeip, as 3.4 writes it, and a line of somebody else.
            let whole = line("info", &format!("{thread} {number}"));
            let (begin, end) = whole.split_at(30);
            print(begin);
            thread::yield_now();
            print(end);
            print(format!("other {thread} {number}\n"));
        }
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || write(thread));
        }
    });
    let (records, console) = (logged(), on_console());
    assert_eq!(records.len(), THREADS * LINES);
    for thread in 0..THREADS {
        let expected: Vec<String> = (0..LINES).map(|number| format!("{thread} {number}")).collect();
        let of_thread = |text: &&str| text.starts_with(&format!("{thread} "));
        let texts = records.iter().map(|(_, text)| text.as_str());
        assert_eq!(texts.filter(of_thread).collect::<Vec<_>>(), expected);
        let others = console.lines().map(|text| text.strip_prefix("other ").unwrap());
        assert_eq!(others.filter(of_thread).collect::<Vec<_>>(), expected);
    }
}

fn ending_thread_leaves_nothing() {
    thread::spawn(|| print("2026-11-21 not at its end")).join().unwrap();
    assert_eq!(on_console(), "2026-11-21 not at its end");
    print(line("info", "of another thread"));
    assert_eq!(logged(), [(Level::Info, "of another thread".to_owned())]);

    /// Destroyed after what C++ keeps for the thread, as it is there before.
    struct LastWords;
    impl Drop for LastWords {
        fn drop(&mut self) {
            print(line("info", "last words"));
        }
    }
    thread_local!(static LAST_WORDS: LastWords = const { LastWords });
    let write = || {
        LAST_WORDS.with(|_| {});
        print("words\n");
    };
    thread::spawn(write).join().unwrap();
    assert_eq!(on_console(), format!("words\n{}", line("info", "last words")));
}

fn logger_may_write_and_log() {
    ANSWERS.store(true, Ordering::SeqCst);
    print(line("info", "a question"));
    assert_eq!(logged(), [(Level::Info, "a question".to_owned())]);
    ANSWERS.store(false, Ordering::SeqCst);
    // What it writes is not captured: that would not end.
    assert_eq!(on_console(), line("info", "from the logger"));
}

fn panicking_logger_stops_nothing() {
    let before = panics();
    print(line("info", "a panic"));
    print(line("info", "the next"));
    logging::flush();
    RECORDS.clear_poison();
    assert_eq!(panics(), before + 1);
    let texts = [(Level::Info, "a panic".to_owned()), (Level::Info, "the next".to_owned())];
    assert_eq!(logged(), texts);
}

/// Has vsomeip log a warning: such an event was never offered.
fn warn(host: &common::Running) {
    host.notify(ServiceId(1), InstanceId(1), EventId(0x8001), &[], true).unwrap();
}

fn vsomeip_itself_is_heard() {
    let network = common::Network::of("host", "guest");
    *HOST.lock().unwrap() = Some(network.start("host"));
    logged();
    // vsomeip holds a lock while it writes this, and the logger has it write the same.
    ANSWERS.store(true, Ordering::SeqCst);
    warn(HOST.lock().unwrap().as_ref().unwrap());
    let records = logged();
    ANSWERS.store(false, Ordering::SeqCst);
    drop(HOST.lock().unwrap().take());
    logged();
    let [(Level::Warn, text)] = &records[..] else { panic!("{records:?}") };
    assert_eq!(on_console().matches(text).count(), 1, "{text}");
}

fn log_is_silenced_and_restored() {
    logging::set(Destination::Nowhere);
    print(line("error", "not heard"));
    print("heard\n");
    assert_eq!(on_console(), "heard\n");
    // It has been said already.
    logging::set_default(Destination::Log);
    print(line("error", "not heard"));
    assert_eq!(on_console(), "");
    logging::set(Destination::Console);
    print(line("error", "on the console"));
    assert_eq!(on_console(), line("error", "on the console"));
    assert_eq!(logged(), []);
}

fn replaced_console_is_told() {
    logging::set(Destination::Log);
    // As a redirection in C++ does it.
    Console::collect();
    let network = common::Network::of("host", "guest");
    drop(network.start("host"));
    let records = logged();
    let [(Level::Warn, text)] = &records[..] else { panic!("{records:?}") };
    assert!(text.starts_with("vsomeip's log is lost"), "{text}");
}
