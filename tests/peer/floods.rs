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

//! Many messages to absent services, many filters, and messages without return.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use up_rust::{UCode, UListener, UMessageBuilder, UStatus, UTransport, UUri, UUID};
use up_transport_vsomeip::UPTransportVsomeip;
use vsomeip_sys::callback::AvailabilityCallback;
use vsomeip_sys::{
    Header, InstanceId, MajorVersion, MessageType, MethodId, MinorVersion, ServiceId,
};

use crate::calls::numbered;
use crate::events::publish;
use crate::plain::Plain;

/// So many methods of one service, from `first` on.
pub(crate) fn methods(first: UUri, count: u32) -> impl Iterator<Item = UUri> {
    (0..count).map(move |n| UUri { resource_id: first.resource_id + n, ..first.clone() })
}

/// The same resource of so many services, from that of `first` on.
pub(crate) fn services(first: UUri, count: u32) -> impl Iterator<Item = UUri> {
    (0..count).map(move |n| UUri { ue_id: first.ue_id + n, ..first.clone() })
}

/// Sends a notification to each of the sinks. Not more than `window` wait for their services.
pub(crate) async fn notify_each(
    transport: &UPTransportVsomeip,
    origin: &UUri,
    sinks: impl Iterator<Item = UUri>,
    window: usize,
    ttl: u32,
) -> Result<(), UStatus> {
    for sink in sinks {
        while transport.metrics().waiting.for_services >= window {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut notification = UMessageBuilder::notification(origin.clone(), sink);
        let notification = notification.with_ttl(ttl).build().expect("a valid notification");
        transport.send(notification).await?;
    }
    Ok(())
}

/// Publishes once to each of the topics.
pub(crate) async fn publish_each(
    transport: &dyn UTransport,
    topics: impl Iterator<Item = UUri> + Send,
) -> Result<String, UStatus> {
    let (mut accepted, mut refused) = (0, 0);
    for topic in topics {
        match publish(transport, topic, 1, 1).await {
            Ok(()) => accepted += 1,
            Err(status) if status.get_code() == UCode::RESOURCE_EXHAUSTED => refused += 1,
            Err(status) => return Err(status),
        }
    }
    Ok(format!("accepted {accepted} refused {refused}"))
}

/// Sends responses to requests that nobody has sent, each from another method.
pub(crate) async fn respond_to_nobody(
    transport: &dyn UTransport,
    methods: impl Iterator<Item = UUri> + Send,
    nobody: &UUri,
) -> Result<String, UStatus> {
    let (mut accepted, mut refused) = (0, 0);
    for method in methods {
        let response = UMessageBuilder::response(nobody.clone(), UUID::build(), method).build();
        match transport.send(response.expect("a valid response")).await {
            Ok(()) => accepted += 1,
            Err(status) if status.get_code() == UCode::NOT_FOUND => refused += 1,
            Err(status) => return Err(status),
        }
    }
    Ok(format!("accepted {accepted} refused {refused}"))
}

/// Registers and unregisters a listener for the events, notifications and responses of each of the
/// services, and for as many methods of the own entity.
pub(crate) async fn pass_filters(
    transport: &dyn UTransport,
    services: impl Iterator<Item = UUri> + Send,
    own: &UUri,
    listener: Arc<dyn UListener>,
) -> Result<(), UStatus> {
    for service in services {
        let resource = |resource_id| UUri { resource_id, ..service.clone() };
        let method = UUri { resource_id: 1 + service.ue_id % 0x7fff, ..own.clone() };
        let filters = [
            (resource(0x8001), None),
            (UUri { ue_version_major: 0xff, ..resource(0xffff) }, None),
            (resource(0x8002), Some(own.clone())),
            (resource(0x0421), Some(own.clone())),
            (UUri::any_with_resource_id(0), Some(method)),
        ];
        for (source, sink) in &filters {
            transport.register_listener(source, sink.as_ref(), listener.clone()).await?;
        }
        for (source, sink) in &filters {
            transport.unregister_listener(source, sink.as_ref(), listener.clone()).await?;
        }
    }
    Ok(())
}

/// Sends numbered requests, and leaves the responses to others.
pub(crate) async fn request_only(
    transport: &dyn UTransport,
    method: &UUri,
    own: &UUri,
    count: u64,
    ttl: u32,
) -> Result<(), UStatus> {
    for number in 1..=count {
        transport.send(numbered(method.clone(), own, number, ttl)).await?;
    }
    Ok(())
}

/// Sends numbered requests without return to a method, which no transport does. The result must live
/// until they have arrived.
pub(crate) async fn request_no_return(
    config: &Path,
    method: &UUri,
    count: u64,
) -> Result<Plain, Box<dyn Error>> {
    let service = ServiceId(u16::try_from(method.ue_id)?);
    let version = MajorVersion(u8::try_from(method.ue_version_major)?);
    let (instance, method) = (InstanceId(1), MethodId(u16::try_from(method.resource_id)?));
    let plain = Plain::start("plain", config)?;
    let is_available = watch::Sender::new(false);
    let mut available = is_available.subscribe();
    let callback = AvailabilityCallback::new(move |_, _, version| {
        is_available.send_replace(version.is_some());
    });
    plain.register_availability_handler(service, instance, version, callback)?;
    plain.request_service(service, instance, version, MinorVersion::ANY)?;
    available.wait_for(|is_available| *is_available).await?;
    let kind = MessageType::RequestNoReturn;
    let header = Header::request(kind, service, instance, method, version, false);
    for number in 1..=count {
        plain.send_request(&header, &number.to_be_bytes())?;
    }
    Ok(plain)
}
