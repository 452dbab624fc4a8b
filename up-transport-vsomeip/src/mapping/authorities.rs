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

//! The authorities of the local entity and of remote services, which SOME/IP does not carry. Pure.

use up_rust::{UStatus, UUri};
use vsomeip_sys::{InstanceId, ServiceId};

use crate::error::invalid_argument;
use crate::mapping::per_service::PerService;
use crate::mapping::uri::ServiceInstance;
use crate::uprotocol::UriParts;

/// The authorities at both ends of the transport.
#[derive(Clone, Debug)]
pub(crate) struct Authorities {
    /// The authority of the local entity.
    pub(crate) local: String,
    /// The authority assumed for all remote services that have none configured.
    pub(crate) remote: String,
    services: PerService<String>,
}

/// How much is known about the source of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Everything.
    Known,
    /// Everything but the authority, which is assumed.
    AuthorityAssumed,
    /// Only the client id: the authority and the resource are assumed.
    OnlyClient,
}

impl Authorities {
    pub(crate) fn new(local: impl Into<String>, remote: impl Into<String>) -> Self {
        Self { local: local.into(), remote: remote.into(), services: PerService::default() }
    }

    /// Sets the authority of a remote service, or of one of its instances.
    pub(crate) fn insert(
        &mut self,
        service: ServiceId,
        instance: Option<InstanceId>,
        authority: String,
    ) {
        self.services.insert(service, instance, authority);
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a name is a wildcard, or not valid in a URI.
    pub(crate) fn check(&self) -> Result<(), UStatus> {
        for name in self.services.values().chain([&self.remote]) {
            let uri = UUri::of_parts(name, 1, 0, 0);
            uri.check()
                .and_then(|()| uri.verify_no_wildcards())
                .map_err(|error| invalid_argument(format!("the authority {name:?}: {error}")))?;
        }
        Ok(())
    }

    /// The authority of a remote service, and whether it is known or assumed.
    // [impl->dsn~someip-source-authority~1]
    pub(crate) fn of(&self, service: ServiceInstance) -> (&str, Source) {
        match self.services.get(service) {
            Some(authority) => (authority, Source::Known),
            None => (&self.remote, Source::AuthorityAssumed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_authority_is_rejected() {
        for (name, is_valid) in [("brakes", true), ("", true), ("*", false), ("a/b", false)] {
            assert_eq!(Authorities::new("here", name).check().is_ok(), is_valid, "{name}");
            let mut authorities = Authorities::new("here", "there");
            authorities.insert(ServiceId(1), None, name.to_owned());
            assert_eq!(authorities.check().is_ok(), is_valid, "{name}");
        }
    }

    // [utest->dsn~someip-source-authority~1]
    #[test]
    fn instance_overrides_service_and_network() {
        let mut authorities = Authorities::new("here", "there");
        let instance =
            |number| ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(number) };
        assert_eq!(authorities.of(instance(1)), ("there", Source::AuthorityAssumed));
        authorities.insert(ServiceId(0x1234), None, "brakes".to_owned());
        authorities.insert(ServiceId(0x1234), Some(InstanceId(2)), "rear".to_owned());
        assert_eq!(authorities.of(instance(1)), ("brakes", Source::Known));
        assert_eq!(authorities.of(instance(2)), ("rear", Source::Known));
    }
}
