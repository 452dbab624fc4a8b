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

//! `routing`: which application the others find each other through; and the ports of clients.

use std::net::IpAddr;

use super::form::{self, BareHex};
use super::section::sections;
use super::written::{self, ShortOr, ShortOrLong};

/// Which application hosts the routing manager, over which the applications of a network find each
/// other. By default the one that starts first.
#[derive(Clone, Debug, PartialEq)]
pub enum Routing {
    /// The application of this name.
    Name(String),
    /// The same, with more to say.
    Section(RoutingSection),
}

sections! {
    /// The routing manager and those that connect to it.
    pub struct RoutingSection {
        /// Whether there is one at all; true by default.
        "enabled" as "written::word" => enabled: Option<bool>,
        /// The application that hosts it.
        "host" => host: Option<RoutingHost>,
        /// How the other applications connect to it over TCP.
        "guests" => guests: Option<RoutingGuests>,
    }

    /// The application that hosts the routing manager.
    pub struct RoutingHost {
        /// Its name.
        "name" => name: Option<String>,
        /// The user that it runs as; for [`Security`](super::Security).
        "uid" as "written::either" => uid: Option<u32>,
        /// The group that it runs as; for [`Security`](super::Security).
        "gid" as "written::either" => gid: Option<u32>,
        /// Its address, to connect over TCP; by default it is over Unix domain sockets.
        "unicast" as "written::word" => unicast: Option<IpAddr>,
        /// Its port, to connect over TCP.
        "port" as "written::either" => port: Option<u16>,
    }

    /// How the other applications connect to the routing manager over TCP.
    pub struct RoutingGuests {
        /// Their address; the host's by default.
        "unicast" as "written::word" => unicast: Option<IpAddr>,
    }

    /// The user and the group of the routing manager. Deprecated: [`RoutingHost`] has them too.
    pub struct RoutingCredentials {
        /// The user id.
        "uid" as "written::either" => uid: Option<u32>,
        /// The group id.
        "gid" as "written::either" => gid: Option<u32>,
    }

    /// Which ports are used as a client: for an instance of a service, or for a range of ports of
    /// services.
    pub struct Client {
        /// The service id.
        "service" as "written::hex" => service: Option<u16>,
        /// The instance id.
        "instance" as "written::hex" => instance: Option<u16>,
        /// The TCP ports; the first that is free is taken.
        "reliable" as "written::either" => reliable: Vec<u16>,
        /// The UDP ports; the first that is free is taken.
        "unreliable" as "written::either" => unreliable: Vec<u16>,
        /// The TCP ports of services that `reliable_client_ports` is for.
        "reliable_remote_ports" => reliable_remote_ports: Option<PortRange>,
        /// The UDP ports of services that `unreliable_client_ports` is for.
        "unreliable_remote_ports" => unreliable_remote_ports: Option<PortRange>,
        /// The TCP ports to use for `reliable_remote_ports`.
        "reliable_client_ports" => reliable_client_ports: Option<PortRange>,
        /// The UDP ports to use for `unreliable_remote_ports`.
        "unreliable_client_ports" => unreliable_client_ports: Option<PortRange>,
    }

    /// Ports, both ends included.
    pub struct PortRange {
        /// The first; required.
        "first" as "written::either" => first: Option<u16>,
        /// The last; required.
        "last" as "written::either" => last: Option<u16>,
    }

    /// Services that are never looked for on other hosts, both ends included.
    pub struct InternalServices {
        /// The first; required.
        "first" as "written::short" => first: Option<InternalService>,
        /// The last; required.
        "last" as "written::short" => last: Option<InternalService>,
    }

    /// An end of [`InternalServices`].
    pub struct InternalService {
        /// The service id; hexadecimal also without `0x`.
        "service" as "written::bare_hex" => service: Option<u16>,
        /// The instance id; hexadecimal also without `0x`. By default all instances.
        "instance" as "written::bare_hex" => instance: Option<u16>,
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

    /// Whether the others connect to it over TCP.
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
    const EXPECTED: &'static str = "the name of an application, or an object with `host`";

    fn from_short(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }
    fn from_long(long: RoutingSection) -> Self {
        Self::Section(long)
    }
    fn written(&self) -> ShortOr<'_, RoutingSection> {
        match self {
            Self::Name(name) => ShortOr::Short(name.clone()),
            Self::Section(section) => ShortOr::Long(section),
        }
    }
}

impl ShortOrLong for InternalService {
    type Long = Self;
    const EXPECTED: &'static str = "the id of a service, or an object with `service`";

    fn from_short(text: &str) -> Result<Self, String> {
        let service = form::parse::<BareHex, u16>(text)?;
        Ok(Self { service: Some(service), ..Self::default() })
    }
    fn from_long(long: Self) -> Self {
        long
    }
    fn written(&self) -> ShortOr<'_, Self> {
        ShortOr::Long(self)
    }
}
