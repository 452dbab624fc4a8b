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

//! What vsomeip received → UMessage. Pure functions.

use bytes::Bytes;
use protobuf::MessageField;
use up_rust::{
    UAttributes, UAttributesError, UCode, UMessage, UMessageType, UPayloadFormat, UPriority, UUri,
};
use vsomeip_sys::{Header, MessageType, ReturnCode};

use crate::mapping::message_id::new_id;
use crate::mapping::request_context::RequestContext;
use crate::mapping::return_code::status_of;
use crate::mapping::uri::{uri_of, ServiceInstance};
use crate::mapping::validation::validate;

/// The service instance that a message comes from or goes to.
pub(crate) fn service_of(header: &Header) -> ServiceInstance {
    ServiceInstance { service: header.service(), instance: header.instance() }
}

/// The message for an event that was received. `authority` is where the service is.
// [impl->dsn~someip-publish-in~1]
pub(crate) fn publish(
    header: &Header,
    payload: Bytes,
    authority: &str,
) -> Result<UMessage, UAttributesError> {
    let source = uri_of(authority, service_of(header), header.version(), header.method().0);
    checked(
        UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_PUBLISH.into(),
            priority: UPriority::UPRIORITY_CS1.into(),
            source: MessageField::some(source),
            ..identified()
        },
        payload,
    )
}

/// The message for an event that a listener takes as a notification to the local entity `own`.
// [impl->dsn~someip-notification-in~1]
pub(crate) fn notification(publish: &UMessage, own: &UUri) -> Result<UMessage, UAttributesError> {
    let published = publish.attributes.get_or_default();
    checked(
        UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_NOTIFICATION.into(),
            sink: MessageField::some(own.clone()),
            ..published.clone()
        },
        publish.payload.clone().unwrap_or_default(),
    )
}

/// The resource of a notification's source, where nothing is known but the client.
const UNKNOWN_EVENT: u32 = 0x8000;

/// The message for a request without return to the method 0, which is a notification.
// [impl->dsn~someip-notification-in~1]
pub(crate) fn notification_request(
    header: &Header,
    payload: Bytes,
    sender_authority: &str,
    local_authority: &str,
) -> Result<UMessage, UAttributesError> {
    let source = UUri { resource_id: UNKNOWN_EVENT, ..client_of(header, sender_authority) };
    let sink = uri_of(local_authority, service_of(header), header.version(), 0);
    checked(
        UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_NOTIFICATION.into(),
            priority: UPriority::UPRIORITY_CS1.into(),
            source: MessageField::some(source),
            sink: MessageField::some(sink),
            ..identified()
        },
        payload,
    )
}

/// The one who sent a request, of whom only the client id is on the wire.
fn client_of(header: &Header, authority: &str) -> UUri {
    UUri {
        authority_name: authority.to_owned(),
        ue_id: header.client.into(),
        ue_version_major: header.interface_version.into(),
        resource_id: 0,
        ..Default::default()
    }
}

/// The message for a request that was received. The caller's only identity on the wire is its
/// client id. `ttl` is in milliseconds.
// [impl->dsn~someip-request-in~1]
pub(crate) fn request(
    header: &Header,
    payload: Bytes,
    caller_authority: &str,
    local_authority: &str,
    ttl: u32,
) -> Result<UMessage, UAttributesError> {
    let source = client_of(header, caller_authority);
    let sink = uri_of(local_authority, service_of(header), header.version(), header.method().0);
    checked(
        UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_REQUEST.into(),
            priority: UPriority::UPRIORITY_CS4.into(),
            source: MessageField::some(source),
            sink: MessageField::some(sink),
            ttl: Some(ttl),
            ..identified()
        },
        payload,
    )
}

/// The message for a response to the request of `context`.
// [impl->dsn~someip-response-in~1]
pub(crate) fn response(context: RequestContext, header: &Header, payload: Bytes) -> UMessage {
    let status = match (header.message_type(), header.return_code()) {
        (MessageType::Error, ReturnCode::Ok) => UCode::UNKNOWN,
        (_, return_code) => status_of(return_code),
    };
    response_with_status(context, status, payload)
}

