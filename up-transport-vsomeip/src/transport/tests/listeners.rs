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

//! Limits, delivery and lifetime of listeners.

use super::*;

// [utest->req~utransport-registerlistener-max-listeners~1]
// [utest->dsn~utransport-registerlistener-error-resource-exhausted~1]
#[tokio::test(start_paused = true)]
async fn listeners_are_bounded() {
    let fixture = Fixture::with(Options { max_listeners: 2, ..Options::default() });
    let listener = listener();
    fixture.register(TOPIC, None, &listener).await.unwrap();
    fixture.register(TOPIC, Some(OWN), &listener).await.unwrap();
    fixture.calls();
    let refused = Err(UCode::RESOURCE_EXHAUSTED);
    assert_eq!(fixture.register(OTHER_TOPIC, None, &listener).await, refused);
    assert!(!fixture.deliver(OTHER_TOPIC, 0));
    assert_eq!(fixture.calls(), []);
    // One of those that are there already is not one more.
    assert_eq!(fixture.register(TOPIC, None, &listener).await, Ok(()));
    fixture.unregister(TOPIC, None, &listener).await.unwrap();
    assert_eq!(fixture.register(OTHER_TOPIC, None, &listener).await, Ok(()));
    assert_eq!(fixture.register(TOPIC, None, &listener).await, refused);
}

// [utest->req~utransport-registerlistener-max-listeners~1]
// [utest->dsn~utransport-registerlistener-error-resource-exhausted~1]
#[tokio::test(start_paused = true)]
async fn listeners_per_filter_are_bounded() {
    let options = Options { max_listeners_per_filter: 2, ..Options::default() };
    let fixture = Fixture::with(options);
    let [first, second, third] = [(); 3].map(|()| listener());
    for (source, sink) in [(TOPIC, None), (TOPIC, Some(OWN)), (EVERYTHING, None)] {
        fixture.register(source, sink, &first).await.unwrap();
        fixture.register(source, sink, &second).await.unwrap();
        fixture.calls();
        let refused = Err(UCode::RESOURCE_EXHAUSTED);
        assert_eq!(fixture.register(source, sink, &third).await, refused);
        assert_eq!(fixture.calls(), []);
        assert_eq!(fixture.register(source, sink, &second).await, Ok(()));
        fixture.unregister(source, sink, &first).await.unwrap();
        assert_eq!(fixture.register(source, sink, &third).await, Ok(()));
        assert_eq!(fixture.register(source, sink, &first).await, refused);
    }
}

// [utest->dsn~utransport-registerlistener-listener-reuse~1]
#[tokio::test(start_paused = true)]
async fn listener_with_several_filters_has_one_mailbox() {
    let queue = QueueLimits { messages: 3, ..Options::default().queue };
    let fixture = Fixture::with(Options { queue, ..Options::default() });
    let (listener, mut inbox) = inbox();
    for source in [TOPIC, OTHER_TOPIC, EVERYTHING] {
        fixture.register(source, None, &listener).await.unwrap();
    }
    for (number, topic) in (0..5).zip([TOPIC, OTHER_TOPIC].iter().cycle()) {
        assert!(fixture.deliver(topic, number));
    }
    assert_eq!(numbers(&mut inbox, 3).await, [0, 1, 2]);
    idle().await;
    assert!(is_empty(&mut inbox));
    assert_eq!(fixture.transport.metrics().dropped_queue_full, 2);
    assert_eq!(fixture.transport.metrics().delivered, 3);
}

// [utest->dsn~utransport-unregisterlistener-stop-invoking-listeners~1]
#[tokio::test(start_paused = true)]
async fn registering_again_gets_later_messages_only() {
    let (fixture, (listener, mut inbox)) = (Fixture::new(), inbox());
    for round in 0..3 {
        fixture.register(TOPIC, None, &listener).await.unwrap();
        assert!(fixture.deliver(TOPIC, 2 * round));
        fixture.unregister(TOPIC, None, &listener).await.unwrap();
        assert!(!fixture.deliver(TOPIC, 100));
        fixture.register(TOPIC, None, &listener).await.unwrap();
        assert!(fixture.deliver(TOPIC, 2 * round + 1));
        assert_eq!(numbers(&mut inbox, 1).await, [2 * round + 1]);
        fixture.unregister(TOPIC, None, &listener).await.unwrap();
    }
    idle().await;
    assert!(is_empty(&mut inbox));
}

