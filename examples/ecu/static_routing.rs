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

//! Calls an ECU without service discovery: a battery sensor announces nothing, so the configuration has its
//! address.
//!
//! `cargo run --example static_routing`, on a host that has the address in `ecu/static_routing.json`; or
//! `scripts/demo-network static_routing`, which has the ECU, too.

use std::error::Error;
use std::sync::Arc;

use common::ecu_config;
use up_rust::communication::{CallOptions, InMemoryRpcClient, RpcClient, UPayload};
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::UUri;
use up_transport_vsomeip::UPTransportVsomeip;

/// Method 1 of the service 0x4010 in interface version 1. It takes nothing, and returns the voltage in
/// mV.
const VOLTAGE: &str = "//ecu/4010/1/1";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let local: UUri = "//hpc/5000/1/0".parse()?;
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .config_file(ecu_config("static_routing"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;
    let transport = Arc::new(transport);
    let client = InMemoryRpcClient::new(transport.clone(), transport.clone()).await?;

    // Nobody tells whether the ECU is there: if it is not, this ends after 5 s with DEADLINE_EXCEEDED.
    let options = CallOptions::for_rpc_request(5_000, None, None, None);
    let response = client.invoke_method(VOLTAGE.parse()?, options, None).await?;
    let bytes = response.map(UPayload::payload).unwrap_or_default();
    let voltage = u16::from_be_bytes(bytes.as_ref().try_into()?);
    println!("voltage: {:.2} V", f64::from(voltage) / 1000.0);
    transport.shutdown().await;
    Ok(())
}
