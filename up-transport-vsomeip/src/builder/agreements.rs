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

//! Options that both ends of a service must agree on, per service.

use up_rust::UPayloadFormat;

use crate::builder::{instance_of, TransportBuilder};

impl TransportBuilder {
    /// Sets the payload format of one service, for its requests, responses and events. Default: that of
    /// [`payload_format`](Self::payload_format). UNSPECIFIED accepts any.
    pub fn service_payload_format(self, service: u16, format: UPayloadFormat) -> Self {
        self.set(move |settings| {
            settings.options.service_formats.insert(service, format);
        })
    }

    /// Appends to the payload of a service's messages, or of one of its instances, the attributes that
    /// SOME/IP cannot carry: id, source, priority, ttl, token, permission level, traceparent, payload
    /// format, and the exact status of an error. Off by default.
    ///
    /// Both ends must set this. ECUs do not understand it: use it only for services that are offered
    /// and used by this transport alone. If only one end sets it, requests are refused with
    /// E_WRONG_PROTOCOL_VERSION, responses become FAILED_PRECONDITION with a text that says why, and
    /// events are dropped; [`Metrics::attributes_refused`](crate::Metrics::attributes_refused) counts
    /// them all.
    ///
    /// Costs some 70 to 4,096 bytes per message, which count towards payload limits. The attributes are
    /// not signed. [`payload_format`](Self::payload_format) does not apply to these services.
    ///
    /// `up-transport-vsomeip/ATTRIBUTES.md` in the repository describes the format.
    // [impl->dsn~someip-carried-attributes~1]
    pub fn carry_attributes(self, service: u16, instance: Option<u16>) -> Self {
        let instance = instance.map(|instance| instance_of(instance).0);
        self.set(move |settings| {
            settings.options.carried.services.insert((service, instance));
        })
    }

    /// Does the same as [`carry_attributes`](Self::carry_attributes) for all services. Default: false.
    /// Only for networks without ECUs.
    pub fn carry_all_attributes(self, carry: bool) -> Self {
        self.set(move |settings| settings.options.carried.all = carry)
    }
}
