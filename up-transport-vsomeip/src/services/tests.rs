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

use std::future::Future;
use std::sync::mpsc::{channel, sync_channel};
use std::task::{Context, Wake, Waker};
use std::thread;

use parking_lot::RwLockReadGuard;
use up_rust::UCode;
use vsomeip_sys::{EventId, EventgroupId, MajorVersion, MethodId, ServiceId};

use super::*;
use crate::events::EventOptions;
use crate::mapping::authorities::Source;
use crate::network::state::Subscription;
use crate::testing::{
    accept_event_requests, environment, published, service, unfinished, Call, Vsomeip, POOL,
};
use crate::vsomeip::application::MockSomeIp;
use crate::vsomeip::handler_pool::{MessageSink, SlotLease};

const EVENT: EventId = EventId(0x8001);
const GROUP: EventgroupId = EventgroupId(0x8001);
const VERSION: MajorVersion = MajorVersion(3);
const OTHER_VERSION: MajorVersion = MajorVersion(4);
/// That of the services of this host about which nothing else is known.
const OWN_VERSION: MajorVersion = MajorVersion(1);

fn this() -> ServiceInstance {
    service(0x1234, 2)
}

fn other() -> ServiceInstance {
    service(0x1234, 3)
}

fn any_instance() -> ServiceInstance {
    service(0x1234, 0xffff)
}

fn register(service: ServiceInstance) -> Call {
    Call::RegisterHandler(service, MethodId::ANY)
}

fn unregister(service: ServiceInstance) -> Call {
    Call::UnregisterHandler(service, MethodId::ANY)
}

struct Fixture {
    vsomeip: Arc<Vsomeip>,
    monitor: Arc<Monitor>,
    receive: Arc<dyn Receive>,
    services: Arc<Services>,
    _pool: RwLockReadGuard<'static, ()>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Environment)) -> Self {
        let pool = POOL.read();
        let vsomeip = Arc::new(Vsomeip::default());
        let mut environment = environment(vsomeip.mock());
        change(&mut environment);
        let (monitor, receive) = (environment.monitor.clone(), environment.receive.clone());
        let services = Arc::new(Services::new(environment));
        Self { vsomeip, monitor, receive, services, _pool: pool }
    }

    fn acquire(&self, needs: &[Need]) -> Result<Lease, UCode> {
        self.services.acquire(needs.to_vec()).map_err(|status| status.get_code())
    }

    fn appear(&self, service: ServiceInstance) {
        self.vsomeip.report(service, Some(VERSION));
    }

    /// A lease that requests an available service.
    fn available(&self, service: ServiceInstance) -> Lease {
        let lease = self.acquire(&[Need::Request(service)]).unwrap();
        self.appear(service);
        lease
    }

    /// How many services there are, with or without a handler slot. Each has a way to what receives,
    /// which the environment and this own as well.
    fn living(&self) -> usize {
        Arc::strong_count(&self.receive) - 2
    }
}

/// One need of each kind, with how vsomeip is asked for it and asked to forget it.
fn one_of_each() -> [(Need, Call, Call); 5] {
    [
        (Need::Handler(this()), register(this()), unregister(this())),
        (
            Need::Offer(this(), VERSION),
            Call::OfferService(this(), VERSION),
            Call::StopOfferService(this(), VERSION),
        ),
        (
            Need::OfferEvent(this(), EVENT),
            Call::OfferEvent(this(), EVENT),
            Call::StopOfferEvent(this(), EVENT),
        ),
        (Need::Request(other()), Call::RequestService(other()), Call::ReleaseService(other())),
        (
            Need::Subscription(other(), VERSION, EVENT),
            Call::Subscribe(other(), VERSION, EVENT),
            Call::Unsubscribe(other(), EVENT),
        ),
    ]
}

fn needs() -> Vec<Need> {
    one_of_each().into_iter().map(|(need, _, _)| need).collect()
}

fn acquired() -> Vec<Call> {
    one_of_each().into_iter().map(|(_, acquire, _)| acquire).collect()
}

/// What is released if the first `count` needs were acquired.
fn released(count: usize) -> Vec<Call> {
    one_of_each().into_iter().take(count).rev().map(|(_, _, release)| release).collect()
}

mod leases {
    use super::*;

    #[test]
    fn lease_releases_in_reverse_order() {
        let fixture = Fixture::new();
        let lease = fixture.acquire(&needs()).unwrap();
        assert_eq!(fixture.vsomeip.calls(), acquired());
        assert_eq!(fixture.living(), 2);
        drop(lease);
        assert_eq!(fixture.vsomeip.calls(), released(5));
        assert_eq!(fixture.living(), 0);
    }

    #[test]
    fn released_needs_can_be_acquired_again() {
        let fixture = Fixture::new();
        for _ in 0..3 {
            let lease = fixture.acquire(&needs()).unwrap();
            assert_eq!(fixture.vsomeip.calls(), acquired());
            drop(lease);
            assert_eq!(fixture.vsomeip.calls(), released(5));
        }
    }

    #[test]
    fn last_lease_releases_what_first_acquired() {
        let fixture = Fixture::new();
        let leases = [(); 3].map(|()| fixture.acquire(&needs()).unwrap());
        assert_eq!(fixture.vsomeip.calls(), acquired());
        let [first, second, third] = leases;
        drop(second);
        drop(first);
        assert_eq!(fixture.vsomeip.calls(), []);
        drop(third);
        assert_eq!(fixture.vsomeip.calls(), released(5));
    }

