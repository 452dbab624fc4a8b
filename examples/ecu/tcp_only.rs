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

//! Calls an ECU that has TCP only: the event recorder of a brake controller returns more than a UDP
//! datagram can hold.
//!
//! `cargo run --example tcp_only`, on a host that has the address in `ecu/tcp_only.json`; or
//! `scripts/demo-network tcp_only`, which has the ECU, too.

use std::error::Error;
use std::sync::Arc;

use common::ecu_config;
use up_rust::communication::{CallOptions, InMemoryRpcClient, RpcClient, UPayload};
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::UUri;
use up_transport_vsomeip::UPTransportVsomeip;

/// Method 1 of the service 0x1020 in interface version 1. It takes the number of a record, and returns
/// the record.
const RECORD: &str = "//ecu/1020/1/1";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let local: UUri = "//hpc/5000/1/0".parse()?;
    // Nothing has to be said of TCP: by service discovery, the ECU tells which protocols it has. Of one
    // that has both, `TransportBuilder::protocol` chooses.
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .config_file(ecu_config("tcp_only"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;
    let transport = Arc::new(transport);
    let client = InMemoryRpcClient::new(transport.clone(), transport.clone()).await?;

    let number: u16 = 7;
    let request = UPayload::new(number.to_be_bytes().to_vec(), UPAYLOAD_FORMAT_SOMEIP);
    // The first call waits for the ECU to be found, and for the connection, for 10 s at most.
    let options = CallOptions::for_rpc_request(10_000, None, None, None);
    let response = client.invoke_method(RECORD.parse()?, options, Some(request)).await?;
    let record = response.ok_or("a response without a payload")?.payload();
    println!("record {number}: {} bytes, which begin with {:?}", record.len(), &record[..4]);
    transport.shutdown().await;
    Ok(())
}
