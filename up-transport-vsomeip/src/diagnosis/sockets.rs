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

//! Finds sockets and their owners.

use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use super::expected::Port;
use super::tables::{self, unix_listener, InetSocket};

/// Who listens at the socket of the routing manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Listener {
    #[default]
    Nobody,
    /// Some process of this network namespace, with the socket of this inode.
    Seen(u64),
    /// Some process; the system does not tell which.
    Hidden,
    /// This process may not know.
    Denied,
}

impl Listener {
    pub(super) fn at(path: &Path) -> Self {
        let unseen = match connect(path).map_err(|error| error.kind()) {
            Err(ErrorKind::NotFound | ErrorKind::ConnectionRefused) => return Self::Nobody,
            Err(ErrorKind::PermissionDenied) => Self::Denied,
            // A socket of another kind, for one.
            Ok(()) | Err(_) => Self::Hidden,
        };
        let table = tables::read("unix").unwrap_or_default();
        unix_listener(&table, path).map_or(unseen, Self::Seen)
    }
}

/// Whoever listens does not notice: a datagram socket can be connected to no other kind.
fn connect(path: &Path) -> io::Result<()> {
    UnixDatagram::unbound()?.connect(path)
}

/// The inodes of a process's sockets, as its folder in `/proc` tells; `None` if it does not.
pub(super) fn sockets_in(process: &Path) -> Option<HashSet<u64>> {
    let descriptors = fs::read_dir(process.join("fd")).ok()?;
    let targets = descriptors.filter_map(|it| fs::read_link(it.ok()?.path()).ok());
    let inode = |target: PathBuf| {
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    Some(targets.filter_map(inode).collect())
}

pub(super) const OWN_PROCESS: &str = "/proc/self";

/// Finds the process that has a socket, and remembers it: to look through all processes takes long.
#[derive(Debug, Default)]
pub(super) struct Owner {
    /// Of the socket that was looked for last.
    found: Option<(u64, Option<PathBuf>)>,
}

impl Owner {
    /// All sockets of the process that has one of this inode; `None` if it does not show them.
    pub(super) fn sockets(&mut self, inode: u64) -> Option<HashSet<u64>> {
        let process = match &self.found {
            Some((known, process)) if *known == inode => process.clone(),
            _ => {
                let process = process_with(inode);
                self.found = Some((inode, process.clone()));
                process
            }
        };
        sockets_in(&process?)
    }

    /// Whether the process that was found last is this one.
    pub(super) fn is_own(&self) -> bool {
        matches!(&self.found, Some((_, Some(process))) if process == Path::new(OWN_PROCESS))
    }
}

fn process_with(inode: u64) -> Option<PathBuf> {
    let has_it = |process: &Path| sockets_in(process).is_some_and(|all| all.contains(&inode));
    let own = PathBuf::from(OWN_PROCESS);
    if has_it(&own) {
        return Some(own);
    }
    let processes = fs::read_dir("/proc").ok()?.filter_map(|it| Some(it.ok()?.path()));
    processes.into_iter().find(|process| has_it(process))
}

/// The process that has a socket of this inode, for people; `None` if none shows it.
pub(super) fn process_with_socket(inode: u64) -> Option<String> {
    let process = process_with(inode)?;
    let name = fs::read_to_string(process.join("comm")).ok()?;
    let id = fs::canonicalize(process).ok()?;
    Some(format!("{} (process {})", name.trim(), id.file_name()?.to_string_lossy()))
}

/// The process that listens at a path, for people; `None` if the system does not tell.
pub(super) fn process_at(path: &Path) -> Option<String> {
    let table = tables::read("unix").unwrap_or_default();
    process_with_socket(unix_listener(&table, path)?)
}

/// All sockets of the process that has one of this inode; `None` if it does not show them.
pub(super) fn sockets_in_router(inode: u64) -> Option<HashSet<u64>> {
    Owner::default().sockets(inode)
}

/// What holds a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// The process of the routing manager alone.
    Router,
    /// Another process, beside that one perhaps.
    Other,
    /// None.
    Nobody,
}

/// Who holds ports at an address.
pub(super) struct Ports {
    unicast: IpAddr,
    udp: Option<Vec<InetSocket>>,
    tcp: Option<Vec<InetSocket>>,
}

impl Ports {
    /// Reads of the kernel's tables those that are asked for.
    pub(super) fn at(unicast: IpAddr, with_udp: bool, with_tcp: bool) -> Self {
        let sockets = |is_tcp: bool| {
            let name = if is_tcp { "tcp" } else { "udp" };
            let mut sockets = tables::inet_sockets(&tables::read(name)?, is_tcp);
            // There is none without IPv6.
            let table = tables::read(&format!("{name}6")).unwrap_or_default();
            sockets.extend(tables::inet_sockets(&table, is_tcp));
            Some(sockets)
        };
        let read = |is_asked_for: bool, is_tcp| is_asked_for.then(|| sockets(is_tcp)).flatten();
        Self { unicast, udp: read(with_udp, false), tcp: read(with_tcp, true) }
    }

