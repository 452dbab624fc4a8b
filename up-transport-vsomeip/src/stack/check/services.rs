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

//! `services`.

use std::collections::HashMap;

use super::Findings;
use crate::stack::understand::text::address;
use crate::stack::{
    Event, Eventgroup, Multicast, Service, ServiceDiscovery, StackConfig, TpMethod,
};

/// Events have ids from here on, by convention.
const FIRST_EVENT: u16 = 0x8000;
/// What fits into a UDP datagram beside SOME/IP's headers, as a multiple of 16 bytes.
const MAX_SEGMENT: u16 = 1392;

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    for (index, service) in config.services.iter().enumerate() {
        let place = format!("services[{index}]");
        findings.id(format!("{place}.service"), service.service);
        findings.id(format!("{place}.instance"), service.instance);
        host(&place, service, config.discovers(), findings);
        own_ports(&place, service, findings);
        events(&place, service, findings);
        eventgroups(&place, service, findings);
        segments(&place, service, findings);
    }
    shared_ports(config, findings);
}

fn host(place: &str, service: &Service, discovers: bool, findings: &mut Findings) {
    let Some(host) = service.other_host(None).filter(|host| address(host).is_none()) else {
        return;
    };
    let what = match discovers {
        true => format!("{host:?} is not an IP address, so vsomeip assumes an unknown host"),
        false => {
            format!("{host:?} is not an IP address, with which vsomeip's static routing fails")
        }
    };
    findings.warning(format!("{place}.unicast"), what, "write one, or \"local\"");
}

fn own_ports(place: &str, service: &Service, findings: &mut Findings) {
    if let Some(multicast) = &service.multicast {
        check_multicast(&format!("{place}.multicast"), multicast, findings);
    }
}

fn check_multicast(place: &str, multicast: &Multicast, findings: &mut Findings) {
    match multicast.address {
        None => {
            findings.warning(format!("{place}.address"), "is missing", "add a multicast address");
        }
        Some(address) if !address.is_multicast() => findings.warning(
            format!("{place}.address"),
            format!("{address} is not a multicast address"),
            "write one from 224.0.0.0 to 239.255.255.255",
        ),
        Some(_) => {}
    }
    findings.port(format!("{place}.port"), multicast.port);
}

fn events(place: &str, service: &Service, findings: &mut Findings) {
    let has_tcp = service.reliable.as_ref().is_some_and(|reliable| reliable.port.is_some());
    for (index, Event { event, is_reliable, .. }) in service.events.iter().enumerate() {
        if *is_reliable == Some(true) && !has_tcp {
            let what = "the service has no TCP port, so vsomeip sends the event to no other host";
            let remedy = "add `reliable` to the service, or remove `is_reliable`";
            findings.warning(format!("{place}.events[{index}].is_reliable"), what, remedy);
        }
        let place = format!("{place}.events[{index}].event");
        findings.id(&place, *event);
        if (1..FIRST_EVENT).contains(event) {
            let what = format!("{event:#06x} is the id of a method in SOME/IP");
            findings.warning(&place, what, "use an id from 0x8000 on");
        }
    }
}

fn eventgroups(place: &str, service: &Service, findings: &mut Findings) {
    for (index, group) in service.eventgroups.iter().enumerate() {
        let place = format!("{place}.eventgroups[{index}]");
        let (before, _) = service.eventgroups.split_at(index);
        findings.id(format!("{place}.eventgroup"), group.eventgroup);
        if let Some(other) = before.iter().position(|other| other.eventgroup == group.eventgroup) {
            let what = format!("{:#06x} is also the id of eventgroups[{other}]", group.eventgroup);
            findings.warning(&place, what, "merge them, or give this one another id");
        }
        members(&place, group, service, findings);
        if let Some(multicast) = &group.multicast {
            check_multicast(&format!("{place}.multicast"), multicast, findings);
        }
        if group.is_multicast == Some(true) && service.multicast.is_none() {
            let what = "has no effect, as the service has no multicast address";
            let remedy = "add `multicast` to the service";
            findings.warning(format!("{place}.is_multicast"), what, remedy);
        }
    }
}

