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
    // Only a slot would keep the failed service alive.
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
