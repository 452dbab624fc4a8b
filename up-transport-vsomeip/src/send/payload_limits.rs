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

//! Checks whether vsomeip can send and protect a payload. It drops larger ones, and only logs that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;
use up_rust::UStatus;
use vsomeip_sys::{Header, ServiceId};

use crate::error::invalid_argument;
use crate::mapping::protection::Protection;
use crate::mapping::uri::{service_of, ServiceInstance};
use crate::stack::{Service, StackConfig};
use crate::vsomeip::version::is_since;

/// The largest payload in a datagram of vsomeip's, which has 1,416 bytes with the SOME/IP header.
const DATAGRAM: usize = 1400;
/// Since vsomeip 3.7.4, a local command has 10 MiB at most by default, 31 bytes of which are headers.
const DEFAULT_SINCE_3_7_4: usize = 10 * 1024 * 1024 - 31;

const LOCAL_REMEDY: &str = "raise `max-payload-size-local` in vsomeip's configuration";
const TCP_REMEDY: &str =
    "raise `max-payload-size-reliable` or `payload-sizes` in vsomeip's configuration";
const SEGMENTS_REMEDY: &str = "raise `max-payload-size-unreliable` in vsomeip's configuration";
const REQUEST_REMEDY: &str =
    "list the method in `someip-tp.client-to-service` of the service, with \
     its `unicast` and `unreliable`, in vsomeip's configuration, or send over TCP";
const OWN_REMEDY: &str = "list it in `someip-tp.service-to-client` of the service in vsomeip's \
     configuration, or use TCP";

/// The maximum size of a payload, in bytes, and the remedy if it is larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    bytes: usize,
    remedy: &'static str,
}

impl Limit {
    fn new(configured: Option<u32>, default: usize, remedy: &'static str) -> Self {
        Self { bytes: configured.map_or(default, bytes), remedy }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the payload is too large.
    fn check(self, size: usize) -> Result<(), UStatus> {
        if size <= self.bytes {
            return Ok(());
        }
        let Self { bytes, remedy } = self;
        Err(invalid_argument(format!(
            "the payload has {size} bytes, but {bytes} are the limit; {remedy}"
        )))
    }
}

/// The receivers that a message reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of them.
    All,
    /// Only those on this host, as it is too large for the network.
    ThisHost,
}

/// The limits of a vsomeip configuration. The other processes of the host are assumed to have the same.
#[derive(Debug)]
pub(crate) struct PayloadLimits {
    /// The smallest of all limits, for a quick check.
    smallest: usize,
    local: Limit,
    tcp: Limit,
    segments: Limit,
    services: BTreeMap<ServiceInstance, Listed>,
    protection: Arc<Protection>,
    /// The topics and methods that were warned about, as too large for the network.
    warned: Mutex<BTreeSet<(ServiceInstance, u16)>>,
}

/// What is configured for a service.
#[derive(Debug)]
struct Listed {
    is_remote: bool,
    has_udp: bool,
    tcp: Option<Limit>,
    /// Whether other hosts can subscribe to its events.
    is_announced: bool,
    reliable_events: BTreeMap<u16, bool>,
    segmented_requests: BTreeSet<u16>,
    segmented_responses: BTreeSet<u16>,
}

// [impl->dsn~someip-payload-size~1]
impl PayloadLimits {
    pub(crate) fn of(config: &StackConfig, vsomeip: &str) -> Self {
        let has_default = is_since(vsomeip, [3, 7, 4]) == Some(true);
        let default = if has_default { DEFAULT_SINCE_3_7_4 } else { usize::MAX };
        let tcp = Limit::new(config.max_payload_size_reliable, default, TCP_REMEDY);
        let segments = config.max_payload_size_unreliable;
        let listed = |service: &Service| (service.identity(), Listed::of(service, config, tcp));
        let services: BTreeMap<_, _> = config.services.iter().map(listed).collect();
        let over_tcp = services.values().filter_map(|listed| listed.tcp);
        let smallest = over_tcp.chain([tcp]).map(|limit| limit.bytes).fold(DATAGRAM, usize::min);
        Self {
            smallest,
            local: Limit { bytes: local(config, default), remedy: LOCAL_REMEDY },
            tcp,
            segments: Limit::new(segments, usize::MAX, SEGMENTS_REMEDY),
            services,
            protection: Arc::new(config.protected_payloads(vsomeip)),
            warned: Mutex::default(),
        }
    }

