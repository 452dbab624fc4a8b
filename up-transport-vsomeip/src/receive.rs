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

//! What happens to a message that vsomeip delivers: from SOME/IP to the listeners' queues.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;
use up_rust::{UCode, UMessage, UPayloadFormat, UUri};
use vsomeip_sys::{Header, Message, MessageType, ReturnCode};

use crate::delivery::inline::on_dispatcher;
use crate::mapping::authorities::{Authorities, Source};
use crate::mapping::inbound;
use crate::mapping::outbound::ResponseKind;
use crate::mapping::request_context::RequestContext;
use crate::metrics::Counters;
use crate::registration::routes::Listeners;
use crate::rpc::incoming::{IncomingRequest, IncomingRequests};
use crate::rpc::outgoing::OutgoingRequests;
use crate::vsomeip::application::SomeIp;
use crate::vsomeip::handler_pool::MessageSink;

pub(crate) struct Receiver {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) authorities: Authorities,
    /// The local entity.
    pub(crate) own: UUri,
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) outgoing: Arc<OutgoingRequests>,
    pub(crate) incoming: Arc<IncomingRequests>,
    pub(crate) counters: Arc<Counters>,
    /// The format that all payloads are assumed to have.
    pub(crate) payload_format: UPayloadFormat,
    /// How long a received request can be answered; SOME/IP does not say.
    pub(crate) request_ttl: Duration,
    pub(crate) invalid: InvalidKinds,
}

/// The message types of which an invalid message was logged: one of each is enough.
#[derive(Default)]
pub(crate) struct InvalidKinds(Mutex<HashSet<u8>>);

impl MessageSink for Receiver {
    fn receive(&self, message: &Message) {
        self.counters.received.increment();
        let (header, payload) = message.header_and_payload();
        on_dispatcher(|| self.accept(&header, payload, message));
    }
}

impl Receiver {
    /// Takes a message with its parts.
    fn accept(&self, header: &Header, payload: Bytes, message: &Message) {
        match header.message_type() {
            MessageType::Notification => self.receive_event(header, payload),
            MessageType::RequestNoReturn if header.method == 0 => {
                self.receive_notification(header, payload);
            }
            MessageType::Request | MessageType::RequestNoReturn => {
                self.receive_request(header, payload, message);
            }
            MessageType::Response | MessageType::Error => self.receive_response(header, payload),
            MessageType::Unknown(_) => self.drop_invalid(header, "its message type is unknown"),
        }
    }

    fn receive_event(&self, header: &Header, payload: Bytes) {
        let (authority, source) = self.authorities.of(inbound::service_of(header));
        let publish = match inbound::publish(header, payload, authority) {
            Ok(publish) => publish,
            Err(error) => return self.drop_invalid(header, error),
        };
        let publish = self.with_format(publish);
        let is_notified = self.listeners.notify(&publish, source, &self.own);
        let is_notified = is_notified.unwrap_or_else(|error| {
            self.drop_invalid(header, error);
            false
        });
        if !self.listeners.dispatch(publish, source) && !is_notified {
            self.counters.dropped_unmatched.increment();
        }
    }

    fn receive_notification(&self, header: &Header, payload: Bytes) {
        let Authorities { local, remote, .. } = &self.authorities;
        match inbound::notification_request(header, payload, remote, local) {
            Ok(notification) => {
                self.dispatch(notification, Source::OnlyClient);
            }
            Err(error) => self.drop_invalid(header, error),
        }
    }

