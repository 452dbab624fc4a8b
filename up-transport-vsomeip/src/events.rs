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

//! How events are offered and subscribed to: eventgroups and fields. Uses `error` and `mapping::uri`
//! only.

use std::collections::{BTreeMap, BTreeSet};

use up_rust::UStatus;
use vsomeip_sys::{EventId, EventType, EventgroupId, InstanceId, ServiceId};

use crate::error::invalid_argument;
use crate::mapping::uri::ServiceInstance;

/// How an event is offered and subscribed to. Both ends must agree on it.
///
/// ```
/// use up_transport_vsomeip::EventOptions;
///
/// // An event in the eventgroups 1 and 2.
/// let event = EventOptions::in_groups(&[1, 2]);
/// // A field, whose current value each new subscriber gets.
/// let field = EventOptions::in_groups(&[5]).field();
/// # assert_ne!(event, field);
/// ```
///
/// See [`TransportBuilder::event`](crate::TransportBuilder::event).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventOptions {
    pub(crate) eventgroups: Vec<EventgroupId>,
    pub(crate) is_field: bool,
    /// Whether it is sent over TCP; `None` if the configuration does not say.
    pub(crate) is_reliable: Option<bool>,
}

impl EventOptions {
    /// An event in the given eventgroups: at least one, or
    /// [`build`](crate::TransportBuilder::build) fails.
    pub fn in_groups(eventgroups: &[u16]) -> Self {
        let eventgroups = eventgroups.iter().copied().map(EventgroupId).collect();
        Self { eventgroups, is_field: false, is_reliable: None }
    }

    /// Makes it a field, which keeps its last value and sends it to each new subscriber at once.
    #[must_use]
    pub fn field(self) -> Self {
        Self { is_field: true, ..self }
    }

    pub(crate) fn over_tcp(self, is_reliable: Option<bool>) -> Self {
        Self { is_reliable, ..self }
    }

    pub(crate) fn event_type(&self) -> EventType {
        if self.is_field {
            EventType::Field
        } else {
            EventType::Event
        }
    }

    /// The type to request the event as. vsomeip ignores a later offer that contradicts it, so an event
    /// that is not offered yet is requested without a type.
    pub(crate) fn requested_type(&self, is_offered: bool) -> EventType {
        match self.event_type() {
            EventType::Event if !is_offered => EventType::Unspecified,
            known => known,
        }
    }

    /// The eventgroup to subscribe to; one suffices.
    pub(crate) fn subscribed_group(&self, event: EventId) -> EventgroupId {
        self.eventgroups.first().copied().unwrap_or(EventgroupId(event.0))
    }
}

/// The known events and their options. Any other event is not a field and is in the eventgroup with
/// its own number, as the SOME/IP binding assumes.
// [impl->dsn~someip-eventgroup~1]
#[derive(Clone, Debug, Default)]
pub(crate) struct Events(BTreeMap<(ServiceId, EventId), BTreeMap<InstanceId, EventOptions>>);

impl Events {
    pub(crate) fn insert(
        &mut self,
        service: ServiceInstance,
        event: EventId,
        options: EventOptions,
    ) {
        self.0.entry((service.service, event)).or_default().insert(service.instance, options);
    }

    /// Adds the events of `other`, whose options take precedence.
    pub(crate) fn extend(&mut self, other: Self) {
        for (event, instances) in other.0 {
            self.0.entry(event).or_default().extend(instances);
        }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if an event is in no eventgroup, since it could not be subscribed to.
    pub(crate) fn check(&self) -> Result<(), UStatus> {
        for ((service, event), instances) in &self.0 {
            if instances.values().any(|options| options.eventgroups.is_empty()) {
                return Err(invalid_argument(format!(
                    "event {event} of service {service} is in no eventgroup; name at least one"
                )));
            }
        }
        Ok(())
    }

    /// The options of an event: of this instance, else of another one, since instances of a service
    /// share their interface.
    fn known(&self, service: ServiceInstance, event: EventId) -> Option<&EventOptions> {
        let instances = self.0.get(&(service.service, event))?;
        instances.get(&service.instance).or_else(|| instances.values().next())
    }

    /// The options of an event, or those that the binding assumes.
    pub(crate) fn options_of(&self, service: ServiceInstance, event: EventId) -> EventOptions {
        let known = self.known(service, event).cloned();
        known.unwrap_or_else(|| EventOptions::in_groups(&[event.0]))
    }

    /// The events that are fields of any instance.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (ServiceId, EventId)> + '_ {
        let is_field = |known: &BTreeMap<_, EventOptions>| known.values().any(|it| it.is_field);
        self.0.iter().filter(move |(_, known)| is_field(known)).map(|(event, _)| *event)
    }

