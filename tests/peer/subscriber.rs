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

//! up-rust's publisher and subscriber.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use protobuf::well_known_types::wrappers::StringValue;
use tokio::sync::{mpsc, Mutex, OnceCell};
use up_rust::communication::{
    CallOptions, InMemoryRpcClient, InMemorySubscriber, MockSubscriptionChangeHandler, Publisher,
    RpcClientUSubscription, SimplePublisher, Subscriber, UPayload,
};
use up_rust::core::usubscription::{NotificationsRequest, USubscription};
use up_rust::{UListener, UMessage, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

/// Publishes a text.
pub(crate) async fn publish(
    transport: Arc<UPTransportVsomeip>,
    resource: u16,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    let publisher = SimplePublisher::new(transport.clone(), transport);
    let text = StringValue { value: text.to_owned(), ..Default::default() };
    let payload = UPayload::try_from_protobuf(text)?;
    let options = CallOptions::for_publish(None, None, None);
    Ok(publisher.publish(resource, options, Some(payload)).await?)
}

/// A subscriber, created when it is first used, and what it hears.
pub(crate) struct Subscriptions {
    subscriber: OnceCell<InMemorySubscriber>,
    hearer: Arc<Hearer>,
    change_handler: Arc<MockSubscriptionChangeHandler>,
    heard: Mutex<mpsc::UnboundedReceiver<String>>,
    changes: Mutex<mpsc::UnboundedReceiver<String>>,
}

impl Default for Subscriptions {
    fn default() -> Self {
        let (texts, heard) = mpsc::unbounded_channel();
        let (states, changes) = mpsc::unbounded_channel();
        Self {
            subscriber: OnceCell::new(),
            hearer: Arc::new(Hearer(texts)),
            change_handler: Arc::new(change_handler(states)),
            heard: Mutex::new(heard),
            changes: Mutex::new(changes),
        }
    }
}

impl Subscriptions {
    pub(crate) async fn subscribe(
        &self,
        transport: Arc<UPTransportVsomeip>,
        topic: &UUri,
    ) -> Result<(), Box<dyn Error>> {
        let subscriber = self
            .subscriber
            .get_or_try_init(|| InMemorySubscriber::new(transport.clone(), transport))
            .await?;
        let change_handler = self.change_handler.clone();
        Ok(subscriber.subscribe(topic, self.hearer.clone(), Some(change_handler)).await?)
    }

    pub(crate) async fn unsubscribe(&self, topic: &UUri) -> Result<(), Box<dyn Error>> {
        let subscriber = self.subscriber.get().ok_or("there is no subscriber")?;
        Ok(subscriber.unsubscribe(topic, self.hearer.clone()).await?)
    }

    /// The next text that was published.
    pub(crate) async fn heard(&self) -> String {
        self.heard.lock().await.recv().await.expect("a sender")
    }

    /// All texts that were published and not yet looked at.
    pub(crate) async fn heard_so_far(&self) -> String {
        let mut heard = self.heard.lock().await;
        let texts: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
        format!("{texts:?}")
    }

    /// The next change of a subscription.
    pub(crate) async fn change(&self) -> String {
        self.changes.lock().await.recv().await.expect("a sender")
    }
}

/// Asks the USubscription service to tell of changes of a topic's subscriptions.
pub(crate) async fn register_for_notifications(
    transport: Arc<UPTransportVsomeip>,
    topic: UUri,
) -> Result<(), Box<dyn Error>> {
    let client = InMemoryRpcClient::new(transport.clone(), transport).await?;
    let request = NotificationsRequest { topic: Some(topic).into(), ..Default::default() };
    let usubscription = RpcClientUSubscription::new(Arc::new(client));
    Ok(usubscription.register_for_notifications(request).await?)
}

struct Hearer(mpsc::UnboundedSender<String>);

#[async_trait]
impl UListener for Hearer {
    async fn on_receive(&self, event: UMessage) {
        let text = match event.extract_protobuf::<StringValue>() {
            Ok(text) => text.value,
            Err(error) => format!("({error})"),
        };
        // Fails only at the end.
        drop(self.0.send(text));
    }
}

/// up-rust 0.9 keeps the trait of these handlers to itself: its own mock is the only one there is.
fn change_handler(states: mpsc::UnboundedSender<String>) -> MockSubscriptionChangeHandler {
    let mut handler = MockSubscriptionChangeHandler::new();
    handler.expect_on_subscription_change().returning(move |topic, status| {
        let state = status.state.enum_value_or_default();
        // Fails only at the end.
        drop(states.send(format!("{} {state:?}", topic.to_uri(false))));
    });
    handler
}
