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

//! What happens to a message that is sent: from `UTransport::send` to vsomeip.

pub(crate) mod leases;
pub(crate) mod payload_limits;
pub(crate) mod pending;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::time::Instant;
use up_rust::{UAttributes, UCode, UMessage, UMessageType, UPayloadFormat, UStatus, UUri};
use vsomeip_sys::{Header, MessageType, MethodId};

use crate::builder::NotificationMode;
use crate::error::{exhausted, internal, invalid_argument};
use crate::mapping::inbound::service_of;
use crate::mapping::outbound::{self, Notification};
use crate::mapping::request_context::{LastAddresses, RequestContext};
use crate::mapping::ttl::remaining_time;
use crate::mapping::uri::ServiceInstance;
use crate::network::state::Monitor;
use crate::receive::Receiver;
use crate::registration::filter::{offer_needs, Need};
use crate::registration::ledger::Ledger;
use crate::send::leases::{Use, Used};
use crate::send::payload_limits::{PayloadLimits, Reach};
use crate::send::pending::{Admission, Backlog, Delayed};
use crate::vsomeip::application::SomeIp;

pub(crate) struct Sender {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) runtime: Handle,
    pub(crate) used: Used,
    pub(crate) last_addresses: LastAddresses,
    pub(crate) backlog: Backlog<Request>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) limits: PayloadLimits,
    pub(crate) payload_format: UPayloadFormat,
    pub(crate) notifications: NotificationMode,
    /// Over TCP, between hosts.
    pub(crate) reliable: bool,
    /// Whether messages of other authorities are sent.
    pub(crate) foreign_sources: bool,
}

/// A request to be sent, with or without return.
#[derive(Clone)]
pub(crate) struct Request {
    header: Header,
    payload: Bytes,
    deadline: Instant,
    /// Those of a request that is answered; a request without return has none.
    attributes: Option<Box<UAttributes>>,
}

impl Delayed for Request {
    fn deadline(&self) -> Instant {
        self.deadline
    }
}

/// How long a notification without a time to live waits for the service that it is for.
const NOTIFICATION_PATIENCE: Duration = Duration::from_secs(5);

impl Sender {
    /// Sends a message.
    pub(crate) fn send(self: &Arc<Self>, message: UMessage) -> Result<(), UStatus> {
        let (message_type, attributes, payload) = outbound::validated(message)?;
        self.check_source(attributes.source_unchecked())?;
        outbound::check_format(&attributes, self.payload_format)?;
        match message_type {
            UMessageType::UMESSAGE_TYPE_PUBLISH => self.publish(&attributes, &payload),
            UMessageType::UMESSAGE_TYPE_REQUEST => self.request(attributes, payload),
            UMessageType::UMESSAGE_TYPE_RESPONSE => self.respond(&attributes, &payload),
            UMessageType::UMESSAGE_TYPE_NOTIFICATION => self.notify(&attributes, payload),
            UMessageType::UMESSAGE_TYPE_UNSPECIFIED => {
                Err(invalid_argument("the message has no type"))
            }
        }
    }

    /// # Errors
    ///
    /// `PERMISSION_DENIED` if the message is another authority's, and those are not forwarded.
    // [impl->req~utransport-send-prevent-address-spoofing~1]
    fn check_source(&self, source: &UUri) -> Result<(), UStatus> {
        let authority = &source.authority_name;
        let own = &self.receiver.own.authority_name;
        if self.foreign_sources || authority.is_empty() || authority == own {
            return Ok(());
        }
        Err(UStatus::fail_with_code(
            UCode::PERMISSION_DENIED,
            format!(
                "the source {source} is not of the authority {own:?}, which this transport has"
            ),
        ))
    }

    // [impl->dsn~someip-publish-out~1]
    fn publish(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        remaining_time(attributes)?;
        let notification = outbound::notification(attributes)?;
        if self.limits.concern(payload.len()) {
            let Notification { service, event, .. } = notification;
            self.count(self.limits.check_event(service, event.0, payload.len())?);
        }
        self.offer(&notification)?;
        self.application
            .notify(notification.service, notification.event, payload)
            .map_err(internal)?;
        self.receiver.counters.sent.increment();
        Ok(())
    }

    fn count(&self, reach: Reach) {
        if reach == Reach::ThisHost {
            self.receiver.counters.too_large_for_network.increment();
        }
    }

    /// Offers topics before anything is published to them, so that subscribers are connected then.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if one is no topic that can be published to.
    // [impl->dsn~someip-offer-up-front~1]
    pub(crate) fn offer_topics(&self, topics: &[UUri]) -> Result<(), UStatus> {
        let topics: Vec<_> = topics.iter().map(outbound::topic).collect::<Result<_, _>>()?;
        let events = topics.iter().map(|topic| Need::OfferEvent(topic.service, topic.event));
        let _before_the_services = self.ledger.acquire(events.collect())?;
        topics.iter().try_for_each(|topic| self.offer(topic))
    }

    /// Offers the event, then its service: vsomeip can lose a subscription that it gets in the moment
    /// in which it learns of the event.
    fn offer(&self, notification: &Notification) -> Result<(), UStatus> {
        let Notification { service, version, event } = *notification;
        self.used.keep(Use::Topic(service, version, event), || {
            let mut needs = vec![Need::OfferEvent(service, event)];
            needs.extend(offer_needs(service, version));
            self.ledger.acquire(needs)
        })
    }

