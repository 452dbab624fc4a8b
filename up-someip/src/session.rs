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

//! A transport for as long as a command runs, and what commands do with it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc;
use up_rust::{UListener, UMessage, UTransport, UUri};
use up_transport_vsomeip::{ServiceInstance, TransportBuilder, UPTransportVsomeip};

use crate::connect::Purpose;
use crate::errors::Failure;
use crate::Context;

/// How many messages wait here; more wait in the transport, which bounds and counts them.
const INBOX: usize = 1024;
/// What vsomeip reports where it does not know the version.
const UNKNOWN_VERSIONS: [u8; 2] = [0, 0xff];
/// How long an ended command waits for what was sent to leave the process.
const LAST_MESSAGES: Duration = Duration::from_millis(100);

/// A message and when it came.
pub(crate) struct Arrival {
    pub(crate) message: UMessage,
    pub(crate) at: Instant,
}

struct Inbox(mpsc::Sender<Arrival>);

#[async_trait]
impl UListener for Inbox {
    async fn on_receive(&self, message: UMessage) {
        let arrival = Arrival { message, at: Instant::now() };
        // Fails only when the command is about to end.
        drop(self.0.send(arrival).await);
    }
}

/// Takes what arrives, from all filters that it is registered for.
pub(crate) struct Arrivals {
    inbox: Arc<Inbox>,
    receiver: mpsc::Receiver<Arrival>,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(INBOX);
        Self { inbox: Arc::new(Inbox(sender)), receiver }
    }

    /// The next message.
    ///
    /// # Errors
    ///
    /// None while the command runs.
    pub(crate) async fn next(&mut self) -> Result<Arrival, Failure> {
        self.receiver.recv().await.ok_or_else(|| Failure::failed("the transport has ended"))
    }
}

/// A transport.
pub(crate) struct Session {
    pub(crate) transport: Arc<UPTransportVsomeip>,
    pub(crate) local: UUri,
}

impl Session {
    /// # Errors
    ///
    /// Fails if the options or the configuration are wrong, or vsomeip fails.
    pub(crate) fn open(context: &Context, purpose: Purpose) -> Result<Self, Failure> {
        Self::open_with(context, purpose, |builder| builder)
    }

    /// Opens one to whose options something is added.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub(crate) fn open_with(
        context: &Context,
        purpose: Purpose,
        add: impl FnOnce(TransportBuilder) -> TransportBuilder,
    ) -> Result<Self, Failure> {
        let local = context.connection.local_or(purpose.local.clone())?;
        let builder = add(context.connection.builder(purpose)?);
        Ok(Self { transport: Arc::new(builder.build()?), local })
    }

    /// Takes what matches a filter.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub(crate) async fn listen(
        &self,
        source: &UUri,
        sink: Option<&UUri>,
        arrivals: &Arrivals,
    ) -> Result<(), Failure> {
        Ok(self.transport.register_listener(source, sink, arrivals.inbox.clone()).await?)
    }

    /// Says something once the application is registered at the routing manager.
    pub(crate) fn say_when_registered(&self, text: String) {
        let mut state = self.transport.state();
        tokio::spawn(async move {
            if state.wait_for(|state| state.registered).await.is_ok() {
                log::info!("{text}");
            }
        });
    }

    /// Waits for a service, and returns its UUri with its version, if that was left open.
    ///
    /// # Errors
    ///
    /// Unavailable if it is not there in time, with the reason if one is known.
    pub(crate) async fn find(&self, uri: &UUri, timeout: Duration) -> Result<UUri, Failure> {
        let waits = self.transport.wait_for_service(uri);
        match tokio::time::timeout(timeout, waits).await {
            Ok(found) => found?,
            Err(_) => return Err(self.why_unavailable(uri)),
        }
        let service = ServiceInstance::of(uri);
        let found = self.transport.state().borrow().services.get(&service).copied();
        let found = found.filter(|version| !UNKNOWN_VERSIONS.contains(version));
        if uri.has_wildcard_version() {
            return Ok(UUri { ue_version_major: found.unwrap_or(1).into(), ..uri.clone() });
        }
        let wanted = uri.uentity_major_version();
        if let Some(found) = found.filter(|found| *found != wanted) {
            log::warn!("the service {service} is offered in version {found}, not {wanted}");
        }
        Ok(uri.clone())
    }

    /// Why a service is not available, as far as it is known.
    fn why_unavailable(&self, uri: &UUri) -> Failure {
        let state = self.transport.state().borrow().clone();
        let service = ServiceInstance::of(uri);
        let ids = format!("0x{:04x}.{}", service.service(), service.instance());
        if let Some(problem) = state.problems.first() {
            return Failure::unavailable(format!("UNAVAILABLE: {problem}"));
        }
        if !state.registered {
            return Failure::unavailable(
                "UNAVAILABLE: this application is not registered at a routing manager",
            )
            .help(
                "start the application that `routing` in the configuration names, or leave out \
                 `routing`; `up-someip doctor` looks closer",
            );
        }
        Failure::unavailable(format!("UNAVAILABLE: no such service was offered: {ids}"))
            .help(format!("`up-someip doctor {ids}`, with the same options, finds out why"))
    }

    /// Waits until nothing is held back for subscribers that are about to connect.
    pub(crate) async fn flush(&self) {
        const INTERVAL: Duration = Duration::from_millis(5);
        while self.transport.metrics().waiting.for_subscribers > 0 {
            tokio::time::sleep(INTERVAL).await;
        }
        // vsomeip does not tell when it has written what it was given.
        tokio::time::sleep(LAST_MESSAGES).await;
    }

    /// Ends the transport, and says what was lost.
    pub(crate) async fn close(self) {
        let dropped = self.transport.metrics().dropped_queue_full;
        self.transport.shutdown().await;
        if dropped > 0 {
            log::warn!(
                "{dropped} messages were dropped, as they came faster than they were printed"
            );
        }
    }
}
