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

//! up-rust's clients and servers on top of the transport.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use protobuf::well_known_types::wrappers::StringValue;
use up_rust::communication::{
    CallOptions, InMemoryRpcClient, InMemoryRpcServer, Notifier, RequestHandler, RpcClient,
    RpcServer, ServiceInvocationError, SimpleNotifier, UPayload,
};
use up_rust::{UAttributes, UListener, UPayloadFormat, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

/// Keeps the servers, which serve for as long as they live.
#[derive(Default)]
pub(crate) struct Services(Mutex<Vec<InMemoryRpcServer>>);

/// Turns a text into capitals. An empty one it does not like.
struct Shouter;

#[async_trait]
impl RequestHandler for Shouter {
    async fn handle_request(
        &self,
        _: u16,
        _: &UAttributes,
        request: Option<UPayload>,
    ) -> Result<Option<UPayload>, ServiceInvocationError> {
        let unexpected = |error: String| ServiceInvocationError::InvalidArgument(error);
        let request = request.ok_or_else(|| unexpected("no payload".to_owned()))?;
        let text: StringValue =
            request.extract_protobuf().map_err(|error| unexpected(error.to_string()))?;
        if text.value.is_empty() {
            return Err(ServiceInvocationError::NotFound("nothing to shout".to_owned()));
        }
        let answer = StringValue { value: text.value.to_uppercase(), ..Default::default() };
        UPayload::try_from_protobuf(answer)
            .map(Some)
            .map_err(|error| ServiceInvocationError::Internal(error.to_string()))
    }
}

impl Services {
    pub(crate) async fn serve(
        &self,
        transport: Arc<UPTransportVsomeip>,
        method: &UUri,
    ) -> Result<(), Box<dyn Error>> {
        let server = InMemoryRpcServer::new(transport.clone(), transport);
        server.register_endpoint(None, method.resource_id(), Arc::new(Shouter)).await?;
        self.keep(server);
        Ok(())
    }

    pub(crate) fn keep(&self, server: InMemoryRpcServer) {
        self.0.lock().push(server);
    }
}

pub(crate) async fn call(
    transport: Arc<UPTransportVsomeip>,
    method: UUri,
    text: &str,
) -> Result<String, Box<dyn Error>> {
    let client = InMemoryRpcClient::new(transport.clone(), transport).await?;
    let client: &dyn RpcClient = &client;
    let options = CallOptions::for_rpc_request(20_000, None, None, None);
    let request = StringValue { value: text.to_owned(), ..Default::default() };
    let answer: Result<StringValue, _> = client.invoke_proto_method(method, options, request).await;
    Ok(answer?.value)
}

pub(crate) async fn listen(
    transport: Arc<UPTransportVsomeip>,
    topic: &UUri,
    listener: Arc<dyn UListener>,
) -> Result<(), Box<dyn Error>> {
    let notifier = SimpleNotifier::new(transport.clone(), transport);
    Ok(notifier.start_listening(topic, listener).await?)
}

pub(crate) async fn notify(
    transport: Arc<UPTransportVsomeip>,
    resource: u16,
    sink: &UUri,
    number: u64,
) -> Result<(), Box<dyn Error>> {
    let notifier = SimpleNotifier::new(transport.clone(), transport);
    let format = UPayloadFormat::UPAYLOAD_FORMAT_RAW;
    let payload = UPayload::new(number.to_be_bytes().to_vec(), format);
    let options = CallOptions::for_notification(None, None, None);
    Ok(notifier.notify(resource, sink, options, Some(payload)).await?)
}
