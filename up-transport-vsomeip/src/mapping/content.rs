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

//! What a received message contains: the bytes behind SOME/IP's header, read by what is agreed upon
//! for its service. Pure.

use std::fmt;

use bytes::Bytes;
use up_rust::{UAttributes, UPayloadFormat, UUri};
use vsomeip_sys::{Header, MessageType, ReturnCode};

use crate::mapping::agreements::Agreement;
use crate::mapping::authorities::Source;
use crate::mapping::trailer::{self, Carried, Unreadable};

/// The payload of a received message, and the attributes that came with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Content {
    pub(crate) payload: Option<Bytes>,
    pub(crate) format: UPayloadFormat,
    pub(crate) carried: Option<Box<UAttributes>>,
}

/// Why a message cannot be read as it was agreed upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disagreement {
    /// It has attributes behind its payload, but nobody has agreed to that.
    Unexpected,
    /// What should be behind its payload cannot be read.
    Unreadable(Unreadable),
    /// It says that the service cannot read them.
    Refused,
}

impl Content {
    /// Copies no byte of the payload.
    ///
    /// # Errors
    ///
    /// Fails if the message is not as agreed upon.
    // [impl->dsn~someip-carried-attributes~1]
    pub(crate) fn read(
        header: &Header,
        bytes: Bytes,
        agreement: Agreement,
    ) -> Result<Self, Disagreement> {
        match agreement {
            Agreement::Format(_) if trailer::is_at_end_of(&bytes) => Err(Disagreement::Unexpected),
            Agreement::Format(format) => Ok(Self::of_format(bytes, format, is_failure(header))),
            Agreement::Attributes => match trailer::split(bytes.clone()) {
                Ok(carried) => Ok(carried.into()),
                // vsomeip itself may have sent it.
                Err(Unreadable::Missing) if is_failure(header) => Self::of_error(header, bytes),
                Err(reason) => Err(Disagreement::Unreadable(reason)),
            },
        }
    }

    /// Zero bytes are a payload where a format is agreed upon, such as a protobuf message with default
    /// values, and none otherwise. A failure without a payload has none in any case.
    // [impl->dsn~someip-payload-format~1]
    fn of_format(bytes: Bytes, format: UPayloadFormat, is_failure: bool) -> Self {
        let is_none = bytes.is_empty()
            && (is_failure || format == UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED);
        match is_none {
            true => Self::default(),
            false => Self { payload: Some(bytes), format, carried: None },
        }
    }

    /// Of an error that carries no attributes where others do.
    fn of_error(header: &Header, bytes: Bytes) -> Result<Self, Disagreement> {
        match header.return_code() {
            ReturnCode::WrongProtocolVersion => Err(Disagreement::Refused),
            _ => Ok(Self::of_format(bytes, UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED, true)),
        }
    }

    /// What is known of the source of the message; without a carried one, it is `otherwise`.
    pub(crate) fn known_source(&self, otherwise: Source) -> Source {
        match self.source().map(|source| source.authority_name.is_empty()) {
            None => otherwise,
            Some(true) => Source::AuthorityAssumed,
            Some(false) => Source::Known,
        }
    }

    pub(crate) fn source(&self) -> Option<&UUri> {
        self.carried.as_ref()?.source.as_ref()
    }

    /// Whether the id of the message was carried.
    pub(crate) fn has_id(&self) -> bool {
        self.carried.as_ref().is_some_and(|carried| carried.id.is_some())
    }

    /// The same of a message that this transport sends itself.
    pub(crate) fn of_own(bytes: Bytes, agreement: Agreement) -> Self {
        match agreement {
            Agreement::Format(format) => Self::of_format(bytes, format, false),
            Agreement::Attributes => trailer::split(bytes).map(Self::from).unwrap_or_default(),
        }
    }
}

impl From<Carried> for Content {
    fn from(Carried { payload, format, attributes }: Carried) -> Self {
        Self { payload, format, carried: Some(Box::new(attributes)) }
    }
}

/// Whether a message tells its receiver that a request has failed.
fn is_failure(header: &Header) -> bool {
    match header.message_type() {
        MessageType::Error => true,
        MessageType::Response => header.return_code() != ReturnCode::Ok,
        _ => false,
    }
}

