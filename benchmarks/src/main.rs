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

//! Compares the transport with plain C++ on the same vsomeip. See the package's README.md.

#![forbid(unsafe_code)]

mod peer;
mod runner;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Compares the transport with plain C++ on the same vsomeip")]
struct Options {
    #[command(subcommand)]
    role: Option<peer::Role>,
    #[command(flatten)]
    peer: peer::PeerOptions,
    #[command(flatten)]
    runner: runner::Options,
}

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let options = Options::parse();
    let result = match options.role {
        Some(role) => peer::run(role, &options.peer).map(|()| ExitCode::SUCCESS),
        None => runner::run(&options.runner),
    };
    result.unwrap_or_else(|error| {
        eprintln!("benchmarks: {error}");
        ExitCode::FAILURE
    })
}