    #[test]
    fn needs_are_shared_one_by_one() {
        let fixture = Fixture::new();
        let handler = Need::Handler(this());
        let with_offer = fixture.acquire(&[handler, Need::Offer(this(), VERSION)]).unwrap();
        let with_request = fixture.acquire(&[handler, Need::Request(other())]).unwrap();
        fixture.vsomeip.calls();
        drop(with_offer);
        assert_eq!(fixture.vsomeip.calls(), [Call::StopOfferService(this(), VERSION)]);
        drop(with_request);
        assert_eq!(fixture.vsomeip.calls(), [Call::ReleaseService(other()), unregister(this())]);
    }

    #[test]
    fn needs_of_other_ids_are_not_shared() {
        let fixture = Fixture::new();
        let (other_event, third) = (EventId(0x8002), service(0x1234, 4));
        let _first = fixture.acquire(&needs()).unwrap();
        fixture.vsomeip.calls();
        let _second = fixture
            .acquire(&[
                Need::Offer(third, VERSION),
                Need::OfferEvent(this(), other_event),
                Need::Request(this()),
                Need::Subscription(other(), VERSION, other_event),
                Need::Handler(other()),
            ])
            .unwrap();
        assert_eq!(
            fixture.vsomeip.calls(),
            [
                Call::OfferService(third, VERSION),
                Call::OfferEvent(this(), other_event),
                Call::RequestService(this()),
                Call::Subscribe(other(), VERSION, other_event),
                register(other()),
            ]
        );
    }

    #[test]
    fn failed_acquisition_leaves_nothing_behind() {
        for place in 0..needs().len() {
            let fixture = Fixture::new();
            fixture.vsomeip.refuse(acquired()[place].clone());
            assert_eq!(fixture.acquire(&needs()).err(), Some(UCode::INTERNAL), "{place}");
            let expected: Vec<_> =
                acquired().into_iter().take(place + 1).chain(released(place)).collect();
            assert_eq!(fixture.vsomeip.calls(), expected, "{place}");
            assert_eq!(fixture.living(), 0, "{place}");

            fixture.vsomeip.refuse_nothing();
            drop(fixture.acquire(&needs()).unwrap());
            let expected: Vec<_> = acquired().into_iter().chain(released(5)).collect();
            assert_eq!(fixture.vsomeip.calls(), expected, "{place}");
        }
    }

    #[test]
    fn failed_acquisition_keeps_needs_of_others() {
        let fixture = Fixture::new();
        let all_but_the_last = &needs()[..4];
        let lease = fixture.acquire(all_but_the_last).unwrap();
        fixture.vsomeip.calls();
        fixture.vsomeip.refuse(acquired()[4].clone());
        assert_eq!(fixture.acquire(&needs()).err(), Some(UCode::INTERNAL));
        assert_eq!(fixture.vsomeip.calls(), acquired()[4..]);
        drop(lease);
        assert_eq!(fixture.vsomeip.calls(), released(4));
    }

    #[test]
    fn failed_release_does_not_keep_the_rest() {
        let fixture = Fixture::new();
        let lease = fixture.acquire(&needs()).unwrap();
        fixture.vsomeip.calls();
        for call in released(5) {
            fixture.vsomeip.refuse(call);
        }
        drop(lease);
        assert_eq!(fixture.vsomeip.calls(), released(5));
        assert_eq!(fixture.living(), 0);
        let _lease = fixture.acquire(&needs()).unwrap();
        assert_eq!(fixture.vsomeip.calls(), acquired());
    }

    #[test]
    fn close_withdraws_everything_once() {
        let fixture = Fixture::new();
        let leases = [(); 2].map(|()| fixture.acquire(&needs()).unwrap());
        let idle = service(0x4321, 1);
        drop(fixture.available(idle));
        fixture.services.close();
        let mut calls = fixture.vsomeip.calls();
        assert_eq!(calls.len(), 2 * (needs().len() + 1));
        assert_eq!(unfinished(calls.clone()), []);
        let position = |call: &Call| calls.iter().position(|it| it == call).unwrap();
        assert!(position(&released(5)[0]) < position(&released(5)[1]), "the request ends last");
        assert!(position(&released(5)[3]) < position(&released(5)[4]), "the handler ends last");
        fixture.services.close();
        drop(leases);
        calls = fixture.vsomeip.calls();
        assert_eq!(calls, []);
        assert_eq!(fixture.living(), 0);
    }
}

mod handlers {
    use super::*;

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn one_handler_receives_all_messages() {
        let fixture = Fixture::new();
        let called = fixture.acquire(&[Need::Request(this()), Need::Handler(this())]).unwrap();
        let subscribed = [EVENT, EventId(0x8002)].map(|event| {
            let subscription = Need::Subscription(this(), VERSION, event);
            fixture.acquire(&[Need::Request(this()), Need::Handler(this()), subscription]).unwrap()
        });
        let offered = fixture.acquire(&offer_needs(this(), VERSION)).unwrap();
        let is_handler =
            |call: &Call| matches!(call, Call::RegisterHandler(..) | Call::UnregisterHandler(..));
        let handlers =
            || -> Vec<_> { fixture.vsomeip.calls().into_iter().filter(is_handler).collect() };
        assert_eq!(handlers(), [register(this())]);
        drop((called, subscribed));
        assert_eq!(handlers(), []);
        drop(offered);
        assert_eq!(handlers(), [unregister(this())]);
    }

