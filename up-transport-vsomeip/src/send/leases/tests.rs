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

use std::sync::{Arc, Barrier};
use std::thread;

use parking_lot::RwLockReadGuard;
use up_rust::UCode;
use vsomeip_sys::{EventId, MajorVersion, MethodId};

use super::*;
use crate::mapping::outbound::Notification;
use crate::mapping::uri::ServiceInstance;
use crate::services::Services;
use crate::testing::{environment, service, unfinished, Call as Asked, Vsomeip, POOL};

const VERSION: MajorVersion = MajorVersion(3);
/// The number of ticks after which an idle service is released.
const IDLE_TICKS: u32 = 300;
/// The number of ticks after which an idle topic may be withdrawn.
const TOPIC_IDLE_TICKS: u32 = 60;
/// The same for a topic that was published to once.
const ONCE_TICKS: u32 = 2;

struct Fixture {
    vsomeip: Arc<Vsomeip>,
    services: Arc<Services>,
    clock: Arc<SenderClock>,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let services = Arc::new(Services::new(environment(vsomeip.mock())));
        Self { vsomeip, services, clock: Arc::default(), _pool: pool }
    }

    fn tick(&self, times: u32) {
        (0..times).for_each(|_| self.clock.tick());
    }
}

/// One of many services.
fn number(number: u16) -> ServiceInstance {
    service(0x1000, number)
}

mod calls {
    use super::*;

    fn request(service: ServiceInstance) -> Asked {
        Asked::RequestService(service)
    }

    fn release(service: ServiceInstance) -> Asked {
        Asked::ReleaseService(service)
    }

    fn register(service: ServiceInstance) -> Asked {
        Asked::RegisterHandler(service, MethodId::ANY)
    }

    fn unregister(service: ServiceInstance) -> Asked {
        Asked::UnregisterHandler(service, MethodId::ANY)
    }

    struct Calling {
        fixture: Fixture,
        calls: Calls,
    }

    impl Calling {
        fn new(capacity: usize) -> Self {
            let fixture = Fixture::new();
            let calls = Calls::new(fixture.services.clone(), fixture.clock.clone(), capacity);
            Self { fixture, calls }
        }

        /// A request that is in flight while the result lives.
        fn call(&self, service: ServiceInstance) -> Arc<Call> {
            self.calls.call(service).unwrap()
        }

        /// The same to an available service, whose response is handled.
        fn begin(&self, service: ServiceInstance) -> Result<Arc<Call>, UCode> {
            let call = self.call(service);
            let result = self.calls.handle_responses(&call);
            result.map(|()| call).map_err(|status| status.get_code())
        }

        fn asked(&self) -> Vec<Asked> {
            self.fixture.vsomeip.calls()
        }

        /// Seconds pass.
        fn tick(&self, times: u32) {
            for _ in 0..times {
                self.fixture.tick(1);
                self.calls.expire();
            }
        }
    }

    #[test]
    fn methods_of_absent_service_take_no_handler() {
        let calling = Calling::new(1_000);
        let _waiting: Vec<_> = (0..5_200).map(|_| calling.call(number(1))).collect();
        assert_eq!(calling.asked(), [request(number(1))]);
    }

    #[test]
    fn absent_services_take_no_handlers() {
        let calling = Calling::new(1_000);
        (1..=5_200).for_each(|service| drop(calling.call(number(service))));
        let left = unfinished(calling.asked());
        assert_eq!(left.len(), 1_000);
        assert!(left.iter().all(|call| matches!(call, Asked::RequestService(_))));
    }

    #[test]
    fn waiting_requests_keep_their_services() {
        let calling = Calling::new(1_000);
        let waiting: Vec<_> = (1..=5_200).map(|service| calling.call(number(service))).collect();
        calling.tick(IDLE_TICKS);
        let asked = calling.asked();
        assert_eq!(asked, (1..=5_200).map(|service| request(number(service))).collect::<Vec<_>>());
        drop(waiting);
    }

    #[test]
    fn burst_of_services_leaves_bounded_number() {
        let calling = Calling::new(1_000);
        let waiting: Vec<_> = (1..=5_200).map(|service| calling.call(number(service))).collect();
        drop(waiting);
        calling.tick(1);
        assert_eq!(unfinished(calling.asked()).len(), 1_000);
    }

