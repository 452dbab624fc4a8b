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

//! Computes ratios from the measurements, and compares them with their targets.

use std::collections::HashMap;
use std::fmt;

use crate::runner::sample::Values;
use crate::runner::scenario::{Interest, Scenario, Work, MANY};
use crate::runner::Side;

/// What is measured. The order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Metric {
    P50,
    P99,
    Rate,
    CpuPerMessage,
    ReceiverMemory,
    SenderMemory,
    ReceiverAllocations,
    SenderAllocations,
    RegistrationBytes,
    PendingSentBytes,
    PendingReceivedBytes,
}

impl Metric {
    pub(crate) const ALL: [Self; 11] = [
        Self::P50,
        Self::P99,
        Self::Rate,
        Self::CpuPerMessage,
        Self::ReceiverMemory,
        Self::SenderMemory,
        Self::ReceiverAllocations,
        Self::SenderAllocations,
        Self::RegistrationBytes,
        Self::PendingSentBytes,
        Self::PendingReceivedBytes,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P50 => "Time on the way, half of the messages, µs",
            Self::P99 => "Time on the way, 99 of 100 messages, µs",
            Self::Rate => "Messages per second",
            Self::CpuPerMessage => "Processor time per message, all processes, µs",
            Self::ReceiverMemory => "Peak memory of the service or subscriber, MiB",
            Self::SenderMemory => "Peak memory of the client or publisher, MiB",
            Self::ReceiverAllocations => "Heap allocations per message, service or subscriber",
            Self::SenderAllocations => "Heap allocations per message, client or publisher",
            Self::RegistrationBytes => "Heap bytes per registration",
            Self::PendingSentBytes => "Heap bytes per sent request without a response",
            Self::PendingReceivedBytes => "Heap bytes per received request without a response",
        }
    }
}

/// What is asked of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// How much more processor time than C++, and how much more with 1,000 registrations than
    /// with one.
    const CPU: Self = Self::AtMost(1.25);

    fn of(scenario: &Scenario, metric: Metric) -> Option<Self> {
        if scenario.interest != Interest::Target {
            return None;
        }
        match (metric, scenario.work) {
            (Metric::P50, _) => Some(Self::AtMost(1.10)),
            (Metric::Rate, Work::Calls { .. }) => Some(Self::AtLeast(0.90)),
            (Metric::Rate, _) => Some(Self::AtLeast(0.95)),
            (Metric::CpuPerMessage, _) => Some(Self::CPU),
            _ => None,
        }
    }

    pub(crate) fn limit(self) -> f64 {
        match self {
            Self::AtMost(limit) | Self::AtLeast(limit) => limit,
        }
    }

    fn is_met(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(limit) => ratio <= limit,
            Self::AtLeast(limit) => ratio >= limit,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "≤ {limit:.2}"),
            Self::AtLeast(limit) => write!(f, "≥ {limit:.2}"),
        }
    }
}

/// The values of all sides in all turns, by the name of the scenario.
#[derive(Default)]
pub(crate) struct Results(HashMap<String, Vec<Vec<Values>>>);

impl Results {
    /// Adds a turn, with the values of each side.
    pub(crate) fn add(&mut self, scenario: &Scenario, turn: Vec<Values>) {
        self.0.entry(scenario.name.clone()).or_default().push(turn);
    }

    /// A value in each turn.
    fn series(&self, scenario: &Scenario, side: usize, metric: Metric) -> Vec<f64> {
        let turns = self.0.get(&scenario.name).into_iter().flatten();
        turns.filter_map(|sides| sides.get(side)?.get(&metric).copied()).collect()
    }
}

/// A value, and what it is compared with.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) side: String,
    /// The medians of the turns.
    pub(crate) base: f64,
    pub(crate) value: f64,
    /// How the ratios of each turn are distributed; `None` if there is nothing to compare with.
    pub(crate) ratio: Option<Ratio>,
    pub(crate) target: Option<Target>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// The geometric mean of the middle half: as little moved by what disturbs a turn as the median,
    /// and it varies less.
    pub(crate) middle: f64,
    /// A quarter of the ratios is less.
    pub(crate) lower: f64,
    /// A quarter of the ratios is more.
    pub(crate) upper: f64,
}

impl Ratio {
    /// Turn by turn: what slows the machine down slows both down.
    fn of(values: &[f64], bases: &[f64]) -> Option<Self> {
        if bases.iter().any(|base| *base <= 0.0) {
            return None;
        }
        let ratios: Vec<f64> = values.iter().zip(bases).map(|(value, base)| value / base).collect();
        let (lower, upper) = quartiles(&ratios);
        Some(Self { middle: mean_of_the_middle_half(&ratios), lower, upper })
    }
}

impl Row {
    fn new(section: String, name: String, side: &Side, bases: &[f64], values: &[f64]) -> Self {
        Self {
            section,
            name,
            side: side.name.clone(),
            base: median(bases),
            value: median(values),
            ratio: Ratio::of(values, bases),
            target: None,
        }
    }

