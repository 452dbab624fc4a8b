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

//! The protocols of services as set by the builder and listed in vsomeip's configuration.

use std::collections::{BTreeMap, BTreeSet};

use vsomeip_sys::{InstanceId, MethodId, ServiceId};

use crate::mapping::per_service::PerService;
use crate::mapping::uri::ServiceInstance;
use crate::network::static_routes::protocols_of;
use crate::protocol::{Protocol, Protocols};
use crate::stack::{Client, Service, StackConfig};

/// The protocols that the builder sets.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProtocolOverrides {
    services: PerService<Protocol>,
    methods: PerService<BTreeMap<MethodId, Protocol>>,
}

impl ProtocolOverrides {
    pub(crate) fn service(
        &mut self,
        service: ServiceId,
        instance: Option<InstanceId>,
        protocol: Protocol,
    ) {
        self.services.insert(service, instance, protocol);
    }

    pub(crate) fn method(
        &mut self,
        service: ServiceId,
        instance: Option<InstanceId>,
        method: MethodId,
        protocol: Protocol,
    ) {
        self.methods.entry(service, instance).insert(method, protocol);
    }

    fn of(&self, service: ServiceInstance, method: MethodId) -> Option<Protocol> {
        let of_method = self.methods.candidates(service).find_map(|methods| methods.get(&method));
        of_method.or_else(|| self.services.get(service)).copied()
    }
}

/// The preferred protocol for a request, by its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preference {
    /// Set by the builder.
    Required(Protocol),
    /// Listed in vsomeip's configuration.
    Listed(Protocol),
    /// The default.
    Default(Protocol),
}

impl Preference {
    pub(super) fn protocol(self) -> Protocol {
        match self {
            Self::Required(protocol) | Self::Listed(protocol) | Self::Default(protocol) => protocol,
        }
    }
}

/// Everything that is configured about protocols.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    overrides: ProtocolOverrides,
    /// The services of other hosts in `services` of vsomeip's configuration.
    listed: BTreeMap<ServiceInstance, Listed>,
    /// The services in `clients` of vsomeip's configuration.
    clients: BTreeMap<ServiceInstance, Protocols>,
    default: Protocol,
}

#[derive(Clone, Debug)]
struct Listed {
    protocols: Protocols,
    /// The methods whose requests are segmented (SOME/IP-TP), which requires UDP.
    segmented: BTreeSet<u16>,
}

impl Rules {
    pub(crate) fn new(
        overrides: ProtocolOverrides,
        default: Protocol,
        config: &StackConfig,
    ) -> Self {
        let is_remote = |service: &&Service| service.other_host(config.unicast).is_some();
        let services = config.services.iter().filter(is_remote);
        Self {
            overrides,
            listed: services.filter_map(Listed::of).collect(),
            clients: config.clients.iter().filter_map(ports_of).collect(),
            default,
        }
    }

    pub(super) fn preference(&self, service: ServiceInstance, method: MethodId) -> Preference {
        if let Some(protocol) = self.overrides.of(service, method) {
            return Preference::Required(protocol);
        }
        let listed = self.listed.get(&service);
        if listed.is_some_and(|listed| listed.segmented.contains(&method.0)) {
            return Preference::Listed(Protocol::Udp);
        }
        let only = listed
            .and_then(|listed| listed.protocols.only())
            .or_else(|| self.clients.get(&service)?.only());
        match (only, listed) {
            (Some(only), _) => Preference::Listed(only),
            // It has both.
            (None, Some(_)) => Preference::Listed(self.default),
            (None, None) => Preference::Default(self.default),
        }
    }

    /// The protocols of a listed service of another host.
    pub(super) fn listed(&self, service: ServiceInstance) -> Option<Protocols> {
        self.listed.get(&service).map(|listed| listed.protocols)
    }

    /// Whether methods of a service may have different protocols.
    pub(super) fn distinguish_methods_of(&self, service: ServiceInstance) -> bool {
        self.overrides.methods.get(service).is_some()
            || self.listed.get(&service).is_some_and(|listed| !listed.segmented.is_empty())
    }
}

impl Listed {
    /// `None` for a service without a port.
    fn of(service: &Service) -> Option<(ServiceInstance, Self)> {
        let protocols = protocols_of(service)?;
        let tp = service.someip_tp.as_ref().filter(|_| protocols.udp);
        let methods = tp.into_iter().flat_map(|tp| &tp.client_to_service);
        let segmented = methods.map(|method| method.method).collect();
        Some((service.identity(), Self { protocols, segmented }))
    }
}

/// The service of an entry in `clients`, and the protocols of its ports.
fn ports_of(client: &Client) -> Option<(ServiceInstance, Protocols)> {
    let service = ServiceId(client.service?);
    let instance = InstanceId(client.instance?);
    let protocols =
        Protocols { udp: !client.unreliable.is_empty(), tcp: !client.reliable.is_empty() };
    Some((ServiceInstance { service, instance }, protocols))
}
