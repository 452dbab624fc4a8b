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

//! What is wrong, by what is expected and what the system says. Pure.

use super::expected::Expected;
use super::facts::{Facts, Holder, Interface};
use super::Findings;
use crate::network::problem::Problem;

pub(super) fn find(expected: &Expected, facts: &Facts) -> Findings {
    let mut findings = ports(facts);
    findings.problems.extend(registration(expected, facts));
    findings.problems.extend(address(expected, facts));
    findings
}

fn ports(facts: &Facts) -> Findings {
    let mut findings = Findings::default();
    for (&(service, port), holder) in &facts.ports {
        match holder {
            Holder::Own => {}
            Holder::Nobody => _ = findings.closed.insert(service),
            Holder::Other => {
                let (port, is_tcp) = (port.number, port.is_tcp);
                findings.problems.insert(Problem::PortInUse { service, port, is_tcp });
            }
        }
    }
    findings
}

fn registration(expected: &Expected, facts: &Facts) -> Option<Problem> {
    if facts.is_registered {
        return None;
    }
    if let Some(path) = facts.denied.clone() {
        return Some(Problem::NoPermission { path });
    }
    // Over TCP, it cannot be known whether there is one.
    if facts.has_routing_manager || expected.is_local_tcp {
        return Some(Problem::NotAccepted);
    }
    Some(Problem::NoRoutingManager { host: expected.host.clone() })
}

fn address(expected: &Expected, facts: &Facts) -> Option<Problem> {
    let unicast = expected.unicast;
    let interface = facts.interfaces.as_ref()?.iter().find(|it| it.address == unicast);
    match interface {
        // All of 127.0.0.0/8 is this host.
        None if unicast.is_loopback() => None,
        None => Some(Problem::NoSuchAddress { unicast }),
        Some(interface) => discovery(expected, facts, interface),
    }
}

/// Within one host, service discovery is mostly left on without being meant.
fn discovery(expected: &Expected, facts: &Facts, interface: &Interface) -> Option<Problem> {
    let group = expected.group.filter(|_| facts.hosts_routing && !interface.is_loopback)?;
    if !interface.has_route {
        return Some(Problem::NoMulticastRoute { group });
    }
    let (unicast, configured) = (expected.unicast, expected.prefix);
    let differs = interface.prefix != configured;
    differs.then_some(Problem::OtherPrefix { unicast, configured, interface: interface.prefix })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnosis::expected::Port;
    use crate::stack::{Service, StackConfig};
    use crate::startup::Effective;
    use crate::testing::service;

    fn expected() -> Expected {
        let config = StackConfig::for_application("guest", 2)
            .with_unicast("10.77.0.1".parse().unwrap())
            .with_routing("host")
            .with_service(Service::new(1, 1).with_unreliable(30501));
        Expected::of(&Effective::of(config), "/tmp".into())
    }

    fn interface() -> Interface {
        let address = "10.77.0.1".parse().unwrap();
        Interface { address, prefix: 24, is_loopback: false, has_route: true }
    }

    /// All is well, and this process hosts the routing manager.
    fn facts() -> Facts {
        Facts {
            is_registered: true,
            has_routing_manager: true,
            hosts_routing: true,
            interfaces: Some(vec![interface()]),
            ..Facts::default()
        }
    }

    fn problem(facts: &Facts) -> Option<Problem> {
        let problems = find(&expected(), facts).problems;
        assert!(problems.len() <= 1, "{problems:?}");
        problems.into_iter().next()
    }

    #[test]
    fn unregistered_application_has_reason() {
        assert_eq!(problem(&facts()), None);
        let lost = Facts { is_registered: false, has_routing_manager: false, ..facts() };
        let host = Some("host".to_owned());
        assert_eq!(problem(&lost), Some(Problem::NoRoutingManager { host }));
        let denied = Facts { denied: Some("/tmp/vsomeip-0".into()), ..lost };
        let path = "/tmp/vsomeip-0".into();
        assert_eq!(problem(&denied), Some(Problem::NoPermission { path }));
        let refused = Facts { is_registered: false, ..facts() };
        assert_eq!(problem(&refused), Some(Problem::NotAccepted));
    }

    #[test]
    fn interface_must_fit() {
        let with = |interfaces| Facts { interfaces, ..facts() };
        let unicast = expected().unicast;
        assert_eq!(problem(&with(None)), None);
        assert_eq!(problem(&with(Some(vec![]))), Some(Problem::NoSuchAddress { unicast }));
        let guest = Facts { hosts_routing: false, ..with(Some(vec![])) };
        assert_eq!(problem(&guest), Some(Problem::NoSuchAddress { unicast }));
        let wide = Interface { prefix: 16, ..interface() };
        let differs = Problem::OtherPrefix { unicast, configured: 24, interface: 16 };
        assert_eq!(problem(&with(Some(vec![wide.clone()]))), Some(differs));
        let guest = Facts { hosts_routing: false, ..with(Some(vec![wide])) };
        assert_eq!(problem(&guest), None);
        let alone = Interface { has_route: false, ..interface() };
        let group = "224.224.224.0".parse().unwrap();
        let no_route = Problem::NoMulticastRoute { group };
        assert_eq!(problem(&with(Some(vec![alone.clone()]))), Some(no_route));
        let loopback = Interface { is_loopback: true, ..alone };
        assert_eq!(problem(&with(Some(vec![loopback]))), None);
    }

    #[test]
    fn port_is_open_closed_or_taken() {
        let port = |is_tcp| Port { is_tcp, number: 30501 };
        let ports = |first, second| Facts {
            ports: [((service(1, 1), port(false)), first), ((service(2, 1), port(true)), second)]
                .into(),
            ..facts()
        };
        let found = find(&expected(), &ports(Holder::Own, Holder::Other));
        let taken = Problem::PortInUse { service: service(2, 1), port: 30501, is_tcp: true };
        assert_eq!(found, Findings { problems: [taken].into(), closed: BTreeSet::new() });
        let found = find(&expected(), &ports(Holder::Nobody, Holder::Own));
        assert_eq!(found, Findings { problems: BTreeSet::new(), closed: [service(1, 1)].into() });
    }
}
