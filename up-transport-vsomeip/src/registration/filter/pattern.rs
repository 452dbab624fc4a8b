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

//! A URI with wildcards, normalized for comparing filters and matching messages.

use up_rust::UUri;
use vsomeip_sys::MajorVersion;

use crate::mapping::uri::{resource_of, version_of, ServiceInstance};
use crate::uprotocol::UriParts;

/// The local authority is always named, and the default instance never.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    uri: UUri,
    is_local: bool,
}

impl Pattern {
    /// A URI without an authority gets `local`.
    pub(super) fn new(uri: &UUri, local: &str) -> Self {
        let is_local = uri.authority().is_empty() || uri.authority() == local;
        let mut uri = without_default_instance(uri);
        if is_local {
            uri.set_authority(local);
        }
        Self { uri, is_local }
    }

    pub(super) fn uri(&self) -> &UUri {
        &self.uri
    }

    pub(super) fn service(&self) -> ServiceInstance {
        ServiceInstance::of(&self.uri)
    }

    /// The version, which always fits into a byte, as filters have valid URIs.
    pub(super) fn version(&self) -> MajorVersion {
        version_of(&self.uri).unwrap_or(MajorVersion::ANY)
    }

    pub(super) fn resource(&self) -> u16 {
        resource_of(&self.uri).unwrap_or(super::ANY_RESOURCE)
    }

    // [impl->dsn~someip-uri-instance~1]
    pub(super) fn matches(&self, uri: &UUri) -> bool {
        let names_local = self.is_local && uri.authority().is_empty();
        if !names_local && ServiceInstance::of(uri).ue_id() == uri.entity() {
            return self.uri.matches(uri);
        }
        let mut uri = without_default_instance(uri);
        if names_local {
            uri.set_authority(self.uri.authority());
        }
        self.uri.matches(&uri)
    }
}

/// The URI with the default instance omitted from its entity id.
fn without_default_instance(uri: &UUri) -> UUri {
    let mut without = uri.clone();
    without.set_entity(ServiceInstance::of(uri).ue_id());
    without
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::uri;

    #[test]
    fn uri_without_authority_is_local() {
        let (named, unnamed) = (uri("//here/1234/1/8001"), uri("/1234/1/8001"));
        for pattern in [Pattern::new(&named, "here"), Pattern::new(&unnamed, "here")] {
            assert!(pattern.matches(&named) && pattern.matches(&unnamed));
            assert!(!pattern.matches(&uri("//there/1234/1/8001")));
        }
        assert_eq!(Pattern::new(&named, "here"), Pattern::new(&unnamed, "here"));
        assert!(!Pattern::new(&uri("//there/1234/1/8001"), "here").matches(&unnamed));
        assert!(Pattern::new(&uri("//*/1234/1/8001"), "here").matches(&unnamed));
    }
}
