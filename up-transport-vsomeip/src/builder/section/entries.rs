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

//! The objects in the section, most of which are entries of lists.

use super::forms::{AuthorityName, Byte, Choice, Flag, Format, Groups, Id, Topic};
use super::object::{object, present, Entry, Kind};
use crate::builder::{instance_of, TransportBuilder};
use crate::events::EventOptions;
use crate::protocol::Protocol;

object! {
    /// The threads that run listeners.
    Runtime {
        /// The number of threads; 0 counts as 1.
        num_threads: Byte,
    } optional {}
}

object! {
    /// The authority of a service, or of one of its instances.
    Authority {
        /// The service.
        service: Id,
        /// The authority.
        authority: AuthorityName,
    } optional {
        /// The instance; all of them unless set. 0 stands for 1.
        instance: Id,
    }
}

impl Entry for Authority {
    fn is_about_same_as(&self, other: &Self) -> bool {
        let subject = |it: &Self| (it.service.0, it.instance.map(|id| instance_of(id.0)));
        subject(self) == subject(other)
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        let Self { service, authority, instance } = self;
        builder.authority(service.0, instance.map(|id| id.0), authority.0)
    }
}

object! {
    /// The payload format of a service.
    ServiceFormat {
        /// The service.
        service: Id,
        /// The format.
        format: Choice<Format>,
    } optional {}
}

impl Entry for ServiceFormat {
    fn is_about_same_as(&self, other: &Self) -> bool {
        self.service == other.service
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        builder.service_payload_format(self.service.0, self.format.value().0)
    }
}

object! {
    /// A service, or one of its instances, whose messages carry their attributes.
    Carrying {
        /// The service.
        service: Id,
    } optional {
        /// The instance; all of them unless set. 0 stands for 1.
        instance: Id,
    }
}

impl Entry for Carrying {
    fn is_about_same_as(&self, other: &Self) -> bool {
        let subject = |it: &Self| (it.service.0, it.instance.map(|id| instance_of(id.0)));
        subject(self) == subject(other)
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        builder.carry_attributes(self.service.0, self.instance.map(|id| id.0))
    }
}

object! {
    /// The protocol of requests to a service, or to one of its instances.
    ServiceProtocol {
        /// The service.
        service: Id,
        /// The protocol.
        protocol: Choice<Protocol>,
    } optional {
        /// The instance; all of them unless set. 0 stands for 1.
        instance: Id,
    }
}

impl Entry for ServiceProtocol {
    fn is_about_same_as(&self, other: &Self) -> bool {
        let subject = |it: &Self| (it.service.0, it.instance.map(|id| instance_of(id.0)));
        subject(self) == subject(other)
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        let Self { service, protocol, instance } = self;
        builder.protocol(service.0, instance.map(|id| id.0), protocol.value())
    }
}

object! {
    /// The protocol of requests to a method.
    MethodProtocol {
        /// The service.
        service: Id,
        /// The method.
        method: Id,
        /// The protocol.
        protocol: Choice<Protocol>,
    } optional {
        /// The instance; all of them unless set. 0 stands for 1.
        instance: Id,
    }
}

impl Entry for MethodProtocol {
    fn is_about_same_as(&self, other: &Self) -> bool {
        let subject =
            |it: &Self| (it.service.0, it.instance.map(|id| instance_of(id.0)), it.method.0);
        subject(self) == subject(other)
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        let Self { service, method, protocol, instance } = self;
        let instance = instance.map(|id| id.0);
        builder.method_protocol(service.0, instance, method.0, protocol.value())
    }
}

object! {
    /// How an event is offered and subscribed to.
    Event {
        /// The service.
        service: Id,
        /// The instance; 0 stands for 1.
        instance: Id,
        /// The event.
        event: Id,
        /// The eventgroups of the event.
        in_groups: Groups,
    } optional {
        /// Whether the event is a field; false unless set.
        field: Flag,
    }
}

impl Entry for Event {
    fn is_about_same_as(&self, other: &Self) -> bool {
        let subject = |it: &Self| (it.service, instance_of(it.instance.0), it.event);
        subject(self) == subject(other)
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        let Self { service, instance, event, in_groups, field } = self;
        let options = EventOptions::in_groups(&in_groups.value());
        let options = if field == Some(Flag(true)) { options.field() } else { options };
        builder.event(service.0, instance.0, event.0, options)
    }
}

object! {
    /// The interface version in which a service is offered.
    ServiceVersion {
        /// The service.
        service: Id,
        /// The version.
        version: Byte,
    } optional {}
}

impl Entry for ServiceVersion {
    fn is_about_same_as(&self, other: &Self) -> bool {
        self.service == other.service
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        builder.service_version(self.service.0, self.version.0)
    }
}

impl Entry for Topic {
    fn is_about_same_as(&self, other: &Self) -> bool {
        self == other
    }

    fn add(self, builder: TransportBuilder) -> TransportBuilder {
        builder.offer(self.0)
    }
}
