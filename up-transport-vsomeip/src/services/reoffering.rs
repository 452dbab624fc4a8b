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

//! To offer services anew: vsomeip tries a port that it could not open again when no service has it any
//! more, which takes it a moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::service::Service;
use super::Services;
use crate::mapping::uri::ServiceInstance;

impl Services {
    /// The services that are offered.
    pub(crate) fn offered(&self) -> BTreeSet<ServiceInstance> {
        let by_id = self.by_id.read();
        let is_offered = |service: &Service| service.offered_since().is_some();
        by_id.iter().filter(|(_, service)| is_offered(service)).map(|(id, _)| *id).collect()
    }

    /// Withdraws the offers of these services until [`resume_offers`](Self::resume_offers).
    pub(crate) fn pause_offers(&self, ids: &BTreeSet<ServiceInstance>) {
        let application = &self.environment.application;
        for (id, service) in self.of(ids) {
            service.with_offer(|version| {
                if let Err(error) = application.stop_offer_service(id, version) {
                    log::warn!("service {id} is not offered anew: {error}");
                }
            });
        }
    }

    /// Makes the offers of these services anew that are still wanted.
    pub(crate) fn resume_offers(&self, ids: &BTreeSet<ServiceInstance>) {
        let application = &self.environment.application;
        for (id, service) in self.of(ids) {
            service.with_offer(|version| {
                if let Err(error) = application.offer_service(id, version) {
                    log::warn!("service {id} is no longer offered: {error}");
                }
            });
            self.repeat_fields(id, &service);
        }
    }

    /// vsomeip has forgotten the values of a service that was withdrawn.
    fn repeat_fields(&self, id: ServiceInstance, service: &Service) {
        service.values().repeat_own(|event, payload| {
            if let Err(error) = self.environment.application.notify(id, event, payload) {
                log::warn!("the value of field {event} of service {id} is lost: {error}");
            }
        });
    }

    fn of(&self, ids: &BTreeSet<ServiceInstance>) -> Vec<(ServiceInstance, Arc<Service>)> {
        let by_id = self.by_id.read();
        ids.iter().filter_map(|id| Some((*id, by_id.get(id)?.clone()))).collect()
    }
}
