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

//! Subscribes to an event of an ECU: an IMU sends its measurements.
//!
//! `cargo run --example subscribe_event`, on a host that has the address in `ecu/subscribe_event.json`;
//! or `scripts/demo-network subscribe_event`, which has the ECU, too. Ends after three events.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use common::ecu_config;
use tokio::sync::mpsc;
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

/// Event 0x8001 of the service 0x2010 in interface version 1: the yaw rate in 0.01 °/s, and the lateral
/// acceleration in 0.01 m/s². That it is in the eventgroup 5, the configuration says.
const MOTION: &str = "//ecu/2010/1/8001";

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
        .config_file(ecu_config("subscribe_event"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;

    // The ECU need not be there yet: it is subscribed to whenever it appears.
    let (sender, mut events) = mpsc::unbounded_channel();
    transport.register_listener(&MOTION.parse()?, None, Arc::new(Events(sender))).await?;
    for _ in 0..3 {
        let event = events.recv().await.ok_or("the transport is gone")?;
        let payload = event.payload.unwrap_or_default();
        let [yaw, lateral] = [payload.get(..2), payload.get(2..4)].map(|bytes| {
            let bytes = bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
            f64::from(i16::from_be_bytes(bytes)) / 100.0
        });
        println!("yaw rate {yaw:.2} °/s, lateral acceleration {lateral:.2} m/s²");
    }
    transport.shutdown().await;
    Ok(())
}
