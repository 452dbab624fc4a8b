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

//! The content of a received message: its bytes after the SOME/IP header, read as agreed for its
//! service. Pure.

use std::fmt;

use bytes::Bytes;
use up_rust::{UPayloadFormat, UUri};
use vsomeip_sys::{Header, MessageType, ReturnCode};

use crate::mapping::agreements::Agreement;
use crate::mapping::authorities::Source;
use crate::mapping::trailer::{self, Carried, Unreadable};
use crate::uprotocol::{format, Attributes, Draft, UriParts};

/// The payload of a received message, and the attributes that came with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Content {
    pub(crate) payload: Option<Bytes>,
    pub(crate) format: UPayloadFormat,
    pub(crate) carried: Option<Box<Draft>>,
}

/// Why a message does not match what was agreed for its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// It carries attributes, which was not agreed.
    Unexpected,
    /// Its attributes are missing or cannot be read.
    Unreadable(Unreadable),
    /// It is the error by which the service rejects carried attributes.
    Refused,
}

impl Content {
    /// Does not copy the payload.
    ///
    /// # Errors
    ///
    /// Fails if the message does not match the agreement.
    // [impl->dsn~someip-carried-attributes~1]
    pub(crate) fn read(
        header: &Header,
        bytes: Bytes,
        agreement: Agreement,
    ) -> Result<Self, Mismatch> {
        match agreement {
            Agreement::Format(_) if trailer::is_at_end_of(&bytes) => Err(Mismatch::Unexpected),
            Agreement::Format(format) => Ok(Self::of_format(bytes, format, is_failure(header))),
            Agreement::Attributes => match trailer::split(bytes.clone()) {
                Ok(carried) => Ok(carried.into()),
                // vsomeip sends errors of its own.
                Err(Unreadable::Missing) if is_failure(header) => Self::of_error(header, bytes),
                Err(reason) => Err(Mismatch::Unreadable(reason)),
            },
        }
    }

    /// Zero bytes are a payload if a format is agreed on (a protobuf message of default values encodes
    /// to nothing), else no payload. A failure of zero bytes never has a payload.
    // [impl->dsn~someip-payload-format~1]
    fn of_format(bytes: Bytes, format: UPayloadFormat, is_failure: bool) -> Self {
        let is_none = bytes.is_empty() && (is_failure || format == format::UNSPECIFIED);
        match is_none {
            true => Self::default(),
            false => Self { payload: Some(bytes), format, carried: None },
        }
    }

    /// The content of an error without attributes, where messages carry them.
    fn of_error(header: &Header, bytes: Bytes) -> Result<Self, Mismatch> {
        match header.return_code() {
            ReturnCode::WrongProtocolVersion => Err(Mismatch::Refused),
            _ => Ok(Self::of_format(bytes, format::UNSPECIFIED, true)),
        }
    }

    /// How much is known about the source; `otherwise` if the message carries none.
    pub(crate) fn known_source(&self, otherwise: Source) -> Source {
        match self.source().map(|source| source.authority().is_empty()) {
            None => otherwise,
            Some(true) => Source::AuthorityAssumed,
            Some(false) => Source::Known,
        }
    }

    pub(crate) fn source(&self) -> Option<&UUri> {
        self.carried.as_ref()?.origin()
    }

    /// Whether the message carries its id.
    pub(crate) fn has_id(&self) -> bool {
        self.carried.as_ref().is_some_and(|carried| carried.message_id().is_some())
    }

    /// The content of a message that this transport sends.
    pub(crate) fn of_sent(bytes: Bytes, agreement: Agreement) -> Self {
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

/// Whether a message reports the failure of a request.
fn is_failure(header: &Header) -> bool {
    match header.message_type() {
        MessageType::Error => true,
        MessageType::Response => header.return_code() != ReturnCode::Ok,
        _ => false,
    }
}

impl Mismatch {
    /// The return code that rejects a request.
    pub(crate) fn return_code(self) -> ReturnCode {
        match self {
            Self::Unreadable(Unreadable::Malformed(_)) => ReturnCode::MalformedMessage,
            _ => ReturnCode::WrongProtocolVersion,
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected => write!(
                f,
                "it carries attributes after its payload, which are not expected; set \
                 `carry_attributes` for its service here, or remove it at the sender"
            ),
            Self::Unreadable(Unreadable::Missing) => write!(
                f,
                "it carries no attributes after its payload, although they are expected; set \
                 `carry_attributes` for its service at the sender, or remove it here"
            ),
            Self::Unreadable(reason) => {
                write!(f, "the attributes after its payload cannot be read: {reason}")
            }
            Self::Refused => write!(
                f,
                "the service cannot read attributes after the payload, or not in this version of the \
                 format; set `carry_attributes` there, or remove it here"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use protobuf::Enum;
    use up_rust::UAttributes;
    use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

    use super::*;

    fn header(message_type: MessageType, return_code: ReturnCode) -> Header {
        let (service, instance) = (ServiceId(0x1234), InstanceId(1));
        let (method, version) = (MethodId(7), MajorVersion(1));
        let header = Header::request(message_type, service, instance, method, version, false);
        Header { return_code: return_code.into(), ..header }
    }

    /// Reads a response with the given return code.
    fn read(
        return_code: ReturnCode,
        bytes: Bytes,
        agreement: Agreement,
    ) -> Result<Content, Mismatch> {
        Content::read(&header(MessageType::Response, return_code), bytes, agreement)
    }

    fn with_trailer() -> Bytes {
        trailer::append(Some(b"x"), &UAttributes::default(), "").unwrap()
    }

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn zero_bytes_are_payload_if_format_is_agreed() {
        for &format in UPayloadFormat::VALUES {
            let is_agreed = format != UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED;
            let agreement = Agreement::Format(format);
            let expected =
                Content { payload: is_agreed.then(Bytes::new), format, ..Content::default() };
            assert_eq!(Content::of_sent(Bytes::new(), agreement), expected);
            for kind in [MessageType::Notification, MessageType::Request, MessageType::Response] {
                let content = Content::read(&header(kind, ReturnCode::Ok), Bytes::new(), agreement);
                assert_eq!(content, Ok(expected.clone()), "{kind:?} {format:?}");
            }
        }
    }

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn failure_of_zero_bytes_has_no_payload() {
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
    fn unexpected_attributes_are_rejected() {
        for &format in UPayloadFormat::VALUES {
            let refused = read(ReturnCode::Ok, with_trailer(), Agreement::Format(format));
            assert_eq!(refused, Err(Mismatch::Unexpected));
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
        assert_eq!(refused, Mismatch::Unexpected);
        assert!(refused.to_string().contains("`carry_attributes`"));
        let refused = read(ReturnCode::Ok, other_version, Agreement::Attributes).unwrap_err();
        assert_eq!(refused.return_code(), ReturnCode::WrongProtocolVersion);
        assert!(refused.to_string().contains("version 9 "), "{refused}");
    }

    // [utest->dsn~someip-carried-attributes~1]
    #[test]
    fn missing_attributes_are_rejected() {
        for bytes in [Bytes::new(), Bytes::from_static(b"just a payload")] {
            let refused = read(ReturnCode::Ok, bytes, Agreement::Attributes).unwrap_err();
            assert_eq!(refused, Mismatch::Unreadable(Unreadable::Missing));
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
        assert_eq!(refused, Mismatch::Refused);
        assert_eq!(refused.return_code(), code);
        let with_attributes = read(code, with_trailer(), Agreement::Attributes).unwrap();
        assert!(with_attributes.carried.is_some());
    }
}
