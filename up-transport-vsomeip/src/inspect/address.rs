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
//! Which SOME/IP ids a `UUri` stands for. Pure.

use up_rust::{UStatus, UUri};
use vsomeip_sys::{InstanceId, MajorVersion, ServiceId};

use crate::error::invalid_argument;
use crate::mapping::uri::{resource_of, uri_of, version_of, ServiceInstance};
use crate::uprotocol::UriParts;

/// What a resource id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The uEntity itself, 0: it sends requests, and gets responses and notifications.
    Entity,
    /// A method, 0x0001 to 0x7fff.
    Method,
    /// An event, or the notifier of a field, 0x8000 to 0xfffe.
    Event,
    /// Any of them, 0xffff: for filters only.
    Any,
}

/// What a message to or from an address is in SOME/IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The type of the uProtocol message, and where it has the address.
    pub message: &'static str,
    /// The type of the SOME/IP message, such as `REQUEST`.
    pub someip: &'static str,
    /// The same as the number in the header.
    pub code: u8,
    /// When it is so, if not always.
    pub condition: &'static str,
}

impl Use {
    const fn new(
        message: &'static str,
        someip: &'static str,
        code: u8,
        condition: &'static str,
    ) -> Self {
        Self { message, someip, code, condition }
    }
}

const ENTITY: [Use; 4] = [
    Use::new("REQUEST from it", "REQUEST", 0x00, "the client id is all that the service learns"),
    Use::new("RESPONSE to it", "RESPONSE", 0x80, "with the status OK, or none"),
    Use::new("RESPONSE to it", "ERROR", 0x81, "with any other status"),
    Use::new("NOTIFICATION to it", "REQUEST_NO_RETURN", 0x01, "unless `notifications` says event"),
];
const METHOD: [Use; 3] = [
    Use::new("REQUEST to it", "REQUEST", 0x00, ""),
    Use::new("RESPONSE from it", "RESPONSE", 0x80, "with the status OK, or none"),
    Use::new("RESPONSE from it", "ERROR", 0x81, "with any other status"),
];
const EVENT: [Use; 2] = [
    Use::new("PUBLISH from it", "NOTIFICATION", 0x02, ""),
    Use::new("NOTIFICATION from it", "NOTIFICATION", 0x02, "if `notifications` says event"),
];

/// The ids of SOME/IP that a [`UUri`] stands for, but for its authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Address {
    /// The service id; 0xffff is any.
    pub service: u16,
    /// The instance id; 0xffff is any.
    pub instance: u16,
    /// The interface version, which is the major version; 0xff is any.
    pub version: u8,
    /// The id of the method or event; 0xffff is any.
    pub resource: u16,
}

impl Address {
    /// An address of these ids, as a SOME/IP network knows them. The instance 0 stands for 1.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if there can be no such service: 0x0000 is reserved.
    pub fn new(service: u16, instance: u16, version: u8, resource: u16) -> Result<Self, UStatus> {
        let entity = (u32::from(instance) << 16) | u32::from(service);
        let uri = UUri::of_parts("", entity, version, resource);
        Self::of(&uri)
    }

    /// The ids that a URI stands for, which may have wildcards.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if SOME/IP has no such ids: the version does not fit into a byte, the resource
    /// not into 16 bits, or the service is 0x0000, which is reserved.
    ///
    /// ```
    /// use up_transport_vsomeip::inspect::Address;
    ///
    /// let refused = Address::of(&"//ecu/20000/1/1".parse()?).unwrap_err();
    /// assert!(refused.get_message().starts_with("the service id 0x0000"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(uri: &UUri) -> Result<Self, UStatus> {
        let ServiceInstance { service, instance } = ServiceInstance::of(uri);
        if service.0 == 0 {
            return Err(invalid_argument(
                "the service id 0x0000, the lower half of the entity id, is reserved; write one from \
                 0x0001 to 0xfffe",
            ));
        }
        let (version, resource) = (version_of(uri)?.0, resource_of(uri)?);
        Ok(Self { service: service.0, instance: instance.0, version, resource })
    }

    /// The URI of this address. The instance 1, which is the default, is left out of its entity id.
    pub fn to_uri(self, authority: &str) -> UUri {
        let (service, instance) = (ServiceId(self.service), InstanceId(self.instance));
        let service = ServiceInstance { service, instance };
        uri_of(authority, service, MajorVersion(self.version), self.resource)
    }

    /// The instance of the service.
    pub fn service_instance(self) -> ServiceInstance {
        ServiceInstance { service: ServiceId(self.service), instance: InstanceId(self.instance) }
    }

    /// What the resource is.
    pub fn kind(self) -> Kind {
        match self.resource {
            0 => Kind::Entity,
            0x0001..=0x7fff => Kind::Method,
            0x8000..=0xfffe => Kind::Event,
            0xffff => Kind::Any,
        }
    }

    /// Whether it is for filters only, as something in it stands for any.
    pub fn has_wildcard(self) -> bool {
        !self.service_instance().is_concrete()
            || self.version == u8::MAX
            || self.resource == u16::MAX
    }

    /// What messages to and from it are in SOME/IP; nothing if only filters can have it.
    pub fn uses(self) -> &'static [Use] {
        match self.kind() {
            _ if self.has_wildcard() => &[],
            Kind::Entity => &ENTITY,
            Kind::Method => &METHOD,
            Kind::Event => &EVENT,
            Kind::Any => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::uri;

    #[test]
    fn address_has_ids_of_uri() {
        for (text, service, instance, version, resource, kind) in [
            ("//ecu/1234/1/0", 0x1234, 1, 1, 0, Kind::Entity),
            ("//ecu/21234/2/7FFF", 0x1234, 2, 2, 0x7fff, Kind::Method),
            ("//ecu/FFFE0001/FE/8000", 1, 0xfffe, 0xfe, 0x8000, Kind::Event),
            ("//*/FFFFFFFF/FF/FFFF", 0xffff, 0xffff, 0xff, 0xffff, Kind::Any),
        ] {
            let address = Address::of(&uri(text)).unwrap();
            let expected = Address { service, instance, version, resource };
            assert_eq!((address, address.kind()), (expected, kind), "{text}");
            assert_eq!(Address::new(service, instance, version, resource), Ok(expected));
            assert_eq!(Address::of(&address.to_uri("ecu")), Ok(address), "{text}");
        }
    }

    #[test]
    fn what_someip_has_not_is_refused() {
        let valid = uri("//ecu/1234/1/1");
        for (invalid, word) in [
            (UUri { ue_version_major: 256, ..valid.clone() }, "version"),
            (UUri { resource_id: 0x1_0000, ..valid.clone() }, "resource"),
            (UUri { ue_id: 0x2_0000, ..valid }, "service"),
        ] {
            let text = Address::of(&invalid).unwrap_err().get_message();
            assert!(text.contains(word), "{text}");
        }
        assert!(Address::new(0, 1, 1, 1).is_err());
    }

    #[test]
    fn wildcards_have_no_use() {
        let uses = |text: &str| Address::of(&uri(text)).unwrap().uses();
        assert_eq!(uses("//ecu/1234/1/1")[0].code, 0x00);
        assert_eq!(uses("//ecu/1234/1/8001")[0].code, 0x02);
        assert_eq!(uses("//ecu/1234/1/0").len(), 4);
        for text in ["//ecu/FFFF/1/1", "//ecu/FFFF1234/1/1", "//ecu/1/FF/1", "//ecu/1/1/FFFF"] {
            assert_eq!(uses(text), [], "{text}");
        }
    }
}
