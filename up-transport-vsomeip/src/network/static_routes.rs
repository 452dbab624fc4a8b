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

//! Static routing: without service discovery, vsomeip finds a service of another host by the address
//! and the ports that the configuration lists for it.

use std::collections::BTreeMap;

use up_rust::UStatus;
use vsomeip_sys::MajorVersion;

use crate::error::unavailable;
use crate::mapping::uri::ServiceInstance;
use crate::stack::{Service, StackConfig};
use crate::vsomeip::version::is_since;

/// The services that are found by static routing; none while service discovery is on.
#[derive(Clone, Debug, Default)]
pub(crate) struct StaticRoutes {
    services: BTreeMap<ServiceInstance, Protocols>,
    udp: UdpReports,
    /// Whether vsomeip drops requests in other versions than that which it reports, which is 0.
    drops_versions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocols {
    Udp,
    Tcp,
    Both,
}

/// What vsomeip tells of a service that is listed with a UDP port only. Of one with a TCP port, every
/// version tells when it is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum UdpReports {
    /// When its socket is open.
    #[default]
    Always,
    /// That it is available, if the application requested it before it began the routing; perhaps that
    /// it no longer is, but never that it is again.
    Once,
    /// The same, if the application that routes requested it; else nothing.
    Perhaps,
}

impl UdpReports {
    fn of(version: &str, is_routing: bool) -> Self {
        let is_before = |other| is_since(version, other) == Some(false);
        match is_routing {
            true if is_before([3, 6, 0]) => Self::Once,
            // From 3.5.8 on, these send to what vsomeip has reported only.
            false if is_before(DROPS_SINCE) => Self::Perhaps,
            _ => Self::Always,
        }
    }
}

/// From this version on, an application that does not host the routing manager sends requests in the
/// version that was reported only.
const DROPS_SINCE: [u32; 3] = [3, 5, 8];

impl StaticRoutes {
    /// Those in a configuration of vsomeip. Its `version` and whether the application hosts the
    /// routing manager decide about what it reports.
    pub(crate) fn of(config: &StackConfig, version: &str, is_routing: bool) -> Self {
        if config.discovers() {
            return Self::default();
        }
        let remote = config.services.iter();
        let remote = remote.filter(|service| service.other_host(config.unicast).is_some());
        let services =
            remote.filter_map(|service| Some((service.identity(), protocols_of(service)?)));
        Self {
            services: services.collect(),
            udp: UdpReports::of(version, is_routing),
            drops_versions: !is_routing && is_since(version, DROPS_SINCE) == Some(true),
        }
    }

    pub(crate) fn contains(&self, service: ServiceInstance) -> bool {
        self.services.contains_key(&service)
    }

    /// # Errors
    ///
    /// `UNAVAILABLE` if vsomeip would drop a request to the service in a version.
    pub(crate) fn check(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
    ) -> Result<(), UStatus> {
        if !self.drops_versions || version.0 == 0 || !self.contains(service) {
            return Ok(());
        }
        Err(unavailable(format!(
            "service {service} is found by static routing, to which this version of vsomeip sends from \
             the application that hosts the routing manager only; let this one host it (`routing` in \
             vsomeip's configuration), or enable `service-discovery`"
        )))
    }

    /// Whether what vsomeip says of a service is to be believed.
    pub(crate) fn believes(&self, service: ServiceInstance, is_available: bool) -> bool {
        self.services.get(&service) != Some(&Protocols::Udp)
            || match self.udp {
                UdpReports::Always => true,
                UdpReports::Once | UdpReports::Perhaps => is_available,
            }
    }

    /// The services to be requested before the routing begins.
    pub(crate) fn requested_first(&self) -> impl Iterator<Item = ServiceInstance> + '_ {
        self.over_udp(UdpReports::Once)
    }

    /// The services that are there whenever a routing manager is, perhaps without a report.
    pub(crate) fn unreported(&self) -> impl Iterator<Item = ServiceInstance> + '_ {
        self.over_udp(UdpReports::Perhaps)
    }

    fn over_udp(&self, wanted: UdpReports) -> impl Iterator<Item = ServiceInstance> + '_ {
        let all = self.services.iter().filter(move |_| self.udp == wanted);
        all.filter(|(_, protocols)| **protocols == Protocols::Udp).map(|(service, _)| *service)
    }
}

