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

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::{watch, Semaphore};
use up_rust::{
    UCode, UListener, UMessage, UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri, UUID,
};

/// Sends every request's payload back.
pub(crate) struct Echo {
    transport: Arc<dyn UTransport>,
    runtime: Handle,
}

impl Echo {
    pub(crate) fn new(transport: Arc<dyn UTransport>) -> Self {
        Self { transport, runtime: Handle::current() }
    }
}

#[async_trait]
impl UListener for Echo {
    async fn on_receive(&self, request: UMessage) {
        let transport = self.transport.clone();
        // Not on the thread with which Zenoh receives, as sending may wait.
        self.runtime.spawn(async move {
            let mut response =
                UMessageBuilder::response_for_request(request.attributes_unchecked());
            let payload = request.payload.clone().unwrap_or_default();
            let response =
                response.build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_RAW);
            if let Err(status) = transport.send(response.unwrap()).await {
                log::error!("no answer to {:?}: {status}", request.id_unchecked());
            }
        });
    }
}

/// The requests that wait for their response, and what became of the others.
#[derive(Default)]
pub(crate) struct Calls {
    waiting: Mutex<HashMap<UUID, u64>>,
    outcome: watch::Sender<Outcome>,
    window: Mutex<Option<Arc<Semaphore>>>,
}

#[derive(Clone, Default)]
struct Outcome {
    answered: u64,
    failed: BTreeMap<String, u64>,
}

impl Calls {
    /// Sends `count` requests, each with its number as payload, at most `window` at a time, and waits
    /// for all responses. One that cannot be sent has failed, and one that has no response after its time
    /// to live, with `TIMEOUT`: Zenoh does not tell of a service that is not there.
    pub(crate) async fn run(
        self: &Arc<Self>,
        transport: &dyn UTransport,
        method: UUri,
        own: &UUri,
        count: u64,
        window: usize,
        ttl: u32,
    ) -> Result<String, UStatus> {
        let free = Arc::new(Semaphore::new(window));
        *self.window.lock().unwrap() = Some(free.clone());
        self.outcome.send_replace(Outcome::default());
        transport.register_listener(&method, Some(own), self.clone()).await?;
        for number in 0..count {
            // Given back when the response arrives.
            free.acquire().await.unwrap().forget();
            let request = UMessageBuilder::request(method.clone(), own.clone(), ttl)
                .build_with_payload(
                    number.to_be_bytes().to_vec(),
                    UPayloadFormat::UPAYLOAD_FORMAT_RAW,
                )
                .expect("a valid request");
            let id = request.id_unchecked().clone();
            self.waiting.lock().unwrap().insert(id.clone(), number);
            let calls = self.clone();
            let expiring = id.clone();
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(ttl.into())).await;
                calls.end(&expiring, Some("TIMEOUT".to_owned()));
            });
            if let Err(status) = transport.send(request).await {
                self.end(&id, Some(format!("{:?}", status.get_code())));
            }
        }
        let all = u32::try_from(window).unwrap();
        free.acquire_many(all).await.unwrap().forget();
        transport.unregister_listener(&method, Some(own), self.clone()).await?;
        let outcome = self.outcome.borrow();
        Ok(format!("answered {} failed {:?}", outcome.answered, outcome.failed))
    }

    /// Notes how a request ended, once; returns its number.
    fn end(&self, id: &UUID, failure: Option<String>) -> Option<u64> {
        let number = self.waiting.lock().unwrap().remove(id)?;
        self.outcome.send_modify(|outcome| match failure {
            None => outcome.answered += 1,
            Some(failure) => *outcome.failed.entry(failure).or_default() += 1,
        });
        if let Some(window) = &*self.window.lock().unwrap() {
            window.add_permits(1);
        }
        Some(number)
    }
}

#[async_trait]
impl UListener for Calls {
    async fn on_receive(&self, response: UMessage) {
        let failure = response.commstatus().filter(|status| *status != UCode::OK);
        let is_answer = failure.is_none();
        let id = response.request_id_unchecked();
        let number = self.end(id, failure.map(|status| format!("{status:?}")));
        // What comes after its time to live has failed already.
        if let (Some(number), true) = (number, is_answer) {
            let payload = response.payload.clone().unwrap_or_default();
            assert_eq!(payload, number.to_be_bytes().as_slice(), "another request's response");
        }
    }
}
