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

//! A value for each service, or for single instances of one. Pure.

use rustc_hash::FxHashMap;
use vsomeip_sys::{InstanceId, ServiceId};

use crate::mapping::uri::ServiceInstance;

/// Values by service. The value of an instance overrides that of its service.
#[derive(Clone, Debug)]
pub(crate) struct PerService<T>(FxHashMap<(ServiceId, Option<InstanceId>), T>);

impl<T> Default for PerService<T> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<T> PerService<T> {
    pub(crate) fn insert(&mut self, service: ServiceId, instance: Option<InstanceId>, value: T) {
        self.0.insert((service, instance), value);
    }

    /// The value of exactly this service or instance, with the default if there is none.
    pub(crate) fn entry(&mut self, service: ServiceId, instance: Option<InstanceId>) -> &mut T
    where
        T: Default,
    {
        self.0.entry((service, instance)).or_default()
    }

    pub(crate) fn get(&self, service: ServiceInstance) -> Option<&T> {
        self.candidates(service).next()
    }

    /// The value of the instance, then that of the service.
    pub(crate) fn candidates(
        &self,
        ServiceInstance { service, instance }: ServiceInstance,
    ) -> impl Iterator<Item = &T> {
        let keys = [(service, Some(instance)), (service, None)];
        keys.into_iter().filter_map(|key| self.0.get(&key))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
