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

//! Requests, and the listeners at both ends of them.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{watch, Semaphore};
use up_rust::{UCode, UListener, UMessage, UMessageBuilder, UStatus, UTransport, UUri, UUID};

use crate::entity::Transport;

/// Sends every request's payload back, with a status if there is one.
pub(crate) struct Echo {
    pub(crate) transport: Transport,
    pub(crate) status: Option<UCode>,
}

#[async_trait]
impl UListener for Echo {
    async fn on_receive(&self, request: UMessage) {
        let transport = self.transport.read().clone();
        let Some(transport) = transport else { return };
        let mut response = UMessageBuilder::response_for_request(request.attributes_unchecked());
        if let Some(status) = self.status {
            response.with_comm_status(status);
        }
        let response = match request.payload.clone() {
            Some(payload) => {
                response.build_with_payload(payload, up_rust::UPayloadFormat::UPAYLOAD_FORMAT_RAW)
            }
            None => response.build(),
        };
        if let Err(status) = transport.send(response.unwrap()).await {
            log::error!("no answer to {:?}: {status}", request.id_unchecked());
        }
    }
}

/// What a uStreamer registers for one of its routes: it answers requests, and counts the rest.
pub(crate) struct Route {
    pub(crate) echo: Echo,
    pub(crate) responses: watch::Sender<u64>,
}

#[async_trait]
impl UListener for Route {
    async fn on_receive(&self, message: UMessage) {
        if message.is_request() {
            self.echo.on_receive(message).await;
        } else if message.is_response() {
            self.responses.send_modify(|count| *count += 1);
        }
    }
}

/// The requests that wait for their response, and what became of the others.
#[derive(Default)]
pub(crate) struct Calls {
    waiting: Mutex<HashMap<UUID, u64>>,
    outcome: Mutex<Outcome>,
    window: Mutex<Option<Arc<Semaphore>>>,
}

#[derive(Default)]
struct Outcome {
    answered: u64,
    failed: HashMap<UCode, u64>,
}

impl Calls {
    /// Sends `count` requests, each with its number as payload, at most `window` at a time, and
    /// waits for all responses.
    pub(crate) async fn run(
        self: Arc<Self>,
        transport: &dyn UTransport,
        method: UUri,
        own: &UUri,
        count: u64,
        window: usize,
        ttl: u32,
    ) -> Result<String, UStatus> {
        let free = Arc::new(Semaphore::new(window));
        *self.window.lock() = Some(free.clone());
        *self.outcome.lock() = Outcome::default();
        transport.register_listener(&method, Some(own), self.clone()).await?;
        for number in 0..count {
            // Given back when the response arrives.
            free.acquire().await.unwrap().forget();
            let request = UMessageBuilder::request(method.clone(), own.clone(), ttl)
                .build_with_payload(
                    number.to_be_bytes().to_vec(),
                    up_rust::UPayloadFormat::UPAYLOAD_FORMAT_RAW,
                )
                .unwrap();
            self.waiting.lock().insert(request.id_unchecked().clone(), number);
            transport.send(request).await?;
        }
        let all = u32::try_from(window).unwrap();
        free.acquire_many(all).await.unwrap().forget();
        transport.unregister_listener(&method, Some(own), self.clone()).await?;
        let outcome = self.outcome.lock();
        let mut text = format!("answered {} failed {:?}", outcome.answered, outcome.failed);
        let unknown = self.waiting.lock().len();
        if unknown > 0 {
            text += &format!(" waiting {unknown}");
        }
        Ok(text)
    }
}

#[async_trait]
impl UListener for Calls {
    async fn on_receive(&self, response: UMessage) {
        // Each response must answer a request of ours, once, and carry that request's number.
        let number = self.waiting.lock().remove(response.request_id_unchecked());
        let number = number.expect("a response without a request");
        match response.commstatus() {
            None | Some(UCode::OK) => {
                let payload = response.payload.clone().unwrap_or_default();
                assert_eq!(payload, number.to_be_bytes().as_slice(), "another request's response");
                self.outcome.lock().answered += 1;
            }
            Some(status) => *self.outcome.lock().failed.entry(status).or_default() += 1,
        }
        if let Some(window) = &*self.window.lock() {
            window.add_permits(1);
        }
    }
}
