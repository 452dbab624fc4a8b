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

//! Messages of any size, whose content shows whether they are complete.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, Mutex as AsyncMutex};
use up_rust::{
    UCode, UListener, UMessage, UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri,
};

const FORMAT: UPayloadFormat = UPayloadFormat::UPAYLOAD_FORMAT_RAW;

/// Bytes that have no period of a power of two, such as that of a buffer.
fn payload(size: usize) -> Vec<u8> {
    (0..251).cycle().take(size).collect()
}

/// The size of what was received, and whether it is not what was sent.
fn described(message: &UMessage) -> String {
    let received = message.payload.clone().unwrap_or_default();
    let is_whole = received == payload(received.len());
    format!("{} bytes{}", received.len(), if is_whole { "" } else { ", damaged" })
}

/// Sends a request with so many bytes; returns the size of the response, or its status.
pub(crate) async fn call(
    transport: &dyn UTransport,
    method: UUri,
    own: &UUri,
    size: usize,
    ttl: u32,
) -> Result<String, Box<dyn Error>> {
    let (sender, response) = oneshot::channel();
    let request = UMessageBuilder::request(method.clone(), own.clone(), ttl)
        .build_with_payload(payload(size), FORMAT)?;
    let answer = Arc::new(Answer(Mutex::new(Some(sender))));
    transport.register_listener(&method, Some(own), answer.clone()).await?;
    let sent = transport.send(request).await;
    let response = match &sent {
        Ok(()) => Some(response.await?),
        Err(_) => None,
    };
    transport.unregister_listener(&method, Some(own), answer).await?;
    sent?;
    let response = response.ok_or("no response")?;
    Ok(match response.commstatus() {
        None | Some(UCode::OK) => described(&response),
        Some(status) => {
            let told: Result<UStatus, _> = response.extract_protobuf();
            let text = told.map(|status| status.get_message()).unwrap_or_default();
            format!("{status:?}: {text}")
        }
    })
}

/// Takes the one response.
struct Answer(Mutex<Option<oneshot::Sender<UMessage>>>);

#[async_trait]
impl UListener for Answer {
    async fn on_receive(&self, response: UMessage) {
        if let Some(sender) = self.0.lock().take() {
            drop(sender.send(response));
        }
    }
}

/// Publishes an event with so many bytes.
pub(crate) async fn publish(
    transport: &dyn UTransport,
    topic: UUri,
    size: usize,
) -> Result<(), UStatus> {
    let event = UMessageBuilder::publish(topic).build_with_payload(payload(size), FORMAT);
    transport.send(event.expect("a valid event")).await
}

/// Notes the sizes of events.
pub(crate) struct Sizes {
    sender: mpsc::UnboundedSender<String>,
    sizes: AsyncMutex<mpsc::UnboundedReceiver<String>>,
}

impl Default for Sizes {
    fn default() -> Self {
        let (sender, sizes) = mpsc::unbounded_channel();
        Self { sender, sizes: AsyncMutex::new(sizes) }
    }
}

impl Sizes {
    /// Waits for the next event.
    pub(crate) async fn next(&self) -> Option<String> {
        self.sizes.lock().await.recv().await
    }
}

#[async_trait]
impl UListener for Sizes {
    async fn on_receive(&self, event: UMessage) {
        drop(self.sender.send(described(&event)));
    }
}
