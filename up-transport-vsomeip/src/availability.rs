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

//! Which of the requested services are available now.

use std::collections::HashSet;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::uri_mapping::ServiceInstance;

#[derive(Default)]
pub(crate) struct Availability {
    available: Mutex<HashSet<ServiceInstance>>,
    changed: Notify,
}

impl Availability {
    /// Takes a report of vsomeip's. It makes one with wildcards when a handler is registered, which
    /// says nothing about any service.
    pub(crate) fn set(&self, service: ServiceInstance, available: bool) {
        if !service.is_concrete() {
            return;
        }
        let changed = if available {
            self.available.lock().insert(service)
        } else {
            self.available.lock().remove(&service)
        };
        if changed {
            log::debug!("service {}.{} available: {available}", service.service, service.instance);
            self.changed.notify_waiters();
        }
    }

    pub(crate) fn contains(&self, service: ServiceInstance) -> bool {
        self.available.lock().contains(&service)
    }

    /// Returns as soon as the service is available.
    pub(crate) async fn wait_for(&self, service: ServiceInstance) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed, whether or not it comes before the look.
            changed.as_mut().enable();
            if self.contains(service) {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vsomeip_sys::{InstanceId, ServiceId};

    use super::*;

    const SERVICE: ServiceInstance =
        ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };

    #[tokio::test]
    async fn waiting_ends_with_the_report() {
        let availability = Arc::new(Availability::default());
        let waiting = tokio::spawn({
            let availability = availability.clone();
            async move { availability.wait_for(SERVICE).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        availability.set(SERVICE, true);
        waiting.await.unwrap();
        availability.wait_for(SERVICE).await;
        availability.set(SERVICE, false);
        assert!(!availability.contains(SERVICE));
    }

    #[test]
    fn a_report_about_wildcards_says_nothing() {
        let availability = Availability::default();
        let any = ServiceInstance { service: ServiceId(1), instance: InstanceId::ANY };
        availability.set(any, true);
        assert!(!availability.contains(any));
    }
}
