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

//! Received SOME/IP messages → UMessages. Pure functions.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use protobuf::{Message, MessageField};
use up_rust::{
    UAttributes, UAttributesError, UCode, UMessage, UMessageType, UPayloadFormat, UPriority,
    UStatus, UUri,
};
use vsomeip_sys::{Header, MessageType, ReturnCode};

use crate::mapping::agreements::{Agreement, Agreements};
use crate::mapping::authorities::{Authorities, Source};
use crate::mapping::content::{Content, Mismatch};
use crate::mapping::message_id::new_id;
use crate::mapping::protection::Protection;
use crate::mapping::request_context::RequestContext;
use crate::mapping::return_code::status_of;
use crate::mapping::trailer;
use crate::mapping::uri::{service_of, uri_of};
use crate::mapping::validation::validate;

/// Completes received messages with what SOME/IP does not carry.
#[derive(Debug)]
pub(crate) struct Inbound {
    authorities: Authorities,
    agreements: Agreements,
    protection: Arc<Protection>,
    /// The time to live of received requests, in milliseconds.
    request_ttl: u32,
}

impl Inbound {
    pub(crate) fn new(
        authorities: Authorities,
        agreements: Agreements,
        protection: Arc<Protection>,
        request_ttl: Duration,
    ) -> Self {
        let request_ttl = u32::try_from(request_ttl.as_millis()).unwrap_or(u32::MAX);
        Self { authorities, agreements, protection, request_ttl }
    }

    /// Reads the content of a message.
    ///
    /// # Errors
    ///
    /// Fails if it does not match what was agreed for its service.
    pub(crate) fn content(&self, header: &Header, bytes: Bytes) -> Result<Content, Mismatch> {
        Content::read(header, bytes, self.agreements.of(service_of(header)))
    }

    /// The bytes of the error that rejects a mismatched request. It carries attributes where those are
    /// agreed, which tells a caller that knows nothing of them why it was rejected.
    pub(crate) fn refusal(&self, request: &Header, code: ReturnCode) -> Bytes {
        match self.agreements.of(service_of(request)) {
            Agreement::Format(_) => Bytes::new(),
            Agreement::Attributes => {
                let commstatus = Some(status_of(code).into());
                let attributes = UAttributes { commstatus, ..identified() };
                let room = self.protection.room(request.service(), request.method().0);
                let room = (room > 0).then(|| vec![0; room]);
                trailer::append(room.as_deref(), &attributes, "").unwrap_or_default()
            }
        }
    }

    /// The message for a received event, and how much is known about its source.
    // [impl->dsn~someip-publish-in~1]
    pub(crate) fn publish(
        &self,
        header: &Header,
        content: Content,
    ) -> Result<(UMessage, Source), UAttributesError> {
        let carried = content.source().map(|source| source.authority_name.as_str());
        let (authority, known) = match carried.filter(|authority| !authority.is_empty()) {
            Some(authority) => (authority, Source::Known),
            None => self.authorities.of(service_of(header)),
        };
        let source = uri_of(authority, service_of(header), header.version(), header.method().0);
        let attributes = UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_PUBLISH.into(),
            priority: UPriority::UPRIORITY_CS1.into(),
            source: MessageField::some(source),
            ..identified()
        };
        Ok((checked(attributes, content)?, known))
    }

    /// The message for a request without return to method 0, which is a notification.
    // [impl->dsn~someip-notification-in~1]
    pub(crate) fn notification_request(
        &self,
        header: &Header,
        content: Content,
    ) -> Result<UMessage, UAttributesError> {
        let source = self.sender_of(header, UNKNOWN_EVENT, &content);
        let attributes = UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_NOTIFICATION.into(),
            priority: UPriority::UPRIORITY_CS1.into(),
            source: MessageField::some(source),
            sink: MessageField::some(self.local_resource(header, 0)),
            ..identified()
        };
        checked(attributes, content)
    }

    /// The message for a received request. On the wire, a caller is identified by its client id alone.
    // [impl->dsn~someip-request-in~1]
    pub(crate) fn request(
        &self,
        header: &Header,
        content: Content,
    ) -> Result<UMessage, UAttributesError> {
        let attributes = UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_REQUEST.into(),
            priority: UPriority::UPRIORITY_CS4.into(),
            source: MessageField::some(self.sender_of(header, 0, &content)),
            sink: MessageField::some(self.local_resource(header, header.method().0)),
            ttl: Some(self.request_ttl),
            ..identified()
        };
        checked(attributes, content)
    }

    /// The message for a response to the request of `context`.
    // [impl->dsn~someip-response-in~1]
    pub(crate) fn response(
        &self,
        context: RequestContext,
        header: &Header,
        content: Content,
    ) -> UMessage {
        let status = match (header.message_type(), header.return_code()) {
            (MessageType::Error, ReturnCode::Ok) => UCode::UNKNOWN,
            (_, return_code) => status_of(return_code),
        };
        let carried = content.carried.as_ref().and_then(|carried| carried.commstatus());
        let status = match (status, carried) {
            (UCode::OK, _) | (_, None | Some(UCode::OK)) => status,
            (_, Some(carried)) => carried,
        };
        message(response_attributes(context, status), content)
    }

    /// The sender of a request: as carried, else `resource` of the client in the SOME/IP header. Client
    /// 0xffff would be the wildcard, so it becomes entity 0, like a client without an id.
    fn sender_of(&self, header: &Header, resource: u32, content: &Content) -> UUri {
        let client = if header.client == WILDCARD_ENTITY { 0 } else { header.client };
        let remote = &self.authorities.remote;
        match content.source() {
            None => UUri {
                authority_name: remote.clone(),
                ue_id: client.into(),
                ue_version_major: header.interface_version.into(),
                resource_id: resource,
                ..Default::default()
            },
            Some(source) if source.authority_name.is_empty() => {
                UUri { authority_name: remote.clone(), ..source.clone() }
            }
            Some(source) => source.clone(),
        }
    }

    /// A resource of the local service that a message is addressed to.
    fn local_resource(&self, header: &Header, resource: u16) -> UUri {
        uri_of(&self.authorities.local, service_of(header), header.version(), resource)
    }
}

