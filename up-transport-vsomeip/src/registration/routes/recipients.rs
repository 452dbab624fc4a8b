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

//! The recipients of a message.

use std::sync::Arc;

use up_rust::{UMessage, UUri};

use crate::delivery::mailbox::{Delivery, Mailbox, Receipt, Tokens};
use crate::mapping::inbound::with_source;
use crate::registration::filter::Matched;
use crate::registration::routes::Registration;

/// A listener that gets a message.
pub(crate) struct Recipient {
    mailbox: Arc<Mailbox>,
    tokens: Tokens,
    /// Replaces the source of the message.
    source: Option<UUri>,
}

impl Recipient {
    pub(super) fn new(registration: &Registration, matched: Matched) -> Self {
        let source = match matched {
            Matched::Unchanged => None,
            Matched::WithSource(source) => Some(source),
        };
        let tokens = Tokens::new(registration.token.clone());
        Self { mailbox: registration.mailbox.clone(), tokens, source }
    }

    pub(super) fn is_for(&self, registration: &Registration) -> bool {
        Arc::ptr_eq(&self.mailbox, &registration.mailbox)
    }

    pub(super) fn push(&mut self, registration: &Registration) {
        self.tokens.push(registration.token.clone());
    }

    /// Delivers the message inline if possible, else queues it.
    pub(crate) fn deliver(self, message: UMessage, receipt: Option<Arc<dyn Receipt>>) {
        let (mailbox, delivery) = self.delivery(message, receipt);
        mailbox.deliver(delivery);
    }

    /// Queues the message.
    pub(crate) fn post(self, message: UMessage, receipt: Option<Arc<dyn Receipt>>) {
        let (mailbox, delivery) = self.delivery(message, receipt);
        mailbox.post(delivery);
    }

    fn delivery(
        self,
        message: UMessage,
        receipt: Option<Arc<dyn Receipt>>,
    ) -> (Arc<Mailbox>, Delivery) {
        let Self { mailbox, tokens, source } = self;
        let message = match source {
            Some(source) => with_source(message, source),
            None => message,
        };
        (mailbox, Delivery::new(message, tokens, receipt))
    }
}

/// All recipients of a message; nearly always one.
#[derive(Default)]
pub(crate) struct Recipients {
    first: Option<Recipient>,
    others: Vec<Recipient>,
}

impl Recipients {
    pub(super) fn add(&mut self, registration: &Registration, matched: Matched) {
        let mut known = self.first.iter_mut().chain(&mut self.others);
        if let Some(recipient) = known.find(|recipient| recipient.is_for(registration)) {
            recipient.push(registration);
        } else if self.first.is_none() {
            self.first = Some(Recipient::new(registration, matched));
        } else {
            self.others.push(Recipient::new(registration, matched));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Delivers a message to all: to the last recipient inline if possible; to the others before that, inline
    /// only if `all_inline`.
    pub(crate) fn deliver(
        self,
        message: UMessage,
        receipt: Option<Arc<dyn Receipt>>,
        all_inline: bool,
    ) {
        let Some(mut recipient) = self.first else { return };
        // All but the last get a copy.
        for other in self.others {
            let before = std::mem::replace(&mut recipient, other);
            match all_inline {
                true => before.deliver(message.clone(), receipt.clone()),
                false => before.post(message.clone(), receipt.clone()),
            }
        }
        recipient.deliver(message, receipt);
    }

    /// Queues a message for all.
    pub(crate) fn post(self, message: &UMessage) {
        for recipient in self.first.into_iter().chain(self.others) {
            recipient.post(message.clone(), None);
        }
    }
}

/// All recipients of an event.
pub(crate) struct EventRecipients {
    /// Those that get it as a notification, with its sink. A listener may get it for several sinks.
    pub(crate) notified: Vec<(UUri, Recipient)>,
    pub(crate) published: Recipients,
    /// The number of the last registration at the time of the lookup.
    pub(crate) registrations: u64,
}

impl EventRecipients {
    pub(crate) fn is_empty(&self) -> bool {
        self.notified.is_empty() && self.published.is_empty()
    }
}
