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

//! Topics with wildcards, which are subscribed to as matching services appear.

use std::collections::HashMap;
use std::sync::Arc;

use vsomeip_sys::{MajorVersion, ServiceId};

use crate::events::Events;
use crate::mapping::uri::ServiceInstance;
use crate::network::state::State;
use crate::registration::filter::Topic;
use crate::services::{Lease, Need, Services};

/// A topic with wildcards, and the subscriptions made for it. They are kept when their service goes, as
/// vsomeip itself subscribes again when it returns.
pub(crate) struct WildcardSubscription {
    topic: Topic,
    subscribed: HashMap<ServiceInstance, (MajorVersion, Lease)>,
    /// Offered services, which are requested so that vsomeip reports their availability.
    requested: HashMap<ServiceInstance, Lease>,
}

impl WildcardSubscription {
    pub(crate) fn new(topic: Topic) -> Self {
        Self { topic, subscribed: HashMap::new(), requested: HashMap::new() }
    }

    /// Whether the service is a wildcard. vsomeip reports only the availability of requested services, so
    /// the offered ones must be discovered.
    pub(crate) fn is_of_any_service(&self) -> bool {
        self.topic.service.service == ServiceId::ANY
    }

    /// Subscribes to all matching services that are available now.
    // [impl->dsn~someip-wildcard-topic~1]
    pub(crate) fn update(&mut self, state: &State, events: &Events, services: &Arc<Services>) {
        let wanted = self.topic.service;
        if self.is_of_any_service() {
            for &service in state.offered.iter().filter(|service| wanted.covers(**service)) {
                self.request(service, services);
            }
        }
        for (&service, &version) in &state.services {
            let version = MajorVersion(version);
            if self.topic.covers(service, version) {
                self.subscribe(service, version, events, services);
            }
        }
    }

    fn request(&mut self, service: ServiceInstance, services: &Arc<Services>) {
        if self.requested.contains_key(&service) {
            return;
        }
        match services.acquire(vec![Need::Request(service)]) {
            Ok(lease) => drop(self.requested.insert(service, lease)),
            Err(status) => {
                log::warn!(service:% = service; "service {service} cannot be requested: {status}")
            }
        }
    }

