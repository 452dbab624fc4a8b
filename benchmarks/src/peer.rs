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

//! The roles of the benchmark, on the transport. `cpp/peer.cpp` does the same on vsomeip alone.

mod arrivals;
mod call;
mod echo;
mod events;
mod window;

use std::error::Error;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clap::{Args, Subcommand};
use nix::time::ClockId;
use serde::{Deserialize, Serialize};
use up_rust::{UAttributes, UMessage, UMessageBuilder, UPayloadFormat, UUri, UUID};
use up_transport_vsomeip::UPTransportVsomeip;

type Failure = Box<dyn Error>;

const METHOD: u16 = 1;
const EVENT: u16 = 0x8001;
const SERVICE: u32 = 0x1111;
const PUBLISHER: u32 = 0x2222;
/// Never offered: what else is subscribed to.
const ABSENT: u32 = 0x3333;
const CALLER: u32 = 0x4444;
const SUBSCRIBER: u32 = 0x5555;

/// What a process of the benchmark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
#[command(rename_all = "lower")]
pub(crate) enum Role {
    /// A service that sends every payload back.
    #[command(hide = true)]
    Echo,
    /// A client of that service.
    #[command(hide = true)]
    Call,
    /// Publishes events.
    #[command(hide = true)]
    Publish,
    /// Subscribes to them.
    #[command(hide = true)]
    Subscribe,
}

/// The options that all roles have; each uses some of them.
#[derive(Args, Clone, Debug)]
pub(crate) struct PeerOptions {
    /// vsomeip's configuration; the application has the file's name
    #[arg(long, global = true, hide = true, default_value = "vsomeip.json")]
    config: PathBuf,
    /// Bytes of a payload, at least 16
    #[arg(long, global = true, hide = true, default_value_t = 0)]
    size: usize,
    /// Messages of a measurement
    #[arg(long, global = true, hide = true, default_value_t = 1)]
    count: u64,
    /// Requests on their way at the same time
    #[arg(long, global = true, hide = true, default_value_t = 1)]
    window: u64,
    /// Requests before the first measurement
    #[arg(long, global = true, hide = true, default_value_t = 0)]
    warm_up: u64,
    /// Microseconds between two events; 0 for none
    #[arg(long, global = true, hide = true, default_value_t = 0)]
    interval_us: u64,
    /// Listeners of the same topic
    #[arg(long, global = true, hide = true, default_value_t = 1)]
    listeners: usize,
    /// Further methods that are served, or further topics that are subscribed to
    #[arg(long, global = true, hide = true, default_value_t = 0)]
    registrations: u16,
    /// Whether the service leaves requests without an answer
    #[arg(long, global = true, hide = true)]
    silent: bool,
    /// Whether the client waits for no answer
    #[arg(long, global = true, hide = true)]
    no_wait: bool,
    /// Whether each message of a sender is built anew, for a program that has a builder
    #[arg(long, global = true, hide = true)]
    build_each: bool,
}

/// Does what the role says, until the standard input ends.
pub(crate) fn run(role: Role, options: &PeerOptions) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        match role {
            Role::Echo => echo::run(options).await,
            Role::Call => call::run(options).await,
            Role::Publish => events::publish(options).await,
            Role::Subscribe => events::subscribe(options).await,
        }
    })
}

fn transport(config: &Path, entity: u32) -> Result<Arc<UPTransportVsomeip>, Failure> {
    let local = UUri::try_from_parts("here", entity, 1, 0)?;
    let remote = "there".to_owned();
    Ok(Arc::new(UPTransportVsomeip::new_with_config(local, &remote, config, None)?))
}

/// The result of a measurement, one line of JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// From the first message to the last.
    pub(crate) elapsed_ns: u64,
    /// How many messages did not have the number after that of the one before.
    pub(crate) out_of_order: u64,
    /// How long half of the messages were on their way at most.
    pub(crate) p50_ns: u64,
    /// How long 99 of 100 messages were on their way at most.
    pub(crate) p99_ns: u64,
}

impl Measured {
    fn say(&self) -> Result<(), Failure> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

/// What a message carries: its number, when it was sent, and zeroes up to its size.
#[derive(Clone, Copy, Default)]
struct Stamp {
    number: u64,
    sent_ns: u64,
}

const STAMP_SIZE: usize = 16;
const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

impl Stamp {
    fn now(number: u64) -> Result<Self, Failure> {
        Ok(Self { number, sent_ns: now_ns()? })
    }

    /// Writes itself into the beginning of `payload`.
    fn write(self, payload: &mut [u8]) {
        payload[..8].copy_from_slice(&self.number.to_ne_bytes());
        payload[8..STAMP_SIZE].copy_from_slice(&self.sent_ns.to_ne_bytes());
    }

    fn of(message: &UMessage) -> Option<Self> {
        let payload = message.payload.as_ref()?;
        let number = u64::from_ne_bytes(payload.get(..8)?.try_into().ok()?);
        let sent_ns = u64::from_ne_bytes(payload.get(8..STAMP_SIZE)?.try_into().ok()?);
        Some(Self { number, sent_ns })
    }
}

/// What all messages of a sender have in common. It is built once, as the builder checks what it
/// builds; each message is a copy with an id, a number and a time of its own.
struct Template {
    attributes: UAttributes,
    payload: Vec<u8>,
    /// Builds each message, if that is wanted.
    builder: Option<UMessageBuilder>,
}

impl Template {
    fn new(mut builder: UMessageBuilder, options: &PeerOptions) -> Result<Self, Failure> {
        let payload = vec![0; options.size.max(STAMP_SIZE)];
        let message =
            builder.build_with_payload(Bytes::new(), UPayloadFormat::UPAYLOAD_FORMAT_RAW)?;
        let builder = options.build_each.then_some(builder);
        Ok(Self { attributes: message.attributes.unwrap_or_default(), payload, builder })
    }

    fn message(&mut self, number: u64) -> Result<UMessage, Failure> {
        Stamp::now(number)?.write(&mut self.payload);
        let payload = Bytes::copy_from_slice(&self.payload);
        if let Some(builder) = &mut self.builder {
            return Ok(builder.build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_RAW)?);
        }
        let UAttributes { type_, source, sink, priority, ttl, payload_format, .. } =
            &self.attributes;
        let attributes = UAttributes {
            id: Some(UUID::build()).into(),
            type_: *type_,
            source: source.clone(),
            sink: sink.clone(),
            priority: *priority,
            ttl: *ttl,
            payload_format: *payload_format,
            ..Default::default()
        };
        Ok(UMessage {
            attributes: Some(attributes).into(),
            payload: Some(payload),
            ..Default::default()
        })
    }
}

/// The nanoseconds since the system was started, which are the same in all processes.
fn now_ns() -> Result<u64, Failure> {
    let now = ClockId::CLOCK_MONOTONIC.now()?;
    Ok(u64::try_from(now.tv_sec())? * NANOSECONDS_PER_SECOND + u64::try_from(now.tv_nsec())?)
}

/// The lines of the standard input: each asks for a measurement.
fn requests() -> impl Iterator<Item = String> {
    std::io::stdin().lock().lines().map_while(Result::ok)
}
