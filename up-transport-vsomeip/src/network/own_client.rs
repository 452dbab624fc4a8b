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

//! Detects another host's client with the client id of this application.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::Arc;

use vsomeip_sys::{ClientId, Header};

use super::problem::Problem;
use super::state::Monitor;
use crate::mapping::uri::service_of;

/// The client id of this application. vsomeip keeps client ids unique on a host but not between hosts,
/// and mistakes two clients with the same id for one.
pub(crate) struct OwnClient {
    /// 0 until it is known.
    id: AtomicU16,
    monitor: Arc<Monitor>,
}

impl OwnClient {
    pub(crate) fn new(monitor: Arc<Monitor>) -> Self {
        Self { id: AtomicU16::new(0), monitor }
    }

    /// Sets the id, which vsomeip has chosen when the application is registered.
    pub(crate) fn set(&self, id: ClientId) {
        self.id.store(id.0, Ordering::Relaxed);
    }

    /// Reports a problem if a received request has the client id of this application without being its
    /// own: it goes to a service that the application does not use, and no such request `is_pending`.
    pub(crate) fn compare(&self, request: &Header, is_pending: impl FnOnce() -> bool) {
        let id = self.id.load(Ordering::Relaxed);
        let is_ours = || is_pending() || self.monitor.is_available(service_of(request));
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
    fn unknown_request_with_own_id_is_a_problem() {
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
        // Its end cannot be detected.
        monitor.set_problems([].into());
        assert_eq!(problems(), expected.into());
    }
}
