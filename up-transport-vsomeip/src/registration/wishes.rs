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

//! Offers that a filter would like to have. What is another application's stays that one's: nobody
//! fails or suffers for want of them.

use std::sync::Arc;

use up_rust::UStatus;
use vsomeip_sys::MajorVersion;

use crate::mapping::uri::ServiceInstance;
use crate::network::state::State;
use crate::services::{Lease, Need, Services};

/// The wishes of one filter.
pub(crate) struct Wishes {
    open: Vec<Wish>,
    granted: Vec<Lease>,
}

struct Wish {
    service: ServiceInstance,
    version: MajorVersion,
    /// Whether it was told why it is not granted.
    is_told: bool,
}

impl Wishes {
    /// `None` without any.
    pub(crate) fn new(wished: Vec<(ServiceInstance, MajorVersion)>) -> Option<Self> {
        let wish = |(service, version)| Wish { service, version, is_told: false };
        let open: Vec<_> = wished.into_iter().map(wish).collect();
        (!open.is_empty()).then_some(Self { open, granted: Vec::new() })
    }

    pub(crate) fn are_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Makes the offers of which nobody else has one, as `state` has just learned.
    pub(crate) fn grant(&mut self, state: &State, services: &Arc<Services>) {
        let granted = &mut self.granted;
        self.open.retain_mut(|wish| match wish.grant(state, services) {
            Ok(lease) => {
                granted.push(lease);
                false
            }
            Err(reason) => {
                wish.tell(&reason);
                true
            }
        });
    }
}

impl Wish {
    fn grant(&self, state: &State, services: &Arc<Services>) -> Result<Lease, String> {
        let Self { service, version, .. } = *self;
        let is_there = state.offered.contains(&service) || state.services.contains_key(&service);
        if is_there && services.offered_since(service).is_none() {
            return Err("another application offers it".to_owned());
        }
        let lease = services.acquire(vec![Need::Handler(service), Need::WeakOffer(service, version)]);
        lease.map_err(|status: UStatus| status.to_string())
    }

    fn tell(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.is_told, true) {
            log::warn!(
                "service {} is not offered for a listener for all notifications and responses: \
                 {reason}; notifications that are sent to it as requests without return do not reach \
                 the listener until it is",
                self.service
            );
        }
    }
}
