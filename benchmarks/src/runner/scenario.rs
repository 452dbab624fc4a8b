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

//! The scenarios to measure.

/// How much of it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    Quick,
    Full,
}

/// What the processes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Clients call a service, each with so many requests on their way.
    Calls { window: u64, clients: usize },
    /// A publisher sends as fast as it can; so many listeners of one process get it. Who has a
    /// builder for messages may have it build each of them.
    Burst { listeners: usize, builds_each: bool },
    /// A publisher sends at an interval.
    Paced { interval_us: u64 },
}

/// What of it is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Time and processor time.
    Speed,
    /// Both, and peak memory; the targets hold.
    Target,
    /// Heap allocations for each message.
    Allocations,
    /// Memory for each registration.
    Registration,
    /// Memory for each request that is not answered yet.
    Pending,
}

/// One line of the results, or a few.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) work: Work,
    pub(crate) interest: Interest,
    /// Bytes.
    pub(crate) size: u64,
    /// Messages of one measurement, for each client.
    pub(crate) count: u64,
    /// Registrations beside the one that is measured.
    pub(crate) registrations: u64,
    /// Measurements in one start of the processes, in turns with the other sides.
    pub(crate) turns: usize,
    /// Whether each process stays on one core.
    pub(crate) pinned: bool,
}

impl Scenario {
    /// How often all processes start anew. Each start has its luck with the places of threads and
    /// memory, which makes some percent; what is counted is always the same.
    pub(crate) fn rounds(&self) -> usize {
        match (self.interest, self.work) {
            // One burst may take three times as long as another, on both sides.
            (Interest::Target, Work::Burst { .. }) => 60,
            (Interest::Target, _) | (_, Work::Burst { builds_each: true, .. }) => 20,
            (Interest::Speed, _) if self.registrations > 0 => 5,
            (Interest::Speed, _) => 3,
            (Interest::Allocations | Interest::Registration | Interest::Pending, _) => 1,
        }
    }
}

impl Scenario {
    /// Whether the two are compared with each other, not only each with the other sides.
    pub(crate) fn belongs_to(&self, other: &Self) -> bool {
        self.registrations > 0 && other.registrations > 0 && self.work == other.work
    }
}

/// How many registrations the memory of one is calculated from, and how many requests.
pub(crate) const MANY: u64 = 1_000;

const SIZES: [(u64, &str); 3] = [(64, "64 B"), (1024, "1 KiB"), (65_536, "64 KiB")];
/// The one that the other dimensions are measured with.
const SMALL: u64 = 64;
const ROUND_TRIP: Work = Work::Calls { window: 1, clients: 1 };
const PIPELINED: Work = Work::Calls { window: 64, clients: 1 };
const BURST: Work = Work::Burst { listeners: 1, builds_each: false };
const BUILT_BURST: Work = Work::Burst { listeners: 1, builds_each: true };
const INTERVAL: Work = Work::Paced { interval_us: 500 };

pub(crate) fn all(effort: Effort) -> Vec<Scenario> {
    let mut all = with_targets();
    if effort == Effort::Full {
        all.extend(other_sizes());
        all.extend(windows());
        all.extend(paced());
        all.extend(listeners());
        all.push(built());
        all.extend(clients());
    }
    all.extend(registrations(effort));
    all.extend(heap());
    all
}

fn scenario(name: String, work: Work, interest: Interest, size: u64) -> Scenario {
    // Some 0.1 s each: the machine gets faster and slower in steps that are longer than that.
    let count = match (work, size) {
        (Work::Calls { window: 1, .. }, 65_536) => 250,
        (Work::Calls { window: 1, .. }, _) => 500,
        (Work::Paced { .. }, _) => 300,
        (_, 65_536) => 1_000,
        (Work::Calls { .. }, _) => 5_000,
        (Work::Burst { .. }, _) => 10_000,
    };
    let turns = if interest == Interest::Target { 12 } else { 10 };
    Scenario { name, work, interest, size, count, registrations: 0, turns, pinned: false }
}