    #[test]
    fn messages_come_with_values_of_their_service() {
        struct Witness(Mutex<Vec<bool>>);
        impl Receive for Witness {
            fn receive(&self, _: &Message, values: &LastValues) {
                self.0.lock().push(values.field(EVENT).is_some());
            }
        }
        let _pool = POOL.read();
        let (sender, handlers) = channel();
        let mut application = MockSomeIp::new();
        accept_event_requests(&mut application);
        application.expect_register_handler().returning(move |_, _, handler, generation| {
            sender.send((handler, generation)).unwrap();
            Ok(())
        });
        application.expect_unregister_handler().returning(|_, _| Ok(()));
        application.expect_request_service().returning(|_, _| Ok(()));
        application.expect_release_service().returning(|_| Ok(()));
        application.expect_subscribe().returning(|_, _, _, _, _| Ok(()));
        application.expect_unsubscribe().returning(|_, _, _| Ok(()));
        let witness = Arc::new(Witness(Mutex::default()));
        let receive = witness.clone();
        let environment = Environment { receive, events: field(), ..environment(application) };
        let services = Arc::new(Services::new(environment));
        let _without = services.acquire(vec![Need::Handler(other())]).unwrap();
        let subscription = Need::Subscription(this(), VERSION, EVENT);
        let with = services.acquire(vec![Need::Handler(this()), subscription]).unwrap();
        let handlers: Vec<_> = handlers.try_iter().collect();
        let deliver = || {
            for (handler, generation) in &handlers {
                (handler.0)(*generation, &Message::default());
            }
        };
        deliver();
        assert_eq!(*witness.0.lock(), [false, true]);
        drop(with);
        deliver();
        assert_eq!(*witness.0.lock(), [false, true, false]);
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn slot_is_freed_after_unregistration() {
        struct Counting(Mutex<usize>);
        impl Receive for Counting {
            fn receive(&self, _: &Message, _: &LastValues) {
                *self.0.lock() += 1;
            }
        }
        let _pool = POOL.read();
        let registered = Arc::new(Mutex::new(None));
        let mut application = MockSomeIp::new();
        accept_event_requests(&mut application);
        let at_registration = registered.clone();
        application.expect_register_handler().once().returning(move |_, _, handler, generation| {
            *at_registration.lock() = Some((handler, generation));
            Ok(())
        });
        let call = move || {
            let (handler, generation) = registered.lock().unwrap();
            (handler.0)(generation, &Message::default());
        };
        let late_call = call.clone();
        application.expect_unregister_handler().once().returning(move |_, _| {
            late_call();
            Ok(())
        });
        let counting = Arc::new(Counting(Mutex::default()));
        let environment = Environment { receive: counting.clone(), ..environment(application) };
        let services = Arc::new(Services::new(environment));
        drop(services.acquire(vec![Need::Handler(this())]).unwrap());
        assert_eq!(*counting.0.lock(), 1);
        call();
        assert_eq!(*counting.0.lock(), 1);
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn refused_handler_takes_no_slot() {
        let fixture = Fixture::new();
        // Nothing but a slot outlives the service that does not come about.
        fixture.vsomeip.refuse(register(this()));
        assert_eq!(fixture.acquire(&[Need::Handler(this())]).err(), Some(UCode::INTERNAL));
        assert_eq!(fixture.living(), 0);
    }

    struct NoSink;

    impl MessageSink for NoSink {
        fn receive(&self, _: &Message) {}
    }

    // [utest->dsn~someip-handler-pool~1]
    #[test]
    fn empty_pool_is_exhausted_until_slot_returns() {
        let _pool = POOL.write();
        let vsomeip = Arc::new(Vsomeip::default());
        let services = Arc::new(Services::new(environment(vsomeip.mock())));
        let needs = || vec![Need::Request(this()), Need::Handler(this())];
        let sink: Arc<dyn MessageSink> = Arc::new(NoSink);
        let mut all: Vec<_> = std::iter::from_fn(|| SlotLease::take(sink.clone())).collect();
        let status = services.acquire(needs()).err().unwrap();
        assert_eq!(status.get_code(), UCode::RESOURCE_EXHAUSTED);
        assert_eq!(vsomeip.calls(), [Call::RequestService(this()), Call::ReleaseService(this())]);
        all.pop();
        for _ in 0..2 {
            let lease = services.acquire(needs()).unwrap();
            assert!(SlotLease::take(sink.clone()).is_none());
            drop(lease);
        }
    }
}

mod requests {
    use super::*;

    fn release(service: ServiceInstance) -> Call {
        Call::ReleaseService(service)
    }

    #[test]
    fn available_service_stays_requested() {
        let fixture = Fixture::new();
        let subscription = Need::Subscription(this(), VERSION, EVENT);
        let needs = [Need::Request(this()), Need::Handler(this()), subscription];
        let lease = fixture.acquire(&needs).unwrap();
        fixture.appear(this());
        fixture.vsomeip.calls();
        drop(lease);
        let unsubscribed = [Call::Unsubscribe(this(), EVENT), unregister(this())];
        assert_eq!(fixture.vsomeip.calls(), unsubscribed);
        assert!(fixture.monitor.is_available(this()));
        let _again = fixture.acquire(&needs).unwrap();
        let subscribed = [register(this()), Call::Subscribe(this(), VERSION, EVENT)];
        assert_eq!(fixture.vsomeip.calls(), subscribed);
        // It is still told that the service goes.
        fixture.vsomeip.report(this(), None);
        assert!(!fixture.monitor.is_available(this()));
    }

    #[test]
    fn absent_service_is_released_at_once() {
        let fixture = Fixture::new();
        let lease = fixture.available(this());
        fixture.vsomeip.report(this(), None);
        fixture.vsomeip.calls();
        drop(lease);
        assert_eq!(fixture.vsomeip.calls(), [release(this())]);
        assert_eq!(fixture.living(), 0);
    }

    #[test]
    fn too_many_idle_services_release_the_oldest() {
        let fixture = Fixture::new();
        let idle = |number| service(0x1000, number);
        let most = u16::try_from(MAX_IDLE).unwrap();
        for number in 1..=most {
            drop(fixture.available(idle(number)));
        }
        // This one becomes the newest.
        drop(fixture.acquire(&[Need::Request(idle(1))]).unwrap());
        assert!(!fixture.vsomeip.calls().contains(&release(idle(2))));
        for number in most + 1..=most + 3 {
            drop(fixture.available(idle(number)));
            let oldest = idle(number - most + 1);
            assert_eq!(fixture.vsomeip.calls().last(), Some(&release(oldest)));
            assert!(!fixture.monitor.is_available(oldest));
        }
        assert_eq!(fixture.living(), MAX_IDLE);
    }

    #[test]
    fn service_in_use_again_is_not_idle() {
        let fixture = Fixture::new();
        let idle = |number| service(0x1000, number);
        let used = |number| service(0x2000, number);
        let most = u16::try_from(MAX_IDLE).unwrap();
        (1..most).for_each(|number| drop(fixture.available(idle(number))));
        let leases = (1..=most).map(|number| {
            drop(fixture.available(used(number)));
            fixture.acquire(&[Need::Request(used(number))]).unwrap()
        });
        let leases: Vec<_> = leases.collect();
        let is_release = |call: &Call| matches!(call, Call::ReleaseService(_));
        assert!(!fixture.vsomeip.calls().iter().any(is_release));
        drop(leases);
        let released: Vec<_> = (1..most).map(|number| release(idle(number))).collect();
        assert_eq!(fixture.vsomeip.calls(), released);
    }

    #[test]
    fn late_report_does_not_revive_service() {
        let fixture = Fixture::new();
        let lease = fixture.available(this());
        assert!(fixture.monitor.is_available(this()));
        fixture.vsomeip.report(this(), None);
        drop(lease);
        fixture.appear(this());
        assert!(!fixture.monitor.is_available(this()));
        // Nor does it make it seem to be used.
        assert_eq!(fixture.vsomeip.calls().last(), Some(&release(this())));
    }

    #[test]
    fn released_service_is_no_longer_available() {
        let fixture = Fixture::new();
        let any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
        let _unrelated = fixture.available(service(0x4321, 1));
        fixture.appear(this());
        drop(any);
        assert!(!fixture.monitor.is_available(this()));
        assert!(fixture.monitor.is_available(service(0x4321, 1)));
    }

    #[test]
    fn wildcard_release_keeps_services_requested_elsewhere() {
        let fixture = Fixture::new();
        let any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
        let _one = fixture.available(this());
        // A service with a handler is not requested by that.
        let _handled = fixture.acquire(&[Need::Handler(other())]).unwrap();
        fixture.appear(other());
        drop(any);
        assert!(fixture.monitor.is_available(this()));
        assert!(!fixture.monitor.is_available(other()));
    }

    #[test]
    fn service_covered_by_wildcard_stays_available() {
        let fixture = Fixture::new();
        let any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
        drop(fixture.available(this()));
        // Room for others is made at its expense.
        for number in 1..=u16::try_from(MAX_IDLE).unwrap() {
            drop(fixture.available(service(0x1000, number)));
        }
        assert!(fixture.vsomeip.calls().contains(&release(this())));
        assert!(fixture.monitor.is_available(this()));
        drop(any);
        assert!(!fixture.monitor.is_available(this()));
    }

    #[test]
    fn unrequested_service_does_not_stay() {
        let fixture = Fixture::new();
        let _any = fixture.acquire(&[Need::Request(any_instance())]).unwrap();
        fixture.appear(this());
        drop(fixture.acquire(&offer_needs(this(), VERSION)).unwrap());
        assert_eq!(fixture.living(), 1);
        assert!(fixture.monitor.is_available(this()));
    }
}

mod offers {
    use super::*;

    fn offer(version: MajorVersion) -> Call {
        Call::OfferService(this(), version)
    }

    fn stop(version: MajorVersion) -> Call {
        Call::StopOfferService(this(), version)
    }

    const OPEN: MajorVersion = MajorVersion::ANY;

    // [utest->dsn~someip-uri-version~1]
    #[test]
    fn open_version_is_that_of_the_service() {
        let configured = MajorVersion(7);
        let versions = [(ServiceId(0x1234), configured)].into_iter().collect();
        let fixture = Fixture::with(|environment| {
            environment.versions = InterfaceVersions::new(OWN_VERSION, versions);
        });
        let own = service(0x4321, 1);
        let leases = [this(), own].map(|it| fixture.acquire(&[Need::Offer(it, OPEN)]).unwrap());
        assert_eq!(
            fixture.vsomeip.calls(),
            [offer(configured), Call::OfferService(own, OWN_VERSION)]
        );
        let [one, _other] = leases;
        drop(one);
        assert_eq!(fixture.vsomeip.calls(), [stop(configured)]);
    }

    #[test]
    fn open_version_joins_concrete_one() {
        let fixture = Fixture::new();
        let concrete = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
        let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
        assert_eq!(fixture.vsomeip.calls(), [offer(VERSION)]);
        drop(concrete);
        assert_eq!(fixture.vsomeip.calls(), []);
        // Nobody needs this version any more.
        let _other = fixture.acquire(&[Need::Offer(this(), OTHER_VERSION)]).unwrap();
        assert_eq!(fixture.vsomeip.calls(), [stop(VERSION), offer(OTHER_VERSION)]);
        drop(open);
        assert_eq!(fixture.vsomeip.calls(), []);
    }

    #[test]
    fn concrete_version_replaces_open_one() {
        let fixture = Fixture::new();
        let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
        let concrete = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
        assert_eq!(
            fixture.vsomeip.calls(),
            [offer(OWN_VERSION), stop(OWN_VERSION), offer(VERSION)]
        );
        drop((open, concrete));
        assert_eq!(fixture.vsomeip.calls(), [stop(VERSION)]);
    }

    #[test]
    fn second_concrete_version_is_an_error() {
        let fixture = Fixture::new();
        let first = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
        let needs = offer_needs(this(), OTHER_VERSION);
        fixture.vsomeip.calls();
        assert_eq!(fixture.acquire(&needs).err(), Some(UCode::INVALID_ARGUMENT));
        assert_eq!(fixture.vsomeip.calls(), [register(this()), unregister(this())]);
        let _of_other = fixture.acquire(&[Need::Offer(other(), OTHER_VERSION)]).unwrap();
        drop(first);
        fixture.vsomeip.calls();
        let _second = fixture.acquire(&needs).unwrap();
        assert_eq!(fixture.vsomeip.calls(), [register(this()), offer(OTHER_VERSION)]);
    }

    #[test]
    fn weak_offer_gives_way_to_needed_version() {
        let fixture = Fixture::new();
        let weak = fixture.acquire(&[Need::WeakOffer(this(), OTHER_VERSION)]).unwrap();
        assert_eq!(fixture.vsomeip.calls(), [offer(OTHER_VERSION)]);
        let needed = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
        assert_eq!(fixture.vsomeip.calls(), [stop(OTHER_VERSION), offer(VERSION)]);
        drop(needed);
        assert_eq!(fixture.vsomeip.calls(), []);
        drop(weak);
        assert_eq!(fixture.vsomeip.calls(), [stop(VERSION)]);
    }

    #[test]
    fn weak_offer_leaves_other_version_as_it_is() {
        let named = [VERSION, OPEN].map(|version| Need::Offer(this(), version));
        let listed = [VERSION, OPEN].map(|version| Need::OfferListed(this(), version));
        for need in named.into_iter().chain(listed) {
            let fixture = Fixture::new();
            let needed = fixture.acquire(&[need]).unwrap();
            let offered = fixture.vsomeip.calls();
            let weak = fixture.acquire(&[Need::WeakOffer(this(), OTHER_VERSION)]).unwrap();
            assert_eq!(fixture.vsomeip.calls(), []);
            drop((needed, weak));
            assert_eq!(unfinished([offered, fixture.vsomeip.calls()].concat()), []);
        }
    }

    #[test]
    fn refused_version_restores_the_open_one() {
        let fixture = Fixture::new();
        let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
        fixture.vsomeip.calls();
        fixture.vsomeip.refuse(offer(VERSION));
        let result = fixture.acquire(&[Need::Offer(this(), VERSION)]);
        assert_eq!(result.err(), Some(UCode::INTERNAL));
        let calls = fixture.vsomeip.calls();
        assert_eq!(calls, [stop(OWN_VERSION), offer(VERSION), offer(OWN_VERSION)]);
        drop(open);
        assert_eq!(fixture.vsomeip.calls(), [stop(OWN_VERSION)]);
    }

    #[test]
    fn offer_that_does_not_end_is_kept() {
        let fixture = Fixture::new();
        let open = fixture.acquire(&[Need::Offer(this(), OPEN)]).unwrap();
        fixture.vsomeip.calls();
        fixture.vsomeip.refuse(stop(OWN_VERSION));
        let result = fixture.acquire(&[Need::Offer(this(), VERSION)]);
        assert_eq!(result.err(), Some(UCode::INTERNAL));
        assert_eq!(fixture.vsomeip.calls(), [stop(OWN_VERSION)]);
        fixture.vsomeip.refuse_nothing();
        drop(open);
        assert_eq!(fixture.vsomeip.calls(), [stop(OWN_VERSION)]);
    }
}

/// Knows an event of all instances as a field.
fn field() -> Arc<Events> {
    let mut events = Events::default();
    events.insert(this(), EVENT, EventOptions::in_groups(&[5]).field());
    Arc::new(events)
}

mod values {
    use super::*;

    struct Field(Fixture);

    impl Field {
        fn new() -> Self {
            Self(Fixture::with(|environment| environment.events = field()))
        }

        fn subscribe(&self, version: MajorVersion) -> Lease {
            let subscription = Need::Subscription(this(), version, EVENT);
            self.0.acquire(&[Need::Request(this()), subscription]).unwrap()
        }

        fn all(&self) -> Vec<Arc<Mutex<Option<FieldValue>>>> {
            self.0.services.values(this()).iter().flat_map(|values| values.all()).collect()
        }

        fn is_tracked(&self) -> bool {
            !self.all().is_empty()
        }

        fn has_value(&self) -> bool {
            self.all().iter().any(|field| field.lock().is_some())
        }

        fn set(&self) {
            for field in self.all() {
                let event = published("//ecu/1234/1/8001", 1);
                let source = Source::Known;
                let value = FieldValue { event, source, registrations: 0, is_own: false };
                *field.lock() = Some(value);
            }
        }
    }

    #[test]
    fn only_subscribed_fields_are_tracked() {
        let field = Field::new();
        let _service = field.0.acquire(&[Need::Request(this())]).unwrap();
        assert!(!field.is_tracked());
        let leases = [VERSION, OTHER_VERSION].map(|version| field.subscribe(version));
        assert!(field.is_tracked());
        let no_field = Need::Subscription(this(), VERSION, EventId(0x8002));
        let _no_field = field.0.acquire(&[no_field]).unwrap();
        assert_eq!(field.all().len(), 1);
        field.set();
        let [one, other] = leases;
        drop(one);
        assert!(field.has_value());
        drop(other);
        assert!(!field.is_tracked());
        let _again = field.subscribe(VERSION);
        assert!(field.is_tracked() && !field.has_value());
    }

    #[test]
    fn refused_subscription_tracks_nothing() {
        let field = Field::new();
        let _service = field.0.acquire(&[Need::Request(this())]).unwrap();
        field.0.vsomeip.refuse(Call::Subscribe(this(), VERSION, EVENT));
        assert!(field.0.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).is_err());
        assert!(!field.is_tracked());
    }

    #[test]
    fn values_go_with_their_service() {
        let field = Field::new();
        let _lease = field.subscribe(VERSION);
        field.0.appear(this());
        field.set();
        field.0.appear(this());
        assert!(field.has_value());
        field.0.vsomeip.report(this(), None);
        assert!(field.is_tracked() && !field.has_value());
    }

    #[test]
    fn values_go_when_wildcard_is_told_first() {
        let field = Field::new();
        let _any = field.0.acquire(&[Need::Request(any_instance())]).unwrap();
        let _lease = field.subscribe(VERSION);
        field.0.appear(this());
        field.set();
        field.0.vsomeip.report(other(), None);
        assert!(field.has_value());
        field.0.vsomeip.report(this(), None);
        assert!(!field.has_value());
    }

    #[test]
    fn pattern_covers_values_of_all_its_services() {
        let field = Field::new();
        let needs = [this(), other(), service(0x4321, 1)].map(Need::Request);
        let _leases = field.0.acquire(&needs).unwrap();
        let count = |pattern| field.0.services.values(pattern).len();
        assert_eq!(count(this()), 1);
        assert_eq!(count(any_instance()), 2);
        assert_eq!(count(service(0xffff, 0xffff)), 3);
        assert_eq!(count(service(0x1234, 9)), 0);
    }
}

mod subscriptions {
    use super::*;

