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
//! Which options count for an application, and where they are said, for those who want to look at it.

use std::path::{Path, PathBuf};

use serde_json::{json, Value};

use super::object::Kind;
use super::{reading, schema, Section};
use crate::options::Options;
use crate::stack::StackError;
use crate::startup::{Found, SECTION};

/// An option, as it counts for an application.
#[derive(Debug, PartialEq)]
pub(crate) struct OptionValue {
    /// Its key in the section, or in the part of it that is for the application.
    pub(crate) place: String,
    pub(crate) value: Value,
    /// The file that says so; `None` for the default.
    pub(crate) file: Option<PathBuf>,
}

/// The JSON schema of a file with the section.
pub(crate) fn schema() -> Value {
    schema::of_file()
}

/// Checks the sections of what was found. Returns the warnings.
///
/// # Errors
///
/// Fails if a key or a value is wrong.
pub(crate) fn check(found: &Found) -> Result<Vec<String>, StackError> {
    let listed: Vec<&str> = found.applications().collect();
    Ok(reading::read(found.sections(), found.application(), &listed)?.warnings)
}

/// All options of an application.
pub(crate) fn options(found: &Found) -> Vec<OptionValue> {
    let schema = Section::schema();
    let keys = schema["properties"].as_object().into_iter().flatten();
    keys.flat_map(|(key, schema)| {
        let said = said(found, key, schema["type"] == "array");
        match said.is_empty() {
            true => default_of(key).into_iter().collect(),
            false => said,
        }
    })
    .collect()
}

/// What the files say of an option. What is for the application comes before what is for all, an
/// earlier file before a later one; lists add up.
fn said(found: &Found, key: &str, is_list: bool) -> Vec<OptionValue> {
    let own = format!("{SECTION}.applications.{}.{key}", found.application());
    let of_own =
        |json: &Value| json.get("applications")?.get(found.application())?.get(key).cloned();
    let shared = format!("{SECTION}.{key}");
    let of_all = |json: &Value| json.get(key).cloned();
    let of_own = found.sections().filter_map(|(file, json)| Some((&own, file, of_own(json)?)));
    let of_all = found.sections().filter_map(|(file, json)| Some((&shared, file, of_all(json)?)));
    let all = of_own.chain(of_all).map(|(place, file, value)| at(place, file, value));
    all.take(if is_list { usize::MAX } else { 1 }).collect()
}

fn at(place: &str, file: &Path, value: Value) -> OptionValue {
    OptionValue { place: place.to_owned(), value, file: Some(file.to_owned()) }
}

fn default_of(key: &str) -> Option<OptionValue> {
    let value = defaults().into_iter().find(|(known, _)| *known == key)?.1;
    Some(OptionValue { place: format!("{SECTION}.{key}"), value, file: None })
}

/// The defaults, as they could be written.
fn defaults() -> Vec<(&'static str, Value)> {
    let options = Options::default();
    let milliseconds = |time: std::time::Duration| json!(format!("{}ms", time.as_millis()));
    vec![
        ("strict_configuration", json!(false)),
        ("runtime", json!({ "num_threads": crate::RuntimeConfig::default().num_threads() })),
        ("vsomeip_log", json!("bridged")),
        ("payload_format", json!("unspecified")),
        ("service_payload_format", json!([])),
        ("carry_attributes", json!([])),
        ("carry_all_attributes", json!(options.carried.all)),
        ("notifications", json!("request_no_return")),
        ("protocol", json!([])),
        ("method_protocol", json!([])),
        ("reliable", json!(options.reliable)),
        ("forward_foreign_sources", json!(options.foreign_sources)),
        ("authority", json!([])),
        ("event", json!([])),
        ("service_version", json!([])),
        ("offer", json!([])),
        ("request_ttl", milliseconds(options.request_ttl)),
        ("max_listeners", json!(options.max_listeners)),
        ("max_listeners_per_filter", json!(options.max_listeners_per_filter)),
        ("listener_queue", json!(options.queue.messages)),
        ("listener_queue_bytes", json!(options.queue.bytes)),
        ("when_queue_is_full", json!("drop_newest")),
        ("in_place", json!(options.inline_calls)),
        ("max_outgoing_requests", json!(options.max_outgoing_requests)),
        ("max_incoming_requests", json!(options.max_incoming_requests)),
        ("max_sender_services", json!(options.max_sender_services)),
        ("max_published_topics", json!(options.max_published_topics)),
        ("hold_first_messages", milliseconds(options.hold_first_messages.time)),
        ("hold_first_messages_bytes", json!(options.hold_first_messages.bytes)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_has_readable_default() {
        let defaults = defaults();
        for key in Section::KEYS {
            assert!(defaults.iter().any(|(known, _)| known == key), "{key}");
        }
        let section = Value::from_iter(defaults);
        let read = reading::read([(Path::new("0"), &section)].into_iter(), "own", &["own"]);
        assert!(read.unwrap().warnings.is_empty());
    }
}
