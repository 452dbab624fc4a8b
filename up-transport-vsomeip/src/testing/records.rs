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

//! The log records of the current thread, and their way to `tracing`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Once;

use log::kv::{Error, Key, Value, VisitSource};
use log::{Level, LevelFilter, Log, Metadata};

/// A log record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) text: String,
    pub(crate) fields: BTreeMap<String, String>,
}

thread_local! {
    static RECORDS: RefCell<Option<Vec<Record>>> = const { RefCell::new(None) };
}

/// The logger of all tests of the process: most take no records.
struct Logger;

struct Fields(BTreeMap<String, String>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        self.0.insert(key.to_string(), value.to_string());
        Ok(())
    }
}

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        RECORDS.with_borrow(Option::is_some)
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut fields = Fields(BTreeMap::new());
        record.key_values().visit(&mut fields).unwrap();
        let record_taken = Record {
            level: record.level(),
            target: record.target().to_owned(),
            text: record.args().to_string(),
            fields: fields.0,
        };
        RECORDS.with_borrow_mut(|records| records.as_mut().unwrap().push(record_taken));
        // As `tracing_log::LogTracer` does, which would be the logger of the whole process.
        tracing_log::format_trace(record).unwrap();
    }

    fn flush(&self) {}
}

/// What is logged on this thread while `run` runs.
pub(crate) fn records_of(run: impl FnOnce()) -> Vec<Record> {
    static SET: Once = Once::new();
    SET.call_once(|| {
        log::set_logger(&Logger).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
    RECORDS.set(Some(Vec::new()));
    run();
    RECORDS.take().unwrap()
}
