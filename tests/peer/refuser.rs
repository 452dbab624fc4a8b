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

//! A vsomeip application without the transport that refuses all subscriptions.

use std::path::Path;

use up_rust::UUri;
use vsomeip_sys::callback::SubscriptionCallback;
use vsomeip_sys::{
    Error, EventId, EventType, EventgroupId, InstanceId, MajorVersion, MinorVersion, Reliability,
    ServiceId,
};

use crate::plain::Plain;

/// Offers the topic for as long as the result lives. The name of its application is `refuser`.
pub(crate) fn start(config: &Path, topic: &UUri) -> Result<Plain, Error> {
    let number = u16::try_from(topic.resource_id).expect("an event");
    let service = ServiceId(u16::try_from(topic.ue_id).expect("the default instance"));
    let version = MajorVersion(u8::try_from(topic.ue_version_major).expect("a version"));
    let (instance, event, group) = (InstanceId(1), EventId(number), EventgroupId(number));
    let plain = Plain::start("refuser", config)?;
    let nobody = SubscriptionCallback::new(|_, _| false);
    plain.register_subscription_handler(service, instance, group, nobody)?;
    let (kind, reliability) = (EventType::Event, Reliability::Unspecified);
    plain.offer_event(service, instance, event, &[group], kind, reliability)?;
    plain.offer_service(service, instance, version, MinorVersion(0))?;
    Ok(plain)
}