    /// `router` are the sockets of the routing manager's process. `None` if the system does not tell.
    pub(super) fn holder(&self, port: Port, router: &HashSet<u64>) -> Option<Holder> {
        let sockets = if port.is_tcp { &self.tcp } else { &self.udp };
        let sockets = sockets.as_ref()?.iter().filter(|it| it.port == port.number);
        Some(holder(self.unicast, sockets, router))
    }

    /// The inode of a socket that keeps the routing manager from a port.
    pub(super) fn in_the_way(&self, port: Port, router: &HashSet<u64>) -> Option<u64> {
        let sockets = if port.is_tcp { &self.tcp } else { &self.udp };
        let mut there = sockets.as_ref()?.iter().filter(|it| it.port == port.number);
        let is_in_the_way = |it: &&InetSocket| {
            (it.address == self.unicast || it.address.is_unspecified())
                && !router.contains(&it.inode)
        };
        there.find(is_in_the_way).map(|it| it.inode)
    }
}

/// A socket for all addresses is in the way of one for a certain address, but not beside it.
fn holder<'a>(
    unicast: IpAddr,
    sockets: impl Iterator<Item = &'a InetSocket> + Clone,
    router: &HashSet<u64>,
) -> Holder {
    let is_others = |socket: &InetSocket| !router.contains(&socket.inode);
    let mut there = sockets.clone().filter(|it| it.address == unicast).peekable();
    if there.peek().is_some() {
        return if there.any(is_others) { Holder::Other } else { Holder::Router };
    }
    let is_in_the_way = |it: &InetSocket| it.address.is_unspecified() && is_others(it);
    if sockets.into_iter().any(is_in_the_way) {
        Holder::Other
    } else {
        Holder::Nobody
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn port_holder_is_found() {
        let unicast: IpAddr = "10.77.0.1".parse().unwrap();
        let router = HashSet::from([1]);
        let socket =
            |address: &str, inode| InetSocket { address: address.parse().unwrap(), port: 7, inode };
        let holder = |sockets: &[InetSocket]| {
            let ports = Ports { unicast, udp: Some(sockets.to_vec()), tcp: None };
            ports.holder(Port { is_tcp: false, number: 7 }, &router).unwrap()
        };
        assert_eq!(holder(&[]), Holder::Nobody);
        assert_eq!(holder(&[socket("10.77.0.9", 2)]), Holder::Nobody);
        assert_eq!(holder(&[InetSocket { port: 8, ..socket("10.77.0.1", 2) }]), Holder::Nobody);
        assert_eq!(holder(&[socket("10.77.0.1", 1)]), Holder::Router);
        assert_eq!(holder(&[socket("10.77.0.1", 1), socket("0.0.0.0", 2)]), Holder::Router);
        assert_eq!(holder(&[socket("0.0.0.0", 2)]), Holder::Other);
        assert_eq!(holder(&[socket("0.0.0.0", 1)]), Holder::Nobody, "that of another port");
        assert_eq!(holder(&[socket("::", 2)]), Holder::Other);
        assert_eq!(holder(&[socket("10.77.0.1", 1), socket("10.77.0.1", 2)]), Holder::Other);
    }

    #[test]
    fn absent_table_yields_no_sockets() {
        let ports = Ports { unicast: "10.77.0.1".parse().unwrap(), udp: None, tcp: None };
        assert_eq!(ports.holder(Port { is_tcp: true, number: 7 }, &HashSet::new()), None);
    }

    #[test]
    fn system_reports_owner_of_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let port = Port { is_tcp: true, number: address.port() };
        let ports = Ports::at(address.ip(), false, true);
        let own = sockets_in(OWN_PROCESS.as_ref()).unwrap();
        assert_eq!(ports.holder(port, &own), Some(Holder::Router));
        assert_eq!(ports.holder(port, &HashSet::new()), Some(Holder::Other));
    }

    #[test]
    fn listener_is_seen_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net-0");
        assert_eq!(Listener::at(&path), Listener::Nobody);
        let listener = UnixListener::bind(&path).unwrap();
        let Listener::Seen(inode) = Listener::at(&path) else { panic!("nobody is seen") };
        let own = sockets_in(OWN_PROCESS.as_ref());
        assert!(own.as_ref().unwrap().contains(&inode));
        let mut owner = Owner::default();
        assert!(owner.sockets(inode).unwrap().contains(&inode) && owner.is_own());
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "nobody has connected");
        drop(listener);
        assert_eq!(Listener::at(&path), Listener::Nobody, "though the file is there");
    }
}
