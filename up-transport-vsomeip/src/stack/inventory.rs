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

//! The values that the transport takes from the configuration.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use vsomeip_sys::{EventId, InstanceId, ServiceId};

use super::services::DEFAULT_UNICAST;
use super::{Application, Service, ServiceDiscovery, StackConfig};
use crate::events::{EventOptions, Events};
use crate::mapping::uri::ServiceInstance;

/// The multicast group of service discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DiscoveryGroup {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    /// The address of this host, whose interface joins the group.
    pub(crate) own: IpAddr,
    /// The maximum time from the start of the routing manager to the first announcement of a service.
    pub(crate) first_offer: Duration,
}

/// Whether an id is valid: neither 0 nor the wildcard 0xffff.
pub(super) fn is_id(id: u16) -> bool {
    !matches!(id, 0 | 0xffff)
}

impl Service {
    pub(crate) fn identity(&self) -> ServiceInstance {
        ServiceInstance { service: ServiceId(self.service), instance: InstanceId(self.instance) }
    }

    /// Whether vsomeip opens its ports.
    pub(crate) fn is_someip(&self) -> bool {
        self.protocol.as_deref().is_none_or(|protocol| protocol == "someip")
    }

    /// Whether its ids are valid.
    fn is_one(&self) -> bool {
        is_id(self.service) && is_id(self.instance)
    }

    /// The ids of all events, including those that only an eventgroup lists.
    fn event_ids(&self) -> BTreeSet<u16> {
        let in_groups = self.eventgroups.iter().flat_map(|group| group.events.iter().copied());
        let listed = self.events.iter().map(|event| event.event);
        listed.chain(in_groups).filter(|id| is_id(*id)).collect()
    }

    /// The options of an event. Its eventgroups are those that list it, else the one with its number.
    fn options_of(&self, id: u16) -> EventOptions {
        let groups = self.eventgroups.iter().filter(|group| group.events.contains(&id));
        let groups = groups.map(|group| group.eventgroup);
        let mut groups: Vec<u16> = groups.filter(|group| is_id(*group)).collect();
        if groups.is_empty() {
            groups.push(id);
        }
        let event = self.events.iter().find(|event| event.event == id);
        let options =
            EventOptions::in_groups(&groups).over_tcp(event.and_then(|event| event.is_reliable));
        match event.and_then(|event| event.is_field) {
            Some(true) => options.field(),
            _ => options,
        }
    }
}

impl StackConfig {
    /// The default application of a transport: the first one.
    pub(crate) fn own_application(&self) -> Option<&Application> {
        self.applications.first()
    }

    /// The application of the given name.
    pub(crate) fn application(&self, name: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.name == name)
    }

    /// The application that hosts the routing manager, if configured.
    pub(crate) fn routing_host(&self) -> Option<&str> {
        self.routing.as_ref()?.host()
    }

    /// Whether the applications of this host reach the routing manager over TCP.
    pub(crate) fn routes_over_tcp(&self) -> bool {
        self.routing.as_ref().is_some_and(|routing| routing.is_over_tcp())
    }

    /// The listed services with valid ids.
    fn usable_services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(|service| service.is_one())
    }

    /// The listed services that no other host offers.
    pub(crate) fn own_services(&self) -> Vec<ServiceInstance> {
        let is_own = |service: &&Service| service.other_host(self.unicast).is_none();
        self.usable_services().filter(is_own).map(Service::identity).collect()
    }

    /// All listed services.
    pub(crate) fn listed_services(&self) -> Vec<ServiceInstance> {
        self.usable_services().map(Service::identity).collect()
    }

    /// Whether service discovery is on.
    pub(crate) fn discovers(&self) -> bool {
        self.service_discovery.as_ref().is_none_or(|discovery| discovery.enable != Some(false))
    }

    /// The multicast group of service discovery, if it is on.
    pub(crate) fn discovery_group(&self) -> Option<DiscoveryGroup> {
        const DEFAULT_GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 224, 224, 0));
        if !self.discovers() {
            return None;
        }
        let discovery = self.service_discovery.clone().unwrap_or_default();
        Some(DiscoveryGroup {
            address: discovery.multicast.unwrap_or(DEFAULT_GROUP),
            port: discovery.port.unwrap_or(ServiceDiscovery::DEFAULT_PORT),
            own: self.unicast.unwrap_or(DEFAULT_UNICAST),
            first_offer: discovery.first_offer(),
        })
    }

    /// The known events and their options.
    // [impl->dsn~someip-eventgroup~1]
    pub(crate) fn known_events(&self) -> Events {
        let mut events = Events::default();
        for service in self.usable_services() {
            for id in service.event_ids() {
                events.insert(service.identity(), EventId(id), service.options_of(id));
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Event;

    const OWN: ServiceInstance =
        ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };

    #[test]
    fn services_of_other_hosts_are_not_own() -> Result<(), std::net::AddrParseError> {
        let service = |instance| Service::new(0x1234, instance);
        let mut config = StackConfig::for_application("a", 1)
            .with_unicast("10.0.0.1".parse()?)
            .with_service(service(1))
            .with_service(service(2).at("10.0.0.2".parse()?))
            .with_service(service(3).at("10.0.0.1".parse()?))
            .with_service(service(4).at("127.0.0.1".parse()?))
            .with_service(Service { unicast: Some("local".to_owned()), ..service(5) });
        let instances = |config: &StackConfig| -> Vec<u16> {
            config.own_services().iter().map(|service| service.instance.0).collect()
        };
        assert_eq!(instances(&config), [1, 3, 4, 5]);
        assert_eq!(config.listed_services().len(), 5);
        config.unicast = None;
        assert_eq!(instances(&config), [1, 4, 5]);
        Ok(())
    }

    #[test]
    fn first_offer_is_as_late_as_configured() {
        let first_offer = |discovery| {
            let discovery = Some(discovery);
            let config = StackConfig { service_discovery: discovery, ..StackConfig::default() };
            config.discovery_group().map(|group| group.first_offer.as_millis())
        };
        let silent = ServiceDiscovery::default();
        assert_eq!(first_offer(silent.clone()), Some(3_500));
        let (initial_delay_max, offer_debounce_time) = (Some(20), Some(7));
        let set = ServiceDiscovery { initial_delay_max, offer_debounce_time, ..silent.clone() };
        assert_eq!(first_offer(set), Some(27));
        assert_eq!(first_offer(ServiceDiscovery::disabled()), None);
    }

    // [utest->dsn~someip-eventgroup~1]
    #[test]
    fn events_have_groups_that_list_them() {
        let service = Service::new(0x1234, 1)
            .with_event(Event::new(0x8001).field())
            .with_event(Event::new(0x8002))
            .with_eventgroup(5, &[0x8001])
            .with_eventgroup(6, &[0x8001, 0x8003]);
        let events = StackConfig::for_application("a", 1).with_service(service).known_events();
        let known = |id| events.options_of(OWN, EventId(id));
        assert_eq!(known(0x8001), EventOptions::in_groups(&[5, 6]).field());
        assert_eq!(known(0x8002), EventOptions::in_groups(&[0x8002]));
        assert_eq!(known(0x8003), EventOptions::in_groups(&[6]));
        assert_eq!(events.known_of(ServiceId(0x1234)).count(), 3);
    }
}