    pub(crate) fn is_missed(&self) -> bool {
        match (self.target, self.ratio) {
            (Some(target), Some(ratio)) => !target.is_met(ratio.middle),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | {}", self.section, self.name, self.side)?;
        if let (Some(ratio), Some(target)) = (self.ratio, self.target) {
            let off = 100.0 * (ratio.middle / target.limit() - 1.0);
            write!(f, ": ratio {:.2}, target {target}, off by {off:+.0} %", ratio.middle)?;
        }
        Ok(())
    }
}

pub(crate) fn rows(scenarios: &[Scenario], sides: &[Side], results: &Results) -> Vec<Row> {
    let mut rows = Vec::new();
    for metric in Metric::ALL {
        for scenario in scenarios {
            let bases = results.series(scenario, 0, metric);
            if bases.is_empty() {
                continue;
            }
            for (index, side) in sides.iter().enumerate().skip(1) {
                let values = results.series(scenario, index, metric);
                let name = scenario.name.clone();
                let row = Row::new(metric.name().to_owned(), name, side, &bases, &values);
                // Others are compared, not judged.
                let target = (index == 1).then(|| Target::of(scenario, metric)).flatten();
                rows.push(Row { target, ..row });
            }
        }
    }
    rows.extend(flatness(scenarios, sides, results));
    rows
}

/// How much more a message costs with many registrations than with one, on each side alone.
fn flatness(scenarios: &[Scenario], sides: &[Side], results: &Results) -> Vec<Row> {
    let metric = Metric::CpuPerMessage;
    let with = |count| scenarios.iter().filter(move |scenario| scenario.registrations == count);
    let mut rows = Vec::new();
    for (one, many) in with(1).zip(with(MANY)) {
        for (index, side) in sides.iter().enumerate() {
            let bases = results.series(one, index, metric);
            let values = results.series(many, index, metric);
            let section = format!("Processor time per message, 1 and {MANY} registrations, µs");
            let kind = one.name.split(',').next().unwrap_or_default();
            let row = Row::new(section, format!("{kind}, {}", side.name), side, &bases, &values);
            rows.push(Row { target: (index == 1).then_some(Target::CPU), ..row });
        }
    }
    rows
}

/// The middle one, or the mean of the two in the middle.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (sorted.get(half), sorted.len() % 2) {
        (None, _) => f64::NAN,
        (Some(value), 1) => *value,
        (Some(value), _) => (sorted[half - 1] + value) / 2.0,
    }
}

/// The geometric mean without the lower and the upper quarter: twice as much and half as much are
/// equally far from 1.
fn mean_of_the_middle_half(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let outside = sorted.len() / 4;
    let middle = &sorted[outside..sorted.len() - outside];
    let count = u32::try_from(middle.len()).map_or(f64::NAN, f64::from);
    (middle.iter().map(|value| value.ln()).sum::<f64>() / count).exp()
}

/// The median of those up to the median, and of those from it on.
fn quartiles(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len().div_ceil(2);
    (median(&sorted[..half]), median(&sorted[sorted.len() - half..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::scenario::{all, Effort};

    fn sides() -> Vec<Side> {
        ["C++", "Rust"].map(|name| Side { name: name.to_owned(), program: name.into() }).into()
    }

    fn judged(metric: Metric, base: f64, value: f64) -> Row {
        let scenarios: Vec<_> = all(Effort::Quick).into_iter().take(1).collect();
        let mut results = Results::default();
        for factor in [1.0, 3.0, 2.0] {
            let round = [base, value].map(|value| Values::from([(metric, value * factor)]));
            results.add(&scenarios[0], round.into());
        }
        let rows = rows(&scenarios, &sides(), &results);
        assert_eq!(rows.len(), 1);
        rows[0].clone()
    }

    #[test]
    fn target_is_met_up_to_its_limit() {
        assert!(!judged(Metric::P50, 100.0, 110.0).is_missed());
        let missed = judged(Metric::P50, 100.0, 121.0);
        assert!(missed.is_missed());
        let text = missed.to_string();
        assert!(text.ends_with("Rust: ratio 1.21, target ≤ 1.10, off by +10 %"), "{text}");
    }

    #[test]
    fn rounds_are_compared_pairwise() {
        let row = judged(Metric::CpuPerMessage, 10.0, 12.0);
        let ratio = row.ratio.unwrap();
        assert_eq!((row.base, row.value), (20.0, 24.0));
        for ratio in [ratio.lower, ratio.middle, ratio.upper] {
            assert!((ratio - 1.2).abs() < 1e-9);
        }
    }

    #[test]
    fn incomparable_results_miss_target() {
        assert!(judged(Metric::P50, 0.0, 1.0).is_missed());
    }

    #[test]
    fn median_is_middle_value() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn trimming_drops_quarter_at_each_end() {
        let is_about = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
        assert!(is_about(mean_of_the_middle_half(&[100.0, 1.0, 2.0, 4.0, 0.01]), 2.0));
        assert!(is_about(mean_of_the_middle_half(&[9.0, 0.5, 2.0, 0.1, 0.2, 1.0, 1.0, 8.0]), 1.0));
        assert!(is_about(mean_of_the_middle_half(&[7.0]), 7.0));
    }

    #[test]
    fn quartiles_enclose_middle_half() {
        assert_eq!(quartiles(&[5.0, 1.0, 3.0, 2.0, 4.0]), (2.0, 4.0));
        assert_eq!(quartiles(&[4.0, 1.0, 3.0, 2.0]), (1.5, 3.5));
        assert_eq!(quartiles(&[1.0]), (1.0, 1.0));
    }
}
