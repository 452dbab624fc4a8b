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

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::Context;

/// Print the manual page, with all commands
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: up-someip man | man --local-file -")]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, context: &Context) -> Result<Exit, Failure> {
    let page = page().map_err(|error| Failure::failed(format!("no manual page: {error}")))?;
    context.output.line(page.trim_ascii_end())?;
    Ok(Exit::Ok)
}

/// One page for all commands.
fn page() -> std::io::Result<Vec<u8>> {
    let tool = Cli::command();
    let mut page = Vec::new();
    Man::new(tool.clone()).render(&mut page)?;
    for command in tool.get_subcommands() {
        let name = format!("up-someip {}", command.get_name());
        writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
        let man = Man::new(command.clone().bin_name(name));
        let mut sections = Vec::new();
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        if command.get_after_help().is_some() {
            man.render_extra_section(&mut sections)?;
        }
        // They are below the command's own.
        page.write_all(String::from_utf8_lossy(&sections).replace(".SH ", ".SS ").as_bytes())?;
    }
    Ok(page)
}
