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

//! The configurations in the guide are such that neither vsomeip nor the transport has anything to say
//! about them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::Path;

use guide::pages::Page;
use serde_json::Value;
use up_transport_vsomeip::stack::StackConfig;

/// What is wrong with a configuration.
fn problems(json: &str) -> Vec<String> {
    let (stack, warnings) = match StackConfig::from_json_with_warnings(json) {
        Ok(read) => read,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    problems.extend(stack.warnings().iter().map(ToString::to_string));
    let schema = fs::read_to_string(repository().join("config/uprotocol.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let value: Value = serde_json::from_str(json).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    problems.extend(validator.iter_errors(&value).map(|error| error.to_string()));
    problems
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn configurations_of_the_guide_are_valid() {
    let mut count = 0;
    for entry in fs::read_dir(repository().join("guide/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let page = Page::read(&fs::read_to_string(&path).unwrap());
        for code in page.code.iter().filter(|code| code.info == "json") {
            let place = format!("{}:{}", path.display(), code.line);
            assert_eq!(problems(&code.text), Vec::<String>::new(), "{place}");
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn mistake_is_noticed() {
    let named = r#"{ "applications": [{ "name": "a" }], "#;
    assert_eq!(problems(&format!("{named} \"uprotocol\": {{}} }}")), Vec::<String>::new());
    for mistake in [
        r#""unicats": "192.168.0.10" }"#,
        r#""services": [{ "service": "0x1000", "instance": "1", "unreliable": "0x7777" }] }"#,
        r#""uprotocol": { "relable": true } }"#,
    ] {
        assert!(!problems(&format!("{named}{mistake}")).is_empty(), "{mistake}");
    }
}
