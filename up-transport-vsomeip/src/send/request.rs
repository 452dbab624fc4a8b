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

//! Sends requests, with and without return, once their service is available and its protocol known.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use up_rust::{UAttributes, UStatus};
use vsomeip_sys::{Header, MajorVersion};

use crate::error::{
    aborted, deadline_exceeded, exhausted, has_ended, invalid_argument, unavailable,
};
use crate::mapping::outbound;
use crate::mapping::request_context::RequestContext;
use crate::mapping::ttl::remaining_time;
use crate::mapping::uri::service_of;
use crate::mapping::uri::ServiceInstance;
use crate::send::leases::Call;
use crate::send::pending::{Admission, Delayed};
use crate::send::protocols::{Choice, REMEDY};
use crate::send::Sender;

/// A request to be sent, with or without return.
#[derive(Clone)]
pub(super) struct Request {
    header: Header,
    payload: Bytes,
    deadline: Instant,
    /// `None` for a request without return.
    attributes: Option<Box<UAttributes>>,
    call: Arc<Call>,
    /// Whether its protocol is known.
    has_protocol: bool,
}

impl Delayed for Request {
    fn deadline(&self) -> Instant {
        self.deadline
    }

    fn size(&self) -> usize {
        self.payload.len()
    }

    fn is_for_known_service(&self) -> bool {
        self.call.has_handler()
    }

    fn is_ready(&self) -> bool {
        self.has_protocol
    }
}

/// How long a notification without a time to live waits for its service.
const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(5);

const ABSENCE_REMEDY: &str = "check that it runs and is offered in this instance, and that service \
                              discovery is enabled or `services` of vsomeip's configuration lists it \
                              with the `unicast` of its host";

impl Sender {
    pub(super) fn request_no_return(
        self: &Arc<Self>,
        attributes: &UAttributes,
        payload: Bytes,
    ) -> Result<(), UStatus> {
        let remaining = remaining_time(attributes)?.unwrap_or(NOTIFICATION_TIMEOUT);
        let header = outbound::notification_request(attributes)?;
        self.require_route(&header)?;
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
        let header = outbound::request(&attributes)?;
        self.require_route(&header)?;
        self.send_when_available(header, payload, remaining, Some(attributes))
    }

    /// # Errors
    ///
    /// `UNAVAILABLE` if vsomeip would drop the request, as static routing does not allow it.
    fn require_route(&self, header: &Header) -> Result<(), UStatus> {
        let version = MajorVersion(header.interface_version);
        self.parts.monitor.static_routes().check(service_of(header), version)
    }

    /// Sends a request if its service is available and its protocol known; else the control thread sends
    /// it once they are. Never blocks: a later failure is reported by the response.
    // [impl->dsn~someip-request-availability~1]
    fn send_when_available(
        self: &Arc<Self>,
        header: Header,
        payload: Bytes,
        remaining: Duration,
        attributes: Option<Box<UAttributes>>,
    ) -> Result<(), UStatus> {
        let deadline = Instant::now() + remaining;
        let (limits, service) = (&self.parts.limits, service_of(&header));
        if limits.needs_check(&payload) {
            limits.check_local(payload.len())?;
        }
        let call = self.calls.call(service)?;
        let has_protocol = false;
        let mut request = Request { header, payload, deadline, attributes, call, has_protocol };
        if let Err(status) = self.choose_protocol(&mut request) {
            return self.refuse(request, status);
        }
        self.check_size(&request)?;
        match self.pending.admit(service, request) {
            Admission::SendNow(request) => self.send_request(request),
            Admission::Waits => Ok(()),
            Admission::WaitsFirst => {
                self.parts.control.spawn(self.clone().serve(service));
                Ok(())
            }
            Admission::Full(_) => Err(exhausted(format!(
                "too many requests are waiting, for service {service} or for all services; retry when \
                 some of them are done"
            ))),
            Admission::Closed(_) => Err(has_ended()),
        }
    }

