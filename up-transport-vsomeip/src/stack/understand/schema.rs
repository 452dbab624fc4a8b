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
//! The JSON schema of vsomeip's configuration. It is for editors, and no stricter than vsomeip, which
//! reads any text for any value: each key has its documentation, and the form of what is under it.

use std::collections::BTreeMap;

use serde_json::{json, Value};

use super::field::{As, Brief, ShortOrLong, Sub};
use super::section::Section;
use super::text::Form;

/// A section that tells its keys, each with what it means and what is under it.
pub(in crate::stack) trait Documented {
    fn keys() -> Vec<(&'static str, &'static str, Value)>;
}

/// What can be written for a field.
pub(in crate::stack) trait HasSchema<F> {
    fn schema() -> Value;
}

/// The schema of a section. What it does not know, vsomeip may.
pub(crate) fn of_section<S: SectionSchema>() -> Value {
    S::object()
}

/// For [`of_section`] alone.
pub(crate) trait SectionSchema {
    fn object() -> Value;
}

impl<S: Documented> SectionSchema for S {
    fn object() -> Value {
        let properties = S::keys().into_iter().map(|(key, meaning, mut schema)| {
            schema["description"] = in_one_line(meaning).into();
            (key, schema)
        });
        json!({ "type": "object", "properties": Value::from_iter(properties) })
    }
}

/// Lines of documentation as one, without what only rustdoc understands.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn short_or_long<T: ShortOrLong>() -> Value
where
    T::Long: Documented,
{
    json!({ "anyOf": [scalar(), T::Long::object()] })
}

impl<F: Form<T>, T> HasSchema<As<F>> for Option<T> {
    fn schema() -> Value {
        scalar()
    }
}

impl<F: Form<T>, T> HasSchema<As<F>> for Vec<T> {
    fn schema() -> Value {
        list(scalar())
    }
}

impl<F: Form<u16>> HasSchema<As<F>> for u16 {
    fn schema() -> Value {
        scalar()
    }
}

impl<F: Form<String>> HasSchema<As<F>> for String {
    fn schema() -> Value {
        scalar()
    }
}

impl<S: Section + Documented> HasSchema<Sub> for Option<S> {
    fn schema() -> Value {
        S::object()
    }
}

impl<S: Section + Documented> HasSchema<Sub> for Vec<S> {
    fn schema() -> Value {
        list(S::object())
    }
}

impl<F: Form<u16>, S: Section + Documented> HasSchema<As<F>> for BTreeMap<u16, S> {
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": S::object() })
    }
}

impl<T: ShortOrLong> HasSchema<Brief> for Option<T>
where
    T::Long: Documented,
{
    fn schema() -> Value {
        short_or_long::<T>()
    }
}

impl<T: ShortOrLong> HasSchema<Brief> for Vec<T>
where
    T::Long: Documented,
{
    fn schema() -> Value {
        list(short_or_long::<T>())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::stack::StackConfig;

    #[test]
    fn keys_are_documented() {
        let schema = of_section::<StackConfig>();
        let multicast = &schema["properties"]["service-discovery"]["properties"]["multicast"];
        let meaning = "The multicast address; 224.224.224.0 by default.";
        assert_eq!(multicast["description"], meaning);
        let event = &schema["properties"]["services"]["items"]["properties"]["events"]["items"];
        assert!(event["properties"]["event"]["description"].is_string());
    }

    #[test]
    fn schema_accepts_all_examples() {
        let validator = jsonschema::validator_for(&crate::inspect::schema()).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut count = 0;
        for folder in ["config", "examples/ecu"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if name.ends_with(".json") && !name.ends_with(".schema.json") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let json: Value = serde_json::from_str(&text).unwrap();
                    let errors: Vec<_> = validator.iter_errors(&json).collect();
                    assert!(errors.is_empty(), "{name}: {errors:?}");
                    count += 1;
                }
            }
        }
        assert!(count > 10, "{count}");
    }

    #[test]
    fn schema_refuses_other_forms() {
        let validator = jsonschema::validator_for(&crate::inspect::schema()).unwrap();
        for json in [
            json!({ "services": [1] }),
            json!({ "unicast": {} }),
            json!({ "service-discovery": "on" }),
            json!({ "uprotocol": { "max_listners": 1 } }),
        ] {
            assert!(!validator.is_valid(&json), "{json}");
        }
    }
}
