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

//! UMessages → SOME/IP messages to send. Pure functions.

use bytes::Bytes;
use up_rust::{UAttributes, UMessage, UPayloadFormat, UStatus, UUri};
use vsomeip_sys::{EventId, Header, MajorVersion, MessageType, MethodId, ReturnCode};

use crate::error::invalid_argument;
use crate::mapping::return_code::return_code_of;
use crate::mapping::uri::{resource_of, version_of, ServiceInstance};
use crate::mapping::validation::validate;
use crate::options::NotificationMode;
use crate::uprotocol::{code, format, source_of, Attributes, Kind, MessageParts};

/// An event to notify.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Notification {
    pub(crate) service: ServiceInstance,
    pub(crate) version: MajorVersion,
    pub(crate) event: EventId,
}

/// The type and return code of a response; everything else comes from the request it answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ResponseKind {
    pub(crate) message_type: MessageType,
    pub(crate) return_code: ReturnCode,
}

/// Validates a message and takes it apart.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if the message is not valid.
// [impl->dsn~utransport-send-error-invalid-parameter~1]
pub(crate) fn validated(
    message: UMessage,
) -> Result<(Kind, Box<UAttributes>, Option<Bytes>), UStatus> {
    let (attributes, payload) =
        message.into_parts().ok_or_else(|| invalid_argument("the message has no attributes"))?;
    validate(&attributes).map_err(|error| invalid_argument(error.to_string()))?;
    let kind =
        attributes.kind().ok_or_else(|| invalid_argument("the type of the message is unknown"))?;
    Ok((kind, attributes, payload))
}

/// The service whose id a message has on the wire.
pub(crate) fn wire_service(
    kind: Kind,
    attributes: &UAttributes,
    notifications: NotificationMode,
) -> ServiceInstance {
    let is_for_sink = match kind {
        Kind::Request => true,
        Kind::Notification => notifications != NotificationMode::Event,
        _ => false,
    };
    ServiceInstance::of(match is_for_sink {
        true => attributes.sink_unchecked(),
        false => source_of(attributes),
    })
}

/// The event that a PUBLISH message notifies.
// [impl->dsn~someip-publish-out~1]
pub(crate) fn notification(attributes: &UAttributes) -> Result<Notification, UStatus> {
    notification_of(source_of(attributes))
}

/// The event of a topic.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if the URI is not that of a single event.
pub(crate) fn topic(uri: &UUri) -> Result<Notification, UStatus> {
    uri.verify_event()
        .and_then(|()| uri.verify_no_wildcards())
        .map_err(|error| invalid_argument(format!("cannot publish to {uri}: {error}")))?;
    notification_of(uri)
}

fn notification_of(source: &UUri) -> Result<Notification, UStatus> {
    Ok(Notification {
        service: concrete(ServiceInstance::of(source))?,
        version: version_of(source)?,
        event: EventId(resource_of(source)?),
    })
}

/// The header of the request that a REQUEST message becomes. Its protocol is chosen later.
// [impl->dsn~someip-request-out~1]
pub(crate) fn request(attributes: &UAttributes) -> Result<Header, UStatus> {
    let sink = attributes.sink_unchecked();
    let ServiceInstance { service, instance } = concrete(ServiceInstance::of(sink))?;
    Ok(Header::request(
        MessageType::Request,
        service,
        instance,
        MethodId(resource_of(sink)?),
        version_of(sink)?,
        false,
    ))
}

/// The type and return code of the response that a RESPONSE message becomes. A communication status that
/// is absent or OK is a success.
// [impl->dsn~someip-response-out~1]
pub(crate) fn response(attributes: &UAttributes) -> ResponseKind {
    match attributes.commstatus().unwrap_or(code::OK) {
        code::OK => {
            ResponseKind { message_type: MessageType::Response, return_code: ReturnCode::Ok }
        }
        status => {
            ResponseKind { message_type: MessageType::Error, return_code: return_code_of(status) }
        }
    }
}

/// The header of the request without return that a NOTIFICATION message becomes.
// [impl->dsn~someip-notification-out~1]
pub(crate) fn notification_request(attributes: &UAttributes) -> Result<Header, UStatus> {
    let header = request(attributes)?;
    Ok(Header { message_type: MessageType::RequestNoReturn.into(), ..header })
}

/// Checks that a payload has the format agreed on, since SOME/IP does not carry it. Errors are exempt:
/// up-rust's RPC server sends them in a format of their own.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if it has another format.
// [impl->dsn~someip-payload-format~1]
pub(crate) fn check_format(
    attributes: &UAttributes,
    agreed: UPayloadFormat,
) -> Result<(), UStatus> {
    let format = attributes.format();
    let any = format::UNSPECIFIED;
    let is_error = attributes.commstatus().is_some_and(|status| status != code::OK);
    if is_error || agreed == any || format == any || format == agreed {
        return Ok(());
    }
    Err(invalid_argument(format!(
        "the format of the payload is {format:?}, but {agreed:?} is agreed on; send that, or change \
         `TransportBuilder::payload_format` or `service_payload_format`"
    )))
}

