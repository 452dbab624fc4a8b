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

//! Distinguishes two instances of a service: a vehicle has two IMUs of the same kind.
//!
//! `cargo run --example two_instances`, on a host that has the address in `ecu/two_instances.json`; or
//! `scripts/demo-network two_instances`, which has the ECUs, too.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use common::ecu_config;
use tokio::sync::mpsc;
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::{ServiceInstance, UPTransportVsomeip};

/// The upper half of the entity's id is the instance. (0 stands for the instance 1.)
const IMUS: [(&str, &str); 2] = [("front", "//ecu/12010/1/8001"), ("rear", "//ecu/22010/1/8001")];

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
    common::log();
    let local: UUri = "//hpc/5000/1/0".parse()?;
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .config_file(ecu_config("two_instances"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;

    for (place, topic) in IMUS {
        let topic: UUri = topic.parse()?;
        let (sender, mut events) = mpsc::unbounded_channel();
        // One listener for both could do as well: the source of an event has the instance.
        transport.register_listener(&topic, None, Arc::new(Events(sender))).await?;
        let event = events.recv().await.ok_or("the transport is gone")?;
        // Shown as vsomeip does.
        let imu = ServiceInstance::of(event.source_unchecked());
        let payload = event.payload.unwrap_or_default();
        let bytes = payload.get(..2).ok_or("an event that is too short")?;
        let yaw_rate = f64::from(i16::from_be_bytes(bytes.try_into()?)) / 100.0;
        println!("IMU at the {place}, {imu}: yaw rate {yaw_rate:.2} °/s");
    }
    transport.shutdown().await;
    Ok(())
}
