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

//! Withdraws and renews offers: vsomeip retries a port that it could not open only after all offers that
//! use it were withdrawn for a moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::service::Service;
use super::Services;
use crate::mapping::uri::ServiceInstance;

impl Services {
    /// All offered services.
    pub(crate) fn offered(&self) -> BTreeSet<ServiceInstance> {
        let by_id = self.by_id.read();
        let is_offered = |service: &Service| service.offered_since().is_some();
        by_id.iter().filter(|(_, service)| is_offered(service)).map(|(id, _)| *id).collect()
    }

    /// Withdraws the offers of these services until [`resume_offers`](Self::resume_offers).
    pub(crate) fn pause_offers(&self, ids: &BTreeSet<ServiceInstance>) {
        let application = &self.environment.application;
        for (id, service) in self.existing(ids) {
            service.with_offer(|version| {
                if let Err(error) = application.stop_offer_service(id, version) {
                    log::warn!(service:% = id; "the offer of service {id} cannot be renewed: {error}");
                }
            });
        }
    }

    /// Renews the offers of these services, if they are still needed.
    pub(crate) fn resume_offers(&self, ids: &BTreeSet<ServiceInstance>) {
        let application = &self.environment.application;
        for (id, service) in self.existing(ids) {
            service.with_offer(|version| {
                if let Err(error) = application.offer_service(id, version) {
                    log::warn!(service:% = id; "service {id} is no longer offered: {error}");
                }
            });
            self.repeat_fields(id, &service);
        }
    }

    /// Sets the fields of a service again, as vsomeip forgets them with the offer.
    fn repeat_fields(&self, id: ServiceInstance, service: &Service) {
        service.values().repeat_own(|event, payload| {
            if let Err(error) = self.environment.application.notify(id, event, payload) {
                log::warn!(service:% = id, event:% = event; "field {event} of service {id} cannot be set again: {error}");
            }
        });
    }

    fn existing(&self, ids: &BTreeSet<ServiceInstance>) -> Vec<(ServiceInstance, Arc<Service>)> {
        let by_id = self.by_id.read();
        ids.iter().filter_map(|id| Some((*id, by_id.get(id)?.clone()))).collect()
    }
}