/// Service 0xffff and instance 0xffff are wildcards, not addresses.
fn concrete(service: ServiceInstance) -> Result<ServiceInstance, UStatus> {
    if service.is_concrete() {
        return Ok(service);
    }
    Err(invalid_argument("a message cannot be sent to or from a wildcard entity"))
}

#[cfg(test)]
mod tests {
    use up_rust::{UCode, UMessageBuilder, UUID};
    use vsomeip_sys::{InstanceId, ServiceId};

    use super::*;
    use crate::testing::uri;

    fn attributes(message: UMessage) -> UAttributes {
        message.attributes.unwrap()
    }

    fn response_with(status: Option<UCode>) -> UAttributes {
        let mut builder =
            UMessageBuilder::response(uri("//c/1/1/0"), UUID::build(), uri("//s/2/1/7"));
        if let Some(status) = status {
            builder.with_comm_status(status);
        }
        attributes(builder.build().unwrap())
    }

    // [utest->dsn~someip-publish-out~1]
    #[test]
    fn publish_notifies_event_of_source() {
        let message = UMessageBuilder::publish(uri("//s/21234/3/8001")).build().unwrap();
        let expected = Notification {
            service: ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(2) },
            version: MajorVersion(3),
            event: EventId(0x8001),
        };
        assert_eq!(notification(&attributes(message)), Ok(expected));
    }

    // [utest->dsn~someip-request-out~1]
    #[test]
    fn request_has_ids_of_sink() {
        let message = UMessageBuilder::request(uri("//s/21234/3/421"), uri("//c/9/1/0"), 1000)
            .build()
            .unwrap();
        let header = request(&attributes(message)).unwrap();
        assert_eq!(header.service(), ServiceId(0x1234));
        assert_eq!(header.instance(), InstanceId(2));
        assert_eq!(header.method(), MethodId(0x421));
        assert_eq!(header.version(), MajorVersion(3));
        assert_eq!(header.message_type(), MessageType::Request);
        assert_eq!(header.return_code(), ReturnCode::Ok);
    }

    // [utest->dsn~someip-notification-out~1]
    #[test]
    fn notification_is_request_no_return() {
        let message = UMessageBuilder::notification(uri("//s/1234/1/8001"), uri("//c/25678/4/0"))
            .build()
            .unwrap();
        let header = notification_request(&attributes(message)).unwrap();
        assert_eq!(header.message_type(), MessageType::RequestNoReturn);
        assert_eq!(header.service(), ServiceId(0x5678));
        assert_eq!(header.instance(), InstanceId(2));
        assert_eq!(header.method(), MethodId(0));
        assert_eq!(header.version(), MajorVersion(4));
    }

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn only_agreed_format_is_accepted() {
        use UPayloadFormat::*;
        let with_format = |format| UAttributes {
            payload_format: protobuf::EnumOrUnknown::new(format),
            ..Default::default()
        };
        for (format, agreed, is_sent) in [
            (UPAYLOAD_FORMAT_RAW, UPAYLOAD_FORMAT_UNSPECIFIED, true),
            (UPAYLOAD_FORMAT_UNSPECIFIED, UPAYLOAD_FORMAT_PROTOBUF, true),
            (UPAYLOAD_FORMAT_PROTOBUF, UPAYLOAD_FORMAT_PROTOBUF, true),
            (UPAYLOAD_FORMAT_JSON, UPAYLOAD_FORMAT_PROTOBUF, false),
        ] {
            let result = check_format(&with_format(format), agreed);
            assert_eq!(result.is_ok(), is_sent, "{format:?} {agreed:?}");
        }
    }

    // [utest->dsn~someip-response-out~1]
    #[test]
    fn absent_or_ok_status_is_success() {
        for status in [None, Some(UCode::OK)] {
            let expected =
                ResponseKind { message_type: MessageType::Response, return_code: ReturnCode::Ok };
            assert_eq!(response(&response_with(status)), expected);
        }
    }

    // [utest->dsn~someip-response-out~1]
    #[test]
    fn other_status_is_error() {
        let expected =
            ResponseKind { message_type: MessageType::Error, return_code: ReturnCode::NotReady };
        assert_eq!(response(&response_with(Some(UCode::UNAVAILABLE))), expected);
        let kind = response(&response_with(Some(UCode::PERMISSION_DENIED)));
        assert_eq!(kind.message_type, MessageType::Error);
        assert_eq!(kind.return_code, ReturnCode::NotOk);
    }

    // [utest->dsn~utransport-send-error-invalid-parameter~1]
    #[test]
    fn invalid_message_is_rejected() {
        let mut message = UMessageBuilder::publish(uri("//s/1234/3/8001")).build().unwrap();
        message.attributes.as_mut().unwrap().source.as_mut().unwrap().resource_id = 1;
        assert_eq!(validated(message).unwrap_err().get_code(), UCode::INVALID_ARGUMENT);
        assert_eq!(validated(UMessage::default()).unwrap_err().get_code(), UCode::INVALID_ARGUMENT);
    }

    #[test]
    fn wildcard_is_not_an_address() {
        for source in ["//s/FFFF/1/8001", "//s/FFFF1234/1/8001"] {
            let source = protobuf::MessageField::some(uri(source));
            let attributes = UAttributes { source, ..Default::default() };
            let status = notification(&attributes).unwrap_err();
            assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT);
        }
    }
}
