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

//! What happens to a message that is sent: from `UTransport::send` to vsomeip. Uses registration,
//! services, rpc, the network's state, and mappings.

pub(crate) mod first_messages;
mod own_listeners;
pub(crate) mod payload_limits;
mod pending;
pub(crate) mod protocols;
mod request;
mod uses;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::time::Instant;
use up_rust::{UAttributes, UCode, UMessage, UMessageType, UStatus, UUri};
use vsomeip_sys::MessageType;

use crate::error::{has_ended, internal, invalid_argument};
use crate::events::Events;
use crate::mapping::agreements::{Agreement, Agreements};
use crate::mapping::outbound::{self, Notification};
use crate::mapping::request_context::LastAddresses;
use crate::mapping::trailer;
use crate::mapping::ttl::remaining_time;
use crate::mapping::uri::ServiceInstance;
use crate::metrics::Counters;
use crate::network::announcements::Announcements;
use crate::network::state::Monitor;
use crate::options::{NotificationMode, Options};
use crate::registration::answers::Answers;
use crate::registration::routes::Routes;
use crate::rpc::incoming::IncomingRequests;
use crate::rpc::outgoing::OutgoingRequests;
use crate::send::first_messages::{FirstMessage, FirstMessages};
use crate::send::own_listeners::OwnListeners;
use crate::send::payload_limits::{PayloadLimits, Reach};
use crate::send::pending::Pending;
use crate::send::protocols::{ProtocolChoice, Rules};
use crate::send::request::Request;
use crate::send::uses::{Calls, SenderClock, Topics};
use crate::services::Services;
use crate::stack::DiscoveryGroup;
use crate::vsomeip::application::SomeIp;

/// What a sender passes messages on to, and whom it asks.
pub(crate) struct Parts {
    pub(crate) application: Arc<dyn SomeIp>,
    pub(crate) services: Arc<Services>,
    pub(crate) outgoing: Arc<OutgoingRequests>,
    pub(crate) incoming: Arc<IncomingRequests>,
    pub(crate) answers: Arc<Answers>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) events: Arc<Events>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) limits: PayloadLimits,
    pub(crate) announcements: Arc<Announcements>,
    pub(crate) rules: Rules,
    /// Where services on other hosts are found, if they are.
    pub(crate) discovery: Option<DiscoveryGroup>,
    /// The runtime of the control thread.
    pub(crate) control: Handle,
}

/// How messages are sent.
struct Policy {
    /// The authority of the local entity.
    authority: String,
    agreements: Arc<Agreements>,
    notifications: NotificationMode,
    /// Whether messages of other authorities are sent.
    foreign_sources: bool,
}

pub(crate) struct Sender {
    parts: Parts,
    policy: Policy,
    clock: Arc<SenderClock>,
    calls: Calls,
    topics: Topics,
    first_messages: Arc<FirstMessages>,
    own_listeners: OwnListeners,
    last_addresses: LastAddresses,
    pending: Pending<Request>,
    protocols: ProtocolChoice,
}

impl Sender {
    /// `own` is the local entity.
    pub(crate) fn new(parts: Parts, own: UUri, options: &Options) -> Self {
        let (services, clock) = (parts.services.clone(), Arc::<SenderClock>::default());
        let max_services = options.max_sender_services;
        let calls = Calls::new(services.clone(), clock.clone(), max_services);
        let first_messages = Arc::new(FirstMessages::new(first_messages::Parts {
            application: parts.application.clone(),
            services: services.clone(),
            monitor: parts.monitor.clone(),
            counters: parts.counters.clone(),
            events: parts.events.clone(),
            announced: parts.limits.announced().collect(),
            control: parts.control.clone(),
            first_offer: parts.discovery.map_or(Duration::ZERO, |group| group.first_offer),
            limits: options.hold_first_messages,
        }));
        let topics = Topics::new(
            services,
            clock.clone(),
            first_messages.clone(),
            max_services,
            options.max_published_topics,
        );
        let pending = Pending::new(parts.monitor.clone(), options.max_outgoing_requests);
        let (monitor, announcements) = (parts.monitor.clone(), parts.announcements.clone());
        let discovers = parts.discovery.is_some();
        let protocols = ProtocolChoice::new(parts.rules.clone(), discovers, monitor, announcements);
        let agreements = Arc::new(Agreements::of_options(options));
        let policy = Policy {
            authority: own.authority_name.clone(),
            agreements: agreements.clone(),
            notifications: options.notifications,
            foreign_sources: options.foreign_sources,
        };
        let own_listeners = OwnListeners::new(
            own,
            agreements,
            parts.routes.clone(),
            parts.services.clone(),
            parts.events.clone(),
        );
        let last_addresses = LastAddresses::default();
        Self {
            parts,
            policy,
            clock,
            calls,
            topics,
            first_messages,
            own_listeners,
            last_addresses,
            pending,
            protocols,
        }
    }

    /// Sends a message.
    pub(crate) fn send(self: &Arc<Self>, message: UMessage) -> Result<(), UStatus> {
        let (message_type, attributes, payload) = outbound::validated(message)?;
        self.check_source(attributes.source_unchecked())?;
        let payload = self.written(message_type, &attributes, payload)?;
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
        let Policy { authority: own, foreign_sources, .. } = &self.policy;
        let authority = &source.authority_name;
        if *foreign_sources || authority.is_empty() || authority == own {
            return Ok(());
        }
        Err(UStatus::fail_with_code(
            UCode::PERMISSION_DENIED,
            format!(
                "the source {source} is not of the authority {own:?}, which this transport has"
            ),
        ))
    }