    /// An event that is needed in two versions.
    struct TwoVersions {
        fixture: Fixture,
        leases: [Lease; 2],
    }

    fn subscription(version: MajorVersion) -> [Need; 1] {
        [Need::Subscription(this(), version, EVENT)]
    }

    impl TwoVersions {
        fn new() -> Self {
            let fixture = Fixture::new();
            let leases = [VERSION, OTHER_VERSION]
                .map(|version| fixture.acquire(&subscription(version)).unwrap());
            assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
            Self { fixture, leases }
        }

        fn appear(&self, version: MajorVersion) {
            self.fixture.monitor.set_available(this(), Some(version), || true);
            self.fixture.services.follow_versions();
        }
    }

    fn switch_to(version: MajorVersion) -> [Call; 2] {
        [Call::Unsubscribe(this(), EVENT), Call::Subscribe(this(), version, EVENT)]
    }

    fn status(fixture: &Fixture) -> Option<Subscription> {
        fixture.monitor.state().subscriptions.get(&(this(), EVENT.0)).copied()
    }

    #[test]
    fn subscription_follows_available_version() {
        let two = TwoVersions::new();
        two.appear(VERSION);
        assert_eq!(two.fixture.vsomeip.calls(), []);
        two.appear(OTHER_VERSION);
        assert_eq!(two.fixture.vsomeip.calls(), switch_to(OTHER_VERSION));
        // Nobody needs this one.
        two.appear(MajorVersion(9));
        assert_eq!(two.fixture.vsomeip.calls(), []);
        two.appear(VERSION);
        assert_eq!(two.fixture.vsomeip.calls(), switch_to(VERSION));
        let TwoVersions { fixture, leases: [first, second] } = two;
        drop((second, first));
        assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
    }

