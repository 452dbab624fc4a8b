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

//! Attributes that are being made.

use bytes::Bytes;
use protobuf::{EnumOrUnknown, MessageField};
use up_rust::{UAttributes, UCode, UMessage, UPayloadFormat, UPriority, UUri, UUID};

use super::Kind;

/// Attributes that are being made, or that were carried: any of them may be missing.
pub(crate) type Draft = UAttributes;

/// How attributes are made.
pub(crate) trait Drafting: Sized {
    /// Of the given type, without a payload format.
    fn draft(kind: Kind, id: UUID, source: UUri) -> Self;
    fn copy_of(attributes: &UAttributes) -> Self;
    fn put_kind(&mut self, kind: Kind);
    fn put_id(&mut self, id: UUID);
    fn put_source(&mut self, source: UUri);
    fn put_sink(&mut self, sink: Option<UUri>);
    fn put_priority(&mut self, priority: UPriority);
    fn put_ttl(&mut self, ttl: Option<u32>);
    fn put_permission_level(&mut self, level: u32);
    fn put_request(&mut self, id: UUID);
    fn put_status(&mut self, status: UCode);
    fn put_token(&mut self, token: String);
    fn put_traceparent(&mut self, traceparent: String);
    fn put_format(&mut self, format: UPayloadFormat);
    /// Takes permission level, token and traceparent of others, and their id if they have one.
    fn adopt(&mut self, others: Self);
    /// The message with these attributes, which must be valid.
    fn into_message(self, payload: Option<Bytes>) -> UMessage;
}

impl Drafting for Draft {
    #[inline]
    fn draft(kind: Kind, id: UUID, source: UUri) -> Self {
        Self {
            type_: EnumOrUnknown::new(kind.to_type()),
            id: MessageField::some(id),
            source: MessageField::some(source),
            ..Default::default()
        }
    }

    #[inline]
    fn copy_of(attributes: &UAttributes) -> Self {
        attributes.clone()
    }

    #[inline]
    fn put_kind(&mut self, kind: Kind) {
        self.type_ = EnumOrUnknown::new(kind.to_type());
    }

    #[inline]
    fn put_id(&mut self, id: UUID) {
        self.id = MessageField::some(id);
    }

    #[inline]
    fn put_source(&mut self, source: UUri) {
        self.source = MessageField::some(source);
    }

    #[inline]
    fn put_sink(&mut self, sink: Option<UUri>) {
        self.sink = sink.into();
    }

    #[inline]
    fn put_priority(&mut self, priority: UPriority) {
        self.priority = EnumOrUnknown::new(priority);
    }

    #[inline]
    fn put_ttl(&mut self, ttl: Option<u32>) {
        self.ttl = ttl;
    }

    #[inline]
    fn put_permission_level(&mut self, level: u32) {
        self.permission_level = Some(level);
    }

    #[inline]
    fn put_request(&mut self, id: UUID) {
        self.reqid = MessageField::some(id);
    }

    #[inline]
    fn put_status(&mut self, status: UCode) {
        self.commstatus = Some(EnumOrUnknown::new(status));
    }

    #[inline]
    fn put_token(&mut self, token: String) {
        self.token = Some(token);
    }

    #[inline]
    fn put_traceparent(&mut self, traceparent: String) {
        self.traceparent = Some(traceparent);
    }

    #[inline]
    fn put_format(&mut self, format: UPayloadFormat) {
        self.payload_format = EnumOrUnknown::new(format);
    }

    #[inline]
    fn adopt(&mut self, others: Self) {
        let Self { id, permission_level, token, traceparent, .. } = others;
        if id.is_some() {
            self.id = id;
        }
        self.permission_level = permission_level;
        self.token = token;
        self.traceparent = traceparent;
    }

    #[inline]
    fn into_message(self, payload: Option<Bytes>) -> UMessage {
        UMessage { attributes: MessageField::some(self), payload, ..Default::default() }
    }
}
