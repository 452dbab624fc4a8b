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

//! The client: sends requests, a given number at a time.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use up_rust::{UListener, UMessage, UMessageBuilder, UTransport, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

use crate::peer::arrivals::Arrivals;
use crate::peer::window::Window;
use crate::peer::{
    now_ns, requests, transport, Failure, PeerOptions, Stamp, Template, CALLER, METHOD, SERVICE,
};

/// In milliseconds: longer than any measurement takes.
const TTL: u32 = 60_000;

struct Responses {
    arrivals: Mutex<Arrivals>,
    window: Window,
}

#[async_trait]
impl UListener for Responses {
    async fn on_receive(&self, response: UMessage) {
        // An error of the transport's own carries no stamp.
        let stamp = Stamp::of(&response).unwrap_or_default();
        self.arrivals.lock().note_timed(stamp.number, stamp.sent_ns);
        self.window.leave();
    }
}

struct Caller<'a> {
    options: &'a PeerOptions,
    transport: &'a UPTransportVsomeip,
    responses: &'a Responses,
    requests: Template,
}

impl Caller<'_> {
    async fn call(&mut self, count: u64) -> Result<(), Failure> {
        self.responses.arrivals.lock().start(count);
        for number in 1..=count {
            if !self.options.no_wait {
                self.responses.window.enter();
            }
            self.transport.send(self.requests.message(number)?).await?;
        }
        self.responses.window.wait_until_empty();
        Ok(())
    }
}

pub(crate) async fn run(options: &PeerOptions) -> Result<(), Failure> {
    let transport = transport(&options.config, CALLER)?;
    let method = UUri::try_from_parts("there", SERVICE, 1, METHOD)?;
    let own = UUri::try_from_parts("here", CALLER, 1, 0)?;
    let responses =
        Arc::new(Responses { arrivals: Mutex::default(), window: Window::new(options.window) });
    transport.register_listener(&method, Some(&own), responses.clone()).await?;
    let mut caller = Caller {
        options,
        transport: &transport,
        responses: &responses,
        requests: Template::new(UMessageBuilder::request(method, own, TTL), options)?,
    };
    caller.call(options.warm_up).await?;
    println!("ready");
    for _ in requests() {
        let start = now_ns()?;
        caller.call(options.count).await?;
        let elapsed = now_ns()? - start;
        let mut arrivals = responses.arrivals.lock();
        let out_of_order = arrivals.out_of_order();
        arrivals.measured(elapsed, out_of_order).say()?;
    }
    transport.shutdown().await;
    Ok(())
}
