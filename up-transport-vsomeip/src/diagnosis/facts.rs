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

//! The facts about the system: interfaces, routes, files and ports.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::path::PathBuf;

use super::expected::{Expected, Port, User};
use super::sockets::{sockets_in, Holder, Listener, Owner, Ports, OWN_PROCESS};
use super::tables::{self, has_route, has_route_v6};
use crate::mapping::uri::ServiceInstance;
use crate::startup::{is_connection_denied, is_lock_denied, is_socket_denied};

/// An address of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) index: Option<u32>,
    pub(super) address: IpAddr,
    pub(super) prefix: u8,
    pub(super) is_loopback: bool,
    /// Whether it leads to the multicast address of service discovery, as far as the system tells.
    pub(super) has_route: bool,
}

/// What is looked at each time. Nothing else changes by itself: nobody takes a port that is open.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) is_registered: bool,
    pub(super) offered: BTreeSet<ServiceInstance>,
    /// The addresses of this host; `None` if the system does not tell.
    pub(super) interfaces: Option<Vec<Interface>>,
}

#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) is_registered: bool,
    pub(super) listener: Listener,
    /// The addresses of this host; `None` if the system does not tell.
    pub(super) interfaces: Option<Vec<Interface>>,
    /// A file of vsomeip's that is in the way.
    pub(super) denied: Option<PathBuf>,
    /// Who holds the ports that are to be open, as far as the system tells.
    pub(super) ports: BTreeMap<(User, Port), Holder>,
}

/// After how many looks the TCP ports that were open are looked at again. The kernel takes
/// milliseconds to list its TCP sockets, and nobody can take a port at which others listen.
const LOOKS_AT_TCP: usize = 16;

/// Asks the system.
#[derive(Debug, Default)]
pub(super) struct Inquiry {
    router: Owner,
    listener: Listener,
    looks: usize,
    /// The TCP ports that were seen open lately.
    open: BTreeSet<(User, Port)>,
}

impl Inquiry {
    pub(super) fn facts(&mut self, expected: &Expected, glance: &Glance) -> Facts {
        let Glance { is_registered, offered, interfaces } = glance;
        let listener = Listener::at(&expected.files.routing_socket());
        self.looks = self.looks.wrapping_add(1);
        if std::mem::replace(&mut self.listener, listener) != listener
            || self.looks.is_multiple_of(LOOKS_AT_TCP)
        {
            self.open.clear();
        }
        let router = match listener {
            Listener::Seen(inode) => self.router.sockets(inode),
            // What hosts it has no socket for the others, or the system hides it.
            _ if expected.is_host => sockets_in(OWN_PROCESS.as_ref()),
            _ => None,
        };
        let is_own_listener = match listener {
            Listener::Seen(_) => self.router.is_own(),
            Listener::Hidden => expected.is_host,
            Listener::Nobody | Listener::Denied => false,
        };
        Facts {
            is_registered: *is_registered,
            listener,
            interfaces: interfaces.clone(),
            denied: denied(expected, *is_registered, is_own_listener),
            ports: router.map(|it| self.ports(expected, offered, &it)).unwrap_or_default(),
        }
    }

    fn ports(
        &mut self,
        expected: &Expected,
        offered: &BTreeSet<ServiceInstance>,
        router: &HashSet<u64>,
    ) -> BTreeMap<(User, Port), Holder> {
        let (open, asked): (Vec<_>, Vec<_>) =
            expected.open_ports(offered).partition(|it| self.open.contains(it));
        let mut holders = holders(asked, expected.unicast, router);
        holders.extend(open.into_iter().map(|port| (port, Holder::Router)));
        let is_open = |(port, holder): (&(User, Port), &Holder)| {
            (port.1.is_tcp && *holder == Holder::Router).then_some(*port)
        };
        self.open = holders.iter().filter_map(is_open).collect();
        holders
    }
}

pub(super) fn interfaces(group: Option<IpAddr>) -> Option<Vec<Interface>> {
    let is_reached = routes(group);
    let found = if_addrs::get_if_addrs().ok()?;
    let interfaces = found.into_iter().map(|it| Interface {
        address: it.ip(),
        prefix: match &it.addr {
            if_addrs::IfAddr::V4(address) => address.prefixlen,
            if_addrs::IfAddr::V6(address) => address.prefixlen,
        },
        is_loopback: it.is_loopback(),
        has_route: is_reached(&it.name),
        index: it.index,
        name: it.name,
    });
    Some(interfaces.collect())
}

/// Whether an address is reached over an interface: yes if the system does not tell.
fn routes(to: Option<IpAddr>) -> impl Fn(&str) -> bool {
    let table = match to {
        Some(IpAddr::V4(_)) => tables::read("route"),
        Some(IpAddr::V6(_)) => tables::read("ipv6_route"),
        None => None,
    };
    move |interface| match (to, &table) {
        (Some(IpAddr::V4(to)), Some(table)) => has_route(table, interface, to),
        (Some(IpAddr::V6(to)), Some(table)) => has_route_v6(table, interface, to),
        _ => true,
    }
}

/// What vsomeip would have to open, to replace or to connect to, and may not.
pub(super) fn denied(
    expected: &Expected,
    is_registered: bool,
    is_own_listener: bool,
) -> Option<PathBuf> {
    if expected.is_local_tcp {
        return None;
    }
    let (files, is_host) = (&expected.files, expected.is_host);
    let may_host = expected.may_be_host && !is_host && !is_registered;
    let lock = Some(files.lock()).filter(|path| may_host && is_lock_denied(path));
    let routing = Some(files.routing_socket()).filter(|path| match is_host {
        true => !is_own_listener && is_socket_denied(path),
        false => !is_registered && is_connection_denied(path),
    });
    let own = expected.client.map(|id| files.socket_of(id));
    let own = own.filter(|path| !is_host && !is_registered && is_socket_denied(path));
    lock.or(routing).or(own)
}

fn holders(
    ports: Vec<(User, Port)>,
    unicast: IpAddr,
    router: &HashSet<u64>,
) -> BTreeMap<(User, Port), Holder> {
    let are_any = |is_tcp| ports.iter().any(|(_, port)| port.is_tcp == is_tcp);
    let there = Ports::at(unicast, are_any(false), are_any(true));
    let known = ports.iter().filter_map(|it| Some((*it, there.holder(it.1, router)?)));
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_reports_loopback() {
        let interfaces = interfaces(None).unwrap();
        let loopback = interfaces.iter().find(|it| it.address.to_string() == "127.0.0.1").unwrap();
        assert!(loopback.is_loopback && loopback.prefix == 8, "{loopback:?}");
    }
}
