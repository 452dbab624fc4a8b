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

//! Runs one scenario on all sides, each in its own processes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::peer::Measured;
use crate::runner::cores;
use crate::runner::network::Network;
use crate::runner::process::Process;
use crate::runner::scenario::{Interest, Scenario, Work, MANY};
use crate::runner::summary::Metric;
use crate::runner::{Failure, Side};

/// What was measured.
pub(crate) type Values = BTreeMap<Metric, f64>;

const NANOSECONDS_PER_MICROSECOND: f64 = 1e3;
const NANOSECONDS_PER_SECOND: f64 = 1e9;
const MICROSECONDS_PER_SECOND: f64 = 1e6;
const KIB_PER_MIB: f64 = 1024.0;

/// What each side has measured in each turn.
type Turns = Vec<Vec<Values>>;

/// Measures scenarios that belong together; returns the turns of each.
pub(crate) fn take(together: &[Scenario], sides: &[Side]) -> Result<Vec<Turns>, Failure> {
    match together {
        [scenario, ..] if matches!(scenario.interest, Interest::Speed | Interest::Target) => {
            speed(together, sides)
        }
        _ => together.iter().map(|scenario| count(scenario, sides)).collect(),
    }
}

fn count(scenario: &Scenario, sides: &[Side]) -> Result<Turns, Failure> {
    let alone = |of: fn(&Scenario, &Side) -> Result<Values, Failure>| {
        Ok(vec![sides.iter().map(|side| of(scenario, side)).collect::<Result<_, _>>()?])
    };
    match scenario.interest {
        Interest::Speed | Interest::Target => Err("speed is measured in turns".into()),
        Interest::Allocations => alone(allocations),
        Interest::Registration => alone(registration),
        Interest::Pending => alone(pending),
    }
}

/// The processes of a scenario, connected and warmed up.
struct Pair {
    /// The service, or the subscriber.
    receiver: Process,
    /// The clients, or the publisher.
    senders: Vec<Process>,
    work: Work,
    // Ends last.
    _network: Network,
}

impl Pair {
    fn start(scenario: &Scenario, side: &Side, counts: bool) -> Result<Self, Failure> {
        let mut network = Network::new()?;
        let options = options_of(scenario);
        let mut start = |role| {
            let mut start = || network.start(&side.program, role, &options, counts);
            if scenario.pinned {
                cores::on(core_of(role), start)
            } else {
                start()
            }
        };
        let (receiver, senders) = match scenario.work {
            Work::Calls { clients, .. } => {
                let service = start("echo")?;
                service.wait_until_ready()?;
                let clients: Vec<_> =
                    (0..clients).map(|_| start("call")).collect::<Result<_, _>>()?;
                clients.iter().try_for_each(Process::wait_until_ready)?;
                (service, clients)
            }
            Work::Burst { .. } | Work::Paced { .. } => {
                let publisher = start("publish")?;
                publisher.wait_until_ready()?;
                let subscriber = start("subscribe")?;
                subscriber.wait_until_ready()?;
                (subscriber, vec![publisher])
            }
        };
        let mut pair = Self { receiver, senders, work: scenario.work, _network: network };
        pair.measure()?;
        Ok(pair)
    }

    /// Returns what those say who know when the last message arrived.
    fn measure(&mut self) -> Result<Vec<Measured>, Failure> {
        self.senders.iter_mut().try_for_each(Process::go)?;
        let sent = self.senders.iter().map(Process::measured).collect::<Result<_, _>>()?;
        match self.work {
            Work::Calls { .. } => Ok(sent),
            Work::Burst { .. } | Work::Paced { .. } => Ok(vec![self.receiver.measured()?]),
        }
    }

    fn cpu_time(&self) -> Result<Duration, Failure> {
        let mut time = self.receiver.cpu_time()?;
        for sender in &self.senders {
            time += sender.cpu_time()?;
        }
        Ok(time)
    }

    /// Measures the speed.
    fn values(&mut self, scenario: &Scenario) -> Result<Values, Failure> {
        let before = self.cpu_time()?;
        let measured = self.measure()?;
        let cpu_time = (self.cpu_time()? - before).as_secs_f64() * MICROSECONDS_PER_SECOND;
        let messages = float(scenario.count)? * f64::from(u32::try_from(self.senders.len())?);
        let slowest =
            |value: fn(&Measured) -> u64| float(measured.iter().map(value).max().unwrap_or(0));
        let mut values = Values::from([(Metric::CpuPerMessage, cpu_time / messages)]);
        if matches!(scenario.work, Work::Calls { window: 1, .. } | Work::Paced { .. }) {
            values.insert(Metric::P50, slowest(|m| m.p50_ns)? / NANOSECONDS_PER_MICROSECOND);
            values.insert(Metric::P99, slowest(|m| m.p99_ns)? / NANOSECONDS_PER_MICROSECOND);
        } else {
            let seconds = slowest(|m| m.elapsed_ns)? / NANOSECONDS_PER_SECOND;
            values.insert(Metric::Rate, messages / seconds);
        }
        Ok(values)
    }

    fn peak_memory(&self) -> Result<Values, Failure> {
        let receiver = self.receiver.peak_memory_kib()?;
        let sender = self.senders[0].peak_memory_kib()?;
        Ok(Values::from([
            (Metric::ReceiverMemory, receiver / KIB_PER_MIB),
            (Metric::SenderMemory, sender / KIB_PER_MIB),
        ]))
    }

