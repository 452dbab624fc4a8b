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

//! What a command is about, as it is written on the command line: a UUri, or SOME/IP ids.

use std::str::FromStr;

use up_rust::UUri;

use crate::errors::Failure;

const ANY_VERSION: u8 = 0xff;
const ANY: u16 = 0xffff;
const EVENTS: std::ops::RangeInclusive<u16> = 0x8000..=0xfffe;

/// For the help of arguments.
pub(crate) const FORMS: &str = "\
A target is a UUri, such as //ecu/1234/1/8001, whose numbers are hexadecimal; or the ids of the \
service, the instance and the method or event, such as 0x1234.1.0x8001, each in decimal unless it \
begins with 0x, and `*` for any.";

/// A service, or a method or event of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// With authority and version.
    Uri(UUri),
    /// SOME/IP ids; 0xffff for any.
    Ids {
        service: u16,
        instance: u16,
        /// The method or event.
        resource: Option<u16>,
    },
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            return text.parse().map(Self::Uri).map_err(|error: up_rust::UUriError| {
                format!("{error}; write //authority/entity/version/resource, in hexadecimal")
            });
        }
        let ids: Vec<_> = text.split('.').map(id_of).collect::<Result<_, _>>()?;
        let (service, instance, resource) = match ids[..] {
            [service, instance] => (service, instance, None),
            [service, instance, resource] => (service, instance, Some(resource)),
            _ => {
                return Err("write a UUri such as //ecu/1234/1/8001, or the ids of service, \
                            instance and method or event, such as 0x1234.1.0x8001"
                    .to_owned())
            }
        };
        Ok(Self::Ids { service, instance, resource })
    }
}

/// An id in decimal, or in hexadecimal with 0x; `*` for any.
///
/// # Errors
///
/// Says what is wrong with it.
pub(crate) fn id_of(text: &str) -> Result<u16, String> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let id = match hexadecimal {
        // A sign is none of a number's digits.
        Some(digits) if digits.starts_with('+') => None,
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None if text == "*" => Some(ANY),
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    };
    id.ok_or_else(|| {
        let digits = hexadecimal.unwrap_or(text);
        let is = |radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        match hexadecimal {
            None if is(10) => format!("{text} does not fit into 16 bits"),
            None if is(16) => {
                format!("{text:?} is no decimal number; write 0x{text} for a hexadecimal one")
            }
            Some(_) if is(16) => format!("{text} does not fit into 16 bits"),
            _ => format!("{text:?} is no id; write a number such as 4660 or 0x1234"),
        }
    })
}

/// The version on the command line.
pub(crate) type Version = Option<u8>;

impl Target {
    /// Its authority, if it names one.
    pub(crate) fn authority(&self) -> Option<String> {
        match self {
            Self::Uri(uri) if uri.has_empty_authority() => None,
            Self::Uri(uri) => Some(uri.authority_name.clone()),
            Self::Ids { .. } => None,
        }
    }

    /// The UUri, whose version is any if nothing says it, and whose resource is the given one if the
    /// target has none.
    fn uri(&self, authority: &str, version: Version, resource: u16) -> Result<UUri, Failure> {
        let uri = match self {
            Self::Uri(uri) => {
                let named = uri.uentity_major_version();
                if let Some(version) = version.filter(|version| *version != named) {
                    return Err(Failure::usage(format!(
                        "{uri} names version {named}, but --version {version}"
                    ))
                    .help("leave out --version: the third part of a UUri is the version"));
                }
                match uri.has_empty_authority() {
                    true => UUri { authority_name: authority.to_owned(), ..uri.clone() },
                    false => uri.clone(),
                }
            }
            Self::Ids { service, instance, resource: own } => {
                let entity = u32::from(entity_instance(*instance)) << 16 | u32::from(*service);
                let version = version.unwrap_or(ANY_VERSION);
                let resource = own.unwrap_or(resource);
                UUri::try_from_parts(authority, entity, version, resource)
                    .map_err(|error| Failure::usage(error.to_string()))?
            }
        };
        uri.check_validity().map_err(|error| Failure::usage(format!("{uri}: {error}")))?;
        Ok(uri)
    }

    /// The UUri of a method. Its version is any if nothing says it.
    ///
    /// # Errors
    ///
    /// A usage failure if it is no method.
    pub(crate) fn method(&self, authority: &str, version: Version) -> Result<UUri, Failure> {
        let uri = self.uri(authority, version, ANY)?;
        let named = !uri.has_wildcard_entity_type() && !uri.has_wildcard_entity_instance();
        if named && (1..0x8000).contains(&uri.resource_id()) {
            return Ok(uri);
        }
        let error = format!("{} names no method", uri.to_uri(false));
        Err(Failure::usage(error).help(
            "write a service and a method, 1 to 0x7fff, such as 0x1234.1.0x0001 or \
             //ecu/1234/1/1; for events, use subscribe or publish",
        ))
    }

