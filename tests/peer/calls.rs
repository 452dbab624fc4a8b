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
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{watch, OwnedSemaphorePermit, Semaphore};
use up_rust::{
    UCode, UListener, UMessage, UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri, UUID,
};

use crate::entity::Transport;
use crate::room;

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
                response.build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_RAW)
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

/// A request that carries a number.
pub(crate) fn numbered(method: UUri, own: &UUri, number: u64, ttl: u32) -> UMessage {
    let format = UPayloadFormat::UPAYLOAD_FORMAT_RAW;
    UMessageBuilder::request(method, own.clone(), ttl)
        .build_with_payload(room::before(number), format)
        .expect("a valid request")
}

/// The requests that wait for their response, and what became of the others.
#[derive(Default)]
pub(crate) struct Calls {
    waiting: Mutex<HashMap<UUID, Request>>,
    outcome: watch::Sender<Outcome>,
}

struct Request {
    number: u64,
    /// The place in the window of its run, which the response frees.
    place: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Default)]
struct Outcome {
    answered: u64,
    failed: HashMap<UCode, u64>,
}

impl Outcome {
    /// How many responses there were.
    fn count(&self) -> u64 {
        self.answered + self.failed.values().sum::<u64>()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {} failed {:?}", self.answered, self.failed)
    }
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
        let methods = (0..count).map(|_| method.clone());
        self.run_each(transport, &method, methods, own, window, ttl).await
    }

    /// The same with one request to each of the methods, whose responses match the filter `source`.
    pub(crate) async fn run_each(
        self: Arc<Self>,
        transport: &dyn UTransport,
        source: &UUri,
        methods: impl Iterator<Item = UUri> + Send,
        own: &UUri,
        window: usize,
        ttl: u32,
    ) -> Result<String, UStatus> {
        let free = Arc::new(Semaphore::new(window));
        self.outcome.send_replace(Outcome::default());
        transport.register_listener(source, Some(own), self.clone()).await?;
        for (number, method) in (0..).zip(methods) {
            let place = free.clone().acquire_owned().await.unwrap();
            self.request(transport, method, own, number, ttl, Some(place)).await?;
        }
        let all = u32::try_from(window).unwrap();
        let _all = free.acquire_many(all).await.unwrap();
        transport.unregister_listener(source, Some(own), self.clone()).await?;
        let mut text = self.outcome.borrow().to_string();
        let unknown = self.waiting.lock().len();
        if unknown > 0 {
            text += &format!(" waiting {unknown}");
        }
        Ok(text)
    }

    /// Sends `count` requests, and leaves it to [`Self::answers`] to wait for the responses.
    pub(crate) async fn begin(
        self: Arc<Self>,
        transport: &dyn UTransport,
        method: &UUri,
        own: &UUri,
        count: u64,
        ttl: u32,
    ) -> Result<(), UStatus> {
        transport.register_listener(method, Some(own), self.clone()).await?;
        for number in 0..count {
            self.request(transport, method.clone(), own, number, ttl, None).await?;
        }
        Ok(())
    }

    /// Waits for so many responses in all.
    pub(crate) async fn answers(&self, count: u64) -> String {
        let mut outcome = self.outcome.subscribe();
        let _ = outcome.wait_for(|outcome| outcome.count() >= count).await;
        let outcome = outcome.borrow();
        outcome.to_string()
    }

    async fn request(
        &self,
        transport: &dyn UTransport,
        method: UUri,
        own: &UUri,
        number: u64,
        ttl: u32,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<(), UStatus> {
        let request = numbered(method, own, number, ttl);
        self.waiting.lock().insert(request.id_unchecked().clone(), Request { number, place });
        transport.send(request).await
    }
}

#[async_trait]
impl UListener for Calls {
    async fn on_receive(&self, response: UMessage) {
        // Each response must answer a request of ours, once, and carry that request's number.
        let request = self.waiting.lock().remove(response.request_id_unchecked());
        let Request { number, place } = request.expect("a response without a request");
        let status = response.commstatus().filter(|status| *status != UCode::OK);
        if status.is_none() {
            let payload = response.payload.clone().unwrap_or_default();
            assert_eq!(room::behind(&payload), number.to_be_bytes(), "another request's response");
        }
        self.outcome.send_modify(|outcome| match status {
            None => outcome.answered += 1,
            Some(status) => *outcome.failed.entry(status).or_default() += 1,
        });
        drop(place);
    }
}
