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

//! Forwards the messages of one side to the other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use log::{debug, warn};
use up_rust::{UAttributes, UListener, UMessage, UMessageBuilder, UStatus, UTransport};

use crate::side::Side;

/// The maximum part of a request's time to live that is reserved for the response, in milliseconds.
const MAX_TIME_BACK: u32 = 1000;

/// How many messages were forwarded in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that the other transport accepted.
    pub forwarded: u64,
    /// Messages that the other transport refused.
    pub refused: u64,
}

/// A listener that sends what it receives on the other side.
pub(crate) struct Forwarder {
    /// From where to where, for the log.
    way: String,
    // Each transport owns its listeners: these must not own the transports.
    from: Weak<dyn UTransport>,
    to: Weak<dyn UTransport>,
    forwarded: AtomicU64,
    refused: AtomicU64,
}

impl Forwarder {
    pub(crate) fn new(from: &Side, to: &Side) -> Self {
        Self {
            way: format!("{} -> {}", from.name(), to.name()),
            from: Arc::downgrade(from.transport()),
            to: Arc::downgrade(to.transport()),
            forwarded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            forwarded: self.forwarded.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Answers a request that cannot be forwarded, so that its sender does not wait in vain.
    async fn refuse(&self, request: &UAttributes, status: &UStatus) {
        let Some(from) = self.from.upgrade() else { return };
        let response = UMessageBuilder::response_for_request(request)
            .with_comm_status(status.get_code())
            .build();
        let result = match response {
            Ok(response) => from.send(response).await.map_err(|status| status.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = result {
            warn!("{}: the refusal of a request is lost: {error}", self.way);
        }
    }
}

#[async_trait]
impl UListener for Forwarder {
    async fn on_receive(&self, message: UMessage) {
        let Some(to) = self.to.upgrade() else { return };
        let message = with_time_back(message);
        let request = message.is_request().then(|| message.attributes.clone());
        let summary = log::log_enabled!(log::Level::Debug).then(|| summary(&message));
        match to.send(message).await {
            Ok(()) => {
                self.forwarded.fetch_add(1, Ordering::Relaxed);
                debug!("{}: {}", self.way, summary.unwrap_or_default());
            }
            Err(status) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                warn!("{}: refused: {status}", self.way);
                if let Some(request) = request {
                    self.refuse(&request, &status).await;
                }
            }
        }
    }
}

/// Shortens the time to live of a request by a tenth, so that a failure reported when it expires still
/// arrives in time.
fn with_time_back(mut message: UMessage) -> UMessage {
    if message.is_request() {
        if let Some(ttl) =
            message.attributes.as_mut().and_then(|attributes| attributes.ttl.as_mut())
        {
            *ttl -= (*ttl / 10).min(MAX_TIME_BACK);
        }
    }
    message
}

/// Type, source, sink, status and size of a message, for the log.
fn summary(message: &UMessage) -> String {
    let kind = message.type_().map(|kind| kind.to_cloudevent_type()).unwrap_or_default();
    let source = message.source().map(|uri| uri.to_uri(false)).unwrap_or_default();
    let sink = message.sink().map(|uri| format!(" to {}", uri.to_uri(false))).unwrap_or_default();
    let status = message.commstatus().map(|code| format!(", {code:?}")).unwrap_or_default();
    let size = message.payload.as_ref().map_or(0, |payload| payload.len());
    format!("{kind} from {source}{sink}{status}, {size} bytes")
}
