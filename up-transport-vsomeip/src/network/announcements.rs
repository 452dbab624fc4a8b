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

//! Over which protocols the services of other hosts can be called, which vsomeip does not tell. Its
//! service discovery hears the offers of others by multicast, and so does a socket of our own here,
//! which only listens: vsomeip gets all the same.
//!
//! It never asks: what it sent would come from vsomeip's address with session ids of its own, and
//! others would take this host for restarted. So an offer that is sent to vsomeip alone, as the answer
//! to its question, is missed; the next cyclic one is not.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use rustc_hash::{FxHashMap, FxHashSet};
use socket2::{Domain, Socket, Type};
use tokio::sync::watch;
use tokio::time::{interval, sleep, Instant};

use crate::mapping::uri::ServiceInstance;
use crate::network::offers::{offers_in, Offer};
use crate::protocol::{Protocol, Protocols};
use crate::stack::DiscoveryGroup;

/// No network has as many services.
const MAX_SERVICES: usize = 16_384;
/// The most that a datagram can have.
const MAX_DATAGRAM: usize = 65_536;
/// How long after a failure it is tried again: the interface may not be up yet.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is looked for offers that have ended.
const INTERVAL: Duration = Duration::from_secs(1);
/// After how long without a datagram the group is joined anew: an interface that went and came back
/// is no longer a member, which nothing tells.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(crate) struct Announcements {
    known: Mutex<Known>,
    /// How many changes there were.
    changes: AtomicU32,
    changed: watch::Sender<()>,
    is_listening: AtomicBool,
    /// Whether a response of any service would prove something.
    wants_proof: AtomicBool,
}

#[derive(Default)]
struct Known {
    heard: FxHashMap<ServiceInstance, Heard>,
    /// The protocols over which responses came from services whose offers were not heard.
    proved: FxHashMap<ServiceInstance, Protocols>,
    /// The services whose protocol has to be assumed, which a response would prove.
    wanted: FxHashSet<ServiceInstance>,
}

/// An offer that was heard.
#[derive(Clone, Copy)]
struct Heard {
    protocols: Protocols,
    /// When it ends, unless it is repeated.
    end: Option<Instant>,
}

impl Known {
    fn of(&self, service: ServiceInstance) -> Option<Protocols> {
        let heard = self.heard.get(&service).map(|heard| heard.protocols);
        heard.or_else(|| self.proved.get(&service).copied())
    }

    /// Remembers an offer, instead of any other one if there are too many.
    fn hear(&mut self, service: ServiceInstance, heard: Heard) {
        if self.heard.len() >= MAX_SERVICES && !self.heard.contains_key(&service) {
            let any = self.heard.keys().next().copied();
            any.and_then(|any| self.heard.remove(&any));
        }
        self.heard.insert(service, heard);
        self.proved.remove(&service);
        self.wanted.remove(&service);
    }
}

impl Announcements {
    /// The protocols of a service, as far as that is known.
    pub(crate) fn of(&self, service: ServiceInstance) -> Option<Protocols> {
        self.known.lock().of(service)
    }

    pub(crate) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Whether offers are heard.
    pub(crate) fn is_listening(&self) -> bool {
        self.is_listening.load(Ordering::Relaxed)
    }

    /// Has [`prove`](Self::prove) take notice of responses of a service whose protocol is assumed.
    pub(crate) fn want_proof(&self, service: ServiceInstance) {
        let mut known = self.known.lock();
        if known.of(service).is_none() {
            known.wanted.insert(service);
            self.wants_proof.store(true, Ordering::Relaxed);
        }
    }

    /// Takes notice of a response: where it comes from, requests can go to.
    pub(crate) fn prove(&self, service: ServiceInstance, is_reliable: bool) {
        if !self.wants_proof.load(Ordering::Relaxed) {
            return;
        }
        let mut known = self.known.lock();
        if known.wanted.remove(&service) {
            let protocols = Protocols::default().with(Protocol::of(is_reliable));
            known.proved.insert(service, protocols);
            log::debug!("service {service} answers over {protocols:?}");
            self.tell(&known);
        }
    }

    /// Forgets what was proved of services that are no longer where they were.
    pub(crate) fn forget_proofs(&self, is_gone: impl Fn(ServiceInstance) -> bool) {
        let mut known = self.known.lock();
        if known.wanted.is_empty() && known.proved.is_empty() {
            return;
        }
        known.wanted.retain(|service| !is_gone(*service));
        let before = known.proved.len();
        known.proved.retain(|service, _| !is_gone(*service));
        self.wants_proof.store(!known.wanted.is_empty(), Ordering::Relaxed);
        if known.proved.len() != before {
            self.tell(&known);
        }
    }

