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

//! `services`: what is offered here, or by a host that is known beforehand.

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
        /// The service id: 1 to 0xfffe. vsomeip reads others, but the transport does not use them.
        "service" as Hex => service: u16,
        /// The instance id: 1 to 0xfffe. vsomeip reads others, but the transport does not use them.
        "instance" as Hex => instance: u16,
        /// The host that offers it: an IP address, or `local`, which is the default. Another
        /// address than the own one says that the service is not ours to offer; without service
        /// discovery, that is how it is found.
        "unicast" as Text => unicast: Option<String>,
        /// The TCP port; by default, it is not offered over TCP.
        "reliable" as Brief => reliable: Option<ReliablePort>,
        /// The UDP port; by default, it is not offered over UDP.
        "unreliable" as Port => unreliable: Option<u16>,
        /// Where the eventgroups with `is_multicast` are sent to.
        "multicast" => multicast: Option<Multicast>,
        /// `someip` by default. With anything else, vsomeip announces the service, but opens no
        /// port for it.
        "protocol" as Text => protocol: Option<String>,
        /// Its events and fields.
        "events" => events: Vec<Event>,
        /// Its eventgroups. An event that is in none is, for the transport, in the one of its own
        /// number.
        "eventgroups" => eventgroups: Vec<Eventgroup>,
        /// For how long messages are held back, to be sent several at a time.
        "debounce-times" => debounce_times: Option<DebounceTimes>,
        /// Which messages may be sent in segments over UDP.
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
        /// Its id: 1 to 0xfffe, by convention from 0x8000 on; required.
        "event" as Hex => event: u16,
        /// Whether it is a field: has a value, which a new subscriber gets at once. False by
        /// default.
        "is_field" as Word => is_field: Option<bool>,
        /// Whether it is sent over TCP alone, or over UDP alone. By default over whatever port the
        /// service has; if it has both, over the one that is subscribed to. An installed vsomeip
        /// takes UDP then.
        "is_reliable" as Word => is_reliable: Option<bool>,
        /// After how many milliseconds vsomeip sends the value of a field again; 0, which means
        /// never, by default. (`update-cycle`, in examples of vsomeip, is not read.)
        "cycle" as Decimal => cycle: Option<u32>,
        /// Whether a change starts the cycle anew; false by default.
        "change_resets_cycle" as Word => change_resets_cycle: Option<bool>,
        /// Whether a change is sent at once; true by default.
        "update_on_change" as Word => update_on_change: Option<bool>,
    }

    /// An eventgroup: what one subscribes to.
    pub struct Eventgroup: Last {
        /// Its id: 1 to 0xfffe; required.
        "eventgroup" as Hex => eventgroup: u16,
        /// The ids of its events.
        "events" as Hex => events: Vec<u16>,
        /// Whether it is sent to the service's multicast address; false by default.
        "is_multicast" as Word => is_multicast: Option<bool>,
        /// A multicast address of its own.
        "multicast" => multicast: Option<Multicast>,
        /// From how many subscribers on its multicast address is used; 0, which means never, by
        /// default.
        "threshold" as Byte => threshold: Option<u8>,
    }

    /// A TCP port that a service is offered on.
    pub struct ReliablePort: Last looked_up {
        /// The port; required.
        "port" as Port => port: Option<u16>,
        /// Whether messages are marked so that a receiver finds its way back into a stream that is
        /// damaged; false by default.
        "enable-magic-cookies" as Word => enable_magic_cookies: Option<bool>,
    }
}

/// What vsomeip calls the own host in [`Service::unicast`].
pub(super) const LOCAL: &str = "local";
/// vsomeip's default for the own address.
pub(super) const DEFAULT_UNICAST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Service {
    /// An instance of a service, with neither ports nor events.
    pub fn new(service: u16, instance: u16) -> Self {
        Self { service, instance, ..Self::default() }
    }

    /// Offers it on a UDP port.
    #[must_use]
    pub fn with_unreliable(self, port: u16) -> Self {
        Self { unreliable: Some(port), ..self }
    }

    /// Offers it on a TCP port.
    #[must_use]
    pub fn with_reliable(self, port: u16) -> Self {
        Self { reliable: Some(port.into()), ..self }
    }

    /// Says that another host offers it.
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

    /// Adds an eventgroup with some of its events.
    #[must_use]
    pub fn with_eventgroup(mut self, eventgroup: u16, events: &[u16]) -> Self {
        self.eventgroups.push(Eventgroup {
            eventgroup,
            events: events.to_vec(),
            ..Eventgroup::default()
        });
        self
    }

    /// The other host that offers it, if there is one; `own` is this host's address.
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
    /// An event of the given id.
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