    /// Whether an event is a field.
    pub(crate) fn is_field(&self, service: ServiceInstance, event: EventId) -> bool {
        self.known(service, event).is_some_and(|options| options.is_field)
    }

    /// The known fields of an eventgroup, whose values a new subscriber gets.
    pub(crate) fn fields_of(
        &self,
        service: ServiceInstance,
        group: EventgroupId,
    ) -> impl Iterator<Item = EventId> + '_ {
        self.known_of(service.service).filter(move |event| {
            self.known(service, *event)
                .is_some_and(|options| options.is_field && options.eventgroups.contains(&group))
        })
    }

    /// The other known events of an event's eventgroups.
    pub(crate) fn others_of_groups(
        &self,
        service: ServiceInstance,
        event: EventId,
    ) -> impl Iterator<Item = EventId> + '_ {
        let groups = self.options_of(service, event).eventgroups;
        self.known_of(service.service).filter(move |other| {
            let shares = |options: &EventOptions| {
                options.eventgroups.iter().any(|group| groups.contains(group))
            };
            *other != event && self.known(service, *other).is_some_and(shares)
        })
    }

    /// The known events of a service.
    pub(crate) fn known_of(&self, service: ServiceId) -> impl Iterator<Item = EventId> + '_ {
        let all = (service, EventId(0))..=(service, EventId::ANY);
        self.0.range(all).map(|((_, event), _)| *event)
    }

    /// The services with known events.
    pub(crate) fn services(&self) -> BTreeSet<ServiceInstance> {
        let of = |(&(service, _), instances): (&(ServiceId, _), &BTreeMap<InstanceId, _>)| {
            let instances: Vec<_> = instances.keys().copied().collect();
            instances.into_iter().map(move |instance| ServiceInstance { service, instance })
        };
        self.0.iter().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: ServiceInstance =
        ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };

    #[test]
    fn event_must_be_in_a_group() {
        let mut events = Events::default();
        events.insert(SERVICE, EventId(0x8001), EventOptions::in_groups(&[5]));
        assert!(events.check().is_ok());
        events.insert(SERVICE, EventId(0x8002), EventOptions::in_groups(&[]));
        assert!(events.check().unwrap_err().get_message().contains("8002"));
    }

    // [utest->dsn~someip-eventgroup~1]
    #[test]
    fn events_of_shared_groups_belong_together() {
        let mut events = Events::default();
        for (event, groups) in [(1, &[5][..]), (2, &[5, 6]), (3, &[6]), (4, &[7])] {
            events.insert(SERVICE, EventId(event), EventOptions::in_groups(groups));
        }
        let others = |event| {
            let others = events.others_of_groups(SERVICE, EventId(event));
            others.map(|event| event.0).collect::<Vec<_>>()
        };
        assert_eq!(others(1), [2]);
        assert_eq!(others(2), [1, 3]);
        assert!(others(4).is_empty());
        // A group that has the number of an unknown event.
        assert_eq!(others(7), [4]);
    }

    #[test]
    fn unknown_eventgroup_has_number_of_event() {
        let mut events = Events::default();
        let assumed = events.options_of(SERVICE, EventId(0x8001));
        assert_eq!(assumed, EventOptions::in_groups(&[0x8001]));
        assert_eq!(assumed.event_type(), EventType::Event);
        events.insert(SERVICE, EventId(0x8001), EventOptions::in_groups(&[5, 6]).field());
        let known = events.options_of(SERVICE, EventId(0x8001));
        assert_eq!(known.subscribed_group(EventId(0x8001)), EventgroupId(5));
        assert_eq!(known.event_type(), EventType::Field);
        let other = ServiceInstance { instance: InstanceId(7), ..SERVICE };
        assert_eq!(events.options_of(other, EventId(0x8001)), known);
        events.insert(other, EventId(0x8001), EventOptions::in_groups(&[9]));
        assert_eq!(events.options_of(SERVICE, EventId(0x8001)), known);
        assert_eq!(events.known_of(SERVICE.service).collect::<Vec<_>>(), [EventId(0x8001)]);
        assert_eq!(events.known_of(ServiceId(0x1235)).count(), 0);
        assert_eq!(events.services(), [SERVICE, other].into());
    }
}
