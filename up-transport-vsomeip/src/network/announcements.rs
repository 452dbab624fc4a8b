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

//! The protocols of services on other hosts, which vsomeip does not report. This module receives the
//! multicast offers of service discovery through a socket of its own, alongside vsomeip.
//!
//! It never sends: its messages would come from vsomeip's address with other session ids, and other hosts
//! would take this one for restarted. So it misses offers that answer a question of vsomeip's by unicast,
//! but not the next cyclic ones.

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

/// The maximum number of remembered services, more than any network has.
const MAX_SERVICES: usize = 16_384;
/// The maximum size of a datagram.
const MAX_DATAGRAM: usize = 65_536;
/// The time from a failure to the next attempt: the interface may not be up yet.
const RETRY: Duration = Duration::from_secs(1);
/// The interval at which expired offers are removed.
const INTERVAL: Duration = Duration::from_secs(1);
/// The time without a datagram after which the socket joins the group again: an interface that went down
/// and up is no longer a member, and nothing reports that.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(crate) struct Announcements {
    known: Mutex<Known>,
    /// The number of changes.
    changes: AtomicU32,
    changed: watch::Sender<()>,
    is_listening: AtomicBool,
    /// Whether any service awaits confirmation: a quick check for every response.
    awaits_confirmation: AtomicBool,
}

#[derive(Default)]
struct Known {
    offers: FxHashMap<ServiceInstance, Received>,
    /// The protocols of responses from services without a received offer.
    confirmed: FxHashMap<ServiceInstance, Protocols>,
    /// The services whose protocol is assumed until a response confirms it.
    unconfirmed: FxHashSet<ServiceInstance>,
}

/// A received offer.
#[derive(Clone, Copy)]
struct Received {
    protocols: Protocols,
    /// When it expires, unless it is repeated.
    expiry: Option<Instant>,
}

impl Known {
    fn of(&self, service: ServiceInstance) -> Option<Protocols> {
        let offered = self.offers.get(&service).map(|offer| offer.protocols);
        offered.or_else(|| self.confirmed.get(&service).copied())
    }

    /// Remembers an offer. If there are too many, it replaces an arbitrary one.
    fn insert(&mut self, service: ServiceInstance, offer: Received) {
        if self.offers.len() >= MAX_SERVICES && !self.offers.contains_key(&service) {
            let any = self.offers.keys().next().copied();
            any.and_then(|any| self.offers.remove(&any));
        }
        self.offers.insert(service, offer);
        self.confirmed.remove(&service);
        self.unconfirmed.remove(&service);
    }
}

impl Announcements {
    /// The protocols of a service, if they are known.
    pub(crate) fn of(&self, service: ServiceInstance) -> Option<Protocols> {
        self.known.lock().of(service)
    }

    pub(crate) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Whether offers are being received.
    pub(crate) fn is_listening(&self) -> bool {
        self.is_listening.load(Ordering::Relaxed)
    }

    /// Asks for the protocol of a service to be [confirmed](Self::confirm) by a response.
    pub(crate) fn request_confirmation(&self, service: ServiceInstance) {
        let mut known = self.known.lock();
        if known.of(service).is_none() {
            known.unconfirmed.insert(service);
            self.awaits_confirmation.store(true, Ordering::Relaxed);
        }
    }

    /// Takes the protocol of a response as one that its service accepts requests over.
    pub(crate) fn confirm(&self, service: ServiceInstance, is_reliable: bool) {
        if !self.awaits_confirmation.load(Ordering::Relaxed) {
            return;
        }
        let mut known = self.known.lock();
        if known.unconfirmed.remove(&service) {
            let protocols = Protocols::default().with(Protocol::of(is_reliable));
            known.confirmed.insert(service, protocols);
            log::debug!(service:% = service; "service {service} answers over {protocols:?}");
            self.publish_change(&known);
        }
    }

