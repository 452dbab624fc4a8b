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

//! Parses the offers in a datagram of SOME/IP service discovery (SD). Pure functions over untrusted bytes:
//! malformed input offers nothing.
//!
//! A datagram consists of SOME/IP messages. An SD message has flags, entries of 16 bytes, and options that
//! the entries refer to by index.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use vsomeip_sys::{InstanceId, ServiceId};

use crate::mapping::uri::ServiceInstance;
use crate::protocol::{Protocol, Protocols};

/// An offer of a service, or the end of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) service: ServiceInstance,
    /// The protocols of its endpoints; `None` ends the offer.
    pub(super) protocols: Option<Protocols>,
    /// How long it is valid unless repeated; `None` means forever.
    pub(super) lifetime: Option<Duration>,
}

/// The service and method id of SD messages.
const SD_MESSAGE: [u8; 4] = [0xff, 0xff, 0x81, 0x00];
/// The bytes that the length of a SOME/IP message counts besides the payload.
const HEADER_REST: usize = 8;
const ENTRY: usize = 16;

/// The time to live of an offer that never expires.
const FOREVER: u32 = 0x00ff_ffff;

const OFFER: u8 = 0x01;
const IPV4_ENDPOINT: u8 = 0x04;
const IPV6_ENDPOINT: u8 = 0x06;
const TCP: u8 = 0x06;
const UDP: u8 = 0x11;

/// An address and protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address of the host.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// UDP or TCP.
    pub protocol: Protocol,
}

/// What a host announces of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Announcement {
    /// The service.
    pub service: ServiceInstance,
    /// Its interface version, which is the major version.
    pub version: u8,
    /// Its minor version.
    pub minor_version: u32,
    /// Where it can be called.
    pub endpoints: Vec<Endpoint>,
    /// For how long that holds unless it is repeated: zero if the offer ends, `None` for ever.
    pub lifetime: Option<Duration>,
}

/// Reads from the front of a byte slice.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*front)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn length(&mut self) -> Option<usize> {
        self.array().map(u32::from_be_bytes).and_then(|length| length.try_into().ok())
    }
}

/// The offers in a datagram, except those of the host with the address `own`.
pub(super) fn offers_in(datagram: &[u8], own: IpAddr) -> Vec<Offer> {
    announcements_in(datagram).iter().filter_map(|it| offer(it, own)).collect()
}

/// All that a datagram announces.
pub(crate) fn announcements_in(datagram: &[u8]) -> Vec<Announcement> {
    let (mut reader, mut announcements) = (Reader(datagram), Vec::new());
    while let Some((message, payload)) = message(&mut reader) {
        if message == SD_MESSAGE {
            announcements.extend(announcements_of(payload).unwrap_or_default());
        }
    }
    announcements
}

/// The service and method id of the next message, and its payload.
fn message<'a>(reader: &mut Reader<'a>) -> Option<([u8; 4], &'a [u8])> {
    let id = reader.array()?;
    let length = reader.length()?;
    let rest = reader.take(length)?;
    Some((id, rest.get(HEADER_REST..)?))
}

fn announcements_of(payload: &[u8]) -> Option<Vec<Announcement>> {
    const FLAGS: usize = 4;
    let mut reader = Reader(payload);
    reader.take(FLAGS)?;
    let length = reader.length()?;
    let entries = reader.take(length)?;
    let length = reader.length()?;
    let endpoints = endpoints(reader.take(length)?);
    Some(entries.chunks_exact(ENTRY).filter_map(|entry| announcement(entry, &endpoints)).collect())
}

/// One item for each option; `None` if it is not an endpoint.
fn endpoints(options: &[u8]) -> Vec<Option<Endpoint>> {
    let (mut reader, mut endpoints) = (Reader(options), Vec::new());
    while let Some(option) = option(&mut reader) {
        endpoints.push(endpoint(option));
    }
    endpoints
}

/// The type and value of the next option, whose length does not count the type.
fn option<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = usize::from(reader.u16()?);
    reader.take(length.saturating_add(1))
}

fn endpoint(option: &[u8]) -> Option<Endpoint> {
    let mut reader = Reader(option);
    let kind = reader.u8()?;
    let _reserved = reader.u8()?;
    let address = match kind {
        IPV4_ENDPOINT => Ipv4Addr::from(reader.array::<4>()?).into(),
        IPV6_ENDPOINT => Ipv6Addr::from(reader.array::<16>()?).into(),
        _ => return None,
    };
    let _reserved = reader.u8()?;
    let protocol = match reader.u8()? {
        TCP => Protocol::Tcp,
        UDP => Protocol::Udp,
        _ => return None,
    };
    let port = reader.u16()?;
    (port != 0).then_some(Endpoint { address, port, protocol })
}

fn announcement(entry: &[u8], endpoints: &[Option<Endpoint>]) -> Option<Announcement> {
    let mut reader = Reader(entry);
    if reader.u8()? != OFFER {
        return None;
    }
    let [first, second, counts] = reader.array()?;
    let (service, instance) = (ServiceId(reader.u16()?), InstanceId(reader.u16()?));
    let service = ServiceInstance { service, instance };
    let version = reader.u8()?;
    let [high, middle, low] = reader.array()?;
    let seconds = u32::from_be_bytes([0, high, middle, low]);
    let minor_version = reader.array().map(u32::from_be_bytes)?;
    let lifetime = (seconds != FOREVER).then(|| Duration::from_secs(seconds.into()));
    let runs = [(first, counts >> 4), (second, counts & 0xf)].into_iter();
    let referred = |(index, count): (u8, u8)| {
        endpoints.iter().skip(index.into()).take(count.into()).flatten().copied()
    };
    let endpoints = runs.flat_map(referred).collect();
    let found = Announcement { service, version, minor_version, endpoints, lifetime };
    service.is_concrete().then_some(found)
}

/// What an announcement means for who calls services of hosts other than `own`.
fn offer(announcement: &Announcement, own: IpAddr) -> Option<Offer> {
    let Announcement { service, lifetime, .. } = *announcement;
    if lifetime == Some(Duration::ZERO) {
        return Some(Offer { service, protocols: None, lifetime: None });
    }
    let others = announcement.endpoints.iter().filter(|endpoint| endpoint.address != own);
    let protocols = others.fold(Protocols::default(), |all, it| all.with(it.protocol));
    let has_any = protocols != Protocols::default();
    has_any.then_some(Offer { service, protocols: Some(protocols), lifetime })
}

#[cfg(test)]
mod tests;
