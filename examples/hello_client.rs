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

//! A client that calls the hello service once a second.
//!
//! `cargo run --example hello_client`, beside `cargo run --example hello_service`.

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::Parser;
use common::{interrupted, start, text, text_of, TransportOptions, HELLO_METHOD};
use tokio::sync::mpsc;
use up_rust::{UCode, UListener, UMessage, UMessageBuilder, UTransport, UUri};

#[derive(Parser)]
#[command(about = "Sends greetings over SOME/IP and prints the answers")]
struct Options {
    /// vsomeip's configuration
    #[arg(long, default_value = "config/hello_client.json")]
    config: PathBuf,

    /// Milliseconds between two requests
    #[arg(long, default_value_t = 1000)]
    interval: u64,

    /// Milliseconds that a request may take
    #[arg(long, default_value_t = 10_000)]
    ttl: u32,

    #[command(flatten)]
    transport: TransportOptions,
}

struct Answers(mpsc::UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Answers {
    async fn on_receive(&self, response: UMessage) {
        // Fails only when the example is about to end.
        drop(self.0.send(response));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let method: UUri = HELLO_METHOD.parse()?;
    let local = "//client.example/6001/1/0";
    let transport = start(local, &options.config, &options.transport)?;
    let mut end = pin!(interrupted());

    let (sender, mut answers) = mpsc::unbounded_channel();
    let own: UUri = local.parse()?;
    transport.register_listener(&method, Some(&own), Arc::new(Answers(sender))).await?;

    let mut number = 0;
    loop {
        number += 1;
        let request = UMessageBuilder::request(method.clone(), own.clone(), options.ttl)
            .build_with_protobuf_payload(&text(format!("client {number}")))?;
        transport.send(request).await?;
        // An answer always comes: if the service gives none in time, one that says so.
        let answer = tokio::select! {
            result = &mut end => break result?,
            answer = answers.recv() => answer.ok_or("the transport is gone")?,
        };
        match answer.commstatus() {
            None | Some(UCode::OK) => println!("response {:?}", text_of(&answer)),
            Some(status) => return Err(format!("request {number} failed: {status:?}").into()),
        }
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
