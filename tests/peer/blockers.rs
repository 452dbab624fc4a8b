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

//! Listeners that block their thread until another listener has received the response to their request.

use std::collections::HashMap;
use std::sync::{mpsc, Arc};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;
use up_rust::{UCode, UListener, UMessage, UStatus, UTransport, UUri, UUID};

use crate::calls::numbered;
use crate::entity::Transport;
use crate::events::number_of;

/// The event that a listener blocks at. Others it lets pass, quickly.
const BLOCKING: u64 = 0;

/// The listener that is told, and what it was told so far.
#[derive(Default)]
pub(crate) struct Told {
    waiting: Mutex<HashMap<UUID, mpsc::Sender<UCode>>>,
    statuses: watch::Sender<Vec<UCode>>,
}

impl Told {
    /// Waits until so many of those who waited know what they waited for.
    pub(crate) async fn statuses(&self, count: usize) -> String {
        let mut statuses = self.statuses.subscribe();
        let _ = statuses.wait_for(|statuses| statuses.len() >= count).await;
        let statuses = statuses.borrow();
        format!("{:?}", *statuses)
    }
}

#[async_trait]
impl UListener for Told {
    async fn on_receive(&self, response: UMessage) {
        let waiting = self.waiting.lock().remove(response.request_id_unchecked());
        let status = response.commstatus().unwrap_or(UCode::OK);
        if let Some(waiting) = waiting {
            waiting.send(status).expect("one who waits");
        }
    }
}

/// A listener that sends a request and blocks its thread.
struct Blocker {
    transport: Transport,
    call: Call,
    told: Arc<Told>,
}

/// A request that a listener sends.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: UUri,
    pub(crate) own: UUri,
    pub(crate) ttl: u32,
}

impl Call {
    fn request(&self) -> UMessage {
        numbered(self.method.clone(), &self.own, 0, self.ttl)
    }
}

#[async_trait]
impl UListener for Blocker {
    async fn on_receive(&self, event: UMessage) {
        if number_of(&event) != BLOCKING {
            return;
        }
        let (sender, status) = mpsc::channel();
        let request = self.call.request();
        self.told.waiting.lock().insert(request.id_unchecked().clone(), sender);
        let transport = self.transport.read().clone().expect("a transport");
        transport.send(request).await.expect("a request that is sent");
        // No other thread is taken for this: that is what it is about.
        let status = status.recv().expect("a status");
        self.told.statuses.send_modify(|statuses| statuses.push(status));
    }
}

/// Registers `count` listeners for a topic that make the call, and the one that is told.
pub(crate) async fn register(
    transport: &Transport,
    told: &Arc<Told>,
    topic: &UUri,
    call: &Call,
    count: u32,
) -> Result<(), UStatus> {
    let owner = transport.read().clone().expect("a transport");
    owner.register_listener(&call.method, Some(&call.own), told.clone()).await?;
    for _ in 0..count {
        let (transport, told) = (transport.clone(), told.clone());
        let blocker = Arc::new(Blocker { transport, call: call.clone(), told });
        owner.register_listener(topic, None, blocker).await?;
    }
    Ok(())
}
