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

//! Parses the kernel's tables in `/proc/net`.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// One of the tables; `None` if there is no such, or it is not to be read.
pub(super) fn read(name: &str) -> Option<String> {
    let bytes = fs::read(Path::new("/proc/self/net").join(name)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A bound TCP or UDP socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InetSocket {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) inode: u64,
}

/// The sockets in `/proc/net/udp`, `tcp` or one of those with `6`; of TCP only those that listen.
pub(super) fn inet_sockets(table: &str, is_tcp: bool) -> Vec<InetSocket> {
    const LISTENS: &str = "0A";
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (address, port) = fields.get(1)?.split_once(':')?;
        if is_tcp && *fields.get(3)? != LISTENS {
            return None;
        }
        let port = u16::from_str_radix(port, 16).ok()?;
        Some(InetSocket {
            address: address_of(address)?,
            port,
            inode: fields.get(9)?.parse().ok()?,
        })
    };
    table.lines().skip(1).filter_map(socket).collect()
}

/// Words of the machine's byte order, in hexadecimal.
fn address_of(hex: &str) -> Option<IpAddr> {
    let word = |at| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let mut bytes = [0; 16];
            bytes.iter_mut().zip(words.as_flattened()).for_each(|(to, from)| *to = *from);
            Some(Ipv6Addr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

/// The inode of the socket that listens at a path, of the table `/proc/net/unix`.
pub(super) fn unix_listener(table: &str, path: &Path) -> Option<u64> {
    const LISTENS: &str = "00010000";
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_it = *fields.get(3)? == LISTENS && path == Path::new(fields.get(7)?);
        is_it.then(|| fields.get(6)?.parse().ok())?
    })
}

/// Whether a route of `/proc/net/route` leads to an address over an interface.
pub(super) fn has_route(table: &str, interface: &str, to: Ipv4Addr) -> bool {
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let address = |at: usize| match address_of(fields.get(at)?)? {
            IpAddr::V4(address) => Some(address.to_bits()),
            IpAddr::V6(_) => None,
        };
        let (Some(target), Some(mask)) = (address(1), address(7)) else { return false };
        fields.first() == Some(&interface) && to.to_bits() & mask == target
    })
}

/// The same for `/proc/net/ipv6_route`, which has all of the kernel's tables.
pub(super) fn has_route_v6(table: &str, interface: &str, to: Ipv6Addr) -> bool {
    table.lines().any(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let number = |at: usize| u128::from_str_radix(fields.get(at)?, 16).ok();
        let (Some(target), Some(bits)) = (number(0), number(1)) else { return false };
        let host_bits = u32::try_from(bits).ok().and_then(|bits| 128_u32.checked_sub(bits));
        let is_in = host_bits
            .is_some_and(|bits| (to.to_bits() ^ target).checked_shr(bits).unwrap_or_default() == 0);
        is_in && fields.last() == Some(&interface)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UDP: &str = "  sl  local_address rem_address   st …
   13: 01004D0A:7725 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1234 2 00 0
   14: 00000000:7725 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1235 2 00 0
";
    const TCP6: &str = "  sl  local_address …
   0: 00000000000000000000000000000000:7726 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1
   1: 0000000000000000FFFF00000100007F:7726 00000000000000000000000000000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 78 1
";

    #[test]
    #[cfg(target_endian = "little")]
    fn sockets_are_read() {
        let socket = |address: &str, port, inode| InetSocket {
            address: address.parse().unwrap(),
            port,
            inode,
        };
        let expected = [socket("10.77.0.1", 30501, 1234), socket("0.0.0.0", 30501, 1235)];
        assert_eq!(inet_sockets(UDP, false), expected);
        assert_eq!(inet_sockets(TCP6, true), [socket("::", 30502, 77)]);
        assert_eq!(inet_sockets(TCP6, false)[1], socket("127.0.0.1", 30502, 78));
        assert_eq!(inet_sockets("sl\n1: nothing\n2: 0:0 0 07\n", false), []);
    }

    #[test]
    fn only_listening_socket_is_listener() {
        let table = "Num RefCount Protocol Flags Type St Inode Path
0: 00000003 00000000 00000000 0001 03 11 /tmp/net-0
0: 00000002 00000000 00010000 0001 01 12 /tmp/net-0
0: 00000002 00000000 00010000 0001 01 13
";
        assert_eq!(unix_listener(table, "/tmp/net-0".as_ref()), Some(12));
        assert_eq!(unix_listener(table, "/tmp/net-1".as_ref()), None);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn route_has_interface_and_target() {
        let group = Ipv4Addr::new(224, 244, 224, 245);
        let head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n";
        for (row, expected) in [
            ("eth0 000000E0 00000000 0001 0 0 0 000000F0 0 0 0", true),
            ("eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0", true),
            ("eth1 000000E0 00000000 0001 0 0 0 000000F0 0 0 0", false),
            ("eth0 00004D0A 00000000 0001 0 0 0 00FFFFFF 0 0 0", false),
            ("eth0", false),
        ] {
            assert_eq!(has_route(&format!("{head}{row}\n"), "eth0", group), expected, "{row}");
        }
    }

    #[test]
    fn route_of_ipv6_has_interface_and_target() {
        let row = |target: &str, bits: &str| {
            let zeros = "0".repeat(32);
            format!("{target:0<32} {bits} {zeros} 00 {zeros} 00000100 00000001 00000000 1 eth0\n")
        };
        let group = "ff14::5".parse().unwrap();
        for (row, expected) in [
            (row("ff", "08"), true),
            (row("", "00"), true),
            (row("fd", "08"), false),
            (row("ff140000000000000000000000000005", "80"), true),
            (row("ff140000000000000000000000000006", "80"), false),
            ("eth0".to_owned(), false),
        ] {
            assert_eq!(has_route_v6(&row, "eth0", group), expected, "{row}");
            assert!(!has_route_v6(&row, "eth1", group), "{row}");
        }
    }
}
