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

//! The local entity: the uEntity that uses the transport. Pure.

use up_rust::{StaticUriProvider, UStatus, UUri};
use vsomeip_sys::MajorVersion;

use crate::error::invalid_argument;
use crate::mapping::uri::version_of;
use crate::uprotocol::UriParts;

/// The local entity. Its URI is valid and concrete.
pub(crate) struct Local {
    pub(crate) uri: UUri,
    pub(crate) version: MajorVersion,
}

impl Local {
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the URI has a wildcard, a resource id, or ids that are too large.
    pub(crate) fn of(uri: UUri) -> Result<Self, UStatus> {
        let not_local = |error: String| invalid_argument(format!("the local URI {uri}: {error}"));
        uri.check().map_err(|error| not_local(error.to_string()))?;
        uri.verify_no_wildcards().map_err(|error| not_local(error.to_string()))?;
        if uri.resource() != 0 {
            return Err(not_local("the resource id must be 0".to_owned()));
        }
        let version = version_of(&uri)?;
        uri.check_provider().map_err(not_local)?;
        Ok(Self { uri, version })
    }

    pub(crate) fn provider(&self) -> StaticUriProvider {
        self.uri.provider(self.version.0)
    }
}

#[cfg(test)]
mod tests {
    use up_rust::{LocalUriProvider, UCode};

    use super::*;
    use crate::testing::uri;

    const OWN: &str = "//here/9/2/0";

    #[test]
    fn local_entity_must_be_complete() {
        let local = Local::of(uri("//here/20009/2/0")).unwrap();
        assert_eq!(local.version, MajorVersion(2));
        assert_eq!(local.provider().get_source_uri(), uri("//here/20009/2/0"));
        for (what, invalid) in [
            ("a resource", uri("//here/9/2/1")),
            ("any authority", uri("//*/9/2/0")),
            ("any entity", uri("//here/FFFFFFFF/2/0")),
            ("any service", uri("//here/FFFF/2/0")),
            ("any instance", uri("//here/FFFF0009/2/0")),
            ("any version", uri("//here/9/FF/0")),
            ("any resource", uri("//here/9/2/FFFF")),
            ("a version beyond 8 bits", UUri { ue_version_major: 256, ..uri(OWN) }),
            ("a resource beyond 16 bits", UUri { resource_id: 0x1_0000, ..uri(OWN) }),
            ("an authority with a port", UUri { authority_name: "here:1".into(), ..uri(OWN) }),
        ] {
            let status = Local::of(invalid).err().unwrap_or_else(|| panic!("{what} is accepted"));
            assert_eq!(status.get_code(), UCode::INVALID_ARGUMENT, "{what}");
        }
    }
}
