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

//! What happens to a message that is not as agreed upon for its service: it reaches nobody as it is,
//! and whoever waits for something is told.

use std::collections::HashSet;
use std::mem::{discriminant, Discriminant};

use parking_lot::Mutex;
use up_rust::UStatus;
use vsomeip_sys::{Header, Message, MessageType};

use crate::mapping::content::Disagreement;
use crate::mapping::inbound::failure;
use crate::mapping::return_code::status_of;
use crate::mapping::uri::{service_of, ServiceInstance};
use crate::receive::Receiver;

/// What was told already: each reason once for a service.
#[derive(Default)]
pub(super) struct Told(Mutex<HashSet<(ServiceInstance, Discriminant<Disagreement>)>>);

impl Receiver {
    /// Drops an event, refuses a request, and makes a response one that says why.
    // [impl->dsn~someip-carried-attributes~1]
    pub(super) fn disagree(&self, header: &Header, reason: Disagreement, message: &Message) {
        self.parts.counters.attributes_refused.increment();
        self.told.tell(header, reason);
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

    fn explain(&self, header: &Header, reason: Disagreement) {
        let code = status_of(reason.return_code());
        let text = format!("the response of {}: {reason}", service_of(header));
        self.complete(header, |context| failure(context, &UStatus::fail_with_code(code, text)));
    }
}

impl Told {
    fn tell(&self, header: &Header, reason: Disagreement) {
        let service = service_of(header);
        if self.0.lock().insert((service, discriminant(&reason))) {
            log::warn!("refused a message of service {service}: {reason}; told once: {header:?}");
        } else {
            log::debug!("refused a message of service {service}: {reason}: {header:?}");
        }
    }
}
