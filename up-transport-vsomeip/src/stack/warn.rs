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

//! Collects warnings while a configuration is read.

mod keys;
pub(super) mod spelling;

use super::error::Problem;
use crate::vsomeip::version::is_since;

/// The warnings so far, and the place that is being read.
#[derive(Debug)]
pub(crate) struct Notes<'a> {
    /// vsomeip's version.
    version: &'a str,
    place: String,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(version: &'a str) -> Self {
        Self { version, place: String::new(), problems: Vec::new() }
    }

    /// Reads what is under a key.
    pub(super) fn under<R>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> R) -> R {
        let dot = if self.place.is_empty() { "" } else { "." };
        self.within(&format!("{dot}{key}"), read)
    }

    /// Reads an element of a list, or with a key, of an object in place of a list.
    pub(super) fn element<R>(
        &mut self,
        index: usize,
        key: &str,
        read: impl FnOnce(&mut Self) -> R,
    ) -> R {
        match key {
            "" => self.within(&format!("[{index}]"), read),
            key => self.under(key, read),
        }
    }

    fn within<R>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> R) -> R {
        let end = self.place.len();
        self.place.push_str(step);
        let result = read(self);
        self.place.truncate(end);
        result
    }

    pub(super) fn warn(&mut self, what: impl Into<String>, remedy: impl Into<String>) {
        let (place, what, remedy) = (self.place.clone(), what.into(), remedy.into());
        self.problems.push(Problem { place, what, remedy });
    }

    pub(super) fn is_since(&self, version: [u32; 3]) -> bool {
        is_since(self.version, version) == Some(true)
    }

    /// Warns about a key that this version of vsomeip does not read.
    pub(super) fn check_version(&mut self, section: &str, key: &str) {
        if let Some(remedy) = keys::unread(section, key, |version| self.is_since(version)) {
            self.warn(format!("vsomeip {} does not read this key", self.version), remedy);
        }
    }
}
