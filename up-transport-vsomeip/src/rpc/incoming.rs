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

//! The received requests that are not answered yet.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::Arc;

use tokio::time::Instant;
use up_rust::{UMessage, UUID};
use vsomeip_sys::{Header, Message, MessageType, ReturnCode};

use crate::delivery::mailbox::{Loss, Receipt};
use crate::mapping::message_id::new_id;
use crate::mapping::outbound::ResponseKind;
use crate::mapping::uri::service_of;
use crate::rpc::expiry::{Expiring, Refusal};
use crate::uprotocol::{Attributes, Id, MessageParts};
use crate::vsomeip::application::SomeIp;

/// A received request. vsomeip makes the response from its message, which ensures matching ids, version and
/// protocol.
// [impl->dsn~someip-response-to-request~1]
#[derive(Clone, Debug, Default)]
pub(crate) struct IncomingRequest {
    pub(crate) header: Header,
    pub(crate) message: Message,
}

/// The pending requests. Requests without return take no entry.
pub(crate) struct IncomingRequests {
    application: Arc<dyn SomeIp>,
    waiting: Expiring<Key, IncomingRequest>,
    without_return: IdsWithoutReturn,
}

/// The id of a request message.
type Key = (u64, u64);

impl IncomingRequests {
    pub(crate) fn new(application: Arc<dyn SomeIp>, capacity: usize) -> Self {
        let waiting = Expiring::with_capacity(capacity);
        Self { application, waiting, without_return: IdsWithoutReturn::default() }
    }

    /// Gives a request another id if a pending one has the same: carried ids need not be unique.
    pub(crate) fn ensure_unique_id(&self, request: &mut UMessage) {
        let id = request.all_attributes().message_id();
        if id.is_some_and(|id| self.waiting.contains(&id.bits())) {
            request.change_id(new_id());
        }
    }

    /// Adds the request with the message id `id`, which can be answered until `deadline`.
    ///
    /// # Errors
    ///
    /// Fails if too many requests are pending, or if the transport has ended.
    pub(crate) fn insert(
        self: &Arc<Self>,
        id: &UUID,
        request: IncomingRequest,
        deadline: Instant,
    ) -> Result<Arc<Responder>, Refusal> {
        let id = id.bits();
        self.waiting.insert(deadline, id, request)?;
        Ok(Arc::new(Responder::new(self.clone(), id)))
    }

    /// Marks a request as one without return, by its id.
    pub(crate) fn mark_without_return(&self, request: &mut UMessage) {
        if let Some(id) = request.all_attributes().message_id() {
            request.change_id(self.without_return.marked(id));
        }
    }

    /// Whether `id` is that of a request without return.
    pub(crate) fn is_without_return(&self, id: &UUID) -> bool {
        self.without_return.is_marked(id)
    }

    /// The header of the pending request with the message id `id`.
    pub(crate) fn header(&self, id: &UUID) -> Option<Header> {
        self.waiting.get(&id.bits()).map(|request| request.header)
    }

    /// Removes the pending request with the message id `id`, to be answered.
    pub(crate) fn take(&self, id: &UUID) -> Option<IncomingRequest> {
        self.waiting.remove(&id.bits())
    }

    /// Rejects a request with an error, unless it is one without return.
    pub(crate) fn refuse(&self, header: &Header, request: &Message, return_code: ReturnCode) {
        self.refuse_with(header, request, return_code, &[]);
    }

    /// Like [`refuse`](Self::refuse), with a payload.
    pub(crate) fn refuse_with(
        &self,
        header: &Header,
        request: &Message,
        return_code: ReturnCode,
        payload: &[u8],
    ) {
        if header.message_type() != MessageType::Request {
            return;
        }
        let kind = ResponseKind { message_type: MessageType::Error, return_code };
        if let Err(error) = self.application.send_response(request, kind, payload) {
            log::warn!(service:% = service_of(header), method:% = header.method(); "the request {header:?} cannot be rejected: {error}");
        }
    }

    /// The number of pending requests.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Waits for the next request to expire, and removes it.
    pub(crate) async fn next_expired(&self) -> IncomingRequest {
        self.waiting.next_expired().await
    }

    /// Rejects all pending requests, and accepts no more.
    pub(crate) fn close(&self) {
        for IncomingRequest { header, message } in self.waiting.close() {
            self.refuse(&header, &message, ReturnCode::NotReady);
        }
    }
}

/// Accompanies a request to its listeners. When the last copy is dropped without any listener having
/// handled the request, the caller gets an error at once. Otherwise, it can be answered until it expires.
pub(crate) struct Responder {
    requests: Arc<IncomingRequests>,
    id: Key,
    is_taken: AtomicBool,
    /// The return code of that error.
    return_code: AtomicU8,
}

impl Responder {
    fn new(requests: Arc<IncomingRequests>, id: Key) -> Self {
        let return_code = AtomicU8::new(code_of(Loss::Ended).into());
        Self { requests, id, is_taken: AtomicBool::new(false), return_code }
    }

    /// Sets the return code for a request that is neither handled nor answered.
    pub(crate) fn refuse(&self, return_code: ReturnCode) {
        self.return_code.store(return_code.into(), Ordering::Relaxed);
    }
}

impl Receipt for Responder {
    fn taken(&self) {
        self.is_taken.store(true, Ordering::Relaxed);
    }

    fn lost(&self, loss: Loss) {
        self.refuse(code_of(loss));
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if *self.is_taken.get_mut() {
            return;
        }
        if let Some(request) = self.requests.waiting.remove(&self.id) {
            let return_code = ReturnCode::from(*self.return_code.get_mut());
            self.requests.refuse(&request.header, &request.message, return_code);
        }
    }
}

fn code_of(loss: Loss) -> ReturnCode {
    match loss {
        Loss::QueueFull | Loss::Ended => ReturnCode::NotReady,
        Loss::Unregistered => ReturnCode::UnknownMethod,
        Loss::Expired => ReturnCode::Timeout,
        Loss::Panicked => ReturnCode::NotOk,
    }
}

/// Marks the ids of requests without return, since listeners may answer them like any other. Stores nothing
/// but a secret: the last 32 bits of a marked id are a keyed hash of the others.
#[derive(Default)]
struct IdsWithoutReturn(RandomState);

const MARK: u64 = 0xffff_ffff;

impl IdsWithoutReturn {
    fn marked(&self, id: &UUID) -> UUID {
        let (high, low) = id.bits();
        UUID::of_bits(high, low & !MARK | self.mark(id))
    }

    fn is_marked(&self, id: &UUID) -> bool {
        id.bits().1 & MARK == self.mark(id)
    }

    fn mark(&self, id: &UUID) -> u64 {
        let (high, low) = id.bits();
        self.0.hash_one((high, low & !MARK)) & MARK
    }
}

#[cfg(test)]
mod tests;
