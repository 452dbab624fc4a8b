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

//! In which version a service is offered if nobody says so.

use rustc_hash::FxHashMap;
use vsomeip_sys::{MajorVersion, ServiceId};

/// The interface versions of the services of this host.
#[derive(Clone, Debug)]
pub(crate) struct InterfaceVersions {
    /// That of the local entity.
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

    /// The version that was set for a service.
    pub(crate) fn configured(&self, service: ServiceId) -> Option<MajorVersion> {
        self.services.get(&service).copied()
    }
}
