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

//! The needed versions of an event, of which vsomeip can subscribe to one at a time.

use vsomeip_sys::MajorVersion;

#[derive(Default)]
pub(super) struct NeededVersions {
    needed: Vec<MajorVersion>,
    /// The version of vsomeip's subscription.
    pub(super) subscribed: Option<MajorVersion>,
}

impl NeededVersions {
    pub(super) fn add(&mut self, version: MajorVersion) {
        self.needed.push(version);
    }

    pub(super) fn remove(&mut self, version: MajorVersion) {
        self.needed.retain(|needed| *needed != version);
    }

    pub(super) fn is_needed(&self) -> bool {
        !self.needed.is_empty()
    }

    pub(super) fn is_needed_in(&self, version: MajorVersion) -> bool {
        self.needed.contains(&version)
    }

    /// The version to subscribe to: the available one if it is needed, else the current one, else any.
    pub(super) fn wanted(&self, available: Option<MajorVersion>) -> Option<MajorVersion> {
        let is_needed = |version: &MajorVersion| self.is_needed_in(*version);
        let best = available.filter(is_needed).or(self.subscribed.filter(is_needed));
        best.or(self.needed.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: MajorVersion = MajorVersion(1);
    const TWO: MajorVersion = MajorVersion(2);

    #[test]
    fn available_version_is_preferred() {
        let mut versions = NeededVersions::default();
        assert_eq!(versions.wanted(Some(ONE)), None);
        versions.add(ONE);
        versions.add(TWO);
        assert_eq!(versions.wanted(None), Some(ONE));
        assert_eq!(versions.wanted(Some(TWO)), Some(TWO));
        versions.subscribed = Some(TWO);
        assert_eq!(versions.wanted(Some(MajorVersion(3))), Some(TWO));
        versions.remove(TWO);
        assert_eq!(versions.wanted(Some(TWO)), Some(ONE));
        versions.remove(ONE);
        assert!(!versions.is_needed());
    }
}