fn with_targets() -> Vec<Scenario> {
    let of_size = |(size, bytes): &(u64, &str)| {
        [(ROUND_TRIP, "round trip"), (PIPELINED, "pipelined, 64 in flight"), (BURST, "publish")]
            .map(|(work, name)| scenario(format!("{name}, {bytes}"), work, Interest::Target, *size))
    };
    SIZES[..2].iter().flat_map(of_size).collect()
}

fn other_sizes() -> Vec<Scenario> {
    let (size, bytes) = SIZES[2];
    [(ROUND_TRIP, "round trip"), (BURST, "publish")]
        .map(|(work, name)| scenario(format!("{name}, {bytes}"), work, Interest::Speed, size))
        .into()
}

fn windows() -> Vec<Scenario> {
    let of_size = |&(size, bytes): &(u64, &str)| {
        [8, 512].map(|window| {
            let name = format!("pipelined, {window} in flight, {bytes}");
            scenario(name, Work::Calls { window, clients: 1 }, Interest::Speed, size)
        })
    };
    SIZES[..2].iter().flat_map(of_size).collect()
}

fn paced() -> Vec<Scenario> {
    let of_size = |&(size, bytes): &(u64, &str)| {
        scenario(format!("publish every 500 µs, {bytes}"), INTERVAL, Interest::Speed, size)
    };
    SIZES.iter().map(of_size).collect()
}

fn listeners() -> Vec<Scenario> {
    let of_count = |listeners| {
        let name = format!("publish to {listeners} listeners, 64 B");
        scenario(name, Work::Burst { listeners, builds_each: false }, Interest::Speed, SMALL)
    };
    [2, 4, 8].map(of_count).into()
}

fn built() -> Scenario {
    scenario("publish, each event built, 64 B".to_owned(), BUILT_BURST, Interest::Speed, SMALL)
}

fn clients() -> Vec<Scenario> {
    let of_count = |clients| {
        let name = format!("{clients} clients, 64 in flight each, 64 B");
        scenario(name, Work::Calls { window: 64, clients }, Interest::Speed, SMALL)
    };
    [2, 4].map(of_count).into()
}

fn registrations(effort: Effort) -> Vec<Scenario> {
    let counts: &[u64] = if effort == Effort::Full { &[1, 10, 100, MANY] } else { &[1, MANY] };
    let of_work = |(work, name)| {
        counts.iter().map(move |&registrations| Scenario {
            registrations,
            ..scenario(with_registrations(name, registrations), work, Interest::Speed, SMALL)
        })
    };
    [(PIPELINED, "pipelined"), (BURST, "publish")].into_iter().flat_map(of_work).collect()
}

/// The name of a scenario with other registrations beside the measured one.
fn with_registrations(name: &str, count: u64) -> String {
    format!("{name}, {count} other registrations")
}

fn heap() -> Vec<Scenario> {
    let mut all = vec![
        scenario("request and response".to_owned(), ROUND_TRIP, Interest::Allocations, SMALL),
        scenario("event".to_owned(), BURST, Interest::Allocations, SMALL),
        scenario("method".to_owned(), ROUND_TRIP, Interest::Registration, SMALL),
        scenario("topic".to_owned(), BURST, Interest::Registration, SMALL),
    ];
    let pending = scenario("request".to_owned(), ROUND_TRIP, Interest::Pending, SMALL);
    all.push(Scenario { count: MANY, ..pending });
    all
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn quick_scenarios_are_known_scenarios() {
        let names = |effort| all(effort).into_iter().map(|s| s.name).collect::<HashSet<_>>();
        let full = names(Effort::Full);
        assert_eq!(full.len(), all(Effort::Full).len(), "two have the same name");
        assert!(names(Effort::Quick).is_subset(&full));
    }

    #[test]
    fn each_target_covers_both_sizes() {
        let targets = all(Effort::Quick).into_iter().filter(|s| s.interest == Interest::Target);
        let measured: Vec<_> = targets.map(|s| (s.work, s.size)).collect();
        for work in [ROUND_TRIP, PIPELINED, BURST] {
            for size in [64, 1024] {
                assert!(measured.contains(&(work, size)), "{work:?} {size}");
            }
        }
    }
}
