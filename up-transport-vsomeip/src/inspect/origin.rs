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
//! Which of several files a value of the merged configuration comes from. Pure.

use serde_json::Value;

/// One value of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    /// Such as `services[1].events[0].event`.
    pub(super) place: String,
    pub(super) value: Value,
    /// The index of the file that says so; `None` if none does.
    pub(super) file: Option<usize>,
}

/// The values of a configuration that was merged of what each of the files says.
pub(super) fn leaves(merged: &Value, files: &[Value]) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let files: Vec<(usize, &Value)> = files.iter().enumerate().collect();
    collect(String::new(), merged, &files, &mut leaves);
    leaves
}

fn collect(place: String, value: &Value, files: &[(usize, &Value)], leaves: &mut Vec<Leaf>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                let dot = if place.is_empty() { "" } else { "." };
                let files: Vec<_> =
                    files.iter().filter_map(|(index, it)| Some((*index, it.get(key)?))).collect();
                collect(format!("{place}{dot}{key}"), value, &files, leaves);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                let place = format!("{place}[{index}]");
                collect(place, element, &with_element(element, files), leaves);
            }
        }
        _ => {
            let same = files.iter().find(|(_, it)| *it == value).or(files.first());
            let file = same.map(|(index, _)| *index);
            leaves.push(Leaf { place, value: value.clone(), file });
        }
    }
}

/// The file whose list has an element: lists add up, so its index there is another one.
fn with_element<'a>(element: &'a Value, files: &[(usize, &'a Value)]) -> Vec<(usize, &'a Value)> {
    let has_it = |list: &Value| list.as_array().is_some_and(|all| all.contains(element));
    let found = files.iter().find(|(_, list)| has_it(list)).or(files.first());
    found.map(|(index, _)| (*index, element)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_value_has_its_file() {
        let files = [
            json!({ "unicast": "10.0.0.1", "services": [{ "service": "0x0001" }] }),
            json!({
                "unicast": "10.0.0.2",
                "network": "n",
                "services": [{ "service": "0x0002" }],
                "logging": { "level": "info" },
            }),
        ];
        let merged = json!({
            "unicast": "10.0.0.2",
            "network": "n",
            "services": [{ "service": "0x0001" }, { "service": "0x0002" }],
            "logging": { "level": "info" },
            "routing": "host",
        });
        let found: Vec<_> =
            leaves(&merged, &files).into_iter().map(|it| (it.place, it.file)).collect();
        let expected = [
            ("logging.level", Some(1)),
            ("network", Some(1)),
            ("routing", None),
            ("services[0].service", Some(0)),
            ("services[1].service", Some(1)),
            ("unicast", Some(1)),
        ];
        let mut found = found;
        found.sort();
        assert_eq!(found, expected.map(|(place, file)| (place.to_owned(), file)));
    }
}
