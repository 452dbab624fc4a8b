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

//! A service and a publisher on up-rust's communication layer.
//!
//! `cargo run --example l2_service`, beside `cargo run --example l2_client`.

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::Parser;
use common::{describe, interrupted, text, TransportOptions, L2_METHOD, L2_TOPIC};
use protobuf::well_known_types::wrappers::StringValue;
use up_rust::communication::{
    CallOptions, InMemoryRpcServer, Publisher, RequestHandler, RpcServer, ServiceInvocationError,
    SimplePublisher, UPayload,
};
use up_rust::{UAttributes, UPayloadFormat, UUri};

#[derive(Parser)]
#[command(about = "Answers greetings and publishes events over SOME/IP until Ctrl-C")]
struct Options {
    /// vsomeip's configuration
    #[arg(long, default_value = "config/l2_service.json")]
    config: PathBuf,

    /// Milliseconds between two events
    #[arg(long, default_value_t = 1000)]
    interval: u64,

    #[command(flatten)]
    transport: TransportOptions,
}

struct Greeter;

#[async_trait]
impl RequestHandler for Greeter {
    async fn handle_request(
        &self,
        _method: u16,
        _attributes: &UAttributes,
        request: Option<UPayload>,
    ) -> Result<Option<UPayload>, ServiceInvocationError> {
        let name = request.and_then(|payload| payload.extract_protobuf::<StringValue>().ok());
        let name = name
            .ok_or_else(|| ServiceInvocationError::InvalidArgument("no name".to_owned()))?
            .value;
        println!("request  {name:?}");
        UPayload::try_from_protobuf(text(format!("Hello, {name}!")))
            .map(Some)
            .map_err(|error| ServiceInvocationError::Internal(error.to_string()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let (method, topic): (UUri, UUri) = (L2_METHOD.parse()?, L2_TOPIC.parse()?);
    // SOME/IP does not carry the format of a payload: it is agreed upon, and up-rust's clients and
    // servers wrap all messages.
    let transport = describe("//l2.example/6100/1/0", &options.config, &options.transport)?
        .payload_format(UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF_WRAPPED_IN_ANY)
        .build()?;
    let transport = Arc::new(transport);
    let mut end = pin!(interrupted());

    let server = InMemoryRpcServer::new(transport.clone(), transport.clone());
    server.register_endpoint(None, method.resource_id(), Arc::new(Greeter)).await?;
    println!("offering {L2_METHOD}");

    let publisher = SimplePublisher::new(transport.clone(), transport.clone());
    let mut number = 0;
    loop {
        number += 1;
        let payload = UPayload::try_from_protobuf(text(format!("event {number}")))?;
        let call_options = CallOptions::for_publish(None, None, None);
        publisher.publish(topic.resource_id(), call_options, Some(payload)).await?;
        println!("published \"event {number}\" on {L2_TOPIC}");
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
