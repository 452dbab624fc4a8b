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

//! Turns the messages that vsomeip delivers into UMessages, and passes them to the listeners' mailboxes.
//! May use registration, services, rpc, delivery, network and mapping.

mod failed_checks;
mod mismatches;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use log::Level;
use parking_lot::Mutex;
use tokio::time::Instant;
use up_rust::{UMessage, UUri};
use vsomeip_sys::{EventId, Header, Message, MessageType, ReturnCode};

use crate::delivery::mailbox::Receipt;
use crate::delivery::place::on_dispatcher;
use crate::mapping::authorities::Source;
use crate::mapping::content::Content;
use crate::mapping::inbound::{self, Inbound};
use crate::mapping::request_context::RequestContext;
use crate::mapping::ttl::time_to_live;
use crate::mapping::uri::service_of;
use crate::metrics::Counters;
use crate::network::announcements::Announcements;
use crate::network::own_client::OwnClient;
use crate::registration::routes::{EventRecipients, Routes};
use crate::rpc::incoming::{IncomingRequest, IncomingRequests, Responder};
use crate::rpc::outgoing::OutgoingRequests;
use crate::services::{FieldValue, LastValues, Receive};
use crate::uprotocol::{id_of, MessageParts};
use failed_checks::FailedChecks;
use mismatches::Warned;

/// The components and options of a receiver.
pub(crate) struct Parts {
    /// The local entity.
    pub(crate) own: UUri,
    pub(crate) inbound: Inbound,
    pub(crate) routes: Arc<Routes>,
    pub(crate) outgoing: Arc<OutgoingRequests>,
    pub(crate) incoming: Arc<IncomingRequests>,
    pub(crate) announcements: Arc<Announcements>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) own_client: Arc<OwnClient>,
    /// The time to live of received requests that carry none.
    pub(crate) request_ttl: Duration,
    /// Whether vsomeip never starts another dispatcher thread. If it may, a listener that blocks inline
    /// would let later messages overtake.
    pub(crate) one_dispatcher: bool,
}

/// The longest time to answer a request, whatever time to live it carries.
const LONGEST_CARRIED_TTL: Duration = Duration::from_secs(600);

pub(crate) struct Receiver {
    parts: Parts,
    /// The types of invalid messages that were warned about.
    invalid: Mutex<HashSet<u8>>,
    failed_checks: FailedChecks,
    warned: Warned,
}

impl Receive for Receiver {
    fn receive(&self, message: &Message, values: &LastValues) {
        self.parts.counters.received.increment();
        let (header, payload) = message.header_and_payload();
        on_dispatcher(|| self.accept(&header, payload, message, values));
    }
}

