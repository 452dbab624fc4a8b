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

//! Compares the expectations with the facts. Pure functions.

use std::net::IpAddr;

use super::expected::Expected;
use super::facts::{Facts, Interface};
use super::sockets::{Holder, Listener};
use super::Findings;
use crate::network::problem::Problem;

pub(super) fn find(expected: &Expected, facts: &Facts) -> Findings {
    let mut findings = Findings::default();
    findings.problems.extend(files(expected, facts));
    findings.problems.extend(registration(expected, facts));
    findings.problems.extend(address(expected, facts));
    ports(facts, &mut findings);
    findings
}

fn ports(facts: &Facts, findings: &mut Findings) {
    for (&(user, port), holder) in &facts.ports {
        match holder {
            Holder::Router => {}
            Holder::Nobody => _ = findings.closed.insert((user, port)),
            Holder::Other => _ = findings.taken.insert((user, port)),
        }
    }
}

fn files(expected: &Expected, facts: &Facts) -> Option<Problem> {
    let path = facts.denied.clone()?;
    // Somebody else may host the routing manager, and this one needs no lock then.
    let is_over = facts.is_registered && !expected.is_host;
    (!is_over).then_some(Problem::NoPermission { path })
}

fn registration(expected: &Expected, facts: &Facts) -> Option<Problem> {
    if facts.is_registered || facts.denied.is_some() {
        return None;
    }
    // Over TCP, it cannot be known whether there is one.
    if facts.listener != Listener::Nobody || expected.is_local_tcp {
        return Some(Problem::NotAccepted);
    }
    Some(Problem::NoRoutingManager { host: expected.host.clone() })
}

pub(super) fn address(expected: &Expected, facts: &Facts) -> Option<Problem> {
    let unicast = expected.unicast;
    // With the routing manager in another container, that one's interfaces matter.
    if facts.listener == Listener::Hidden && !expected.is_host {
        return None;
    }
    let with_it: Vec<_> =
        facts.interfaces.as_ref()?.iter().filter(|it| it.address == unicast).collect();
    // All of 127.0.0.0/8 is this host.
    if with_it.is_empty() && !unicast.is_loopback() {
        return Some(Problem::NoSuchAddress { unicast });
    }
    // Within one host, service discovery is mostly left on without being meant.
    let group = expected.group.filter(|_| expected.is_host && !unicast.is_loopback())?;
    if with_it.iter().all(|it| !it.has_route) {
        return Some(Problem::NoMulticastRoute { group });
    }
    other_prefix(expected, &with_it)
}

