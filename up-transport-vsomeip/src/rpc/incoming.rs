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

//! The requests that this transport has received and that are not answered yet.

use tokio::time::Instant;
use up_rust::UUID;
use vsomeip_sys::{Header, Message};

use crate::rpc::expiry::{Expiring, Full};

/// A request, itself: vsomeip makes the response from it, with client and session id, service,
/// instance, version and transport protocol right by construction.
// [impl->dsn~someip-response-to-request~1]
#[derive(Clone, Debug, Default)]
pub(crate) struct IncomingRequest {
    pub(crate) header: Header,
    pub(crate) message: Message,
}

pub(crate) struct IncomingRequests {
    waiting: Expiring<(u64, u64), IncomingRequest>,
}

impl IncomingRequests {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { waiting: Expiring::with_capacity(capacity) }
    }

    /// Keeps the request that became the uProtocol request `id`, to be answered until `deadline`.
    ///
    /// # Errors
    ///
    /// Fails if too many requests are waiting.
    pub(crate) fn insert(
        &self,
        id: &UUID,
        request: IncomingRequest,
        deadline: Instant,
    ) -> Result<(), Full> {
        self.waiting.insert_with(deadline, request, || Ok(key_of(id))).map(drop)
    }

    /// The header of the request that is to be answered by a response to `id`; it goes on waiting.
    pub(crate) fn header(&self, id: &UUID) -> Option<Header> {
        self.waiting.get(&key_of(id)).map(|request| request.header)
    }

    /// The request that is to be answered by a response to `id`.
    pub(crate) fn take(&self, id: &UUID) -> Option<IncomingRequest> {
        self.waiting.remove(&key_of(id))
    }

    /// How many requests are waiting.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Waits until a request expires.
    pub(crate) async fn next_expired(&self) -> IncomingRequest {
        self.waiting.next_expired().await
    }
}

fn key_of(id: &UUID) -> (u64, u64) {
    (id.msb, id.lsb)
}
