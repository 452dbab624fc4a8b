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

//! `up-someip publish`.

use std::time::Duration;

use bytes::Bytes;
use up_rust::{UMessageBuilder, UPayloadFormat, UTransport, UUri};
use up_transport_vsomeip::{EventOptions, ServiceInstance};

use crate::connect::{Ports, Purpose};
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::payload::{Format, Input, Kind};
use crate::session::Session;
use crate::target::{Target, FORMS};
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip publish 0x1234.1.0x8001 hello
  up-someip publish //hpc/1234/1/8001 --hex 04e2 --every 100ms
  up-someip --unicast 192.168.0.10 publish 0x1234.1.0x8001 --field --hex 2a --udp-port 30509";

/// Publish an event, or the value of a field
///
/// Offers the service and the event, waits for subscribers that are about to connect, publishes, and ends.
/// What is known of the service ends with it: a field is offered until Ctrl-C.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// The event, such as //hpc/1234/1/8001 or 0x1234.1.0x8001
    target: Target,

    /// The interface version, if the target has none [default: 1]
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// How often to publish; without an end if only --every is given [default: 1]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// Publish again and again, with this time in between
    #[arg(long, value_name = "TIME", value_parser = duration)]
    every: Option<Duration>,

    /// How long the first events wait for a subscriber [default: 1500ms]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    wait: Option<Duration>,

    /// It is a field: later subscribers get its value at once. Offered until Ctrl-C
    #[arg(long)]
    field: bool,

    /// An eventgroup of the event, several times for several; the event's own number unless given
    #[arg(long, value_name = "ID", value_parser = crate::target::id_of)]
    eventgroup: Vec<u16>,

    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    format: Format,

    #[command(flatten)]
    ports: Ports,
}

impl Args {
    /// Whether it runs until Ctrl-C.
    pub(crate) fn is_endless(&self) -> bool {
        self.field || (self.every.is_some() && self.count.is_none())
    }

    fn count(&self) -> u64 {
        self.count.unwrap_or(if self.every.is_some() { u64::MAX } else { 1 })
    }
}

/// The options of an event.
pub(crate) fn event_options(event: u16, eventgroups: &[u16], is_field: bool) -> EventOptions {
    let groups = if eventgroups.is_empty() { &[event] } else { eventgroups };
    let options = EventOptions::in_groups(groups);
    if is_field {
        options.field()
    } else {
        options
    }
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let codec = args.format.codec()?;
    let payload = args.input.read(&codec, Kind::Request).await?.unwrap_or_default();
    let authority = context.connection.local_authority_or(args.target.authority());
    let topic = args.target.event(&authority, args.version)?;
    let service = ServiceInstance::of(&topic);
    let purpose = Purpose {
        local: Some(UUri { resource_id: 0, ..topic.clone() }),
        services: vec![args.ports.service(service)],
        ..Purpose::default()
    };
    let event = topic.resource_id();
    let is_described = args.field || !args.eventgroup.is_empty();
    let session = Session::open_with(context, purpose, |builder| {
        let builder = match args.wait {
            Some(time) => builder.hold_first_messages(time),
            None => builder,
        };
        if !is_described {
            return builder;
        }
        let options = event_options(event, &args.eventgroup, args.field);
        builder.event(service.service(), service.instance(), event, options)
    })?;
    let result = publish(&session, &args, &topic, &payload).await;
    session.close().await;
    result.map(|()| Exit::Ok)
}

async fn publish(
    session: &Session,
    args: &Args,
    topic: &UUri,
    payload: &Bytes,
) -> Result<(), Failure> {
    session.say_when_registered(format!("publishing {}", topic.to_uri(false)));
    let mut clock = args.every.filter(|every| !every.is_zero()).map(tokio::time::interval);
    for _ in 0..args.count() {
        if let Some(clock) = &mut clock {
            clock.tick().await;
        }
        let message = UMessageBuilder::publish(topic.clone())
            .build_with_payload(payload.clone(), UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED)
            .map_err(|error| Failure::usage(error.to_string()))?;
        session.transport.send(message).await?;
        // For Ctrl-C, as sending waits for nothing.
        tokio::task::yield_now().await;
    }
    session.flush().await;
    if args.field {
        std::future::pending::<()>().await;
    }
    Ok(())
}