impl Receiver {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            parts,
            invalid: Mutex::default(),
            failed_checks: FailedChecks::default(),
            warned: Warned::default(),
        }
    }

    fn accept(&self, header: &Header, payload: Bytes, message: &Message, values: &LastValues) {
        if failed_checks::has_failed(header, &payload) {
            return self.reject(header, message);
        }
        let content = match self.parts.inbound.content(header, payload) {
            Ok(content) => content,
            Err(reason) => return self.reject_mismatch(header, reason, message),
        };
        match header.message_type() {
            MessageType::Notification => self.receive_event(header, content, values),
            MessageType::RequestNoReturn if header.method == 0 => {
                self.receive_notification(header, content);
            }
            MessageType::Request => self.receive_request(header, content, message),
            MessageType::RequestNoReturn => self.receive_request_no_return(header, content),
            MessageType::Response | MessageType::Error => self.receive_response(header, content),
            MessageType::Unknown(_) => self.drop_invalid(header, "its message type is unknown"),
        }
    }

    /// Rejects a message whose E2E check failed: no listener gets it, and the request fails.
    fn reject(&self, header: &Header, message: &Message) {
        let Parts { incoming, counters, .. } = &self.parts;
        self.failed_checks.note(header, &counters.e2e_failed);
        match header.message_type() {
            // Not E_E2E: vsomeip drops responses with that code, and closes a TCP connection that they
            // come over. E_MALFORMED_MESSAGE maps to DATA_LOSS.
            MessageType::Request => {
                incoming.refuse(header, message, ReturnCode::MalformedMessage);
            }
            MessageType::Response | MessageType::Error => {
                self.complete(header, |context| {
                    inbound::failure(context, &failed_checks::status())
                });
            }
            MessageType::Notification | MessageType::RequestNoReturn | MessageType::Unknown(_) => {}
        }
    }

    fn receive_event(&self, header: &Header, content: Content, values: &LastValues) {
        let header = &values.with_version(header);
        let (event, source) = match self.parts.inbound.publish(header, content) {
            Ok(publish) => publish,
            Err(error) => return self.drop_invalid(header, error),
        };
        let recipients = match values.field(EventId(header.method)) {
            None => self.event_recipients(&event, source),
            Some(field) => {
                // Locked until the recipients are known: later registrations get the kept value.
                let mut value = field.lock();
                let recipients = self.event_recipients(&event, source);
                let registrations = recipients.registrations;
                let event = inbound::lasting(&event);
                *value = Some(FieldValue { event, source, registrations, is_own: false });
                recipients
            }
        };
        self.deliver_event(header, event, recipients);
    }

    fn event_recipients(&self, event: &UMessage, source: Source) -> EventRecipients {
        let attributes = event.all_attributes();
        self.parts.routes.event_recipients(attributes, source, &self.parts.own)
    }

    fn deliver_event(&self, header: &Header, event: UMessage, recipients: EventRecipients) {
        if recipients.is_empty() {
            self.parts.counters.dropped_unmatched.increment();
        }
        let EventRecipients { notified, published, .. } = recipients;
        for (sink, recipient) in notified {
            match inbound::notification(&event, sink) {
                Ok(notification) if self.parts.one_dispatcher => {
                    recipient.deliver(notification, None);
                }
                Ok(notification) => recipient.post(notification, None),
                Err(error) => self.drop_invalid(header, error),
            }
        }
        published.deliver(event, None, self.parts.one_dispatcher);
    }

    fn receive_notification(&self, header: &Header, content: Content) {
        let known = content.known_source(Source::OnlyClient);
        match self.parts.inbound.notification_request(header, content) {
            Ok(notification) => {
                self.deliver(notification, known, None);
            }
            Err(error) => self.drop_invalid(header, error),
        }
    }

    // [impl->dsn~someip-request-in~1]
    fn receive_request(&self, header: &Header, content: Content, message: &Message) {
        let Parts { inbound, incoming, outgoing, own_client, .. } = &self.parts;
        own_client.compare(header, || outgoing.awaits(header));
        let known = content.known_source(Source::AuthorityAssumed);
        let has_id = content.has_id();
        let mut request = match inbound.request(header, content) {
            Ok(request) => request,
            Err(error) => {
                self.drop_invalid(header, error);
                // Either the carried attributes are invalid, or the request itself is.
                let code = match inbound.request(header, Content::default()) {
                    Ok(_) => ReturnCode::MalformedMessage,
                    Err(_) => ReturnCode::UnknownMethod,
                };
                return incoming.refuse(header, message, code);
            }
        };
        if has_id {
            incoming.ensure_unique_id(&mut request);
        }
        let waiting = IncomingRequest { header: *header, message: message.clone() };
        let deadline = Instant::now() + self.time_to_answer(&request);
        match incoming.insert(id_of(request.all_attributes()), waiting, deadline) {
            Ok(responder) => self.deliver_request(header, request, known, &responder),
            Err(_) => incoming.refuse(header, message, ReturnCode::NotReady),
        }
    }

    /// How long a request can be answered.
    fn time_to_answer(&self, request: &UMessage) -> Duration {
        let default = self.parts.request_ttl;
        let ttl = time_to_live(request.all_attributes()).unwrap_or(default);
        ttl.min(default.max(LONGEST_CARRIED_TTL))
    }

    fn deliver_request(
        &self,
        header: &Header,
        request: UMessage,
        known: Source,
        responder: &Arc<Responder>,
    ) {
        let receipt: Arc<dyn Receipt> = responder.clone();
        if !self.deliver(request, known, Some(receipt)) {
            responder.refuse(self.refusal_of(header));
        }
    }

    /// Delivers a request without return, which needs no pending entry.
    fn receive_request_no_return(&self, header: &Header, content: Content) {
        let known = content.known_source(Source::AuthorityAssumed);
        let has_id = content.has_id();
        match self.parts.inbound.request(header, content) {
            Ok(mut request) => {
                match has_id {
                    true => self.parts.incoming.ensure_unique_id(&mut request),
                    false => self.parts.incoming.mark_without_return(&mut request),
                }
                self.deliver(request, known, None);
            }
            Err(error) => self.drop_invalid(header, error),
        }
    }

    /// The return code for a request that no listener gets.
    // [impl->dsn~someip-request-in~1]
    fn refusal_of(&self, header: &Header) -> ReturnCode {
        let service = service_of(header);
        let routes = &self.parts.routes;
        if routes.has_other_version_of(service, header.method(), header.version()) {
            ReturnCode::WrongInterfaceVersion
        } else {
            ReturnCode::UnknownMethod
        }
    }

    // [impl->dsn~someip-response-in~1]
    fn receive_response(&self, header: &Header, content: Content) {
        self.complete(header, |context| self.parts.inbound.response(context, header, content));
    }

    /// Completes the request that a response answers, if it is still pending.
    fn complete(&self, header: &Header, response: impl FnOnce(RequestContext) -> UMessage) {
        let Parts { outgoing, announcements, counters, .. } = &self.parts;
        // Late responses count, too.
        announcements.confirm(service_of(header), header.reliable);
        let Some(context) = outgoing.answered(header) else {
            counters.uncorrelated.increment();
            log::debug!(service:% = service_of(header), method:% = header.method(); "no pending request for the response {header:?}");
            return;
        };
        self.deliver(response(context), Source::Known, None);
    }

    /// Delivers a message. Returns whether any listener gets it; if not, counts it.
    fn deliver(
        &self,
        message: UMessage,
        source: Source,
        receipt: Option<Arc<dyn Receipt>>,
    ) -> bool {
        let Parts { routes, counters, one_dispatcher, .. } = &self.parts;
        let recipients = routes.recipients(message.all_attributes(), source);
        let is_wanted = !recipients.is_empty();
        if !is_wanted {
            counters.dropped_unmatched.increment();
        }
        recipients.deliver(message, receipt, *one_dispatcher);
        is_wanted
    }

    fn drop_invalid(&self, header: &Header, reason: impl std::fmt::Display) {
        self.parts.counters.dropped_invalid.increment();
        let is_first = self.invalid.lock().insert(header.message_type);
        let level = if is_first { Level::Warn } else { Level::Debug };
        log::log!(level, service:% = service_of(header), method:% = header.method(); "dropped an invalid message, {header:?}: {reason}");
    }
}

#[cfg(test)]
mod tests;
