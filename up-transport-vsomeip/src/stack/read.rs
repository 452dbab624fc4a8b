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

//! Reads JSON into a tree that preserves the order and repetition of keys, like Boost's property tree,
//! which vsomeip uses.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::StackError;

/// The byte order mark, which vsomeip skips.
pub(crate) const MARK: &str = "\u{feff}";

/// The maximum nesting of objects and lists.
const MAX_DEPTH: u8 = 127;

/// A value in a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// A string, an integer, a boolean, or null.
    Scalar(Value),
    /// Any other number, as written.
    Number(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// The configuration in a file.
    ///
    /// # Errors
    ///
    /// [`StackError::Read`] if the file cannot be read, and those of [`from_bytes`](Self::from_bytes).
    pub(crate) fn of_file(path: &Path) -> Result<Self, StackError> {
        let bytes = std::fs::read(path)
            .map_err(|source| StackError::Read { path: path.to_owned(), source })?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// The configuration in the bytes of a file. Skips a byte order mark.
    ///
    /// # Errors
    ///
    /// [`StackError::Parse`] if it is not a JSON object.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StackError> {
        let bytes = bytes.strip_prefix(MARK.as_bytes()).unwrap_or(bytes);
        let tree = Self::of_json(bytes).map_err(|error| StackError::parse(&error))?;
        match tree {
            Self::Object(_) => Ok(tree),
            _ => Err(StackError::no_object()),
        }
    }

    /// Any JSON value.
    pub(crate) fn of_json(json: &[u8]) -> serde_json::Result<Self> {
        let tree = serde_json::from_slice(json).and_then(|raw| Self::of_raw(raw, MAX_DEPTH));
        // Parsing as a whole yields an error with its position.
        tree.map_err(|error| serde_json::from_slice::<Self>(json).err().unwrap_or(error))
    }

    /// A value with at most `depth` nested levels.
    fn of_raw(raw: &RawValue, depth: u8) -> serde_json::Result<Self> {
        let text = raw.get();
        let below = || -> serde_json::Result<u8> {
            depth.checked_sub(1).ok_or_else(|| de::Error::custom("it is nested too deeply"))
        };
        Ok(match text.chars().next() {
            Some('{') => {
                let (Members(members), below) = (serde_json::from_str(text)?, below()?);
                let member = |(key, raw)| Ok((key, Self::of_raw(raw, below)?));
                Self::Object(members.into_iter().map(member).collect::<serde_json::Result<_>>()?)
            }
            Some('[') => {
                let (values, below): (Vec<&RawValue>, _) = (serde_json::from_str(text)?, below()?);
                let value = |raw| Self::of_raw(raw, below);
                Self::List(values.into_iter().map(value).collect::<serde_json::Result<_>>()?)
            }
            Some('-' | '0'..='9') => Self::of_number(text),
            _ => serde_json::from_str(text)?,
        })
    }

    fn of_number(text: &str) -> Self {
        let natural = text.parse::<u64>().map(Value::from);
        let integer = natural.or_else(|_| text.parse::<i64>().map(Value::from));
        integer.map_or_else(|_| Self::Number(text.to_owned()), Self::Scalar)
    }

    /// The text that vsomeip sees for a value; empty for objects and lists.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Scalar(Value::String(text)) => Cow::Borrowed(text),
            Self::Scalar(value) => Cow::Owned(value.to_string()),
            Self::Number(text) => Cow::Borrowed(text),
            Self::List(_) | Self::Object(_) => Cow::Borrowed(""),
        }
    }

    pub(super) fn is_scalar(&self) -> bool {
        matches!(self, Self::Scalar(_) | Self::Number(_))
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The keys of an object with their values, or the values of a list, which have no keys.
    pub(super) fn entries(&self) -> Vec<(&str, &Tree)> {
        match self {
            Self::Scalar(_) | Self::Number(_) => Vec::new(),
            Self::List(values) => values.iter().map(|value| ("", value)).collect(),
            Self::Object(keys) => keys.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        }
    }

    /// The first value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        self.entries().into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The last value of a key, as most JSON parsers see it.
    pub(crate) fn last(&self, key: &str) -> Option<Value> {
        let (_, value) = self.entries().into_iter().rfind(|(name, _)| *name == key)?;
        serde_json::to_value(value).ok()
    }

    /// The places of a key, and below it, that are there more than once.
    pub(crate) fn repeated(&self, key: &str) -> Vec<String> {
        let again = |known: &str| self.entries().iter().filter(|(it, _)| *it == known).count() > 1;
        let mut places: Vec<String> = again(key).then(|| key.to_owned()).into_iter().collect();
        if let Some((_, value)) = self.entries().into_iter().rfind(|(known, _)| *known == key) {
            value.add_repeated(key, &mut places);
        }
        places
    }

    fn add_repeated(&self, place: &str, places: &mut Vec<String>) {
        let mut known = BTreeSet::new();
        for (index, (key, value)) in self.entries().into_iter().enumerate() {
            let place = match self {
                Self::List(_) => format!("{place}[{index}]"),
                _ => format!("{place}.{key}"),
            };
            value.add_repeated(&place, places);
            if self.is_object() && !known.insert(key) {
                places.push(place);
            }
        }
    }

    pub(super) fn position(&self, key: &str) -> Option<usize> {
        self.entries().iter().position(|(name, _)| *name == key)
    }

    /// The object with those of its keys only.
    pub(crate) fn only(&self, counts: impl Fn(&str) -> bool) -> Self {
        let keys = self.entries().into_iter().filter(|(key, _)| counts(key));
        Self::Object(keys.map(|(key, value)| (key.to_owned(), value.clone())).collect())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Scalar(text.into())
    }
}

