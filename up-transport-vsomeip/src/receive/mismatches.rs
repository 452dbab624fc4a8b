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

//! Rejects messages that do not match what was agreed for their service: no listener gets them, and the
//! request fails.

use std::collections::HashSet;
use std::mem::{discriminant, Discriminant};

use log::Level;
use parking_lot::Mutex;
use up_rust::UStatus;
use vsomeip_sys::{Header, Message, MessageType};

use crate::mapping::content::Mismatch;
use crate::mapping::inbound::failure;
use crate::mapping::return_code::status_of;
use crate::mapping::uri::{service_of, ServiceInstance};
use crate::receive::Receiver;

/// The mismatches that were warned about: each kind once per service.
#[derive(Default)]
pub(super) struct Warned(Mutex<HashSet<(ServiceInstance, Discriminant<Mismatch>)>>);

impl Receiver {
    /// Drops an event, rejects a request, and replaces a response by a failure that explains the mismatch.
    // [impl->dsn~someip-carried-attributes~1]
    pub(super) fn reject_mismatch(&self, header: &Header, reason: Mismatch, message: &Message) {
        self.parts.counters.attributes_refused.increment();
        self.warned.log(header, reason);
        match header.message_type() {
            MessageType::Request => {
                let (code, parts) = (reason.return_code(), &self.parts);
                let refusal = parts.inbound.refusal(header, code);
                parts.incoming.refuse_with(header, message, code, &refusal);
            }
            MessageType::Response | MessageType::Error => self.explain(header, reason),
            _ => {}
        }
    }

    fn explain(&self, header: &Header, reason: Mismatch) {
        let code = status_of(reason.return_code());
        let text = format!("the response of {}: {reason}", service_of(header));
        self.complete(header, |context| failure(context, &UStatus::fail_with_code(code, text)));
    }
}

impl Warned {
    fn log(&self, header: &Header, reason: Mismatch) {
        let service = service_of(header);
        let is_first = self.0.lock().insert((service, discriminant(&reason)));
        let level = if is_first { Level::Warn } else { Level::Debug };
        log::log!(level, service:% = service, method:% = header.method(); "rejected a message of service {service}: {reason}: {header:?}");
    }
}
