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

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use up_rust::{UCode, UMessage};
use vsomeip_sys::{Header, Message, MessageType, ReturnCode};

use crate::application::SomeIp;
use crate::message_mapping::inbound;
use crate::message_mapping::inbound::RequestContext;
use crate::message_mapping::outbound::ResponseKind;
use crate::metrics::Counters;
use crate::registration::handler_pool::MessageSink;
use crate::registration::listeners::Listeners;
use crate::rpc::incoming::IncomingRequests;
use crate::rpc::outgoing::OutgoingRequests;

/// The authorities at the two ends of the transport.
#[derive(Clone, Debug)]
pub(crate) struct Authorities {
    /// Of the entity that uses the transport.
    pub(crate) local: String,
    /// Of the SOME/IP network.
    pub(crate) remote: String,
}

pub(crate) struct Receiver {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) authorities: Authorities,
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) outgoing: Arc<OutgoingRequests>,
    pub(crate) incoming: Arc<IncomingRequests>,
    pub(crate) counters: Arc<Counters>,
    /// How long a received request can be answered; SOME/IP does not say.
    pub(crate) request_ttl: Duration,
}

impl MessageSink for Receiver {
    fn receive(&self, message: &Message) {
        self.counters.received.increment();
        let header = message.header();
        match header.message_type() {
            MessageType::Notification => self.receive_event(&header, message),
            MessageType::Request | MessageType::RequestNoReturn => {
                self.receive_request(&header, message);
            }
            MessageType::Response | MessageType::Error => self.receive_response(&header, message),
            MessageType::Unknown(_) => self.drop_invalid(&header, "its message type is unknown"),
        }
    }
}

impl Receiver {
    fn receive_event(&self, header: &Header, message: &Message) {
        let payload = message.payload();
        match inbound::publish(header, payload, &self.authorities.remote) {
            Ok(publish) => self.dispatch(publish, true),
            Err(error) => self.drop_invalid(header, error),
        }
    }

    // [impl->dsn~someip-request-in~1]
    fn receive_request(&self, header: &Header, message: &Message) {
        let Authorities { local, remote } = &self.authorities;
        let ttl = u32::try_from(self.request_ttl.as_millis()).unwrap_or(u32::MAX);
        let request = match inbound::request(header, message.payload(), remote, local, ttl) {
            Ok(request) => request,
            Err(error) => return self.drop_invalid(header, error),
        };
        let id = request.id_unchecked().clone();
        let deadline = Instant::now() + self.request_ttl;
        if self.incoming.insert(&id, message.clone(), deadline).is_err() {
            return self.refuse(message, ReturnCode::NotReady);
        }
        if !self.listeners.dispatch(request, true) {
            self.counters.dropped_unmatched.increment();
            if let Some(request) = self.incoming.take(&id) {
                self.refuse(&request, ReturnCode::UnknownMethod);
            }
        }
    }

    // [impl->dsn~someip-response-in~1]
    fn receive_response(&self, header: &Header, message: &Message) {
        let Some(context) = self.outgoing.answered(header.request_id()) else {
            self.counters.uncorrelated.increment();
            log::debug!("no request waits for the response {header:?}");
            return;
        };
        match inbound::response(context, header, message.payload()) {
            Ok(response) => self.dispatch(response, false),
            Err(error) => self.drop_invalid(header, error),
        }
    }

    /// Tells the sender of a request, through a response of our own, what became of it.
    // [impl->dsn~someip-request-expiry~1]
    pub(crate) fn fail_request(&self, context: RequestContext, status: UCode) {
        match inbound::response_with_status(context, status, bytes::Bytes::new()) {
            Ok(response) => self.dispatch(response, false),
            Err(error) => log::warn!("a failed request cannot be answered: {error}"),
        }
    }

    /// Answers a request with an error of our own.
    pub(crate) fn refuse(&self, request: &Message, return_code: ReturnCode) {
        let header = request.header();
        if header.message_type() != MessageType::Request {
            return;
        }
        let kind = ResponseKind { message_type: MessageType::Error, return_code };
        if let Err(error) = self.application.send_response(request, kind, &[]) {
            log::warn!("the request {header:?} cannot be refused: {error}");
        }
    }

    fn dispatch(&self, message: UMessage, source_is_assumed: bool) {
        if !self.listeners.dispatch(message, source_is_assumed) {
            self.counters.dropped_unmatched.increment();
        }
    }

    fn drop_invalid(&self, header: &Header, reason: impl std::fmt::Display) {
        if self.counters.dropped_invalid.increment() == 0 {
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
                receiver.counters.unanswered.increment();
                receiver.refuse(&request, ReturnCode::Timeout);
            }
        }
    }
}
