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

//! Publishes the first messages of topics.

use std::path::Path;
use std::time::Duration;

use up_rust::{UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

use crate::events::publish;

/// A transport of its own beside the peer's, for the entity of a topic.
pub(crate) fn beside(config: &Path, topic: &UUri) -> Result<UPTransportVsomeip, UStatus> {
    let local = UUri { resource_id: 0, ..topic.clone() };
    UPTransportVsomeip::builder(local, "remote").config_file(config).build()
}

/// Publishes consecutive numbers, from 1 on and `pace` apart. The transport must live until they have
/// arrived.
pub(crate) async fn publish_paced(
    transport: &dyn UTransport,
    topic: UUri,
    count: u64,
    pace: Duration,
) -> Result<(), UStatus> {
    for number in 1..=count {
        publish(transport, topic.clone(), number, 1).await?;
        tokio::time::sleep(pace).await;
    }
    Ok(())
}

/// Publishes a number that lives for so many milliseconds.
pub(crate) async fn publish_mortal(
    transport: &dyn UTransport,
    topic: UUri,
    number: u64,
    ttl: u32,
) -> Result<(), UStatus> {
    let (payload, format) = (number.to_be_bytes().to_vec(), UPayloadFormat::UPAYLOAD_FORMAT_RAW);
    let event = UMessageBuilder::publish(topic).with_ttl(ttl).build_with_payload(payload, format);
    transport.send(event.expect("a valid event")).await
}