    #[test]
    fn oldest_idle_service_is_evicted() {
        let calling = Calling::new(2);
        let in_flight = calling.begin(number(1)).unwrap();
        calling.tick(1);
        for service in 2..=4 {
            drop(calling.begin(number(service)).unwrap());
            calling.tick(1);
            // Stamped, so it is not the oldest.
            drop(calling.call(number(service)));
        }
        let asked = calling.asked();
        assert!(!asked.contains(&unregister(number(1))), "it has a request in flight");
        assert_eq!(unfinished(asked).len(), 4);
        drop(in_flight);
        calling.tick(1);
        drop(calling.call(number(5)));
        let evicted = [request(number(5)), unregister(number(1)), release(number(1))];
        assert_eq!(calling.asked(), evicted);
    }

    #[test]
    fn handlers_are_bounded_while_in_use() {
        let calling = Calling::new(2);
        let mut in_flight: Vec<_> = (1..=2).map(|n| calling.begin(number(n)).unwrap()).collect();
        assert_eq!(calling.begin(number(3)).err(), Some(UCode::RESOURCE_EXHAUSTED));
        // One that has a handler gets no second one.
        assert!(calling.begin(number(1)).is_ok());
        calling.asked();
        in_flight.pop();
        let third = calling.call(number(3));
        // It waited for its service while the handlers were in use.
        calling.calls.handle_responses(&third).unwrap();
        let asked = calling.asked();
        let is_request = |call: &Asked| matches!(call, Asked::RequestService(_));
        let order: Vec<_> = asked.iter().filter(|call| !is_request(call)).collect();
        assert_eq!(order, [&unregister(number(2)), &release(number(2)), &register(number(3))]);
        assert_eq!(calling.begin(number(2)).err(), Some(UCode::RESOURCE_EXHAUSTED));
    }

    #[test]
    fn failed_handler_is_tried_again() {
        let calling = Calling::new(2);
        calling.fixture.vsomeip.refuse(register(number(1)));
        assert_eq!(calling.begin(number(1)).err(), Some(UCode::INTERNAL));
        calling.fixture.vsomeip.refuse_nothing();
        assert!(calling.begin(number(1)).unwrap().has_handler());
        assert_eq!(calling.asked(), [request(number(1)), register(number(1)), register(number(1))]);
    }

    #[test]
    fn failed_request_leaves_no_entry() {
        let calling = Calling::new(2);
        calling.fixture.vsomeip.refuse(request(number(1)));
        let status = calling.calls.call(number(1)).err().unwrap();
        assert_eq!(status.get_code(), UCode::INTERNAL);
        calling.fixture.vsomeip.refuse_nothing();
        let _call = calling.call(number(1));
        assert_eq!(calling.asked(), [request(number(1)), request(number(1))]);
    }

    #[test]
    fn idle_services_expire() {
        let calling = Calling::new(10);
        drop(calling.begin(number(1)).unwrap());
        drop(calling.begin(number(2)).unwrap());
        let _in_flight = calling.begin(number(3)).unwrap();
        calling.tick(1);
        drop(calling.call(number(2)));
        calling.asked();
        calling.tick(IDLE_TICKS - 2);
        assert_eq!(calling.asked(), []);
        calling.tick(1);
        assert_eq!(calling.asked(), [unregister(number(1)), release(number(1))]);
        calling.tick(1);
        assert_eq!(calling.asked(), [unregister(number(2)), release(number(2))]);
        calling.tick(IDLE_TICKS);
        assert_eq!(calling.asked(), []);
    }

    #[test]
    fn clear_keeps_services_with_requests_in_flight() {
        let calling = Calling::new(10);
        let in_flight = calling.begin(number(1)).unwrap();
        drop(calling.begin(number(2)).unwrap());
        calling.asked();
        calling.calls.clear();
        assert_eq!(calling.asked(), [unregister(number(2)), release(number(2))]);
        drop(in_flight);
        assert_eq!(calling.asked(), [unregister(number(1)), release(number(1))]);
    }

