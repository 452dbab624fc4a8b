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
//! The transport in a library that a host without tokio loads at run time, as zenohd loads its plugins.
//!
//! It relays requests to its method to `$UP_PLUGIN_METHOD`, and events of `$UP_PLUGIN_TOPIC` to its own
//! topic.

#![allow(clippy::expect_used, reason = "test code")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use up_rust::communication::{
    CallOptions, InMemoryRpcClient, InMemoryRpcServer, RequestHandler, RpcClient, RpcServer,
    ServiceInvocationError, UPayload,
};
use up_rust::{
    LocalUriProvider, UAttributes, UListener, UMessage, UMessageBuilder, UTransport, UUri,
};
use up_transport_vsomeip::UPTransportVsomeip;

/// Of its method and of its topic.
const METHOD: u16 = 0x421;
const TOPIC: u16 = 0x8001;
/// In milliseconds.
const TTL: u32 = 60_000;
/// How long its tasks have to end.
const TIMEOUT: Duration = Duration::from_secs(2);

type Failure = Box<dyn std::error::Error>;

struct Plugin {
    runtime: Runtime,
    uentity: UEntity,
}

struct UEntity {
    transport: Arc<UPTransportVsomeip>,
    /// It has the listener of the method.
    _server: InMemoryRpcServer,
}

static PLUGIN: Mutex<Option<Plugin>> = Mutex::new(None);

/// Starts the plugin with the configuration at `$UP_PLUGIN_CONFIG`; tells whether it could.
#[no_mangle]
pub extern "C" fn plugin_start() -> bool {
    match Plugin::start() {
        Ok(plugin) => {
            *PLUGIN.lock() = Some(plugin);
            true
        }
        Err(error) => {
            eprintln!("the plugin does not start: {error}");
            false
        }
    }
}

/// Ends it; tells whether it ran.
#[no_mangle]
pub extern "C" fn plugin_stop() -> bool {
    let plugin = PLUGIN.lock().take();
    plugin.map(Plugin::stop).is_some()
}

impl Plugin {
    fn start() -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let uentity = runtime.block_on(UEntity::start())?;
        Ok(Self { runtime, uentity })
    }

    fn stop(self) {
        self.runtime.block_on(self.uentity.transport.shutdown());
        self.runtime.shutdown_timeout(TIMEOUT);
    }
}

impl UEntity {
    async fn start() -> Result<Self, Failure> {
        let config = std::env::var("UP_PLUGIN_CONFIG")?;
        let [method, topic] = ["UP_PLUGIN_METHOD", "UP_PLUGIN_TOPIC"].map(std::env::var);
        let (method, topic): (UUri, UUri) = (method?.parse()?, topic?.parse()?);

        let local: UUri = "//plugin/5701/1/0".parse()?;
        let remote = "ecu".to_owned();
        let transport =
            UPTransportVsomeip::new_with_config(local, &remote, Path::new(&config), None)?;
        let transport = Arc::new(transport);

        let client = InMemoryRpcClient::new(transport.clone(), transport.clone()).await?;
        let server = InMemoryRpcServer::new(transport.clone(), transport.clone());
        server.register_endpoint(None, METHOD, Arc::new(RequestRelay { client, method })).await?;
        let relay = Arc::new(EventRelay(transport.clone()));
        transport.register_listener(&topic, None, relay).await?;
        Ok(Self { transport, _server: server })
    }
}

/// Answers requests with what another method answers.
struct RequestRelay {
    client: InMemoryRpcClient,
    method: UUri,
}

#[async_trait]
impl RequestHandler for RequestRelay {
    async fn handle_request(
        &self,
        _resource: u16,
        _attributes: &UAttributes,
        request: Option<UPayload>,
    ) -> Result<Option<UPayload>, ServiceInvocationError> {
        let options = CallOptions::for_rpc_request(TTL, None, None, None);
        self.client.invoke_method(self.method.clone(), options, request).await
    }
}

/// Publishes again what it receives. It owns the transport, as the listeners of many applications do.
struct EventRelay(Arc<UPTransportVsomeip>);

#[async_trait]
impl UListener for EventRelay {
    async fn on_receive(&self, event: UMessage) {
        let format = event.payload_format().unwrap_or_default();
        let payload = event.payload.unwrap_or_default();
        let again = UMessageBuilder::publish(self.0.get_resource_uri(TOPIC))
            .build_with_payload(payload, format)
            .expect("a valid event");
        if let Err(status) = self.0.send(again).await {
            log::error!("an event is not published: {status}");
        }
    }
}
