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

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use socket2::{Domain, Socket, Type};
use tokio::sync::watch;

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

#[derive(Default)]
pub(crate) struct Announcements {
    by_service: Mutex<FxHashMap<ServiceInstance, Protocols>>,
    /// How many changes there were.
    changes: AtomicU32,
    changed: watch::Sender<()>,
    is_listening: AtomicBool,
    /// Whether anybody has to assume a protocol, which a response would prove.
    wants_proof: AtomicBool,
}

impl Announcements {
    /// The protocols of a service, as far as that was heard.
    pub(crate) fn of(&self, service: ServiceInstance) -> Option<Protocols> {
        self.by_service.lock().get(&service).copied()
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

    /// Has [`prove`](Self::prove) take notice of responses.
    pub(crate) fn want_proof(&self) {
        self.wants_proof.store(true, Ordering::Relaxed);
    }

    /// Takes notice of a response: where it comes from, requests can go to.
    pub(crate) fn prove(&self, service: ServiceInstance, is_reliable: bool) {
        if self.wants_proof.load(Ordering::Relaxed) && self.of(service).is_none() {
            let protocols = Protocols::default().with(Protocol::of(is_reliable));
            self.take(Offer { service, protocols: Some(protocols) });
        }
    }

    pub(super) fn take(&self, Offer { service, protocols }: Offer) {
        let mut by_service = self.by_service.lock();
        let before = match protocols {
            Some(_) if by_service.len() >= MAX_SERVICES && !by_service.contains_key(&service) => {
                return;
            }
            Some(protocols) => by_service.insert(service, protocols),
            None => by_service.remove(&service),
        };
        if before != protocols {
            log::debug!("service {service} is offered over {protocols:?}");
            self.changes.fetch_add(1, Ordering::Release);
            self.changed.send_replace(());
        }
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
                self.is_listening.store(true, Ordering::Relaxed);
                let error = self.hear(socket, group.own).await;
                log::warn!("the offers of other hosts are heard no longer: {error}");
                self.is_listening.store(false, Ordering::Relaxed);
            }
            tokio::time::sleep(RETRY).await;
            socket = open(&group).ok();
        }
    }

    /// Returns why it could not go on.
    async fn hear(&self, socket: UdpSocket, own: IpAddr) -> io::Error {
        let socket = match tokio::net::UdpSocket::from_std(socket) {
            Ok(socket) => socket,
            Err(error) => return error,
        };
        let mut buffer = vec![0; MAX_DATAGRAM];
        loop {
            match socket.recv(&mut buffer).await {
                Ok(length) => {
                    let datagram = buffer.get(..length).unwrap_or_default();
                    offers_in(datagram, own).into_iter().for_each(|offer| self.take(offer));
                }
                Err(error) => return error,
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
        (IpAddr::V4(address), IpAddr::V4(own)) => socket.join_multicast_v4(&address, &own)?,
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
        self.take(Offer { service, protocols });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::service;

    const UDP: Protocols = Protocols { udp: true, tcp: false };
    const TCP: Protocols = Protocols { udp: false, tcp: true };

    fn offer(number: u16, protocols: Option<Protocols>) -> Offer {
        Offer { service: service(number, 1), protocols }
    }

    #[test]
    fn last_offer_counts() {
        let announcements = Announcements::default();
        let mut changed = announcements.watch();
        for (protocols, changes) in
            [(Some(UDP), 1), (Some(UDP), 1), (Some(TCP), 2), (None, 3), (None, 3)]
        {
            announcements.take(offer(1, protocols));
            assert_eq!(announcements.of(service(1, 1)), protocols);
            assert_eq!(announcements.of(service(2, 1)), None);
            assert_eq!(announcements.changes(), changes);
        }
        assert!(changed.has_changed().unwrap());
        changed.mark_unchanged();
        announcements.take(offer(1, None));
        assert!(!changed.has_changed().unwrap());
    }

    #[test]
    fn flood_of_offers_is_bounded() {
        let announcements = Announcements::default();
        for number in 1..=u16::MAX - 1 {
            announcements.take(offer(number, Some(UDP)));
        }
        assert_eq!(announcements.by_service.lock().len(), MAX_SERVICES);
        announcements.take(offer(1, Some(TCP)));
        assert_eq!(announcements.of(service(1, 1)), Some(TCP));
    }

    #[test]
    fn response_proves_its_protocol_if_that_was_assumed() {
        let announcements = Announcements::default();
        announcements.prove(service(1, 1), true);
        assert_eq!(announcements.of(service(1, 1)), None);
        announcements.want_proof();
        announcements.prove(service(1, 1), true);
        assert_eq!(announcements.of(service(1, 1)), Some(TCP));
        announcements.take(offer(1, Some(UDP)));
        announcements.prove(service(1, 1), true);
        assert_eq!(announcements.of(service(1, 1)), Some(UDP));
    }
}
