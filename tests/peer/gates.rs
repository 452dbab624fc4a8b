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

//! Listeners whose calls last until the test releases them.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;
use up_rust::{UListener, UMessage, UUri};
use up_transport_vsomeip::UPTransportVsomeip;

use crate::calls::Echo;
use crate::entity::Transport;

/// What a call does before it ends.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Waits without its thread.
    Waits,
    /// Blocks its thread.
    Blocks,
    /// At once.
    Panics,
    /// After it has waited.
    PanicsLate,
}

impl Kind {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "waits" => Some(Self::Waits),
            "blocks" => Some(Self::Blocks),
            "panics" => Some(Self::Panics),
            "panics-late" => Some(Self::PanicsLate),
            _ => None,
        }
    }
}

/// What the calls of one listener have to pass.
#[derive(Default)]
pub(crate) struct Gate {
    entered: watch::Sender<u64>,
    is_open: watch::Sender<bool>,
    /// The same, for who blocks.
    is_unblocked: Mutex<bool>,
    unblocked: Condvar,
}

impl Gate {
    /// Waits until so many calls have begun.
    pub(crate) async fn entered(&self, count: u64) {
        let _ = self.entered.subscribe().wait_for(|entered| *entered >= count).await;
    }

    fn open(&self) {
        self.is_open.send_replace(true);
        *self.is_unblocked.lock() = true;
        self.unblocked.notify_all();
    }

    async fn pass(&self, kind: Kind) {
        self.entered.send_modify(|entered| *entered += 1);
        match kind {
            Kind::Blocks => self.block(),
            Kind::Waits | Kind::PanicsLate => {
                let _ = self.is_open.subscribe().wait_for(|is_open| *is_open).await;
            }
            Kind::Panics => {}
        }
        assert!(!matches!(kind, Kind::Panics | Kind::PanicsLate), "as the test wants it");
    }

    fn block(&self) {
        let mut is_unblocked = self.is_unblocked.lock();
        self.unblocked.wait_while(&mut is_unblocked, |is_unblocked| !*is_unblocked);
    }
}

/// A listener behind a gate. It sends back what requests carry.
pub(crate) struct Gated {
    kind: Kind,
    gate: Arc<Gate>,
    echo: Echo,
    /// Only kept.
    _owned: Option<Arc<UPTransportVsomeip>>,
}

impl Gated {
    /// The `transport` is where it sends; `owned` is what it keeps alive.
    pub(crate) fn new(
        kind: Kind,
        gate: Arc<Gate>,
        transport: Transport,
        owned: Option<Arc<UPTransportVsomeip>>,
    ) -> Self {
        Self { kind, gate, echo: Echo { transport, status: None }, _owned: owned }
    }
}

#[async_trait]
impl UListener for Gated {
    async fn on_receive(&self, message: UMessage) {
        self.gate.pass(self.kind).await;
        if message.is_request() {
            self.echo.on_receive(message).await;
        }
    }
}

/// The filters of a listener for a topic or a method.
pub(crate) fn filters(uri: UUri) -> (UUri, Option<UUri>) {
    if uri.is_event() {
        (uri, None)
    } else {
        (UUri::any_with_resource_id(0), Some(uri))
    }
}

struct Known {
    gate: Arc<Gate>,
    listener: Weak<Gated>,
    uri: UUri,
}

/// Listeners by their names. Only the transport keeps them.
#[derive(Default)]
pub(crate) struct Gates(Mutex<HashMap<String, Known>>);

impl Gates {
    pub(crate) fn add(&self, name: &str, uri: UUri, gate: Arc<Gate>, listener: &Arc<Gated>) {
        let known = Known { gate, listener: Arc::downgrade(listener), uri };
        self.0.lock().insert(name.to_owned(), known);
    }

    /// The gate of a listener.
    pub(crate) fn gate(&self, name: &str) -> Result<Arc<Gate>, Box<dyn Error>> {
        self.with(name, |known| known.gate.clone())
    }

    /// Lets the calls of a listener go on.
    pub(crate) fn open(&self, name: &str) -> Result<(), Box<dyn Error>> {
        self.with(name, |known| known.gate.open())
    }

    /// Whether nobody has the listener any more.
    pub(crate) fn is_gone(&self, name: &str) -> Result<bool, Box<dyn Error>> {
        self.with(name, |known| known.listener.strong_count() == 0)
    }

    /// A listener, and what it is registered for.
    pub(crate) fn listener(&self, name: &str) -> Result<(UUri, Arc<Gated>), Box<dyn Error>> {
        self.with(name, |known| Some((known.uri.clone(), known.listener.upgrade()?)))?
            .ok_or_else(|| format!("the listener {name} is gone").into())
    }

    fn with<T>(&self, name: &str, look: impl Fn(&Known) -> T) -> Result<T, Box<dyn Error>> {
        let known = self.0.lock();
        let known = known.get(name).ok_or_else(|| format!("there is no listener {name}"))?;
        Ok(look(known))
    }
}
