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
//! What other hosts announce, as long as it holds.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde::Serialize;
use up_transport_vsomeip::inspect::{Announcement, Endpoint};
use up_transport_vsomeip::ServiceInstance;

/// What is announced of a service by one host.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offer {
    pub(crate) host: IpAddr,
    pub(crate) version: u8,
    pub(crate) minor_version: u32,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// An endpoint in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Place {
    pub(crate) protocol: String,
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

impl From<&Endpoint> for Place {
    fn from(it: &Endpoint) -> Self {
        Self { protocol: it.protocol.to_string(), address: it.address, port: it.port }
    }
}

impl Place {
    pub(crate) fn text(&self) -> String {
        let at = std::net::SocketAddr::new(self.address, self.port);
        format!("{} {at}", self.protocol)
    }
}

/// The places of an offer for people.
pub(crate) fn texts(places: &[Place]) -> String {
    places.iter().map(Place::text).collect::<Vec<_>>().join(", ")
}

impl Offer {
    pub(crate) fn places(&self) -> Vec<Place> {
        self.endpoints.iter().map(Place::from).collect()
    }
}

/// What has become of an offer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Offered(ServiceInstance, Offer),
    Withdrawn(ServiceInstance, Offer),
    /// It was not repeated in time.
    Expired(ServiceInstance, Offer),
}

type Key = (ServiceInstance, IpAddr);

/// No network has as many offers.
const MAX_OFFERS: usize = 16_384;

/// All offers that hold.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    offers: BTreeMap<Key, (Offer, Option<Instant>)>,
    /// Who has sent anything at all.
    hosts: std::collections::BTreeSet<IpAddr>,
}

impl Heard {
    /// Takes what came from a host.
    pub(crate) fn take(
        &mut self,
        host: IpAddr,
        announcements: Vec<Announcement>,
        now: Instant,
    ) -> Vec<Change> {
        if self.hosts.len() < MAX_OFFERS {
            self.hosts.insert(host);
        }
        announcements.into_iter().filter_map(|it| self.take_one(host, it, now)).collect()
    }

    fn take_one(&mut self, host: IpAddr, it: Announcement, now: Instant) -> Option<Change> {
        let key = (it.service, host);
        if it.lifetime == Some(Duration::ZERO) {
            let (offer, _) = self.offers.remove(&key)?;
            return Some(Change::Withdrawn(it.service, offer));
        }
        if self.offers.len() >= MAX_OFFERS && !self.offers.contains_key(&key) {
            return None;
        }
        let Announcement { service, version, minor_version, endpoints, lifetime, .. } = it;
        let offer = Offer { host, version, minor_version, endpoints };
        let end = lifetime.and_then(|lifetime| now.checked_add(lifetime));
        let before = self.offers.insert(key, (offer.clone(), end));
        let is_new = before.is_none_or(|(before, _)| before != offer);
        is_new.then_some(Change::Offered(service, offer))
    }

    /// Forgets what was not repeated in time.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Change> {
        let is_over = |end: &Option<Instant>| end.is_some_and(|end| end <= now);
        let over: Vec<Key> =
            self.offers.iter().filter(|(_, (_, end))| is_over(end)).map(|(key, _)| *key).collect();
        let change =
            |key: Key| Some(Change::Expired(key.0, self.offers.remove(&key).map(|(it, _)| it)?));
        over.into_iter().filter_map(change).collect()
    }

    pub(crate) fn offers(&self) -> impl Iterator<Item = (ServiceInstance, &Offer)> {
        self.offers.iter().map(|((service, _), (offer, _))| (*service, offer))
    }

    pub(crate) fn of(&self, service: ServiceInstance) -> impl Iterator<Item = &Offer> {
        self.offers().filter(move |(it, _)| *it == service).map(|(_, offer)| offer)
    }

    /// The hosts that take part in service discovery, but for `own`.
    pub(crate) fn hosts(&self, own: IpAddr) -> Vec<IpAddr> {
        self.hosts.iter().copied().filter(|host| *host != own).collect()
    }
}

/// `0x1234.1`, as it can be written on the command line.
pub(crate) fn name_of(service: ServiceInstance) -> String {
    format!("{:#06x}.{}", service.service(), service.instance())
}
