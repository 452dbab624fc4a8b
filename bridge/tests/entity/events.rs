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

//! Events and notifications, numbered.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Mutex;

use async_trait::async_trait;
use tokio::sync::watch;
use up_rust::{UListener, UMessage, UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri};

const FORMAT: UPayloadFormat = UPayloadFormat::UPAYLOAD_FORMAT_RAW;

/// Tells a subscriber that it is connected, and nothing else.
pub(crate) const PROBE: u64 = 0;

/// Publishes consecutive numbers.
pub(crate) async fn publish(
    transport: &dyn UTransport,
    topic: UUri,
    first: u64,
    count: u64,
) -> Result<(), UStatus> {
    for number in first..first + count {
        let event = UMessageBuilder::publish(topic.clone())
            .build_with_payload(number.to_be_bytes().to_vec(), FORMAT)
            .unwrap();
        transport.send(event).await?;
    }
    Ok(())
}

/// Sends a number to one uEntity.
pub(crate) async fn notify(
    transport: &dyn UTransport,
    topic: UUri,
    sink: UUri,
    number: u64,
) -> Result<(), UStatus> {
    let notification = UMessageBuilder::notification(topic, sink)
        .build_with_payload(number.to_be_bytes().to_vec(), FORMAT)
        .unwrap();
    transport.send(notification).await
}

/// Notes the numbers that it receives.
#[derive(Default)]
pub(crate) struct Events {
    numbers: Mutex<Vec<u64>>,
    formats: Mutex<BTreeSet<String>>,
    count: watch::Sender<usize>,
    /// Where the last probe came from.
    probed: watch::Sender<Option<UUri>>,
}

impl Events {
    /// Waits until `count` numbers are there; tells of all that are, and forgets them.
    pub(crate) async fn received(&self, count: usize) -> String {
        let mut counts = self.count.subscribe();
        let _ = counts.wait_for(|received| *received >= count).await;
        let mut numbers = self.numbers.lock().unwrap();
        self.count.send_replace(0);
        describe(&std::mem::take(&mut *numbers))
    }

    /// Waits for a probe from a topic.
    pub(crate) async fn connected(&self, topic: &UUri) {
        self.probed.send_replace(None);
        let _ = self.probed.subscribe().wait_for(|from| from.as_ref() == Some(topic)).await;
    }

    /// Notes the number in a payload.
    pub(crate) fn note(&self, topic: &UUri, payload: &[u8]) {
        let number = u64::from_be_bytes(payload.try_into().expect("8 bytes"));
        if number == PROBE {
            self.probed.send_replace(Some(topic.clone()));
            return;
        }
        let mut numbers = self.numbers.lock().unwrap();
        numbers.push(number);
        self.count.send_replace(numbers.len());
    }

    pub(crate) fn formats(&self) -> String {
        self.formats.lock().unwrap().iter().cloned().collect::<Vec<_>>().join(" ")
    }
}

/// Which numbers there are, how many of them came after a greater one, and what is wrong with them.
fn describe(numbers: &[u64]) -> String {
    let distinct: BTreeSet<u64> = numbers.iter().copied().collect();
    let (Some(first), Some(last)) = (distinct.first(), distinct.last()) else {
        return "none".to_owned();
    };
    let mut greatest = 0;
    let mut late = 0;
    for number in numbers {
        late += u64::from(*number < greatest);
        greatest = greatest.max(*number);
    }
    let mut text = format!("{first}..{last} late {late}");
    let missing = usize::try_from(last - first + 1).unwrap() - distinct.len();
    for (what, count) in [("missing", missing), ("twice", numbers.len() - distinct.len())] {
        if count > 0 {
            write!(text, " {what} {count}").unwrap();
        }
    }
    text
}

#[async_trait]
impl UListener for Events {
    async fn on_receive(&self, event: UMessage) {
        // A response that tells of a failure has no payload, over MQTT an empty one.
        let Some(payload) = event.payload.as_ref().filter(|payload| !payload.is_empty()) else {
            return;
        };
        let format = event.payload_format().unwrap_or_default();
        self.formats.lock().unwrap().insert(format!("{format:?}"));
        self.note(event.source_unchecked(), payload);
    }
}
