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

//! vsomeip reads the configurations in `config/` and of the examples as intended, and the examples are
//! listed where users look for them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

use std::path::{Path, PathBuf};

use up_transport_vsomeip::stack::StackConfig;

/// Neither of vsomeip nor for it.
const SCHEMA: &str = "uprotocol.schema.json";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a folder with this extension.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = path(folder).read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

#[test]
fn example_configurations_have_no_warnings() {
    let mut all = [files("../config", "json"), files("ecu", "json")].concat();
    all.retain(|path| path.file_name().is_some_and(|name| name != SCHEMA));
    assert!(all.len() > 15, "{all:?}");
    for path in all {
        let name = path.display();
        let text = std::fs::read_to_string(&path).unwrap();
        let (config, mut warnings) = StackConfig::from_json_with_warnings(&text)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        config.validate().unwrap_or_else(|error| panic!("{name}: {error}"));
        warnings.extend(config.warnings());
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
    }
}

#[test]
fn examples_are_listed() {
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let (readme, script) = (read("README.md"), read("../scripts/demo-network"));
    let tests = read("tests/network.rs");
    let all = files("ecu", "rs");
    assert!(all.len() >= 10, "{all:?}");
    for example in all {
        let name = example.file_stem().and_then(|name| name.to_str()).unwrap();
        let row = format!("| [`{name}`](ecu/{name}.rs) | ");
        assert!(readme.contains(&row), "{name} is not in examples/README.md");
        assert!(tests.contains(&format!("\"{name}\"")), "{name} is not tested");
        let words: Vec<_> = script.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        assert!(words.contains(&name), "{name} is not in scripts/demo-network");
    }
}
