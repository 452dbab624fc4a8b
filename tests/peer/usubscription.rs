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

//! A USubscription service with what a subscriber needs.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use protobuf::{Enum, MessageFull};
use up_rust::communication::{
    CallOptions, InMemoryRpcServer, Notifier, RequestHandler, RpcServer, ServiceInvocationError,
    SimpleNotifier, UPayload,
};
use up_rust::core::usubscription::{
    NotificationsRequest, NotificationsResponse, State, SubscriptionRequest, SubscriptionResponse,
    SubscriptionStatus, UnsubscribeRequest, UnsubscribeResponse, Update,
    RESOURCE_ID_REGISTER_FOR_NOTIFICATIONS, RESOURCE_ID_SUBSCRIBE, RESOURCE_ID_SUBSCRIPTION_CHANGE,
    RESOURCE_ID_UNSUBSCRIBE,
};
use up_rust::{UAttributes, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

/// Who wants what: the one who called, and a topic.
type Wish = (UUri, UUri);

/// What the service was asked for. A subscription stays pending until somebody says otherwise.
#[derive(Default)]
pub(crate) struct Wishes {
    subscribed: Mutex<Vec<Wish>>,
    to_be_notified: Mutex<Vec<Wish>>,
}

#[async_trait]
impl RequestHandler for Wishes {
    async fn handle_request(
        &self,
        operation: u16,
        attributes: &UAttributes,
        request: Option<UPayload>,
    ) -> Result<Option<UPayload>, ServiceInvocationError> {
        let caller = attributes.source.get_or_default().clone();
        match operation {
            RESOURCE_ID_SUBSCRIBE => {
                let topic = parsed::<SubscriptionRequest>(request)?.topic;
                self.subscribed.lock().push((caller, topic.get_or_default().clone()));
                let status = status(State::SUBSCRIBE_PENDING);
                let status = Some(status).into();
                answer(SubscriptionResponse { status, topic, ..Default::default() })
            }
            RESOURCE_ID_UNSUBSCRIBE => {
                // up-rust's subscriber does not say what from: from everything then.
                let topic = parsed::<UnsubscribeRequest>(request)?.topic;
                let is_meant = |(who, what): &Wish| {
                    *who == caller && topic.as_ref().is_none_or(|topic| topic == what)
                };
                self.subscribed.lock().retain(|wish| !is_meant(wish));
                answer(UnsubscribeResponse::default())
            }
            RESOURCE_ID_REGISTER_FOR_NOTIFICATIONS => {
                let topic = parsed::<NotificationsRequest>(request)?.topic;
                self.to_be_notified.lock().push((caller, topic.get_or_default().clone()));
                answer(NotificationsResponse::default())
            }
            _ => Err(ServiceInvocationError::Unimplemented(format!("operation {operation}"))),
        }
    }
}

impl Wishes {
    /// Begins to serve.
    pub(crate) async fn serve(
        self: Arc<Self>,
        transport: Arc<UPTransportVsomeip>,
    ) -> Result<InMemoryRpcServer, Box<dyn Error>> {
        let server = InMemoryRpcServer::new(transport.clone(), transport);
        let operations = [
            RESOURCE_ID_SUBSCRIBE,
            RESOURCE_ID_UNSUBSCRIBE,
            RESOURCE_ID_REGISTER_FOR_NOTIFICATIONS,
        ];
        for operation in operations {
            server.register_endpoint(None, operation, self.clone()).await?;
        }
        Ok(server)
    }

    /// Tells everybody who has subscribed to the topic, or registered for its notifications, of a
    /// state of the subscription.
    pub(crate) async fn tell(
        &self,
        transport: Arc<UPTransportVsomeip>,
        topic: &UUri,
        state: &str,
    ) -> Result<(), Box<dyn Error>> {
        let state = State::from_str(state).ok_or("no such state")?;
        let update = Update {
            topic: Some(topic.clone()).into(),
            status: Some(status(state)).into(),
            ..Default::default()
        };
        let notifier = SimpleNotifier::new(transport.clone(), transport);
        for listener in self.interested_in(topic) {
            let payload = UPayload::try_from_protobuf(update.clone())?;
            let options = CallOptions::for_notification(None, None, None);
            let resource = RESOURCE_ID_SUBSCRIPTION_CHANGE;
            notifier.notify(resource, &listener, options, Some(payload)).await?;
        }
        Ok(())
    }

    /// How many have subscribed, and how many have registered for notifications.
    pub(crate) fn counts(&self) -> String {
        let (subscribed, to_be_notified) = (self.subscribed.lock(), self.to_be_notified.lock());
        format!("subscribed {} registered {}", subscribed.len(), to_be_notified.len())
    }

    fn interested_in(&self, topic: &UUri) -> Vec<UUri> {
        let (subscribed, to_be_notified) = (self.subscribed.lock(), self.to_be_notified.lock());
        let mut listeners = Vec::new();
        for (who, what) in subscribed.iter().chain(to_be_notified.iter()) {
            if what == topic && !listeners.contains(who) {
                listeners.push(who.clone());
            }
        }
        listeners
    }
}

fn status(state: State) -> SubscriptionStatus {
    SubscriptionStatus { state: state.into(), ..Default::default() }
}

fn parsed<M: MessageFull + Default>(
    request: Option<UPayload>,
) -> Result<M, ServiceInvocationError> {
    let unexpected = |error: String| ServiceInvocationError::InvalidArgument(error);
    let request = request.ok_or_else(|| unexpected("no payload".to_owned()))?;
    request.extract_protobuf().map_err(|error| unexpected(error.to_string()))
}

fn answer(response: impl MessageFull) -> Result<Option<UPayload>, ServiceInvocationError> {
    UPayload::try_from_protobuf(response)
        .map(Some)
        .map_err(|error| ServiceInvocationError::Internal(error.to_string()))
}
