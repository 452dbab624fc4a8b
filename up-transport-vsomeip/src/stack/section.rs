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

//! What all sections of the configuration have in common: keys with a type, and the rest.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A section of the configuration.
pub(super) trait Section {
    /// The keys that have a field.
    const KEYS: &'static [&'static str];
    /// What is written under other keys.
    fn other(&self) -> &Map<String, Value>;
}

/// Whether a field has nothing to write.
pub(super) trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Absent for BTreeMap<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for u16 {
    fn is_absent(&self) -> bool {
        false
    }
}

impl Absent for String {
    fn is_absent(&self) -> bool {
        false
    }
}

/// Declares sections. Each field has its key in the JSON file and, unless serde's own way of writing
/// it will do, the module of [`written`](super::written) that says how it is written.
macro_rules! sections {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $key:literal $(as $form:literal)? => $field:ident: $type:ty, )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, expecting = "an object")]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(
                    rename = $key,
                    skip_serializing_if = "crate::stack::section::Absent::is_absent"
                    $(, with = $form)?
                )]
                pub $field: $type,
            )*
            /// What is written under other keys, as it is.
            #[serde(flatten)]
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        impl crate::stack::section::Section for $name {
            const KEYS: &'static [&'static str] = &[$($key),*];
            fn other(&self) -> &serde_json::Map<String, serde_json::Value> {
                &self.other
            }
        }
    )*};
}

pub(super) use sections;
