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

//! An offer that a filter would like to have. What is another application's stays that one's: nobody
//! fails or suffers for want of it.

use std::sync::Arc;

use vsomeip_sys::MajorVersion;

use crate::mapping::uri::ServiceInstance;
use crate::network::state::State;
use crate::services::{Lease, Need, Services};

pub(crate) struct Wish {
    service: ServiceInstance,
    version: MajorVersion,
    granted: Option<Lease>,
    /// Whether it was told why it is not granted.
    is_told: bool,
}

impl Wish {
    pub(crate) fn new((service, version): (ServiceInstance, MajorVersion)) -> Self {
        Self { service, version, granted: None, is_told: false }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.granted.is_none()
    }

    /// Makes the offer unless somebody else has one, as `state` has just learned.
    pub(crate) fn grant(&mut self, state: &State, services: &Arc<Services>) {
        if !self.is_open() {
            return;
        }
        match self.offer(state, services) {
            Ok(lease) => self.granted = Some(lease),
            Err(reason) => self.tell(&reason),
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

    fn tell(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.is_told, true) {
            log::warn!(
                "a listener for all notifications and responses does not get the notifications that \
                 are sent to service {} as requests without return, as long as that cannot be \
                 offered: {reason}",
                self.service
            );
        }
    }
}