/// Port 0 is none.
fn protocols_of(service: &Service) -> Option<Protocols> {
    let tcp = service.reliable.as_ref().and_then(|reliable| reliable.port);
    let is_open = |port: Option<u16>| port.is_some_and(|port| port != 0);
    match (is_open(service.unreliable), is_open(tcp)) {
        (true, false) => Some(Protocols::Udp),
        (false, true) => Some(Protocols::Tcp),
        (true, true) => Some(Protocols::Both),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::ServiceDiscovery;
    use crate::testing::service;

    /// UDP, TCP, both, none, and one of this host.
    fn config() -> StackConfig {
        let there = |instance| Service::new(0x3456, instance).at("10.0.0.2".parse().unwrap());
        StackConfig::for_application("a", 1)
            .with_unicast("10.0.0.1".parse().unwrap())
            .without_service_discovery()
            .with_service(there(1).with_unreliable(30509))
            .with_service(there(2).with_reliable(30509).with_unreliable(0))
            .with_service(there(3).with_unreliable(30509).with_reliable(30509))
            .with_service(there(4))
            .with_service(Service::new(0x3456, 5).with_unreliable(30509))
    }

    fn routes(version: &str, is_routing: bool) -> StaticRoutes {
        StaticRoutes::of(&config(), version, is_routing)
    }

    fn instances(services: impl Iterator<Item = ServiceInstance>) -> Vec<u16> {
        services.map(|service| service.instance.0).collect()
    }

    #[test]
    fn services_of_other_hosts_with_ports_are_routed() {
        let routes = routes("3.4.10", true);
        let is_routed = |instance| routes.contains(service(0x3456, instance));
        assert_eq!([1, 2, 3, 4, 5].map(is_routed), [true, true, true, false, false]);
    }

    #[test]
    fn nothing_is_static_with_service_discovery() {
        for discovery in [None, Some(ServiceDiscovery::default())] {
            let config = StackConfig { service_discovery: discovery, ..config() };
            assert!(StaticRoutes::of(&config, "3.4.10", true).services.is_empty());
        }
    }

    /// Whether a report is believed that UDP is available, that it is not, that TCP is not.
    fn believed(routes: &StaticRoutes) -> [bool; 3] {
        let believes =
            |instance, is_available| routes.believes(service(0x3456, instance), is_available);
        [believes(1, true), believes(1, false), believes(2, false)]
    }

    #[test]
    fn routing_manager_reports_udp_once_before_3_6() {
        for (version, first, expected) in [
            ("3.4.10", [1].as_slice(), [true, false, true]),
            ("3.5.11", &[1], [true, false, true]),
            ("3.6.0", &[], [true, true, true]),
            ("unknown", &[], [true, true, true]),
        ] {
            let routes = routes(version, true);
            assert_eq!(instances(routes.requested_first()), first, "{version}");
            assert_eq!(routes.unreported().count(), 0, "{version}");
            assert_eq!(believed(&routes), expected, "{version}");
        }
    }

    #[test]
    fn only_routing_manager_sends_since_3_5_8() {
        let sends = |version, is_routing, instance, interface_version| {
            let service = service(0x3456, instance);
            routes(version, is_routing).check(service, MajorVersion(interface_version)).is_ok()
        };
        for version in ["3.5.8", "3.7.4"] {
            assert!(!sends(version, false, 1, 1) && !sends(version, false, 2, 1), "{version}");
            // The version that is reported, and a service of this host.
            assert!(sends(version, false, 1, 0) && sends(version, false, 5, 1), "{version}");
            assert!(sends(version, true, 1, 1), "{version}");
        }
        for version in ["3.4.10", "3.5.7", "unknown"] {
            assert!(sends(version, false, 1, 1), "{version}");
        }
    }

    #[test]
    fn others_may_be_told_nothing_of_udp_before_3_5_8() {
        for (version, unreported, expected) in [
            ("3.4.10", [1].as_slice(), [true, false, true]),
            ("3.5.8", &[], [true, true, true]),
            ("unknown", &[], [true, true, true]),
        ] {
            let routes = routes(version, false);
            assert_eq!(routes.requested_first().count(), 0, "{version}");
            assert_eq!(instances(routes.unreported()), unreported, "{version}");
            assert_eq!(believed(&routes), expected, "{version}");
        }
    }
}