/// A response of our own to a request of ours, for what went wrong on the way. It is valid, as the
/// request was.
pub(crate) fn response_with_status(
    context: RequestContext,
    status: UCode,
    payload: Bytes,
) -> UMessage {
    message(
        UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_RESPONSE.into(),
            priority: context.priority,
            source: MessageField::some(context.addresses.sink.clone()),
            sink: MessageField::some(context.addresses.source.clone()),
            ttl: context.ttl,
            reqid: MessageField::some(context.id),
            commstatus: Some(status.into()),
            ..identified()
        },
        payload,
    )
}

/// SOME/IP carries no message id, no payload format and no priority: each message has the default
/// priority of its type.
// [impl->dsn~up-attributes-priority~1]
fn identified() -> UAttributes {
    UAttributes {
        id: MessageField::some(new_id()),
        payload_format: UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED.into(),
        ..Default::default()
    }
}

// [impl->dsn~utransport-registerlistener-discard-invalid-messages~1]
fn checked(attributes: UAttributes, payload: Bytes) -> Result<UMessage, UAttributesError> {
    validate(&attributes)?;
    Ok(message(attributes, payload))
}

fn message(attributes: UAttributes, payload: Bytes) -> UMessage {
    UMessage {
        attributes: MessageField::some(attributes),
        payload: (!payload.is_empty()).then_some(payload),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use up_rust::{UAttributesValidators, UMessageBuilder};
    use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

    use super::*;
    use crate::mapping::request_context::LastAddresses;
    use crate::testing::uri;

    fn header(message_type: MessageType, method: u16) -> Header {
        let mut header = Header::request(
            message_type,
            ServiceId(0x1234),
            InstanceId(2),
            MethodId(method),
            MajorVersion(3),
            false,
        );
        header.client = 0x0107;
        header.session = 9;
        header
    }

    fn context() -> RequestContext {
        let request = UMessageBuilder::request(uri("//s/21234/3/421"), uri("//c/9/1/0"), 700)
            .with_priority(UPriority::UPRIORITY_CS5)
            .build()
            .unwrap();
        RequestContext::of(request.attributes.unwrap(), &LastAddresses::default())
    }

    /// What up-rust's validators say.
    fn verdict(attributes: &UAttributes) -> Result<(), UAttributesError> {
        UAttributesValidators::get_validator_for_attributes(attributes).validate(attributes)
    }

    // [utest->dsn~someip-publish-in~1]
    // [utest->dsn~up-attributes-priority~1]
    #[test]
    fn an_event_is_a_publish_message_from_its_service() {
        let header = header(MessageType::Notification, 0x8001);
        let message = publish(&header, Bytes::from_static(b"x"), "ecu").unwrap();
        assert!(message.is_publish());
        assert_eq!(message.source_unchecked(), &uri("//ecu/21234/3/8001"));
        assert!(message.sink().is_none());
        assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS1);
        assert_eq!(message.ttl(), None);
        assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
    }

    // [utest->dsn~someip-request-in~1]
    #[test]
    fn a_request_comes_from_its_client_id() {
        let header = header(MessageType::Request, 0x421);
        let message = request(&header, Bytes::new(), "ecu", "here", 1500).unwrap();
        assert!(message.is_request());
        assert_eq!(message.source_unchecked(), &uri("//ecu/107/3/0"));
        assert_eq!(message.sink_unchecked(), &uri("//here/21234/3/421"));
        assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS4);
        assert_eq!(message.ttl(), Some(1500));
        assert_eq!(message.payload, None);
    }

    // [utest->dsn~someip-notification-in~1]
    #[test]
    fn an_event_is_a_notification_to_who_wants_it_so() {
        let header = header(MessageType::Notification, 0x8001);
        let event = publish(&header, Bytes::from_static(b"x"), "ecu").unwrap();
        let message = notification(&event, &uri("//here/9/1/0")).unwrap();
        assert!(message.is_notification());
        assert_eq!(message.source_unchecked(), &uri("//ecu/21234/3/8001"));
        assert_eq!(message.sink_unchecked(), &uri("//here/9/1/0"));
        assert_eq!(message.payload, event.payload);
    }

    // [utest->dsn~someip-notification-in~1]
    #[test]
    fn a_request_without_return_to_method_0_is_a_notification_from_its_client() {
        let header = header(MessageType::RequestNoReturn, 0);
        let message = notification_request(&header, Bytes::new(), "ecu", "here").unwrap();
        assert!(message.is_notification());
        assert_eq!(message.source_unchecked(), &uri("//ecu/107/3/8000"));
        assert_eq!(message.sink_unchecked(), &uri("//here/21234/3/0"));
        assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS1);
    }

    // [utest->dsn~someip-response-in~1]
    #[test]
    fn a_response_carries_what_its_request_had() {
        let header = header(MessageType::Response, 0x421);
        let context = context();
        let message = response(context.clone(), &header, Bytes::new());
        assert!(message.is_response());
        assert_eq!(message.request_id_unchecked(), &context.id);
        assert_eq!(message.source_unchecked(), &uri("//s/21234/3/421"));
        assert_eq!(message.sink_unchecked(), &uri("//c/9/1/0"));
        assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS5);
        assert_eq!(message.ttl(), Some(700));
        assert_eq!(message.commstatus(), Some(UCode::OK));
    }

    // [utest->dsn~someip-response-in~1]
    #[test]
    fn the_return_code_counts_whatever_the_message_type() {
        let mut header = header(MessageType::Response, 0x421);
        header.return_code = ReturnCode::NotReady.into();
        let message = response(context(), &header, Bytes::new());
        assert_eq!(message.commstatus(), Some(UCode::UNAVAILABLE));
        header.message_type = MessageType::Error.into();
        let message = response(context(), &header, Bytes::new());
        assert_eq!(message.commstatus(), Some(UCode::UNAVAILABLE));
    }

    // [utest->dsn~someip-response-in~1]
    #[test]
    fn every_response_is_valid() {
        for return_code in 0..=u8::MAX {
            for message_type in [MessageType::Response, MessageType::Error] {
                let header = Header { return_code, ..header(message_type, 0x421) };
                let message = response(context(), &header, Bytes::new());
                assert!(verdict(&message.attributes).is_ok(), "{message:?}");
            }
        }
    }

    // [utest->dsn~someip-response-in~1]
    #[test]
    fn an_error_is_never_ok() {
        let header = header(MessageType::Error, 0x421);
        let message = response(context(), &header, Bytes::new());
        assert_eq!(message.commstatus(), Some(UCode::UNKNOWN));
    }

    // [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
    #[test]
    fn what_makes_no_valid_message_is_refused() {
        // An event id where a method id belongs, and the other way round.
        assert!(request(&header(MessageType::Request, 0x8001), Bytes::new(), "e", "h", 1).is_err());
        assert!(publish(&header(MessageType::Notification, 0x42), Bytes::new(), "e").is_err());
    }

    // [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
    #[test]
    fn a_message_is_valid_if_and_only_if_the_validators_say_so() {
        let mut headers: Vec<_> =
            (0..=u16::MAX).map(|method| header(MessageType::Request, method)).collect();
        let any_service = Header { service: 0xffff, ..headers[0] };
        let any_instance = Header { instance: 0xffff, ..headers[0] };
        let any_version = Header { interface_version: 0xff, ..headers[0] };
        for special in [any_service, any_instance, any_version] {
            headers.extend([0x0421, 0x8001].map(|method| Header { method, ..special }));
        }
        headers.push(Header { client: 0xffff, method: 0x0421, ..headers[0] });
        let (mut published, mut requested) = (0, 0);
        for header in headers {
            let source = uri_of("ecu", service_of(&header), header.version(), header.method);
            let expected = UAttributes {
                type_: UMessageType::UMESSAGE_TYPE_PUBLISH.into(),
                source: MessageField::some(source.clone()),
                ..identified()
            };
            let event = publish(&header, Bytes::new(), "ecu");
            assert_eq!(event.is_ok(), verdict(&expected).is_ok(), "{header:?}");
            published += u32::from(event.is_ok());
            let expected = UAttributes {
                type_: UMessageType::UMESSAGE_TYPE_REQUEST.into(),
                priority: UPriority::UPRIORITY_CS4.into(),
                source: MessageField::some(client_of(&header, "ecu")),
                sink: MessageField::some(source),
                ttl: Some(1),
                ..identified()
            };
            let call = request(&header, Bytes::new(), "ecu", "ecu", 1);
            assert_eq!(call.is_ok(), verdict(&expected).is_ok(), "{header:?}");
            requested += u32::from(call.is_ok());
        }
        assert_eq!((published, requested), (0x7fff, 0x7fff));
    }
}
