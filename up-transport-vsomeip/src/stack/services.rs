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

//! `services`: the services of this host, and those of other hosts with a known address.

use std::net::{IpAddr, Ipv4Addr};

use super::read::Tree;
use super::segmentation::{DebounceTimes, SomeIpTp};
use super::understand::declaring::sections;
use super::understand::field::{scalar, Brief, ShortOrLong};
use super::understand::section::Section;
use super::understand::text::{address, Byte, Decimal, Hex, Port, Text, Word};
use super::warn::Notes;

sections! {
    /// An instance of a service.
    pub struct Service: Last settled {
        /// The service id, 1 to 0xfffe. The transport ignores services with other ids.
        "service" as Hex => service: u16,
        /// The instance id, 1 to 0xfffe. The transport ignores services with other ids.
        "instance" as Hex => instance: u16,
        /// The host that offers the service: an IP address, or `local`, which is the default. The
        /// address of another host makes the service one of that host, which is found there without
        /// service discovery.
        "unicast" as Text => unicast: Option<String>,
        /// The TCP port; not offered over TCP by default.
        "reliable" as Brief => reliable: Option<ReliablePort>,
        /// The UDP port; not offered over UDP by default.
        "unreliable" as Port => unreliable: Option<u16>,
        /// The multicast address of the eventgroups with `is_multicast`.
        "multicast" => multicast: Option<Multicast>,
        /// `someip` by default. With any other protocol, vsomeip announces the service without opening
        /// a port for it.
        "protocol" as Text => protocol: Option<String>,
        /// The events and fields.
        "events" => events: Vec<Event>,
        /// The eventgroups. The transport assumes that an event without one is in the eventgroup with
        /// its own number.
        "eventgroups" => eventgroups: Vec<Eventgroup>,
        /// How long messages are collected, to be sent together.
        "debounce-times" => debounce_times: Option<DebounceTimes>,
        /// The messages that may be segmented over UDP.
        "someip-tp" => someip_tp: Option<SomeIpTp>,
    }

    /// A multicast address and port.
    pub struct Multicast: Last looked_up {
        /// The multicast address; required.
        "address" as Word => address: Option<IpAddr>,
        /// The port; required.
        "port" as Decimal => port: Option<u16>,
    }

    /// An event or a field.
    pub struct Event: Last {
        /// The event id: 1 to 0xfffe, by convention from 0x8000 on; required.
        "event" as Hex => event: u16,
        /// Whether it is a field, which keeps its last value and sends it to each new subscriber; false
        /// by default.
        "is_field" as Word => is_field: Option<bool>,
        /// Whether it is sent over TCP only (true) or UDP only (false). By default over the port that
        /// the service has, or with both ports, the one that is subscribed to; a vsomeip other than the
        /// bundled one uses UDP then.
        "is_reliable" as Word => is_reliable: Option<bool>,
        /// The period in milliseconds at which vsomeip resends the value of a field; 0, for never, by
        /// default. (vsomeip does not read `update-cycle`, which its examples use.)
        "cycle" as Decimal => cycle: Option<u32>,
        /// Whether a change restarts the period; false by default.
        "change_resets_cycle" as Word => change_resets_cycle: Option<bool>,
        /// Whether a change is sent at once; true by default.
        "update_on_change" as Word => update_on_change: Option<bool>,
    }

    /// An eventgroup: events that clients subscribe to together.
    pub struct Eventgroup: Last {
        /// The eventgroup id: 1 to 0xfffe; required.
        "eventgroup" as Hex => eventgroup: u16,
        /// The ids of the events.
        "events" as Hex => events: Vec<u16>,
        /// Whether events are sent to the service's multicast address; false by default.
        "is_multicast" as Word => is_multicast: Option<bool>,
        /// A multicast address for this eventgroup only.
        "multicast" => multicast: Option<Multicast>,
        /// The number of subscribers from which on multicast is used; 0, for never, by default.
        "threshold" as Byte => threshold: Option<u8>,
    }

    /// The TCP port of a service.
    pub struct ReliablePort: Last looked_up {
        /// The port; required.
        "port" as Port => port: Option<u16>,
        /// Whether to send magic cookies, with which a receiver resynchronises to a damaged stream;
        /// false by default.
        "enable-magic-cookies" as Word => enable_magic_cookies: Option<bool>,
    }
}

/// vsomeip's name of this host in [`Service::unicast`].
pub(super) const LOCAL: &str = "local";
/// vsomeip's default for the own address.
pub(super) const DEFAULT_UNICAST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Service {
    /// An instance of a service without ports and events.
    pub fn new(service: u16, instance: u16) -> Self {
        Self { service, instance, ..Self::default() }
    }

    /// Sets the UDP port.
    #[must_use]
    pub fn with_unreliable(self, port: u16) -> Self {
        Self { unreliable: Some(port), ..self }
    }

    /// Sets the TCP port.
    #[must_use]
    pub fn with_reliable(self, port: u16) -> Self {
        Self { reliable: Some(port.into()), ..self }
    }

    /// Sets the host that offers it.
    #[must_use]
    pub fn at(self, host: IpAddr) -> Self {
        Self { unicast: Some(host.to_string()), ..self }
    }

    /// Adds an event.
    #[must_use]
    pub fn with_event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// Adds an eventgroup of the given events.
    #[must_use]
    pub fn with_eventgroup(mut self, eventgroup: u16, events: &[u16]) -> Self {
        self.eventgroups.push(Eventgroup {
            eventgroup,
            events: events.to_vec(),
            ..Eventgroup::default()
        });
        self
    }

    /// The other host that offers it; `None` if this host does. `own` is this host's address.
    ///
    /// ```
    /// use up_transport_vsomeip::stack::Service;
    /// # fn main() -> Result<(), std::net::AddrParseError> {
    /// let (own, other) = ("192.168.0.1".parse()?, "192.168.0.2".parse()?);
    /// let service = Service::new(0x1234, 1);
    /// assert_eq!(service.other_host(Some(own)), None);
    /// assert_eq!(service.at(other).other_host(Some(own)), Some("192.168.0.2"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn other_host(&self, own: Option<IpAddr>) -> Option<&str> {
        let host = self.unicast.as_deref().filter(|host| !host.is_empty() && *host != LOCAL)?;
        let own = own.unwrap_or(DEFAULT_UNICAST);
        let is_own = address(host).is_some_and(|host| host == own || host == DEFAULT_UNICAST);
        (!is_own).then_some(host)
    }
}

impl Event {
    /// An event with the given id.
    pub fn new(event: u16) -> Self {
        Self { event, ..Self::default() }
    }

    /// Makes it a field.
    #[must_use]
    pub fn field(self) -> Self {
        Self { is_field: Some(true), ..self }
    }
}

impl From<u16> for ReliablePort {
    fn from(port: u16) -> Self {
        Self { port: Some(port), ..Self::default() }
    }
}

impl ShortOrLong for ReliablePort {
    type Long = Self;

    fn from_short(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self> {
        scalar::<Port, u16>(tree, notes).map(Self::from)
    }
    fn from_long(long: Self) -> Self {
        long
    }
    fn written(&self) -> Tree {
        self.write()
    }
}
