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

//! Tests of what comes before vsomeip gets a configuration.

use std::collections::HashMap;

use super::*;
use crate::stack::Service;

fn in_file(text: &str) -> Result<StackConfig, UStatus> {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Source::File(file.path().to_owned()).config()
}

#[test]
fn a_file_that_does_not_exist_is_not_found() {
    let error = Source::File("/does/not/exist.json".into()).config().unwrap_err();
    assert_eq!(error.get_code(), UCode::NOT_FOUND);
    let text = "cannot read the configuration /does/not/exist.json: ";
    assert!(error.get_message().starts_with(text), "{error}");
}

#[test]
fn a_folder_is_no_file() {
    let error = Source::File("/".into()).config().unwrap_err();
    assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT);
}

#[test]
fn what_is_wrong_in_a_file_names_the_file() {
    for (text, place) in [
        ("{", ": not valid JSON: "),
        (r#"{ "applications": "a" }"#, ": applications: "),
        (r#"{ "applications": [{ "id": "1" }] }"#, ": applications[0].name: "),
    ] {
        let error = in_file(text).unwrap_err();
        assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT, "{text}");
        let message = error.get_message();
        assert!(message.starts_with("the configuration /"), "{message}");
        assert!(message.contains(place), "{message}");
    }
}

#[test]
fn in_memory_the_own_application_keeps_the_order_unless_told_otherwise() {
    let dispatchers = |config: StackConfig| {
        let config = Source::Memory(Box::new(config)).config().unwrap();
        config.applications.iter().map(|app| app.max_dispatchers).collect::<Vec<_>>()
    };
    let mut config = StackConfig::for_application("a", 1);
    config.applications[0].max_dispatchers = None;
    config.applications.extend(StackConfig::for_application("b", 2).applications);
    config.applications[1].max_dispatchers = None;
    assert_eq!(dispatchers(config.clone()), [Some(0), None]);
    config.applications[0].max_dispatchers = Some(3);
    assert_eq!(dispatchers(config), [Some(3), None]);
}

#[test]
fn what_is_wrong_in_memory_is_an_invalid_argument() {
    let config = StackConfig::for_application("a", 1).with_service(Service::new(0, 1));
    let error = Source::Memory(Box::new(config)).config().unwrap_err();
    assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT);
    assert!(error.get_message().starts_with("services[0].service: "), "{error}");
}

#[test]
fn the_file_for_vsomeip_says_what_the_configuration_says() {
    let config = StackConfig::for_application("a", 1).with_network("somewhere");
    let source = Source::Memory(Box::new(config.clone()));
    let file = source.to_file(&config).unwrap();
    assert_eq!(StackConfig::from_file(file.path()).unwrap(), config);
    let path = file.path().to_owned();
    drop(file);
    assert!(!path.exists());
}

#[test]
fn overrides_are_errors_only_to_the_strict() {
    let folder = tempfile::tempdir().unwrap();
    let (given, other) = (folder.path().join("given.json"), folder.path().join("other.json"));
    std::fs::write(&given, "{}").unwrap();
    std::fs::write(&other, "{}").unwrap();
    let variables = HashMap::from([("VSOMEIP_CONFIGURATION".to_owned(), other.clone().into())]);
    let mut surroundings = Surroundings { variables, directory: folder.path().to_owned() };
    let handed = Handed { source: "given", file: &given, application: "app", routing: None };
    let in_force = checked(&handed, &surroundings, false).unwrap();
    assert_eq!(in_force, other.display().to_string());
    let error = checked(&handed, &surroundings, true).unwrap_err();
    assert_eq!(error.get_code(), UCode::FAILED_PRECONDITION);
    assert!(error.get_message().starts_with("VSOMEIP_CONFIGURATION is set"), "{error}");
    surroundings.variables.clear();
    assert_eq!(checked(&handed, &surroundings, true).unwrap(), "given");
    surroundings.variables.insert("VSOMEIP_CONFIGURATION_MODULE".to_owned(), "m".into());
    let error = checked(&handed, &surroundings, false).unwrap_err();
    assert_eq!(error.get_code(), UCode::FAILED_PRECONDITION);
}
