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

//! Exchanges notifications with an ECU: reports a crash to a body controller, and receives its
//! notification of the outcome. Notifications have no response.
//!
//! `cargo run --example notification`, on a host that has the address in `ecu/notification.json`; or
//! `scripts/demo-network notification`, which has the ECU, too.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use common::ecu_config;
use tokio::sync::mpsc;
use up_rust::communication::{CallOptions, Notifier, SimpleNotifier, UPayload};
use up_rust::UPayloadFormat::UPAYLOAD_FORMAT_SOMEIP;
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

const BODY: &str = "//ecu/3010/2/0";
const OWN: &str = "//hpc/5010/1/0";
/// The own topic of the notification. It does not travel: in SOME/IP, this is a request without return
/// to the method 0 of the other one.
const CRASH: u16 = 0x8001;

struct Notifications(mpsc::UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Notifications {
    async fn on_receive(&self, notification: UMessage) {
        // Fails only when the example is about to end.
        drop(self.0.send(notification));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    common::log();
    let (body, own): (UUri, UUri) = (BODY.parse()?, OWN.parse()?);
    let transport = UPTransportVsomeip::builder(own.clone(), "ecu")
        .config_file(ecu_config("notification"))
        .payload_format(UPAYLOAD_FORMAT_SOMEIP)
        .build()?;
    let transport = Arc::new(transport);

    // This offers the service 0x5010, to which others can send notifications then.
    let (sender, mut notifications) = mpsc::unbounded_channel();
    let listener = Arc::new(Notifications(sender));
    transport.register_listener(&UUri::any(), Some(&own), listener).await?;

    // Nobody would tell that there was no ECU to notify.
    transport.wait_for_service(&body).await?;
    let notifier = SimpleNotifier::new(transport.clone(), transport.clone());
    let severity = UPayload::new(vec![3], UPAYLOAD_FORMAT_SOMEIP);
    let options = CallOptions::for_notification(None, None, None);
    notifier.notify(CRASH, &body, options, Some(severity)).await?;
    println!("notified of a crash");

    let notification = notifications.recv().await.ok_or("the transport is gone")?;
    // All that SOME/IP tells of the sender is its client id, here the id of its service.
    let sender = notification.source_unchecked().uentity_type_id();
    let unlocked = notification.payload.is_some_and(|payload| payload[..] == [1]);
    println!("{sender:04x} notifies: doors are {}", if unlocked { "unlocked" } else { "locked" });
    transport.shutdown().await;
    Ok(())
}