    #[test]
    fn available_version_is_subscribed_at_once() {
        let fixture = Fixture::new();
        fixture.monitor.set_available(this(), Some(OTHER_VERSION), || true);
        let _first = fixture.acquire(&subscription(VERSION)).unwrap();
        assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
        let _second = fixture.acquire(&subscription(OTHER_VERSION)).unwrap();
        assert_eq!(fixture.vsomeip.calls(), switch_to(OTHER_VERSION));
    }

    #[test]
    fn remaining_version_stays_subscribed() {
        let TwoVersions { fixture, leases: [first, second] } = TwoVersions::new();
        drop(second);
        assert_eq!(fixture.vsomeip.calls(), []);
        drop(first);
        assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
        let TwoVersions { fixture, leases: [first, second] } = TwoVersions::new();
        drop(first);
        assert_eq!(fixture.vsomeip.calls(), switch_to(OTHER_VERSION));
        assert_eq!(status(&fixture), Some(Subscription::Pending));
        drop(second);
        assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
        assert_eq!(status(&fixture), None);
    }

    #[test]
    fn refused_version_keeps_the_other_one() {
        let fixture = Fixture::new();
        fixture.monitor.set_available(this(), Some(OTHER_VERSION), || true);
        let _first = fixture.acquire(&subscription(VERSION)).unwrap();
        fixture.vsomeip.refuse(Call::Subscribe(this(), OTHER_VERSION, EVENT));
        assert!(fixture.acquire(&subscription(OTHER_VERSION)).is_err());
        assert_eq!(fixture.vsomeip.calls().last(), Some(&Call::Subscribe(this(), VERSION, EVENT)));
        assert_eq!(status(&fixture), Some(Subscription::Pending));
    }

