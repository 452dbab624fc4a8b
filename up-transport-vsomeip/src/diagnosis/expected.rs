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

//! The expectations of the configuration on the system.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use crate::mapping::uri::ServiceInstance;
use crate::startup::{Effective, NetworkFiles};

/// vsomeip's defaults.
const UNICAST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 224, 224, 0));
const PREFIX: u8 = 24;
const DISCOVERY_PORT: u16 = 30490;

/// A port of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Port {
    pub(super) is_tcp: bool,
    pub(super) number: u16,
}

/// What needs a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum User {
    Discovery,
    Service(ServiceInstance),
}

/// What the configuration expects of the system.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// Whether the application hosts the routing manager.
    pub(super) is_host: bool,
    /// Whether it would, if it got the lock.
    pub(super) may_be_host: bool,
    /// The application that is to host it.
    pub(super) host: Option<String>,
    /// Whether others reach the routing manager over TCP, not over a Unix domain socket.
    pub(super) is_local_tcp: bool,
    pub(super) files: NetworkFiles,
    /// The client id, if it is configured.
    pub(super) client: Option<u16>,
    pub(super) unicast: IpAddr,
    pub(super) prefix: u8,
    /// The multicast address of service discovery, if it is on.
    pub(super) group: Option<IpAddr>,
    /// Its UDP port.
    pub(super) discovery_port: u16,
    /// The ports of own services.
    ports: Vec<(ServiceInstance, Port)>,
}

impl Expected {
    /// `is_host`: whether the application hosts the routing manager.
    pub(crate) fn of(effective: &Effective, files: NetworkFiles, is_host: bool) -> Self {
        let config = &effective.config;
        let discovery = config.service_discovery.as_ref();
        let group = discovery.and_then(|it| it.multicast).unwrap_or(GROUP);
        let unicast = config.unicast.unwrap_or(UNICAST);
        let host = config.routing_host().map(str::to_owned);
        Self {
            is_host,
            may_be_host: host.as_ref().is_none_or(|host| *host == effective.application),
            host,
            is_local_tcp: config.routes_over_tcp(),
            files,
            client: effective.client_id(),
            unicast,
            prefix: prefix_of(unicast, config.netmask, config.prefix),
            group: config.discovers().then_some(group),
            discovery_port: discovery.and_then(|it| it.port).unwrap_or(DISCOVERY_PORT),
            ports: ports_of(effective),
        }
    }

    /// The ports that the routing manager is to have opened for these services, and for service
    /// discovery if we host it. On the loopback interface, several may do that at one port.
    pub(super) fn open_ports<'a>(
        &'a self,
        offered: &'a BTreeSet<ServiceInstance>,
    ) -> impl Iterator<Item = (User, Port)> + 'a {
        let discovers = self.is_host && self.group.is_some() && !self.unicast.is_loopback();
        let port = Port { is_tcp: false, number: self.discovery_port };
        let discovery = discovers.then_some((User::Discovery, port));
        let services = self.ports.iter().filter(|(service, _)| offered.contains(service));
        discovery
            .into_iter()
            .chain(services.map(|(service, port)| (User::Service(*service), *port)))
    }
}

impl Expected {
    /// What would be expected if the application hosted the routing manager.
    pub(super) fn into_host(self) -> Self {
        Self { is_host: true, ..self }
    }

    /// All ports that are ever needed by own services, and for service discovery.
    pub(super) fn all_ports(&self) -> Vec<(User, Port)> {
        let all = self.ports.iter().map(|(service, _)| *service).collect();
        self.clone().into_host().open_ports(&all).collect()
    }
}

/// vsomeip reads `netmask` before `prefix`, and only IPv4 addresses have one.
fn prefix_of(unicast: IpAddr, netmask: Option<IpAddr>, prefix: Option<u32>) -> u8 {
    let bits = match (unicast, netmask) {
        (IpAddr::V4(_), Some(IpAddr::V4(mask))) => Some(mask.to_bits().leading_ones()),
        _ => prefix,
    };
    bits.and_then(|bits| u8::try_from(bits).ok()).unwrap_or(PREFIX)
}

fn ports_of(effective: &Effective) -> Vec<(ServiceInstance, Port)> {
    let config = &effective.config;
    let own = config.services.iter().filter(|it| it.other_host(config.unicast).is_none());
    let ports = own.flat_map(|service| {
        let tcp = service.reliable.as_ref().and_then(|it| it.port);
        let ports = [(false, service.unreliable), (true, tcp)];
        let set = ports.into_iter().filter_map(|(is_tcp, port)| Some((is_tcp, port?)));
        // Port 0 is none, and with another protocol vsomeip opens none.
        let opened = set.filter(|(_, number)| *number != 0 && service.is_someip());
        opened.map(|(is_tcp, number)| (service.identity(), Port { is_tcp, number }))
    });
    ports.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Service, StackConfig};
    use crate::testing::service;

    #[test]
    fn prefix_falls_back_to_default() {
        let v4: IpAddr = "10.77.0.1".parse().unwrap();
        let mask = |text: &str| Some(text.parse().unwrap());
        assert_eq!(prefix_of(v4, None, None), 24);
        assert_eq!(prefix_of(v4, None, Some(16)), 16);
        assert_eq!(prefix_of(v4, mask("255.255.0.0"), None), 16);
        assert_eq!(prefix_of(v4, mask("255.255.255.128"), None), 25);
        assert_eq!(prefix_of("fd00::1".parse().unwrap(), mask("255.0.0.0"), Some(64)), 64);
    }

    #[test]
    fn only_own_services_have_ports() {
        let config = StackConfig::for_application("a", 0xab)
            .with_network("net")
            .with_service(Service::new(1, 1).with_unreliable(30501).with_reliable(30502))
            .with_service(Service::new(2, 1).with_unreliable(0))
            .with_service(Service::new(3, 1).with_unreliable(1).at("10.0.0.9".parse().unwrap()));
        let files = NetworkFiles::in_folder("/run".as_ref(), "net");
        let expected = Expected::of(&Effective::of(config), files, false);
        let port = |is_tcp, number| (service(1, 1), Port { is_tcp, number });
        assert_eq!(expected.ports, [port(false, 30501), port(true, 30502)]);
        let opened = |offered: &[_]| {
            expected.open_ports(&offered.iter().copied().collect()).map(|(user, _)| user).collect()
        };
        let opened: [Vec<User>; 2] = [opened(&[service(3, 1)]), opened(&[service(1, 1)])];
        assert_eq!(opened, [vec![], vec![User::Service(service(1, 1)); 2]]);
        assert_eq!(expected.client, Some(0xab));
        assert!(expected.may_be_host && !expected.is_host);
    }
}
