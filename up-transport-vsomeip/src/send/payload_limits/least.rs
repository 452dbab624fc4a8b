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

//! How short a payload may be that is protected end to end: vsomeip sends one without room for it
//! unprotected, and the receiver drops that.

use rustc_hash::FxHashMap;
use up_rust::UStatus;
use vsomeip_sys::ServiceId;

use crate::error::invalid_argument;
use crate::stack::{E2eProtected, StackConfig};

/// The shortest payloads of what vsomeip protects.
#[derive(Debug, Default)]
pub(super) struct LeastPayloads {
    by_id: FxHashMap<(ServiceId, u16), usize>,
    /// No payload must be longer than this.
    longest: usize,
}

impl LeastPayloads {
    pub(super) fn of(config: &StackConfig) -> Self {
        let entries = config.protection().into_iter().flat_map(|e2e| &e2e.protected);
        let least = |entry: &E2eProtected| {
            let bytes = usize::try_from(entry.least_payload()?).ok()?;
            Some(((ServiceId(entry.service_id), entry.event_id), bytes))
        };
        let by_id: FxHashMap<_, _> =
            entries.filter(|entry| entry.protects()).filter_map(least).collect();
        let longest = by_id.values().copied().max().unwrap_or_default();
        Self { by_id, longest }
    }

    /// Whether a payload needs a closer look. None does without protection.
    pub(super) fn concern(&self, size: usize) -> bool {
        size < self.longest
    }

    /// Checks what is sent of a method or an event.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is too short to be protected.
    pub(super) fn check(&self, service: ServiceId, id: u16, size: usize) -> Result<(), UStatus> {
        match self.by_id.get(&(service, id)) {
            Some(least) if size < *least => Err(invalid_argument(format!(
                "the payload has {size} bytes, but the E2E protection of {id:04x} of service \
                 {service} takes {least} at least: leave room for what vsomeip writes into it, as \
                 `e2e.protected` of its configuration says"
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Event 8001 of service 1234, by CRC32, and the same of other services.
    fn least(variant: &str, is_enabled: bool) -> LeastPayloads {
        let entry = |service: &str, profile: &str, variant: &str| {
            json!({ "service_id": service, "event_id": "0x8001", "profile": profile,
                    "variant": variant, "crc_offset": "64" })
        };
        let protected = [
            json!({ "service_id": "0x1234", "event_id": "0x8001", "profile": "CRC32",
                    "variant": variant, "crc_offset": "2" }),
            entry("0x1235", "P04", "checker"),
            entry("0x1236", "P99", "protector"),
        ];
        let config = json!({ "e2e": { "e2e_enabled": is_enabled, "protected": protected } });
        LeastPayloads::of(&StackConfig::from_json(&config.to_string()).unwrap())
    }

    #[test]
    fn short_payload_cannot_be_protected() {
        for variant in ["protector", "both"] {
            let least = least(variant, true);
            assert!(least.concern(5) && !least.concern(6));
            let check = |service, size| least.check(ServiceId(service), 0x8001, size);
            let error = check(0x1234, 5).unwrap_err().get_message();
            assert!(error.contains("5 bytes"), "{error}");
            assert!(error.contains("8001 of service 1234 takes 6 at least"), "{error}");
            check(0x1234, 6).unwrap();
            check(0x1235, 0).unwrap();
            check(0x1236, 0).unwrap();
            least.check(ServiceId(0x1234), 0x8002, 0).unwrap();
        }
    }

    #[test]
    fn unprotected_payload_may_be_empty() {
        for least in [least("checker", true), least("protector", false)] {
            assert!(!least.concern(0));
            least.check(ServiceId(0x1234), 0x8001, 0).unwrap();
        }
    }
}