    // [utest->dsn~someip-eventgroup~1]
    #[test]
    fn known_event_options_reach_vsomeip() {
        let known = EventOptions::in_groups(&[5, 6]).field();
        let mut events = Events::default();
        events.insert(this(), EVENT, known.clone());
        let events = Arc::new(events);
        for (instance, event, expected) in [
            (this(), EVENT, known.clone()),
            (this(), EventId(0x8002), EventOptions::in_groups(&[0x8002])),
            (other(), EVENT, known),
        ] {
            let mut application = MockSomeIp::new();
            accept_event_requests(&mut application);
            let [offered, subscribed, unsubscribed] = [(); 3].map(|()| expected.clone());
            application
                .expect_offer_event()
                .once()
                .withf(move |s, e, options| (*s, *e, options) == (instance, event, &offered))
                .returning(|_, _, _| Ok(()));
            application
                .expect_subscribe()
                .once()
                .withf(move |s, _, e, options, _| {
                    (*s, *e, options) == (instance, event, &subscribed)
                })
                .returning(|_, _, _, _, _| Ok(()));
            application
                .expect_unsubscribe()
                .once()
                .withf(move |s, e, options| (*s, *e, options) == (instance, event, &unsubscribed))
                .returning(|_, _, _| Ok(()));
            application.expect_stop_offer_event().once().returning(|_, _| Ok(()));
            let events = events.clone();
            let services = Services::new(Environment { events, ..environment(application) });
            let services = Arc::new(services);
            drop(services.acquire(vec![Need::OfferEvent(instance, event)]).unwrap());
            drop(services.acquire(vec![Need::Subscription(instance, VERSION, event)]).unwrap());
        }
    }

