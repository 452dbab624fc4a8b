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

//! A publisher of one topic.
//!
//! `cargo run --example publisher`, beside `cargo run --example subscriber`.

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use clap::Parser;
use common::{interrupted, start, text, TransportOptions, TOPIC};
use up_rust::{UMessageBuilder, UTransport, UUri};

#[derive(Parser)]
#[command(about = "Publishes events over SOME/IP until Ctrl-C")]
struct Options {
    /// vsomeip's configuration
    #[arg(long, default_value = "config/publisher.json")]
    config: PathBuf,

    /// Milliseconds between two events
    #[arg(long, default_value_t = 1000)]
    interval: u64,

    #[command(flatten)]
    transport: TransportOptions,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let topic: UUri = TOPIC.parse()?;
    let local = "//publisher.example/7000/1/0";
    let transport = start(local, &options.config, &options.transport)?;
    let mut end = pin!(interrupted());

    let mut number = 0;
    loop {
        number += 1;
        let event = UMessageBuilder::publish(topic.clone())
            .build_with_protobuf_payload(&text(format!("event {number}")))?;
        transport.send(event).await?;
        println!("published \"event {number}\" on {TOPIC}");
        if number == options.transport.count {
            break;
        }
        tokio::select! {
            result = &mut end => break result?,
            () = tokio::time::sleep(Duration::from_millis(options.interval)) => {}
        }
    }
    transport.shutdown().await;
    println!("stopped");
    Ok(())
}
