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

//! Which authority is where: SOME/IP carries none.

use rustc_hash::FxHashMap;
use up_rust::{UStatus, UUri};
use vsomeip_sys::{InstanceId, ServiceId};

use crate::error::invalid_argument;
use crate::mapping::uri::ServiceInstance;

/// The authorities at the two ends of the transport.
#[derive(Clone, Debug)]
pub(crate) struct Authorities {
    /// Of the entity that uses the transport.
    pub(crate) local: String,
    /// Of the SOME/IP network, where nothing else is known.
    pub(crate) remote: String,
    /// Of single services, or single instances of them.
    pub(crate) services: FxHashMap<(ServiceId, Option<InstanceId>), String>,
}

/// What is known about the source of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// All of it.
    Known,
    /// Its authority is the one that is assumed where nothing is known.
    AuthorityAssumed,
    /// Only a client id: authority and resource are assumed.
    OnlyClient,
}

impl Authorities {
    pub(crate) fn new(local: impl Into<String>, remote: impl Into<String>) -> Self {
        Self { local: local.into(), remote: remote.into(), services: FxHashMap::default() }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a name is none that a URI can have, or the wildcard.
    pub(crate) fn check(&self) -> Result<(), UStatus> {
        for name in self.services.values().chain([&self.remote]) {
            let uri = UUri { authority_name: name.clone(), ue_id: 1, ..Default::default() };
            uri.check_validity()
                .and_then(|()| uri.verify_no_wildcards())
                .map_err(|error| invalid_argument(format!("the authority {name:?}: {error}")))?;
        }
        Ok(())
    }

    /// The authority of a remote service, and whether it is known or assumed.
    // [impl->dsn~someip-source-authority~1]
    pub(crate) fn of(&self, service: ServiceInstance) -> (&str, Source) {
        let of_instance = self.services.get(&(service.service, Some(service.instance)));
        match of_instance.or_else(|| self.services.get(&(service.service, None))) {
            Some(authority) => (authority, Source::Known),
            None => (&self.remote, Source::AuthorityAssumed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_authority_is_found() {
        for (name, is_valid) in [("brakes", true), ("", true), ("*", false), ("a/b", false)] {
            assert_eq!(Authorities::new("here", name).check().is_ok(), is_valid, "{name}");
            let mut authorities = Authorities::new("here", "there");
            authorities.services.insert((ServiceId(1), None), name.to_owned());
            assert_eq!(authorities.check().is_ok(), is_valid, "{name}");
        }
    }

    // [utest->dsn~someip-source-authority~1]
    #[test]
    fn instance_outranks_service_and_network() {
        let mut authorities = Authorities::new("here", "there");
        let instance =
            |number| ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(number) };
        assert_eq!(authorities.of(instance(1)), ("there", Source::AuthorityAssumed));
        authorities.services.insert((ServiceId(0x1234), None), "brakes".to_owned());
        authorities.services.insert((ServiceId(0x1234), Some(InstanceId(2))), "rear".to_owned());
        assert_eq!(authorities.of(instance(1)), ("brakes", Source::Known));
        assert_eq!(authorities.of(instance(2)), ("rear", Source::Known));
    }
}
