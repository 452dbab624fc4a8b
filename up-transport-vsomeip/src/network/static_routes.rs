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

//! Static routing: without service discovery, vsomeip finds services of other hosts by the addresses and
//! ports in its configuration.

use std::collections::BTreeMap;

use up_rust::UStatus;
use vsomeip_sys::MajorVersion;

use crate::error::unavailable;
use crate::mapping::uri::ServiceInstance;
use crate::protocol::{Protocol, Protocols};
use crate::stack::{Service, StackConfig};
use crate::vsomeip::version::is_since;

/// The services found by static routing; none if service discovery is enabled.
#[derive(Clone, Debug, Default)]
pub(crate) struct StaticRoutes {
    services: BTreeMap<ServiceInstance, Protocols>,
    udp: UdpReports,
    /// Whether vsomeip drops requests in other versions than the reported one, which is 0.
    drops_versions: bool,
}

/// When vsomeip reports that a UDP-only service is available. A service with a TCP port is reported when
/// it is connected, by every version of vsomeip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum UdpReports {
    /// Whenever its socket is open.
    #[default]
    Always,
    /// Only if the application has requested it before it started routing. A later report may say that
    /// it is gone, but never that it is back.
    Once,
    /// As `Once`, but only if the routing application has requested it.
    Perhaps,
}

impl UdpReports {
    fn of(version: &str, is_routing: bool) -> Self {
        let is_before = |other| is_since(version, other) == Some(false);
        match is_routing {
            true if is_before([3, 6, 0]) => Self::Once,
            // Since 3.5.8, vsomeip sends requests only to services it has reported.
            false if is_before(DROPS_SINCE) => Self::Perhaps,
            _ => Self::Always,
        }
    }
}

/// Since this version, an application that does not host the routing manager sends requests only in the
/// reported version.
const DROPS_SINCE: [u32; 3] = [3, 5, 8];

impl StaticRoutes {
    /// The static routes in a configuration of vsomeip. Its reports depend on its `version`, and on whether
    /// the application hosts the routing manager.
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
    /// `UNAVAILABLE` if vsomeip would drop a request to this version of the service.
    pub(crate) fn check(
        &self,
        service: ServiceInstance,
        version: MajorVersion,
    ) -> Result<(), UStatus> {
        if !self.drops_versions || version.0 == 0 || !self.contains(service) {
            return Ok(());
        }
        Err(unavailable(format!(
            "service {service} is found by static routing: this version of vsomeip sends requests to it \
             from the application that hosts the routing manager only; host it in this application \
             (`routing` in vsomeip's configuration), or enable `service-discovery`"
        )))
    }

    /// Whether a report of vsomeip's about a service is reliable.
    pub(crate) fn is_report_reliable(&self, service: ServiceInstance, is_available: bool) -> bool {
        let is_udp_only = self.services.get(&service).is_some_and(|it| is_udp_only(*it));
        is_available || !is_udp_only || self.udp == UdpReports::Always
    }

    /// The services that must be requested before routing starts.
    pub(crate) fn requested_first(&self) -> impl Iterator<Item = ServiceInstance> + '_ {
        self.over_udp(UdpReports::Once)
    }

    /// The services that are available whenever a routing manager is, but may never be reported.
    pub(crate) fn unreported(&self) -> impl Iterator<Item = ServiceInstance> + '_ {
        self.over_udp(UdpReports::Perhaps)
    }

    fn over_udp(&self, wanted: UdpReports) -> impl Iterator<Item = ServiceInstance> + '_ {
        let all = self.services.iter().filter(move |_| self.udp == wanted);
        all.filter(|(_, protocols)| is_udp_only(**protocols)).map(|(service, _)| *service)
    }
}

fn is_udp_only(protocols: Protocols) -> bool {
    protocols.only() == Some(Protocol::Udp)
}

/// The protocols of a listed service, by its ports; `None` if it has no port. Port 0 counts as none.
pub(crate) fn protocols_of(service: &Service) -> Option<Protocols> {
    let tcp = service.reliable.as_ref().and_then(|reliable| reliable.port);
    let is_open = |port: Option<u16>| port.is_some_and(|port| port != 0);
    let protocols = Protocols { udp: is_open(service.unreliable), tcp: is_open(tcp) };
    (protocols != Protocols::default()).then_some(protocols)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::ServiceDiscovery;
    use crate::testing::service;

    /// Services with UDP, TCP, both and no port, and one of this host.
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
    fn only_remote_services_with_ports_are_routed() {
        let routes = routes("3.4.10", true);
        let is_routed = |instance| routes.contains(service(0x3456, instance));
        assert_eq!([1, 2, 3, 4, 5].map(is_routed), [true, true, true, false, false]);
    }

    #[test]
    fn service_discovery_disables_static_routes() {
        for discovery in [None, Some(ServiceDiscovery::default())] {
            let config = StackConfig { service_discovery: discovery, ..config() };
            assert!(StaticRoutes::of(&config, "3.4.10", true).services.is_empty());
        }
    }

    /// Whether these reports are reliable: UDP is available, UDP is not, TCP is not.
    fn reliable(routes: &StaticRoutes) -> [bool; 3] {
        let is_reliable = |instance, is_available| {
            routes.is_report_reliable(service(0x3456, instance), is_available)
        };
        [is_reliable(1, true), is_reliable(1, false), is_reliable(2, false)]
    }

    #[test]
    fn before_3_6_udp_is_reported_once() {
        for (version, first, expected) in [
            ("3.4.10", [1].as_slice(), [true, false, true]),
            ("3.5.11", &[1], [true, false, true]),
            ("3.6.0", &[], [true, true, true]),
            ("unknown", &[], [true, true, true]),
        ] {
            let routes = routes(version, true);
            assert_eq!(instances(routes.requested_first()), first, "{version}");
            assert_eq!(routes.unreported().count(), 0, "{version}");
            assert_eq!(reliable(&routes), expected, "{version}");
        }
    }

    #[test]
    fn since_3_5_8_only_routing_manager_sends() {
        let sends = |version, is_routing, instance, interface_version| {
            let service = service(0x3456, instance);
            routes(version, is_routing).check(service, MajorVersion(interface_version)).is_ok()
        };
        for version in ["3.5.8", "3.7.4"] {
            assert!(!sends(version, false, 1, 1) && !sends(version, false, 2, 1), "{version}");
            // The reported version, and a service of this host.
            assert!(sends(version, false, 1, 0) && sends(version, false, 5, 1), "{version}");
            assert!(sends(version, true, 1, 1), "{version}");
        }
        for version in ["3.4.10", "3.5.7", "unknown"] {
            assert!(sends(version, false, 1, 1), "{version}");
        }
    }

    #[test]
    fn before_3_5_8_udp_may_be_unreported() {
        for (version, unreported, expected) in [
            ("3.4.10", [1].as_slice(), [true, false, true]),
            ("3.5.8", &[], [true, true, true]),
            ("unknown", &[], [true, true, true]),
        ] {
            let routes = routes(version, false);
            assert_eq!(routes.requested_first().count(), 0, "{version}");
            assert_eq!(instances(routes.unreported()), unreported, "{version}");
            assert_eq!(reliable(&routes), expected, "{version}");
        }
    }
}
