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

//! A subscriber of Zenoh's own, which gets messages in the order in which Zenoh has them.

use std::error::Error;
use std::sync::Arc;

use up_bridge::peers::ZenohOptions;
use up_rust::UUri;

use crate::events::Events;

/// Subscribes to a topic until the process ends.
pub(crate) async fn subscribe(
    options: &ZenohOptions,
    topic: UUri,
    events: Arc<Events>,
) -> Result<(), Box<dyn Error>> {
    let session = zenoh::open(options.config()?).await.map_err(|error| error.to_string())?;
    session
        .declare_subscriber(key(&topic))
        .callback(move |sample| events.note(&topic, &sample.payload().to_bytes()))
        .background()
        .await
        .map_err(|error| error.to_string())?;
    // It ends with the session.
    std::mem::forget(session);
    Ok(())
}

/// The key that up-transport-zenoh publishes to.
fn key(topic: &UUri) -> String {
    let authority = topic.authority_name();
    let [entity, instance] = [topic.uentity_type_id(), topic.uentity_instance_id()];
    let version = topic.uentity_major_version();
    let resource = topic.resource_id();
    format!(
        "up/{authority}/{entity:X}/{instance:X}/{version:X}/{resource:X}/{{}}/{{}}/{{}}/{{}}/{{}}"
    )
}
