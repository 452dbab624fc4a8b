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

//! An optional offer of a filter: made only if no other application offers the service, and its absence is
//! not an error.

use std::sync::Arc;

use vsomeip_sys::MajorVersion;

use crate::mapping::uri::ServiceInstance;
use crate::network::state::State;
use crate::services::{Lease, Need, Services};

pub(crate) struct OptionalOffer {
    service: ServiceInstance,
    version: MajorVersion,
    lease: Option<Lease>,
    has_warned: bool,
}

impl OptionalOffer {
    pub(crate) fn new((service, version): (ServiceInstance, MajorVersion)) -> Self {
        Self { service, version, lease: None, has_warned: false }
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.lease.is_none()
    }

    /// Makes the offer if it is pending, unless another application offers the service according to
    /// `state`.
    pub(crate) fn make(&mut self, state: &State, services: &Arc<Services>) {
        if !self.is_pending() {
            return;
        }
        match self.offer(state, services) {
            Ok(lease) => self.lease = Some(lease),
            Err(reason) => self.warn(&reason),
        }
    }

    fn offer(&self, state: &State, services: &Arc<Services>) -> Result<Lease, String> {
        let Self { service, version, .. } = *self;
        let is_there = state.offered.contains(&service) || state.services.contains_key(&service);
        if is_there && services.offered_since(service).is_none() {
            return Err("another application offers it".to_owned());
        }
        let needs = vec![Need::Handler(service), Need::WeakOffer(service, version)];
        services.acquire(needs).map_err(|status| status.to_string())
    }

    fn warn(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.has_warned, true) {
            log::warn!(
                service:% = self.service;
                "service {} cannot be offered for a listener of notifications: {reason}; until it is, \
                 the listener does not get notifications sent as requests without return",
                self.service
            );
        }
    }
}
