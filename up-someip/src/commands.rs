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

//! The commands: each a module with its arguments, `Args`, and a function `run`.

pub(crate) mod bench;
pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod map;
pub(crate) mod notify;
pub(crate) mod publish;
pub(crate) mod serve;
pub(crate) mod subscribe;
pub(crate) mod watch;

use crate::cli::Command;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::Context;

/// Runs a command. The exit status is another one than that of a failure where the result, which was
/// written, says what went wrong.
///
/// # Errors
///
/// What is to be written to the standard error, and the exit status.
pub(crate) async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::new()?;
    let is_endless = command.is_endless();
    tokio::select! {
        result = run_to_end(command, context) => result,
        exit = interrupt.wait() => Ok(if is_endless { Exit::Ok } else { exit }),
    }
}

async fn run_to_end(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Call(args) => call::run(args, context).await,
        Command::Publish(args) => publish::run(args, context).await,
        Command::Subscribe(args) => subscribe::run(args, context).await,
        Command::Notify(args) => notify::run(args, context).await,
        Command::Serve(args) => serve::run(args, context).await,
        Command::Bench(args) => bench::run(args, context).await,
        Command::List(args) => list::run(args, context).await,
        Command::Watch(args) => watch::run(args, context).await,
        Command::Map(args) => map::run(args, context).await,
        Command::Config(args) => config::run(args, context).await,
        Command::Doctor(args) => doctor::run(args, context).await,
        Command::Completions(args) => completions::run(&args, context),
        Command::Man(args) => man::run(&args, context),
    }
}
