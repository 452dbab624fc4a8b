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

//! `up-someip`, a command-line tool for SOME/IP networks: calls methods, publishes and subscribes to
//! events, offers services, and tells why something does not work.

#![forbid(unsafe_code)]

mod cli;
mod commands;
mod connect;
mod duration;
mod errors;
mod exit;
mod interrupt;
mod measure;
mod output;
mod payload;
mod proto;
mod rpc;
mod script;
mod session;
mod target;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use log::Level;

use cli::Cli;
use errors::Failure;
use exit::Exit;
use output::Output;

/// What every command gets.
pub(crate) struct Context {
    /// How to reach the network.
    pub(crate) connection: connect::Options,
    /// Where results go.
    pub(crate) output: Output,
}

fn main() -> ExitCode {
    // Prints help, or what is wrong with the arguments, and exits with 0 or 2.
    let cli = Cli::parse();
    start_log(&cli);
    let context = Context { connection: cli.connection, output: Output::new(cli.json) };
    let result = run(cli.command, &context).and_then(|exit| context.output.flush().map(|()| exit));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            failure.exit.into()
        }
    }
}

/// Runs the command on this thread; listeners run on those of the transport.
fn run(command: cli::Command, context: &Context) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("no event loop: {error}")))?;
    let result = runtime.block_on(commands::run(command, context));
    // A thread may still read the standard input.
    runtime.shutdown_background();
    result
}

/// What is logged unless something else is asked for: what the user should know.
const DEFAULT_FILTER: &str = "error,up_someip=info,up_transport_vsomeip=warn";

/// The log goes to the standard error: of the transport, and of vsomeip through it.
fn start_log(cli: &Cli) {
    let given = cli.log.clone().or_else(|| std::env::var("RUST_LOG").ok());
    let mut builder = env_logger::Builder::new();
    builder.parse_filters(given.as_deref().unwrap_or(DEFAULT_FILTER));
    if given.is_none() {
        builder.format(|out, record| {
            let label = match record.level() {
                Level::Error => "error: ",
                Level::Warn => "warning: ",
                _ => "",
            };
            writeln!(out, "{label}{}", record.args())
        });
    }
    builder.init();
}
