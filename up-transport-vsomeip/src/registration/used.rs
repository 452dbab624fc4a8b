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

//! What sending has made necessary: offers of what was published, requests of what was called. It is
//! kept until the transport ends, as withdrawing and repeating it with every message would cost more
//! than it is worth, and peers would lose their subscriptions.

use std::collections::hash_map::Entry;
use std::hash::Hash;

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use up_rust::UStatus;
use vsomeip_sys::{EventId, MajorVersion, MethodId};

use crate::registration::ledger::Lease;
use crate::uri_mapping::ServiceInstance;

#[derive(Default)]
pub(crate) struct Used {
    pub(crate) events: Kept<(ServiceInstance, MajorVersion, EventId)>,
    pub(crate) methods: Kept<(ServiceInstance, MethodId)>,
    pub(crate) services: Kept<ServiceInstance>,
}

impl Used {
    pub(crate) fn clear(&self) {
        self.events.0.write().clear();
        self.methods.0.write().clear();
        self.services.0.write().clear();
    }
}

/// One lease for each key.
pub(crate) struct Kept<K>(RwLock<FxHashMap<K, Lease>>);

impl<K: Eq + Hash> Kept<K> {
    /// Acquires the lease for a key, unless there is one already.
    ///
    /// # Errors
    ///
    /// Fails with what `acquire` returns; it is tried again the next time.
    pub(crate) fn keep(
        &self,
        key: K,
        acquire: impl FnOnce() -> Result<Lease, UStatus>,
    ) -> Result<(), UStatus> {
        if self.0.read().contains_key(&key) {
            return Ok(());
        }
        let mut leases = self.0.write();
        // Another thread may have been quicker.
        if let Entry::Vacant(entry) = leases.entry(key) {
            entry.insert(acquire()?);
        }
        Ok(())
    }
}

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}