    #[test]
    fn concurrent_callers_share_new_service() {
        for _ in 0..200 {
            let calling = Calling::new(10);
            let barrier = Barrier::new(2);
            let begin = || {
                barrier.wait();
                calling.begin(number(1)).unwrap()
            };
            let [one, other] = thread::scope(|scope| {
                [scope.spawn(begin), scope.spawn(begin)].map(|caller| caller.join().unwrap())
            });
            assert!(Arc::ptr_eq(&one, &other));
            assert_eq!(calling.asked(), [request(number(1)), register(number(1))]);
        }
    }

    #[test]
    fn concurrent_calls_leave_nothing_behind() {
        let calling = Calling::new(3);
        thread::scope(|scope| {
            for caller in 0..4 {
                let calling = &calling;
                scope.spawn(move || {
                    for round in 0..1_000 {
                        let service = number(1 + (caller * 3 + round) % 7);
                        let call = calling.call(service);
                        // The other threads may use all three.
                        if let Err(status) = calling.calls.handle_responses(&call) {
                            assert_eq!(status.get_code(), UCode::RESOURCE_EXHAUSTED);
                        }
                        match round % 50 {
                            0 => calling.fixture.vsomeip.report(service, Some(VERSION)),
                            1 => calling.fixture.vsomeip.report(service, None),
                            2 => calling.tick(IDLE_TICKS / 2),
                            _ => {}
                        }
                    }
                });
            }
        });
        calling.calls.clear();
        calling.fixture.services.close();
        assert_eq!(unfinished(calling.asked()), []);
    }
}

mod topics {
    use std::time::Duration;

    use rustc_hash::FxHashSet;
    use tokio::runtime::{Builder, Runtime};

    use super::*;
    use crate::options::HoldLimits;
    use crate::send::first_messages::{FirstMessages, Parts};

    const EVENT: u16 = 0x8001;

    struct Publishing {
        fixture: Fixture,
        topics: Topics,
        _runtime: Runtime,
    }

    fn holding_nothing(fixture: &Fixture) -> (Runtime, Arc<FirstMessages>) {
        let runtime = Builder::new_current_thread().build().unwrap();
        let parts = Parts {
            application: Arc::new(fixture.vsomeip.mock()),
            services: fixture.services.clone(),
            monitor: Arc::default(),
            counters: Arc::default(),
            events: Arc::default(),
            announced: FxHashSet::default(),
            control: runtime.handle().clone(),
            first_offer: Duration::ZERO,
            limits: HoldLimits { time: Duration::ZERO, bytes: 0 },
        };
        (runtime, Arc::new(FirstMessages::new(parts)))
    }

    fn topic(service: ServiceInstance, event: u16) -> Notification {
        Notification { service, version: VERSION, event: EventId(event) }
    }

    impl Publishing {
        fn new(max_services: usize, max_topics: usize) -> Self {
            let fixture = Fixture::new();
            let (services, clock) = (fixture.services.clone(), fixture.clock.clone());
            let (runtime, first_messages) = holding_nothing(&fixture);
            let topics = Topics::new(services, clock, first_messages, max_services, max_topics);
            Self { fixture, topics, _runtime: runtime }
        }

        fn offer(&self, service: u16, event: u16) -> Result<(), UCode> {
            let result = self.topics.offer(&topic(number(service), event));
            result.map(drop).map_err(|status| status.get_code())
        }

        fn use_again_and_again(&self, topics: &[(u16, u16)]) {
            topics.iter().for_each(|(service, event)| self.offer(*service, *event).unwrap());
            self.fixture.tick(1);
            topics.iter().for_each(|(service, event)| self.offer(*service, *event).unwrap());
        }

        fn asked(&self) -> Vec<Asked> {
            self.fixture.vsomeip.calls()
        }
    }

    fn event(service: u16, event: u16) -> Asked {
        Asked::OfferEvent(number(service), EventId(event))
    }

    fn offered(service: u16) -> [Asked; 2] {
        let service = number(service);
        [Asked::RegisterHandler(service, MethodId::ANY), Asked::OfferService(service, VERSION)]
    }

    fn withdrawn(service: u16) -> [Asked; 3] {
        let service = number(service);
        [
            Asked::StopOfferService(service, VERSION),
            Asked::UnregisterHandler(service, MethodId::ANY),
            Asked::StopOfferEvent(service, EventId(EVENT)),
        ]
    }

