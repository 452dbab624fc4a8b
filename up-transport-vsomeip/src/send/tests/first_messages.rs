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

//! Holding the first messages of topics.

use serde_json::json;
use vsomeip_sys::{ClientId, EventgroupId};

use super::*;
use crate::options::HoldLimits;
use crate::testing::idle;

const HOLD: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_millis(100);
const GROUP: EventgroupId = EventgroupId(0x8001);
const SUBSCRIBER: ClientId = ClientId(0x0102);
const OTHER_HOSTS: ClientId = ClientId(0);
const NOTHING: [u8; 0] = [];

/// A sender of a registered application, which holds first messages.
fn holding(setup: Setup) -> Fixture {
    let fixture = Fixture::with(Setup { holds: HOLD, ..setup });
    fixture.monitor.set_registered(true);
    fixture
}

fn stack(config: &serde_json::Value) -> Setup {
    let stack = StackConfig::from_json(&config.to_string()).unwrap();
    Setup { stack, ..Setup::default() }
}

/// A configuration in which other hosts can subscribe to the topic.
fn announced() -> Setup {
    stack(&json!({ "unicast": "10.0.0.1", "applications": [{ "name": "here", "id": "1" }],
        "services": [{ "service": "0x1234", "instance": "2", "unreliable": "30501" }] }))
}

impl Fixture {
    /// Publishes a number to the topic.
    fn publish(&self, number: u8) {
        assert_eq!(self.send(mortal(number, 0)), Ok(()));
    }

    /// The numbers sent since the last call.
    fn sent(&self) -> Vec<u8> {
        let number = |call| match call {
            Call::Notify(_, EVENT, payload) => Some(payload[0]),
            _ => None,
        };
        self.vsomeip.calls().into_iter().filter_map(number).collect()
    }

    fn subscribe(&self, client: ClientId) {
        self.vsomeip.subscribe(client, this(), GROUP);
    }
}

fn mortal(number: u8, ttl: u32) -> UMessage {
    let mut event = UMessageBuilder::publish(uri(TOPIC));
    let format = UPayloadFormat::UPAYLOAD_FORMAT_RAW;
    event.with_ttl(ttl).build_with_payload(vec![number], format).unwrap()
}

/// Waits for some time, and for everything that is due by then.
async fn after(time: Duration) {
    sleep(time).await;
    idle().await;
}

#[tokio::test(start_paused = true)]
async fn subscribers_are_counted_while_holding() {
    let fixture = holding(Setup::default());
    fixture.publish(1);
    assert_eq!(
        fixture.vsomeip.calls(),
        [
            Call::WatchSubscribers(this(), GROUP),
            Call::OfferEvent(this(), EVENT),
            Call::RegisterHandler(this(), MethodId::ANY),
            Call::OfferService(this(), VERSION),
        ]
    );
    fixture.subscribe(SUBSCRIBER);
    after(QUIET).await;
    let calls = fixture.vsomeip.calls();
    assert!(matches!(calls[0], Call::Notify(..)), "{calls:?}");
    assert_eq!(calls[1..], [Call::IgnoreSubscribers(this(), GROUP)]);
    fixture.publish(2);
    assert_eq!(fixture.sent(), [2]);
}