    /// What follows SOME/IP's header: the payload, and the attributes where that is agreed upon for the
    /// service.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if another format is agreed upon, or if the attributes are too large.
    // [impl->dsn~someip-payload-format~1]
    // [impl->dsn~someip-carried-attributes~1]
    fn written(
        &self,
        kind: UMessageType,
        attributes: &UAttributes,
        payload: Option<Bytes>,
    ) -> Result<Bytes, UStatus> {
        let Policy { agreements, notifications, authority, .. } = &self.policy;
        match agreements.of(outbound::service_of(kind, attributes, *notifications)) {
            Agreement::Format(format) => {
                outbound::check_format(attributes, format)?;
                Ok(payload.unwrap_or_default())
            }
            Agreement::Attributes => {
                let payload = payload.or_else(|| self.room_in_error(kind, attributes));
                trailer::append(payload.as_deref(), attributes, authority)
            }
        }
    }

    /// The payload of an error that has none, where it is protected: vsomeip would write into its
    /// attributes.
    fn room_in_error(&self, kind: UMessageType, attributes: &UAttributes) -> Option<Bytes> {
        let method = attributes.source_unchecked();
        if kind != UMessageType::UMESSAGE_TYPE_RESPONSE
            || outbound::response(attributes).message_type != MessageType::Error
        {
            return None;
        }
        let service = ServiceInstance::of(method).service;
        let id = u16::try_from(method.resource_id).ok()?;
        let room = self.parts.limits.room(service, id);
        (room > 0).then(|| vec![0; room].into())
    }

    // [impl->dsn~someip-publish-out~1]
    fn publish(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        let remaining = remaining_time(attributes)?;
        let topic = outbound::notification(attributes)?;
        let limits = &self.parts.limits;
        if limits.concern(payload) {
            let Notification { service, event, .. } = topic;
            self.count(limits.check_event(service, event.0, payload)?);
        }
        let gate = self.topics.offer(&topic)?;
        self.own_listeners.publish(&topic, attributes, payload, || match gate {
            Some(gate) => {
                let deadline = remaining.map(|remaining| Instant::now() + remaining);
                let message = FirstMessage { payload: payload.clone(), deadline };
                self.first_messages.publish(&topic, &gate, message)
            }
            None => self.first_messages.send(&topic, payload),
        })
    }

    fn count(&self, reach: Reach) {
        if reach == Reach::ThisHost {
            self.parts.counters.too_large_for_network.increment();
        }
    }

    /// Offers topics before anything is published to them, so that subscribers are connected then.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if one is no topic that can be published to.
    pub(crate) fn offer_topics(&self, topics: &[UUri]) -> Result<(), UStatus> {
        let topics: Vec<_> = topics.iter().map(outbound::topic).collect::<Result<_, _>>()?;
        self.topics.offer_all(&topics)
    }

    // [impl->dsn~someip-notification-out~1]
    fn notify(self: &Arc<Self>, attributes: &UAttributes, payload: Bytes) -> Result<(), UStatus> {
        match self.policy.notifications {
            NotificationMode::RequestNoReturn => self.request_no_return(attributes, payload),
            NotificationMode::Event => self.publish(attributes, &payload),
            NotificationMode::Reject => Err(UStatus::fail_with_code(
                UCode::UNIMPLEMENTED,
                "this transport is configured not to send notifications",
            )),
        }
    }

    // [impl->dsn~someip-response-out~1]
    fn respond(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        remaining_time(attributes)?;
        let Parts { application, incoming, limits, counters, .. } = &self.parts;
        let id = attributes.request_id_unchecked();
        let kind = outbound::response(attributes);
        let is_bare_error = payload.is_empty() && kind.message_type == MessageType::Error;
        if !is_bare_error && limits.concern(payload) {
            // What is refused leaves the request to be answered by something smaller.
            if let Some(request) = incoming.header(id) {
                self.count(limits.check_response(&request, payload)?);
            }
        }
        let Some(request) = incoming.take(id) else {
            return match incoming.is_without_return(id) {
                true => Ok(()),
                false => Err(UStatus::fail_with_code(
                    UCode::NOT_FOUND,
                    "no request waits for this response: it was answered, or its time is over",
                )),
            };
        };
        application.send_response(&request.message, kind, payload).map_err(internal)?;
        counters.sent.increment();
        Ok(())
    }

    /// Requests a service, so that its availability is known.
    pub(crate) fn use_service(&self, service: ServiceInstance) -> Result<(), UStatus> {
        self.calls.call(service).map(drop)
    }

    /// How many requests and notifications wait for their service.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// How many messages wait for subscribers.
    pub(crate) fn held(&self) -> usize {
        self.first_messages.len()
    }

    /// Publishes what waits for subscribers.
    pub(crate) fn publish_held(&self) {
        self.topics.open_all();
    }

    /// Lets go of what was not used for long. To be called about once a second.
    pub(crate) fn tick(&self) {
        self.clock.tick();
        self.calls.expire();
    }

    /// Gives up all requests that wait for their service, and withdraws what sending needed.
    pub(crate) fn close(&self) {
        for request in self.pending.close() {
            self.give_up(request, &has_ended());
        }
        self.calls.clear();
        self.topics.clear();
    }
}

#[cfg(test)]
mod tests;
