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
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use up_rust::UStatus;
use vsomeip_sys::{EventId, MajorVersion, MethodId};

use crate::mapping::uri::ServiceInstance;
use crate::registration::ledger::Lease;

/// What a message that is sent makes use of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use {
    /// A topic, of a service in a version.
    Topic(ServiceInstance, MajorVersion, EventId),
    Method(ServiceInstance, MethodId),
    Service(ServiceInstance),
}

impl Use {
    /// A number of its own, never 0.
    fn number(self) -> u64 {
        let (kind, service, member) = match self {
            Self::Topic(service, version, event) => {
                (1, service, u64::from(version.0) << 16 | u64::from(event.0))
            }
            Self::Method(service, method) => (2, service, u64::from(method.0)),
            Self::Service(service) => (3, service, 0),
        };
        let ServiceInstance { service, instance } = service;
        kind << 56 | u64::from(service.0) << 40 | u64::from(instance.0) << 24 | member
    }
}

/// How many uses are known without a look at the leases. A prime, as ids often have a step.
const RECENT: usize = 61;

/// One lease for each use.
pub(crate) struct Used<L = Lease> {
    leases: Mutex<FxHashMap<u64, L>>,
    /// Numbers of uses that have a lease: of those that share a place, the last.
    recent: [AtomicU64; RECENT],
}

impl<L> Used<L> {
    /// Acquires the lease for a use, unless there is one already.
    ///
    /// # Errors
    ///
    /// Fails with what `acquire` returns; it is tried again the next time.
    pub(crate) fn keep(
        &self,
        what: Use,
        acquire: impl FnOnce() -> Result<L, UStatus>,
    ) -> Result<(), UStatus> {
        let number = what.number();
        let recent = self.place_of(number);
        if recent.is_some_and(|recent| recent.load(Ordering::Acquire) == number) {
            return Ok(());
        }
        let mut leases = self.leases.lock();
        if let Entry::Vacant(entry) = leases.entry(number) {
            entry.insert(acquire()?);
        }
        if let Some(recent) = recent {
            recent.store(number, Ordering::Release);
        }
        Ok(())
    }

    fn place_of(&self, number: u64) -> Option<&AtomicU64> {
        self.recent.get(usize::try_from(number).ok()? % RECENT)
    }

    /// Gives all leases back.
    pub(crate) fn clear(&self) {
        let mut leases = self.leases.lock();
        self.recent.iter().for_each(|number| number.store(0, Ordering::Release));
        leases.clear();
    }
}

impl<L> Default for Used<L> {
    fn default() -> Self {
        Self { leases: Mutex::default(), recent: [const { AtomicU64::new(0) }; RECENT] }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::rc::Rc;

    use vsomeip_sys::{InstanceId, ServiceId};

    use super::*;
    use crate::error::unavailable;

    fn service(service: u16, instance: u16) -> ServiceInstance {
        ServiceInstance { service: ServiceId(service), instance: InstanceId(instance) }
    }

    /// Each id has the values of all others somewhere.
    fn all() -> Vec<Use> {
        let ids = [1, 2, 0x100, 0xffff];
        let pairs = || ids.iter().flat_map(|&one| ids.map(move |other| (one, other)));
        let services = pairs().map(|(id, instance)| service(id, instance));
        services
            .flat_map(|service| {
                let topics = pairs().map(move |(event, version)| {
                    let [_, version] = version.to_be_bytes();
                    Use::Topic(service, MajorVersion(version), EventId(event))
                });
                let methods = ids.map(|method| Use::Method(service, MethodId(method)));
                topics.chain(methods).chain([Use::Service(service)]).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn each_use_has_a_lease_of_its_own_and_gets_it_once() {
        let used = Used::default();
        let mut acquired = Vec::new();
        for what in all().into_iter().chain(all()) {
            let acquire = || {
                acquired.push(format!("{what:?}"));
                Ok(())
            };
            used.keep(what, acquire).unwrap();
        }
        let expected: HashSet<_> = all().iter().map(|what| format!("{what:?}")).collect();
        assert_eq!(acquired.len(), expected.len());
        assert_eq!(HashSet::from_iter(acquired), expected);
        assert!(all().iter().all(|what| what.number() != 0));
    }

    #[test]
    fn what_failed_is_tried_again() {
        let used = Used::default();
        let what = Use::Service(service(1, 1));
        used.keep(what, || Err(unavailable("not now"))).unwrap_err();
        let mut count = 0;
        for _ in 0..2 {
            let acquire = || {
                count += 1;
                Ok(())
            };
            used.keep(what, acquire).unwrap();
        }
        assert_eq!(count, 1);
    }

    #[test]
    fn all_leases_are_given_back_together() {
        let used = Used::default();
        let lease = Rc::new(());
        for _ in 0..2 {
            all().into_iter().for_each(|what| used.keep(what, || Ok(lease.clone())).unwrap());
            assert_eq!(Rc::strong_count(&lease), 1 + all().len());
            used.clear();
            assert_eq!(Rc::strong_count(&lease), 1);
        }
    }
}
