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

//! Keys that nobody reads, but that look like one that is read.

use super::Findings;
use crate::stack::section::Section;
use crate::stack::StackConfig;

/// Keys that vsomeip knows and [`StackConfig`] has no field for.
const OTHER_KEYS: [&str; 11] = [
    "acceptances",
    "container_policy_extensions",
    "debounce",
    "partitions",
    "routing-client-ports",
    "secure-services",
    "security-update-whitelist",
    "servicegroups",
    "suppress_missing_event_logs",
    "uprotocol",
    "warn_fill_level",
];

/// How many characters a misspelling is off, at most.
const TOLERANCE: usize = 2;

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    section("", config, &OTHER_KEYS, findings);
    for (index, application) in config.applications.iter().enumerate() {
        section(
            &format!("applications[{index}]."),
            application,
            &["debounce", "plugins"],
            findings,
        );
    }
    for (index, service) in config.services.iter().enumerate() {
        let place = format!("services[{index}].");
        section(&place, service, &[], findings);
        for (index, event) in service.events.iter().enumerate() {
            section(&format!("{place}events[{index}]."), event, &["update-cycle"], findings);
        }
        for (index, group) in service.eventgroups.iter().enumerate() {
            section(&format!("{place}eventgroups[{index}]."), group, &[], findings);
        }
    }
    if let Some(discovery) = &config.service_discovery {
        section("service-discovery.", discovery, &["find_debounce_time"], findings);
    }
    if let Some(logging) = &config.logging {
        section("logging.", logging, &[], findings);
    }
}

pub(super) fn section<S: Section>(
    place: &str,
    section: &S,
    known: &[&str],
    findings: &mut Findings,
) {
    for key in section.other().keys().filter(|key| !known.contains(&key.as_str())) {
        let keys = S::KEYS.iter().chain(known).copied();
        if let Some(meant) = nearest(key, keys) {
            let what = "nobody reads this key";
            findings.warning(format!("{place}{key}"), what, format!("write `{meant}`"));
        }
    }
}

/// The word that `misspelt` may be meant for.
pub(crate) fn nearest<'a>(misspelt: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let misspelt = misspelt.to_lowercase().replace('_', "-");
    let distance =
        |word: &str| strsim::osa_distance(&misspelt, &word.to_lowercase().replace('_', "-"));
    // A short word is near to many others.
    let tolerance = TOLERANCE.min(misspelt.chars().count() / 3);
    words
        .map(|word| (distance(word), word))
        .filter(|(off, _)| *off <= tolerance)
        .min()
        .map(|(_, word)| word)
}