impl Disagreement {
    /// What the sender of a request is told.
    pub(crate) fn return_code(self) -> ReturnCode {
        match self {
            Self::Unreadable(Unreadable::Malformed(_)) => ReturnCode::MalformedMessage,
            _ => ReturnCode::WrongProtocolVersion,
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected => write!(
                f,
                "it carries attributes behind its payload, which is not agreed upon; set \
                 `carry_attributes` for its service here, or not at its sender"
            ),
            Self::Unreadable(Unreadable::Missing) => write!(
                f,
                "it carries no attributes behind its payload, although that is agreed upon; set \
                 `carry_attributes` for its service at its sender, or not here"
            ),
            Self::Unreadable(reason) => {
                write!(f, "the attributes behind its payload cannot be read: {reason}")
            }
            Self::Refused => write!(
                f,
                "the service cannot read attributes behind the payload, or not those of this version; \
                 set `carry_attributes` there, or not here"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use protobuf::Enum;
    use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

    use super::*;

    fn header(message_type: MessageType, return_code: ReturnCode) -> Header {
        let (service, instance) = (ServiceId(0x1234), InstanceId(1));
        let (method, version) = (MethodId(7), MajorVersion(1));
        let header = Header::request(message_type, service, instance, method, version, false);
        Header { return_code: return_code.into(), ..header }
    }

    /// What a response is, by its return code.
    fn read(
        return_code: ReturnCode,
        bytes: Bytes,
        agreement: Agreement,
    ) -> Result<Content, Disagreement> {
        Content::read(&header(MessageType::Response, return_code), bytes, agreement)
    }

    fn with_trailer() -> Bytes {
        trailer::append(Some(b"x"), &UAttributes::default(), "").unwrap()
    }

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn zero_bytes_are_payload_of_agreed_format() {
        for &format in UPayloadFormat::VALUES {
            let is_agreed = format != UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED;
            let agreement = Agreement::Format(format);
            let expected =
                Content { payload: is_agreed.then(Bytes::new), format, ..Content::default() };
            assert_eq!(Content::of_own(Bytes::new(), agreement), expected);
            for kind in [MessageType::Notification, MessageType::Request, MessageType::Response] {
                let content = Content::read(&header(kind, ReturnCode::Ok), Bytes::new(), agreement);
                assert_eq!(content, Ok(expected.clone()), "{kind:?} {format:?}");
            }
        }
    }

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn failure_without_payload_stays_without() {
        for &format in UPayloadFormat::VALUES {
            let agreement = Agreement::Format(format);
            let content = read(ReturnCode::NotReady, Bytes::new(), agreement);
            assert_eq!(content, Ok(Content::default()));
            let reason = Bytes::from_static(b"x");
            let content = read(ReturnCode::NotReady, reason.clone(), agreement).unwrap();
            assert_eq!((content.payload, content.format), (Some(reason), format));
        }
        let error = header(MessageType::Error, ReturnCode::Ok);
        let agreement = Agreement::Format(UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF);
        assert_eq!(Content::read(&error, Bytes::new(), agreement), Ok(Content::default()));
    }

    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn attributes_are_refused_where_not_agreed_upon() {
        for &format in UPayloadFormat::VALUES {
            let refused = read(ReturnCode::Ok, with_trailer(), Agreement::Format(format));
            assert_eq!(refused, Err(Disagreement::Unexpected));
        }
        let other_version = {
            let mut bytes = trailer::append(None, &UAttributes::default(), "").unwrap().to_vec();
            bytes[0] = 9;
            let checksum = crc32fast::hash(&bytes[..4]).to_be_bytes();
            bytes[4..8].copy_from_slice(&checksum);
            Bytes::from(bytes)
        };
        let none = Agreement::Format(UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED);
        let refused = read(ReturnCode::Ok, other_version.clone(), none).unwrap_err();
        assert_eq!(refused, Disagreement::Unexpected);
        assert!(refused.to_string().contains("`carry_attributes`"));
        let refused = read(ReturnCode::Ok, other_version, Agreement::Attributes).unwrap_err();
        assert_eq!(refused.return_code(), ReturnCode::WrongProtocolVersion);
        assert!(refused.to_string().contains("version 9 "), "{refused}");
    }

    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn payload_without_attributes_is_refused_where_agreed_upon() {
        for bytes in [Bytes::new(), Bytes::from_static(b"just a payload")] {
            let refused = read(ReturnCode::Ok, bytes, Agreement::Attributes).unwrap_err();
            assert_eq!(refused, Disagreement::Unreadable(Unreadable::Missing));
            assert_eq!(refused.return_code(), ReturnCode::WrongProtocolVersion);
            assert!(refused.to_string().contains("`carry_attributes`"), "{refused}");
        }
        let damaged = [b"x", &with_trailer()[1..10], &[0; 20], b"\xf5uPattr\xf5"].concat();
        let refused = read(ReturnCode::Ok, damaged.into(), Agreement::Attributes).unwrap_err();
        assert_eq!(refused.return_code(), ReturnCode::MalformedMessage);
    }

    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn failure_needs_no_attributes() {
        let content = read(ReturnCode::NotReady, Bytes::new(), Agreement::Attributes);
        assert_eq!(content, Ok(Content::default()));
        let reason = Bytes::from_static(b"x");
        let content = read(ReturnCode::NotOk, reason.clone(), Agreement::Attributes);
        assert_eq!(content.unwrap().payload, Some(reason));
        let code = ReturnCode::WrongProtocolVersion;
        let refused = read(code, Bytes::new(), Agreement::Attributes).unwrap_err();
        assert_eq!(refused, Disagreement::Refused);
        assert_eq!(refused.return_code(), code);
        let with_attributes = read(code, with_trailer(), Agreement::Attributes).unwrap();
        assert!(with_attributes.carried.is_some());
    }
}
