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

//! The requests that this transport has sent and that are not answered yet.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;
use up_rust::UStatus;
use vsomeip_sys::{Header, RequestId};

use crate::application::SomeIp;
use crate::error::{exhausted, internal};
use crate::message_mapping::inbound::RequestContext;
use crate::rpc::expiring::{Expiring, Full};

/// Requests are told apart by the request id that vsomeip assigns while it sends. The table is
/// locked meanwhile, so a response that overtakes the sender still finds its request.
// [impl->dsn~someip-request-id~1]
pub(crate) struct OutgoingRequests {
    application: Arc<dyn SomeIp>,
    waiting: Expiring<RequestId, RequestContext>,
}

impl OutgoingRequests {
    /// `capacity` must be less than the 65,535 session ids, or requests would share one.
    pub(crate) fn new(application: Arc<dyn SomeIp>, capacity: usize) -> Self {
        Self { application, waiting: Expiring::with_capacity(capacity) }
    }

    /// Sends a request, to be answered until `deadline`. Returns the context of a request that can
    /// no longer be answered, since the session ids came round to its own.
    ///
    /// # Errors
    ///
    /// `RESOURCE_EXHAUSTED` if too many requests are waiting; `INTERNAL` if vsomeip fails.
    pub(crate) fn send(
        &self,
        header: &Header,
        payload: &Bytes,
        context: RequestContext,
        deadline: Instant,
    ) -> Result<Option<RequestContext>, UStatus> {
        self.waiting.insert_with(deadline, context, || {
            self.application.send_request(header, payload).map_err(internal)
        })
    }

    /// The context of the request that is answered by a response with the given id.
    pub(crate) fn answered(&self, id: RequestId) -> Option<RequestContext> {
        self.waiting.remove(&id)
    }

    /// How many requests are waiting.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Waits until a request expires.
    pub(crate) async fn next_expired(&self) -> RequestContext {
        self.waiting.next_expired().await
    }
}

impl From<Full> for UStatus {
    fn from(_: Full) -> Self {
        exhausted("too many requests are waiting for their response")
    }
}
