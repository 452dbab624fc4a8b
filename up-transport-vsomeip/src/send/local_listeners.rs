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

//! Passes published events to the listeners of the same transport, bypassing vsomeip: if an application
//! subscribes to its own service, the routing manager sends each event twice to every subscriber.

use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashSet;
use up_rust::{UAttributes, UMessage, UUri};
use vsomeip_sys::{EventId, ServiceId};

use crate::events::Events;
use crate::mapping::agreements::Agreements;
use crate::mapping::authorities::Source;
use crate::mapping::content::Content;
use crate::mapping::inbound::{lasting, local_event, notification};
use crate::mapping::outbound::Notification;
use crate::mapping::uri::uri_of;
use crate::registration::routes::{EventRecipients, Routes};
use crate::services::{FieldValue, LastValues, Services};
use crate::uprotocol::{source_of, MessageParts, UriParts};

pub(crate) struct LocalListeners {
    /// The local entity.
    own: UUri,
    agreements: Arc<Agreements>,
    routes: Arc<Routes>,
    services: Arc<Services>,
    events: Arc<Events>,
    /// Usually empty: a quick check for every published message.
    fields: FxHashSet<(ServiceId, EventId)>,
}

impl LocalListeners {
    pub(crate) fn new(
        own: UUri,
        agreements: Arc<Agreements>,
        routes: Arc<Routes>,
        services: Arc<Services>,
        events: Arc<Events>,
    ) -> Self {
        let fields = events.fields().collect();
        Self { own, agreements, routes, services, events, fields }
    }

    /// Queues a message for matching local listeners, and calls `publish`. All listeners get the values
    /// of a field in the same order, even if several threads publish.
    pub(crate) fn publish<R>(
        &self,
        topic: &Notification,
        attributes: &UAttributes,
        payload: &Bytes,
        publish: impl FnOnce() -> R,
    ) -> R {
        let Notification { service, event, .. } = *topic;
        let is_field =
            self.fields.contains(&(service.service, event)) && self.events.is_field(service, event);
        if !is_field && !self.routes.may_await(service.service, event) {
            return publish();
        }
        let message = self.message(topic, attributes, payload);
        match self.services.values_of(service).filter(|_| is_field) {
            Some(values) => self.publish_value(topic, message, &values, publish),
            None => {
                self.post(&message);
                publish()
            }
        }
    }

    fn message(&self, topic: &Notification, sent: &UAttributes, payload: &Bytes) -> UMessage {
        let authority = match source_of(sent).authority() {
            "" => self.own.authority(),
            authority => authority,
        };
        let source = uri_of(authority, topic.service, topic.version, topic.event.0);
        let agreement = self.agreements.of(topic.service);
        local_event(sent, Content::of_sent(payload.clone(), agreement), source)
    }

    fn publish_value<R>(
        &self,
        topic: &Notification,
        message: UMessage,
        values: &LastValues,
        publish: impl FnOnce() -> R,
    ) -> R {
        let Some(field) = values.field(topic.event) else { return publish() };
        let mut value = field.lock();
        let registrations = self.post(&message);
        let source = Source::Known;
        let event = lasting(&message);
        *value = Some(FieldValue { event, source, registrations, is_own: true });
        publish()
    }

    /// Queues an event for all its listeners. Returns the number of the last registration before.
    fn post(&self, event: &UMessage) -> u64 {
        let attributes = event.all_attributes();
        let EventRecipients { notified, published, registrations } =
            self.routes.event_recipients(attributes, Source::Known, &self.own);
        for (sink, recipient) in notified {
            match notification(event, sink) {
                Ok(notification) => recipient.post(notification, None),
                Err(error) => log::debug!("an event is not a valid notification: {error}"),
            }
        }
        // Queued: no listener runs on a thread that is inside `send`, as it may hold locks.
        published.post(event);
        registrations
    }
}
