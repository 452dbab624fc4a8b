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

//! The configuration types of 0.6.0: a vsomeip application, and the threads of a transport. Uses
//! `stack` only, which has vsomeip's whole configuration.

use serde::{Deserialize, Serialize};

use crate::stack::StackConfig;

/// The name and client id of a vsomeip application.
///
/// Serialized as an entry of `applications` in vsomeip's configuration, with a hexadecimal id:
///
/// ```
/// use up_transport_vsomeip::VsomeipApplicationConfig;
///
/// let application = VsomeipApplicationConfig::new("hello", 0x1234);
/// let json = serde_json::to_string(&application).unwrap();
/// assert_eq!(json, r#"{"name":"hello","id":"0x1234"}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VsomeipApplicationConfig {
    /// The name, unique among the applications of a routing manager.
    pub name: String,
    /// The client id, unique in the network. 0 is not allowed; 0xffff lets vsomeip choose one.
    #[serde(with = "hex")]
    pub id: u16,
}

impl VsomeipApplicationConfig {
    /// An application with the given name and client id.
    pub fn new(name: &str, id: u16) -> Self {
        Self { name: name.to_owned(), id }
    }
}

/// This application, with vsomeip's defaults for everything else.
impl From<VsomeipApplicationConfig> for StackConfig {
    fn from(application: VsomeipApplicationConfig) -> Self {
        Self::for_application(application.name, application.id)
    }
}

/// Reads and writes an id as vsomeip's configuration does.
mod hex {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::stack::read::Tree;
    use crate::stack::understand::text::{Form, Hex, Read};

    pub(super) fn serialize<S: Serializer>(id: &u16, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Hex::print(id))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
        let text = Tree::deserialize(from)?;
        match Hex::read(&text.text()) {
            Read::Meant(Some(id)) => Ok(id),
            _ => Err(Error::custom(format!("expected {}", <Hex as Form<u16>>::expected()))),
        }
    }
}

/// The threads of a transport that run listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeConfig {
    num_threads: u8,
}

impl RuntimeConfig {
    /// A configuration with at most `num_threads` threads that run listeners; 0 counts as 1. They start when a
    /// listener does not run inline, and end after a second without work.
    ///
    /// Tasks that listeners spawn run on one further thread at first, and on `num_threads` from a second
    /// later on.
    pub fn new(num_threads: u8) -> Self {
        Self { num_threads: num_threads.max(1) }
    }

    pub(crate) fn num_threads(&self) -> usize {
        self.num_threads.into()
    }
}

impl Default for RuntimeConfig {
    /// Four threads.
    ///
    /// ```
    /// use up_transport_vsomeip::RuntimeConfig;
    /// assert_eq!(RuntimeConfig::default(), RuntimeConfig::new(4));
    /// ```
    fn default() -> Self {
        Self::new(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_id_is_hexadecimal() {
        let application = VsomeipApplicationConfig::new("a", 0x0102);
        let text = serde_json::to_string(&application).unwrap();
        assert_eq!(text, r#"{"name":"a","id":"0x0102"}"#);
        assert_eq!(serde_json::from_str::<VsomeipApplicationConfig>(&text).unwrap(), application);
    }

    #[test]
    fn configuration_names_its_application() {
        let config = StackConfig::from(VsomeipApplicationConfig::new("a", 0x0102));
        let application = config.own_application().unwrap();
        assert_eq!((application.name.as_str(), application.id), ("a", Some(0x0102)));
    }
}
