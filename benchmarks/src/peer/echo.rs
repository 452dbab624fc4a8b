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

//! The service: answers each request inside `on_receive`.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use up_rust::{UListener, UMessage, UMessageBuilder, UPayloadFormat, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

use crate::peer::{requests, transport, Failure, PeerOptions, METHOD, SERVICE};

struct Echo {
    transport: Weak<UPTransportVsomeip>,
    is_silent: bool,
}

#[async_trait]
impl UListener for Echo {
    async fn on_receive(&self, request: UMessage) {
        if self.is_silent {
            return;
        }
        if let Err(error) = self.answer(request).await {
            log::error!("a request cannot be answered: {error}");
        }
    }
}

impl Echo {
    async fn answer(&self, request: UMessage) -> Result<(), Box<dyn std::error::Error + Send>> {
        let Some(transport) = self.transport.upgrade() else { return Ok(()) };
        let response = UMessageBuilder::response_for_request(request.attributes_unchecked())
            .build_with_payload(
                request.payload.clone().unwrap_or_default(),
                UPayloadFormat::UPAYLOAD_FORMAT_RAW,
            )
            .map_err(boxed)?;
        transport.send(response).await.map_err(boxed)
    }
}

fn boxed(error: impl std::error::Error + Send + 'static) -> Box<dyn std::error::Error + Send> {
    Box::new(error)
}

pub(crate) async fn run(options: &PeerOptions) -> Result<(), Failure> {
    let transport = transport(&options.config, SERVICE)?;
    let anybody = UUri::any_with_resource_id(0);
    for method in METHOD..=METHOD + options.registrations {
        let sink = UUri::try_from_parts("here", SERVICE, 1, method)?;
        let echo = Echo { transport: Arc::downgrade(&transport), is_silent: options.silent };
        transport.register_listener(&anybody, Some(&sink), Arc::new(echo)).await?;
    }
    println!("ready");
    requests().for_each(drop);
    transport.shutdown().await;
    Ok(())
}