    /// Looks at the counter as soon as it is told that the state has changed.
    struct Witness {
        counters: Arc<Counters>,
        refused: Mutex<Option<u64>>,
    }

    impl Wake for Witness {
        fn wake(self: Arc<Self>) {
            *self.refused.lock() = Some(self.counters.subscriptions_refused.get());
        }
    }

    #[test]
    fn refusal_is_counted_before_it_is_seen() {
        let (sender, callbacks) = channel();
        let mut application = MockSomeIp::new();
        accept_event_requests(&mut application);
        application.expect_subscribe().once().returning(move |_, _, _, _, callback| {
            sender.send(callback).unwrap();
            Ok(())
        });
        application.expect_unsubscribe().once().returning(|_, _, _| Ok(()));
        let environment = environment(application);
        let (monitor, counters) = (environment.monitor.clone(), environment.counters.clone());
        let services = Arc::new(Services::new(environment));
        let lease = services.acquire(subscription(VERSION).into()).unwrap();
        let status = || monitor.state().subscriptions.get(&(this(), EVENT.0)).copied();
        assert_eq!(status(), Some(Subscription::Pending));
        let callback = callbacks.recv().unwrap();
        let report =
            |status| callback.report(this().service, this().instance, GROUP, EVENT, status);
        let mut watched = monitor.watch();
        let mut change = Box::pin(watched.changed());
        let witness = Arc::new(Witness { counters: counters.clone(), refused: Mutex::default() });
        let waker = Waker::from(witness.clone());
        assert!(change.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        report(7);
        report(7);
        assert_eq!(*witness.refused.lock(), Some(1));
        assert_eq!(status(), Some(Subscription::Refused));
        assert_eq!(counters.subscriptions_refused.get(), 1);
        report(0);
        assert_eq!(status(), Some(Subscription::Accepted));
        drop(lease);
        report(0);
        assert_eq!(status(), None);
    }
}

mod threads {
    use super::*;

    /// What four threads do at the same time, each many times.
    fn at_once(work: impl Fn(usize) + Sync) {
        thread::scope(|scope| {
            for thread in 0..4 {
                let work = &work;
                scope.spawn(move || (0..500).for_each(|round| work(thread + round)));
            }
        });
    }

    #[test]
    fn concurrent_leases_share_needs() {
        let fixture = Fixture::new();
        at_once(|_| drop(fixture.acquire(&needs()).unwrap()));
        assert_eq!(unfinished(fixture.vsomeip.calls()), []);
        assert_eq!(fixture.living(), 0);
    }

    #[test]
    fn concurrent_leases_leave_nothing_behind() {
        let fixture = Fixture::new();
        fixture.vsomeip.refuse(Call::OfferEvent(other(), EVENT));
        at_once(|number| {
            let service = if number % 2 == 0 { this() } else { other() };
            let (request, handler) = (Need::Request(service), Need::Handler(service));
            let version = [VERSION, OTHER_VERSION][number % 4 / 2];
            let subscription = Need::Subscription(service, version, EVENT);
            let needs = match number % 7 {
                0 => vec![Need::Request(any_instance())],
                1 => vec![request, Need::OfferEvent(service, EVENT)],
                2 => offer_needs(service, version).into(),
                3 => offer_needs(service, MajorVersion::ANY).into(),
                _ => vec![request, handler, subscription],
            };
            let lease = fixture.acquire(&needs);
            match number % 5 {
                0 => fixture.appear(service),
                1 => fixture.vsomeip.report(service, None),
                2 => fixture.services.follow_versions(),
                _ => {}
            }
            drop(lease);
        });
        let refused = Call::OfferEvent(other(), EVENT);
        // Whoever is idle stays, until it is absent.
        for service in [this(), other()] {
            fixture.vsomeip.report(service, None);
            drop(fixture.acquire(&[Need::Request(service)]).unwrap());
        }
        let calls = fixture.vsomeip.calls().into_iter().filter(|call| *call != refused);
        assert_eq!(unfinished(calls.collect()), []);
        assert_eq!(fixture.living(), 0);
        assert_eq!(fixture.monitor.state().services.len(), 0);
        assert_eq!(fixture.monitor.state().subscriptions.len(), 0);
    }

