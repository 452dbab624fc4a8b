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

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio::time::{timeout_at, Instant};
use up_rust::{UAttributes, UCode, UMessage, UMessageType, UStatus, UUID};
use vsomeip_sys::{EventId, Header, MajorVersion, MessageType, MethodId};

use crate::application::SomeIp;
use crate::availability::Availability;
use crate::error::{internal, invalid_argument};
use crate::message_mapping::inbound::{service_of, RequestContext};
use crate::message_mapping::outbound::{self, Notification};
use crate::receiver::Receiver;
use crate::registration::filter::Need;
use crate::registration::ledger::{Lease, Ledger};
use crate::uri_mapping::ServiceInstance;

pub(crate) struct Sender {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) availability: Arc<Availability>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) runtime: Handle,
    pub(crate) used: Used,
}

/// What sending has made necessary: offers of what was published, requests of what was called. It
/// is kept until the transport ends, as withdrawing and repeating it with every message would cost
/// more than it is worth, and peers would lose their subscriptions.
#[derive(Default)]
pub(crate) struct Used {
    events: RwLock<HashMap<(ServiceInstance, MajorVersion, EventId), Lease>>,
    methods: RwLock<HashMap<(ServiceInstance, MethodId), Lease>>,
}

impl Used {
    pub(crate) fn clear(&self) {
        self.events.write().clear();
        self.methods.write().clear();
    }
}

impl Sender {
    /// Sends a message.
    pub(crate) fn send(self: &Arc<Self>, message: UMessage) -> Result<(), UStatus> {
        let (message_type, attributes, payload) = outbound::validated(message)?;
        match message_type {
            UMessageType::UMESSAGE_TYPE_PUBLISH => self.publish(&attributes, &payload),
            UMessageType::UMESSAGE_TYPE_REQUEST => self.request(&attributes, payload),
            UMessageType::UMESSAGE_TYPE_RESPONSE => self.respond(&attributes, &payload),
            UMessageType::UMESSAGE_TYPE_NOTIFICATION => Err(UStatus::fail_with_code(
                UCode::UNIMPLEMENTED,
                "notifications cannot be sent over SOME/IP yet",
            )),
            UMessageType::UMESSAGE_TYPE_UNSPECIFIED => {
                Err(invalid_argument("the message has no type"))
            }
        }
    }

    // [impl->dsn~someip-publish-out~1]
    fn publish(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        remaining_time(attributes)?;
        let notification = outbound::notification(attributes)?;
        self.offer(&notification)?;
        self.application
            .notify(notification.service, notification.event, payload)
            .map_err(internal)?;
        self.receiver.counters.sent.increment();
        Ok(())
    }

    fn offer(&self, notification: &Notification) -> Result<(), UStatus> {
        let Notification { service, version, event } = *notification;
        let topic = (service, version, event);
        if self.used.events.read().contains_key(&topic) {
            return Ok(());
        }
        let mut events = self.used.events.write();
        if let std::collections::hash_map::Entry::Vacant(entry) = events.entry(topic) {
            let needs = vec![Need::Offer(service, version), Need::OfferEvent(service, event)];
            entry.insert(self.ledger.acquire(needs)?);
        }
        Ok(())
    }

    /// Sends a request at once if its service is available. If not, a task waits for the service
    /// and sends it then; the caller is not held up, and learns from the response if it cannot be.
    // [impl->dsn~someip-request-out~1]
    fn request(self: &Arc<Self>, attributes: &UAttributes, payload: Bytes) -> Result<(), UStatus> {
        let remaining = remaining_time(attributes)?
            .ok_or_else(|| invalid_argument("a request must have a time to live"))?;
        let deadline = Instant::now() + remaining;
        let header = outbound::request(attributes, false)?;
        let context = RequestContext::of(attributes);
        let service = service_of(&header);
        self.use_method(service, header.method())?;
        if self.availability.contains(service) {
            return self.send_request(&header, &payload, context, deadline);
        }
        let sender = self.clone();
        self.runtime.spawn(async move {
            sender.request_when_available(header, payload, context, deadline).await;
        });
        Ok(())
    }

    // [impl->dsn~someip-request-availability~1]
    async fn request_when_available(
        self: Arc<Self>,
        header: Header,
        payload: Bytes,
        context: RequestContext,
        deadline: Instant,
    ) {
        let available = self.availability.wait_for(service_of(&header));
        if timeout_at(deadline, available).await.is_err() {
            return self.receiver.fail_request(context, UCode::UNAVAILABLE);
        }
        let failed = context.clone();
        if let Err(status) = self.send_request(&header, &payload, context, deadline) {
            self.receiver.fail_request(failed, status.get_code());
        }
    }

    fn send_request(
        &self,
        header: &Header,
        payload: &Bytes,
        context: RequestContext,
        deadline: Instant,
    ) -> Result<(), UStatus> {
        let replaced = self.receiver.outgoing.send(header, payload, context, deadline)?;
        self.receiver.counters.sent.increment();
        if let Some(context) = replaced {
            self.receiver.fail_request(context, UCode::ABORTED);
        }
        Ok(())
    }

    fn use_method(&self, service: ServiceInstance, method: MethodId) -> Result<(), UStatus> {
        if self.used.methods.read().contains_key(&(service, method)) {
            return Ok(());
        }
        let mut methods = self.used.methods.write();
        if let std::collections::hash_map::Entry::Vacant(entry) = methods.entry((service, method)) {
            let needs = vec![Need::Handler(service, method), Need::Request(service)];
            entry.insert(self.ledger.acquire(needs)?);
        }
        Ok(())
    }

    // [impl->dsn~someip-response-out~1]
    fn respond(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        remaining_time(attributes)?;
        let request = self.receiver.incoming.take(attributes.request_id_unchecked());
        let request = request.ok_or_else(|| {
            UStatus::fail_with_code(
                UCode::NOT_FOUND,
                "no request waits for this response: it was answered, or its time is over",
            )
        })?;
        if request.header().message_type() == MessageType::RequestNoReturn {
            return Ok(());
        }
        self.application
            .send_response(&request, outbound::response(attributes), payload)
            .map_err(internal)?;
        self.receiver.counters.sent.increment();
        Ok(())
    }
}

/// What is left of a message's time to live; `None` if it lives for ever.
///
/// # Errors
///
/// `DEADLINE_EXCEEDED` if nothing is left.
// [impl->dsn~someip-ttl-out~1]
fn remaining_time(attributes: &UAttributes) -> Result<Option<Duration>, UStatus> {
    let ttl = match attributes.ttl() {
        None | Some(0) => return Ok(None),
        Some(milliseconds) => Duration::from_millis(milliseconds.into()),
    };
    let age = age_of(attributes.id_unchecked());
    match ttl.checked_sub(age) {
        Some(remaining) if !remaining.is_zero() => Ok(Some(remaining)),
        _ => Err(UStatus::fail_with_code(
            UCode::DEADLINE_EXCEEDED,
            "the time to live of the message is over",
        )),
    }
}

/// How long ago an id was made; nothing if its host's clock is ahead of ours.
fn age_of(id: &UUID) -> Duration {
    let made = SystemTime::UNIX_EPOCH + Duration::from_millis(id.get_time().unwrap_or_default());
    SystemTime::now().duration_since(made).unwrap_or_default()
}

#[cfg(test)]
mod tests;
