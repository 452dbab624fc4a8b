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

use protobuf::MessageField;
use up_rust::{UAttributesValidators, UMessageBuilder, UMessageType, UPayloadFormat};
use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

use super::*;
use crate::mapping::request_context::LastAddresses;
use crate::options::Options;
use crate::testing::uri;

fn inbound() -> Inbound {
    agreed(Authorities::new("here", "ecu"), Options::default())
}

fn agreed(authorities: Authorities, options: Options) -> Inbound {
    let agreements = Agreements::of_options(&options);
    Inbound::new(authorities, agreements, Arc::default(), Duration::from_millis(1_500))
}

fn no_payload() -> Content {
    Content::default()
}

fn payload() -> Content {
    Content { payload: Some(Bytes::from_static(b"x")), ..Content::default() }
}

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

/// The verdict of up-rust's validators.
fn verdict(attributes: &UAttributes) -> Result<(), UAttributesError> {
    UAttributesValidators::get_validator_for_attributes(attributes).validate(attributes)
}

// [utest->dsn~someip-publish-in~1]
// [utest->dsn~up-attributes-priority~1]
#[test]
fn event_becomes_publish_message() {
    let header = header(MessageType::Notification, 0x8001);
    let (message, _) = inbound().publish(&header, payload()).unwrap();
    assert!(message.is_publish());
    assert_eq!(message.source_unchecked(), &uri("//ecu/21234/3/8001"));
    assert!(message.sink().is_none());
    assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS1);
    assert_eq!(message.ttl(), None);
    assert_eq!(message.payload, Some(Bytes::from_static(b"x")));
}

// [utest->dsn~someip-request-in~1]
#[test]
fn request_comes_from_client_id() {
    let header = header(MessageType::Request, 0x421);
    let message = inbound().request(&header, no_payload()).unwrap();
    assert!(message.is_request());
    assert_eq!(message.source_unchecked(), &uri("//ecu/107/3/0"));
    assert_eq!(message.sink_unchecked(), &uri("//here/21234/3/421"));
    assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS4);
    assert_eq!(message.ttl(), Some(1500));
    assert_eq!(message.payload, None);
}

// [utest->dsn~someip-request-in~1]
#[test]
fn client_without_id_is_entity_zero() {
    for client in [0, 0xffff] {
        let header = Header { client, ..header(MessageType::Request, 0x421) };
        let message = inbound().request(&header, Content::default()).unwrap();
        assert_eq!(message.source_unchecked(), &uri("//ecu/0/3/0"));
    }
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn event_becomes_notification_to_sink() {
    let header = header(MessageType::Notification, 0x8001);
    let (event, _) = inbound().publish(&header, payload()).unwrap();
    let message = notification(&event, uri("//here/9/1/0")).unwrap();
    assert!(message.is_notification());
    assert_eq!(message.source_unchecked(), &uri("//ecu/21234/3/8001"));
    assert_eq!(message.sink_unchecked(), &uri("//here/9/1/0"));
    assert_eq!(message.payload, event.payload);
}

// [utest->dsn~someip-notification-in~1]
#[test]
fn request_no_return_becomes_notification() {
    let header = header(MessageType::RequestNoReturn, 0);
    let message = inbound().notification_request(&header, no_payload()).unwrap();
    assert!(message.is_notification());
    assert_eq!(message.source_unchecked(), &uri("//ecu/107/3/8000"));
    assert_eq!(message.sink_unchecked(), &uri("//here/21234/3/0"));
    assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS1);
}