/// A service may list its events in eventgroups only: vsomeip creates an event for each id there.
fn members(place: &str, group: &Eventgroup, service: &Service, findings: &mut Findings) {
    for (index, event) in group.events.iter().enumerate() {
        let is_known = service.events.iter().any(|known| known.event == *event);
        if !is_known && !service.events.is_empty() {
            let what = format!("{event:#06x} is not listed, so vsomeip creates an event over UDP");
            let remedy = "add it to the service's `events`, or correct it here";
            findings.warning(format!("{place}.events[{index}]"), what, remedy);
        }
    }
}

fn segments(place: &str, service: &Service, findings: &mut Findings) {
    let Some(tp) = &service.someip_tp else { return };
    let place = format!("{place}.someip-tp");
    let has_methods = !tp.client_to_service.is_empty() || !tp.service_to_client.is_empty();
    if has_methods && service.unreliable.is_none() {
        let what = "only messages over UDP are segmented, and the service has no UDP port";
        findings.warning(&place, what, "add `unreliable` to the service");
    }
    if !tp.client_to_service.is_empty() && service.unicast.is_none() {
        let what = "has no effect while the service has no `unicast`";
        findings.warning(format!("{place}.client-to-service"), what, "add the service's host");
    }
    for (key, methods) in
        [("client-to-service", &tp.client_to_service), ("service-to-client", &tp.service_to_client)]
    {
        for (index, method) in methods.iter().enumerate() {
            check_method(&format!("{place}.{key}[{index}]"), method, findings);
        }
    }
}

fn check_method(place: &str, method: &TpMethod, findings: &mut Findings) {
    if method.method == 0 {
        findings.warning(place, "is not a method", "write the id of a method or event");
    }
    let Some(length) = method.max_segment_length else { return };
    let place = format!("{place}.max-segment-length");
    let remedy = format!("write a multiple of 16 up to {MAX_SEGMENT}");
    match length - length % 16 {
        0 => findings.error(place, format!("{length} is too small for a segment"), remedy),
        less if less != length => {
            findings.warning(place, format!("vsomeip uses {less} instead of {length}"), remedy);
        }
        _ if length > MAX_SEGMENT => {
            findings.warning(place, format!("{length} does not fit into a datagram"), remedy);
        }
        _ => {}
    }
}

/// Instances of a service are distinguished by their ports only; and service discovery needs a port of
/// its own.
fn shared_ports(config: &StackConfig, findings: &mut Findings) {
    let mut instances = HashMap::new();
    let discovery = discovery_port(config);
    for (index, service) in config.services.iter().enumerate() {
        let host = service.other_host(config.unicast);
        let reliable = service.reliable.as_ref().and_then(|reliable| reliable.port);
        for (key, port) in [("reliable", reliable), ("unreliable", service.unreliable)] {
            let Some(port) = port else { continue };
            let place = format!("services[{index}].{key}");
            let previous = instances.insert((host, key, port, service.service), index);
            if let Some(other) = previous {
                let what = format!(
                    "{port} is also the port of services[{other}], another instance of {:#06x}, so \
                     vsomeip cannot tell which one a message is for",
                    service.service
                );
                findings.warning(&place, what, "give each instance its own port");
            }
            if key == "unreliable" && host.is_none() && Some(port) == discovery {
                let what = format!("{port} is the port of service discovery");
                findings.warning(place, what, "give the service another port");
            }
        }
    }
}

fn discovery_port(config: &StackConfig) -> Option<u16> {
    let port = config.service_discovery.as_ref().and_then(|discovery| discovery.port);
    config.discovers().then_some(port.unwrap_or(ServiceDiscovery::DEFAULT_PORT))
}
