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

//! Tests of derived configurations, each in its own folder.

use super::super::overrides::Given;
use super::super::testing::Scene;
use super::*;

const SILENT: &str = r#"{ "network": "n", "applications": [{ "name": "app", "id": 1 }] }"#;
const COMPLETE: &str =
    r#"{ "network": "n", "applications": [{"max_dispatchers":"0", "name": "app", "id": 1 }] }"#;

impl Scene {
    fn derived(&self, given: &str) -> Result<Derived, String> {
        let given = self.path(given);
        let inputs =
            Given { source: "", path: &given, application: "app" }.inputs(&self.environment);
        derive(&given, &Files::read(&inputs, &self.environment, "3.4.10"), "app")
    }
}

fn text(derived: &Derived, relative: &str) -> String {
    fs::read_to_string(derived.path.join(relative)).unwrap()
}

#[test]
fn file_keeps_its_name() {
    let derived = Scene::new().with_text("conf/x_app.json", SILENT).derived("conf/x_app.json");
    let derived = derived.unwrap();
    assert!(derived.path.ends_with("conf/x_app.json"), "{}", derived.path.display());
    assert_eq!(fs::read_to_string(&derived.path).unwrap(), COMPLETE);
    let path = derived.path.clone();
    drop(derived);
    assert!(!path.exists());
}

#[test]
fn folder_keeps_its_files() {
    let scene = Scene::new()
        .with_text("d/a.json", r#"{ "applications": [{ "name": "other" }] }"#)
        .with_text("d/b.json", SILENT)
        .with_text("d/c.json", SILENT)
        .with_text("d/README", "no JSON")
        .with_text("d/deep/x.json", "{}");
    let derived = scene.derived("d").unwrap();
    assert_eq!(text(&derived, "b.json"), COMPLETE);
    assert_eq!(text(&derived, "c.json"), SILENT, "the first counts");
    assert_eq!(text(&derived, "README"), "no JSON");
    assert_eq!(text(&derived, "deep/x.json"), "{}");
    assert_eq!(derived.path.read_dir().unwrap().count(), 5);
}

#[test]
fn file_in_folder_of_the_user_is_changed() {
    let mut scene = Scene::new().with_text("d/a.json", "{}").with_text("d/1_2/b.json", SILENT);
    scene.environment.user = Some("1_2".to_owned());
    let scene = scene.with_text("d/1_2/c.json", "{}");
    let derived = scene.derived("d").unwrap();
    assert_eq!(text(&derived, "1_2/b.json"), COMPLETE);
    assert_eq!(text(&derived, "1_2/c.json"), "{}");
    assert_eq!(text(&derived, "a.json"), "{}");
}

#[test]
fn unlisted_application_is_added_to_first_file() {
    let scene = Scene::new()
        .with_text("d/a.json", r#"{ "network": "n" }"#)
        .with_text("d/z_vsomeip_app.json", r#"{ "applications": [] }"#);
    let derived = scene.derived("d").unwrap();
    assert_eq!(text(&derived, "a.json"), r#"{ "network": "n" }"#);
    let added = r#"{ "applications": [{"name":"app","max_dispatchers":"0"}] }"#;
    assert_eq!(text(&derived, "z_vsomeip_app.json"), added, "mandatory files are read first");
}

#[test]
fn later_key_keeps_its_position() {
    let scene = Scene::new().with_text("d/a.json", SILENT);
    let scene = scene.with_text("d/vsomeip_policy_extensions.json", "{}");
    let error = scene.derived("d").err().unwrap();
    assert_eq!(error, "vsomeip reads vsomeip_policy_extensions.json again later");
}

#[test]
fn folder_without_files_has_no_place() {
    let scene = Scene::new().with_text("d/deep/x.json", "{}");
    assert_eq!(scene.derived("d").err().unwrap(), "no file has a place for it");
}
