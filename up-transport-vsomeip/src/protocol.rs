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

//! The transport protocols under SOME/IP. Uses no other module.

use std::fmt;

/// The protocol that carries SOME/IP messages between hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// UDP: up to 1,400 bytes of payload, more only in segments (SOME/IP-TP). `unreliable` in
    /// vsomeip's configuration.
    Udp,
    /// TCP: any size. `reliable` in vsomeip's configuration.
    Tcp,
}

/// The protocols over which a service can be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Protocols {
    pub(crate) udp: bool,
    pub(crate) tcp: bool,
}

impl Protocol {
    pub(crate) fn is_reliable(self) -> bool {
        self == Self::Tcp
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Udp => Self::Tcp,
            Self::Tcp => Self::Udp,
        }
    }

    pub(crate) fn of(is_reliable: bool) -> Self {
        match is_reliable {
            true => Self::Tcp,
            false => Self::Udp,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

impl Protocols {
    pub(crate) fn has(self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Udp => self.udp,
            Protocol::Tcp => self.tcp,
        }
    }

    pub(crate) fn with(self, protocol: Protocol) -> Self {
        match protocol {
            Protocol::Udp => Self { udp: true, ..self },
            Protocol::Tcp => Self { tcp: true, ..self },
        }
    }

    /// The protocol, if there is exactly one.
    pub(crate) fn only(self) -> Option<Protocol> {
        match self {
            Self { udp: true, tcp: false } => Some(Protocol::Udp),
            Self { udp: false, tcp: true } => Some(Protocol::Tcp),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protocol_is_the_single_one() {
        let none = Protocols::default();
        assert_eq!(none.only(), None);
        for protocol in [Protocol::Udp, Protocol::Tcp] {
            let one = none.with(protocol);
            assert!(one.has(protocol) && !none.has(protocol));
            assert_eq!(one.only(), Some(protocol));
            assert_eq!(Protocol::of(protocol.is_reliable()), protocol);
            assert!(!one.has(protocol.other()));
        }
        assert_eq!(none.with(Protocol::Udp).with(Protocol::Tcp).only(), None);
    }
}