    #[test]
    fn topic_is_offered_once_and_kept() {
        let publishing = Publishing::new(10, 10);
        publishing.offer(1, EVENT).unwrap();
        let [handler, service] = offered(1);
        assert_eq!(publishing.asked(), [event(1, EVENT), handler, service]);
        publishing.offer(1, EVENT).unwrap();
        publishing.fixture.tick(10_000);
        publishing.offer(1, EVENT).unwrap();
        assert_eq!(publishing.asked(), []);
        publishing.offer(1, EVENT + 1).unwrap();
        assert_eq!(publishing.asked(), [event(1, EVENT + 1)]);
        publishing.topics.clear();
        assert_eq!(publishing.asked().len(), 4);
    }

    // [utest->dsn~someip-offer-up-front~1]
    #[test]
    fn events_are_offered_before_services() {
        let publishing = Publishing::new(10, 10);
        let topics = [(1, EVENT), (1, EVENT + 1), (2, EVENT)];
        let all = topics.map(|(service, event)| topic(number(service), event));
        publishing.topics.offer_all(&all).unwrap();
        let expected: Vec<_> = topics.map(|(service, id)| event(service, id)).into_iter().collect();
        let expected = expected.into_iter().chain(offered(1)).chain(offered(2));
        assert_eq!(publishing.asked(), expected.collect::<Vec<_>>());
        publishing.topics.offer_all(&all).unwrap();
        assert_eq!(unfinished(publishing.asked()), []);
    }

    #[test]
    fn oldest_service_makes_room_for_new_one() {
        let publishing = Publishing::new(2, 10);
        publishing.use_again_and_again(&[(1, EVENT), (2, EVENT)]);
        publishing.fixture.tick(TOPIC_IDLE_TICKS - 1);
        publishing.asked();
        assert_eq!(publishing.offer(3, EVENT).err(), Some(UCode::RESOURCE_EXHAUSTED));
        // Another topic of an offered service needs no room for a service.
        publishing.offer(2, EVENT + 1).unwrap();
        assert_eq!(publishing.asked(), [event(2, EVENT + 1)]);
        publishing.fixture.tick(1);
        publishing.offer(3, EVENT).unwrap();
        let expected = withdrawn(1).into_iter().chain([event(3, EVENT)]).chain(offered(3));
        assert_eq!(publishing.asked(), expected.collect::<Vec<_>>());
        assert_eq!(publishing.offer(1, EVENT).err(), Some(UCode::RESOURCE_EXHAUSTED));
        assert_eq!(publishing.asked(), []);
    }

    #[test]
    fn oldest_topic_makes_room_for_new_one() {
        let publishing = Publishing::new(10, 3);
        publishing.use_again_and_again(&[(1, EVENT), (2, EVENT)]);
        publishing.fixture.tick(1);
        publishing.use_again_and_again(&[(1, EVENT + 1)]);
        publishing.fixture.tick(TOPIC_IDLE_TICKS - 3);
        publishing.offer(2, EVENT).unwrap();
        assert_eq!(publishing.offer(2, EVENT + 1).err(), Some(UCode::RESOURCE_EXHAUSTED));
        publishing.fixture.tick(1);
        publishing.asked();
        publishing.offer(2, EVENT + 1).unwrap();
        let ended = Asked::StopOfferEvent(number(1), EventId(EVENT));
        assert_eq!(publishing.asked(), [ended, event(2, EVENT + 1)]);
        assert_eq!(publishing.offer(2, EVENT + 2).err(), Some(UCode::RESOURCE_EXHAUSTED));
        publishing.fixture.tick(1);
        publishing.offer(2, EVENT + 1).unwrap();
        publishing.fixture.tick(1);
        publishing.offer(2, EVENT + 2).unwrap();
        // The last topic of its service.
        let asked = publishing.asked();
        assert_eq!(asked[..2], withdrawn(1)[..2]);
        assert_eq!(asked.len(), 4);
        assert_eq!(publishing.offer(2, EVENT + 3).err(), Some(UCode::RESOURCE_EXHAUSTED));
    }

