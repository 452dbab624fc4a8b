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

//! What keeps the transport from working that vsomeip tells its log at most.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::mapping::uri::ServiceInstance;

/// What keeps the transport, or a service of its, from working, as [`State`](crate::State) lists it.
/// Its text has the remedy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Problem {
    /// The port of a service that is offered is in use by another program, so that no other host
    /// reaches the service. It is offered anew when the port is free, which is tried five times, and
    /// the problem is over when the port is open. Seen for services that the transport offers itself,
    /// where the routing manager runs as the same user.
    PortInUse {
        /// The service.
        service: ServiceInstance,
        /// The port.
        port: u16,
        /// Whether it is a TCP port, not a UDP port.
        is_tcp: bool,
    },
    /// The port of service discovery is in use by another program: no other host is found, or finds
    /// services of this one. Seen by the transport whose application hosts the routing manager.
    DiscoveryPortInUse {
        /// The UDP port.
        port: u16,
    },
    /// The application is not registered, as none hosts the routing manager.
    NoRoutingManager {
        /// The application that the configuration says is to host it.
        host: Option<String>,
    },
    /// A socket or lock of vsomeip's may not be used, mostly as it belongs to another user: the
    /// application is not registered, or others cannot register at the routing manager that it hosts.
    NoPermission {
        /// The socket or lock.
        path: PathBuf,
    },
    /// The application is not registered, though it can reach the routing manager.
    NotAccepted,
    /// No interface of this host has the address `unicast` of the configuration.
    NoSuchAddress {
        /// The address.
        unicast: IpAddr,
    },
    /// Service discovery is on, but there is no route for its multicast address, without which
    /// vsomeip does not begin with it.
    NoMulticastRoute {
        /// The multicast address.
        group: IpAddr,
    },
    /// The interface has another prefix than the configuration: vsomeip refuses subscribers on one
    /// side of the difference.
    OtherPrefix {
        /// The address of the interface.
        unicast: IpAddr,
        /// The bits of the prefix in the configuration, or vsomeip's default.
        configured: u8,
        /// The bits of that of the interface.
        interface: u8,
    },
    /// A client on another host has the client id of this application: vsomeip takes each for the
    /// other, and gives answers to the wrong one. Stays until the transport ends.
    ClientIdInUse {
        /// The client id.
        id: u16,
    },
}

impl Problem {
    /// Whether nobody can see that it is over.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, Self::ClientIdInUse { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortInUse { service, port, is_tcp } => {
                let protocol = if *is_tcp { "TCP" } else { "UDP" };
                write!(
                    f,
                    "{protocol} port {port} of service {service} is in use by another program: no \
                     other host reaches the service; end that program, or give the service another \
                     port in `services`"
                )
            }
            Self::DiscoveryPortInUse { port } => write!(
                f,
                "UDP port {port} of service discovery is in use by another program: no other host \
                 is found, or finds services of this one; end that program and start this \
                 application anew, or set another `service-discovery.port` on all hosts"
            ),
            Self::NoRoutingManager { host: Some(host) } => write!(
                f,
                "the application is not registered: no process hosts the routing manager; start the \
                 application {host:?}, which `routing` names, or name another one there"
            ),
            Self::NoRoutingManager { host: None } => f.write_str(
                "the application is not registered: no process hosts the routing manager any more; \
                 start this one anew, or name an application in `routing` and start that",
            ),
            Self::NoPermission { path } => write!(
                f,
                "{} may not be used by this process, so that this application, or others at it, \
                 cannot register; remove it if no process uses it, run all applications of this \
                 host as one user, set `file-permissions`, or choose another `network`",
                path.display()
            ),
            Self::NotAccepted => f.write_str(
                "the application is not registered, though the routing manager runs; see whether \
                 its `security` allows this application, and its log",
            ),
            Self::NoSuchAddress { unicast } => write!(
                f,
                "no interface of this host has the address {unicast}: no other host is reached; \
                 correct `unicast`, or set the interface up"
            ),
            Self::NoMulticastRoute { group } => write!(
                f,
                "there is no route for {group} on the interface of `unicast`: vsomeip waits with \
                 service discovery; set the interface up, add a route (`ip route add 224.0.0.0/4 \
                 dev …`), or set `service-discovery.enable` to false"
            ),
            Self::OtherPrefix { unicast, configured, interface } => write!(
                f,
                "the interface has {unicast}/{interface}, but the configuration a prefix of \
                 {configured} bits: vsomeip refuses subscribers it takes for those of other \
                 networks; set `netmask` or `prefix` to that of the interface"
            ),
            Self::ClientIdInUse { id } => write!(
                f,
                "a client on another host has the client id {id:#06x}, as this application: answers \
                 get lost; give one of them another `id` in `applications`, or another `diagnosis`"
            ),
        }
    }
}
