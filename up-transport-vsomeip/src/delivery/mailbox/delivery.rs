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

//! A message on its way to a listener.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use up_rust::UMessage;

use crate::mapping::ttl::time_to_live;
use crate::uprotocol::{code, MessageParts};

/// Why a message was not handled by a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// There was no room in the mailbox.
    QueueFull,
    /// The listener was unregistered while the message was queued.
    Unregistered,
    /// The message expired in the queue.
    Expired,
    /// The listener panicked.
    Panicked,
    /// The transport has ended.
    Ended,
}

/// Receives the outcome of a message, once per listener. If it is dropped without one, the message was lost
/// with the transport.
pub(crate) trait Receipt: Send + Sync {
    /// The listener has returned. It may still answer.
    fn taken(&self);
    fn lost(&self, loss: Loss);
}

/// Whether a registration is in force. Shared with the messages that are queued for it.
#[derive(Clone)]
pub(crate) struct Token(Arc<AtomicBool>);

impl Token {
    pub(crate) fn cancel(&self) {
        self.0.store(false, Ordering::Release);
    }

    fn is_in_force(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Default for Token {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

/// The registrations of one listener that a message is delivered for; nearly always one.
pub(crate) struct Tokens {
    first: Token,
    others: Vec<Token>,
}

impl Tokens {
    pub(crate) fn new(first: Token) -> Self {
        Self { first, others: Vec::new() }
    }

    pub(crate) fn push(&mut self, token: Token) {
        self.others.push(token);
    }

    fn is_any_in_force(&self) -> bool {
        self.first.is_in_force() || self.others.iter().any(Token::is_in_force)
    }
}

pub(crate) struct Delivery {
    message: UMessage,
    tokens: Tokens,
    receipt: Option<Arc<dyn Receipt>>,
    /// When it was queued, by the monotonic clock.
    queued_at: Option<Instant>,
}

impl Delivery {
    pub(crate) fn new(
        message: UMessage,
        tokens: Tokens,
        receipt: Option<Arc<dyn Receipt>>,
    ) -> Self {
        Self { message, tokens, receipt, queued_at: None }
    }

    pub(super) fn into_parts(self) -> (UMessage, Option<Arc<dyn Receipt>>) {
        (self.message, self.receipt)
    }

    /// Starts the time to live, which counts from the arrival.
    pub(super) fn stamp(&mut self) {
        self.queued_at = self.time_to_live().map(|_| Instant::now());
    }

    pub(super) fn has_expired(&self) -> bool {
        match (self.time_to_live(), self.queued_at) {
            (Some(ttl), Some(since)) => since.elapsed() >= ttl,
            _ => false,
        }
    }

    /// Failures of requests never expire, as nothing else ends the wait for the response.
    fn time_to_live(&self) -> Option<Duration> {
        let attributes = self.message.all_attributes();
        time_to_live(attributes).filter(|_| attributes.commstatus().unwrap_or(code::OK) == code::OK)
    }

    /// Whether one of its registrations is still in force.
    pub(super) fn is_wanted(&self) -> bool {
        self.tokens.is_any_in_force()
    }

    /// The size of its payload, in bytes.
    pub(super) fn size(&self) -> usize {
        self.message.payload_size()
    }

    pub(super) fn lose(self, loss: Loss) {
        if let Some(receipt) = self.receipt {
            receipt.lost(loss);
        }
    }
}
