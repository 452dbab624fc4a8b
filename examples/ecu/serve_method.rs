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

//! Serves a method that an ECU calls: a body controller asks for the mode of the vehicle.
//!
//! `cargo run --example serve_method`, on a host that has the address in `ecu/serve_method.json`; or
//! `scripts/demo-network serve_method`, which has the ECU, too. Ends after three calls.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use common::ecu_config;
use tokio::sync::mpsc;
use up_rust::communication::{
    InMemoryRpcServer, RequestHandler, RpcServer, ServiceInvocationError, UPayload,
};
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::{UAttributes, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

/// The method takes nothing, and returns a mode in one byte.
const MODE: u16 = 1;
const DRIVING: u8 = 2;

struct Mode {
    calls: mpsc::UnboundedSender<UUri>,
}

#[async_trait]
impl RequestHandler for Mode {
    async fn handle_request(
        &self,
        _method: u16,
        attributes: &UAttributes,
        _request: Option<UPayload>,
    ) -> Result<Option<UPayload>, ServiceInvocationError> {
        // An error would reach the ECU as a return code.
        let caller = attributes.source.get_or_default().clone();
        self.calls.send(caller).map_err(|_| ServiceInvocationError::Unavailable("".into()))?;
        Ok(Some(UPayload::new(vec![DRIVING], UPAYLOAD_FORMAT_SOMEIP)))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    // The service 0x5010 in interface version 1. Its port is in the configuration: without one, no
    // other host would learn of it.
    let local: UUri = "//hpc/5010/1/0".parse()?;
    let transport = UPTransportVsomeip::builder(local, "ecu")
        .config_file(ecu_config("serve_method"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;
    let transport = Arc::new(transport);

    let (sender, mut calls) = mpsc::unbounded_channel();
    let server = InMemoryRpcServer::new(transport.clone(), transport.clone());
    server.register_endpoint(None, MODE, Arc::new(Mode { calls: sender })).await?;
    for _ in 0..3 {
        let caller = calls.recv().await.ok_or("the transport is gone")?;
        // All that SOME/IP tells of a caller is its client id, which is the entity of the URI.
        println!("told {} that the mode is driving", caller.to_uri(false));
    }
    transport.shutdown().await;
    Ok(())
}
