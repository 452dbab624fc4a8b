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

//! Which events may have local listeners. Checked for every published message, so the answer is a single
//! bit of an atomic number.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use vsomeip_sys::ServiceId;

use crate::registration::filter::Filter;

const CLASSES: usize = 64;

/// Every event belongs to one of 64 classes. A filter with wildcards counts for all of them.
pub(super) struct Awaited {
    classes: AtomicU64,
    filters: Mutex<Filters>,
}

/// The number of filters for each class, and for all classes.
struct Filters {
    of_class: [usize; CLASSES],
    of_all: usize,
}

fn class_of(service: ServiceId, event: u16) -> usize {
    usize::from((service.0 ^ event).wrapping_mul(0x9e37) >> 10)
}

impl Default for Awaited {
    fn default() -> Self {
        let filters = Filters { of_class: [0; CLASSES], of_all: 0 };
        Self { classes: AtomicU64::default(), filters: Mutex::new(filters) }
    }
}

impl Awaited {
    pub(super) fn add(&self, filter: &Filter) {
        self.change(filter, |count| count + 1);
    }

    pub(super) fn remove(&self, filter: &Filter) {
        self.change(filter, |count| count - 1);
    }

    /// May return true in error, but never false.
    pub(super) fn may_have(&self, service: ServiceId, event: u16) -> bool {
        self.classes.load(Ordering::Relaxed) & 1 << class_of(service, event) != 0
    }

    fn change(&self, filter: &Filter, change: impl FnOnce(usize) -> usize) {
        if filter.events().is_none() {
            return;
        }
        let mut filters = self.filters.lock();
        let count = match filter.key() {
            Some((service, event)) => &mut filters.of_class[class_of(service, event)],
            None => &mut filters.of_all,
        };
        *count = change(*count);
        self.classes.store(filters.classes(), Ordering::Relaxed);
    }
}

impl Filters {
    fn classes(&self) -> u64 {
        if self.of_all > 0 {
            return u64::MAX;
        }
        let used = self.of_class.iter().enumerate().filter(|(_, count)| **count > 0);
        used.fold(0, |classes, (class, _)| classes | 1 << class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::uri;

    fn filter(source: &str) -> Filter {
        Filter::new(&uri(source), None, "here").unwrap()
    }

    #[test]
    fn event_is_awaited_while_filters_match() {
        let (awaited, service) = (Awaited::default(), ServiceId(0x1234));
        let is_awaited = || awaited.may_have(service, 0x8001);
        let (named, wildcard) = (filter("//a/1234/1/8001"), filter("//a/FFFF1234/1/FFFF"));
        assert!(!is_awaited());
        awaited.add(&named);
        awaited.add(&named);
        awaited.add(&wildcard);
        assert!(awaited.may_have(service, 0x8002));
        awaited.remove(&wildcard);
        assert!(is_awaited() && !awaited.may_have(service, 0x8002));
        awaited.remove(&named);
        assert!(is_awaited());
        awaited.remove(&named);
        assert!(!is_awaited());
    }

    #[test]
    fn filters_for_requests_await_no_event() {
        let awaited = Awaited::default();
        let method = Filter::new(&uri("//*/FFFFFFFF/FF/0"), Some(&uri("//a/1234/1/1")), "here");
        awaited.add(&method.unwrap());
        assert!((0x8000..=0xfffe).all(|event| !awaited.may_have(ServiceId(0x1234), event)));
    }
}
