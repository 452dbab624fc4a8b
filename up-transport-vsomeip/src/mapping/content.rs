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

use bytes::Bytes;
use up_rust::UPayloadFormat;

use crate::mapping::agreements::Agreement;

/// The payload of a received message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Content {
    pub(crate) payload: Option<Bytes>,
    pub(crate) format: UPayloadFormat,
}

impl Content {
    /// Zero bytes are a payload where a format is agreed upon, such as a protobuf message with default
    /// values, and none otherwise. A failure without a payload has none in any case.
    // [impl->dsn~someip-payload-format~1]
    pub(crate) fn read(bytes: Bytes, agreement: Agreement, is_failure: bool) -> Self {
        let Agreement::Format(format) = agreement;
        let is_none = bytes.is_empty()
            && (is_failure || format == UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED);
        match is_none {
            true => Self::default(),
            false => Self { payload: Some(bytes), format },
        }
    }
}

#[cfg(test)]
mod tests {
    use protobuf::Enum;

    use super::*;

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn zero_bytes_are_payload_of_agreed_format() {
        for &format in UPayloadFormat::VALUES {
            let is_agreed = format != UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED;
            let content = Content::read(Bytes::new(), Agreement::Format(format), false);
            assert_eq!(content.payload, is_agreed.then(Bytes::new), "{format:?}");
            assert_eq!(content.format, format);
        }
    }

    // [utest->dsn~someip-payload-format~1]
    #[test]
    fn failure_without_payload_stays_without() {
        for &format in UPayloadFormat::VALUES {
            let agreement = Agreement::Format(format);
            assert_eq!(Content::read(Bytes::new(), agreement, true), Content::default());
            let reason = Bytes::from_static(b"x");
            let content = Content::read(reason.clone(), agreement, true);
            assert_eq!(content, Content { payload: Some(reason), format });
        }
    }
}
