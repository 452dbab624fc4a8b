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

//! Declares the objects of the section, with required and optional keys, and lists of them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{json, Value};

use crate::builder::TransportBuilder;

/// The type of a key's value.
pub(in crate::builder) trait Kind: DeserializeOwned + PartialEq {
    /// The type that the builder takes.
    type Value;

    fn value(self) -> Self::Value;

    /// The JSON schema.
    fn schema() -> Value;

    /// Takes the value of `other` if this one is absent. Returns whether both are present and differ.
    fn merge(this: &mut Option<Self>, other: Option<Self>) -> bool {
        match (&this, &other) {
            (Some(this), Some(other)) => this != other,
            (Some(_), None) => false,
            (None, _) => {
                *this = other;
                false
            }
        }
    }
}

/// The method of the builder that sets a value.
pub(super) type Method<K> = fn(TransportBuilder, <K as Kind>::Value) -> TransportBuilder;

/// An entry of a list.
pub(super) trait Entry: Kind {
    fn is_about_same_as(&self, other: &Self) -> bool;
    fn add(self, builder: TransportBuilder) -> TransportBuilder;
}

/// Adds entries to a builder.
pub(super) fn add_each<E: Entry>(builder: TransportBuilder, entries: Vec<E>) -> TransportBuilder {
    entries.into_iter().fold(builder, |builder, entry| entry.add(builder))
}

/// A list whose entries may come from several files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub(in crate::builder) struct Many<E>(Vec<E>);

impl<E: Entry> Kind for Many<E> {
    type Value = Vec<E>;

    fn value(self) -> Vec<E> {
        self.0
    }

    fn schema() -> Value {
        json!({ "type": "array", "items": E::schema() })
    }

    fn merge(this: &mut Option<Self>, other: Option<Self>) -> bool {
        let Some(Self(others)) = other else { return false };
        let Self(known) = this.get_or_insert(Self(Vec::new()));
        let mut is_contradicted = false;
        for other in others {
            match known.iter().find(|known| known.is_about_same_as(&other)) {
                Some(known) => is_contradicted |= *known != other,
                None => known.push(other),
            }
        }
        is_contradicted
    }
}

/// Reads a key that is present, which must not be `null`.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A key of an object for the schema: name, description, and schema of the value.
pub(super) type Key = (&'static str, &'static str, Value);

pub(super) fn schema_of(required: Vec<Key>, optional: Vec<Key>) -> Value {
    let names: Vec<&str> = required.iter().map(|(name, ..)| *name).collect();
    let properties = required.into_iter().chain(optional).map(|(name, meaning, mut schema)| {
        schema["description"] = meaning.trim().into();
        (name, schema)
    });
    let properties = Value::from_iter(properties);
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !names.is_empty() {
        schema["required"] = names.into();
    }
    schema
}

/// Declares an object by its keys.
macro_rules! object {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $($(#[doc = $meaning:literal])* $required:ident: $kind:ty,)*
        } optional {
            $($(#[doc = $optional_meaning:literal])* $optional:ident: $optional_kind:ty,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields, expecting = "an object")]
        pub(in crate::builder) struct $name {
            $(pub(super) $required: $kind,)*
            $(
                #[serde(default, deserialize_with = "present")]
                pub(super) $optional: Option<$optional_kind>,
            )*
        }

        impl Kind for $name {
            type Value = Self;

            fn value(self) -> Self {
                self
            }

            fn schema() -> serde_json::Value {
                crate::builder::section::object::schema_of(
                    vec![$((
                        stringify!($required), concat!($($meaning),*), <$kind as Kind>::schema(),
                    )),*],
                    vec![$((
                        stringify!($optional),
                        concat!($($optional_meaning),*),
                        <$optional_kind as Kind>::schema(),
                    )),*],
                )
            }
        }
    };
}

/// Declares the options: key, type of the value, and method of the builder.
macro_rules! options {
    ($($(#[doc = $meaning:literal])* $key:ident: $kind:ty => $method:expr,)*) => {
        crate::builder::section::object::object! {
            /// The options that a section sets.
            Section {} optional { $($(#[doc = $meaning])* $key: $kind,)* }
        }

        impl Section {
            #[cfg(test)]
            pub(super) const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            pub(super) const fn none() -> Self {
                Self { $($key: None),* }
            }

            /// Adds the options of `other` that are absent here. Returns the options that differ.
            pub(super) fn merge(&mut self, other: Self) -> Vec<&'static str> {
                let mut contradicted = Vec::new();
                $(
                    if <$kind as Kind>::merge(&mut self.$key, other.$key) {
                        contradicted.push(stringify!($key));
                    }
                )*
                contradicted
            }

            /// Sets the options on a builder.
            pub(in crate::builder) fn apply(self, builder: TransportBuilder) -> TransportBuilder {
                $(
                    let method: Method<$kind> = $method;
                    let builder = match self.$key {
                        Some(given) => method(builder, given.value()),
                        None => builder,
                    };
                )*
                builder
            }
        }
    };
}

pub(super) use {object, options};
