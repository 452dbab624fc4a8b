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

//! Sends messages: from `UTransport::send` to vsomeip. May use registration, services, rpc, network and
//! mapping.

pub(crate) mod first_messages;
mod leases;
mod local_listeners;
pub(crate) mod payload_limits;
mod pending;
pub(crate) mod protocols;
mod request;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::time::Instant;
use up_rust::{UAttributes, UMessage, UStatus, UUri};
use vsomeip_sys::MessageType;

use crate::error::{has_ended, internal};
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
use crate::send::leases::{Calls, SenderClock, Topics};
use crate::send::local_listeners::LocalListeners;
use crate::send::payload_limits::{PayloadLimits, Reach};
use crate::send::pending::Pending;
use crate::send::protocols::{ProtocolChoice, Rules};
use crate::send::request::Request;
use crate::services::Services;
use crate::stack::DiscoveryGroup;
use crate::uprotocol::{code, source_of, Kind, UriParts};
use crate::vsomeip::application::SomeIp;

/// The components that a sender uses.
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
    /// The multicast group of service discovery, if that is enabled.
    pub(crate) discovery: Option<DiscoveryGroup>,
    /// The runtime of the control thread.
    pub(crate) control: Handle,
}

/// The options for outgoing messages.
struct Policy {
    /// The authority of the local entity.
    authority: String,
    agreements: Arc<Agreements>,
    notifications: NotificationMode,
    /// Whether messages may have sources of other authorities.
    foreign_sources: bool,
}

pub(crate) struct Sender {
    parts: Parts,
    policy: Policy,
    clock: Arc<SenderClock>,
    calls: Calls,
    topics: Topics,
    first_messages: Arc<FirstMessages>,
    local_listeners: LocalListeners,
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
        let first_messages = Arc::new(parts.first_messages(options));
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
            authority: own.authority().to_owned(),
            agreements: agreements.clone(),
            notifications: options.notifications,
            foreign_sources: options.foreign_sources,
        };
        let local_listeners = LocalListeners::new(
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
            local_listeners,
            last_addresses,
            pending,
            protocols,
        }
    }

    pub(crate) fn send(self: &Arc<Self>, message: UMessage) -> Result<(), UStatus> {
        let (kind, attributes, payload) = outbound::validated(message)?;
        self.check_source(source_of(&attributes))?;
        let payload = self.encode(kind, &attributes, payload)?;
        match kind {
            Kind::Publish => self.publish(&attributes, &payload),
            Kind::Request => self.request(attributes, payload),
            Kind::Response => self.respond(&attributes, &payload),
            Kind::Notification => self.notify(&attributes, payload),
        }
    }

    /// # Errors
    ///
    /// `PERMISSION_DENIED` if the source has another authority, and foreign sources are not enabled.
    // [impl->req~utransport-send-prevent-address-spoofing~1]
    fn check_source(&self, source: &UUri) -> Result<(), UStatus> {
        let Policy { authority: own, foreign_sources, .. } = &self.policy;
        let authority = source.authority();
        if *foreign_sources || authority.is_empty() || authority == own {
            return Ok(());
        }
        Err(UStatus::fail_with_code(
            code::PERMISSION_DENIED,
            format!(
                "the source {source} has another authority than this transport, which has {own:?}"
            ),
        ))
    }

    /// The bytes after the SOME/IP header: the payload, and the attributes if the service carries them.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the payload has another format than agreed, or the attributes are too large.
    // [impl->dsn~someip-payload-format~1]
    // [impl->dsn~someip-carried-attributes~1]
    fn encode(
        &self,
        kind: Kind,
        attributes: &UAttributes,
        payload: Option<Bytes>,
    ) -> Result<Bytes, UStatus> {
        let Policy { agreements, notifications, authority, .. } = &self.policy;
        match agreements.of(outbound::wire_service(kind, attributes, *notifications)) {
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

    /// The payload for an error without one, if it is protected: else vsomeip would write into its
    /// attributes.
    fn room_in_error(&self, kind: Kind, attributes: &UAttributes) -> Option<Bytes> {
        let method = source_of(attributes);
        if kind != Kind::Response
            || outbound::response(attributes).message_type != MessageType::Error
        {
            return None;
        }
        let service = ServiceInstance::of(method).service;
        let id = u16::try_from(method.resource()).ok()?;
        let room = self.parts.limits.room(service, id);
        (room > 0).then(|| vec![0; room].into())
    }

    // [impl->dsn~someip-publish-out~1]
    fn publish(&self, attributes: &UAttributes, payload: &Bytes) -> Result<(), UStatus> {
        let remaining = remaining_time(attributes)?;
        let topic = outbound::notification(attributes)?;
        let limits = &self.parts.limits;
        if limits.needs_check(payload) {
            let Notification { service, event, .. } = topic;
            self.count(limits.check_event(service, event.0, payload)?);
        }
        let gate = self.topics.offer(&topic)?;
        self.local_listeners.publish(&topic, attributes, payload, || match gate {
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

    /// Offers topics ahead of their first message, so that subscribers are connected by then.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a URI is not that of a single event.
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
                code::UNIMPLEMENTED,
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
        if !is_bare_error && limits.needs_check(payload) {
            // A rejected response leaves the request pending, for a smaller one.
            if let Some(request) = incoming.header(id) {
                self.count(limits.check_response(&request, payload)?);
            }
        }
        let Some(request) = incoming.take(id) else {
            return match incoming.is_without_return(id) {
                true => Ok(()),
                false => Err(UStatus::fail_with_code(
                    code::NOT_FOUND,
                    "no request is waiting for this response: it was answered already, or has expired",
                )),
            };
        };
        application.send_response(&request.message, kind, payload).map_err(internal)?;
        counters.sent.increment();
        Ok(())
    }

    /// Requests a service, so that vsomeip reports its availability.
    pub(crate) fn use_service(&self, service: ServiceInstance) -> Result<(), UStatus> {
        self.calls.call(service).map(drop)
    }

    /// The number of requests and notifications waiting for their service.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// The number of messages held for subscribers.
    pub(crate) fn held(&self) -> usize {
        self.first_messages.len()
    }

    /// Publishes the messages held for subscribers.
    pub(crate) fn publish_held(&self) {
        self.topics.open_all();
    }

    /// Releases services that have been idle for long. To be called about once a second.
    pub(crate) fn tick(&self) {
        self.clock.tick();
        self.calls.expire();
    }

    /// Fails all requests waiting for their service, and releases the sender's leases.
    pub(crate) fn close(&self) {
        for request in self.pending.close() {
            self.give_up(request, &has_ended());
        }
        self.calls.clear();
        self.topics.clear();
    }
}

impl Parts {
    fn first_messages(&self, options: &Options) -> FirstMessages {
        FirstMessages::new(first_messages::Parts {
            application: self.application.clone(),
            services: self.services.clone(),
            monitor: self.monitor.clone(),
            counters: self.counters.clone(),
            events: self.events.clone(),
            announced: self.limits.announced().collect(),
            control: self.control.clone(),
            first_offer: self.discovery.map_or(Duration::ZERO, |group| group.first_offer),
            limits: options.hold_first_messages,
        })
    }
}

#[cfg(test)]
mod tests;
