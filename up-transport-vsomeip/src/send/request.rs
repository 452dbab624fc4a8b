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
use crate::send::pending::{Admission, Delayed};
use crate::send::protocols::{Choice, REMEDY};
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
    /// Whether the protocol is known that it takes.
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
        self.call.has_begun()
    }

    fn is_ready(&self) -> bool {
        self.has_protocol
    }
}

/// For how long a notification without a time to live waits for the service that it is for.
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
    /// `UNAVAILABLE` if vsomeip would not send the request to a service that static routing finds.
    fn require_route(&self, header: &Header) -> Result<(), UStatus> {
        let version = MajorVersion(header.interface_version);
        self.parts.monitor.static_routes().check(service_of(header), version)
    }

    /// Sends a request at once if its service is available and its protocol known. If not, the control
    /// thread waits for that and sends it then; the caller is not held up, and learns from the response
    /// if it cannot be sent.
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
        if limits.concern(&payload) {
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
                "too many requests wait for services, for {service} alone or for all together; send \
                 again when some of them have ended"
            ))),
            Admission::Closed(_) => Err(has_ended()),
        }
    }

    /// Serves those that wait for a service.
    async fn serve(self: Arc<Self>, service: ServiceInstance) {
        let ready = |deadline| self.know_protocols(service, deadline);
        let send = |request| self.send_late(request);
        let give_up = |request| {
            let status = self.overdue(&request);
            self.give_up(request, &status);
        };
        self.pending.serve(service, ready, send, give_up).await;
    }

    /// Waits until it is known which protocols a service has, or must be assumed.
    async fn know_protocols(&self, service: ServiceInstance, deadline: Instant) {
        if let Ok(call) = self.calls.call(service) {
            self.protocols.settle(service, &call.protocol, deadline).await;
        }
    }

    /// Why a request was not sent in time.
    fn overdue(&self, request: &Request) -> UStatus {
        let service = service_of(&request.header);
        let what = match self.parts.monitor.is_available(service) {
            true => format!("it was not known in time which protocol it has; {REMEDY}"),
            false => format!("it was not available in time; {ABSENCE_REMEDY}"),
        };
        unavailable(format!("the request was not sent to service {service}: {what}"))
    }

    /// # Errors
    ///
    /// `UNAVAILABLE` if the service does not have the protocol that it must take.
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

    /// The sender of a request learns from the response what is wrong, that of another one at once.
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
    /// `INVALID_ARGUMENT` if the payload is too large for the way to the service, as far as that is
    /// known.
    // [impl->dsn~someip-payload-size~1]
    fn check_size(&self, request: &Request) -> Result<(), UStatus> {
        let Request { header, payload, has_protocol, .. } = request;
        let limits = &self.parts.limits;
        if !has_protocol || !limits.concern(payload) {
            return Ok(());
        }
        limits.check_request(header, payload, |service| self.protocols.is_elsewhere(service))
    }

    fn send_late(&self, mut request: Request) {
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
                log::debug!("a notification was not sent: {status} {:?}", request.header);
            }
        }
    }

    /// Tells the sender of a request that there was no response in time.
    // [impl->dsn~someip-request-expiry~1]
    pub(crate) fn expire(&self, context: RequestContext) {
        let (service, ttl) = (context.service(), context.ttl.unwrap_or_default());
        let time = Duration::from_millis(ttl.into());
        let call = self.calls.call(service).ok();
        let doubt = call.and_then(|call| self.protocols.doubt(service, &call.protocol, time));
        let status = doubt
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
            self.parts.answers.fail(context, &aborted("the session ids came round to its own"));
        }
        Ok(())
    }

    fn context_of(&self, attributes: UAttributes) -> RequestContext {
        RequestContext::of(attributes, &self.last_addresses)
    }
}
