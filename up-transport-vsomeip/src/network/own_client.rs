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

//! Whether a client on another host has the client id of this application.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::Arc;

use vsomeip_sys::{ClientId, Header};

use super::problem::Problem;
use super::state::Monitor;
use crate::mapping::uri::service_of;

/// The client id of this application, and who else has it. vsomeip keeps it unique on a host, nobody
/// does so between hosts; what two have then, vsomeip takes for one.
pub(crate) struct OwnClient {
    /// 0, which no client has, until it is known.
    id: AtomicU16,
    monitor: Arc<Monitor>,
}

impl OwnClient {
    pub(crate) fn new(monitor: Arc<Monitor>) -> Self {
        Self { id: AtomicU16::new(0), monitor }
    }

    /// vsomeip may choose it, which it has done when the application is registered.
    pub(crate) fn set(&self, id: ClientId) {
        self.id.store(id.0, Ordering::Relaxed);
    }

    /// Looks at a received request: if it has our client id, but is for a service that we do not
    /// use, it is not ours; nor if no such request of ours `waits` for its response.
    pub(crate) fn compare(&self, request: &Header, waits: impl FnOnce() -> bool) {
        let id = self.id.load(Ordering::Relaxed);
        let is_ours = || waits() || self.monitor.is_available(service_of(request));
        if id != 0 && request.client == id && !is_ours() {
            self.monitor.add_problem(Problem::ClientIdInUse { id });
        }
    }
}

#[cfg(test)]
mod tests {
    use vsomeip_sys::{InstanceId, MajorVersion, MessageType, MethodId, ServiceId};

    use super::*;
    use crate::testing::service;

    #[test]
    fn request_of_own_id_to_unused_service_is_of_other() {
        let monitor = Arc::new(Monitor::default());
        let own = OwnClient::new(monitor.clone());
        let (id, instance, method) = (ServiceId(0x1234), InstanceId(1), MethodId(1));
        let version = MajorVersion(1);
        let request = Header::request(MessageType::Request, id, instance, method, version, false);
        let request = Header { client: 7, ..request };
        let problems = || monitor.state().problems;
        let compare = |request: &Header| own.compare(request, || false);
        compare(&Header { client: 0, ..request });
        own.set(ClientId(8));
        compare(&request);
        own.set(ClientId(7));
        let used = service(request.service, request.instance);
        monitor.set_available(used, Some(MajorVersion(1)), || true);
        compare(&request);
        own.compare(&request, || true);
        monitor.set_available(used, None, || true);
        own.compare(&request, || true);
        assert_eq!(problems(), [].into());
        compare(&request);
        let expected = [Problem::ClientIdInUse { id: 7 }];
        assert_eq!(problems(), expected.clone().into());
        // Nobody can see that it is over.
        monitor.set_problems([].into());
        assert_eq!(problems(), expected.into());
    }
}
