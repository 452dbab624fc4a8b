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

//! Runs all sides alternately and compares them.

mod cores;
mod network;
mod picture;
mod process;
mod sample;
mod scenario;
mod summary;
mod table;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Args;

use crate::runner::scenario::{Effort, Scenario};
use crate::runner::summary::{Results, Row};

pub(crate) type Failure = Box<dyn Error>;

#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Measure what has a target only, in some ten minutes
    #[arg(long)]
    quick: bool,
    /// Rounds at most, each with all sides; else up to 60, as a result varies
    #[arg(long)]
    rounds: Option<usize>,
    /// Give each process one core: senders the first, receivers the second
    #[arg(long)]
    pin: bool,
    /// Measure only scenarios whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// A further program with the same roles and options, to compare with C++ as well
    #[arg(long, value_name = "NAME=PATH")]
    also: Vec<Side>,
    /// The folder for table.md and ratios.svg; nothing is written unless set
    #[arg(long)]
    output: Option<PathBuf>,
    /// End well even if a target is missed
    #[arg(long)]
    no_verdict: bool,
}

/// A program that does the work.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, program) = text.split_once('=').ok_or("expected NAME=PATH")?;
        Ok(Self { name: name.to_owned(), program: program.into() })
    }
}

/// Measures and reports; fails also if a message was lost or reordered.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let effort = if options.quick { Effort::Quick } else { Effort::Full };
    let mut sides = vec![
        Side { name: "C++".to_owned(), program: env!("CPP_PEER").into() },
        Side { name: "Rust".to_owned(), program: std::env::current_exe()? },
    ];
    sides.extend(options.also.iter().cloned());
    let mut scenarios = scenario::all(effort);
    if let Some(only) = &options.only {
        scenarios.retain(|scenario| scenario.name.contains(only));
    }
    for scenario in &mut scenarios {
        scenario.pinned = options.pin;
    }
    let limit = options.rounds.unwrap_or(usize::MAX);
    let results = measure(&scenarios, &sides, limit)?;
    let rows = summary::rows(&scenarios, &sides, &results);
    let text = table::markdown(&rows, &sides);
    println!("{text}");
    if let Some(folder) = &options.output {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("table.md"), &text)?;
        std::fs::write(folder.join("ratios.svg"), picture::svg(&rows))?;
    }
    Ok(verdict(&rows, options.no_verdict))
}

/// Each round measures everything once: what slows the machine down for a while is in all of it.
fn measure(scenarios: &[Scenario], sides: &[Side], limit: usize) -> Result<Results, Failure> {
    let mut results = Results::default();
    let most = scenarios.iter().map(Scenario::rounds).max().unwrap_or_default();
    for round in 0..most.min(limit) {
        for together in scenarios.chunk_by(Scenario::belongs_to) {
            if together.iter().all(|scenario| round >= scenario.rounds()) {
                continue;
            }
            let names: Vec<_> = together.iter().map(|scenario| scenario.name.as_str()).collect();
            eprintln!("round {}: {}", round + 1, names.join("; "));
            let of_scenarios = |error| format!("{}: {error}", names.join("; "));
            let measured = sample::take(together, sides).map_err(of_scenarios)?;
            for (scenario, turns) in together.iter().zip(measured) {
                turns.into_iter().for_each(|turn| results.add(scenario, turn));
            }
        }
    }
    Ok(results)
}

/// Says which targets are missed, and by how much.
fn verdict(rows: &[Row], ignored: bool) -> ExitCode {
    let missed: Vec<_> = rows.iter().filter(|row| row.is_missed()).collect();
    for row in &missed {
        println!("MISSED {row}");
    }
    match (missed.is_empty(), ignored) {
        (true, _) => println!("all targets are met"),
        (false, true) => {}
        (false, false) => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}
