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

//! Calls a method of an ECU: asks a brake controller for the pressure at each wheel.
//!
//! `cargo run --example call_method`, on a host that has the address in `ecu/call_method.json`; or
//! `scripts/demo-network call_method`, which has the ECU, too.

use std::error::Error;
use std::sync::Arc;

use common::ecu_config;
use up_rust::communication::{CallOptions, InMemoryRpcClient, RpcClient, UPayload};
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::UUri;
use up_transport_vsomeip::UPTransportVsomeip;

/// Method 1 of the service 0x1010 in interface version 1. It takes the number of a wheel, and returns
/// the pressure there in 0.1 bar.
const PRESSURE: &str = "//ecu/1010/1/1";
const WHEELS: [&str; 4] = ["front left", "front right", "rear left", "rear right"];
/// How many milliseconds a call may take. The first one waits for the ECU to be found.
const TTL: u32 = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let method: UUri = PRESSURE.parse()?;
    // This uEntity has no service; its id just has to be one that no service has.
    let local: UUri = "//hpc/5000/1/0".parse()?;
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .config_file(ecu_config("call_method"))
        // SOME/IP does not say what a payload is: here, numbers in the order of the network.
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;
    let transport = Arc::new(transport);
    let client = InMemoryRpcClient::new(transport.clone(), transport.clone()).await?;

    for (number, wheel) in (0..).zip(WHEELS) {
        let request = UPayload::new(vec![number], UPAYLOAD_FORMAT_SOMEIP);
        let options = CallOptions::for_rpc_request(TTL, None, None, None);
        let response = client.invoke_method(method.clone(), options, Some(request)).await?;
        let bytes = response.ok_or("a response without a payload")?.payload();
        let pressure = u16::from_be_bytes(bytes.as_ref().try_into()?);
        println!("{wheel}: {:.1} bar", f64::from(pressure) / 10.0);
    }

    // What the ECU refuses, it answers with a return code, which becomes an error.
    let unknown = "//ecu/1010/1/2".parse()?;
    let options = CallOptions::for_rpc_request(TTL, None, None, None);
    match client.invoke_method(unknown, options, None).await {
        Err(error) => println!("method 2: {error}"),
        Ok(_) => return Err("the ECU has a method 2".into()),
    }
    transport.shutdown().await;
    Ok(())
}
