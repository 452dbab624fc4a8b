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

//! Tests of the library with two transports in memory.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use up_rust::local_transport::LocalTransport;
use up_rust::{UCode, UListener, UMessage, UMessageBuilder, UStatus, UTransport, UUri};

use crate::{Bridge, Counts, Side};

struct Inbox(mpsc::UnboundedSender<UMessage>);

#[async_trait]
impl UListener for Inbox {
    async fn on_receive(&self, message: UMessage) {
        drop(self.0.send(message));
    }
}

/// Registers a listener, and returns what it receives.
async fn inbox(
    transport: &dyn UTransport,
    source: &str,
    sink: Option<&str>,
) -> mpsc::UnboundedReceiver<UMessage> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let sink = sink.map(uri);
    let listener = Arc::new(Inbox(sender));
    transport.register_listener(&uri(source), sink.as_ref(), listener).await.unwrap();
    receiver
}

fn uri(text: &str) -> UUri {
    text.parse().unwrap()
}

/// A transport that sends nothing.
struct Broken;

#[async_trait]
impl UTransport for Broken {
    async fn send(&self, _: UMessage) -> Result<(), UStatus> {
        Err(UStatus::fail_with_code(UCode::RESOURCE_EXHAUSTED, "full"))
    }

    async fn register_listener(
        &self,
        _: &UUri,
        _: Option<&UUri>,
        _: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        Ok(())
    }

    async fn unregister_listener(
        &self,
        _: &UUri,
        _: Option<&UUri>,
        _: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        Ok(())
    }
}

fn transports() -> [Arc<LocalTransport>; 2] {
    [Arc::default(), Arc::default()]
}

async fn bridge(one: &Arc<LocalTransport>, other: &Arc<LocalTransport>) -> Bridge {
    let one = Side::new("one", one.clone(), "one");
    Bridge::start(one, Side::new("other", other.clone(), "other")).await.unwrap()
}

fn publication(topic: &str) -> UMessage {
    UMessageBuilder::publish(uri(topic)).build().unwrap()
}

#[tokio::test]
async fn messages_reach_other_side() {
    let [one, other] = transports();
    let bridge = bridge(&one, &other).await;
    let mut events = inbox(&*other, "//one/1/1/8001", None).await;
    let mut requests = inbox(&*one, "//*/FFFFFFFF/FF/0", Some("//one/1/1/7")).await;
    let mut responses = inbox(&*other, "//one/1/1/7", Some("//other/2/1/0")).await;

    let event = publication("//one/1/1/8001");
    one.send(event.clone()).await.unwrap();
    assert_eq!(events.recv().await.unwrap(), event);

    let request = UMessageBuilder::request(uri("//one/1/1/7"), uri("//other/2/1/0"), 5000);
    let request = request.build().unwrap();
    other.send(request.clone()).await.unwrap();
    let received = requests.recv().await.unwrap();
    assert_eq!(received.id_unchecked(), request.id_unchecked());
    let response = UMessageBuilder::response_for_request(received.attributes_unchecked());
    one.send(response.build().unwrap()).await.unwrap();
    let response = responses.recv().await.unwrap();
    assert_eq!(response.request_id_unchecked(), request.id_unchecked());

    let [to_other, to_one] = bridge.counts();
    assert_eq!(to_other, Counts { forwarded: 2, refused: 0 });
    assert_eq!(to_one, Counts { forwarded: 1, refused: 0 });
}

#[tokio::test]
async fn only_named_topics_are_forwarded() {
    let [one, other] = transports();
    let side = Side::new("one", one.clone(), "one").with_topics([uri("//one/1/1/8001")]);
    let _bridge = Bridge::start(side, Side::new("other", other.clone(), "other")).await.unwrap();
    let mut events = inbox(&*other, "//one/FFFFFFFF/FF/FFFF", None).await;
    one.send(publication("//one/1/1/8002")).await.unwrap();
    let named = publication("//one/1/1/8001");
    one.send(named.clone()).await.unwrap();
    assert_eq!(events.recv().await.unwrap(), named);
}

#[tokio::test]
async fn stopped_bridge_forwards_nothing() {
    let [one, other] = transports();
    let mut events = inbox(&*other, "//one/FFFFFFFF/FF/FFFF", None).await;
    bridge(&one, &other).await.stop().await.unwrap();
    one.send(publication("//one/1/1/8001")).await.unwrap();
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn request_ttl_leaves_time_for_response() {
    for (ttl, expected) in [(5000, 4500), (60_000, 59_000), (5, 5)] {
        let [one, other] = transports();
        let _bridge = bridge(&one, &other).await;
        let mut requests = inbox(&*one, "//*/FFFFFFFF/FF/0", Some("//one/1/1/7")).await;
        let request = UMessageBuilder::request(uri("//one/1/1/7"), uri("//other/2/1/0"), ttl);
        other.send(request.build().unwrap()).await.unwrap();
        assert_eq!(requests.recv().await.unwrap().ttl(), Some(expected));
    }
}

#[tokio::test]
async fn refused_request_is_answered() {
    let other = Arc::<LocalTransport>::default();
    let one = Side::new("one", Arc::new(Broken), "one");
    let bridge = Bridge::start(one, Side::new("other", other.clone(), "other")).await.unwrap();
    let mut responses = inbox(&*other, "//one/1/1/7", Some("//other/2/1/0")).await;
    let request = UMessageBuilder::request(uri("//one/1/1/7"), uri("//other/2/1/0"), 5000);
    other.send(request.build().unwrap()).await.unwrap();
    assert_eq!(responses.recv().await.unwrap().commstatus(), Some(UCode::RESOURCE_EXHAUSTED));
    assert_eq!(bridge.counts()[1], Counts { forwarded: 0, refused: 1 });
}

#[tokio::test]
async fn wrong_authority_is_refused() {
    for authority in ["", "not an authority"] {
        let [one, other] = transports();
        let one = Side::new("one", one, authority);
        let result = Bridge::start(one, Side::new("other", other, "other")).await;
        assert_eq!(result.err().unwrap().get_code(), UCode::INVALID_ARGUMENT, "{authority:?}");
    }
}
