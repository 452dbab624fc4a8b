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

//! The section `uprotocol` of vsomeip's configuration, which vsomeip ignores: what the methods of the
//! builder say, for those who do not call them. To add an option, add its line here; a test names those
//! that are missing, and another one writes the JSON schema anew.

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
    /// Whether a transport fails to be created when vsomeip would not go by the configuration that it is given.
    strict_configuration: Flag => TransportBuilder::strict_configuration,
    /// The threads that run the listeners.
    runtime: Runtime => |to, Runtime { num_threads }| to.runtime(RuntimeConfig::new(num_threads.0)),
    /// Where vsomeip's own log goes, for the whole process.
    vsomeip_log: Choice<VsomeipLog> => TransportBuilder::vsomeip_log,
    /// The format that all payloads have.
    payload_format: Choice<Format> => |to, format: Format| to.payload_format(format.0),
    /// The formats that all payloads of a service have.
    service_payload_format: Many<ServiceFormat> => add_each,
    /// The services whose messages carry the attributes behind their payload that SOME/IP has no place for.
    carry_attributes: Many<Carrying> => add_each,
    /// Whether the messages of all services do so.
    carry_all_attributes: Flag => TransportBuilder::carry_all_attributes,
    /// How notifications are sent.
    notifications: Choice<NotificationMode> => TransportBuilder::notifications,
    /// The protocols that requests to services of other hosts take.
    protocol: Many<ServiceProtocol> => add_each,
    /// The protocols that requests to single methods take.
    method_protocol: Many<MethodProtocol> => add_each,
    /// Whether requests to other hosts go over TCP where nothing says which protocol they take.
    reliable: Flag => TransportBuilder::reliable,
    /// Whether messages with the source of another authority are sent.
    forward_foreign_sources: Flag => TransportBuilder::forward_foreign_sources,
    /// The authorities of services of other hosts.
    authority: Many<Authority> => add_each,
    /// How events are offered and subscribed to.
    event: Many<Event> => add_each,
    /// The interface versions of services of this host.
    service_version: Many<ServiceVersion> => add_each,
    /// The topics that are offered from the start.
    offer: Many<Topic> => add_each,
    /// How long a received request can be answered.
    request_ttl: Time => TransportBuilder::request_ttl,
    /// How many listeners can be registered.
    max_listeners: AtLeast<1> => TransportBuilder::max_listeners,
    /// How many listeners can be registered with the same filter.
    max_listeners_per_filter: AtLeast<1> => TransportBuilder::max_listeners_per_filter,
    /// How many messages wait for a listener.
    listener_queue: AtLeast<1> => TransportBuilder::listener_queue,
    /// How many bytes of payload wait for a listener.
    listener_queue_bytes: AtLeast<1> => TransportBuilder::listener_queue_bytes,
    /// Which message is dropped when the queue of a listener is full.
    when_queue_is_full: Choice<Overflow> => TransportBuilder::when_queue_is_full,
    /// Whether a listener may run inline, on vsomeip's dispatcher thread.
    in_place: Flag => TransportBuilder::in_place,
    /// How many requests may wait for their response, and for their service; 32,768 at most.
    max_outgoing_requests: AtLeast<1> => TransportBuilder::max_outgoing_requests,
    /// How many received requests may wait for being answered.
    max_incoming_requests: AtLeast<1> => TransportBuilder::max_incoming_requests,
    /// How many services sending keeps in use.
    max_sender_services: AtLeast<1> => TransportBuilder::max_sender_services,
    /// How many topics are offered because they were published to.
    max_published_topics: AtLeast<1> => TransportBuilder::max_published_topics,
    /// For how long the first messages of a topic wait for subscribers.
    hold_first_messages: Time => TransportBuilder::hold_first_messages,
    /// How many bytes of first messages wait for subscribers.
    hold_first_messages_bytes: AtLeast<0> => TransportBuilder::hold_first_messages_bytes,
}

#[cfg(test)]
mod tests;