impl From<&Tree> for Value {
    fn from(tree: &Tree) -> Self {
        match tree {
            Tree::Scalar(value) => value.clone(),
            Tree::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.clone()))
            }
            Tree::List(values) => values.iter().map(Value::from).collect(),
            Tree::Object(keys) => {
                let mut map = Map::new();
                for (key, value) in keys {
                    map.entry(key.clone()).or_insert_with(|| value.into());
                }
                Value::Object(map)
            }
        }
    }
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(values) => Self::List(values.iter().map(Self::from).collect()),
            Value::Object(keys) => {
                Self::Object(keys.iter().map(|(key, it)| (key.clone(), it.into())).collect())
            }
            scalar => Self::Scalar(scalar.clone()),
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(_) | Self::Number(_) => Value::from(self).serialize(serializer),
            Self::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| list.serialize_element(value))?;
                list.end()
            }
            Self::Object(keys) => {
                let mut map = serializer.serialize_map(Some(keys.len()))?;
                keys.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

/// Not of JSON alone: whatever has been read already.
impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(text.into()))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(number.into()))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(number.into()))
    }
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(number.into()))
    }
    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(flag.into()))
    }
    fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut keys = Vec::new();
        while let Some(entry) = map.next_entry()? {
            keys.push(entry);
        }
        Ok(Tree::Object(keys))
    }
}

/// The keys of an object with their values, in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Tree {
        Tree::from_bytes(text.as_bytes()).unwrap()
    }

    #[test]
    fn keys_keep_order_and_repetitions() {
        let text = r#"{"b":1,"a":[true,null],"b":"2"}"#;
        let tree = read(text);
        assert_eq!(serde_json::to_string(&tree).unwrap(), text);
        assert_eq!(tree.get("b").unwrap().text(), "1");
        assert_eq!(tree.position("a"), Some(1));
        assert_eq!(tree.last("b"), Some(json!("2")));
        assert_eq!(read(r#"{"b":{"a":1,"a":2}}"#).last("b"), Some(json!({ "a": 2 })));
        assert_eq!(tree.last("c"), None);
        assert_eq!(Value::from(&tree), json!({ "b": 1, "a": [true, null] }));
    }

    /// vsomeip reads the text of a number.
    #[test]
    fn numbers_are_texts() {
        for text in ["0", "-5", "18446744073709551615", "1e3", "1.50", "-0.1E-2", "1e999"] {
            let tree = read(&format!(r#"{{ "a": {text} }}"#));
            assert_eq!(tree.get("a").unwrap().text(), text);
        }
        let tree = read(r#"{ "a": 1e2, "b": 1e999, "c": 123456789012345678901234567890 }"#);
        assert_eq!(tree.last("a"), Some(json!(1e2)));
        assert_eq!(tree.last("b"), Some(json!("1e999")));
        assert_eq!(tree.get("c").unwrap().text(), "123456789012345678901234567890");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!(r#"{{ "a": {}{} }}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(Tree::from_bytes(nested(126).as_bytes()).is_ok());
        assert!(Tree::from_bytes(nested(127).as_bytes()).is_err());
        assert!(Tree::from_bytes(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn repetitions_are_found_with_their_place() {
        let repeated = |text: &str| read(text).repeated("s");
        assert_eq!(repeated(r#"{ "a": 1, "a": 2, "s": { "b": [1, 1] } }"#), [""; 0]);
        assert_eq!(repeated(r#"{ "s": 1, "s": { "b": 1, "c": 1, "b": 2 } }"#), ["s", "s.b"]);
        let deep = r#"{ "s": { "b": [{}, { "c": 1, "c": 1 }], "d": { "e": 1, "e": 1 } } }"#;
        assert_eq!(repeated(deep), ["s.b[1].c", "s.d.e"]);
    }

    #[test]
    fn byte_order_mark_is_skipped() {
        assert_eq!(read("\u{feff}{ \"network\": \"n\" }").get("network").unwrap().text(), "n");
    }

    #[test]
    fn file_without_an_object_is_an_error() {
        for text in ["", "{", "[]", "{} {}", "1"] {
            assert!(Tree::from_bytes(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Tree::from_bytes(b"{ \"a\": \"\xff\" }").is_err(), "no UTF-8");
    }
}