#[tokio::test(start_paused = true)]
async fn unregistered_listener_is_dropped() {
    let (fixture, listener) = (Fixture::new(), listener());
    for _ in 0..100 {
        fixture.register(TOPIC, None, &listener).await.unwrap();
        fixture.unregister(TOPIC, None, &listener).await.unwrap();
    }
    assert_eq!(Arc::strong_count(&listener), 1);
    // The next one may have its address.
    for _ in 0..100 {
        let (listener, mut inbox) = inbox();
        fixture.register(TOPIC, None, &listener).await.unwrap();
        assert!(fixture.deliver(TOPIC, 1));
        assert_eq!(numbers(&mut inbox, 1).await, [1]);
        fixture.unregister(TOPIC, None, &listener).await.unwrap();
    }
    assert!(fixture.stages().registry.remembered() <= 2);
}

#[tokio::test]
async fn listener_can_use_transport_in_drop() {
    struct Parting {
        stages: Weak<Stages>,
        found_it_free: Arc<AtomicUsize>,
    }

    #[async_trait]
    impl UListener for Parting {
        async fn on_receive(&self, _: UMessage) {}
    }

    impl Drop for Parting {
        fn drop(&mut self) {
            let is_free = !self.stages.upgrade().unwrap().registry.is_locked();
            self.found_it_free.fetch_add(is_free.into(), Ordering::SeqCst);
        }
    }

    let (fixture, found_it_free) = (Fixture::new(), Arc::new(AtomicUsize::new(0)));
    let listener = || {
        let stages = Arc::downgrade(&fixture.stages());
        Arc::new(Parting { stages, found_it_free: found_it_free.clone() })
    };
    let (transport, topic) = (&fixture.transport, uri(TOPIC));
    fixture.vsomeip.refuse(Call::RequestService(service(0x1234, 2)));
    transport.register_listener(&topic, None, listener()).await.unwrap_err();
    assert_eq!(found_it_free.load(Ordering::SeqCst), 1);
    fixture.vsomeip.refuse_nothing();
    transport.register_listener(&topic, None, listener()).await.unwrap();
    transport.shutdown().await;
    assert_eq!(found_it_free.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn listener_can_register_and_send() {
    struct Busy {
        transport: OnceLock<Arc<UPTransportVsomeip>>,
        other: Arc<Inbox>,
    }

    #[async_trait]
    impl UListener for Busy {
        async fn on_receive(&self, message: UMessage) {
            let transport = self.transport.get().unwrap();
            assert_eq!(number_of(&message), 0);
            transport.register_listener(&uri(OTHER_TOPIC), None, self.other.clone()).await.unwrap();
            transport.unregister_listener(&uri(TOPIC), None, self.other.clone()).await.unwrap();
            transport.send(published("//here/9/2/8001", 1)).await.unwrap();
        }
    }

    let fixture = Fixture::sending_at_once();
    let transport = &fixture.transport;
    let (other, mut inbox) = inbox();
    let busy = Arc::new(Busy { transport: OnceLock::new(), other: other.clone() });
    assert!(busy.transport.set(transport.clone()).is_ok());
    transport.register_listener(&uri(TOPIC), None, other.clone()).await.unwrap();
    transport.register_listener(&uri(TOPIC), None, busy.clone()).await.unwrap();
    assert!(fixture.deliver(TOPIC, 0));
    assert_eq!(numbers(&mut inbox, 1).await, [0]);
    idle().await;
    assert!(fixture.deliver(OTHER_TOPIC, 2));
    assert_eq!(numbers(&mut inbox, 1).await, [2]);
    let notified = Call::Notify(service(9, 1), EventId(0x8001), 1_u32.to_be_bytes().into());
    assert_eq!(fixture.calls().last(), Some(&notified));
    transport.unregister_listener(&uri(TOPIC), None, busy.clone()).await.unwrap();
}
