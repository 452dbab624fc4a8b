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

//! `up-someip bench`.

use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use clap::ValueEnum;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use up_rust::UUri;

use crate::connect::Purpose;
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::measure::{events, pipelined, Row};
use crate::rpc::Caller;
use crate::session::{Arrivals, Session};
use crate::target::Target;
use crate::Context;

/// What a second process of this tool offers, unless a target is given.
const OWN_METHOD: &str = "0xfff1.1.0x0001";
const OWN_EVENT: &str = "0xfff2.1.0x8001";

const EXAMPLES: &str = "\
Examples:
  up-someip bench                                     all, with a service in a second process
  up-someip bench pipelined --size 1024 --in-flight 32
  up-someip --unicast 192.168.0.10 bench round-trips 0x1010.1.1 --size 1 --count 1000
  up-someip bench events 0x2010.1.0x8001 --count 100

Without a target, a second process of this tool echoes requests, or publishes as fast as it can.";

/// Measure round trips, pipelined calls, or events
///
/// Prints a table, or a line of JSON for each measurement. A debug build measures itself.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to measure; all unless given
    mode: Option<Mode>,

    /// A method that answers any payload, or an event; a service of this tool's own unless given
    #[arg(requires = "mode")]
    target: Option<Target>,

    /// How many calls or events
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,

    /// How many bytes of payload
    #[arg(long, value_name = "BYTES", default_value_t = 64)]
    size: usize,

    /// How many calls wait for their answer at a time, in pipelined
    #[arg(long, value_name = "N", default_value_t = 64,
          value_parser = clap::value_parser!(u64).range(1..=32_768))]
    in_flight: u64,

    /// The interface version, if the target has none; that of the service unless given
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// How long to wait for the service
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    wait: Duration,

    /// How long to wait for each answer, and for the next event
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    ttl: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Calls, one after the other
    RoundTrips,
    /// Calls, many at a time
    Pipelined,
    /// Events, as fast as they come
    Events,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let modes = match args.mode {
        Some(mode) => vec![mode],
        None => vec![Mode::RoundTrips, Mode::Pipelined, Mode::Events],
    };
    let given = args.target.as_ref().and_then(Target::authority);
    let authority = context.connection.remote_authority_or(given);
    let bench = Bench { args: &args, context, authority: authority.clone() };
    // Wrong targets are found before anything runs.
    let targets = modes.iter().map(|mode| bench.target(*mode)).collect::<Result<Vec<_>, _>>()?;
    let purpose = Purpose { remote_authority: Some(authority), ..Purpose::default() };
    let session = Session::open(context, purpose)?;
    let result = bench.run_all(&session, modes.into_iter().zip(targets)).await;
    session.close().await;
    result
}

struct Bench<'a> {
    args: &'a Args,
    context: &'a Context,
    authority: String,
}

impl Bench<'_> {
    fn target(&self, mode: Mode) -> Result<UUri, Failure> {
        let parse = |text: &str| text.parse::<Target>().map_err(Failure::failed);
        let given = self.args.target.clone();
        match mode {
            Mode::Events => {
                let target = given.map_or_else(|| parse(OWN_EVENT), Ok)?;
                target.topic(&self.authority, self.args.version)
            }
            _ => {
                let target = given.map_or_else(|| parse(OWN_METHOD), Ok)?;
                target.method(&self.authority, self.args.version)
            }
        }
    }

    async fn run_all(
        &self,
        session: &Session,
        modes: impl Iterator<Item = (Mode, UUri)>,
    ) -> Result<Exit, Failure> {
        if !self.context.output.is_json() {
            self.context.output.line(Row::HEAD.as_bytes())?;
        }
        let mut is_complete = true;
        let mut server = None;
        for (mode, target) in modes {
            if mode != Mode::Events && server.is_none() {
                server = self.own(&["serve", "0xfff1.1", "--quiet"], b"").await?;
            }
            let row = match mode {
                Mode::Events => self.measure_events(session, &target).await?,
                _ => self.measure_calls(session, &target, mode).await?,
            };
            is_complete &= row.is_complete();
            self.context.output.result(&row, || row.text())?;
        }
        Ok(if is_complete { Exit::Ok } else { Exit::Failed })
    }

    async fn measure_calls(
        &self,
        session: &Session,
        target: &UUri,
        mode: Mode,
    ) -> Result<Row, Failure> {
        let method = session.find(target, self.args.wait).await?;
        let mut caller = Caller::new(session, method, self.args.ttl).await?;
        let payload = Bytes::from(vec![0x55; self.args.size]);
        let (name, window) = match mode {
            Mode::RoundTrips => ("round trips", 1),
            _ => ("pipelined", self.args.in_flight),
        };
        pipelined(name, &mut caller, payload, self.args.count, window).await
    }

    async fn measure_events(&self, session: &Session, target: &UUri) -> Result<Row, Failure> {
        let mut arrivals = Arrivals::new();
        session.listen(target, None, &arrivals).await?;
        let count = self.args.count.to_string();
        let arguments = ["publish", OWN_EVENT, "--every", "0", "--count", &count, "--file", "-"];
        let _publisher = self.own(&arguments, &vec![0x55; self.args.size]).await?;
        events(&mut arrivals, self.args.count, self.args.ttl).await
    }

    /// Starts a second process of this tool, which ends with what this returns; none if a target is
    /// given.
    async fn own(&self, arguments: &[&str], input: &[u8]) -> Result<Option<Child>, Failure> {
        if self.args.target.is_some() {
            return Ok(None);
        }
        let failed = |error| Failure::failed(format!("no second process: {error}"));
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(self.context.connection.arguments()).args(arguments);
        let role = arguments.first().copied().unwrap_or_default();
        let name = format!("up-someip-{}-{role}", std::process::id());
        command.args(["--log", "error", "--name", &name]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input).await.map_err(failed)?;
        }
        Ok(Some(child))
    }
}