    /// Forgets the confirmed protocols of services that have gone.
    pub(crate) fn forget_confirmations(&self, is_gone: impl Fn(ServiceInstance) -> bool) {
        let mut known = self.known.lock();
        if known.unconfirmed.is_empty() && known.confirmed.is_empty() {
            return;
        }
        known.unconfirmed.retain(|service| !is_gone(*service));
        let before = known.confirmed.len();
        known.confirmed.retain(|service, _| !is_gone(*service));
        self.awaits_confirmation.store(!known.unconfirmed.is_empty(), Ordering::Relaxed);
        if known.confirmed.len() != before {
            self.publish_change(&known);
        }
    }

    pub(super) fn take(&self, Offer { service, protocols, lifetime }: Offer, now: Instant) {
        let mut known = self.known.lock();
        let before = known.of(service);
        match protocols {
            Some(protocols) => {
                let expiry = lifetime.and_then(|lifetime| now.checked_add(lifetime));
                known.insert(service, Received { protocols, expiry });
            }
            None => _ = known.offers.remove(&service),
        }
        if known.of(service) != before {
            log::debug!(service:% = service; "service {service} is offered over {protocols:?}");
            self.publish_change(&known);
        }
    }

    /// Removes the offers that were not repeated in time.
    fn remove_expired(&self, now: Instant) {
        let mut known = self.known.lock();
        let before = known.offers.len();
        known.offers.retain(|_, offer| offer.expiry.is_none_or(|expiry| expiry > now));
        if known.offers.len() != before {
            self.publish_change(&known);
        }
    }

    /// Notifies of a change, under the lock.
    fn publish_change(&self, known: &MutexGuard<'_, Known>) {
        self.awaits_confirmation.store(!known.unconfirmed.is_empty(), Ordering::Relaxed);
        self.changes.fetch_add(1, Ordering::Release);
        self.changed.send_replace(());
    }

    /// Opens the socket for [`listen`](Self::listen), so that nothing is missed before that runs.
    pub(crate) fn open(&self, group: &DiscoveryGroup) -> Option<UdpSocket> {
        match open(group) {
            Ok(socket) => {
                self.is_listening.store(true, Ordering::Relaxed);
                Some(socket)
            }
            Err(error) => {
                log::warn!(
                    "the offers of other hosts cannot be received at {}, port {}, on the interface of \
                     {}: {error}; retrying. Until then, requests use the protocol set by \
                     `TransportBuilder::protocol` or listed in `services` of vsomeip's configuration, \
                     else the default",
                    group.address,
                    group.port,
                    group.own
                );
                None
            }
        }
    }

    /// Receives offers. Never returns.
    pub(crate) async fn listen(&self, group: DiscoveryGroup, mut socket: Option<UdpSocket>) {
        loop {
            if let Some(socket) = socket {
                if !self.is_listening.swap(true, Ordering::Relaxed) {
                    log::info!("receiving the offers of other hosts at {}", group.address);
                }
                if let Err(error) = self.receive(socket, group.own).await {
                    log::warn!("the offers of other hosts can no longer be received: {error}");
                    self.is_listening.store(false, Ordering::Relaxed);
                }
            } else {
                self.is_listening.store(false, Ordering::Relaxed);
            }
            if !self.is_listening() {
                sleep(RETRY).await;
                self.remove_expired(Instant::now());
            }
            socket = open(&group).ok();
        }
    }

    /// Receives offers until [`SILENCE`] or an error.
    async fn receive(&self, socket: UdpSocket, own: IpAddr) -> io::Result<()> {
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
                    self.remove_expired(now);
                    if now.duration_since(last) > SILENCE {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// Opens a socket bound to the multicast address, so that vsomeip's socket gets all unicast datagrams.
pub(crate) fn open(group: &DiscoveryGroup) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(at(group)), Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at(group).into())?;
    match (group.address, group.own) {
        (IpAddr::V4(address), IpAddr::V4(own)) => {
            // Ignore datagrams to groups that other sockets joined on other interfaces.
            #[cfg(target_os = "linux")]
            socket.set_multicast_all_v4(false)?;
            socket.join_multicast_v4(&address, &own)?;
        }
        // Like vsomeip, on the interface chosen by the routes.
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
