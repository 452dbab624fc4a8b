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

//! The command line.

use clap::{Parser, Subcommand};

use crate::commands::{
    bench, call, completions, config, doctor, list, man, map, notify, publish, serve, subscribe,
    watch,
};
use crate::connect;
use crate::exit;

/// Talk to SOME/IP networks: call methods, publish and subscribe to events, offer services, and find
/// out why something does not work.
#[derive(Debug, Parser)]
#[command(name = "up-someip", version, after_long_help = exit::TABLE)]
pub(crate) struct Cli {
    /// Write results as JSON, one object per line
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,

    /// What is logged to the standard error, such as info, debug, or up_transport_vsomeip=trace;
    /// RUST_LOG unless given, else errors
    /// and the warnings of the transport
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Output")]
    pub(crate) log: Option<String>,

    #[command(flatten)]
    pub(crate) connection: connect::Options,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Call(call::Args),
    Publish(publish::Args),
    Subscribe(subscribe::Args),
    Notify(notify::Args),
    Serve(serve::Args),
    Bench(bench::Args),
    List(list::Args),
    Watch(watch::Args),
    Map(map::Args),
    Config(config::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    /// Whether it runs until Ctrl-C, which then ends it as it should.
    pub(crate) fn is_endless(&self) -> bool {
        match self {
            Self::Publish(args) => args.is_endless(),
            Self::Subscribe(args) => args.is_endless(),
            Self::Serve(args) => args.is_endless(),
            Self::Watch(_) => true,
            _ => false,
        }
    }
}
