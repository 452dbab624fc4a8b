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

//! The parts of messages.

use bytes::Bytes;
use up_rust::{UAttributes, UMessage, UPriority, UUri, UUID};

use super::{Attributes, Drafting};

/// What of a request has to come back in its response.
pub(crate) struct RequestParts {
    pub(crate) id: UUID,
    pub(crate) source: UUri,
    pub(crate) sink: UUri,
    pub(crate) priority: Option<UPriority>,
    pub(crate) ttl: Option<u32>,
}

impl RequestParts {
    #[inline]
    pub(crate) fn of(request: UAttributes) -> Self {
        let priority = request.own_priority();
        let UAttributes { id, source, sink, ttl, .. } = request;
        let (source, sink) = (source.unwrap_or_default(), sink.unwrap_or_default());
        Self { id: id.unwrap_or_default(), source, sink, priority, ttl }
    }
}

/// The parts of a message.
pub(crate) trait MessageParts: Sized {
    /// All of them absent if the message has none.
    fn all_attributes(&self) -> &UAttributes;
    fn payload_size(&self) -> usize;
    fn payload_bytes(&self) -> Option<Bytes>;
    /// `None` if the message has no attributes.
    fn into_parts(self) -> Option<(Box<UAttributes>, Option<Bytes>)>;
    fn change_id(&mut self, id: UUID);
    fn change_source(&mut self, source: UUri);
    fn forget_ttl(&mut self);
}

impl MessageParts for UMessage {
    #[inline]
    fn all_attributes(&self) -> &UAttributes {
        self.attributes.get_or_default()
    }

    #[inline]
    fn payload_size(&self) -> usize {
        self.payload.as_ref().map_or(0, Bytes::len)
    }

    #[inline]
    fn payload_bytes(&self) -> Option<Bytes> {
        self.payload.clone()
    }

    #[inline]
    fn into_parts(self) -> Option<(Box<UAttributes>, Option<Bytes>)> {
        Some((self.attributes.0?, self.payload))
    }

    #[inline]
    fn change_id(&mut self, id: UUID) {
        self.attributes.mut_or_insert_default().put_id(id);
    }

    #[inline]
    fn change_source(&mut self, source: UUri) {
        self.attributes.mut_or_insert_default().put_source(source);
    }

    #[inline]
    fn forget_ttl(&mut self) {
        self.attributes.mut_or_insert_default().ttl = None;
    }
}
