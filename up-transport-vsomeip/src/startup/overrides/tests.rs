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

//! Tests of what overrides a configuration, with folders and variables of their own.

use tempfile::TempDir;

use super::*;

const MEMORY: &str = "the configuration in memory";

struct Scene {
    folder: TempDir,
    surroundings: Surroundings,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().canonicalize().unwrap();
        std::fs::create_dir(directory.join("given")).unwrap();
        std::fs::write(directory.join("given/given.json"), "{}").unwrap();
        Self { folder, surroundings: Surroundings { variables: HashMap::new(), directory } }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.surroundings.directory.join(relative)
    }

    fn with_file(self, relative: &str) -> Self {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "{}").unwrap();
        self
    }

    fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.surroundings.variables.insert(name.to_owned(), value.into());
        self
    }

    fn of(&self, file: &str, routing: Option<&str>) -> Effective {
        let file = self.path(file);
        let handed = Handed { source: MEMORY, file: &file, application: "app", routing };
        handed.effective(&self.surroundings)
    }

    /// What is in force, relative to the folder, and the beginning of each reason.
    #[track_caller]
    fn assert(&self, source: &str, reasons: &[&str]) {
        let Effective { source: found, overrides } = self.of("given/given.json", Some("app"));
        let prefix = format!("{}/", self.surroundings.directory.display());
        assert_eq!(found.replace(&prefix, ""), source);
        let overrides: Vec<String> =
            overrides.iter().map(|text| text.replace(&prefix, "")).collect();
        assert_eq!(overrides.len(), reasons.len(), "{overrides:?}");
        for (found, reason) in overrides.iter().zip(reasons) {
            assert!(found.starts_with(reason) && found.contains("; "), "{found}");
        }
        assert!(self.folder.path().exists());
    }
}

#[test]
fn nothing_overrides_what_is_given_in_an_empty_folder() {
    Scene::new().assert(MEMORY, &[]);
}

#[test]
fn a_variable_replaces_everything() {
    let scene = || Scene::new().with_file("vsomeip.json").with_file("vsomeip/a.json");
    let general = "VSOMEIP_CONFIGURATION is set: vsomeip reads vsomeip in place of the";
    let of_folder = scene().with_variable("VSOMEIP_CONFIGURATION", "vsomeip");
    of_folder.assert("vsomeip", &[general]);
    let own = "VSOMEIP_CONFIGURATION_app is set: vsomeip reads vsomeip.json in place of the";
    let of_file = of_folder.with_variable("VSOMEIP_CONFIGURATION_app", "vsomeip.json");
    of_file.assert("vsomeip.json", &[own]);
}

#[test]
fn a_variable_of_another_application_does_nothing() {
    let scene = Scene::new().with_file("other.json");
    scene.with_variable("VSOMEIP_CONFIGURATION_other", "other.json").assert(MEMORY, &[]);
}

#[test]
fn a_variable_that_names_nothing_does_nothing_but_hide_the_general_one() {
    let scene = Scene::new().with_file("other.json");
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION", "other.json");
    scene.with_variable("VSOMEIP_CONFIGURATION_app", "nothing.json").assert(MEMORY, &[]);
}

#[test]
fn a_variable_that_names_the_very_file_keeps_others_away() {
    let scene = Scene::new().with_file("vsomeip.json").with_file("vsomeip/a.json");
    let given = scene.path("given/../given/given.json").display().to_string();
    scene.with_variable("VSOMEIP_CONFIGURATION", &given).assert(MEMORY, &[]);
}

#[test]
fn a_file_in_the_working_directory_replaces_what_is_given() {
    let reason = "vsomeip reads vsomeip.json in place of the configuration in memory";
    Scene::new().with_file("vsomeip.json").assert("vsomeip.json", &[reason]);
}

#[test]
fn the_file_in_the_working_directory_may_be_given() {
    let scene = Scene::new().with_file("vsomeip.json");
    assert_eq!(scene.of("vsomeip.json", None).overrides, Vec::<String>::new());
}

#[test]
fn a_folder_in_the_working_directory_is_read_as_well() {
    let beside = "vsomeip reads the files in vsomeip beside the configuration in memory";
    let scene = Scene::new().with_file("vsomeip/a.json");
    scene.assert(&format!("{MEMORY} with vsomeip"), &[beside]);
    let replaced = "vsomeip reads vsomeip.json in place of";
    let beside = "vsomeip reads the files in vsomeip beside vsomeip.json";
    scene.with_file("vsomeip.json").assert("vsomeip.json with vsomeip", &[replaced, beside]);
}

#[test]
fn an_empty_folder_changes_nothing() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("vsomeip")).unwrap();
    scene.assert(MEMORY, &[]);
}

#[test]
fn of_a_file_with_a_special_name_vsomeip_reads_only_a_part() {
    let scene = Scene::new().with_file("my_vsomeip_app.json");
    let reasons = |scene: &Scene, file, routing| scene.of(file, routing).overrides.len();
    assert_eq!(reasons(&scene, "my_vsomeip_app.json", Some("router")), 1);
    assert_eq!(reasons(&scene, "my_vsomeip_app.json", Some("app")), 0);
    assert_eq!(reasons(&scene, "my_vsomeip_app.json", None), 0);
    assert_eq!(reasons(&scene, "given/given.json", Some("router")), 0);
    let scene = scene.with_variable("VSOMEIP_MANDATORY_CONFIGURATION_FILES", "other,given.json");
    assert_eq!(reasons(&scene, "given/given.json", Some("router")), 1);
    assert_eq!(reasons(&scene, "my_vsomeip_app.json", Some("router")), 0);
}

#[test]
fn a_configuration_module_is_noticed() {
    let scene = Scene::new();
    assert_eq!(scene.surroundings.crash(), None);
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION_MODULE", "");
    let text = scene.surroundings.crash().unwrap();
    assert_eq!(
        text,
        "VSOMEIP_CONFIGURATION_MODULE is set, which vsomeip does not survive; unset it"
    );
}
