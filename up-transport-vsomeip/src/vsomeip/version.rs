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

//! The version of vsomeip, for behaviour that depends on it.

/// The version of the loaded vsomeip, or of the one built against if that is unknown.
pub(crate) fn loaded() -> String {
    vsomeip_sys::loaded_version().unwrap_or_else(|| vsomeip_sys::VSOMEIP_VERSION.to_owned())
}

/// Whether a version is `wanted` or later; `None` if it is unknown.
pub(crate) fn is_since(version: &str, wanted: [u32; 3]) -> Option<bool> {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    let major = numbers.next()?;
    let version = [major, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
    Some(version >= wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_number_by_number() {
        for version in ["3.7.0", "3.7", "3.7.4", "3.10.0", "4"] {
            assert_eq!(is_since(version, [3, 7, 0]), Some(true), "{version}");
        }
        for version in ["3.6.9", "3.6", "3", "2.14.4"] {
            assert_eq!(is_since(version, [3, 7, 0]), Some(false), "{version}");
        }
        assert_eq!(is_since("unknown", [3, 7, 0]), None);
        assert_eq!(is_since("", [3, 7, 0]), None);
    }
}
