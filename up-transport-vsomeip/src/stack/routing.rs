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

//! `routing`: the routing manager and its clients; `clients`: their ports.

use std::net::IpAddr;

use super::read::Tree;
use super::understand::declaring::sections;
use super::understand::field::{scalar, Brief, ShortOrLong};
use super::understand::section::Section;
use super::understand::text::{BareHex, Either, Flag, Hex, Text, Word};
use super::warn::Notes;

/// The application that hosts the routing manager, which connects the applications of a network. By
/// default the one that starts first.
#[derive(Clone, Debug, PartialEq)]
pub enum Routing {
    /// The name of the application.
    Name(String),
    /// A section with more settings.
    Section(RoutingSection),
}

sections! {
    /// The routing manager and those that connect to it.
    pub struct RoutingSection: First looked_up {
        /// Whether there is a routing manager; true by default.
        "enabled" as Flag => enabled: Option<bool>,
        /// The application that hosts it.
        "host" => host: Option<RoutingHost>,
        /// How the other applications connect to it over TCP.
        "guests" => guests: Option<RoutingGuests>,
    }

    /// The application that hosts the routing manager.
    pub struct RoutingHost: Last settled {
        /// The name.
        "name" as Text => name: Option<String>,
        /// The user that it runs as; for [`Security`](super::Security).
        "uid" as Either => uid: Option<u32>,
        /// The group that it runs as; for [`Security`](super::Security).
        "gid" as Either => gid: Option<u32>,
        /// The address for connections over TCP; by default, applications use Unix domain sockets.
        "unicast" as Word => unicast: Option<IpAddr>,
        /// The port for connections over TCP.
        "port" as Either => port: Option<u16>,
    }

    /// How the other applications connect to the routing manager over TCP.
    pub struct RoutingGuests: Last {
        /// Their address; that of the host by default.
        "unicast" as Word => unicast: Option<IpAddr>,
    }

    /// The user and the group of the routing manager. Deprecated in favour of [`RoutingHost`].
    pub struct RoutingCredentials: Last {
        /// The user id.
        "uid" as Either => uid: Option<u32>,
        /// The group id.
        "gid" as Either => gid: Option<u32>,
    }

    /// The local ports of clients of one service instance, or of services in a range of ports.
    pub struct Client: Last {
        /// The service id.
        "service" as Hex => service: Option<u16>,
        /// The instance id.
        "instance" as Hex => instance: Option<u16>,
        /// The TCP ports, of which the first free one is used.
        "reliable" as Either => reliable: Vec<u16>,
        /// The UDP ports, of which the first free one is used.
        "unreliable" as Either => unreliable: Vec<u16>,
        /// The TCP ports of the services.
        "reliable_remote_ports" => reliable_remote_ports: Option<PortRange>,
        /// The UDP ports of the services.
        "unreliable_remote_ports" => unreliable_remote_ports: Option<PortRange>,
        /// The local TCP ports for `reliable_remote_ports`.
        "reliable_client_ports" => reliable_client_ports: Option<PortRange>,
        /// The local UDP ports for `unreliable_remote_ports`.
        "unreliable_client_ports" => unreliable_client_ports: Option<PortRange>,
    }

    /// An inclusive range of ports.
    pub struct PortRange: Last {
        /// The first port; required.
        "first" as Either => first: Option<u16>,
        /// The last port; required.
        "last" as Either => last: Option<u16>,
    }

    /// An inclusive range of services that are never searched on other hosts.
    pub struct InternalServices: Last {
        /// The first service; required.
        "first" as Brief => first: Option<InternalService>,
        /// The last service; required.
        "last" as Brief => last: Option<InternalService>,
    }

    /// An end of [`InternalServices`].
    pub struct InternalService: Last {
        /// The service id; always hexadecimal, with or without `0x`.
        "service" as BareHex => service: Option<u16>,
        /// The instance id; always hexadecimal, with or without `0x`. By default all instances.
        "instance" as BareHex => instance: Option<u16>,
    }
}

impl Routing {
    /// The name of the application that hosts the routing manager.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Section(section) => section.host.as_ref()?.name.as_deref(),
        }
    }

    /// Whether applications connect to the routing manager over TCP.
    pub(super) fn is_over_tcp(&self) -> bool {
        match self {
            Self::Name(_) => false,
            Self::Section(section) => {
                section.host.as_ref().is_some_and(|host| host.unicast.is_some())
            }
        }
    }
}

impl From<&str> for Routing {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl ShortOrLong for Routing {
    type Long = RoutingSection;

    fn from_short(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self> {
        if !tree.is_scalar() {
            let remedy = "write the name of an application, or an object with `host`";
            notes.warn("vsomeip finds no name in it", remedy);
        }
        Some(Self::Name(tree.text().into_owned()))
    }
    fn from_long(long: RoutingSection) -> Self {
        Self::Section(long)
    }
    fn written(&self) -> Tree {
        match self {
            Self::Name(name) => name.clone().into(),
            Self::Section(section) => section.write(),
        }
    }
}

impl ShortOrLong for InternalService {
    type Long = Self;

    fn from_short(tree: &Tree, notes: &mut Notes<'_>) -> Option<Self> {
        let service = scalar::<BareHex, u16>(tree, notes);
        Some(Self { service, ..Self::default() })
    }
    fn from_long(long: Self) -> Self {
        long
    }
    fn written(&self) -> Tree {
        self.write()
    }
}
