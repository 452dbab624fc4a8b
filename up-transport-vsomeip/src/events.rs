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

//! How events are offered and subscribed to: their eventgroups, and whether they are fields.

use std::collections::HashMap;

use vsomeip_sys::{EventId, EventType, EventgroupId};

use crate::uri_mapping::ServiceInstance;

/// How an event is offered and subscribed to. Both sides must agree upon it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventOptions {
    pub(crate) eventgroups: Vec<EventgroupId>,
    pub(crate) is_field: bool,
}

impl EventOptions {
    /// An event of the given eventgroups, of which there must be at least one.
    pub fn in_groups(eventgroups: &[u16]) -> Self {
        let eventgroups = eventgroups.iter().copied().map(EventgroupId).collect();
        Self { eventgroups, is_field: false }
    }

    /// Makes it a field: it has a value, which a new subscriber gets at once.
    #[must_use]
    pub fn field(self) -> Self {
        Self { is_field: true, ..self }
    }

    pub(crate) fn event_type(&self) -> EventType {
        if self.is_field {
            EventType::Field
        } else {
            EventType::Event
        }
    }

    /// The group to subscribe to: one is enough to get the event.
    pub(crate) fn subscribed_group(&self, event: EventId) -> EventgroupId {
        self.eventgroups.first().copied().unwrap_or(EventgroupId(event.0))
    }
}

/// The events about which something is known. Every other one is no field, and its eventgroup has
/// its own number, as the SOME/IP binding assumes.
// [impl->dsn~someip-eventgroup~1]
#[derive(Clone, Debug, Default)]
pub(crate) struct Events(HashMap<(ServiceInstance, EventId), EventOptions>);

impl Events {
    pub(crate) fn insert(
        &mut self,
        service: ServiceInstance,
        event: EventId,
        options: EventOptions,
    ) {
        self.0.insert((service, event), options);
    }

    /// Takes over what `other` knows; it knows better.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn options_of(&self, service: ServiceInstance, event: EventId) -> EventOptions {
        let assumed = || EventOptions::in_groups(&[event.0]);
        self.0.get(&(service, event)).cloned().unwrap_or_else(assumed)
    }

    /// The events that are known, in no order.
    pub(crate) fn known(&self) -> impl Iterator<Item = (ServiceInstance, EventId)> + '_ {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use vsomeip_sys::{InstanceId, ServiceId};

    use super::*;

    const SERVICE: ServiceInstance =
        ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };

    // [utest->dsn~someip-eventgroup~1]
    #[test]
    fn the_eventgroup_of_an_event_has_its_number_unless_something_else_is_known() {
        let mut events = Events::default();
        let assumed = events.options_of(SERVICE, EventId(0x8001));
        assert_eq!(assumed, EventOptions::in_groups(&[0x8001]));
        assert_eq!(assumed.event_type(), EventType::Event);
        events.insert(SERVICE, EventId(0x8001), EventOptions::in_groups(&[5, 6]).field());
        let known = events.options_of(SERVICE, EventId(0x8001));
        assert_eq!(known.subscribed_group(EventId(0x8001)), EventgroupId(5));
        assert_eq!(known.event_type(), EventType::Field);
        assert_eq!(events.known().collect::<Vec<_>>(), [(SERVICE, EventId(0x8001))]);
    }
}
