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

//! Topics with wildcards: which services of the network they stand for is known only as these
//! appear.

use std::collections::HashMap;
use std::sync::Arc;

use vsomeip_sys::{MajorVersion, ServiceId};

use crate::events::Events;
use crate::mapping::uri::ServiceInstance;
use crate::network::state::State;
use crate::registration::filter::Topic;
use crate::services::{Lease, Need, Services};

/// A topic with wildcards, and what was found for it. What was found is kept until this ends, even
/// when its service goes: vsomeip subscribes again by itself when that returns.
pub(crate) struct WildcardSubscription {
    topic: Topic,
    /// The services that are subscribed to, and in which version.
    subscribed: HashMap<ServiceInstance, (MajorVersion, Lease)>,
    /// Those that somebody offers, requested so that their availability is reported.
    requested: HashMap<ServiceInstance, Lease>,
}

impl WildcardSubscription {
    pub(crate) fn new(topic: Topic) -> Self {
        Self { topic, subscribed: HashMap::new(), requested: HashMap::new() }
    }

    /// Whether the topic leaves the service open. vsomeip reports the availability of those only
    /// that it was asked for, so somebody has to find out which there are.
    pub(crate) fn is_of_any_service(&self) -> bool {
        self.topic.service.service == ServiceId::ANY
    }

    /// Sees to it that everything that is there now is subscribed to.
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
            Err(status) => log::warn!("service {service} cannot be requested: {status}"),
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
        // First ended, then begun: vsomeip does not tell subscriptions in two versions apart.
        drop(self.subscribed.remove(&service));
        match services.acquire(self.topic.needs_of(service, version, events)) {
            Ok(lease) => drop(self.subscribed.insert(service, (version, lease))),
            Err(status) => log::warn!("service {service} cannot be subscribed to: {status}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vsomeip_sys::EventId;

    use super::*;
    use crate::registration::filter::Filter;
    use crate::testing::{service, uri, Call, Vsomeip, POOL};
    use crate::vsomeip::handler_pool::MessageSink;

    struct NoSink;

    impl MessageSink for NoSink {
        fn receive(&self, _: &vsomeip_sys::Message) {}
    }

    struct Fixture {
        vsomeip: Arc<Vsomeip>,
        ledger: Arc<Ledger>,
        wildcard: WildcardSubscription,
        _pool: parking_lot::RwLockReadGuard<'static, ()>,
    }

    impl Fixture {
        fn for_topic(source: &str) -> Self {
            let pool = POOL.read();
            let vsomeip = Arc::new(Vsomeip::default());
            let ledger = Ledger::new(
                Arc::new(vsomeip.mock()),
                Arc::default(),
                Arc::default(),
                Arc::new(NoSink),
                Events::default(),
            );
            let topic = Filter::new(&uri(source), None).unwrap().wildcard_topic().unwrap();
            Self {
                vsomeip,
                ledger: Arc::new(ledger),
                wildcard: WildcardSubscription::new(topic),
                _pool: pool,
            }
        }

        fn update(&mut self, available: &[(ServiceInstance, u8)], offered: &[ServiceInstance]) {
            let state = State {
                services: available.iter().copied().collect(),
                offered: BTreeSet::from_iter(offered.iter().copied()),
                ..State::default()
            };
            self.wildcard.update(&state, &Events::default(), &self.ledger);
        }

        /// The subscriptions that were begun (true) and ended (false), with their versions.
        fn subscriptions(&self) -> Vec<(bool, ServiceInstance, u8)> {
            let subscriptions = self.vsomeip.calls().into_iter().filter_map(|call| match call {
                Call::Subscribe(service, version, EventId(0x8001)) => {
                    Some((true, service, version.0))
                }
                Call::Unsubscribe(service, EventId(0x8001)) => Some((false, service, 0)),
                _ => None,
            });
            subscriptions.collect()
        }
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn each_service_that_appears_is_subscribed_to_once_and_in_its_version() {
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
        // But not if it returns in another version.
        fixture.update(&[(one, 5), (other, 4)], &[]);
        assert_eq!(fixture.subscriptions(), [(false, one, 0), (true, one, 5)]);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn what_was_found_ends_with_the_registration() {
        let mut fixture = Fixture::for_topic("//ecu/1234/FF/8001");
        fixture.update(&[(service(0x1234, 1), 3)], &[]);
        let begun = fixture.vsomeip.calls().len();
        assert_eq!(begun, 3);
        let Fixture { vsomeip, wildcard, .. } = fixture;
        drop(wildcard);
        assert_eq!(vsomeip.calls().len(), begun);
    }

    // [utest->dsn~someip-wildcard-topic~1]
    #[test]
    fn of_any_service_those_that_are_offered_are_requested() {
        let (one, other) = (service(0x1234, 1), service(0x1235, 7));
        let mut fixture = Fixture::for_topic("//ecu/FFFFFFFF/FF/8001");
        assert!(fixture.wildcard.is_of_any_service());
        fixture.update(&[], &[one]);
        fixture.update(&[], &[one, other]);
        let requests = [Call::RequestService(one), Call::RequestService(other)];
        assert_eq!(fixture.vsomeip.calls(), requests);
        let mut fixture = Fixture::for_topic("//ecu/FFFF/FF/8001");
        fixture.update(&[], &[one, other]);
        assert_eq!(fixture.vsomeip.calls(), [Call::RequestService(one)]);
        let mut fixture = Fixture::for_topic("//ecu/FFFF1234/FF/8001");
        assert!(!fixture.wildcard.is_of_any_service());
        fixture.update(&[], &[one]);
        assert_eq!(fixture.vsomeip.calls(), []);
    }
}
