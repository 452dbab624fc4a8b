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

//! Requests, with and without return: each waits for its service, is sent, and is answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use up_rust::{UAttributes, UCode, UStatus};
use vsomeip_sys::Header;

use crate::error::{exhausted, has_ended, invalid_argument};
use crate::mapping::outbound;
use crate::mapping::request_context::RequestContext;
use crate::mapping::ttl::remaining_time;
use crate::mapping::uri::service_of;
use crate::send::pending::{Admission, Delayed};
use crate::send::uses::Call;
use crate::send::Sender;

/// A request to be sent, with or without return.
#[derive(Clone)]
pub(super) struct Request {
    header: Header,
    payload: Bytes,
    deadline: Instant,
    /// Those of a request that is answered; a request without return has none.
    attributes: Option<Box<UAttributes>>,
    call: Arc<Call>,
}

impl Delayed for Request {
    fn deadline(&self) -> Instant {
        self.deadline
    }

    fn size(&self) -> usize {
        self.payload.len()
    }

    fn is_for_known_service(&self) -> bool {
        self.call.has_begun()
    }
}

/// For how long a notification without a time to live waits for the service that it is for.
const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(5);

impl Sender {
    pub(super) fn request_no_return(
        self: &Arc<Self>,
        attributes: &UAttributes,
        payload: Bytes,
    ) -> Result<(), UStatus> {
        let remaining = remaining_time(attributes)?.unwrap_or(NOTIFICATION_TIMEOUT);
        let mut header = outbound::notification_request(attributes, self.policy.reliable)?;
        self.choose_protocol(&mut header);
        self.send_when_available(header, payload, remaining, None)
    }

    // [impl->dsn~someip-request-out~1]
    pub(super) fn request(
        self: &Arc<Self>,
        attributes: Box<UAttributes>,
        payload: Bytes,
    ) -> Result<(), UStatus> {
        let remaining = remaining_time(&attributes)?
            .ok_or_else(|| invalid_argument("a request must have a time to live"))?;
        let mut header = outbound::request(&attributes, self.policy.reliable)?;
        self.choose_protocol(&mut header);
        self.send_when_available(header, payload, remaining, Some(attributes))
    }

    /// A service that is found by static routing may have one protocol only.
    fn choose_protocol(&self, header: &mut Header) {
        if let Some(reliable) = self.parts.monitor.static_routes().reliable(service_of(header)) {
            header.reliable = reliable;
        }
    }

    /// Sends a request at once if its service is available. If not, the control thread waits for the
    /// service and sends it then; the caller is not held up, and learns from the response if it
    /// cannot be sent.
    // [impl->dsn~someip-request-availability~1]
    fn send_when_available(
        self: &Arc<Self>,
        header: Header,
        payload: Bytes,
        remaining: Duration,
        attributes: Option<Box<UAttributes>>,
    ) -> Result<(), UStatus> {
        let deadline = Instant::now() + remaining;
        self.check_size(&header, payload.len())?;
        let service = service_of(&header);
        let call = self.calls.call(service)?;
        let request = Request { header, payload, deadline, attributes, call };
        match self.pending.admit(service, request) {
            Admission::SendNow(request) => self.send_request(request),
            Admission::Waits => Ok(()),
            Admission::WaitsFirst => {
                let sender = self.clone();
                self.parts.control.spawn(async move {
                    let send = |request| sender.send_late(request);
                    let give_up = |request| sender.give_up(request, UCode::UNAVAILABLE);
                    sender.pending.serve(service, send, give_up).await;
                });
                Ok(())
            }
            Admission::Full(_) => Err(exhausted(format!(
                "too many requests wait for services, for {service} alone or for all together; send \
                 again when some of them have ended"
            ))),
            Admission::Closed(_) => Err(has_ended()),
        }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the payload is too large for the way to the service.
    // [impl->dsn~someip-payload-size~1]
    fn check_size(&self, header: &Header, size: usize) -> Result<(), UStatus> {
        if !self.parts.limits.concern(size) {
            return Ok(());
        }
        let is_remote = |service| self.parts.monitor.is_on_other_host(service);
        self.parts.limits.check_request(header, size, is_remote)
    }

    fn send_late(&self, request: Request) {
        let failed = request.clone();
        let sent = self
            .check_size(&request.header, request.payload.len())
            .and_then(|()| self.send_request(request));
        if let Err(status) = sent {
            self.give_up(failed, status.get_code());
        }
    }

    pub(super) fn give_up(&self, request: Request, status: UCode) {
        match request.attributes {
            Some(attributes) => self.parts.answers.fail(self.context_of(*attributes), status),
            None => {
                self.parts.counters.notifications_lost.increment();
                log::debug!("a notification was not sent: {status:?} {:?}", request.header);
            }
        }
    }

    fn send_request(&self, request: Request) -> Result<(), UStatus> {
        let Request { header, payload, deadline, attributes, call } = request;
        let outgoing = &self.parts.outgoing;
        let replaced = match attributes {
            Some(attributes) => {
                self.calls.handle_responses(&call)?;
                let context = || self.context_of(*attributes);
                outgoing.send(&header, &payload, deadline, context, call)?
            }
            None => {
                outgoing.send_without_return(&header, &payload)?;
                None
            }
        };
        self.parts.counters.sent.increment();
        if let Some(context) = replaced {
            self.parts.answers.fail(context, UCode::ABORTED);
        }
        Ok(())
    }

    fn context_of(&self, attributes: UAttributes) -> RequestContext {
        RequestContext::of(attributes, &self.last_addresses)
    }
}