    /// The local services that other hosts can subscribe to.
    pub(crate) fn announced(&self) -> impl Iterator<Item = ServiceInstance> + '_ {
        self.services.iter().filter(|(_, listed)| listed.is_announced).map(|(service, _)| *service)
    }

    pub(crate) fn protection(&self) -> Arc<Protection> {
        self.protection.clone()
    }

    /// The number of bytes that E2E protection writes at the beginning of a payload.
    pub(crate) fn room(&self, service: ServiceId, id: u16) -> usize {
        self.protection.room(service, id)
    }

    /// Whether the other checks could fail. Rarely true without E2E protection.
    pub(crate) fn needs_check(&self, bytes: &[u8]) -> bool {
        bytes.len() > self.smallest || !self.protection.is_empty()
    }

    /// Checks a message that stays on this host, as far as is known.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is too large.
    pub(crate) fn check_local(&self, size: usize) -> Result<(), UStatus> {
        self.local.check(size)
    }

    /// Checks a request, with or without return. `is_remote` returns whether the service is known to be on
    /// another host.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is too large, or cannot be protected.
    pub(crate) fn check_request(
        &self,
        header: &Header,
        bytes: &[u8],
        is_remote: impl FnOnce(ServiceInstance) -> bool,
    ) -> Result<(), UStatus> {
        let size = bytes.len();
        self.local.check(size)?;
        let service = service_of(header);
        let listed = self.services.get(&service);
        if !listed.is_some_and(|listed| listed.is_remote) && !is_remote(service) {
            return Ok(());
        }
        self.protection.check(service, header.method().0, bytes)?;
        if header.reliable {
            return listed.and_then(|listed| listed.tcp).unwrap_or(self.tcp).check(size);
        }
        let method = header.method().0;
        match listed.is_some_and(|listed| listed.segmented_requests.contains(&method)) {
            true => self.segments.check(size),
            false => Limit { bytes: DATAGRAM, remedy: REQUEST_REMEDY }.check(size),
        }
    }

    /// Checks the response to a request, whose host vsomeip does not report. Errors without a payload need
    /// no check, as they are never protected.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is too large even for this host, or cannot be protected.
    pub(crate) fn check_response(&self, request: &Header, bytes: &[u8]) -> Result<Reach, UStatus> {
        let (service, method, size) = (service_of(request), request.method().0, bytes.len());
        self.local.check(size)?;
        self.protection.check(service, method, bytes)?;
        let Some(listed) = self.services.get(&service) else { return Ok(Reach::All) };
        Ok(self.reach(service, method, self.outbound(listed, method, request.reliable), size))
    }

    /// Checks an event.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is too large even for this host, or cannot be protected.
    pub(crate) fn check_event(
        &self,
        service: ServiceInstance,
        event: u16,
        bytes: &[u8],
    ) -> Result<Reach, UStatus> {
        let size = bytes.len();
        self.local.check(size)?;
        self.protection.check(service, event, bytes)?;
        let listed = self.services.get(&service).filter(|listed| listed.is_announced);
        let Some(listed) = listed else { return Ok(Reach::All) };
        let is_reliable = listed.reliable_events.get(&event).copied().unwrap_or(!listed.has_udp);
        Ok(self.reach(service, event, self.outbound(listed, event, is_reliable), size))
    }

    /// The limit for messages of a local service to other hosts, if it has an endpoint.
    fn outbound(&self, listed: &Listed, id: u16, is_reliable: bool) -> Option<Limit> {
        match is_reliable {
            true => listed.tcp,
            false if !listed.has_udp => None,
            false if listed.segmented_responses.contains(&id) => Some(self.segments),
            false => Some(Limit { bytes: DATAGRAM, remedy: OWN_REMEDY }),
        }
    }

    fn reach(&self, service: ServiceInstance, id: u16, limit: Option<Limit>, size: usize) -> Reach {
        let Some(Limit { bytes, remedy }) = limit.filter(|limit| size > limit.bytes) else {
            return Reach::All;
        };
        if self.warned.lock().insert((service, id)) {
            log::warn!(
                service:% = service, method:% = format_args!("{id:04x}"), size, limit = bytes;
                "a payload of {size} bytes of {id:04x} of service {service} does not reach other hosts, \
                 whose limit is {bytes} bytes; {remedy} (logged once)"
            );
        }
        Reach::ThisHost
    }
}

impl Listed {
    fn of(service: &Service, config: &StackConfig, tcp: Limit) -> Self {
        let host = service.other_host(config.unicast);
        let port = service.reliable.as_ref().and_then(|reliable| reliable.port);
        let has_udp = service.unreliable.is_some();
        let tp = service.someip_tp.clone().unwrap_or_default();
        let ids = |methods: &[crate::stack::TpMethod]| -> BTreeSet<u16> {
            methods.iter().map(|method| method.method).collect()
        };
        let reliable = |event: &crate::stack::Event| Some((event.event, event.is_reliable?));
        Self {
            is_remote: host.is_some(),
            has_udp,
            tcp: port.map(|port| of_port(config, host, port).unwrap_or(tcp)),
            is_announced: config.discovers(),
            reliable_events: service.events.iter().filter_map(reliable).collect(),
            // vsomeip finds them by the address and port of the service.
            segmented_requests: match host.is_some() && has_udp {
                true => ids(&tp.client_to_service),
                false => BTreeSet::new(),
            },
            segmented_responses: ids(&tp.service_to_client),
        }
    }
}

/// The limit in `payload-sizes` for a port of a host; `None` is this host.
fn of_port(config: &StackConfig, host: Option<&str>, port: u16) -> Option<Limit> {
    let address = match host {
        Some(host) => host.parse().ok(),
        None => config.unicast,
    };
    let of_host = config.payload_sizes.iter().filter(|sizes| sizes.unicast == address);
    let mut ports = of_host.flat_map(|sizes| &sizes.ports);
    let size = ports.find(|of| of.port == Some(port))?.max_payload_size?;
    Some(Limit { bytes: bytes(size), remedy: TCP_REMEDY })
}

/// The limit for local messages: vsomeip raises `max-payload-size-local` to those for other hosts.
fn local(config: &StackConfig, default: usize) -> usize {
    let Some(configured) = config.max_payload_size_local else { return default };
    let ports = config.payload_sizes.iter().flat_map(|sizes| &sizes.ports);
    ports
        .filter_map(|port| port.max_payload_size)
        .chain(config.max_payload_size_reliable)
        .chain(config.max_payload_size_unreliable)
        .chain([configured])
        .map(bytes)
        .fold(DATAGRAM, usize::max)
}

fn bytes(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
