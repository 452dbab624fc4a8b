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
//! An MQTT broker as the network beyond the bridge.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::timeout;
use up_rust::{UCode, UListener, UMessage, UStatus, UTransport, UUri};
use up_transport_mqtt5::{Mqtt5Transport, Mqtt5TransportOptions, MqttClientOptions};

/// How long a broker has to confirm a message. One that goes away meanwhile never does.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A client of a broker. It sends one message at a time, as the C library that `up-transport-mqtt5` 0.4 uses
/// loses messages, or crashes (<https://github.com/eclipse-paho/paho.mqtt.c/issues/1622>), when several
/// threads send.
pub struct BrokerClient {
    transport: Mqtt5Transport,
    sending: Mutex<()>,
}

impl BrokerClient {
    /// Connects to the broker at an address, such as `mqtt://localhost:1883`. The client connects again if
    /// the connection is lost.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the authority is not valid, `INTERNAL` if there is no broker at the address.
    pub async fn connect(address: &str, authority: &str) -> Result<Self, UStatus> {
        let options = Mqtt5TransportOptions {
            mqtt_client_options: MqttClientOptions {
                broker_uri: address.to_owned(),
                ..MqttClientOptions::default()
            },
            ..Mqtt5TransportOptions::default()
        };
        let transport = Mqtt5Transport::new(options, authority).await?;
        transport.connect().await?;
        Ok(Self { transport, sending: Mutex::new(()) })
    }
}

#[async_trait]
impl UTransport for BrokerClient {
    async fn send(&self, message: UMessage) -> Result<(), UStatus> {
        let _turn = self.sending.lock().await;
        timeout(TIMEOUT, self.transport.send(message)).await.unwrap_or_else(|_| {
            let reason = "the broker has not confirmed the message";
            Err(UStatus::fail_with_code(UCode::UNAVAILABLE, reason))
        })
    }

    async fn register_listener(
        &self,
        source: &UUri,
        sink: Option<&UUri>,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        self.transport.register_listener(source, sink, listener).await
    }

    async fn unregister_listener(
        &self,
        source: &UUri,
        sink: Option<&UUri>,
        listener: Arc<dyn UListener>,
    ) -> Result<(), UStatus> {
        self.transport.unregister_listener(source, sink, listener).await
    }
}