// [impl->dsn~utransport-registerlistener-discard-invalid-messages~1]
fn checked(attributes: UAttributes, content: Content) -> Result<UMessage, UAttributesError> {
    let message = message(attributes, content);
    validate(message.attributes.get_or_default())?;
    Ok(message)
}

// [impl->dsn~someip-payload-format~1]
fn message(mut attributes: UAttributes, content: Content) -> UMessage {
    let Content { payload, format, carried } = content;
    attributes.payload_format = format.into();
    if let Some(carried) = carried {
        complete(&mut attributes, *carried);
    }
    UMessage { attributes: MessageField::some(attributes), payload, ..Default::default() }
}

/// Completes attributes with the carried ones. A response keeps the priority and the time to live of its
/// request.
// [impl->dsn~someip-carried-attributes~1]
fn complete(attributes: &mut UAttributes, carried: UAttributes) {
    let UAttributes { id, priority, ttl, permission_level, traceparent, token, .. } = carried;
    if id.is_some() {
        attributes.id = id;
    }
    attributes.permission_level = permission_level;
    attributes.traceparent = traceparent;
    attributes.token = token;
    if attributes.type_ == UMessageType::UMESSAGE_TYPE_RESPONSE.into() {
        return;
    }
    if priority != UPriority::UPRIORITY_UNSPECIFIED.into() {
        attributes.priority = priority;
    }
    attributes.ttl = ttl.or(attributes.ttl);
}

/// The notification to `sink` that an event is delivered as.
///
/// # Errors
///
/// Fails if `sink` is not valid.
// [impl->dsn~someip-notification-in~1]
pub(crate) fn notification(event: &UMessage, sink: UUri) -> Result<UMessage, UAttributesError> {
    let attributes = UAttributes {
        type_: UMessageType::UMESSAGE_TYPE_NOTIFICATION.into(),
        sink: MessageField::some(sink),
        ..event.attributes.get_or_default().clone()
    };
    validate(&attributes)?;
    Ok(UMessage { attributes: MessageField::some(attributes), ..event.clone() })
}

/// The message that local listeners get of an event that this transport publishes: as sent, from
/// `source`, but without what remote listeners do not get either.
// [impl->dsn~someip-publish-in~1]
pub(crate) fn local_event(sent: &UAttributes, content: Content, source: UUri) -> UMessage {
    let mut attributes = sent.clone();
    attributes.type_ = UMessageType::UMESSAGE_TYPE_PUBLISH.into();
    attributes.source = MessageField::some(source);
    attributes.sink = MessageField::none();
    let Content { payload, format, carried } = content;
    if carried.is_none() {
        // Remote listeners get none.
        attributes.ttl = None;
    }
    let is_agreed = format != UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED;
    if is_agreed || payload.is_none() {
        attributes.payload_format = format.into();
    }
    UMessage { attributes: MessageField::some(attributes), payload, ..Default::default() }
}

/// The event kept as the value of a field, which never expires.
pub(crate) fn lasting(event: &UMessage) -> UMessage {
    let mut event = event.clone();
    if let Some(attributes) = event.attributes.as_mut() {
        attributes.ttl = None;
    }
    event
}

/// The same message from another source.
// [impl->dsn~someip-source-authority~1]
pub(crate) fn with_source(mut message: UMessage, source: UUri) -> UMessage {
    if let Some(attributes) = message.attributes.as_mut() {
        attributes.source = MessageField::some(source);
    }
    message
}

/// The response that this transport itself gives to a request that failed on the way. Its payload is a
/// `UStatus`, as from up-rust's RPC server. It is valid because the request was.
pub(crate) fn failure(context: RequestContext, status: &UStatus) -> UMessage {
    let attributes = UAttributes {
        payload_format: UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF.into(),
        ..response_attributes(context, status.get_code())
    };
    // Only the details of a status can fail to be written, and this one has none.
    let payload = status.write_to_bytes().ok().map(Bytes::from);
    UMessage { attributes: MessageField::some(attributes), payload, ..Default::default() }
}

fn response_attributes(context: RequestContext, status: UCode) -> UAttributes {
    UAttributes {
        type_: UMessageType::UMESSAGE_TYPE_RESPONSE.into(),
        priority: context.priority,
        source: MessageField::some(context.addresses.sink.clone()),
        sink: MessageField::some(context.addresses.source.clone()),
        ttl: context.ttl,
        reqid: MessageField::some(context.id),
        commstatus: Some(status.into()),
        ..identified()
    }
}

const WILDCARD_ENTITY: u16 = 0xffff;

/// The resource of a notification's source if only the client is known.
const UNKNOWN_EVENT: u32 = 0x8000;

/// Attributes with a new id, which SOME/IP does not carry.
// [impl->dsn~up-attributes-priority~1]
fn identified() -> UAttributes {
    UAttributes {
        id: MessageField::some(new_id()),
        payload_format: UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED.into(),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests;
