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

//! What the system says.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::expected::{Expected, Port};
use super::tables::{has_route, inet_sockets, unix_listener, InetSocket};
use crate::mapping::uri::ServiceInstance;

/// An address of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) address: IpAddr,
    pub(super) prefix: u8,
    pub(super) is_loopback: bool,
    /// Whether it leads to the multicast address of service discovery.
    pub(super) has_route: bool,
}

/// What holds a port that a service needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// This process alone.
    Own,
    /// Another process, beside this one perhaps.
    Other,
    /// None.
    Nobody,
}

#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) is_registered: bool,
    /// Whether a process hosts the routing manager.
    pub(super) has_routing_manager: bool,
    /// Whether it is this one.
    pub(super) hosts_routing: bool,
    /// The addresses of this host; `None` if the system does not tell.
    pub(super) interfaces: Option<Vec<Interface>>,
    /// The first socket or lock that belongs to another user.
    pub(super) denied: Option<PathBuf>,
    /// Who holds the ports of the services that are offered.
    pub(super) ports: BTreeMap<(ServiceInstance, Port), Holder>,
}

impl Facts {
    pub(super) fn collect(
        expected: &Expected,
        is_registered: bool,
        offered: &BTreeSet<ServiceInstance>,
    ) -> Self {
        let own = own_sockets();
        let listener = unix_listener(&table("unix"), &expected.routing_socket());
        let hosts_routing = listener.is_some_and(|inode| own.contains(&inode));
        let ports = expected.ports.iter().filter(|(id, _)| hosts_routing && offered.contains(id));
        Self {
            is_registered,
            has_routing_manager: listener.is_some(),
            hosts_routing,
            interfaces: interfaces(expected.group),
            denied: if is_registered { None } else { denied(expected) },
            ports: holders(ports.copied().collect(), expected.unicast, &own),
        }
    }
}

/// One of the kernel's tables; empty if there is no such.
fn table(name: &str) -> String {
    let bytes = fs::read(Path::new("/proc/self/net").join(name)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The inodes of the sockets of this process.
fn own_sockets() -> HashSet<u64> {
    let Ok(descriptors) = fs::read_dir("/proc/self/fd") else { return HashSet::new() };
    let targets = descriptors.filter_map(|it| fs::read_link(it.ok()?.path()).ok());
    let inode = |target: PathBuf| {
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    targets.filter_map(inode).collect()
}

fn interfaces(group: Option<IpAddr>) -> Option<Vec<Interface>> {
    let routes = table("route");
    let found = if_addrs::get_if_addrs().ok()?;
    let interfaces = found.into_iter().map(|it| Interface {
        address: it.ip(),
        prefix: match &it.addr {
            if_addrs::IfAddr::V4(address) => address.prefixlen,
            if_addrs::IfAddr::V6(address) => address.prefixlen,
        },
        is_loopback: it.is_loopback(),
        has_route: match group {
            Some(IpAddr::V4(group)) => has_route(&routes, &it.name, group),
            _ => true,
        },
    });
    Some(interfaces.collect())
}

/// The first of vsomeip's files that this process would have to write to, or to replace, and may not.
fn denied(expected: &Expected) -> Option<PathBuf> {
    let is_host = expected.host.as_ref().is_none_or(|host| *host == expected.application);
    let lock = Some(expected.lock()).filter(|path| is_host && is_denied(path));
    let routing = Some(expected.routing_socket()).filter(|path| is_denied(path));
    let own = expected.own_socket().filter(|path| is_of_other_user(path));
    lock.or(routing).or(own)
}

/// To open a socket fails in any case, but with another error if that is not allowed.
fn is_denied(path: &Path) -> bool {
    let opened = File::options().write(true).open(path);
    opened.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// vsomeip replaces its own socket, which the folder may not allow.
fn is_of_other_user(path: &Path) -> bool {
    const ROOT: u32 = 0;
    let user = |path: &Path| fs::metadata(path).map(|it| it.uid()).ok();
    let (owner, own) = (user(path), user(Path::new("/proc/self")));
    owner.is_some() && owner != own && own != Some(ROOT)
}

fn holders(
    ports: Vec<(ServiceInstance, Port)>,
    unicast: IpAddr,
    own: &HashSet<u64>,
) -> BTreeMap<(ServiceInstance, Port), Holder> {
    let sockets = |is_tcp: bool| -> Vec<InetSocket> {
        if !ports.iter().any(|(_, port)| port.is_tcp == is_tcp) {
            return Vec::new();
        }
        let name = if is_tcp { "tcp" } else { "udp" };
        let tables = [table(name), table(&format!("{name}6"))];
        tables.iter().flat_map(|table| inet_sockets(table, is_tcp)).collect()
    };
    let (udp, tcp) = (sockets(false), sockets(true));
    let holder = |port: Port| holder(port, unicast, if port.is_tcp { &tcp } else { &udp }, own);
    ports.iter().map(|&(service, port)| ((service, port), holder(port))).collect()
}

/// A socket for all addresses is in the way of ours, but not beside it.
fn holder(port: Port, unicast: IpAddr, sockets: &[InetSocket], own: &HashSet<u64>) -> Holder {
    let at = |address: IpAddr| {
        sockets.iter().filter(move |it| it.port == port.number && it.address == address)
    };
    let is_own = |socket: &InetSocket| own.contains(&socket.inode);
    if at(unicast).any(|socket| !is_own(socket)) {
        Holder::Other
    } else if at(unicast).next().is_some() {
        Holder::Own
    } else if sockets.iter().any(|it| it.port == port.number && it.address.is_unspecified()) {
        Holder::Other
    } else {
        Holder::Nobody
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_has_holder() {
        let unicast: IpAddr = "10.77.0.1".parse().unwrap();
        let own = HashSet::from([1]);
        let port = Port { is_tcp: false, number: 7 };
        let socket =
            |address: &str, inode| InetSocket { address: address.parse().unwrap(), port: 7, inode };
        let holder = |sockets: &[InetSocket]| holder(port, unicast, sockets, &own);
        assert_eq!(holder(&[]), Holder::Nobody);
        assert_eq!(holder(&[socket("10.77.0.9", 2)]), Holder::Nobody);
        assert_eq!(holder(&[InetSocket { port: 8, ..socket("10.77.0.1", 2) }]), Holder::Nobody);
        assert_eq!(holder(&[socket("10.77.0.1", 1)]), Holder::Own);
        assert_eq!(holder(&[socket("10.77.0.1", 1), socket("0.0.0.0", 2)]), Holder::Own);
        assert_eq!(holder(&[socket("0.0.0.0", 2)]), Holder::Other);
        assert_eq!(holder(&[socket("::", 2)]), Holder::Other);
        assert_eq!(holder(&[socket("10.77.0.1", 1), socket("10.77.0.1", 2)]), Holder::Other);
    }

    #[test]
    fn system_tells_of_loopback_and_own_sockets() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let number = listener.local_addr().unwrap().port();
        let interfaces = interfaces(None).unwrap();
        let loopback = interfaces.iter().find(|it| it.address.to_string() == "127.0.0.1").unwrap();
        assert!(loopback.is_loopback && loopback.prefix == 8, "{loopback:?}");
        let port = Port { is_tcp: true, number };
        let sockets = inet_sockets(&table("tcp"), true);
        assert_eq!(holder(port, loopback.address, &sockets, &own_sockets()), Holder::Own);
        assert_eq!(holder(port, loopback.address, &sockets, &HashSet::new()), Holder::Other);
    }
}
