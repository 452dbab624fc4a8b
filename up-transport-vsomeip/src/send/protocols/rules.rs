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

//! What the builder and vsomeip's configuration say about the protocols of services.

use std::collections::{BTreeMap, BTreeSet};

use vsomeip_sys::{InstanceId, MethodId, ServiceId};

use crate::mapping::uri::ServiceInstance;
use crate::protocol::{Protocol, Protocols};
use crate::stack::{Client, Service, StackConfig};

/// What the builder is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    services: BTreeMap<(ServiceId, Option<InstanceId>), Protocol>,
    methods: BTreeMap<(ServiceId, Option<InstanceId>), BTreeMap<MethodId, Protocol>>,
}

impl Told {
    pub(crate) fn service(
        &mut self,
        service: ServiceId,
        instance: Option<InstanceId>,
        protocol: Protocol,
    ) {
        self.services.insert((service, instance), protocol);
    }

    pub(crate) fn method(
        &mut self,
        service: ServiceId,
        instance: Option<InstanceId>,
        method: MethodId,
        protocol: Protocol,
    ) {
        self.methods.entry((service, instance)).or_default().insert(method, protocol);
    }

    fn of(&self, service: ServiceInstance, method: MethodId) -> Option<Protocol> {
        let mut methods = keys(service).into_iter().filter_map(|key| self.methods.get(&key));
        let of_method = methods.find_map(|methods| methods.get(&method));
        let of_service = || keys(service).iter().find_map(|key| self.services.get(key));
        of_method.or_else(of_service).copied()
    }
}

/// An instance comes before its service.
fn keys(
    ServiceInstance { service, instance }: ServiceInstance,
) -> [(ServiceId, Option<InstanceId>); 2] {
    [(service, Some(instance)), (service, None)]
}

/// What is wanted of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preference {
    /// The builder says so.
    Must(Protocol),
    /// The configuration says so.
    Listed(Protocol),
    /// Nobody says anything.
    Default(Protocol),
}

impl Preference {
    pub(super) fn protocol(self) -> Protocol {
        match self {
            Self::Must(protocol) | Self::Listed(protocol) | Self::Default(protocol) => protocol,
        }
    }
}

/// What is said about all services.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    told: Told,
    /// The services of other hosts in `services`.
    listed: BTreeMap<ServiceInstance, Listed>,
    /// Those in `clients`.
    clients: BTreeMap<ServiceInstance, Protocols>,
    default: Protocol,
}

#[derive(Clone, Debug)]
struct Listed {
    protocols: Protocols,
    /// The methods that are called in segments, which only UDP has.
    segmented: BTreeSet<u16>,
}

impl Rules {
    pub(crate) fn new(told: Told, default: Protocol, config: &StackConfig) -> Self {
        let is_elsewhere = |service: &&Service| service.other_host(config.unicast).is_some();
        let services = config.services.iter().filter(is_elsewhere);
        Self {
            told,
            listed: services.filter_map(Listed::of).collect(),
            clients: config.clients.iter().filter_map(ports_of).collect(),
            default,
        }
    }

    pub(super) fn preference(&self, service: ServiceInstance, method: MethodId) -> Preference {
        if let Some(protocol) = self.told.of(service, method) {
            return Preference::Must(protocol);
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

    /// The protocols of a service of another host that is listed.
    pub(super) fn listed(&self, service: ServiceInstance) -> Option<Protocols> {
        self.listed.get(&service).map(|listed| listed.protocols)
    }

    /// Whether not all methods of a service may be called over the same protocol.
    pub(super) fn distinguish_methods_of(&self, service: ServiceInstance) -> bool {
        keys(service).iter().any(|key| self.told.methods.contains_key(key))
            || self.listed.get(&service).is_some_and(|listed| !listed.segmented.is_empty())
    }
}

impl Listed {
    /// `None` of a service without a port.
    fn of(service: &Service) -> Option<(ServiceInstance, Self)> {
        let tcp = service.reliable.as_ref().and_then(|reliable| reliable.port);
        let protocols = Protocols {
            udp: service.unreliable.is_some_and(|port| port != 0),
            tcp: tcp.is_some_and(|port| port != 0),
        };
        let segmented = service.someip_tp.iter().flat_map(|tp| &tp.client_to_service);
        let segmented = segmented.map(|method| method.method).collect();
        let segmented = if protocols.udp { segmented } else { BTreeSet::new() };
        let has_any = protocols != Protocols::default();
        has_any.then_some((service.identity(), Self { protocols, segmented }))
    }
}

/// The service that a client's ports are for, and the protocols that they are of.
fn ports_of(client: &Client) -> Option<(ServiceInstance, Protocols)> {
    let service = ServiceId(client.service?);
    let instance = InstanceId(client.instance?);
    let protocols =
        Protocols { udp: !client.unreliable.is_empty(), tcp: !client.reliable.is_empty() };
    Some((ServiceInstance { service, instance }, protocols))
}