    // [impl->dsn~someip-notification-out~1]
    fn notify(self: &Arc<Self>, attributes: &UAttributes, payload: Bytes) -> Result<(), UStatus> {
        match self.notifications {
            NotificationMode::RequestNoReturn => self.request_no_return(attributes, payload),
            NotificationMode::Event => self.publish(attributes, &payload),
            NotificationMode::Reject => Err(UStatus::fail_with_code(
                UCode::UNIMPLEMENTED,
                "this transport is configured not to send notifications",
            )),
        }
    }

    fn request_no_return(
        self: &Arc<Self>,
        attributes: &UAttributes,
        payload: Bytes,
    ) -> Result<(), UStatus> {
        let remaining = remaining_time(attributes)?.unwrap_or(NOTIFICATION_PATIENCE);
        let header = outbound::notification_request(attributes, self.reliable)?;
        let deadline = Instant::now() + remaining;
        self.send_when_available(Request { header, payload, deadline, attributes: None })
    }

    // [impl->dsn~someip-request-out~1]
    fn request(
        self: &Arc<Self>,
        attributes: Box<UAttributes>,
        payload: Bytes,
    ) -> Result<(), UStatus> {
        let remaining = remaining_time(&attributes)?
            .ok_or_else(|| invalid_argument("a request must have a time to live"))?;
        let header = outbound::request(&attributes, self.reliable)?;
        let deadline = Instant::now() + remaining;
        self.send_when_available(Request {
            header,
            payload,
            deadline,
            attributes: Some(attributes),
        })
    }

    /// Sends a request at once if its service is available. If not, a task waits for the service
    /// and sends it then; the caller is not held up, and learns from the response if it cannot be.
    // [impl->dsn~someip-request-availability~1]
    fn send_when_available(self: &Arc<Self>, request: Request) -> Result<(), UStatus> {
        self.check_size(&request)?;
        let service = service_of(&request.header);
        self.use_method(service, request.header.method())?;
        match self.backlog.admit(service, request) {
            Admission::SendNow(request) => self.send_request(request),
            Admission::Waits => Ok(()),
            Admission::WaitsFirst => {
                let sender = self.clone();
                self.runtime.spawn(async move {
                    let send = |request| sender.send_late(request);
                    let give_up = |request| sender.give_up(request, UCode::UNAVAILABLE);
                    sender.backlog.serve(service, send, give_up).await;
                });
                Ok(())
            }
            Admission::Full(_) => Err(exhausted("too many requests are waiting for their service")),
        }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the payload is too large for the way to the service.
    // [impl->dsn~someip-payload-size~1]
    fn check_size(&self, request: &Request) -> Result<(), UStatus> {
        let size = request.payload.len();
        if !self.limits.concern(size) {
            return Ok(());
        }
        let is_remote = |service| self.monitor.is_on_other_host(service);
        self.limits.check_request(&request.header, size, is_remote)
    }

    fn send_late(&self, request: Request) {
        let failed = request.clone();
        let sent = self.check_size(&request).and_then(|()| self.send_request(request));
        if let Err(status) = sent {
            self.give_up(failed, status.get_code());
        }
    }

    fn give_up(&self, request: Request, status: UCode) {
        match request.attributes {
            Some(attributes) => self.receiver.fail_request(self.context_of(*attributes), status),
            None => {
                self.receiver.counters.notifications_lost.increment();
                log::debug!("a notification was not sent: {status:?} {:?}", request.header);
            }
        }
    }

    fn send_request(&self, request: Request) -> Result<(), UStatus> {
        let Request { header, payload, deadline, attributes } = request;
        let outgoing = &self.receiver.outgoing;
        let replaced = match attributes {
            Some(attributes) => {
                let context = || self.context_of(*attributes);
                outgoing.send(&header, &payload, deadline, context)?
            }
            None => {
                outgoing.send_without_return(&header, &payload)?;
                None
            }
        };
        self.receiver.counters.sent.increment();
        if let Some(context) = replaced {
            self.receiver.fail_request(context, UCode::ABORTED);
        }
        Ok(())
    }

    fn context_of(&self, attributes: UAttributes) -> RequestContext {
        RequestContext::of(attributes, &self.last_addresses)
    }

    /// Requests a service until the transport ends, so that its availability is known.
    pub(crate) fn use_service(&self, service: ServiceInstance) -> Result<(), UStatus> {
        let acquire = || self.ledger.acquire(vec![Need::Request(service)]);
        self.used.keep(Use::Service(service), acquire)
    }

    fn use_method(&self, service: ServiceInstance, method: MethodId) -> Result<(), UStatus> {
        self.used.keep(Use::Method(service, method), || {
            self.ledger.acquire(vec![Need::Handler(service, method), Need::Request(service)])
        })
    }

    // [impl->dsn~someip-response-out~1]
    fn respond(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        remaining_time(attributes)?;
        let id = attributes.request_id_unchecked();
        if self.limits.concern(payload.len()) {
            // What is refused leaves the request to be answered by something smaller.
            if let Some(request) = self.receiver.incoming.header(id) {
                self.count(self.limits.check_response(&request, payload.len())?);
            }
        }
        let request = self.receiver.incoming.take(id);
        let request = request.ok_or_else(|| {
            UStatus::fail_with_code(
                UCode::NOT_FOUND,
                "no request waits for this response: it was answered, or its time is over",
            )
        })?;
        if request.header.message_type() == MessageType::RequestNoReturn {
            return Ok(());
        }
        self.application
            .send_response(&request.message, outbound::response(attributes), payload)
            .map_err(internal)?;
        self.receiver.counters.sent.increment();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
