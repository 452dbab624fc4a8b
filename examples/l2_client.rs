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

//! A client of a service on up-rust's communication layer, which also listens to its events.
//!
//! `cargo run --example l2_client`, beside `cargo run --example l2_service`.

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::Parser;
use common::{describe, interrupted, text, TransportOptions, L2_METHOD, L2_TOPIC};
use protobuf::well_known_types::wrappers::StringValue;
use up_rust::communication::{CallOptions, InMemoryRpcClient, RpcClient};
use up_rust::{UListener, UMessage, UPayloadFormat, UTransport, UUri};

#[derive(Parser)]
#[command(about = "Sends greetings over SOME/IP, and prints the answers and the events")]
struct Options {
    /// vsomeip's configuration
    #[arg(long, default_value = "config/l2_client.json")]
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

struct Printer;

#[async_trait]
impl UListener for Printer {
    async fn on_receive(&self, event: UMessage) {
        match event.extract_protobuf::<StringValue>() {
            Ok(text) => println!("received {:?}", text.value),
            Err(error) => eprintln!("received no text: {error}"),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let (method, topic): (UUri, UUri) = (L2_METHOD.parse()?, L2_TOPIC.parse()?);
    // As in the service: what is received is taken for wrapped messages.
    let transport = describe("//client.example/6101/1/0", &options.config, &options.transport)?
        .payload_format(UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF_WRAPPED_IN_ANY)
        .build()?;
    let transport = Arc::new(transport);
    let mut end = pin!(interrupted());

    transport.register_listener(&topic, None, Arc::new(Printer)).await?;
    let client = InMemoryRpcClient::new(transport.clone(), transport.clone()).await?;
    let client: &dyn RpcClient = &client;
    let mut number = 0;
    loop {
        number += 1;
        let name = text(format!("client {number}"));
        let call_options = CallOptions::for_rpc_request(options.ttl, None, None, None);
        let answer: StringValue = tokio::select! {
            result = &mut end => break result?,
            answer = client.invoke_proto_method(method.clone(), call_options, name) => answer?,
        };
        println!("response {:?}", answer.value);
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
