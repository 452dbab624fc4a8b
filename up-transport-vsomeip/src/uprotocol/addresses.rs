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

//! URIs and ids.

use up_rust::{StaticUriProvider, UUri, UUriError, UUID};

/// The parts of a URI.
pub(crate) trait UriParts: Sized {
    fn of_parts(authority: impl Into<String>, entity: u32, version: u8, resource: u16) -> Self;
    fn authority(&self) -> &str;
    fn entity(&self) -> u32;
    /// May exceed a byte.
    fn major_version(&self) -> u32;
    /// May exceed 16 bits.
    fn resource(&self) -> u32;
    fn set_authority(&mut self, authority: &str);
    fn set_entity(&mut self, entity: u32);
    fn copy_version(&mut self, other: &Self);
    fn set_resource(&mut self, resource: u16);
    /// # Errors
    ///
    /// Fails if a part is not what the specification allows.
    fn check(&self) -> Result<(), UUriError>;
    /// # Errors
    ///
    /// Fails if the URI is none of an entity.
    fn check_provider(&self) -> Result<(), String>;
    /// Provides the URIs of an entity, which has this one.
    fn provider(&self, version: u8) -> StaticUriProvider;
}

impl UriParts for UUri {
    #[inline]
    fn of_parts(authority: impl Into<String>, entity: u32, version: u8, resource: u16) -> Self {
        Self {
            authority_name: authority.into(),
            ue_id: entity,
            ue_version_major: version.into(),
            resource_id: resource.into(),
            ..Default::default()
        }
    }

    #[inline]
    fn authority(&self) -> &str {
        &self.authority_name
    }

    #[inline]
    fn entity(&self) -> u32 {
        self.ue_id
    }

    #[inline]
    fn major_version(&self) -> u32 {
        self.ue_version_major
    }

    #[inline]
    fn resource(&self) -> u32 {
        self.resource_id
    }

    fn set_authority(&mut self, authority: &str) {
        authority.clone_into(&mut self.authority_name);
    }

    #[inline]
    fn set_entity(&mut self, entity: u32) {
        self.ue_id = entity;
    }

    fn copy_version(&mut self, other: &Self) {
        self.ue_version_major = other.ue_version_major;
    }

    fn set_resource(&mut self, resource: u16) {
        self.resource_id = resource.into();
    }

    fn check(&self) -> Result<(), UUriError> {
        self.check_validity()
    }

    fn check_provider(&self) -> Result<(), String> {
        StaticUriProvider::try_from(self).map(drop).map_err(|error| error.to_string())
    }

    fn provider(&self, version: u8) -> StaticUriProvider {
        StaticUriProvider::new(&self.authority_name, self.ue_id, version)
    }
}

/// The bits of a UUID.
pub(crate) trait Id: Sized {
    fn of_bits(high: u64, low: u64) -> Self;
    fn bits(&self) -> (u64, u64);
    fn is_valid(&self) -> bool;
    /// When it was made, in milliseconds since the Unix epoch; 0 if it is not valid.
    fn made_at(&self) -> u64;
}

impl Id for UUID {
    #[inline]
    fn of_bits(high: u64, low: u64) -> Self {
        Self { msb: high, lsb: low, ..Default::default() }
    }

    #[inline]
    fn bits(&self) -> (u64, u64) {
        (self.msb, self.lsb)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_uprotocol_uuid()
    }

    #[inline]
    fn made_at(&self) -> u64 {
        self.get_time().unwrap_or_default()
    }
}
