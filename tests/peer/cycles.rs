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

//! Creates and ends transports and listeners repeatedly, and reports leaks.

use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::RwLock;
use tokio::sync::watch;
use up_rust::{UListener, UMessage, UStatus, UTransport, UUri};
use up_transport_vsomeip::{TransportBuilder, UPTransportVsomeip};

use crate::calls::{Calls, Echo};
use crate::entity::Transport;
use crate::events::publish;
use crate::gates::{Gate, Gated, Kind};

/// How a transport ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Shutdown,
    Drop,
}

impl End {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "shutdown" => Some(Self::Shutdown),
            "drop" => Some(Self::Drop),
            _ => None,
        }
    }
}

/// Creates a transport, calls a method with it, and ends it, `count` times.
pub(crate) async fn cycle(
    builder: &TransportBuilder,
    end: End,
    count: u32,
    method: &UUri,
    own: &UUri,
) -> Result<(), Box<dyn Error>> {
    for number in 0..count {
        let transport = builder.clone().build()?;
        let calls = Arc::new(Calls::default());
        let answer = calls.run(&transport, method.clone(), own, 1, 1, 20_000).await?;
        if answer != "answered 1 failed {}" {
            return Err(format!("cycle {number}: {answer}").into());
        }
        match end {
            End::Shutdown => transport.shutdown().await,
            End::Drop => drop(transport),
        }
    }
    Ok(())
}

/// How many messages fill the queue of a listener.
const QUEUE: usize = 2;

/// Creates a transport whose listeners own it and have full queues, and shuts it down, `count` times.
/// Each time, nobody must have the transport or a listener any more.
pub(crate) async fn cycle_full(
    builder: &TransportBuilder,
    count: u32,
    own: &UUri,
) -> Result<(), Box<dyn Error>> {
    let builder = builder.clone().listener_queue(QUEUE);
    for _ in 0..count {
        let (transport, listeners) = end_full(builder.clone().build()?, own).await?;
        until(|| transport.strong_count() == 0).await;
        until(|| listeners.iter().all(|listener| listener.strong_count() == 0)).await;
    }
    Ok(())
}

/// What is left of a transport and its listeners.
type Left = (Weak<UPTransportVsomeip>, [Weak<dyn UListener>; 2]);

/// Fills the queue of a listener, whose first call does not end, and shuts the transport down.
async fn end_full(transport: UPTransportVsomeip, own: &UUri) -> Result<Left, UStatus> {
    let transport = Arc::new(transport);
    let method = UUri { resource_id: 0x421, ..own.clone() };
    let (gate, calls) = (Arc::<Gate>::default(), Arc::<Calls>::default());
    let owned = Some(transport.clone());
    let gated = Arc::new(Gated::new(Kind::Waits, gate.clone(), Transport::default(), owned));
    let anybody = UUri::any_with_resource_id(0);
    transport.register_listener(&anybody, Some(&method), gated.clone()).await?;
    // One is in the call, and one finds no room.
    for requests in [1, QUEUE + 1] {
        let requests = requests.try_into().expect("few");
        calls.clone().begin(&*transport, &method, own, requests, 60_000).await?;
        gate.entered(1).await;
    }
    until(|| transport.metrics().waiting.for_listeners == QUEUE).await;
    transport.shutdown().await;
    let (gated, calls): (Arc<dyn UListener>, Arc<dyn UListener>) = (gated, calls);
    let left = [&gated, &calls].map(Arc::downgrade);
    Ok((Arc::downgrade(&transport), left))
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Registers and unregisters a listener with filters of all kinds, `count` times.
pub(crate) async fn register(
    transport: &dyn UTransport,
    own: &UUri,
    count: u32,
) -> Result<(), Box<dyn Error>> {
    let anybody = UUri::any_with_resource_id(0);
    let own_method = UUri { resource_id: 0x421, ..own.clone() };
    let filters = [
        ("//remote/5701/1/8001".parse()?, None),
        (anybody, Some(own_method)),
        ("//remote/5702/1/421".parse()?, Some(own.clone())),
        ("//remote/5703/1/8002".parse()?, Some(own.clone())),
        ("//remote/FFFFFFFF/FF/FFFF".parse()?, Some("//others/FFFFFFFF/FF/FFFF".parse()?)),
    ];
    let listener: Arc<dyn UListener> = Arc::new(Deaf);
    for _ in 0..count {
        for (source, sink) in &filters {
            transport.register_listener(source, sink.as_ref(), listener.clone()).await?;
        }
        for (source, sink) in &filters {
            transport.unregister_listener(source, sink.as_ref(), listener.clone()).await?;
        }
    }
    Ok(())
}

struct Deaf;

#[async_trait]
impl UListener for Deaf {
    async fn on_receive(&self, _: UMessage) {}
}

/// Lets `first` call a transport beside it in this process, and get an event of it. Then tells what
/// a third one says whose application has the name of the second.
pub(crate) async fn beside(
    first: &UPTransportVsomeip,
    own: &UUri,
    config: &Path,
    local: UUri,
) -> Result<String, Box<dyn Error>> {
    let builder = UPTransportVsomeip::builder(local.clone(), "remote").config_file(config);
    let second = Arc::new(builder.clone().build()?);
    let transport: Transport = Arc::new(RwLock::new(Some(second.clone())));
    let method = UUri { resource_id: 0x421, ..local.clone() };
    let echo = Arc::new(Echo { transport, status: None });
    let anybody = UUri::any_with_resource_id(0);
    second.register_listener(&anybody, Some(&method), echo.clone()).await?;
    let answer = Arc::new(Calls::default()).run(first, method.clone(), own, 10, 2, 20_000).await?;

    let topic = UUri { resource_id: 0x8001, ..local };
    let waiting = Arc::new(Waiting(watch::Sender::new(false)));
    first.register_listener(&topic, None, waiting.clone()).await?;
    let mut has_come = waiting.0.subscribe();
    tokio::select! {
        _ = has_come.wait_for(|has_come| *has_come) => {}
        Err(status) = publish_for_ever(&*second, &topic) => return Err(status.into()),
    }
    first.unregister_listener(&topic, None, waiting).await?;

    let same_name = builder.build().err().ok_or("two applications have one name")?;
    second.unregister_listener(&anybody, Some(&method), echo).await?;
    second.shutdown().await;
    Ok(format!("{answer}; then {same_name}"))
}

async fn publish_for_ever(transport: &dyn UTransport, topic: &UUri) -> Result<(), UStatus> {
    loop {
        publish(transport, topic.clone(), 0, 1).await?;
        tokio::task::yield_now().await;
    }
}

struct Waiting(watch::Sender<bool>);

#[async_trait]
impl UListener for Waiting {
    async fn on_receive(&self, _: UMessage) {
        self.0.send_replace(true);
    }
}

/// The memory that this process has in use, in KiB.
pub(crate) fn memory() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").to_owned())
}
