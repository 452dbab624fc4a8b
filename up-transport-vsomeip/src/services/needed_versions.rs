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

//! In which version an event is subscribed to: vsomeip subscribes in one at a time.

use vsomeip_sys::MajorVersion;

/// The versions of an event that somebody needs.
#[derive(Default)]
pub(super) struct Versions {
    needed: Vec<MajorVersion>,
    /// The one that vsomeip was asked for.
    pub(super) subscribed: Option<MajorVersion>,
}

impl Versions {
    pub(super) fn need(&mut self, version: MajorVersion) {
        self.needed.push(version);
    }

    pub(super) fn no_longer_need(&mut self, version: MajorVersion) {
        self.needed.retain(|needed| *needed != version);
    }

    pub(super) fn is_needed(&self) -> bool {
        !self.needed.is_empty()
    }

    pub(super) fn is_needed_in(&self, version: MajorVersion) -> bool {
        self.needed.contains(&version)
    }

    /// The one to subscribe to: that in which the service is available, if somebody needs it.
    pub(super) fn wanted(&self, available: Option<MajorVersion>) -> Option<MajorVersion> {
        let is_needed = |version: &MajorVersion| self.needed.contains(version);
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
        let mut versions = Versions::default();
        assert_eq!(versions.wanted(Some(ONE)), None);
        versions.need(ONE);
        versions.need(TWO);
        assert_eq!(versions.wanted(None), Some(ONE));
        assert_eq!(versions.wanted(Some(TWO)), Some(TWO));
        versions.subscribed = Some(TWO);
        assert_eq!(versions.wanted(Some(MajorVersion(3))), Some(TWO));
        versions.no_longer_need(TWO);
        assert_eq!(versions.wanted(Some(TWO)), Some(ONE));
        versions.no_longer_need(ONE);
        assert!(!versions.is_needed());
    }
}
