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

//! `e2e`. vsomeip ignores what it does not know here, and then neither protects nor checks anything.

use std::collections::HashMap;

use super::Findings;
use crate::stack::e2e::{number, Profile, HEADER, PROFILES};
use crate::stack::understand::text::Read;
use crate::stack::{E2e, E2eProtected, StackConfig};

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    let Some(e2e) = &config.e2e else { return };
    if e2e.e2e_enabled.is_none() && !e2e.protected.is_empty() {
        let what = "`e2e_enabled` is missing, so nothing is protected or checked";
        findings.warning("e2e", what, "add `\"e2e_enabled\": \"true\"`");
    }
    for (index, entry) in e2e.protected.iter().enumerate() {
        check_entry(&format!("e2e.protected[{index}]"), entry, findings);
    }
    check_twins(e2e, findings);
}

fn check_entry(place: &str, entry: &E2eProtected, findings: &mut Findings) {
    if entry.service_id == 0 {
        let place = format!("{place}.service_id");
        findings.warning(place, "is missing or 0", "write the id of the service");
    }
    if !matches!(entry.variant.as_deref(), Some("checker" | "protector" | "both")) {
        let what = "is unknown to vsomeip, so nothing is protected or checked";
        let remedy =
            "write `checker` for what is received, `protector` for what is sent, or `both`";
        findings.warning(format!("{place}.variant"), what, remedy);
    }
    let Some(profile) = entry.known_profile() else {
        let what = "is unknown to vsomeip, so nothing is protected or checked";
        let names: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
        let remedy = format!("write one of {}", names.join(", "));
        return findings.warning(format!("{place}.profile"), what, remedy);
    };
    check_parameters(place, entry, profile, findings);
    match profile {
        Profile::P01 => check_p01(place, entry, findings),
        Profile::Crc32 => {}
        Profile::P04 | Profile::P05 | Profile::P07 => {
            check_place(place, entry, profile, findings);
        }
    }
}

fn check_parameters(place: &str, entry: &E2eProtected, profile: Profile, findings: &mut Findings) {
    let known = |key: &&String| profile.parameters().contains(&key.as_str());
    for key in entry.other.keys().filter(known) {
        if !matches!(number(&entry.other[key]), Read::Meant(_)) {
            let what = "is not a number, so vsomeip uses another value";
            findings.warning(format!("{place}.{key}"), what, "write a number such as 64 or 0x40");
        }
    }
}

/// P04, P05 and P07 count in bits, starting at the second half of the SOME/IP header.
fn check_place(place: &str, entry: &E2eProtected, profile: Profile, findings: &mut Findings) {
    let at = format!("{place}.crc_offset");
    let offset = entry.parameter("crc_offset").unwrap_or(0);
    if offset < HEADER * 8 {
        let what = format!("{offset} is in the header of SOME/IP, which would be overwritten");
        let remedy = "write 64 for the beginning of the payload, and more for a later place";
        findings.warning(at, what, remedy);
    } else if !offset.is_multiple_of(8) {
        let what = format!("{offset} is not a number of whole bytes");
        findings.warning(at, what, "write a multiple of 8");
    }
    check_room(place, entry, profile, offset / 8, findings);
}

/// vsomeip does not check that a message has room for the header of the profile: it reads and writes
/// out of bounds. The bundled one checks this for P04 and P07.
fn check_room(
    place: &str,
    entry: &E2eProtected,
    profile: Profile,
    offset: u32,
    findings: &mut Findings,
) {
    let (size, _) = profile.layout();
    let end = offset.saturating_add(size);
    let (key, ensured, remedy) = match profile {
        Profile::P05 => {
            let bits = entry.parameter("data_length").unwrap_or(0);
            (
                "data_length",
                bits / 8 + 1,
                format!("write {} or more bits", (end - 1).saturating_mul(8)),
            )
        }
        _ => {
            let bytes = entry.parameter("min_data_length").unwrap_or(0);
            ("min_data_length", bytes, format!("write {end} or more bytes"))
        }
    };
    if ensured < end {
        let what =
            "allows messages that are too short for the profile, for which a vsomeip other than the \
             bundled one accesses memory out of bounds";
        findings.warning(format!("{place}.{key}"), what, remedy);
    }
}

fn check_p01(place: &str, entry: &E2eProtected, findings: &mut Findings) {
    let offset = entry.parameter("crc_offset").unwrap_or(0);
    let bytes = entry.parameter("data_length").unwrap_or(0) / 8;
    let remedy = "write the length of the payload in bits, less 8";
    if offset.saturating_add(1) >= bytes {
        let what = "is so small that the checksum does not cover the bytes after it";
        findings.warning(format!("{place}.data_length"), what, remedy);
    }
    let mode = entry.parameter("data_id_mode").unwrap_or(0);
    if mode == 1 || mode > 3 {
        let what = format!("vsomeip leaves the data id out of the checksum in mode {mode}");
        let remedy = "write 0 for both bytes, 2 for the lower one, or 3 for that and a nibble";
        findings.warning(format!("{place}.data_id_mode"), what, remedy);
    }
}

/// Of two entries for one id, vsomeip uses the last.
fn check_twins(e2e: &E2e, findings: &mut Findings) {
    let mut last = HashMap::new();
    for (index, E2eProtected { service_id, event_id, .. }) in e2e.protected.iter().enumerate() {
        if let Some(earlier) = last.insert((*service_id, *event_id), index) {
            let what = format!(
                "is for {event_id:#06x} of service {service_id:#06x}, as e2e.protected[{index}] is, \
                 which replaces it"
            );
            let remedy = "merge them; `both` protects and checks";
            findings.warning(format!("e2e.protected[{earlier}]"), what, remedy);
        }
    }
}
