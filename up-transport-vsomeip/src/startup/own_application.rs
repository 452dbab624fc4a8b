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

//! Selects the application that the transport runs as.

use up_rust::UStatus;

use super::overrides::Environment;
use super::reading::Section;
use crate::error::invalid_argument;
use crate::stack::StackConfig;

/// vsomeip's own variable for the name of an application that is created without one.
const VARIABLE: &str = "VSOMEIP_APPLICATION_NAME";

/// The name of the own application: the one asked for, else that in the environment, in a section
/// `uprotocol`, or of the first listed application. It need not be listed.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if there is none.
pub(super) fn name(
    asked: Option<&str>,
    environment: &Environment,
    sections: &[Section],
    config: &StackConfig,
) -> Result<String, UStatus> {
    let in_environment = environment.variables.get(VARIABLE).map(|name| name.to_string_lossy());
    let first = config.own_application().map(|application| application.name.as_str());
    let names = [asked, in_environment.as_deref(), in_sections(sections), first];
    let name = names.into_iter().flatten().find(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| {
        invalid_argument(format!(
            "the configuration lists no application, and none is named; call `application_name`, set \
             {VARIABLE}, or add `applications`"
        ))
    })
}

/// The first name in a section.
pub(super) fn in_sections(sections: &[Section]) -> Option<&str> {
    let mut names = sections.iter().filter_map(|it| it.json.get("application")?.as_str());
    names.find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use up_rust::UCode;

    use super::super::testing::Scene;
    use super::*;

    #[test]
    fn most_specific_variable_wins() {
        let two = StackConfig::for_application("first", 1);
        let named = |asked: Option<&str>, scene: &Scene, config: &StackConfig| {
            name(asked, &scene.environment, &[], config)
        };
        let scene = Scene::new();
        assert_eq!(named(None, &scene, &two).unwrap(), "first");
        assert_eq!(named(Some(""), &scene, &two).unwrap(), "first");
        assert_eq!(named(Some("other"), &scene, &two).unwrap(), "other", "not listed");
        let none = StackConfig::default();
        assert_eq!(named(Some("other"), &scene, &none).unwrap(), "other");
        let error = named(None, &scene, &none).unwrap_err();
        assert_eq!(error.get_code(), UCode::INVALID_ARGUMENT);
        assert!(error.get_message().contains("VSOMEIP_APPLICATION_NAME"), "{error}");
        let scene = scene.with_variable(VARIABLE, "variable");
        assert_eq!(named(None, &scene, &two).unwrap(), "variable");
        assert_eq!(named(None, &scene, &none).unwrap(), "variable");
        assert_eq!(named(Some("other"), &scene, &two).unwrap(), "other");
        let scene = scene.with_variable(VARIABLE, "");
        assert_eq!(named(None, &scene, &two).unwrap(), "first");
    }

    #[test]
    fn section_overrides_application_list() {
        let section = |name: &str| Section {
            path: "file".into(),
            json: serde_json::json!({ "application": name }),
        };
        let sections = [section(""), section("section"), section("later")];
        let config = StackConfig::for_application("first", 1);
        let named = |asked: Option<&str>, scene: &Scene| {
            name(asked, &scene.environment, &sections, &config).unwrap()
        };
        let scene = Scene::new();
        assert_eq!(named(None, &scene), "section");
        assert_eq!(named(Some("other"), &scene), "other");
        assert_eq!(named(None, &scene.with_variable(VARIABLE, "variable")), "variable");
    }
}
