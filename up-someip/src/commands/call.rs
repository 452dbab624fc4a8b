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

//! `up-someip call`.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use up_rust::{UCode, UUri};

use crate::connect::Purpose;
use crate::duration::duration;
use crate::errors::{exit_of_answer, Failure};
use crate::exit::Exit;
use crate::payload::{Codec, Format, Input, Kind, Shown};
use crate::rpc::{Answer, Caller};
use crate::session::Session;
use crate::target::{Target, FORMS};
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip call //ecu/1234/1/421 hello
  up-someip --unicast 192.168.0.10 call 0x1010.1.1 --hex 00 --json
  up-someip call 0x1234.1.1 '{\"wheel\":1}' --proto-set set.bin --type brakes.Wheel
  date | up-someip call 0x1234.1.1 --file - --print raw";

/// Call a method and print its answer
///
/// Waits for the service, sends the request, and prints the status, the time from the request to the
/// answer, and the payload. Exits with 1 if the answer is an error, with 3 if there is no such service,
/// and with 4 if no answer comes in time.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// The method, such as //ecu/1234/1/421 or 0x1234.1.0x421
    target: Target,

    /// The interface version, if the target has none; that of the service unless given
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// How long to wait for the service
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    wait: Duration,

    /// How long to wait for each answer
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    ttl: Duration,

    /// How often to call, one after the other
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,

    /// How long to wait between two calls
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = duration)]
    every: Duration,

    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    format: Format,
}

/// An answer, as it is printed.
#[derive(Serialize)]
struct Line {
    status: String,
    time_us: u128,
    format: String,
    payload: Shown,
    /// What the transport or the service says about an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Line {
    fn of(answer: &Answer, codec: &Codec) -> Self {
        let message = &answer.message;
        let status = answer.status();
        let reason = answer.reason();
        let kind = (status == UCode::OK).then_some(Kind::Answer);
        Self {
            status: format!("{status:?}"),
            time_us: answer.time.as_micros(),
            format: format!("{:?}", message.payload_format().unwrap_or_default()),
            payload: codec.show(message.payload.as_ref(), kind),
            reason,
        }
    }

    fn text(&self, time: Duration) -> String {
        let content = self.reason.clone().unwrap_or_else(|| self.payload.text());
        format!("{} in {:.3} ms: {content}", self.status, time.as_secs_f64() * 1e3)
    }
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let codec = args.format.codec()?;
    let payload = args.input.read(&codec, Kind::Request).await?;
    let authority = context.connection.remote_authority_or(args.target.authority());
    let method = args.target.method(&authority, args.version)?;
    let purpose = Purpose { remote_authority: Some(authority), ..Purpose::default() };
    let session = Session::open(context, purpose)?;
    let result = call(&session, &args, &codec, &method, payload, context).await;
    session.close().await;
    result
}

async fn call(
    session: &Session,
    args: &Args,
    codec: &Codec,
    method: &UUri,
    payload: Option<Bytes>,
    context: &Context,
) -> Result<Exit, Failure> {
    let method = session.find(method, args.wait).await?;
    let mut caller = Caller::new(session, method, args.ttl).await?;
    let mut worst = Exit::Ok;
    for number in 0..args.count {
        if number > 0 {
            tokio::time::sleep(args.every).await;
        }
        let answer = caller.call(payload.clone()).await?;
        let line = Line::of(&answer, codec);
        if args.format.is_raw() {
            context.output.bytes(line.payload.content())?;
        } else {
            context.output.result(&line, || line.text(answer.time))?;
        }
        if answer.status() != UCode::OK {
            worst = exit_of_answer(answer.status());
        }
    }
    Ok(worst)
}
