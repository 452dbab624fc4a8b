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

//! `up-someip man`.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::Context;

/// Print the manual page, with all commands
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: up-someip man | man --local-file -")]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, context: &Context) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| Failure::failed(format!("no manual page: {error}")))?;
    context.output.line(page.trim_ascii_end())?;
    Ok(Exit::Ok)
}