    #[test]
    fn topic_used_once_makes_room_soon() {
        let publishing = Publishing::new(10, 3);
        publishing.topics.offer_all(&[topic(number(1), EVENT)]).unwrap();
        publishing.use_again_and_again(&[(2, EVENT)]);
        publishing.offer(3, EVENT).unwrap();
        publishing.fixture.tick(ONCE_TICKS - 1);
        assert_eq!(publishing.offer(4, EVENT).err(), Some(UCode::RESOURCE_EXHAUSTED));
        publishing.asked();
        for stranger in 4..8 {
            publishing.fixture.tick(ONCE_TICKS);
            publishing.offer(stranger, EVENT).unwrap();
            assert_eq!(publishing.asked()[..3], withdrawn(stranger - 1));
        }
    }

    #[test]
    fn topic_in_use_is_not_evicted() {
        let publishing = Publishing::new(1, 10);
        publishing.offer(1, EVENT).unwrap();
        publishing.fixture.tick(TOPIC_IDLE_TICKS - 1);
        publishing.offer(1, EVENT).unwrap();
        publishing.fixture.tick(TOPIC_IDLE_TICKS - 1);
        assert_eq!(publishing.offer(2, EVENT).err(), Some(UCode::RESOURCE_EXHAUSTED));
        publishing.fixture.tick(1);
        assert_eq!(publishing.offer(2, EVENT), Ok(()));
    }

    #[test]
    fn failed_offer_is_tried_again() {
        let publishing = Publishing::new(1, 1);
        let [handler, service] = offered(1);
        publishing.fixture.vsomeip.refuse(service.clone());
        for _ in 0..2 {
            assert_eq!(publishing.offer(1, EVENT).err(), Some(UCode::INTERNAL));
            let asked = publishing.asked();
            assert_eq!(asked[..3], [event(1, EVENT), handler.clone(), service.clone()]);
            assert_eq!(asked[3..], withdrawn(1)[1..]);
        }
        publishing.fixture.vsomeip.refuse_nothing();
        publishing.offer(1, EVENT).unwrap();
        assert_eq!(publishing.asked(), [event(1, EVENT), handler, service]);
    }

    #[test]
    fn failed_offer_up_front_leaves_nothing() {
        let publishing = Publishing::new(1, 10);
        let all = [1, 2].map(|service| topic(number(service), EVENT));
        let status = publishing.topics.offer_all(&all).unwrap_err();
        assert_eq!(status.get_code(), UCode::RESOURCE_EXHAUSTED);
        // The first offer is kept; of the second, not even the event.
        let left = unfinished(publishing.asked());
        assert!(!left.contains(&event(2, EVENT)));
        assert_eq!(left.len(), 3);
    }

    #[test]
    fn second_version_of_topic_is_refused() {
        let publishing = Publishing::new(10, 10);
        publishing.offer(1, EVENT).unwrap();
        let other = Notification { version: MajorVersion(4), ..topic(number(1), EVENT) };
        let status = publishing.topics.offer(&other).unwrap_err();
        assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT);
    }

    #[test]
    fn late_publisher_finds_topic_offered() {
        let publishing = Publishing::new(1, 1);
        publishing.offer(1, EVENT).unwrap();
        publishing.asked();
        // It looked before the other thread was done.
        publishing.topics.offer_new(&topic(number(1), EVENT), Some(0), 0).unwrap();
        assert_eq!(publishing.asked(), []);
        publishing.topics.clear();
        assert_eq!(publishing.asked(), withdrawn(1));
    }

    #[test]
    fn concurrent_publishers_leave_nothing_behind() {
        let publishing = Publishing::new(3, 5);
        thread::scope(|scope| {
            for publisher in 0..4 {
                let publishing = &publishing;
                scope.spawn(move || {
                    for round in 0..1_000 {
                        let (service, event) = (1 + (publisher + round) % 4, EVENT + round % 3);
                        let result = publishing.offer(service, event);
                        assert!(matches!(result, Ok(()) | Err(UCode::RESOURCE_EXHAUSTED)));
                        publishing.fixture.tick(TOPIC_IDLE_TICKS / 4);
                    }
                });
            }
        });
        publishing.topics.clear();
        assert_eq!(unfinished(publishing.asked()), []);
    }
}
