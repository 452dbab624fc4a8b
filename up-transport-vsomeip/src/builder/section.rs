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

//! The section `uprotocol` of vsomeip's configuration, which vsomeip ignores: the options of the builder
//! without code. To add an option, add a line here; tests report missing options and regenerate the
//! JSON schema (`UP_WRITE_SCHEMA=1`).

pub(crate) mod effective;
mod entries;
mod forms;
mod object;
mod reading;
mod schema;

use super::TransportBuilder;
use crate::config::RuntimeConfig;
use crate::options::{NotificationMode, Overflow};
use crate::vsomeip::log::VsomeipLog;
use entries::{
    Authority, Carrying, Event, MethodProtocol, Runtime, ServiceFormat, ServiceProtocol,
    ServiceVersion,
};
use forms::{AtLeast, Choice, Flag, Format, Time, Topic};
use object::{add_each, options, present, Kind, Many, Method};

options! {
    /// Whether creating the transport fails if vsomeip would not use the given configuration.
    strict_configuration: Flag => TransportBuilder::strict_configuration,
    /// The threads that run listeners.
    runtime: Runtime => |to, Runtime { num_threads }| to.runtime(RuntimeConfig::new(num_threads.0)),
    /// The destination of vsomeip's own log, for the whole process.
    vsomeip_log: Choice<VsomeipLog> => TransportBuilder::vsomeip_log,
    /// The format of all payloads.
    payload_format: Choice<Format> => |to, format: Format| to.payload_format(format.0),
    /// The payload formats of single services.
    service_payload_format: Many<ServiceFormat> => add_each,
    /// The services whose messages carry, after their payload, the attributes that SOME/IP cannot.
    carry_attributes: Many<Carrying> => add_each,
    /// Whether the messages of all services carry their attributes.
    carry_all_attributes: Flag => TransportBuilder::carry_all_attributes,
    /// How notifications are sent.
    notifications: Choice<NotificationMode> => TransportBuilder::notifications,
    /// The protocols of requests to services on other hosts.
    protocol: Many<ServiceProtocol> => add_each,
    /// The protocols of requests to single methods.
    method_protocol: Many<MethodProtocol> => add_each,
    /// Whether requests to other hosts use TCP where nothing else determines the protocol.
    reliable: Flag => TransportBuilder::reliable,
    /// Whether messages whose source has another authority may be sent.
    forward_foreign_sources: Flag => TransportBuilder::forward_foreign_sources,
    /// The authorities of services on other hosts.
    authority: Many<Authority> => add_each,
    /// How events are offered and subscribed to.
    event: Many<Event> => add_each,
    /// The interface versions in which services are offered.
    service_version: Many<ServiceVersion> => add_each,
    /// The topics to offer from the start.
    offer: Many<Topic> => add_each,
    /// The time to live of received requests.
    request_ttl: Time => TransportBuilder::request_ttl,
    /// The maximum number of registered listeners.
    max_listeners: AtLeast<1> => TransportBuilder::max_listeners,
    /// The maximum number of listeners with the same filter.
    max_listeners_per_filter: AtLeast<1> => TransportBuilder::max_listeners_per_filter,
    /// The maximum number of messages in a listener's queue.
    listener_queue: AtLeast<1> => TransportBuilder::listener_queue,
    /// The maximum payload in a listener's queue, in bytes.
    listener_queue_bytes: AtLeast<1> => TransportBuilder::listener_queue_bytes,
    /// Which message is dropped when a listener's queue is full.
    when_queue_is_full: Choice<Overflow> => TransportBuilder::when_queue_is_full,
    /// Whether a quick listener may run on vsomeip's dispatcher thread.
    in_place: Flag => TransportBuilder::in_place,
    /// The maximum number of requests that wait for their response or service; 32,768 at most.
    max_outgoing_requests: AtLeast<1> => TransportBuilder::max_outgoing_requests,
    /// The maximum number of received requests that wait for an answer.
    max_incoming_requests: AtLeast<1> => TransportBuilder::max_incoming_requests,
    /// The maximum number of services that sending keeps requested or offered.
    max_sender_services: AtLeast<1> => TransportBuilder::max_sender_services,
    /// The maximum number of topics offered because they were published to.
    max_published_topics: AtLeast<1> => TransportBuilder::max_published_topics,
    /// How long the first messages of a topic are held for subscribers.
    hold_first_messages: Time => TransportBuilder::hold_first_messages,
    /// The maximum size of held first messages, in bytes.
    hold_first_messages_bytes: AtLeast<0> => TransportBuilder::hold_first_messages_bytes,
}

#[cfg(test)]
mod tests;