    pub(super) fn take(&self, Offer { service, protocols, lifetime }: Offer, now: Instant) {
        let mut known = self.known.lock();
        let before = known.of(service);
        match protocols {
            Some(protocols) => {
                let end = lifetime.and_then(|lifetime| now.checked_add(lifetime));
                known.hear(service, Heard { protocols, end });
            }
            None => _ = known.heard.remove(&service),
        }
        if known.of(service) != before {
            log::debug!("service {service} is offered over {protocols:?}");
            self.tell(&known);
        }
    }

    /// Forgets the offers that were not repeated in time.
    fn forget_ended(&self, now: Instant) {
        let mut known = self.known.lock();
        let before = known.heard.len();
        known.heard.retain(|_, heard| heard.end.is_none_or(|end| end > now));
        if known.heard.len() != before {
            self.tell(&known);
        }
    }

    /// Tells of a change, while nobody else can make one.
    fn tell(&self, known: &MutexGuard<'_, Known>) {
        self.wants_proof.store(!known.wanted.is_empty(), Ordering::Relaxed);
        self.changes.fetch_add(1, Ordering::Release);
        self.changed.send_replace(());
    }

    /// Opens the socket for [`listen`](Self::listen), so that nothing is missed until that runs.
    pub(crate) fn open(&self, group: &DiscoveryGroup) -> Option<UdpSocket> {
        match open(group) {
            Ok(socket) => {
                self.is_listening.store(true, Ordering::Relaxed);
                Some(socket)
            }
            Err(error) => {
                log::warn!(
                    "the offers of other hosts cannot be heard at {}, port {}, on the interface of \
                     {}: {error}; it is tried again. Meanwhile, what a service does not say about \
                     its protocol must be told: by `TransportBuilder::protocol`, or by `services` \
                     in vsomeip's configuration",
                    group.address,
                    group.port,
                    group.own
                );
                None
            }
        }
    }

    /// Hears offers, for ever.
    pub(crate) async fn listen(&self, group: DiscoveryGroup, mut socket: Option<UdpSocket>) {
        loop {
            if let Some(socket) = socket {
                if !self.is_listening.swap(true, Ordering::Relaxed) {
                    log::info!("the offers of other hosts are heard at {}", group.address);
                }
                if let Err(error) = self.hear(socket, group.own).await {
                    log::warn!("the offers of other hosts are heard no longer: {error}");
                    self.is_listening.store(false, Ordering::Relaxed);
                }
            } else {
                self.is_listening.store(false, Ordering::Relaxed);
            }
            if !self.is_listening() {
                sleep(RETRY).await;
                self.forget_ended(Instant::now());
            }
            socket = open(&group).ok();
        }
    }

    /// Returns when nothing was heard for a while, or why it could not go on.
    async fn hear(&self, socket: UdpSocket, own: IpAddr) -> io::Result<()> {
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        let mut buffer = vec![0; MAX_DATAGRAM];
        let (mut ticks, mut last) = (interval(INTERVAL), Instant::now());
        loop {
            tokio::select! {
                received = socket.recv(&mut buffer) => {
                    last = Instant::now();
                    let datagram = buffer.get(..received?).unwrap_or_default();
                    offers_in(datagram, own).into_iter().for_each(|offer| self.take(offer, last));
                }
                now = ticks.tick() => {
                    self.forget_ended(now);
                    if now.duration_since(last) > SILENCE {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// A socket for the multicast address alone: vsomeip's own socket keeps what is sent to this host.
fn open(group: &DiscoveryGroup) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(at(group)), Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at(group).into())?;
    match (group.address, group.own) {
        (IpAddr::V4(address), IpAddr::V4(own)) => {
            // Not what comes to others of this host on other interfaces.
            #[cfg(target_os = "linux")]
            socket.set_multicast_all_v4(false)?;
            socket.join_multicast_v4(&address, &own)?;
        }
        // As vsomeip does it: on the interface that the routes say.
        (IpAddr::V6(address), _) => socket.join_multicast_v6(&address, 0)?,
        (IpAddr::V4(_), IpAddr::V6(_)) => {
            return Err(io::Error::other("the addresses are of different families"));
        }
    }
    Ok(socket.into())
}

fn at(group: &DiscoveryGroup) -> SocketAddr {
    SocketAddr::new(group.address, group.port)
}

#[cfg(test)]
impl Announcements {
    pub(crate) fn hear_offer(&self, service: ServiceInstance, protocols: Option<Protocols>) {
        self.take(Offer { service, protocols, lifetime: None }, Instant::now());
    }
}

#[cfg(test)]
mod tests;
