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

//! A subscriber of the publisher's topic.
//!
//! `cargo run --example subscriber`, beside `cargo run --example publisher`.

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use clap::Parser;
use common::{interrupted, start, text_of, TransportOptions, TOPIC};
use tokio::sync::mpsc;
use up_rust::{UListener, UMessage, UTransport, UUri};

#[derive(Parser)]
#[command(about = "Prints events that arrive over SOME/IP")]
struct Options {
    /// vsomeip's configuration
    #[arg(long, default_value = "config/subscriber.json")]
    config: PathBuf,

    #[command(flatten)]
    transport: TransportOptions,
}

struct Events(mpsc::UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Events {
    async fn on_receive(&self, event: UMessage) {
        // Fails only when the example is about to end.
        drop(self.0.send(event));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let topic: UUri = TOPIC.parse()?;
    let local = "//subscriber.example/7001/1/0";
    let transport = start(local, &options.config, &options.transport)?;
    let mut end = pin!(interrupted());

    let (sender, mut events) = mpsc::unbounded_channel();
    transport.register_listener(&topic, None, Arc::new(Events(sender))).await?;
    println!("subscribed to {TOPIC}");

    let mut number = 0;
    loop {
        let event = tokio::select! {
            result = &mut end => break result?,
            event = events.recv() => event.ok_or("the transport is gone")?,
        };
        number += 1;
        println!("received {:?} from {}", text_of(&event), event.source_unchecked().to_uri(false));
        if number == options.transport.count {
            break;
        }
    }
    transport.shutdown().await;
    println!("stopped");
    Ok(())
}
