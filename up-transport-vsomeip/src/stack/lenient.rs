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

//! Reads a configuration as vsomeip does, which goes on without the values that it cannot read.

use std::fmt;
use std::path;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::{without_mark, StackConfig, StackError};

/// The keys of a file, with their values as they are. Of a key that is there twice, the first counts.
///
/// # Errors
///
/// [`StackError::Read`] and [`StackError::Parse`] if vsomeip reads nothing of the file.
pub(crate) fn keys_of_file(path: &path::Path) -> Result<Map<String, Value>, StackError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| StackError::Read { path: path.to_owned(), source })?;
    let keys = serde_json::from_str::<Keys>(without_mark(&text));
    keys.map(|keys| keys.0).map_err(|error| StackError::parse("", &error).in_file(path))
}

struct Keys(Map<String, Value>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor).map(Self)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = Map::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            keys.entry(key).or_insert(value);
        }
        Ok(keys)
    }
}

impl StackConfig {
    /// Reads what can be read, and tells which values are left out: vsomeip has its defaults for
    /// them.
    pub(crate) fn from_readable(mut json: Value) -> (Self, Vec<StackError>) {
        let mut left_out = Vec::new();
        // Each turn takes a value away, or is the last.
        loop {
            let error = match serde_path_to_error::deserialize(&json) {
                Ok(config) => return (config, left_out),
                Err(error) => error,
            };
            let is_smaller = remove(&mut json, error.path());
            left_out.push(StackError::parse(&error.path().to_string(), error.inner()));
            if !is_smaller {
                return (Self::default(), left_out);
            }
        }
    }
}

/// Removes the value at a path; false if there is none.
fn remove(json: &mut Value, path: &Path) -> bool {
    let mut segments: Vec<&Segment> = path.iter().collect();
    let last = segments.pop();
    let parent = segments.into_iter().try_fold(json, |json, segment| match segment {
        Segment::Seq { index } => json.get_mut(index),
        Segment::Map { key } => json.get_mut(key),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    match (parent, last) {
        (Some(Value::Array(values)), Some(Segment::Seq { index })) if *index < values.len() => {
            values.remove(*index);
            true
        }
        (Some(Value::Object(values)), Some(Segment::Map { key })) => values.remove(key).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys_of(text: &str) -> Result<Map<String, Value>, StackError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        keys_of_file(file.path())
    }

    #[test]
    fn first_of_two_equal_keys_counts() {
        let keys = keys_of(r#"{ "network": "one", "network": "two" }"#).unwrap();
        assert_eq!(Value::Object(keys), json!({ "network": "one" }));
    }

    #[test]
    fn byte_order_mark_is_skipped() {
        let text = "\u{feff}{ \"network\": \"n\" }";
        assert_eq!(Value::Object(keys_of(text).unwrap()), json!({ "network": "n" }));
        assert_eq!(StackConfig::from_json(text).unwrap().network.as_deref(), Some("n"));
    }

    #[test]
    fn file_without_an_object_has_no_keys() {
        for text in ["", "{", "[]", "{} {}"] {
            let error = keys_of(text).unwrap_err().to_string();
            assert!(error.starts_with("the configuration /"), "{error}");
        }
        assert!(matches!(keys_of_file("/no/file".as_ref()), Err(StackError::Read { .. })));
    }

    #[track_caller]
    fn assert_left_out(json: Value, kept: &Value, places: &[&str]) {
        let (config, left_out) = StackConfig::from_readable(json);
        assert_eq!(config, StackConfig::from_json(&kept.to_string()).unwrap());
        let left_out: Vec<String> = left_out.iter().map(ToString::to_string).collect();
        assert_eq!(left_out.len(), places.len(), "{left_out:?}");
        for (found, place) in left_out.iter().zip(places) {
            assert!(found.starts_with(place), "{found}");
        }
    }

    #[test]
    fn readable_configuration_is_kept_whole() {
        let json = json!({ "network": "n", "services": [{ "service": "1", "instance": 2 }] });
        assert_left_out(json.clone(), &json, &[]);
    }

    #[test]
    fn unreadable_values_are_left_out() {
        assert_left_out(
            json!({
                "unicast": "nowhere",
                "network": "n",
                "services": [
                    { "service": "0x1234", "instance": "1", "unreliable": "0x7777" },
                    "no service",
                    { "service": "0x1234", "instance": "2",
                      "events": [{ "event": "?" }, { "event": "0x8001", "is_field": "true" }] },
                ],
            }),
            &json!({
                "network": "n",
                "services": [
                    { "service": "0x1234", "instance": "1" },
                    { "service": "0x1234", "instance": "2",
                      "events": [{}, { "event": "0x8001", "is_field": "true" }] },
                ],
            }),
            &[
                "services[0].unreliable: \"0x7777\" is not",
                "services[1]: invalid type",
                "services[1].events[0].event: \"?\" is not",
                "unicast: \"nowhere\" is not",
            ],
        );
    }

    #[test]
    fn no_object_leaves_the_defaults() {
        assert_left_out(json!([1, 2]), &json!({}), &["invalid type: sequence"]);
    }
}