    #[test]
    fn closing_during_acquisition_leaves_nothing_behind() {
        for _ in 0..200 {
            let fixture = Fixture::new();
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| drop(fixture.acquire(&needs())));
                }
                scope.spawn(|| fixture.services.close());
            });
            assert_eq!(unfinished(fixture.vsomeip.calls()), []);
            assert_eq!(fixture.living(), 0);
        }
    }

    /// vsomeip may take long to do something with one service: the lock of that must not be waited
    /// for while the network's state is locked, which it needs itself.
    #[test]
    fn release_does_not_wait_for_other_services() {
        let (enter, entered) = channel();
        let (leave, may_leave) = sync_channel(0);
        let may_leave = Mutex::new(may_leave);
        let mut application = MockSomeIp::new();
        accept_event_requests(&mut application);
        application.expect_request_service().returning(|_, _| Ok(()));
        application.expect_release_service().returning(|_| Ok(()));
        application.expect_subscribe().returning(move |_, _, _, _, _| {
            enter.send(()).unwrap();
            may_leave.lock().recv().unwrap();
            Ok(())
        });
        application.expect_unsubscribe().returning(|_, _, _| Ok(()));
        let environment = environment(application);
        let monitor = environment.monitor.clone();
        let services = Arc::new(Services::new(environment));
        let any = services.acquire(vec![Need::Request(any_instance())]).unwrap();
        let _one = services.acquire(vec![Need::Request(this())]).unwrap();
        monitor.set_available(this(), Some(VERSION), || true);
        thread::scope(|scope| {
            scope.spawn(|| {
                let subscription = Need::Subscription(this(), VERSION, EVENT);
                drop(services.acquire(vec![subscription]).unwrap());
            });
            entered.recv().unwrap();
            drop(any);
            let is_available = monitor.is_available(this());
            leave.send(()).unwrap();
            assert!(is_available);
        });
    }
}

/// vsomeip would lose the subscriptions of others, or send each event twice.
#[test]
fn own_service_is_not_subscribed_to() {
    let fixture = Fixture::new();
    let subscription = fixture.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [Call::Subscribe(this(), VERSION, EVENT)]);
    let offer = [Need::OfferEvent(this(), EVENT), Need::Offer(this(), VERSION)];
    let lease = fixture.acquire(&offer).unwrap();
    let offered = [
        Call::Unsubscribe(this(), EVENT),
        Call::OfferEvent(this(), EVENT),
        Call::OfferService(this(), VERSION),
    ];
    assert_eq!(fixture.vsomeip.calls(), offered);
    let status = || fixture.monitor.state().subscriptions.get(&(this(), EVENT.0)).copied();
    assert_eq!(status(), Some(Subscription::Accepted));
    drop(lease);
    let withdrawn = [
        Call::StopOfferService(this(), VERSION),
        Call::StopOfferEvent(this(), EVENT),
        Call::Subscribe(this(), VERSION, EVENT),
    ];
    assert_eq!(fixture.vsomeip.calls(), withdrawn);
    assert_eq!(status(), Some(Subscription::Pending));
    drop(subscription);
    assert_eq!(fixture.vsomeip.calls(), [Call::Unsubscribe(this(), EVENT)]);
}

#[test]
fn own_service_in_other_version_accepts_nothing() {
    let fixture = Fixture::new();
    let _offer = fixture.acquire(&[Need::Offer(this(), VERSION)]).unwrap();
    let _subscription =
        fixture.acquire(&[Need::Subscription(this(), OTHER_VERSION, EVENT)]).unwrap();
    assert_eq!(fixture.vsomeip.calls(), [Call::OfferService(this(), VERSION)]);
    let status = fixture.monitor.state().subscriptions[&(this(), EVENT.0)];
    assert_eq!(status, Subscription::Pending);
}

/// It may be somebody else's.
#[test]
fn service_that_is_not_named_is_subscribed_to() {
    for offer in [Need::OfferListed(this(), VERSION), Need::WeakOffer(this(), VERSION)] {
        let fixture = Fixture::new();
        let _offer = fixture.acquire(&[offer]).unwrap();
        let _subscription = fixture.acquire(&[Need::Subscription(this(), VERSION, EVENT)]).unwrap();
        let calls = [Call::OfferService(this(), VERSION), Call::Subscribe(this(), VERSION, EVENT)];
        assert_eq!(fixture.vsomeip.calls(), calls, "{offer:?}");
    }
}

#[test]
fn own_values_stay_when_routing_manager_goes() {
    let fixture = Fixture::with(|environment| environment.events = field());
    let _request = fixture.available(this());
    let _offer = fixture.acquire(&[Need::OfferEvent(this(), EVENT)]).unwrap();
    let values = fixture.services.own_values(this()).unwrap();
    let field = values.field(EVENT).unwrap();
    for is_own in [true, false] {
        fixture.appear(this());
        let event = published("//here/21234/3/8001", 1);
        let value = FieldValue { event, source: Source::Known, registrations: 0, is_own };
        *field.lock() = Some(value);
        fixture.vsomeip.report(this(), None);
        assert_eq!(field.lock().is_some(), is_own);
    }
}
