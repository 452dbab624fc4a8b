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

//! UUri ↔ SOME/IP ids: the UUri mapping table of the SOME/IP binding. Pure.

use std::fmt;

use up_rust::{UStatus, UUri};
use vsomeip_sys::{Header, InstanceId, MajorVersion, OfferedService, ServiceId};

use crate::error::invalid_argument;
use crate::uprotocol::UriParts;

/// The instance of an entity id that names none.
pub(crate) const DEFAULT_INSTANCE: InstanceId = InstanceId(1);

/// An instance of a SOME/IP service. Displayed as in vsomeip's log: `1234.0001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceInstance {
    pub(crate) service: ServiceId,
    pub(crate) instance: InstanceId,
}

impl ServiceInstance {
    /// The service is the lower half of `ue_id`, the instance the upper half. Instance 0 stands for the
    /// default instance, 1.
    // [impl->dsn~someip-uri-service~1]
    // [impl->dsn~someip-uri-instance~1]
    pub fn of(uri: &UUri) -> Self {
        let [instance_high, instance_low, service_high, service_low] = uri.entity().to_be_bytes();
        let instance = match u16::from_be_bytes([instance_high, instance_low]) {
            0 => DEFAULT_INSTANCE,
            instance => InstanceId(instance),
        };
        Self { service: ServiceId(u16::from_be_bytes([service_high, service_low])), instance }
    }

    /// The service id.
    pub fn service(self) -> u16 {
        self.service.0
    }

    /// The instance id.
    pub fn instance(self) -> u16 {
        self.instance.0
    }

    /// Whether neither the service nor the instance is a wildcard.
    pub(crate) fn is_concrete(self) -> bool {
        self.service != ServiceId::ANY && self.instance != InstanceId::ANY
    }

    /// Whether this pattern matches `other`.
    pub(crate) fn covers(self, other: Self) -> bool {
        (self.service == ServiceId::ANY || self.service == other.service)
            && (self.instance == InstanceId::ANY || self.instance == other.instance)
    }

    /// The entity id. Omits the default instance, as the binding recommends.
    pub(crate) fn ue_id(self) -> u32 {
        let instance = if self.instance == DEFAULT_INSTANCE { 0 } else { self.instance.0 };
        (u32::from(instance) << 16) | u32::from(self.service.0)
    }
}

impl From<&OfferedService> for ServiceInstance {
    fn from(offered: &OfferedService) -> Self {
        Self { service: ServiceId(offered.service), instance: InstanceId(offered.instance) }
    }
}

impl fmt::Display for ServiceInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.service, self.instance)
    }
}

/// The service instance in a header.
pub(crate) fn service_of(header: &Header) -> ServiceInstance {
    ServiceInstance { service: header.service(), instance: header.instance() }
}

/// The interface version; `MajorVersion::ANY` for the wildcard.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if the version does not fit into a byte.
// [impl->dsn~someip-uri-version~1]
pub(crate) fn version_of(uri: &UUri) -> Result<MajorVersion, UStatus> {
    u8::try_from(uri.major_version())
        .map(MajorVersion)
        .map_err(|_| invalid_argument("the major version of a URI must fit into a byte"))
}

/// The method or event id; 0xffff for the wildcard.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if the resource id does not fit into 16 bits.
// [impl->dsn~someip-uri-resource~1]
pub(crate) fn resource_of(uri: &UUri) -> Result<u16, UStatus> {
    u16::try_from(uri.resource())
        .map_err(|_| invalid_argument("the resource id of a URI must fit into 16 bits"))
}

/// The URI of a resource of a service instance.
pub(crate) fn uri_of(
    authority: &str,
    service: ServiceInstance,
    version: MajorVersion,
    resource: u16,
) -> UUri {
    UUri::of_parts(authority, service.ue_id(), version.0, resource)
}

#[cfg(test)]
mod tests {
    use vsomeip_sys::{MessageType, MethodId};

    use super::*;
    use crate::testing::uri;

    fn instance_of(service: u16, instance: u16) -> ServiceInstance {
        ServiceInstance { service: ServiceId(service), instance: InstanceId(instance) }
    }

    // [utest->dsn~someip-uri-service~1]
    #[test]
    fn service_is_lower_half_of_entity_id() {
        assert_eq!(ServiceInstance::of(&uri("//a/2ABCD/1/0")), instance_of(0xabcd, 2));
        assert_eq!(ServiceInstance::of(&uri("//a/FFFFFFFF/FF/FFFF")).service, ServiceId::ANY);
    }

    // [utest->dsn~someip-uri-instance~1]
    #[test]
    fn instance_is_upper_half_of_entity_id() {
        assert_eq!(ServiceInstance::of(&uri("//a/1234/1/0")), instance_of(0x1234, 1));
        assert_eq!(ServiceInstance::of(&uri("//a/11234/1/0")), instance_of(0x1234, 1));
        assert_eq!(ServiceInstance::of(&uri("//a/ABCD1234/1/0")), instance_of(0x1234, 0xabcd));
        assert_eq!(ServiceInstance::of(&uri("//a/FFFF1234/1/0")).instance, InstanceId::ANY);
    }

    // [utest->dsn~someip-uri-instance~1]
    #[test]
    fn default_instance_is_omitted() {
        assert_eq!(instance_of(0x1234, 1).ue_id(), 0x1234);
        assert_eq!(instance_of(0x1234, 2).ue_id(), 0x2_1234);
    }

    // [utest->dsn~someip-uri-version~1]
    #[test]
    fn version_is_interface_version() {
        assert_eq!(version_of(&uri("//a/1/7/0")), Ok(MajorVersion(7)));
        assert_eq!(version_of(&uri("//a/1/FF/0")), Ok(MajorVersion::ANY));
        let too_large = UUri { ue_version_major: 256, ..Default::default() };
        assert!(version_of(&too_large).is_err());
    }

    // [utest->dsn~someip-uri-resource~1]
    #[test]
    fn resource_is_method_or_event() {
        assert_eq!(resource_of(&uri("//a/1/1/8001")), Ok(0x8001));
        let too_large = UUri { resource_id: 0x1_0000, ..Default::default() };
        assert!(resource_of(&too_large).is_err());
    }

    #[test]
    fn uri_has_given_ids() {
        let made = uri_of("ecu", instance_of(0x1234, 3), MajorVersion(2), 0x8001);
        assert_eq!(made, uri("//ecu/31234/2/8001"));
    }

    #[test]
    fn header_names_its_service_instance() {
        let (service, instance) = (ServiceId(0x1234), InstanceId(3));
        let header = Header::request(
            MessageType::Request,
            service,
            instance,
            MethodId(0x421),
            MajorVersion(2),
            false,
        );
        assert_eq!(service_of(&header), instance_of(0x1234, 3));
    }

    #[test]
    fn wildcards_cover_every_service_and_instance() {
        let this = instance_of(0x1234, 3);
        assert!(this.is_concrete() && this.covers(this));
        for (service, instance, covers) in [
            (0xffff, 3, true),
            (0x1234, 0xffff, true),
            (0xffff, 0xffff, true),
            (0x1235, 0xffff, false),
            (0xffff, 4, false),
        ] {
            let pattern = instance_of(service, instance);
            assert_eq!(pattern.covers(this), covers, "{pattern}");
            assert!(!pattern.is_concrete() && !this.covers(pattern), "{pattern}");
        }
    }
}
