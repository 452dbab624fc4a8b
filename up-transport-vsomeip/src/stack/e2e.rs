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

//! `e2e`: vsomeip's profiles, and the payload sizes that they require.

use std::collections::HashMap;

use serde_json::Value;
use vsomeip_sys::ServiceId;

use super::read::Tree;
use super::understand::text::{Either, Form, Read};
use super::{E2e, E2eProtected, StackConfig};
use crate::mapping::protection::{Bounds, Protection};
use crate::vsomeip::version::is_since;

/// An E2E profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    P01,
    P04,
    P05,
    P07,
    /// A 32-bit checksum only.
    Crc32,
}

use Profile::{Crc32, P01, P04, P05, P07};

/// The names of the profiles.
pub(super) const PROFILES: [(&str, Profile); 7] = [
    ("CRC8", P01),
    ("P01", P01),
    ("CRC32", Crc32),
    ("CSTM", Crc32),
    ("P04", P04),
    ("P05", P05),
    ("P07", P07),
];

/// The bytes of the SOME/IP header before the payload that P04, P05 and P07 protect. Their offsets
/// start there.
pub(super) const HEADER: u32 = 8;

/// The first version with the profile P05.
const P05_SINCE: [u32; 3] = [3, 5, 0];

/// P04 has 8 bits for the instance in its data id.
const P04_LAST_INSTANCE: u16 = 0xff;

impl Profile {
    /// Whether a version of vsomeip has it.
    pub(crate) fn is_in(self, version: &str) -> bool {
        self != P05 || is_since(version, P05_SINCE) != Some(false)
    }

    /// The keys of its parameters.
    pub(super) fn parameters(self) -> &'static [&'static str] {
        match self {
            P01 => &[
                "crc_offset",
                "data_id",
                "data_length",
                "counter_offset",
                "data_id_mode",
                "data_id_nibble_offset",
            ],
            P04 | P07 => &[
                "crc_offset",
                "data_id",
                "min_data_length",
                "max_data_length",
                "max_delta_counter",
            ],
            P05 => &["crc_offset", "data_id", "data_length", "max_delta_counter"],
            Crc32 => &["crc_offset"],
        }
    }

    /// The size of its header in bytes, and whether `crc_offset` is in bits from the SOME/IP header on.
    pub(super) fn layout(self) -> (u32, bool) {
        match self {
            P01 => (1, false),
            P04 => (12, true),
            P05 => (3, true),
            P07 => (20, true),
            Crc32 => (4, false),
        }
    }
}

impl StackConfig {
    /// The section `e2e`, if protection is on.
    pub(crate) fn protection(&self) -> Option<&E2e> {
        self.e2e.as_ref().filter(|e2e| e2e.e2e_enabled == Some(true))
    }

    /// The payloads that a version of vsomeip protects when sending. Of two entries for one id, the last
    /// is used.
    pub(crate) fn protected_payloads(&self, version: &str) -> Protection {
        let entries = self.protection().into_iter().flat_map(|e2e| &e2e.protected);
        let by_id: HashMap<_, _> =
            entries.map(|entry| ((ServiceId(entry.service_id), entry.event_id), entry)).collect();
        let is_had = |entry: &E2eProtected| {
            entry.known_profile().is_some_and(|profile| profile.is_in(version))
        };
        let protects = by_id.into_iter().filter(|(_, entry)| entry.protects() && is_had(entry));
        Protection::new(protects.filter_map(|(id, entry)| Some((id, entry.bounds()?))))
    }
}

impl E2eProtected {
    /// Whether sent payloads are protected.
    pub(crate) fn protects(&self) -> bool {
        matches!(self.variant.as_deref(), Some("protector" | "both"))
    }

    /// The profile; `None` if unknown.
    pub(crate) fn known_profile(&self) -> Option<Profile> {
        let name = self.profile.as_deref()?;
        PROFILES.iter().find(|(known, _)| *known == name).map(|(_, profile)| *profile)
    }

    /// A numeric parameter of the profile, as vsomeip reads it.
    pub(super) fn parameter(&self, key: &str) -> Option<u32> {
        number(self.other.get(key)?).value()
    }

    fn bounds(&self) -> Option<Bounds> {
        let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        let is_p04 = self.known_profile() == Some(P04);
        Some(Bounds {
            least: size(self.least_payload()?),
            most: size(self.most_payload()),
            last_instance: if is_p04 { P04_LAST_INSTANCE } else { u16::MAX },
        })
    }

    /// The longest payload that can be protected, in bytes. P04 has 16 bits for the length.
    fn most_payload(&self) -> u32 {
        let longest = match self.known_profile() {
            Some(P04) => u32::from(u16::MAX),
            Some(P07) => u32::MAX,
            _ => return u32::MAX,
        };
        let configured = self.parameter("max_data_length").unwrap_or(longest);
        configured.min(longest).saturating_sub(HEADER)
    }

    /// The shortest payload that can be protected, in bytes.
    fn least_payload(&self) -> Option<u32> {
        let profile = self.known_profile()?;
        let parameter = |key, default| self.parameter(key).unwrap_or(default);
        let offset = parameter("crc_offset", 0);
        let (size, is_in_bits) = profile.layout();
        let end = match is_in_bits {
            true => (offset / 8).saturating_add(size).saturating_sub(HEADER),
            false => offset.saturating_add(size),
        };
        let data = parameter("data_length", 0) / 8 + 1;
        Some(match profile {
            P04 | P07 => end.max(parameter("min_data_length", 0).saturating_sub(HEADER)),
            P05 => end.max(data.saturating_sub(HEADER)),
            Crc32 => end,
            P01 => {
                let counter = parameter("counter_offset", 8) / 8 + 1;
                let nibble = parameter("data_id_nibble_offset", 12) / 8 + 1;
                [end, data, counter, nibble].into_iter().fold(0, u32::max)
            }
        })
    }
}

