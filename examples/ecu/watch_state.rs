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

//! Watches the state of the transport: its problems, the availability of an ECU, and whether the ECU has
//! accepted a subscription.
//!
//! `cargo run --example watch_state`, on a host that has the address in `ecu/watch_state.json`; or
//! `scripts/demo-network watch_state`, which has the ECU, too, and restarts it. Ends with Ctrl-C.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use common::{ecu_config, interrupted};
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::{ServiceInstance, State, UPTransportVsomeip};

const MOTION: &str = "//ecu/2010/1/8001";

struct Ignored;

#[async_trait]
impl UListener for Ignored {
    async fn on_receive(&self, _: UMessage) {}
}

/// What there is to tell of a state.
fn describe(state: &State, topic: &UUri) -> String {
    let imu = ServiceInstance::of(topic);
    let subscription = state.subscriptions.get(&(imu, topic.resource_id()));
    match (state.problems.first(), state.services.get(&imu), subscription) {
        // Such as a missing route for multicast messages. It names the remedy.
        (Some(problem), ..) => problem.to_string(),
        _ if !state.registered => "vsomeip is starting".to_owned(),
        (_, None, _) => "the IMU is away".to_owned(),
        (_, Some(version), None) => format!("the IMU is there in version {version}"),
        (_, Some(version), Some(subscription)) => {
            format!("the IMU is there in version {version}, subscription {subscription:?}")
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let topic: UUri = MOTION.parse()?;
    let local: UUri = "//hpc/5000/1/0".parse()?;
    let transport =
        UPTransportVsomeip::builder(local, "ecu").config_file(ecu_config("watch_state")).build()?;
    let mut end = pin!(interrupted());

    // What nobody has asked for is not known: a call or a subscription does.
    transport.register_listener(&topic, None, Arc::new(Ignored)).await?;
    let mut state = transport.state();
    let mut shown = String::new();
    loop {
        // Only the latest state can be seen; what came and went in between is lost.
        let now = describe(&state.borrow_and_update(), &topic);
        if now != shown {
            println!("{now}");
            shown = now;
        }
        tokio::select! {
            result = &mut end => break result?,
            changed = state.changed() => changed?,
        }
    }
    transport.shutdown().await;
    Ok(())
}