    fn end(self) -> Result<(), Failure> {
        self.senders.into_iter().try_for_each(Process::end)?;
        self.receiver.end()
    }
}

/// Where a process with a role is, if it stays there.
fn core_of(role: &str) -> usize {
    match role {
        "call" | "publish" => 0,
        _ => 1,
    }
}

fn options_of(scenario: &Scenario) -> Vec<String> {
    let mut options = vec![
        ("size", scenario.size),
        ("count", scenario.count),
        ("registrations", scenario.registrations),
    ];
    match scenario.work {
        Work::Calls { window, .. } => options.push(("window", window)),
        Work::Burst { listeners, .. } => {
            options.push(("listeners", u64::try_from(listeners).unwrap_or(u64::MAX)));
        }
        Work::Paced { interval_us } => options.push(("interval-us", interval_us)),
    }
    let builds_each = matches!(scenario.work, Work::Burst { builds_each: true, .. });
    let flag = builds_each.then(|| "--build-each".to_owned());
    let named = options.iter().flat_map(|(name, value)| [format!("--{name}"), value.to_string()]);
    named.chain(flag).collect()
}

/// All processes are there from the beginning, and scenarios and sides are measured in turns: the
/// machine may get faster or slower meanwhile. Who waits for its turn does nothing.
fn speed(together: &[Scenario], sides: &[Side]) -> Result<Vec<Turns>, Failure> {
    let all = || {
        (0..together.len()).flat_map(|scenario| (0..sides.len()).map(move |side| (scenario, side)))
    };
    let start =
        |(scenario, side): (usize, usize)| Pair::start(&together[scenario], &sides[side], false);
    let mut pairs: Vec<_> = all().map(start).collect::<Result<_, _>>()?;
    let mut measured = vec![Turns::new(); together.len()];
    let turns = together.iter().map(|scenario| scenario.turns).max().unwrap_or_default();
    for turn in 0..turns {
        measured.iter_mut().for_each(|turns| turns.push(vec![Values::new(); sides.len()]));
        let indices: Vec<_> = all().enumerate().collect();
        for (pair, (scenario, side)) in indices.iter().cycle().skip(turn).take(indices.len()) {
            measured[*scenario][turn][*side] = pairs[*pair].values(&together[*scenario])?;
        }
    }
    for ((scenario, side), pair) in all().zip(&pairs) {
        if let (Interest::Target, Some(last)) =
            (together[scenario].interest, measured[scenario].last_mut())
        {
            last[side].extend(pair.peak_memory()?);
        }
    }
    pairs.into_iter().try_for_each(Pair::end)?;
    Ok(measured)
}

fn allocations(scenario: &Scenario, side: &Side) -> Result<Values, Failure> {
    let mut pair = Pair::start(scenario, side, true)?;
    let count = |process: &Process| process.heap_at_rest().map(|heap| heap.allocations);
    let (receiver, sender) = (count(&pair.receiver)?, count(&pair.senders[0])?);
    pair.measure()?;
    let messages = float(scenario.count)?;
    let received = float(count(&pair.receiver)? - receiver)?;
    let sent = float(count(&pair.senders[0])? - sender)?;
    pair.end()?;
    Ok(Values::from([
        (Metric::ReceiverAllocations, received / messages),
        (Metric::SenderAllocations, sent / messages),
    ]))
}

fn registration(scenario: &Scenario, side: &Side) -> Result<Values, Failure> {
    let live_bytes = |registrations| {
        let pair = Pair::start(&Scenario { registrations, ..scenario.clone() }, side, true)?;
        let bytes = pair.receiver.heap_at_rest()?.live_bytes;
        pair.end()?;
        float(bytes)
    };
    let (few, many) = (live_bytes(0)?, live_bytes(MANY)?);
    Ok(Values::from([(Metric::RegistrationBytes, (many - few) / float(MANY)?)]))
}

fn pending(scenario: &Scenario, side: &Side) -> Result<Values, Failure> {
    let mut network = Network::new()?;
    let options = options_of(scenario);
    let mut start = |role, flag: &str| {
        let options = [&options[..], &[flag.to_owned()]].concat();
        network.start(&side.program, role, &options, true)
    };
    let service = start("echo", "--silent")?;
    service.wait_until_ready()?;
    let mut client = start("call", "--no-wait")?;
    client.wait_until_ready()?;
    let live_bytes = |process: &Process| float(process.heap_at_rest()?.live_bytes);
    let (before, received_before) = (live_bytes(&client)?, live_bytes(&service)?);
    client.go()?;
    client.measured()?;
    let count = float(scenario.count)?;
    let values = Values::from([
        (Metric::PendingSentBytes, (live_bytes(&client)? - before) / count),
        (Metric::PendingReceivedBytes, (live_bytes(&service)? - received_before) / count),
    ]);
    client.end()?;
    service.end()?;
    Ok(values)
}

/// Exact below 2^53, which nothing here reaches.
fn float(number: u64) -> Result<f64, Failure> {
    let high = u32::try_from(number >> 32)?;
    let low = u32::try_from(number & u64::from(u32::MAX))?;
    Ok(f64::from(high) * (f64::from(u32::MAX) + 1.0) + f64::from(low))
}
