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

//! Builds vsomeip's configuration in code, for a program that gets its address at run time, and subscribes
//! to an event of an IMU.
//!
//! `cargo run --example config_in_memory -- ADDRESS`, with the address of this host; or
//! `scripts/demo-network config_in_memory`, which has the ECU, too.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::stack::{LogLevel, ServiceDiscovery, StackConfig};
use up_transport_vsomeip::{EventOptions, UPTransportVsomeip};

const MOTION: &str = "//ecu/2010/1/8001";

struct Events(mpsc::UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Events {
    async fn on_receive(&self, event: UMessage) {
        // Fails only when the example is about to end.
        drop(self.0.send(event));
    }
}

/// What the files of the other examples say.
fn stack(address: IpAddr, network: String) -> Result<StackConfig, Box<dyn Error>> {
    let mut stack = StackConfig::for_application("config_in_memory", 0x1101)
        .with_unicast(address)
        .with_routing("config_in_memory")
        .with_log_level(LogLevel::Error);
    stack.network = Some(network);
    stack.diagnosis = Some(0x11);
    stack.service_discovery = Some(ServiceDiscovery {
        multicast: Some("224.244.224.245".parse()?),
        initial_delay_max: Some(100),
        ttl: Some(3),
        request_response_delay: Some(10),
        ..Default::default()
    });
    Ok(stack)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("usage: config_in_memory ADDRESS [NETWORK]")?.parse()?;
    let network = arguments.next().unwrap_or_else(|| "up-ecu".to_owned());

    let local: UUri = "//hpc/5000/1/0".parse()?;
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .stack(stack(address, network)?)
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .event(0x2010, 1, 0x8001, EventOptions::in_groups(&[5]))
        .build()?;
    let (sender, mut events) = mpsc::unbounded_channel();
    transport.register_listener(&MOTION.parse()?, None, Arc::new(Events(sender))).await?;
    let event = events.recv().await.ok_or("the transport is gone")?;
    let source = event.source_unchecked().to_uri(false);
    println!("{source} sent the bytes {:02x?}", event.payload.as_deref().unwrap_or_default());
    transport.shutdown().await;
    Ok(())
}
