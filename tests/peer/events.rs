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

//! Events, numbered.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio::sync::watch;
use up_rust::{UListener, UMessage, UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri};

use crate::entity::Transport;
use crate::room;

/// Tells a subscriber that it is connected, and nothing else.
pub(crate) const PROBE: u64 = u64::MAX - 1;

/// Publishes consecutive numbers.
pub(crate) async fn publish(
    transport: &dyn UTransport,
    topic: UUri,
    first: u64,
    count: u64,
) -> Result<(), UStatus> {
    for number in first..first + count {
        let event = UMessageBuilder::publish(topic.clone())
            .build_with_payload(room::before(number), UPayloadFormat::UPAYLOAD_FORMAT_RAW)
            .unwrap();
        transport.send(event).await?;
    }
    Ok(())
}

/// The number that a message carries.
pub(crate) fn number_of(message: &UMessage) -> u64 {
    let payload = message.payload.clone().unwrap_or_default();
    u64::from_be_bytes(room::behind(&payload).try_into().expect("8 bytes"))
}

/// Notes the numbers that it receives.
pub(crate) struct Events {
    transport: Transport,
    numbers: Mutex<Vec<u64>>,
    count: watch::Sender<usize>,
    /// Where the last probe came from.
    probed: watch::Sender<Option<UUri>>,
    at_next: Mutex<Option<Action>>,
}

/// What the listener does beside noting a number.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    Panic,
    DropTransport,
    Shutdown,
    UseSocket,
}

impl Events {
    pub(crate) fn new(transport: Transport) -> Self {
        Self {
            transport,
            numbers: Mutex::default(),
            count: watch::Sender::new(0),
            probed: watch::Sender::new(None),
            at_next: Mutex::default(),
        }
    }

    /// Has the listener do something at the next event.
    pub(crate) fn at_next(&self, action: Action) {
        *self.at_next.lock() = Some(action);
    }

    async fn act(&self, action: Action) {
        match action {
            Action::Panic => panic!("as the test wants it"),
            Action::DropTransport => {
                let transport = self.transport.write().take();
                drop(transport);
            }
            Action::Shutdown => {
                let transport = self.transport.read().clone().expect("a transport");
                transport.shutdown().await;
            }
            Action::UseSocket => {
                let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                socket.send_to(b"x", socket.local_addr().unwrap()).await.unwrap();
                assert_eq!(socket.recv(&mut [0; 8]).await.unwrap(), 1);
            }
        }
    }

    /// Waits for a probe from `topic`, whatever the authority.
    pub(crate) async fn connected(&self, topic: &UUri) {
        let from_topic = |from: &Option<UUri>| {
            let authority_name = topic.authority_name.clone();
            from.clone().is_some_and(|from| UUri { authority_name, ..from } == *topic)
        };
        let _ = self.probed.subscribe().wait_for(from_topic).await;
    }

    /// Waits until `count` numbers are there; shows all that are, and forgets them.
    pub(crate) async fn received(&self, count: usize) -> String {
        let mut counts = self.count.subscribe();
        let _ = counts.wait_for(|received| *received >= count).await;
        let numbers = {
            let mut numbers = self.numbers.lock();
            self.count.send_replace(0);
            std::mem::take(&mut *numbers)
        };
        match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) if numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]) => {
                format!("{first}..{last}")
            }
            _ => format!("{numbers:?}"),
        }
    }
}

#[async_trait]
impl UListener for Events {
    async fn on_receive(&self, event: UMessage) {
        if event.payload.is_none() {
            // A response that tells of a failure.
            return;
        }
        let number = number_of(&event);
        if number == PROBE {
            self.probed.send_replace(event.attributes.source.as_ref().cloned());
            return;
        }
        self.numbers.lock().push(number);
        let action = self.at_next.lock().take();
        if let Some(action) = action {
            self.act(action).await;
        }
        let numbers = self.numbers.lock();
        self.count.send_replace(numbers.len());
    }
}

/// Registers a listener, waits until it has received something, unregisters it, `count` times.
/// Tells how many messages came to a listener after it was unregistered.
pub(crate) async fn churn(
    transport: &dyn UTransport,
    source: UUri,
    sink: Option<UUri>,
    count: u32,
) -> Result<String, UStatus> {
    let late = Arc::new(AtomicU64::new(0));
    for _ in 0..count {
        let listener = Arc::new(Passing {
            ended: false.into(),
            late: late.clone(),
            got: watch::Sender::new(false),
        });
        transport.register_listener(&source, sink.as_ref(), listener.clone()).await?;
        let _ = listener.got.subscribe().wait_for(|got| *got).await;
        transport.unregister_listener(&source, sink.as_ref(), listener.clone()).await?;
        listener.ended.store(true, Ordering::SeqCst);
    }
    Ok(format!("late {}", late.load(Ordering::SeqCst)))
}

/// A listener that is registered for a moment only.
struct Passing {
    ended: AtomicBool,
    late: Arc<AtomicU64>,
    got: watch::Sender<bool>,
}

#[async_trait]
impl UListener for Passing {
    async fn on_receive(&self, _: UMessage) {
        if self.ended.load(Ordering::SeqCst) {
            self.late.fetch_add(1, Ordering::SeqCst);
        }
        self.got.send_replace(true);
    }
}
