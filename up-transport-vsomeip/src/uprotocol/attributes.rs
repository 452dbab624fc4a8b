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

//! What is read of attributes.

use up_rust::{UAttributes, UCode, UPayloadFormat, UPriority, UUri, UUID};

use super::Kind;

/// What the accessors of up-rust do not tell, or not alike in all versions.
pub(crate) trait Attributes {
    /// `None` if it is not known.
    fn kind(&self) -> Option<Kind>;
    fn message_id(&self) -> Option<&UUID>;
    fn origin(&self) -> Option<&UUri>;
    /// `None` if none is set, which stands for the default.
    fn own_priority(&self) -> Option<UPriority>;
    fn ttl(&self) -> Option<u32>;
    fn permission_level(&self) -> Option<u32>;
    fn commstatus(&self) -> Option<UCode>;
    /// Whether the status, if there is one, is known.
    fn has_known_status(&self) -> bool;
    fn token_text(&self) -> Option<&str>;
    fn traceparent_text(&self) -> Option<&str>;
    fn format(&self) -> UPayloadFormat;
}

impl Attributes for UAttributes {
    #[inline]
    fn kind(&self) -> Option<Kind> {
        Kind::of(self.type_.enum_value().ok()?)
    }

    #[inline]
    fn message_id(&self) -> Option<&UUID> {
        self.id.as_ref()
    }

    #[inline]
    fn origin(&self) -> Option<&UUri> {
        self.source.as_ref()
    }

    #[inline]
    fn own_priority(&self) -> Option<UPriority> {
        let priority = self.priority.enum_value().ok();
        priority.filter(|priority| *priority != UPriority::UPRIORITY_UNSPECIFIED)
    }

    #[inline]
    fn ttl(&self) -> Option<u32> {
        self.ttl
    }

    #[inline]
    fn permission_level(&self) -> Option<u32> {
        self.permission_level
    }

    #[inline]
    fn commstatus(&self) -> Option<UCode> {
        self.commstatus.and_then(|status| status.enum_value().ok())
    }

    #[inline]
    fn has_known_status(&self) -> bool {
        self.commstatus.is_none_or(|status| status.enum_value().is_ok())
    }

    #[inline]
    fn token_text(&self) -> Option<&str> {
        self.token.as_deref()
    }

    #[inline]
    fn traceparent_text(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    #[inline]
    fn format(&self) -> UPayloadFormat {
        self.payload_format.enum_value_or_default()
    }
}

/// The id of a valid message.
#[inline]
pub(crate) fn id_of(attributes: &UAttributes) -> &UUID {
    attributes.id.get_or_default()
}

/// The source of a valid message.
#[inline]
pub(crate) fn source_of(attributes: &UAttributes) -> &UUri {
    attributes.source.get_or_default()
}
