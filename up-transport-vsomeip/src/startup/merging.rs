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

//! Merges several files into one configuration by vsomeip's rules. Those for each key are declared in
//! its section.

use std::path::PathBuf;

use super::reading::{ConfigFile, Files, SECTION};
use crate::stack::warn::Notes;
use crate::stack::{Problem, StackConfig};
use crate::vsomeip::version::is_since;

/// The keys that vsomeip reads from mandatory files for every application. It reads the others only for
/// the routing manager, or if no routing manager is named.
const FOR_EVERY_APPLICATION: [&str; 21] = [
    "applications",
    "buffer-shrink-threshold",
    "diagnosis",
    "diagnosis_mask",
    "endpoint-queue-limit-external",
    "endpoint-queue-limit-local",
    "endpoint-queue-limits",
    "file-permissions",
    "logging",
    "max-payload-size-local",
    "max-payload-size-reliable",
    "max-payload-size-unreliable",
    "network",
    "payload-sizes",
    "routing",
    "security",
    "shutdown_timeout",
    "tcp-connect-time-max",
    "tcp-restart-aborts-max",
    "tracing",
    "udp-receive-buffer-size",
];
/// Further such keys since 3.5.3.
const LATER_FOR_EVERY_APPLICATION: [&str; 6] = [
    "dispatching",
    "network-options",
    "request_debounce_time",
    "servicegroups",
    "services",
    "uds-preferred",
];

/// Several files as one configuration.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) config: StackConfig,
    /// Whether vsomeip ignores keys that are not for every application.
    pub(crate) is_partial: bool,
    /// What vsomeip misreads, with the file.
    pub(crate) problems: Vec<(PathBuf, Problem)>,
}

impl Merged {
    /// Adds the keys of a file that vsomeip reads, without the transport's section.
    fn add(&mut self, file: &ConfigFile, version: &str, counts: impl Fn(&str) -> bool) {
        let mut notes = Notes::new(version);
        let counts = |key: &str| key != SECTION && counts(key);
        self.config.add(&file.tree.only(counts), &mut notes);
        let problems = notes.problems.into_iter();
        self.problems.extend(problems.map(|problem| (file.path.clone(), problem)));
    }
}

/// The configuration that a version of vsomeip reads for an application.
pub(crate) fn merge(files: &Files, application: &str, version: &str) -> Merged {
    let mut merged = Merged { config: StackConfig::default(), is_partial: false, problems: vec![] };
    let is_later = is_since(version, [3, 5, 3]) == Some(true);
    let is_for_every = |key: &str| {
        FOR_EVERY_APPLICATION.contains(&key)
            || (is_later && LATER_FOR_EVERY_APPLICATION.contains(&key))
    };
    for file in &files.mandatory {
        merged.add(file, version, is_for_every);
    }
    // Without mandatory files, no host is known yet.
    let host = merged.config.routing_host();
    if host.is_some_and(|host| !host.is_empty() && host != application) {
        merged.is_partial = true;
        return merged;
    }
    for file in &files.mandatory {
        merged.add(file, version, |key| !is_for_every(key));
    }
    let has_logging = merged.config.logging.is_some();
    for file in &files.others {
        merged.add(file, version, |key| key != "logging" || !has_logging);
    }
    merged
}

/// The whole content of the files, for any application.
pub(crate) fn merge_all(files: &Files, version: &str) -> StackConfig {
    let mut merged = Merged { config: StackConfig::default(), is_partial: false, problems: vec![] };
    for file in files.mandatory.iter().chain(&files.others) {
        merged.add(file, version, |_| true);
    }
    merged.config
}

#[cfg(test)]
mod tests;
