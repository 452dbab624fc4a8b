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

//! Answers failed requests of this transport by responses of its own.

use std::sync::Arc;

use up_rust::UStatus;

use crate::mapping::authorities::Source;
use crate::mapping::inbound::failure;
use crate::mapping::request_context::RequestContext;
use crate::metrics::Counters;
use crate::registration::routes::Routes;
use crate::uprotocol::MessageParts;

pub(crate) struct Answers {
    routes: Arc<Routes>,
    counters: Arc<Counters>,
}

impl Answers {
    pub(crate) fn new(routes: Arc<Routes>, counters: Arc<Counters>) -> Self {
        Self { routes, counters }
    }

    /// Fails a request: its listener gets a response with `status`.
    // [impl->dsn~someip-request-expiry~1]
    pub(crate) fn fail(&self, context: RequestContext, status: &UStatus) {
        let response = failure(context, status);
        let recipients = self.routes.recipients(response.all_attributes(), Source::Known);
        if recipients.is_empty() {
            self.counters.dropped_unmatched.increment();
        }
        // Queued: no listener runs on a thread that is inside `send`, as it may hold locks.
        recipients.post(&response);
    }
}
