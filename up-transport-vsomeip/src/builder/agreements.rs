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

//! What both ends of a service agree upon, beside the format of all payloads.

use up_rust::UPayloadFormat;

use crate::builder::{instance_of, TransportBuilder};

impl TransportBuilder {
    /// The format that all payloads of a service have, its requests, responses and events, if it is not
    /// that of [`payload_format`](Self::payload_format). UNSPECIFIED: none is agreed upon.
    pub fn service_payload_format(self, service: u16, format: UPayloadFormat) -> Self {
        self.set(move |settings| {
            settings.options.service_formats.insert(service, format);
        })
    }

    /// Has the messages of a service, or of one of its instances, carry the attributes behind their
    /// payload that SOME/IP has no place for: id, source, priority, ttl, token, permission level,
    /// traceparent, payload format, and the exact status of an error. Not unless set; both ends must
    /// agree. ECUs do not know of it: set it only for services that transports alone offer and use.
    ///
    /// Where one end does not agree, requests are refused with E_WRONG_PROTOCOL_VERSION, responses
    /// become FAILED_PRECONDITION with a text that says why, and events are dropped; each is counted in
    /// [`Metrics::attributes_refused`](crate::Metrics::attributes_refused). The attributes take some 70
    /// to 4,096 bytes of each payload, which count for its limits, and are not signed.
    /// [`payload_format`](Self::payload_format) does not concern these services.
    ///
    /// `up-transport-vsomeip/ATTRIBUTES.md` in the repository describes the bytes.
    // [impl->dsn~someip-carried-attributes~1]
    pub fn carry_attributes(self, service: u16, instance: Option<u16>) -> Self {
        let instance = instance.map(|instance| instance_of(instance).0);
        self.set(move |settings| {
            settings.options.carried.services.insert((service, instance));
        })
    }

    /// Whether the messages of all services carry their attributes, as with
    /// [`carry_attributes`](Self::carry_attributes); not unless set. For networks without ECUs.
    pub fn carry_all_attributes(self, carry: bool) -> Self {
        self.set(move |settings| settings.options.carried.all = carry)
    }
}