    /// The UUri of an event that can be published. The version is 1 if nothing says it.
    ///
    /// # Errors
    ///
    /// A usage failure if it is no event.
    pub(crate) fn event(&self, authority: &str, version: Version) -> Result<UUri, Failure> {
        let uri = self.topic(authority, version)?;
        let uri = match uri.has_wildcard_version() {
            true => UUri { ue_version_major: 1, ..uri },
            false => uri,
        };
        uri.verify_no_wildcards().map_err(|error| {
            Failure::usage(format!("{}: {error}", uri.to_uri(false)))
                .help("only a single event can be published, such as 0x1234.1.0x8001")
        })?;
        Ok(uri)
    }

    /// The UUri of an event, or of several by wildcards.
    ///
    /// # Errors
    ///
    /// A usage failure if it is none.
    pub(crate) fn topic(&self, authority: &str, version: Version) -> Result<UUri, Failure> {
        let uri = self.uri(authority, version, ANY)?;
        if uri.has_wildcard_resource_id() || EVENTS.contains(&uri.resource_id()) {
            return Ok(uri);
        }
        let error = format!("{} names no event", uri.to_uri(false));
        Err(Failure::usage(error).help(
            "write a service and an event, 0x8000 to 0xfffe, such as 0x1234.1.0x8001 or \
             //ecu/1234/1/8001; for methods, use call or serve",
        ))
    }

    /// The UUri of a uEntity: with the resource 0. The version is 1 if nothing says it.
    ///
    /// # Errors
    ///
    /// A usage failure if it names none.
    pub(crate) fn entity(&self, authority: &str, version: Version) -> Result<UUri, Failure> {
        let uri = self.service(authority, version)?;
        match uri.resource_id() {
            0 | ANY => Ok(UUri { resource_id: 0, ..uri }),
            _ => Err(Failure::usage(format!("{} names no uEntity", uri.to_uri(false)))
                .help("write a service alone, such as 0x1234.1 or //ecu/1234/1/0")),
        }
    }

    /// The UUri of a uEntity, or of a single method of it. The version is 1 if nothing says it.
    ///
    /// # Errors
    ///
    /// A usage failure if it names none.
    pub(crate) fn service(&self, authority: &str, version: Version) -> Result<UUri, Failure> {
        let uri = self.uri(authority, version, ANY)?;
        let uri = match uri.has_wildcard_version() {
            true => UUri { ue_version_major: 1, ..uri },
            false => uri,
        };
        let entity = UUri { resource_id: 0, ..uri.clone() };
        if entity.verify_no_wildcards().is_ok() {
            return Ok(uri);
        }
        Err(Failure::usage(format!("{} names no single service", uri.to_uri(false)))
            .help("write a service and an instance, such as 0x1234.1"))
    }
}

/// The default instance is left out of a UUri.
fn entity_instance(instance: u16) -> u16 {
    match instance {
        1 => 0,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn ids_are_decimal_or_hexadecimal() {
        let expected = Target::Ids { service: 0x1234, instance: 1, resource: Some(0x8001) };
        assert_eq!(target("0x1234.1.0x8001"), expected);
        assert_eq!(target("4660.0x1.32769"), expected);
        let any = Target::Ids { service: ANY, instance: ANY, resource: None };
        assert_eq!(target("*.*"), any);
    }

    #[test]
    fn wrong_ids_are_explained() {
        for (text, part) in [
            ("1234", "write a UUri"),
            ("0x12345.1.1", "does not fit into 16 bits"),
            ("70000.1.1", "does not fit into 16 bits"),
            ("12ab.1.1", "write 0x12ab"),
            ("x.1.1", "is no id"),
            ("+1.1.1", "is no id"),
            ("0x+1.1.1", "is no id"),
            ("1.1.1.1", "write a UUri"),
            ("//ecu/12345678901/1/1", "write //authority"),
            ("", "is no id"),
        ] {
            let error = text.parse::<Target>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn default_instance_is_left_out() {
        let uri = target("0x1234.1.7").method("ecu", Some(2)).unwrap();
        assert_eq!(uri.to_uri(false), "//ecu/1234/2/7");
        let uri = target("0x1234.3.7").method("ecu", None).unwrap();
        assert_eq!(uri.to_uri(false), "//ecu/31234/FF/7");
    }

    #[test]
    fn uri_keeps_authority_and_version() {
        let uri = target("//brakes/1234/2/8001");
        assert_eq!(uri.event("ecu", None).unwrap().to_uri(false), "//brakes/1234/2/8001");
        assert_eq!(uri.authority(), Some("brakes".to_owned()));
        uri.event("ecu", Some(1)).unwrap_err();
        let uri = target("/1234/2/8001").event("ecu", Some(2)).unwrap();
        assert_eq!(uri.to_uri(false), "//ecu/1234/2/8001");
    }

    #[test]
    fn method_and_event_are_told_apart() {
        target("0x1234.1.0x8001").method("ecu", None).unwrap_err();
        target("0x1234.*.1").method("ecu", None).unwrap_err();
        target("0x1234.1").method("ecu", None).unwrap_err();
        target("0x1234.1.1").topic("ecu", None).unwrap_err();
        target("0x1234.1.*").event("ecu", None).unwrap_err();
        target("0x1234.1").topic("ecu", None).unwrap();
    }
}