/// A parameter, as vsomeip reads it.
pub(super) fn number(value: &Value) -> Read<u32> {
    <Either as Form<u32>>::read(&Tree::from(value).text())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::understand::section::Section;
    use super::super::warn::Notes;
    use super::*;

    fn entry(value: Value) -> E2eProtected {
        E2eProtected::read(&Tree::from(&value), &mut Notes::new("3.4.10"))
    }

    #[test]
    fn least_payload_has_room_for_protection() {
        for (value, expected) in [
            (json!({ "profile": "CRC32" }), Some(4)),
            (json!({ "profile": "CSTM", "crc_offset": "0x4" }), Some(8)),
            (json!({ "profile": "CRC8" }), Some(2)),
            (json!({ "profile": "P01", "data_length": "56" }), Some(8)),
            (json!({ "profile": "P01", "data_length": "8", "crc_offset": 4 }), Some(5)),
            (json!({ "profile": "P01", "counter_offset": "40" }), Some(6)),
            (json!({ "profile": "P04", "crc_offset": "64" }), Some(12)),
            (json!({ "profile": "P04", "crc_offset": 96 }), Some(16)),
            (json!({ "profile": "P04", "crc_offset": 64, "min_data_length": 40 }), Some(32)),
            (json!({ "profile": "P05", "crc_offset": "64", "data_length": "128" }), Some(9)),
            (json!({ "profile": "P05", "crc_offset": "64" }), Some(3)),
            (json!({ "profile": "P07", "crc_offset": "64" }), Some(20)),
            (json!({ "profile": "P09" }), None),
            (json!({}), None),
        ] {
            assert_eq!(entry(value.clone()).least_payload(), expected, "{value}");
        }
    }

    #[test]
    fn longest_payload_fits_length_field() {
        for (value, expected) in [
            (json!({ "profile": "P04", "crc_offset": "64" }), 65_527),
            (json!({ "profile": "P04", "max_data_length": "0x20000" }), 65_527),
            (json!({ "profile": "P04", "max_data_length": 108 }), 100),
            (json!({ "profile": "P07", "max_data_length": "108" }), 100),
            (json!({ "profile": "P07" }), u32::MAX - 8),
            (json!({ "profile": "CRC32", "max_data_length": 108 }), u32::MAX),
        ] {
            assert_eq!(entry(value.clone()).most_payload(), expected, "{value}");
        }
    }

    /// Event 8001 of some services, by several profiles.
    fn protected(is_enabled: bool, version: &str) -> Protection {
        let entry = |service: &str, profile: &str, variant: &str| {
            json!({ "service_id": service, "event_id": "0x8001", "profile": profile,
                    "variant": variant, "crc_offset": "64" })
        };
        let entries = [
            entry("0x1234", "P04", "protector"),
            entry("0x1235", "P07", "both"),
            entry("0x1236", "P04", "checker"),
            entry("0x1237", "P99", "protector"),
            entry("0x1238", "P04", "protector"),
            entry("0x1238", "P04", "checker"),
            entry("0x1239", "P05", "both"),
        ];
        let config = json!({ "e2e": { "e2e_enabled": is_enabled, "protected": entries } });
        StackConfig::from_json(&config.to_string()).unwrap().protected_payloads(version)
    }

    #[test]
    fn only_what_is_protected_needs_room() {
        for (version, of_p05) in [("3.4.10", 0), ("3.5.0", 3), ("unknown", 3)] {
            let enabled = protected(true, version);
            let room = |service| enabled.room(ServiceId(service), 0x8001);
            let services = [0x1234, 0x1235, 0x1236, 0x1237, 0x1238, 0x1239];
            assert_eq!(services.map(room), [12, 20, 0, 0, 0, of_p05], "{version}");
            assert!(protected(false, version).is_empty());
        }
    }

    #[test]
    fn p04_has_instances_of_one_byte() {
        let check = |service, instance| {
            protected(true, "3.4.10").check(
                crate::testing::service(service, instance),
                0x8001,
                &[0; 20],
            )
        };
        check(0x1234, 0xff).unwrap();
        check(0x1234, 0x100).unwrap_err();
        check(0x1235, 0x100).unwrap();
    }

    #[test]
    fn enabled_protection_stays_enabled() {
        for (e2e, expected) in [
            (r#"{ "e2e_enabled": "true", "e2e_enabled": "false" }"#, true),
            (r#"{ "e2e_enabled": "no", "e2e_enabled": true }"#, true),
            (r#"{ "e2e_enabled": "false", "e2e_enabled": "false" }"#, false),
        ] {
            let config = StackConfig::from_json(&format!(r#"{{ "e2e": {e2e} }}"#)).unwrap();
            assert_eq!(config.protection().is_some(), expected, "{e2e}");
        }
    }

    #[test]
    fn protection_must_be_enabled() {
        for (e2e, expected) in [
            (json!({ "e2e_enabled": "true" }), true),
            (json!({ "e2e_enabled": true }), true),
            (json!({ "e2e_enabled": "false" }), false),
            (json!({}), false),
        ] {
            let config = json!({ "e2e": e2e }).to_string();
            let config = StackConfig::from_json(&config).unwrap();
            assert_eq!(config.protection().is_some(), expected, "{config}");
        }
        assert!(StackConfig::default().protection().is_none());
    }
}
