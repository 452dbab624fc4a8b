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

//! The problems that keep the transport from working, which vsomeip logs at best. No I/O.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::mapping::uri::ServiceInstance;

/// A problem that keeps the transport, or one of its services, from working, as listed in
/// [`State`](crate::State). Its text ([`Display`](fmt::Display)) includes the remedy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Problem {
    /// The port of an offered service is in use by another program, so other hosts cannot reach the
    /// service. It is offered again when the port is free, up to five times, and the problem ends when the
    /// port is open. Detected for services that the transport itself offers, if the routing manager runs
    /// as the same user.
    PortInUse {
        /// The service.
        service: ServiceInstance,
        /// The port.
        port: u16,
        /// Whether it is a TCP port; else, it is a UDP port.
        is_tcp: bool,
    },
    /// The port of service discovery is in use by another program: this host and others cannot find each
    /// other's services. Detected by the transport whose application hosts the routing manager.
    DiscoveryPortInUse {
        /// The UDP port.
        port: u16,
    },
    /// The application is not registered, since no application hosts the routing manager.
    NoRoutingManager {
        /// The application that should host it, according to the configuration.
        host: Option<String>,
    },
    /// A socket or lock file of vsomeip's is not accessible, usually because it belongs to another user.
    /// The application cannot register, or others cannot register with the routing manager that it hosts.
    NoPermission {
        /// The socket or lock file.
        path: PathBuf,
    },
    /// The application is not registered, though it can reach the routing manager.
    NotAccepted,
    /// No interface of this host has the address `unicast` of the configuration.
    NoSuchAddress {
        /// The address.
        unicast: IpAddr,
    },
    /// Service discovery is enabled, but there is no route for its multicast address, without which
    /// vsomeip does not start it.
    NoMulticastRoute {
        /// The multicast address.
        group: IpAddr,
    },
    /// The interface has another prefix than the configuration, so vsomeip rejects subscribers that it
    /// takes for those of other networks.
    OtherPrefix {
        /// The address of the interface.
        unicast: IpAddr,
        /// The length of the prefix in the configuration, or vsomeip's default, in bits.
        configured: u8,
        /// The length of the interface's prefix, in bits.
        interface: u8,
    },
    /// A client on another host has the client id of this application: vsomeip confuses the two, and
    /// delivers responses to the wrong one. Listed until the transport ends.
    ClientIdInUse {
        /// The client id.
        id: u16,
    },
}

impl Problem {
    /// Whether its end cannot be detected.
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
                    "{protocol} port {port} of service {service} is in use by another program: other \
                     hosts cannot reach the service; stop that program, or set another port for the \
                     service in `services`"
                )
            }
            Self::DiscoveryPortInUse { port } => write!(
                f,
                "UDP port {port} of service discovery is in use by another program: services of other \
                 hosts are not found, nor can they find those of this host; stop that program and \
                 restart this application, or set another `service-discovery.port` on all hosts"
            ),
            Self::NoRoutingManager { host: Some(host) } => write!(
                f,
                "the application is not registered: no process hosts the routing manager; start the \
                 application {host:?}, which is set as `routing`, or set another one"
            ),
            Self::NoRoutingManager { host: None } => f.write_str(
                "the application is not registered: no process hosts the routing manager any more; \
                 restart this application, or set an application as `routing` and start that",
            ),
            Self::NoPermission { path } => write!(
                f,
                "this process may not access {}, so this application cannot register, or others cannot \
                 register with it; remove the file if no process uses it, run all applications of this \
                 host as the same user, set `file-permissions`, or set another `network`",
                path.display()
            ),
            Self::NotAccepted => f.write_str(
                "the application is not registered, although the routing manager is running; check \
                 whether its `security` allows this application, and check its log",
            ),
            Self::NoSuchAddress { unicast } => write!(
                f,
                "no interface of this host has the address {unicast}: other hosts cannot be reached; \
                 correct `unicast`, or bring the interface up"
            ),
            Self::NoMulticastRoute { group } => write!(
                f,
                "there is no route for {group} on the interface of `unicast`: vsomeip does not start \
                 service discovery; bring the interface up, add a route (`ip route add 224.0.0.0/4 \
                 dev …`), or set `service-discovery.enable` to false"
            ),
            Self::OtherPrefix { unicast, configured, interface } => write!(
                f,
                "the interface has {unicast}/{interface}, but the configuration has a prefix of \
                 {configured} bits: vsomeip rejects subscribers that it takes for those of other \
                 networks; set `netmask` or `prefix` to the value of the interface"
            ),
            Self::ClientIdInUse { id } => write!(
                f,
                "a client on another host has the same client id as this application, {id:#06x}: \
                 responses get lost; set another `id` in `applications`, or another `diagnosis`, for \
                 one of them"
            ),
        }
    }
}
