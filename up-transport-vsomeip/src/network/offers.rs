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
struct Endpoint {
    address: IpAddr,
    protocol: Protocol,
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
    let (mut reader, mut offers) = (Reader(datagram), Vec::new());
    while let Some((message, payload)) = message(&mut reader) {
        if message == SD_MESSAGE {
            offers.extend(offers_of(payload, own).unwrap_or_default());
        }
    }
    offers
}

/// The service and method id of the next message, and its payload.
fn message<'a>(reader: &mut Reader<'a>) -> Option<([u8; 4], &'a [u8])> {
    let id = reader.array()?;
    let length = reader.length()?;
    let rest = reader.take(length)?;
    Some((id, rest.get(HEADER_REST..)?))
}

fn offers_of(payload: &[u8], own: IpAddr) -> Option<Vec<Offer>> {
    const FLAGS: usize = 4;
    let mut reader = Reader(payload);
    reader.take(FLAGS)?;
    let length = reader.length()?;
    let entries = reader.take(length)?;
    let length = reader.length()?;
    let endpoints = endpoints(reader.take(length)?);
    Some(entries.chunks_exact(ENTRY).filter_map(|entry| offer(entry, &endpoints, own)).collect())
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
    (reader.u16()? != 0).then_some(Endpoint { address, protocol })
}

fn offer(entry: &[u8], endpoints: &[Option<Endpoint>], own: IpAddr) -> Option<Offer> {
    let mut reader = Reader(entry);
    if reader.u8()? != OFFER {
        return None;
    }
    let [first, second, counts] = reader.array()?;
    let (service, instance) = (ServiceId(reader.u16()?), InstanceId(reader.u16()?));
    let service = ServiceInstance { service, instance };
    let _version = reader.u8()?;
    let [high, middle, low] = reader.array()?;
    let seconds = u32::from_be_bytes([0, high, middle, low]);
    if !service.is_concrete() {
        return None;
    }
    if seconds == 0 {
        return Some(Offer { service, protocols: None, lifetime: None });
    }
    let lifetime = (seconds != FOREVER).then(|| Duration::from_secs(seconds.into()));
    let mut protocols = Protocols::default();
    for (index, count) in [(first, counts >> 4), (second, counts & 0xf)] {
        let referred = endpoints.iter().skip(index.into()).take(count.into()).flatten();
        for endpoint in referred.filter(|endpoint| endpoint.address != own) {
            protocols = protocols.with(endpoint.protocol);
        }
    }
    let has_any = protocols != Protocols::default();
    has_any.then_some(Offer { service, protocols: Some(protocols), lifetime })
}

#[cfg(test)]
mod tests;
