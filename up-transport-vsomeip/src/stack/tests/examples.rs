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

//! Reads and writes vsomeip's own example configurations without a loss.

use std::path::Path;

use serde_json::{Map, Value};

use crate::stack::StackConfig;

/// The same for all ways of writing the same.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let entry =
                |(key, value): (&String, &Value)| (normal_text(key), in_long_form(key, value));
            Value::Object(object.iter().map(entry).collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(normal).collect(),
        Value::String(text) => normal_text(text).into(),
        other => normal_text(&other.to_string()).into(),
    }
}

fn in_long_form(key: &str, value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Number(_) if key == "reliable" => {
            serde_json::json!({ "port": normal(value) })
        }
        _ => normal(value),
    }
}

fn normal_text(text: &str) -> String {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_or_else(|_| text.to_owned(), |number| number.to_string())
}

fn round_trip(path: &Path) {
    let name = path.display();
    let text = std::fs::read_to_string(path).unwrap();
    let config = StackConfig::from_file(path).unwrap_or_else(|error| panic!("{error}"));
    let original: Value = serde_json::from_str(&text).unwrap();
    let written: Value = serde_json::from_str(&config.to_json()).unwrap();
    assert_eq!(normal(&original), normal(&written), "{name}");
    assert_eq!(StackConfig::from_json(&config.to_json()).unwrap(), config, "{name}");
    config.validate().unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn vsomeip_examples_round_trip() {
    let Some(source) = option_env!("VSOMEIP_SOURCE") else {
        eprintln!("SKIPPED: the sources of this vsomeip are not known; set VSOMEIP_SOURCE_DIR");
        return;
    };
    let folder = Path::new(source).join("config");
    let mut count = 0;
    for entry in folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            round_trip(&path);
            count += 1;
        }
    }
    assert!(count > 0, "there are no examples in {}", folder.display());
}

#[test]
fn example_configurations_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    for name in ["hello_service", "hello_client", "publisher", "subscriber"] {
        round_trip(&folder.join(name).with_extension("json"));
    }
}
