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

//! Measurements of calls and events.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use up_rust::{UCode, UUID};

use crate::errors::Failure;
use crate::rpc::Caller;
use crate::session::Arrivals;

/// How many messages there are between two looks of the progress bar.
const STEP: u64 = 64;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    mode: &'static str,
    count: u64,
    bytes: usize,
    in_flight: u64,
    seconds: f64,
    per_second: f64,
    /// Of the time from request to answer; nothing for events.
    #[serde(flatten)]
    times: Option<Times>,
    /// Answers that are errors.
    errors: u64,
    /// Events that did not come.
    lost: u64,
}

#[derive(Debug, Serialize)]
struct Times {
    p50_us: f64,
    p99_us: f64,
    max_us: f64,
}

impl Times {
    /// Of measured times; nothing of none.
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let at = |percent: usize| {
            let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times.get(index).map(|time| time.as_secs_f64() * 1e6)
        };
        Some(Self { p50_us: at(50)?, p99_us: at(99)?, max_us: at(100)? })
    }
}

impl Row {
    pub(crate) const HEAD: &'static str =
        "measured         count  bytes  in flight   per second   p50 us   p99 us   max us  lost";

    fn new(mode: &'static str, bytes: usize, in_flight: u64) -> Self {
        Self {
            mode,
            count: 0,
            bytes,
            in_flight,
            seconds: 0.0,
            per_second: 0.0,
            times: None,
            errors: 0,
            lost: 0,
        }
    }

    fn took(self, count: u64, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        let number = u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
        let per_second = if seconds > 0.0 { number / seconds } else { 0.0 };
        Self { count, seconds, per_second, ..self }
    }

    /// Whether nothing was lost or refused.
    pub(crate) fn is_complete(&self) -> bool {
        self.errors == 0 && self.lost == 0
    }

    /// A line of the table.
    pub(crate) fn text(&self) -> String {
        let time = |of: fn(&Times) -> f64| match &self.times {
            Some(times) => format!("{:.0}", of(times)),
            None => "-".to_owned(),
        };
        let [p50, p99, max] =
            [time(|times| times.p50_us), time(|times| times.p99_us), time(|times| times.max_us)];
        format!(
            "{:<12} {:>9} {:>6} {:>10} {:>12.0} {p50:>8} {p99:>8} {max:>8} {:>5}",
            self.mode,
            self.count,
            self.bytes,
            self.in_flight,
            self.per_second,
            self.errors + self.lost,
        )
    }
}

/// Shown on a terminal only.
fn progress(name: &'static str, count: u64) -> ProgressBar {
    let bar = ProgressBar::new(count).with_message(name);
    match ProgressStyle::with_template("{msg:<12} {wide_bar} {pos}/{len} {per_sec} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Of a UUID, which is no key of a map.
fn key(id: &UUID) -> (u64, u64) {
    (id.msb, id.lsb)
}

/// Calls a method, with so many calls waiting for their answer at a time.
///
/// # Errors
///
/// Those of the transport.
pub(crate) async fn pipelined(
    name: &'static str,
    caller: &mut Caller<'_>,
    payload: Bytes,
    count: u64,
    window: u64,
) -> Result<Row, Failure> {
    let bar = progress(name, count);
    let mut row = Row::new(name, payload.len(), window);
    let (mut sent, mut answered) = (0, 0);
    let (mut waiting, mut times) = (HashMap::new(), Vec::new());
    let start = Instant::now();
    while answered < count {
        while sent < count && sent - answered < window {
            let at = Instant::now();
            let id = caller.send(Some(payload.clone())).await?;
            waiting.insert(key(&id), at);
            sent += 1;
        }
        let (message, at) = caller.next().await?;
        let Some(from) = waiting.remove(&key(message.request_id_unchecked())) else { continue };
        answered += 1;
        times.push(at.saturating_duration_since(from));
        if message.commstatus().unwrap_or(UCode::OK) != UCode::OK {
            row.errors += 1;
        }
        if answered % STEP == 0 {
            bar.inc(STEP);
        }
    }
    row = row.took(count, start.elapsed());
    bar.finish_and_clear();
    Ok(Row { times: Times::of(times), ..row })
}

/// Counts events until there are so many, or none comes for a while.
///
/// # Errors
///
/// A timeout if there is none at all.
pub(crate) async fn events(
    arrivals: &mut Arrivals,
    count: u64,
    patience: Duration,
) -> Result<Row, Failure> {
    let bar = progress("events", count);
    let mut span: Option<(Instant, Instant)> = None;
    let (mut came, mut bytes) = (0, 0);
    while came < count {
        let Ok(arrival) = tokio::time::timeout(patience, arrivals.next()).await else { break };
        let arrival = arrival?;
        let first = span.map_or(arrival.at, |(first, _)| first);
        span = Some((first, arrival.at));
        came += 1;
        bytes = arrival.message.payload.as_ref().map_or(0, Bytes::len);
        if came % STEP == 0 {
            bar.inc(STEP);
        }
    }
    bar.finish_and_clear();
    let (first, last) = span.ok_or_else(|| Failure::timeout("no event came in time"))?;
    let row = Row { lost: count - came, ..Row::new("events", bytes, 0) };
    Ok(row.took(came, last.saturating_duration_since(first)))
}