    // [impl->dsn~someip-request-in~1]
    fn receive_request(&self, header: &Header, payload: Bytes, message: &Message) {
        let Authorities { local, remote, .. } = &self.authorities;
        let ttl = u32::try_from(self.request_ttl.as_millis()).unwrap_or(u32::MAX);
        let request = match inbound::request(header, payload, remote, local, ttl) {
            Ok(request) => request,
            Err(error) => {
                self.drop_invalid(header, error);
                return self.refuse(header, message, ReturnCode::UnknownMethod);
            }
        };
        let id = request.id_unchecked().clone();
        let deadline = Instant::now() + self.request_ttl;
        let is_answered = header.message_type() == MessageType::Request;
        // Without return, a place in the table is only there to swallow a response.
        let waiting = IncomingRequest { header: *header, message: message.clone() };
        if self.incoming.insert(&id, waiting, deadline).is_err() && is_answered {
            return self.refuse(header, message, ReturnCode::NotReady);
        }
        if !self.dispatch(request, Source::AuthorityAssumed) {
            self.incoming.take(&id);
            self.refuse(header, message, self.refusal_of(header));
        }
    }

    /// Why nobody gets a request.
    // [impl->dsn~someip-request-in~1]
    fn refusal_of(&self, header: &Header) -> ReturnCode {
        let service = inbound::service_of(header);
        if self.listeners.has_other_version_of(service, header.method(), header.version()) {
            ReturnCode::WrongInterfaceVersion
        } else {
            ReturnCode::UnknownMethod
        }
    }

    // [impl->dsn~someip-response-in~1]
    fn receive_response(&self, header: &Header, payload: Bytes) {
        let Some(context) = self.outgoing.answered(header.request_id()) else {
            self.counters.uncorrelated.increment();
            log::debug!("no request waits for the response {header:?}");
            return;
        };
        self.dispatch(inbound::response(context, header, payload), Source::Known);
    }

    /// Tells the sender of a request, through a response of our own, what became of it.
    // [impl->dsn~someip-request-expiry~1]
    pub(crate) fn fail_request(&self, context: RequestContext, status: UCode) {
        let response = inbound::response_with_status(context, status, Bytes::new());
        self.dispatch(response, Source::Known);
    }

    /// Answers a request with an error of our own, if it wants to be answered.
    fn refuse(&self, header: &Header, request: &Message, return_code: ReturnCode) {
        if header.message_type() != MessageType::Request {
            return;
        }
        let kind = ResponseKind { message_type: MessageType::Error, return_code };
        if let Err(error) = self.application.send_response(request, kind, &[]) {
            log::warn!("the request {header:?} cannot be refused: {error}");
        }
    }

    /// Returns whether anybody gets the message, and counts it if not.
    fn dispatch(&self, message: UMessage, source: Source) -> bool {
        let is_wanted = self.listeners.dispatch(self.with_format(message), source);
        if !is_wanted {
            self.counters.dropped_unmatched.increment();
        }
        is_wanted
    }

    // [impl->dsn~someip-payload-format~1]
    fn with_format(&self, mut message: UMessage) -> UMessage {
        if let (Some(_), Some(attributes)) = (&message.payload, message.attributes.as_mut()) {
            attributes.payload_format = self.payload_format.into();
        }
        message
    }

    fn drop_invalid(&self, header: &Header, reason: impl std::fmt::Display) {
        self.counters.dropped_invalid.increment();
        if self.invalid.0.lock().insert(header.message_type) {
            log::warn!("dropped {header:?}, which makes no valid message: {reason}");
        } else {
            log::debug!("dropped {header:?}, which makes no valid message: {reason}");
        }
    }
}

/// Answers what expires, for as long as the transport lives.
pub(crate) async fn watch_deadlines(receiver: Arc<Receiver>) {
    loop {
        tokio::select! {
            context = receiver.outgoing.next_expired() => {
                receiver.counters.requests_expired.increment();
                receiver.fail_request(context, UCode::DEADLINE_EXCEEDED);
            }
            request = receiver.incoming.next_expired() => {
                if request.header.message_type() == MessageType::Request {
                    receiver.counters.unanswered.increment();
                }
                receiver.refuse(&request.header, &request.message, ReturnCode::Timeout);
            }
        }
    }
}

#[cfg(test)]
mod tests;
