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

//! How up-rust represents messages, their attributes, URIs and ids: the only module that touches
//! protobuf structs, their fields and the names of enum variants. An upgrade of up-rust changes this
//! module; `scripts/check-seam` keeps it so. Uses no other module.

mod addresses;
mod attributes;
mod drafts;
mod messages;

use bytes::Bytes;
use protobuf::{Enum, Message};
use up_rust::{UMessageType, UStatus, UUri};

pub(crate) use addresses::{Id, UriParts};
pub(crate) use attributes::{id_of, source_of, Attributes};
pub(crate) use drafts::{Draft, Drafting};
pub(crate) use messages::{MessageParts, RequestParts};

/// The status codes that this crate uses.
pub(crate) mod code {
    use up_rust::UCode;

    pub(crate) const OK: UCode = UCode::OK;
    pub(crate) const UNKNOWN: UCode = UCode::UNKNOWN;
    pub(crate) const INVALID_ARGUMENT: UCode = UCode::INVALID_ARGUMENT;
    pub(crate) const DEADLINE_EXCEEDED: UCode = UCode::DEADLINE_EXCEEDED;
    pub(crate) const NOT_FOUND: UCode = UCode::NOT_FOUND;
    pub(crate) const ALREADY_EXISTS: UCode = UCode::ALREADY_EXISTS;
    pub(crate) const PERMISSION_DENIED: UCode = UCode::PERMISSION_DENIED;
    pub(crate) const RESOURCE_EXHAUSTED: UCode = UCode::RESOURCE_EXHAUSTED;
    pub(crate) const FAILED_PRECONDITION: UCode = UCode::FAILED_PRECONDITION;
    pub(crate) const ABORTED: UCode = UCode::ABORTED;
    pub(crate) const UNIMPLEMENTED: UCode = UCode::UNIMPLEMENTED;
    pub(crate) const INTERNAL: UCode = UCode::INTERNAL;
    pub(crate) const UNAVAILABLE: UCode = UCode::UNAVAILABLE;
    pub(crate) const DATA_LOSS: UCode = UCode::DATA_LOSS;
}

/// The priorities that this crate uses.
pub(crate) mod priority {
    use up_rust::UPriority;

    pub(crate) const CS1: UPriority = UPriority::UPRIORITY_CS1;
    pub(crate) const CS4: UPriority = UPriority::UPRIORITY_CS4;
    pub(crate) const CS5: UPriority = UPriority::UPRIORITY_CS5;
    pub(crate) const CS6: UPriority = UPriority::UPRIORITY_CS6;
}

/// The payload formats that this crate uses.
pub(crate) mod format {
    use protobuf::Enum;
    use up_rust::UPayloadFormat;

    pub(crate) const UNSPECIFIED: UPayloadFormat = UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED;
    pub(crate) const PROTOBUF: UPayloadFormat = UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF;

    /// All formats, with their names in lower case.
    pub(crate) fn all() -> impl Iterator<Item = (String, UPayloadFormat)> {
        let name = |format| format!("{format:?}").replace("UPAYLOAD_FORMAT_", "").to_lowercase();
        UPayloadFormat::VALUES.iter().map(move |format| (name(*format), *format))
    }
}

/// The type of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Publish,
    Notification,
    Request,
    Response,
}

impl Kind {
    #[inline]
    fn of(kind: UMessageType) -> Option<Self> {
        match kind {
            UMessageType::UMESSAGE_TYPE_PUBLISH => Some(Self::Publish),
            UMessageType::UMESSAGE_TYPE_NOTIFICATION => Some(Self::Notification),
            UMessageType::UMESSAGE_TYPE_REQUEST => Some(Self::Request),
            UMessageType::UMESSAGE_TYPE_RESPONSE => Some(Self::Response),
            UMessageType::UMESSAGE_TYPE_UNSPECIFIED => None,
        }
    }

    #[inline]
    fn to_type(self) -> UMessageType {
        match self {
            Self::Publish => UMessageType::UMESSAGE_TYPE_PUBLISH,
            Self::Notification => UMessageType::UMESSAGE_TYPE_NOTIFICATION,
            Self::Request => UMessageType::UMESSAGE_TYPE_REQUEST,
            Self::Response => UMessageType::UMESSAGE_TYPE_RESPONSE,
        }
    }
}

/// The number that stands for a value in protobuf's encoding.
pub(crate) trait Numbered: Copy {
    /// `None` if it does not fit into a byte.
    fn number(self) -> Option<u8>;
    /// `None` if no value has the number.
    fn of_number(number: u8) -> Option<Self>;
}

impl<E: Enum> Numbered for E {
    fn number(self) -> Option<u8> {
        u8::try_from(self.value()).ok()
    }

    fn of_number(number: u8) -> Option<Self> {
        E::from_i32(number.into())
    }
}

/// A status as up-rust's RPC server sends it; `None` if it cannot be encoded.
pub(crate) fn encoded(status: &UStatus) -> Option<Bytes> {
    status.write_to_bytes().ok().map(Bytes::from)
}

/// # Errors
///
/// `INVALID_ARGUMENT` if the specification knows no filter of these URIs.
pub(crate) fn verify_filter(source: &UUri, sink: Option<&UUri>) -> Result<(), UStatus> {
    up_rust::verify_filter_criteria(source, sink)
}
