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
//! `up-someip config`.

mod check;
mod explain;

use std::path::PathBuf;

use up_transport_vsomeip::inspect;

use crate::errors::Failure;
use crate::exit::Exit;
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip config check /etc/vsomeip.json
  up-someip config explain client.json
  VSOMEIP_CONFIGURATION=other.json up-someip config explain --only service-discovery
  up-someip config schema > vsomeip.schema.json";

/// Check and explain configurations
///
/// Starts nothing: neither vsomeip nor a network is needed.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Say what is wrong with configurations, or probably not meant
    ///
    /// Exits with 2 if a transport would refuse one of them. --name says which application is meant.
    Check(check::Args),
    /// Show each setting that is in force, and where it comes from
    ///
    /// Reads what vsomeip would read: the configuration, and what the environment or the working
    /// directory puts in its place. --name says which application is meant.
    Explain(explain::Args),
    /// Print the JSON schema of a configuration, for editors
    Schema,
}

/// A file or a folder of them.
type Path = PathBuf;

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    match args.what {
        What::Check(args) => check::run(&args, context),
        What::Explain(args) => explain::run(&args, context),
        What::Schema => {
            let schema = inspect::schema();
            let pretty = || serde_json::to_string_pretty(&schema).unwrap_or_default();
            context.output.result(&schema, pretty)?;
            Ok(Exit::Ok)
        }
    }
}