    fn subscribe(
        &mut self,
        service: ServiceInstance,
        version: MajorVersion,
        events: &Events,
        services: &Arc<Services>,
    ) {
        if self.subscribed.get(&service).is_some_and(|(known, _)| *known == version) {
            return;
        }
        // Unsubscribes first, as vsomeip does not distinguish subscriptions in different versions.
        drop(self.subscribed.remove(&service));
        match services.acquire(self.topic.needs_of(service, version, events)) {
            Ok(lease) => drop(self.subscribed.insert(service, (version, lease))),
            Err(status) => {
                log::warn!(
                    service:% = service;
                    "service {service} cannot be subscribed to: {status}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vsomeip_sys::{EventId, MethodId};

    use super::*;
    use crate::events::EventOptions;
    use crate::network::state::Monitor;
    use crate::registration::filter::Filter;
    use crate::services::Environment;
    use crate::testing::{environment, service, uri, Call, Vsomeip, POOL};

    const EVENT: EventId = EventId(0x8001);

    struct Fixture {
        vsomeip: Arc<Vsomeip>,
        monitor: Arc<Monitor>,
        services: Arc<Services>,
        events: Arc<Events>,
        wildcard: WildcardSubscription,
        _pool: parking_lot::RwLockReadGuard<'static, ()>,
    }

    impl Fixture {
        fn for_topic(source: &str) -> Self {
            Self::with_events(source, Events::default())
        }

        fn with_events(source: &str, events: Events) -> Self {
            let pool = POOL.read();
            let (vsomeip, events) = (Arc::new(Vsomeip::default()), Arc::new(events));
            let environment = Environment { events: events.clone(), ..environment(vsomeip.mock()) };
            let monitor = environment.monitor.clone();
            let services = Arc::new(Services::new(environment));
            let wildcard = wildcard(source);
            Self { vsomeip, monitor, services, events, wildcard, _pool: pool }
        }

        /// Has vsomeip report the available and offered services.
        fn report(&self, available: &[(ServiceInstance, u8)], offered: &[ServiceInstance]) {
            let is_gone = |known: &ServiceInstance| !available.iter().any(|(it, _)| it == known);
            let before = self.monitor.state().services.into_keys();
            for service in before.filter(is_gone) {
                self.monitor.set_available(service, None, || true);
            }
            for &(service, version) in available {
                self.monitor.set_available(service, Some(MajorVersion(version)), || true);
            }
            self.monitor.set_offered(offered.iter().copied().collect(), &[].into());
        }

        fn update(&mut self, available: &[(ServiceInstance, u8)], offered: &[ServiceInstance]) {
            self.report(available, offered);
            self.services.update_subscriptions();
            self.wildcard.update(&self.monitor.state(), &self.events, &self.services);
        }

        /// The new (true) and ended (false) subscriptions, with their versions.
        fn subscriptions(&self) -> Vec<(bool, ServiceInstance, u8)> {
            let subscriptions = self.vsomeip.calls().into_iter().filter_map(|call| match call {
                Call::Subscribe(service, version, EVENT) => Some((true, service, version.0)),
                Call::Unsubscribe(service, EVENT) => Some((false, service, 0)),
                _ => None,
            });
            subscriptions.collect()
        }
    }

    fn wildcard(source: &str) -> WildcardSubscription {
        let filter = Filter::new(&uri(source), None, "here").unwrap();
        WildcardSubscription::new(filter.wildcard_topic().unwrap())
    }

    /// The calls that a new subscription makes.
    fn begun(service: ServiceInstance, version: u8) -> [Call; 3] {
        [
            Call::RequestService(service),
            Call::RegisterHandler(service, MethodId::ANY),
            Call::Subscribe(service, MajorVersion(version), EVENT),
        ]
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn each_found_service_is_subscribed_once() {
        let mut fixture = Fixture::for_topic("//ecu/FFFF1234/FF/8001");
        let (one, other, third) = (service(0x1234, 1), service(0x1234, 2), service(0x1235, 1));
        fixture.update(&[], &[]);
        assert_eq!(fixture.subscriptions(), []);
        fixture.update(&[(one, 3), (third, 3)], &[]);
        assert_eq!(fixture.subscriptions(), [(true, one, 3)]);
        fixture.update(&[(one, 3), (other, 4)], &[]);
        assert_eq!(fixture.subscriptions(), [(true, other, 4)]);
        // vsomeip itself subscribes again when a service returns.
        fixture.update(&[(other, 4)], &[]);
        fixture.update(&[(one, 3), (other, 4)], &[]);
        assert_eq!(fixture.subscriptions(), []);
        // Except if it returns in another version.
        fixture.update(&[(one, 5), (other, 4)], &[]);
        assert_eq!(fixture.subscriptions(), [(false, one, 0), (true, one, 5)]);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn new_version_keeps_service_requested() {
        let mut fixture = Fixture::for_topic("//ecu/FFFFFFFF/FF/8001");
        let one = service(0x1234, 1);
        fixture.update(&[(one, 3)], &[]);
        fixture.update(&[(one, 5)], &[]);
        let calls = fixture.vsomeip.calls();
        assert_eq!(calls[..3], begun(one, 3));
        assert!(!calls.contains(&Call::ReleaseService(one)));
        assert_eq!(calls[calls.len() - 2..], begun(one, 5)[1..]);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn found_subscriptions_end_with_topic() {
        let mut fixture = Fixture::for_topic("//ecu/1234/FF/8001");
        let one = service(0x1234, 1);
        fixture.update(&[(one, 3)], &[]);
        assert_eq!(fixture.vsomeip.calls(), begun(one, 3));
        // An available service would stay requested.
        fixture.update(&[], &[]);
        let Fixture { vsomeip, wildcard, .. } = fixture;
        drop(wildcard);
        let ended = [
            Call::Unsubscribe(one, EVENT),
            Call::UnregisterHandler(one, MethodId::ANY),
            Call::ReleaseService(one),
        ];
        assert_eq!(vsomeip.calls(), ended);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn overlapping_topics_share_a_subscription() {
        let mut fixture = Fixture::for_topic("//ecu/1234/FF/8001");
        let one = service(0x1234, 1);
        fixture.update(&[(one, 3)], &[]);
        assert_eq!(fixture.vsomeip.calls(), begun(one, 3));
        let mut other = wildcard("//ecu/FFFFFFFF/3/8001");
        other.update(&fixture.monitor.state(), &fixture.events, &fixture.services);
        fixture.wildcard = wildcard("//ecu/1234/FF/8001");
        assert_eq!(fixture.vsomeip.calls(), []);
        drop(other);
        assert_eq!(fixture.subscriptions(), [(false, one, 0)]);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn known_events_share_handler() {
        let (one, other) = (service(0x1234, 1), service(0x1235, 1));
        let mut events = Events::default();
        for event in [0x8001, 0x8002] {
            events.insert(one, EventId(event), EventOptions::in_groups(&[5]));
        }
        let mut fixture = Fixture::with_events("//ecu/FFFFFFFF/3/FFFF", events);
        fixture.update(&[(one, 3), (other, 3)], &[]);
        let mut expected = begun(one, 3).to_vec();
        expected.push(Call::Subscribe(one, MajorVersion(3), EventId(0x8002)));
        assert_eq!(fixture.vsomeip.calls(), expected);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn failed_subscription_is_retried() {
        let mut fixture = Fixture::for_topic("//ecu/1234/FF/8001");
        let one = service(0x1234, 1);
        fixture.vsomeip.refuse(Call::Subscribe(one, MajorVersion(3), EVENT));
        fixture.update(&[(one, 3)], &[]);
        assert_eq!(fixture.subscriptions(), [(true, one, 3)]);
        fixture.vsomeip.refuse_nothing();
        fixture.update(&[(one, 3)], &[]);
        assert_eq!(fixture.subscriptions(), [(true, one, 3)]);
        fixture.update(&[(one, 3)], &[]);
        assert_eq!(fixture.subscriptions(), []);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn offered_services_of_open_topic_are_requested() {
        let (one, other) = (service(0x1234, 1), service(0x1235, 7));
        for (topic, is_of_any_service, expected) in [
            ("//ecu/FFFFFFFF/FF/8001", true, &[one, other][..]),
            ("//ecu/FFFF/FF/8001", true, &[one]),
            ("//ecu/FFFF1234/FF/8001", false, &[]),
        ] {
            let mut fixture = Fixture::for_topic(topic);
            assert_eq!(fixture.wildcard.is_of_any_service(), is_of_any_service, "{topic}");
            fixture.update(&[], &[one]);
            fixture.update(&[], &[one, other]);
            let requests: Vec<_> = expected.iter().copied().map(Call::RequestService).collect();
            assert_eq!(fixture.vsomeip.calls(), requests, "{topic}");
        }
    }
}
