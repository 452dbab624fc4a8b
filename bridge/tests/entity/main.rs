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

//! A uEntity that executes commands from its standard input, one per line, and answers each with a line.
//!
//! | command | does | answer |
//! |---|---|---|
//! | `serve METHOD` | sends the payload of every request back | `ok` |
//! | `call METHOD COUNT WINDOW TTL` | sends numbered requests, WINDOW of them at a time | `answered A failed F` |
//! | `subscribe TOPIC` | registers the listener for events | `ok` |
//! | `subscribe-plain TOPIC` | the same with a subscriber of Zenoh's, without up-transport-zenoh; on the Zenoh side only | `ok` |
//! | `listen` | registers the same listener for notifications to this uEntity | `ok` |
//! | `publish TOPIC FIRST COUNT` | publishes consecutive numbers | `ok` |
//! | `notify TOPIC SINK NUMBER` | sends a notification | `ok` |
//! | `probe TOPIC` | publishes an event that only `connected` takes notice of | `ok` |
//! | `connected TOPIC` | waits for the next probe | `ok` |
//! | `received COUNT` | waits for so many numbers, and forgets them | `A..B late L`: the least and the greatest, and how many came after a greater one; `missing M` and `twice T` if there are such |
//! | `formats` | | the payload formats of all events so far |
//!
//! What fails is answered with `error CODE: text`. The end of the input, SIGINT and SIGTERM end it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod calls;
mod events;
mod plain;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::mpsc;
use up_bridge::beyond::BeyondOptions;
use up_bridge::peers::ZenohOptions;
use up_rust::{UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

use calls::{Calls, Echo};
use events::Events;

#[derive(Parser)]
struct Options {
    /// vsomeip's configuration; a uEntity beyond the bridge unless set
    #[arg(long)]
    config: Option<PathBuf>,
    /// The authority of the uEntities beyond the bridge
    #[arg(long, default_value = "cloud")]
    remote: String,
    /// The local entity
    #[arg(long)]
    local: UUri,
    #[command(flatten)]
    beyond: BeyondOptions,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let options = Options::parse();
    let local = options.local.clone();
    match &options.config {
        None => {
            let transport = options.beyond.open(&local.authority_name()).await?;
            run(Entity::new(local, transport, Some(options.beyond.zenoh))).await?;
        }
        Some(config) => {
            let builder = UPTransportVsomeip::builder(local.clone(), options.remote.as_str());
            let transport = Arc::new(builder.config_file(config).build()?);
            run(Entity::new(local, transport.clone(), None)).await?;
            transport.shutdown().await;
        }
    }
    println!("ended");
    // A read of the standard input cannot be cancelled: it must not be waited for.
    std::process::exit(0);
}

/// Obeys until the input ends, or a signal comes.
async fn run(entity: Entity) -> Result<(), Box<dyn Error>> {
    println!("ready");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (next, mut commands) = mpsc::unbounded_channel::<String>();
    let obey = async {
        while let Some(line) = commands.recv().await {
            match entity.obey(&line).await {
                Ok(answer) => println!("{answer}"),
                Err(error) => println!("error {error}"),
            }
        }
    };
    let end = async {
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => drop(next.send(line)),
                    _ => break,
                },
                _ = interrupt.recv() => break,
                _ = terminate.recv() => break,
            }
        }
    };
    tokio::select! {
        () = end => {}
        () = obey => {}
    }
    Ok(())
}

struct Entity {
    local: UUri,
    transport: Arc<dyn UTransport>,
    calls: Arc<Calls>,
    events: Arc<Events>,
    zenoh: Option<ZenohOptions>,
}

impl Entity {
    fn new(local: UUri, transport: Arc<dyn UTransport>, zenoh: Option<ZenohOptions>) -> Self {
        Self { local, transport, calls: Arc::default(), events: Arc::default(), zenoh }
    }

    async fn obey(&self, line: &str) -> Result<String, Box<dyn Error>> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let transport = &*self.transport;
        match words[..] {
            ["serve", method] => {
                let echo = Arc::new(Echo::new(self.transport.clone()));
                transport
                    .register_listener(&UUri::any_with_resource_id(0), Some(&method.parse()?), echo)
                    .await?;
            }
            ["call", method, count, window, ttl] => {
                let (method, ttl) = (method.parse()?, ttl.parse()?);
                let (count, window) = (count.parse()?, window.parse()?);
                return Ok(self
                    .calls
                    .run(transport, method, &self.local, count, window, ttl)
                    .await?);
            }
            ["subscribe", topic] => {
                transport.register_listener(&topic.parse()?, None, self.events.clone()).await?;
            }
            ["subscribe-plain", topic] => {
                let zenoh = self.zenoh.as_ref().ok_or("not in the Zenoh network")?;
                plain::subscribe(zenoh, topic.parse()?, self.events.clone()).await?;
            }
            ["listen"] => {
                let source = UUri::any();
                transport
                    .register_listener(&source, Some(&self.local), self.events.clone())
                    .await?;
            }
            ["publish", topic, first, count] => {
                events::publish(transport, topic.parse()?, first.parse()?, count.parse()?).await?;
            }
            ["probe", topic] => {
                events::publish(transport, topic.parse()?, events::PROBE, 1).await?
            }
            ["connected", topic] => self.events.connected(&topic.parse()?).await,
            ["notify", topic, sink, number] => {
                events::notify(transport, topic.parse()?, sink.parse()?, number.parse()?).await?;
            }
            ["received", count] => return Ok(self.events.received(count.parse()?).await),
            ["formats"] => return Ok(self.events.formats()),
            _ => return Err(format!("no such command: {line}").into()),
        }
        Ok("ok".to_owned())
    }
}
