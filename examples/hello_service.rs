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

//! A service that greets its callers.
//!
//! `cargo run --example hello_service`, beside `cargo run --example hello_client`.

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use clap::Parser;
use common::{interrupted, start, text, text_of, TransportOptions, HELLO_METHOD};
use tokio::sync::mpsc;
use up_rust::{UListener, UMessage, UMessageBuilder, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

#[derive(Parser)]
#[command(about = "Answers greetings over SOME/IP until Ctrl-C")]
struct Options {
    /// vsomeip's configuration
    #[arg(long, default_value = "config/hello_service.json")]
    config: PathBuf,

    #[command(flatten)]
    transport: TransportOptions,
}

struct Greeter {
    // The transport owns the listener, so the listener must not own the transport.
    transport: Weak<UPTransportVsomeip>,
    answered: mpsc::UnboundedSender<()>,
}

#[async_trait]
impl UListener for Greeter {
    async fn on_receive(&self, request: UMessage) {
        let Some(transport) = self.transport.upgrade() else { return };
        let name = text_of(&request);
        println!("request  {name:?} from {}", request.source_unchecked().to_uri(false));
        let response = UMessageBuilder::response_for_request(request.attributes_unchecked())
            .build_with_protobuf_payload(&text(format!("Hello, {name}!")));
        let sent = match response {
            Ok(response) => transport.send(response).await.map_err(|status| status.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match sent {
            Ok(()) => drop(self.answered.send(())),
            Err(error) => eprintln!("no answer to {name:?}: {error}"),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let method: UUri = HELLO_METHOD.parse()?;
    let local = "//service.example/6000/1/0";
    let transport = start(local, &options.config, &options.transport)?;
    let mut end = pin!(interrupted());

    let (answered, mut answers) = mpsc::unbounded_channel();
    let greeter = Arc::new(Greeter { transport: Arc::downgrade(&transport), answered });
    let anybody = UUri::any_with_resource_id(0);
    transport.register_listener(&anybody, Some(&method), greeter).await?;
    println!("offering {HELLO_METHOD}");

    let mut remaining = options.transport.count;
    loop {
        tokio::select! {
            result = &mut end => break result?,
            _ = answers.recv() => {
                remaining = remaining.saturating_sub(1);
                if remaining == 0 && options.transport.count > 0 {
                    break;
                }
            }
        }
    }
    transport.shutdown().await;
    println!("stopped");
    Ok(())
}