#[tokio::test(start_paused = true)]
async fn local_listeners_get_first_messages_at_once() {
    let mut fixture = holding(Setup::default());
    fixture.listen(TOPIC, None);
    for number in [1, 2] {
        fixture.publish(number);
        let event = next(&mut fixture.responses).await;
        assert_eq!(event.payload, Some(vec![number].into()));
    }
    assert_eq!((fixture.sender.held(), fixture.sent()), (2, NOTHING.to_vec()));
    after(HOLD).await;
    assert_eq!((fixture.metrics().sent, fixture.sent()), (2, vec![1, 2]));
    assert!(fixture.responses.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn messages_are_held_until_subscriptions_pause() {
    let fixture = holding(Setup::default());
    fixture.publish(1);
    for client in 0x0102..0x0105 {
        fixture.subscribe(ClientId(client));
        after(QUIET / 2).await;
        fixture.publish(2);
        assert_eq!(fixture.sent(), NOTHING);
    }
    assert_eq!((fixture.sender.held(), fixture.metrics().sent), (4, 0));
    after(QUIET).await;
    assert_eq!(fixture.sent(), [1, 2, 2, 2]);
    assert_eq!((fixture.sender.held(), fixture.metrics().sent), (0, 4));
}

#[tokio::test(start_paused = true)]
async fn hold_time_ends_without_subscribers() {
    let fixture = holding(Setup::default());
    fixture.publish(1);
    after(HOLD - 2 * QUIET).await;
    assert_eq!(fixture.sent(), NOTHING);
    after(2 * QUIET).await;
    assert_eq!(fixture.sent(), [1]);
    // Another topic of the service, whose subscribers have connected already.
    fixture.send(publish("//here/21234/3/8002")).unwrap();
    idle().await;
    assert_eq!(fixture.metrics().sent, 2);
}

#[tokio::test(start_paused = true)]
async fn announced_topic_waits_for_other_hosts() {
    let fixture = holding(announced());
    fixture.publish(1);
    fixture.subscribe(SUBSCRIBER);
    after(2 * QUIET).await;
    assert_eq!(fixture.sent(), NOTHING);
    fixture.subscribe(OTHER_HOSTS);
    after(QUIET).await;
    assert_eq!(fixture.sent(), [1]);
    after(HOLD).await;
    fixture.send(publish("//here/21234/3/8002")).unwrap();
    after(HOLD - QUIET).await;
    assert_eq!(fixture.metrics().sent, 1);
    after(QUIET).await;
    assert_eq!(fixture.metrics().sent, 2);
}

#[tokio::test(start_paused = true)]
async fn hold_time_begins_with_registration() {
    let fixture = holding(Setup::default());
    fixture.monitor.set_registered(false);
    fixture.publish(1);
    after(HOLD - QUIET).await;
    fixture.monitor.set_registered(true);
    after(HOLD - QUIET).await;
    assert_eq!(fixture.sent(), NOTHING);
    after(QUIET).await;
    assert_eq!(fixture.sent(), [1]);
}

#[tokio::test(start_paused = true)]
async fn topic_offered_up_front_is_open() {
    let fixture = holding(announced());
    fixture.sender.offer_topics(&[uri(TOPIC)]).unwrap();
    after(HOLD).await;
    fixture.publish(1);
    assert_eq!(fixture.sent(), [1]);
}

#[tokio::test(start_paused = true)]
async fn fields_are_not_held() {
    let fixture = holding(stack(&json!({ "unicast": "10.0.0.1",
        "applications": [{ "name": "here", "id": "1" }],
        "services": [{ "service": "0x1234", "instance": "2",
            "events": [{ "event": "0x8001", "is_field": "true" }],
            "eventgroups": [{ "eventgroup": "5", "events": ["0x8001"] }] }] })));
    fixture.publish(1);
    assert_eq!(fixture.sent(), [1]);
}

#[tokio::test(start_paused = true)]
async fn expired_messages_are_dropped_and_counted() {
    let fixture = holding(Setup::default());
    fixture.send(mortal(1, 10)).unwrap();
    fixture.send(mortal(2, 10_000)).unwrap();
    after(HOLD).await;
    assert_eq!(fixture.sent(), [2]);
    assert_eq!(fixture.metrics().dropped_expired, 1);
}

#[tokio::test(start_paused = true)]
async fn room_for_held_messages_is_bounded() {
    // Room for two messages of one byte, with an overhead of 64 bytes each.
    let hold_first_messages = HoldLimits { bytes: 130, ..Options::default().hold_first_messages };
    let options = Options { hold_first_messages, ..Options::default() };
    let fixture = holding(Setup { options, ..Setup::default() });
    fixture.publish(1);
    fixture.publish(2);
    assert_eq!((fixture.sent(), fixture.sender.held()), (vec![], 2));
    fixture.publish(3);
    assert_eq!((fixture.sent(), fixture.sender.held()), (vec![1, 2, 3], 0));
    fixture.publish(4);
    assert_eq!(fixture.sent(), [4]);
    after(HOLD).await;
    assert_eq!(fixture.sent(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn held_messages_are_sent_at_the_end() {
    let fixture = holding(Setup::default());
    fixture.publish(1);
    fixture.publish(2);
    fixture.sender.publish_held();
    assert_eq!(fixture.sent(), [1, 2]);
    fixture.sender.close();
    after(HOLD).await;
    assert_eq!(fixture.sent(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn failed_offer_stops_counting_subscribers() {
    let fixture = holding(Setup::default());
    fixture.vsomeip.refuse(Call::OfferService(this(), VERSION));
    assert_eq!(fixture.send(publish(TOPIC)), Err(UCode::INTERNAL));
    assert_eq!(fixture.vsomeip.calls().pop(), Some(Call::IgnoreSubscribers(this(), GROUP)));
    fixture.vsomeip.refuse_nothing();
    fixture.publish(1);
    after(HOLD).await;
    assert_eq!(fixture.sent(), [1]);
}
