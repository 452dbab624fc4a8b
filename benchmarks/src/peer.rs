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
use std::time::Duration;

use bytes::Bytes;
use clap::{Args, Subcommand};
use nix::time::ClockId;
use serde::{Deserialize, Serialize};
use up_rust::{UMessage, UUri};
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
    sent: Duration,
}

const STAMP_SIZE: usize = 16;

impl Stamp {
    fn now(number: u64) -> Result<Self, Failure> {
        Ok(Self { number, sent: now()? })
    }

    /// Writes itself into the beginning of `template`, and returns a copy of that.
    fn payload(self, template: &mut [u8]) -> Result<Bytes, Failure> {
        let sent = u64::try_from(self.sent.as_nanos())?;
        template[..8].copy_from_slice(&self.number.to_ne_bytes());
        template[8..STAMP_SIZE].copy_from_slice(&sent.to_ne_bytes());
        Ok(Bytes::copy_from_slice(template))
    }

    fn of(message: &UMessage) -> Option<Self> {
        let payload = message.payload.as_ref()?;
        let number = u64::from_ne_bytes(payload.get(..8)?.try_into().ok()?);
        let sent = u64::from_ne_bytes(payload.get(8..STAMP_SIZE)?.try_into().ok()?);
        Some(Self { number, sent: Duration::from_nanos(sent) })
    }
}

/// The time since the system was started, which is the same in all processes.
fn now() -> nix::Result<Duration> {
    ClockId::CLOCK_MONOTONIC.now().map(Duration::from)
}

/// The lines of the standard input: each asks for a measurement.
fn requests() -> impl Iterator<Item = String> {
    std::io::stdin().lock().lines().map_while(Result::ok)
}
