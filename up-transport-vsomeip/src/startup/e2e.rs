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

//! Checks whether vsomeip supports the configured E2E protection. If not, vsomeip silently runs without.

use up_rust::UStatus;

use super::Effective;
use crate::error::failed_precondition;

/// Loads vsomeip's plugin for E2E protection if this process may host the routing manager. Warns about
/// what is not protected and checked.
///
/// # Errors
///
/// `FAILED_PRECONDITION` if `is_strict` and there is something to warn about.
pub(super) fn prepare(
    effective: &Effective,
    version: &str,
    is_strict: bool,
) -> Result<(), UStatus> {
    prepare_with(vsomeip_sys::load_e2e_plugin, effective, version, is_strict)
}

fn prepare_with<E: std::fmt::Display>(
    load_plugin: impl FnOnce() -> Result<(), E>,
    effective: &Effective,
    version: &str,
    is_strict: bool,
) -> Result<(), UStatus> {
    let Effective { config, source, application, .. } = effective;
    let is_elsewhere =
        config.routing_host().is_some_and(|host| !host.is_empty() && host != application);
    let Some(e2e) = config.protection().filter(|_| !is_elsewhere) else { return Ok(()) };
    let no_plugin = load_plugin().err().map(|error| {
        format!(
            "{source}: `e2e.e2e_enabled` is true, but nothing is protected or checked: {error}; \
             install vsomeip's library for E2E protection beside the others, or remove `e2e`"
        )
    });
    let is_unknown = |(_, entry): &(_, &crate::stack::E2eProtected)| {
        entry.known_profile().is_some_and(|profile| !profile.is_in(version))
    };
    let unknown = e2e.protected.iter().enumerate().filter(is_unknown).map(|(index, _)| {
        format!(
            "{source}: e2e.protected[{index}].profile: vsomeip {version} has no P05, so this is not \
             protected or checked; take another profile, or vsomeip 3.5.0 or newer"
        )
    });
    let problems: Vec<String> = no_plugin.into_iter().chain(unknown).collect();
    if is_strict && !problems.is_empty() {
        return Err(failed_precondition(problems.join(". ")));
    }
    problems.iter().for_each(|text| log::warn!("{text}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::StackConfig;
    use up_rust::UCode;

    /// The configuration of the application `a`.
    fn effective(routing: &str, is_enabled: bool, profile: &str) -> Effective {
        let config = json!({
            "applications": [{ "name": "a", "id": "1" }],
            "routing": routing,
            "e2e": {
                "e2e_enabled": is_enabled,
                "protected": [{ "service_id": "1", "event_id": "1", "profile": profile }],
            },
        });
        Effective::of(StackConfig::from_json(&config.to_string()).unwrap())
    }

    fn prepared(effective: &Effective, loads: bool, version: &str) -> Result<(), String> {
        let load = || if loads { Ok(()) } else { Err("no such file") };
        prepare_with(load, effective, version, false).expect("only a warning");
        prepare_with(load, effective, version, true).map_err(|error| {
            assert_eq!(error.get_code(), UCode::FAILED_PRECONDITION);
            error.get_message()
        })
    }

    #[test]
    fn missing_plugin_is_warned_about() {
        let error = prepared(&effective("a", true, "CRC32"), false, "3.4.10").unwrap_err();
        assert!(error.contains("nothing is protected or checked: no such file"), "{error}");
    }

    #[test]
    fn unneeded_plugin_is_not_required() {
        for effective in [effective("a", false, "CRC32"), effective("b", true, "CRC32")] {
            prepared(&effective, false, "3.4.10").unwrap();
        }
        prepared(&effective("a", true, "CRC32"), true, "3.4.10").unwrap();
    }

    #[test]
    fn unsupported_profile_is_warned_about() {
        let effective = effective("a", true, "P05");
        let error = prepared(&effective, true, "3.4.10").unwrap_err();
        assert!(error.contains("e2e.protected[0].profile: vsomeip 3.4.10 has no P05"), "{error}");
        for version in ["3.5.0", "3.7.4", "unknown"] {
            prepared(&effective, true, version).unwrap();
        }
    }
}
