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

//! The JSON schema of the section, and errors about objects and keys that do not match it.

use serde_json::{json, Map, Value};

use super::forms::{Form, Name};
use super::object::Kind;
use super::Section;
use crate::stack::{nearest, Problem};

/// The schema of the whole section.
pub(super) fn of_section() -> Value {
    let options = Section::schema();
    let mut section = options.clone();
    section["description"] = "The options of the uProtocol transport.".into();
    section["properties"]["application"] = <Name as Form>::schema();
    section["properties"]["application"]["description"] =
        "The application that the transport runs as, unless code or the variable \
         VSOMEIP_APPLICATION_NAME selects one; the first of the configuration unless set."
            .into();
    section["properties"]["applications"] = json!({
        "type": "object",
        "additionalProperties": options,
        "description": "Options of single applications, by name; they override those for all.",
    });
    section
}

/// The schema of a file with the section, without vsomeip's own keys.
pub(super) fn of_file() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The section `uprotocol` of a configuration of vsomeip",
        "type": "object",
        "properties": { crate::startup::SECTION: of_section() },
    })
}

/// Unknown and missing keys, and values that should be an object or a list.
pub(super) fn problems(schema: &Value, place: &str, json: &Value) -> Vec<Problem> {
    match json {
        json if schema["type"] == "object" && !json.is_object() => vec![no_object(place)],
        json if schema["type"] == "array" && !json.is_array() => vec![no_list(place)],
        Value::Object(members) => {
            let of = |(key, value): (&String, _)| unknown_in(schema, place, key, value);
            let problems: Vec<Problem> = members.iter().flat_map(of).collect();
            match problems.is_empty() {
                // A misspelt key would also be reported as missing.
                true => missing_in(schema, place, members),
                false => problems,
            }
        }
        Value::Array(entries) => {
            let entries = entries.iter().enumerate();
            let of =
                |(index, entry)| problems(&schema["items"], &format!("{place}[{index}]"), entry);
            entries.flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}

fn unknown_in(schema: &Value, place: &str, key: &str, value: &Value) -> Vec<Problem> {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let place = format!("{place}.{key}");
    match (known.get(key), &schema["additionalProperties"]) {
        (Some(schema), _) | (None, schema @ Value::Object(_)) => problems(schema, &place, value),
        (None, Value::Bool(false)) => vec![unknown(place, key, known)],
        _ => Vec::new(),
    }
}

fn missing_in(schema: &Value, place: &str, members: &Map<String, Value>) -> Vec<Problem> {
    let required = schema["required"].as_array().into_iter().flatten();
    let missing = required.filter_map(Value::as_str).filter(|key| !members.contains_key(*key));
    let problem = |key| Problem {
        place: format!("{place}.{key}"),
        what: "is missing".to_owned(),
        remedy: "add it".to_owned(),
    };
    missing.map(problem).collect()
}

fn no_list(place: &str) -> Problem {
    Problem {
        place: place.to_owned(),
        what: "is not a list".to_owned(),
        remedy: "write it in brackets".to_owned(),
    }
}

fn no_object(place: &str) -> Problem {
    Problem {
        place: place.to_owned(),
        what: "is not an object".to_owned(),
        remedy: "write options and their values in braces".to_owned(),
    }
}

fn unknown(place: String, key: &str, known: &Map<String, Value>) -> Problem {
    let remedy = match nearest(key, known.keys().map(String::as_str)) {
        Some(meant) => format!("write `{meant}`"),
        None => {
            let known: Vec<String> = known.keys().map(|key| format!("`{key}`")).collect();
            format!("remove it, or write one of {}", known.join(", "))
        }
    };
    Problem { place, what: "there is no such option".to_owned(), remedy }
}
