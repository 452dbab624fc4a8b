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

//! The interface versions in which services are offered by default.

use rustc_hash::FxHashMap;
use vsomeip_sys::{MajorVersion, ServiceId};

/// The interface versions of local services.
#[derive(Clone, Debug)]
pub(crate) struct InterfaceVersions {
    /// The version of the local entity, for all services without a configured one.
    own: MajorVersion,
    services: FxHashMap<ServiceId, MajorVersion>,
}

impl InterfaceVersions {
    pub(crate) fn new(own: MajorVersion, services: FxHashMap<ServiceId, MajorVersion>) -> Self {
        Self { own, services }
    }

    // [impl->dsn~someip-uri-version~1]
    pub(crate) fn of(&self, service: ServiceId) -> MajorVersion {
        self.configured(service).unwrap_or(self.own)
    }

    /// The configured version of a service.
    pub(crate) fn configured(&self, service: ServiceId) -> Option<MajorVersion> {
        self.services.get(&service).copied()
    }
}
