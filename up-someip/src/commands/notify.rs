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

//! `up-someip notify`.

use up_rust::{UMessageBuilder, UPayloadFormat, UTransport, UUri};

use crate::connect::Purpose;
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::payload::{Format, Input, Kind};
use crate::session::Session;
use crate::target::{id_of, Target, FORMS};
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip notify //ecu/3010/2/0 crash
  up-someip --unicast 192.168.0.10 notify 0x3010.1 --version 2 --hex 01";

/// Send a notification to a uEntity
///
/// On the wire, it is a request without return, to the method 0 of the service of the uEntity; the
/// option `notifications` in the section `uprotocol` of a configuration makes it an event.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// The uEntity, such as //ecu/3010/2/0 or 0x3010.1
    target: Target,

    /// The event of --local that it comes from
    #[arg(long, value_name = "ID", default_value = "0x8000", value_parser = id_of)]
    event: u16,

    /// The interface version, if the target has none [default: 1]
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// How long to wait for the service
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    wait: std::time::Duration,

    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    format: Format,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let codec = args.format.codec()?;
    let payload = args.input.read(&codec, Kind::Request).await?.unwrap_or_default();
    let authority = context.connection.remote_authority_or(args.target.authority());
    let sink = args.target.entity(&authority, args.version)?;
    let purpose = Purpose { remote_authority: Some(authority), ..Purpose::default() };
    let session = Session::open(context, purpose)?;
    let source = UUri { resource_id: args.event.into(), ..session.local.clone() };
    let message = UMessageBuilder::notification(source, sink.clone())
        .build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let result = async {
        session.find(&sink, args.wait).await?;
        session.transport.send(message).await?;
        session.flush().await;
        Ok(Exit::Ok)
    };
    let result = result.await;
    session.close().await;
    result
}
