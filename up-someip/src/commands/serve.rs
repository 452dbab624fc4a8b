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

//! `up-someip serve`.

use std::time::Duration;

use bytes::Bytes;
use clap::ValueEnum;
use serde::Serialize;
use tokio::task::JoinSet;
use up_rust::{UAttributes, UCode, UMessage, UMessageBuilder, UPayloadFormat, UTransport, UUri};
use up_transport_vsomeip::ServiceInstance;

use crate::connect::{Ports, Purpose};
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::payload::{Codec, Format, Input, Kind, Shown};
use crate::script::Script;
use crate::session::{Arrivals, Session};
use crate::target::{Target, FORMS};
use crate::Context;

/// How many requests are worked on at a time.
const AT_A_TIME: usize = 64;

const EXAMPLES: &str = "\
Examples:
  up-someip serve 0x1234.1                     answers each request with its own payload
  up-someip serve //hpc/1234/1/421 hello       answers always the same
  up-someip serve 0x1234.1 --exec 'tr a-z A-Z' answers with what a command makes of the payload
  up-someip --unicast 192.168.0.10 serve 0x1234.1 --udp-port 30509

--exec gets the payload at its standard input and answers with its standard output; with an error if its
exit status is not 0. It has the variables SOMEIP_SERVICE, SOMEIP_INSTANCE, SOMEIP_METHOD,
SOMEIP_VERSION (numbers such as 0x1234), UP_SOURCE and UP_SINK (UUris).";

/// Offer a service and answer its requests
///
/// Prints each request and runs until Ctrl-C unless --count says otherwise.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// The service, or a single method of it, such as 0x1234.1 or //hpc/1234/1/421
    target: Target,

    /// Run this command by the shell for each request
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["text", "hex", "file"])]
    exec: Option<String>,

    /// Answer with this error
    #[arg(long, value_enum, value_name = "STATUS", conflicts_with = "exec")]
    fail: Option<Error>,

    /// How long to wait before each answer
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = duration)]
    delay: Duration,

    /// The interface version, if the target has none [default: 1]
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// End after this many requests
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// Do not print requests
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    format: Format,

    #[command(flatten)]
    ports: Ports,
}

/// The errors that SOME/IP has a return code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Error {
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    Unavailable,
    DataLoss,
    Internal,
    FailedPrecondition,
    Unimplemented,
}

impl From<Error> for UCode {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown => Self::UNKNOWN,
            Error::InvalidArgument => Self::INVALID_ARGUMENT,
            Error::DeadlineExceeded => Self::DEADLINE_EXCEEDED,
            Error::NotFound => Self::NOT_FOUND,
            Error::Unavailable => Self::UNAVAILABLE,
            Error::DataLoss => Self::DATA_LOSS,
            Error::Internal => Self::INTERNAL,
            Error::FailedPrecondition => Self::FAILED_PRECONDITION,
            Error::Unimplemented => Self::UNIMPLEMENTED,
        }
    }
}

impl Args {
    /// Whether it runs until Ctrl-C.
    pub(crate) fn is_endless(&self) -> bool {
        self.count.is_none()
    }
}

/// How requests are answered.
#[derive(Clone)]
struct Answers {
    error: Option<UCode>,
    canned: Option<Bytes>,
    script: Option<Script>,
    delay: Duration,
}

impl Answers {
    async fn to(&self, request: &UMessage) -> (UCode, Bytes) {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        let payload = || request.payload.clone().unwrap_or_default();
        if let Some(script) = &self.script {
            return match script.run(request.attributes_unchecked(), payload()).await {
                Ok(answer) => (UCode::OK, answer),
                Err(reason) => {
                    log::warn!("{reason}");
                    (UCode::UNKNOWN, Bytes::new())
                }
            };
        }
        let canned = self.canned.clone();
        match self.error {
            Some(error) => (error, canned.unwrap_or_default()),
            None => (UCode::OK, canned.unwrap_or_else(payload)),
        }
    }
}

/// A request, as it is printed.
#[derive(Serialize)]
struct Line {
    source: String,
    sink: String,
    method: String,
    payload: Shown,
}

impl Line {
    fn of(request: &UMessage, codec: &Codec) -> Self {
        let sink = request.sink_unchecked();
        Self {
            source: request.source_unchecked().to_uri(false),
            sink: sink.to_uri(false),
            method: format!("0x{:04x}", sink.resource_id()),
            payload: codec.show(request.payload.as_ref(), Some(Kind::Request)),
        }
    }

    fn text(&self) -> String {
        format!("{} from {}: {}", self.sink, self.source, self.payload.text())
    }
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let codec = args.format.codec()?;
    let canned = args.input.read(&codec, Kind::Answer).await?;
    let authority = context.connection.local_authority_or(args.target.authority());
    let sink = args.target.service(&authority, args.version)?;
    let purpose = Purpose {
        local: Some(UUri { resource_id: 0, ..sink.clone() }),
        services: vec![args.ports.service(ServiceInstance::of(&sink))],
        ..Purpose::default()
    };
    let answers = Answers {
        error: args.fail.map(UCode::from),
        canned,
        script: args.exec.clone().map(Script::new),
        delay: args.delay,
    };
    let session = Session::open(context, purpose)?;
    let result = serve(&session, &args, &sink, answers, &codec, context).await;
    session.close().await;
    result.map(|()| Exit::Ok)
}

async fn serve(
    session: &Session,
    args: &Args,
    sink: &UUri,
    answers: Answers,
    codec: &Codec,
    context: &Context,
) -> Result<(), Failure> {
    let mut requests = Arrivals::new();
    session.listen(&UUri::any(), Some(sink), &requests).await?;
    session.say_when_registered(format!("serving {}", sink.to_uri(false)));
    let mut tasks = JoinSet::new();
    let mut count = 0;
    while args.count.is_none_or(|wanted| count < wanted) {
        let request = tokio::select! {
            request = requests.next() => request?.message,
            Some(_) = tasks.join_next() => continue,
        };
        if !request.is_request() {
            continue;
        }
        if !args.quiet {
            let line = Line::of(&request, codec);
            context.output.result(&line, || line.text())?;
        }
        while tasks.len() >= AT_A_TIME {
            tasks.join_next().await;
        }
        let (transport, answers) = (session.transport.clone(), answers.clone());
        tasks.spawn(async move {
            let (status, payload) = answers.to(&request).await;
            let answer = answer(request.attributes_unchecked(), status, payload);
            if let Err(error) = transport.send(answer?).await {
                log::warn!("a request could not be answered: {error}");
            }
            Some(())
        });
        count += 1;
    }
    while tasks.join_next().await.is_some() {}
    session.flush().await;
    Ok(())
}

/// None is not to be: all of a request is there.
fn answer(request: &UAttributes, status: UCode, payload: Bytes) -> Option<UMessage> {
    UMessageBuilder::response_for_request(request)
        .with_comm_status(status)
        .build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED)
        .ok()
}
