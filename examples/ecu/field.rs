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

//! Reads, sets and watches a field of an ECU: the brightness of a light of a body controller.
//!
//! `cargo run --example field`, on a host that has the address in `ecu/field.json`; or
//! `scripts/demo-network field`, which has the ECU, too.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use common::ecu_config;
use tokio::sync::mpsc;
use up_rust::communication::{CallOptions, InMemoryRpcClient, RpcClient, UPayload};
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

// A field of the service 0x3010 in interface version 2, a percentage in one byte, is two methods and an
// event. That this event is a field, and in the eventgroup 0x11, the configuration says.
const GETTER: &str = "//ecu/3010/2/11";
const SETTER: &str = "//ecu/3010/2/12";
const NOTIFIER: &str = "//ecu/3010/2/8011";

struct Changes(mpsc::UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Changes {
    async fn on_receive(&self, change: UMessage) {
        // Fails only when the example is about to end.
        drop(self.0.send(change));
    }
}

async fn call(
    client: &dyn RpcClient,
    method: &str,
    value: Option<u8>,
) -> Result<u8, Box<dyn Error>> {
    let request = value.map(|value| UPayload::new(vec![value], UPAYLOAD_FORMAT_SOMEIP));
    let options = CallOptions::for_rpc_request(10_000, None, None, None);
    let response = client.invoke_method(method.parse()?, options, request).await?;
    let payload = response.map(UPayload::payload).unwrap_or_default();
    payload.first().copied().ok_or_else(|| "a response without a value".into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let local: UUri = "//hpc/5000/1/0".parse()?;
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .config_file(ecu_config("field"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;
    let transport = Arc::new(transport);
    let client = InMemoryRpcClient::new(transport.clone(), transport.clone()).await?;

    let (sender, mut changes) = mpsc::unbounded_channel();
    transport.register_listener(&NOTIFIER.parse()?, None, Arc::new(Changes(sender))).await?;
    // Unlike an event, a field has a value, which who subscribes gets at once.
    let mut next = async || {
        let change = changes.recv().await.ok_or("the transport is gone")?;
        change.payload.unwrap_or_default().first().copied().ok_or("a change without a value")
    };
    println!("notified: {} %", next().await?);
    println!("got: {} %", call(&client, GETTER, None).await?);
    println!("set: {} %", call(&client, SETTER, Some(80)).await?);
    println!("notified: {} %", next().await?);
    transport.shutdown().await;
    Ok(())
}
