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

//! How the fields of a section are read and written: what serde needs to know about each form.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::{parse, BareHex, Decimal, Either, Form, Hex, Octal, Word};

/// A value in a form, for serde.
pub(crate) struct Text<F, T>(pub(crate) T, pub(crate) PhantomData<F>);

struct TextVisitor<F, T>(PhantomData<(F, T)>);

impl<F: Form<T>, T> TextVisitor<F, T> {
    fn parsed<E: de::Error>(text: &str) -> Result<Text<F, T>, E> {
        parse::<F, T>(text).map(|value| Text(value, PhantomData)).map_err(E::custom)
    }
}

impl<F: Form<T>, T> Visitor<'_> for TextVisitor<F, T> {
    type Value = Text<F, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&F::expected())
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::parsed(text)
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::parsed(&number.to_string())
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::parsed(&number.to_string())
    }
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Self::parsed(&number.to_string())
    }
    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
        Self::parsed(&flag.to_string())
    }
}

impl<'de, F: Form<T>, T> Deserialize<'de> for Text<F, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(PhantomData))
    }
}

/// A field whose values are written in a form: a value, one that may be absent, several, or those
/// that belong to a key.
pub(crate) trait Written<F>: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<F: Form<T>, T> Written<F> for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::<F, T>::deserialize(deserializer).map(|text| Some(text.0))
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(F::print).serialize(serializer)
    }
}

impl<F: Form<T>, T> Written<F> for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<Text<F, T>>::deserialize(deserializer)?;
        Ok(texts.into_iter().map(|text| text.0).collect())
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(F::print))
    }
}

impl<F: Form<u16>> Written<F> for u16 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::<F, u16>::deserialize(deserializer).map(|text| text.0)
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&F::print(self))
    }
}

impl<F: Form<u16>, V: DeserializeOwned + Serialize> Written<F> for BTreeMap<u16, V> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = BTreeMap::<String, V>::deserialize(deserializer)?;
        let numbered = |(key, value): (String, V)| {
            parse::<F, u16>(&key).map(|key| (key, value)).map_err(de::Error::custom)
        };
        named.into_iter().map(numbered).collect()
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            map.serialize_entry(&F::print(key), value)?;
        }
        map.end()
    }
}

/// Modules for serde's attribute `with`.
macro_rules! with {
    ($($module:ident: $written:ident $(<$form:ident>)?),*) => {$(
        pub(crate) mod $module {
            use super::{$written $(, $form)?};

            pub(crate) fn serialize<V, S>(value: &V, to: S) -> Result<S::Ok, S::Error>
            where
                V: $written$(<$form>)?,
                S: serde::Serializer,
            {
                value.write(to)
            }

            pub(crate) fn deserialize<'de, V, D>(from: D) -> Result<V, D::Error>
            where
                V: $written$(<$form>)?,
                D: serde::Deserializer<'de>,
            {
                V::read(from)
            }
        }
    )*};
}

with! {
    hex: Written<Hex>,
    bare_hex: Written<BareHex>,
    decimal: Written<Decimal>,
    either: Written<Either>,
    octal: Written<Octal>,
    word: Written<Word>,
    short: WrittenShort
}

/// What a value is written as.
pub(crate) enum ShortOr<'a, L> {
    Short(String),
    Long(&'a L),
}

/// What is written as one word, or as an object where there is more to say.
pub(crate) trait ShortOrLong: Sized {
    type Long: DeserializeOwned + Serialize;
    const EXPECTED: &'static str;

    /// # Errors
    ///
    /// What would have been expected.
    fn from_short(text: &str) -> Result<Self, String>;
    fn from_long(long: Self::Long) -> Self;
    fn written(&self) -> ShortOr<'_, Self::Long>;
}

/// A value of that kind, for serde.
struct Brief<T>(T);
struct BriefRef<'a, T>(&'a T);

struct BriefVisitor<T>(PhantomData<T>);

impl<'de, T: ShortOrLong> Visitor<'de> for BriefVisitor<T> {
    type Value = Brief<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Brief<T>, E> {
        T::from_short(text).map(Brief).map_err(E::custom)
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Brief<T>, E> {
        self.visit_str(&number.to_string())
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Brief<T>, E> {
        self.visit_str(&number.to_string())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Brief<T>, A::Error> {
        let long = T::Long::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Brief(T::from_long(long)))
    }
}

impl<'de, T: ShortOrLong> Deserialize<'de> for Brief<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BriefVisitor(PhantomData))
    }
}

impl<T: ShortOrLong> Serialize for BriefRef<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.written() {
            ShortOr::Short(text) => serializer.serialize_str(&text),
            ShortOr::Long(long) => long.serialize(serializer),
        }
    }
}

/// As [`Written`], for values of that kind.
pub(crate) trait WrittenShort: Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<T: ShortOrLong> WrittenShort for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Brief::deserialize(deserializer).map(|brief| Some(brief.0))
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(BriefRef).serialize(serializer)
    }
}

impl<T: ShortOrLong> WrittenShort for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let briefs = Vec::<Brief<T>>::deserialize(deserializer)?;
        Ok(briefs.into_iter().map(|brief| brief.0).collect())
    }
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(BriefRef))
    }
}