    /// Serves the requests waiting for a service.
    async fn serve(self: Arc<Self>, service: ServiceInstance) {
        let ready = |deadline| self.resolve_protocol(service, deadline);
        let send = |request| self.send_pending(request);
        let give_up = |request| {
            let status = self.timeout_status(&request);
            self.give_up(request, &status);
        };
        self.pending.serve(service, ready, send, give_up).await;
    }

    /// Waits until the protocol of a service is known or assumed.
    async fn resolve_protocol(&self, service: ServiceInstance, deadline: Instant) {
        if let Ok(call) = self.calls.call(service) {
            self.protocols.resolve(service, &call.protocol, deadline).await;
        }
    }

    /// Why a request was not sent in time.
    fn timeout_status(&self, request: &Request) -> UStatus {
        let service = service_of(&request.header);
        let what = match self.parts.monitor.is_available(service) {
            true => format!("its protocol was not known in time; {REMEDY}"),
            false => format!("it was not available in time; {ABSENCE_REMEDY}"),
        };
        unavailable(format!("the request was not sent to service {service}: {what}"))
    }

    /// # Errors
    ///
    /// `UNAVAILABLE` if the service does not have the required protocol.
    fn choose_protocol(&self, request: &mut Request) -> Result<(), UStatus> {
        let Request { header, call, .. } = request;
        match self.protocols.of(service_of(header), header.method(), &call.protocol) {
            Choice::Over(protocol) => {
                header.reliable = protocol.is_reliable();
                request.has_protocol = true;
            }
            Choice::Unknown(assumed) => header.reliable = assumed.is_reliable(),
            Choice::Impossible(status) => return Err(status),
        }
        Ok(())
    }

    /// Reports why a request cannot be sent: by its response, or at once if it gets none.
    fn refuse(&self, request: Request, status: UStatus) -> Result<(), UStatus> {
        match request.attributes {
            Some(_) => {
                self.give_up(request, &status);
                Ok(())
            }
            None => Err(status),
        }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the payload is too large for the service, as far as is known.
    // [impl->dsn~someip-payload-size~1]
    fn check_size(&self, request: &Request) -> Result<(), UStatus> {
        let Request { header, payload, has_protocol, .. } = request;
        let limits = &self.parts.limits;
        if !has_protocol || !limits.needs_check(payload) {
            return Ok(());
        }
        limits.check_request(header, payload, |service| self.protocols.is_remote(service))
    }

    fn send_pending(&self, mut request: Request) {
        if let Err(status) = self.choose_protocol(&mut request) {
            return self.give_up(request, &status);
        }
        request.has_protocol = true;
        let failed = request.clone();
        let sent = self.check_size(&request).and_then(|()| self.send_request(request));
        if let Err(status) = sent {
            self.give_up(failed, &status);
        }
    }

    pub(super) fn give_up(&self, request: Request, status: &UStatus) {
        match request.attributes {
            Some(attributes) => self.parts.answers.fail(self.context_of(*attributes), status),
            None => {
                self.parts.counters.notifications_lost.increment();
                let header = request.header;
                log::debug!(
                    service:% = service_of(&header), method:% = header.method();
                    "a notification was not sent: {status} {header:?}"
                );
            }
        }
    }

    /// Fails a request that got no response in time.
    // [impl->dsn~someip-request-expiry~1]
    pub(crate) fn expire(&self, context: RequestContext) {
        let (service, ttl) = (context.service(), context.ttl.unwrap_or_default());
        let time = Duration::from_millis(ttl.into());
        let call = self.calls.call(service).ok();
        let reason =
            call.and_then(|call| self.protocols.explain_silence(service, &call.protocol, time));
        let status = reason
            .unwrap_or_else(|| deadline_exceeded(format!("there was no response within {ttl} ms")));
        self.parts.answers.fail(context, &status);
    }

    fn send_request(&self, request: Request) -> Result<(), UStatus> {
        let Request { header, payload, deadline, attributes, call, .. } = request;
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
            let status = aborted("its session id was reused before a response came");
            self.parts.answers.fail(context, &status);
        }
        Ok(())
    }

    fn context_of(&self, attributes: UAttributes) -> RequestContext {
        RequestContext::of(attributes, &self.last_addresses)
    }
}
