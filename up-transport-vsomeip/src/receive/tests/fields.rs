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

//! The last value of a field, for listeners registered after its first subscriber.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::testing::{arriving, numbers};

impl Fixture {
    /// Makes the service of the field available.
    pub(super) fn with_field(self) -> Self {
        self.monitor.set_available(service(0x1234, 1), Some(MajorVersion(1)), || true);
        self
    }

    /// Registers a new listener as the transport does.
    pub(super) fn subscribe(
        &self,
        source: &str,
        sink: Option<&str>,
    ) -> (Arc<dyn UListener>, Numbers) {
        let (listener, numbers) = inbox();
        let filter = self.registry.filter(&uri(source), sink.map(uri).as_ref()).unwrap();
        self.registry.register(filter, listener.clone()).unwrap();
        (listener, numbers)
    }

    fn unsubscribe(&self, source: &str, sink: Option<&str>, listener: &Arc<dyn UListener>) {
        let filter = self.registry.filter(&uri(source), sink.map(uri).as_ref()).unwrap();
        drop(self.registry.unregister(filter, listener).unwrap());
    }

    /// Has vsomeip deliver a value of the field.
    pub(super) fn receive_value(&self, header: &Header, payload: Bytes) {
        let values = self.services.values(service(0x1234, 1));
        let none = Arc::default();
        let values = values.first().unwrap_or(&none);
        on_dispatcher(|| self.receiver.accept(header, payload, &Message::default(), values));
    }

    fn receive_number(&self, number: u32) {
        self.receive_value(&event(), Bytes::copy_from_slice(&number.to_be_bytes()));
    }
}

type Numbers = UnboundedReceiver<UMessage>;

/// Different filters that match the field.
const FILTERS: [(&str, Option<&str>); 6] = [
    (TOPIC, None),
    ("//*/1234/FF/8001", None),
    ("//brakes/FFFF1234/1/FFFF", None),
    (EVERYTHING, None),
    (TOPIC, Some(OWN)),
    ("//*/FFFFFFFF/FF/8001", Some("//*/FFFFFFFF/FF/0")),
];

#[tokio::test(start_paused = true)]
async fn later_listener_gets_last_value_once() {
    for (source, sink) in FILTERS {
        let fixture = Fixture::new().with_field();
        let (_, mut first) = fixture.subscribe(TOPIC, None);
        fixture.receive_number(1);
        fixture.receive_number(2);
        let (_, mut second) = fixture.subscribe(source, sink);
        fixture.receive_number(3);
        let (_, mut third) = fixture.subscribe(source, sink);
        fixture.receive_number(4);
        assert_eq!(numbers(&mut first, 4).await, [1, 2, 3, 4]);
        assert_eq!(numbers(&mut second, 3).await, [2, 3, 4], "{source} {sink:?}");
        assert_eq!(numbers(&mut third, 2).await, [3, 4], "{source} {sink:?}");
        idle().await;
        assert!([first, second, third].iter_mut().all(is_empty), "{source} {sink:?}");
    }
}

// [utest->dsn~someip-notification-in~1]
#[tokio::test(start_paused = true)]
async fn later_listener_gets_value_as_notification() {
    let fixture = Fixture::new().with_field();
    let _first = fixture.subscribe(TOPIC, None);
    fixture.receive_number(42);
    for (filter_sink, sink) in
        [(OWN, OWN), ("//*/FFFF0009/FF/0", OWN), ("//x/77/3/0", "//x/77/3/0")]
    {
        let (_, mut later) = fixture.subscribe(TOPIC, Some(filter_sink));
        let message = next(&mut later).await;
        assert!(message.is_notification());
        assert_eq!(message.source_unchecked(), &uri(TOPIC));
        assert_eq!(message.sink_unchecked(), &uri(sink));
        assert_eq!(number_of(&message), 42);
    }
}

#[tokio::test(start_paused = true)]
async fn listener_of_other_event_gets_no_value() {
    let fixture = Fixture::new().with_field();
    let _first = fixture.subscribe(TOPIC, None);
    fixture.receive_number(1);
    for (source, sink) in [
        ("//brakes/1234/1/8002", None),
        ("//brakes/21234/1/8001", None),
        ("//elsewhere/1234/1/8001", None),
        ("//brakes/1234/2/8001", None),
        (ANYBODY, Some(OWN_METHOD)),
        (EVERYTHING, Some(OWN)),
        (EVERYTHING, Some(EVERYTHING)),
    ] {
        let (_, mut later) = fixture.subscribe(source, sink);
        idle().await;
        assert!(is_empty(&mut later), "{source} {sink:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn value_is_dropped_with_last_subscriber() {
    let fixture = Fixture::new().with_field();
    let (listener, _values) = fixture.subscribe(TOPIC, None);
    fixture.receive_number(1);
    fixture.unsubscribe(TOPIC, None, &listener);
    // As this is the first subscriber again, vsomeip delivers the value.
    let (_, mut later) = fixture.subscribe(TOPIC, None);
    idle().await;
    assert!(is_empty(&mut later));
    fixture.receive_number(1);
    assert_eq!(numbers(&mut later, 1).await, [1]);
}

/// One thread delivers values while others register and unregister listeners. Each listener must get all
/// values from its first one on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_listeners_miss_no_value() {
    const ROUNDS: usize = 60;
    const LAST: u32 = u32::MAX;
    let fixture = Fixture::new().with_field();
    let (_, mut first) = fixture.subscribe(TOPIC, None);
    let is_done = AtomicUsize::new(0);
    let (delivered, inboxes) = thread::scope(|threads| {
        let delivering = threads.spawn(|| {
            let mut delivered = 0;
            while is_done.load(Ordering::SeqCst) < FILTERS.len() {
                delivered += 1;
                fixture.receive_number(delivered);
            }
            fixture.receive_number(LAST);
            delivered
        });
        let registering = FILTERS.map(|(source, sink)| {
            let (fixture, is_done) = (&fixture, &is_done);
            threads.spawn(move || {
                let inboxes: Vec<_> = (0..ROUNDS)
                    .map(|_| {
                        let (listener, _) = fixture.subscribe(source, sink);
                        fixture.unsubscribe(source, sink, &listener);
                        fixture.subscribe(source, sink).1
                    })
                    .collect();
                is_done.fetch_add(1, Ordering::SeqCst);
                inboxes
            })
        });
        let inboxes: Vec<_> =
            registering.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (delivering.join().unwrap(), inboxes)
    });
    let expected: Vec<_> = (1..=delivered).chain([LAST]).collect();
    assert_eq!(numbers(&mut first, expected.len()).await, expected);
    for mut inbox in inboxes {
        let mut got = vec![number_of(&arriving(inbox.recv()).await.unwrap())];
        while got.last() != Some(&LAST) {
            got.push(number_of(&arriving(inbox.recv()).await.unwrap()));
        }
        assert!(expected.ends_with(&got), "{got:?} of {delivered}");
        assert!(is_empty(&mut inbox));
    }
    assert!(is_empty(&mut first));
}
