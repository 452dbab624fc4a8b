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
use up_rust::{UAttributes, UAttributesError, UCode, UMessage, UPriority, UStatus, UUri};
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
use crate::uprotocol::{
    code, encoded, format, priority, Attributes, Draft, Drafting, Kind, MessageParts, UriParts,
};

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
                let mut attributes = Draft::default();
                attributes.put_id(new_id());
                attributes.put_status(status_of(code));
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
        let carried = content.source().map(|source| source.authority());
        let (authority, known) = match carried.filter(|authority| !authority.is_empty()) {
            Some(authority) => (authority, Source::Known),
            None => self.authorities.of(service_of(header)),
        };
        let source = uri_of(authority, service_of(header), header.version(), header.method().0);
        let attributes = draft(Kind::Publish, priority::CS1, source);
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
        let mut attributes = draft(Kind::Notification, priority::CS1, source);
        attributes.put_sink(Some(self.local_resource(header, 0)));
        checked(attributes, content)
    }

    /// The message for a received request. On the wire, a caller is identified by its client id alone.
    // [impl->dsn~someip-request-in~1]
    pub(crate) fn request(
        &self,
        header: &Header,
        content: Content,
    ) -> Result<UMessage, UAttributesError> {
        let source = self.sender_of(header, 0, &content);
        let mut attributes = draft(Kind::Request, priority::CS4, source);
        attributes.put_sink(Some(self.local_resource(header, header.method().0)));
        attributes.put_ttl(Some(self.request_ttl));
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
            (MessageType::Error, ReturnCode::Ok) => code::UNKNOWN,
            (_, return_code) => status_of(return_code),
        };
        let carried = content.carried.as_ref().and_then(|carried| carried.commstatus());
        let status = match (status, carried) {
            (code::OK, _) | (_, None | Some(code::OK)) => status,
            (_, Some(carried)) => carried,
        };
        message(response_attributes(context, status), content)
    }

    /// The sender of a request: as carried, else `resource` of the client in the SOME/IP header. Client
    /// 0xffff would be the wildcard, so it becomes entity 0, like a client without an id.
    fn sender_of(&self, header: &Header, resource: u16, content: &Content) -> UUri {
        let client = if header.client == WILDCARD_ENTITY { 0 } else { header.client };
        let remote = &self.authorities.remote;
        match content.source() {
            None => UUri::of_parts(remote, client.into(), header.interface_version, resource),
            Some(source) if source.authority().is_empty() => {
                let mut source = source.clone();
                source.set_authority(remote);
                source
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
fn checked(attributes: Draft, content: Content) -> Result<UMessage, UAttributesError> {
    let message = message(attributes, content);
    validate(message.all_attributes())?;
    Ok(message)
}

// [impl->dsn~someip-payload-format~1]
fn message(mut attributes: Draft, content: Content) -> UMessage {
    let Content { payload, format, carried } = content;
    attributes.put_format(format);
    if let Some(carried) = carried {
        complete(&mut attributes, *carried);
    }
    attributes.into_message(payload)
}

/// Completes attributes with the carried ones. A response keeps the priority and the time to live of its
/// request.
// [impl->dsn~someip-carried-attributes~1]
fn complete(attributes: &mut Draft, carried: Draft) {
    let (priority, ttl) = (carried.own_priority(), carried.ttl());
    attributes.adopt(carried);
    if attributes.kind() == Some(Kind::Response) {
        return;
    }
    if let Some(priority) = priority {
        attributes.put_priority(priority);
    }
    attributes.put_ttl(ttl.or(attributes.ttl()));
}

/// The notification to `sink` that an event is delivered as.
///
/// # Errors
///
/// Fails if `sink` is not valid.
// [impl->dsn~someip-notification-in~1]
pub(crate) fn notification(event: &UMessage, sink: UUri) -> Result<UMessage, UAttributesError> {
    let mut attributes = Draft::copy_of(event.all_attributes());
    attributes.put_kind(Kind::Notification);
    attributes.put_sink(Some(sink));
    let notification = attributes.into_message(event.payload_bytes());
    validate(notification.all_attributes())?;
    Ok(notification)
}

/// The message that local listeners get of an event that this transport publishes: as sent, from
/// `source`, but without what remote listeners do not get either.
// [impl->dsn~someip-publish-in~1]
pub(crate) fn local_event(sent: &UAttributes, content: Content, source: UUri) -> UMessage {
    let mut attributes = Draft::copy_of(sent);
    attributes.put_kind(Kind::Publish);
    attributes.put_source(source);
    attributes.put_sink(None);
    let Content { payload, format, carried } = content;
    if carried.is_none() {
        // Remote listeners get none.
        attributes.put_ttl(None);
    }
    if format != format::UNSPECIFIED || payload.is_none() {
        attributes.put_format(format);
    }
    attributes.into_message(payload)
}

/// The event kept as the value of a field, which never expires.
pub(crate) fn lasting(event: &UMessage) -> UMessage {
    let mut event = event.clone();
    event.forget_ttl();
    event
}

/// The same message from another source.
// [impl->dsn~someip-source-authority~1]
pub(crate) fn with_source(mut message: UMessage, source: UUri) -> UMessage {
    message.change_source(source);
    message
}

/// The response that this transport itself gives to a request that failed on the way. Its payload is a
/// `UStatus`, as from up-rust's RPC server. It is valid because the request was.
pub(crate) fn failure(context: RequestContext, status: &UStatus) -> UMessage {
    let mut attributes = response_attributes(context, status.get_code());
    attributes.put_format(format::PROTOBUF);
    // Only the details of a status can fail to be written, and this one has none.
    attributes.into_message(encoded(status))
}

fn response_attributes(context: RequestContext, status: UCode) -> Draft {
    let source = context.addresses.sink.clone();
    let mut attributes = draft(Kind::Response, context.priority.unwrap_or(priority::CS4), source);
    attributes.put_sink(Some(context.addresses.source.clone()));
    attributes.put_ttl(context.ttl);
    attributes.put_request(context.id);
    attributes.put_status(status);
    attributes
}

const WILDCARD_ENTITY: u16 = 0xffff;

/// The resource of a notification's source if only the client is known.
const UNKNOWN_EVENT: u16 = 0x8000;

/// Attributes with a new id, which SOME/IP does not carry.
// [impl->dsn~up-attributes-priority~1]
fn draft(kind: Kind, priority: UPriority, source: UUri) -> Draft {
    let mut draft = Draft::draft(kind, new_id(), source);
    draft.put_priority(priority);
    draft
}

#[cfg(test)]
mod tests;