/// vsomeip goes by the prefix of IPv4 addresses when it is subscribed to, and by that of IPv6
/// addresses when it is found.
fn other_prefix(expected: &Expected, interfaces: &[&Interface]) -> Option<Problem> {
    let (unicast, configured) = (expected.unicast, expected.prefix);
    let fits = |it: &&Interface| match unicast {
        IpAddr::V4(_) => it.prefix == configured,
        IpAddr::V6(_) => it.prefix >= configured,
    };
    let interface = interfaces.first().filter(|_| !interfaces.iter().any(fits))?.prefix;
    Some(Problem::OtherPrefix { unicast, configured, interface })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::expected::{Port, User};
    use crate::stack::{Service, StackConfig};
    use crate::startup::{Effective, NetworkFiles};
    use crate::testing::service;

    fn config() -> StackConfig {
        StackConfig::for_application("own", 2)
            .with_unicast("10.77.0.1".parse().unwrap())
            .with_routing("host")
            .with_service(Service::new(1, 1).with_unreliable(30501))
    }

    fn expected_of(config: StackConfig, is_host: bool) -> Expected {
        let files = NetworkFiles::in_folder("/tmp".as_ref(), "net");
        Expected::of(&Effective::of(config), files, is_host)
    }

    fn host() -> Expected {
        expected_of(config(), true)
    }

    fn guest() -> Expected {
        expected_of(config(), false)
    }

    fn interface() -> Interface {
        let address = "10.77.0.1".parse().unwrap();
        let name = "eth0".to_owned();
        Interface { name, index: None, address, prefix: 24, is_loopback: false, has_route: true }
    }

    /// All is well.
    fn facts() -> Facts {
        Facts {
            is_registered: true,
            listener: Listener::Seen(1),
            interfaces: Some(vec![interface()]),
            ..Facts::default()
        }
    }

    fn problem(expected: &Expected, facts: &Facts) -> Option<Problem> {
        let problems = find(expected, facts).problems;
        assert!(problems.len() <= 1, "{problems:?}");
        problems.into_iter().next()
    }

    #[test]
    fn unregistered_application_has_reason() {
        let guest = guest();
        assert_eq!(problem(&guest, &facts()), None);
        let lost = Facts { is_registered: false, listener: Listener::Nobody, ..facts() };
        let host = Some("host".to_owned());
        assert_eq!(problem(&guest, &lost), Some(Problem::NoRoutingManager { host }));
        let denied = Facts { denied: Some("/tmp/net-0".into()), ..lost };
        let path = "/tmp/net-0".into();
        assert_eq!(problem(&guest, &denied), Some(Problem::NoPermission { path }));
        let accepted = Facts { is_registered: true, ..denied };
        assert_eq!(problem(&guest, &accepted), None);
        for listener in [Listener::Seen(1), Listener::Hidden] {
            let refused = Facts { is_registered: false, listener, ..facts() };
            assert_eq!(problem(&guest, &refused), Some(Problem::NotAccepted));
        }
    }

    #[test]
    fn registered_host_needs_its_socket() {
        let denied = Facts { denied: Some("/tmp/net-0".into()), ..facts() };
        let path = "/tmp/net-0".into();
        assert_eq!(problem(&host(), &denied), Some(Problem::NoPermission { path }));
    }

    #[test]
    fn address_must_be_of_this_host() {
        let unicast = "10.77.0.1".parse().unwrap();
        let with = |interfaces| Facts { interfaces, ..facts() };
        for expected in [host(), guest()] {
            assert_eq!(problem(&expected, &with(None)), None);
            let nowhere = Some(Problem::NoSuchAddress { unicast });
            assert_eq!(problem(&expected, &with(Some(vec![]))), nowhere);
        }
        let elsewhere = Facts { listener: Listener::Hidden, ..with(Some(vec![])) };
        assert_eq!(problem(&guest(), &elsewhere), None);
        let local = expected_of(config().with_unicast("127.0.3.1".parse().unwrap()), true);
        assert_eq!(problem(&local, &with(Some(vec![]))), None);
    }

    #[test]
    fn interface_must_lead_to_other_hosts() {
        let unicast = "10.77.0.1".parse().unwrap();
        let with =
            |interfaces: &[Interface]| Facts { interfaces: Some(interfaces.to_vec()), ..facts() };
        let wide = Interface { prefix: 16, ..interface() };
        let differs = Some(Problem::OtherPrefix { unicast, configured: 24, interface: 16 });
        assert_eq!(problem(&host(), &with(&[wide.clone(), wide.clone()])), differs);
        assert_eq!(problem(&guest(), &with(&[wide.clone(), wide.clone()])), None);
        assert_eq!(problem(&host(), &with(&[wide, interface()])), None);
        let alone = with(&[Interface { has_route: false, ..interface() }]);
        let group = "224.224.224.0".parse().unwrap();
        assert_eq!(problem(&host(), &alone), Some(Problem::NoMulticastRoute { group }));
        assert_eq!(problem(&guest(), &alone), None);
        let local = expected_of(config().with_unicast("127.0.0.1".parse().unwrap()), true);
        assert_eq!(problem(&local, &alone), None);
    }

    #[test]
    fn ipv6_prefix_can_be_longer() {
        let address = "fd00::1".parse().unwrap();
        let expected = expected_of(config().with_unicast(address), true);
        let at = |prefix| {
            let it = Interface { address, prefix, ..interface() };
            problem(&expected, &Facts { interfaces: Some(vec![it]), ..facts() })
        };
        assert_eq!(at(64), None);
        let problem = Problem::OtherPrefix { unicast: address, configured: 24, interface: 16 };
        assert_eq!(at(16), Some(problem));
    }

    #[test]
    fn port_is_open_closed_or_taken() {
        let port = |id, is_tcp| (User::Service(service(id, 1)), Port { is_tcp, number: 30501 });
        let (first, second, third) = (port(1, false), port(2, true), port(3, true));
        let holders = [(first, Holder::Router), (second, Holder::Other), (third, Holder::Nobody)];
        let found = find(&host(), &Facts { ports: holders.into(), ..facts() });
        let (taken, closed) = ([second].into(), [third].into());
        assert_eq!(found, Findings { taken, closed, ..Findings::default() });
    }
}