// [utest->dsn~someip-response-in~1]
#[test]
fn response_carries_request_attributes() {
    let header = header(MessageType::Response, 0x421);
    let context = context();
    let message = inbound().response(context.clone(), &header, no_payload());
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
fn return_code_decides_for_any_message_type() {
    let mut header = header(MessageType::Response, 0x421);
    header.return_code = ReturnCode::NotReady.into();
    let message = inbound().response(context(), &header, no_payload());
    assert_eq!(message.commstatus(), Some(UCode::UNAVAILABLE));
    header.message_type = MessageType::Error.into();
    let message = inbound().response(context(), &header, no_payload());
    assert_eq!(message.commstatus(), Some(UCode::UNAVAILABLE));
}

// [utest->dsn~someip-response-in~1]
#[test]
fn every_response_is_valid() {
    for return_code in 0..=u8::MAX {
        for message_type in [MessageType::Response, MessageType::Error] {
            let header = Header { return_code, ..header(message_type, 0x421) };
            let message = inbound().response(context(), &header, no_payload());
            assert!(verdict(&message.attributes).is_ok(), "{message:?}");
        }
    }
}

// [utest->dsn~someip-response-in~1]
#[test]
fn error_is_never_ok() {
    let header = header(MessageType::Error, 0x421);
    let message = inbound().response(context(), &header, no_payload());
    assert_eq!(message.commstatus(), Some(UCode::UNKNOWN));
}

#[test]
fn local_failure_carries_request_attributes() {
    let context = context();
    let status = UStatus::fail_with_code(UCode::DEADLINE_EXCEEDED, "too late");
    let message = failure(context.clone(), &status);
    assert!(message.is_response() && verdict(&message.attributes).is_ok());
    assert_eq!(message.request_id_unchecked(), &context.id);
    assert_eq!(message.source_unchecked(), &uri("//s/21234/3/421"));
    assert_eq!(message.sink_unchecked(), &uri("//c/9/1/0"));
    assert_eq!(message.priority_unchecked(), UPriority::UPRIORITY_CS5);
    assert_eq!(message.ttl(), Some(700));
    assert_eq!(message.commstatus(), Some(UCode::DEADLINE_EXCEEDED));
    assert_eq!(message.extract_protobuf::<UStatus>().unwrap(), status);
}

// [utest->dsn~someip-payload-format~1]
#[test]
fn payload_has_format_of_service() {
    use UPayloadFormat::{UPAYLOAD_FORMAT_PROTOBUF, UPAYLOAD_FORMAT_UNSPECIFIED};
    let mut options = Options::default();
    options.service_formats.insert(0x1234, UPAYLOAD_FORMAT_PROTOBUF);
    let inbound = agreed(Authorities::new("here", "ecu"), options);
    let event = header(MessageType::Notification, 0x8001);
    let call = header(MessageType::Request, 0x421);
    let notice = header(MessageType::RequestNoReturn, 0);
    let response = header(MessageType::Response, 0x421);
    for (service, format) in
        [(0x1234, UPAYLOAD_FORMAT_PROTOBUF), (0x1235, UPAYLOAD_FORMAT_UNSPECIFIED)]
    {
        for bytes in [Bytes::from_static(b"x"), Bytes::new()] {
            let with = |header| {
                let header = Header { service, ..header };
                (header, inbound.content(&header, bytes.clone()).unwrap())
            };
            let [event, call, notice, response] = [event, call, notice, response].map(with);
            let is_payload = !bytes.is_empty() || service == 0x1234;
            for message in [
                inbound.publish(&event.0, event.1).unwrap().0,
                inbound.request(&call.0, call.1).unwrap(),
                inbound.notification_request(&notice.0, notice.1).unwrap(),
                inbound.response(context(), &response.0, response.1),
            ] {
                let actual = message.attributes.payload_format.enum_value();
                assert_eq!(actual, Ok(format), "{message:?}");
                assert_eq!(message.payload, is_payload.then(|| bytes.clone()), "{message:?}");
            }
        }
    }
}

// [utest->dsn~someip-payload-format~1]
#[test]
fn failure_of_zero_bytes_has_no_payload() {
    let options =
        Options { payload_format: UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF, ..Options::default() };
    let inbound = agreed(Authorities::new("here", "ecu"), options);
    let error = header(MessageType::Error, 0x421);
    let not_ok =
        Header { return_code: ReturnCode::NotReady.into(), ..header(MessageType::Response, 0x421) };
    for header in [error, not_ok] {
        let content = inbound.content(&header, Bytes::new()).unwrap();
        let message = inbound.response(context(), &header, content);
        assert_eq!(message.payload, None);
        let format = message.attributes.payload_format.enum_value();
        assert_eq!(format, Ok(UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED));
    }
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn known_source_replaces_assumed_one() {
    let header = header(MessageType::Notification, 0x8001);
    let (event, _) = inbound().publish(&header, payload()).unwrap();
    let message = with_source(event.clone(), uri("//known/21234/3/8001"));
    assert_eq!(message.source_unchecked(), &uri("//known/21234/3/8001"));
    assert_eq!(with_source(message, event.source_unchecked().clone()), event);
}

// [utest->dsn~someip-source-authority~1]
#[test]
fn configured_authority_is_known() {
    let mut authorities = Authorities::new("here", "ecu");
    authorities.insert(ServiceId(0x1234), None, "brakes".to_owned());
    let header = header(MessageType::Notification, 0x8001);
    let configured = agreed(authorities, Options::default());
    for (inbound, authority, expected) in
        [(configured, "brakes", Source::Known), (inbound(), "ecu", Source::AuthorityAssumed)]
    {
        let (event, source) = inbound.publish(&header, no_payload()).unwrap();
        assert_eq!(event.source_unchecked().authority_name, authority);
        assert_eq!(source, expected);
    }
}

// [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
#[test]
fn notification_to_invalid_sink_is_rejected() {
    let header = header(MessageType::Notification, 0x8001);
    let (event, _) = inbound().publish(&header, no_payload()).unwrap();
    assert!(notification(&event, uri("//here/9/1/421")).is_err());
    assert!(notification(&event, uri("//here/FFFF/1/0")).is_err());
}

// [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
#[test]
fn invalid_message_is_rejected() {
    // An event id for a method id, and vice versa.
    assert!(inbound().request(&header(MessageType::Request, 0x8001), no_payload()).is_err());
    assert!(inbound().publish(&header(MessageType::Notification, 0x42), no_payload()).is_err());
}

// [utest->dsn~utransport-registerlistener-discard-invalid-messages~1]
#[test]
fn validity_agrees_with_up_rust() {
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
        let expected = draft(Kind::Publish, priority::CS1, source.clone());
        let event = inbound().publish(&header, no_payload());
        assert_eq!(event.is_ok(), verdict(&expected).is_ok(), "{header:?}");
        published += u32::from(event.is_ok());
        let expected = UAttributes {
            type_: UMessageType::UMESSAGE_TYPE_REQUEST.into(),
            priority: UPriority::UPRIORITY_CS4.into(),
            source: MessageField::some(inbound().sender_of(&header, 0, &no_payload())),
            sink: MessageField::some(source),
            ttl: Some(1),
            id: MessageField::some(new_id()),
            ..Default::default()
        };
        let call = inbound().request(&header, no_payload());
        assert_eq!(call.is_ok(), verdict(&expected).is_ok(), "{header:?}");
        requested += u32::from(call.is_ok());
    }
    // One more: every client becomes an entity.
    assert_eq!((published, requested), (0x7fff, 0x8000));
}
