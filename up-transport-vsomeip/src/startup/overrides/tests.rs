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

//! Tests of overrides, each with its own folder and variables.

use super::super::testing::Scene;
use super::*;

const MEMORY: &str = "the configuration in memory";

/// With a configuration that is given.
fn scene() -> Scene {
    Scene::new().with_empty("given/given.json")
}

impl Scene {
    /// A file with an empty configuration.
    fn with_empty(self, relative: &str) -> Self {
        self.with_text(relative, "{}")
    }

    fn with_folder(self, relative: &str) -> Self {
        std::fs::create_dir(self.path(relative)).unwrap();
        self
    }

    fn of(&self, path: &str) -> Inputs {
        let path = self.path(path);
        Given { source: MEMORY, path: &path, application: "app" }.inputs(&self.environment)
    }

    /// A text without the folder.
    fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.environment.directory.display()), "")
    }

    /// What is read of a given path, how that is called, and the beginning of each reason.
    #[track_caller]
    fn assert_of(&self, given: &str, paths: &[&str], source: &str, reasons: &[&str]) {
        let inputs = self.of(given);
        let found = inputs.paths(&self.environment);
        let found: Vec<String> =
            found.iter().map(|path| self.relative(&path.display().to_string())).collect();
        assert_eq!(found, paths);
        assert_eq!(self.relative(&inputs.source), source);
        assert_eq!(inputs.overrides.len(), reasons.len(), "{:?}", inputs.overrides);
        for (text, reason) in inputs.overrides.iter().zip(reasons) {
            let text = self.relative(text);
            assert!(text.starts_with(reason) && text.contains("; "), "{text}");
        }
        assert!(self.folder.path().exists());
    }

    #[track_caller]
    fn assert_paths(&self, paths: &[&str], source: &str, reasons: &[&str]) {
        self.assert_of("given/given.json", paths, source, reasons);
    }

    #[track_caller]
    fn assert_given(&self) {
        self.assert_paths(&["given/given.json"], MEMORY, &[]);
    }
}

#[test]
fn given_file_counts_in_empty_folder() {
    scene().assert_given();
}

#[test]
fn variable_overrides_given_file() {
    let scene = scene().with_empty("vsomeip.json").with_empty("vsomeip/a.json");
    let general = "VSOMEIP_CONFIGURATION is set: vsomeip reads vsomeip in place of the";
    let of_folder = scene.with_variable("VSOMEIP_CONFIGURATION", "vsomeip");
    of_folder.assert_paths(&["vsomeip"], "vsomeip", &[general]);
    let own = "VSOMEIP_CONFIGURATION_app is set: vsomeip reads vsomeip.json in place of the";
    let of_file = of_folder.with_variable("VSOMEIP_CONFIGURATION_app", "vsomeip.json");
    of_file.assert_paths(&["vsomeip.json"], "vsomeip.json", &[own]);
}

#[test]
fn variable_of_another_application_is_ignored() {
    let scene = scene().with_empty("other.json");
    scene.with_variable("VSOMEIP_CONFIGURATION_other", "other.json").assert_given();
}

#[test]
fn empty_specific_variable_hides_general() {
    for nothing in ["nothing.json", ""] {
        let scene = scene().with_empty("other.json");
        let scene = scene.with_variable("VSOMEIP_CONFIGURATION", "other.json");
        scene.with_variable("VSOMEIP_CONFIGURATION_app", nothing).assert_given();
    }
}

#[test]
fn empty_variable_is_ignored() {
    scene().with_variable("VSOMEIP_CONFIGURATION", "").assert_given();
}

#[test]
fn variable_naming_given_file_hides_others() {
    let scene = scene().with_empty("vsomeip.json").with_empty("vsomeip/a.json");
    let given = scene.path("given/../given/given.json").display().to_string();
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION", &given);
    scene.assert_paths(&["given/../given/given.json"], MEMORY, &[]);
}

#[test]
fn working_directory_file_replaces_given() {
    let reason = "vsomeip reads vsomeip.json in place of the configuration in memory";
    scene().with_empty("vsomeip.json").assert_paths(&["vsomeip.json"], "vsomeip.json", &[reason]);
}

#[test]
fn working_directory_file_can_be_given() {
    let scene = scene().with_empty("vsomeip.json");
    scene.assert_of("vsomeip.json", &["vsomeip.json"], MEMORY, &[]);
}

#[test]
fn folder_in_working_directory_is_added() {
    let beside = "vsomeip reads the files in vsomeip beside the configuration in memory";
    let scene = scene().with_empty("vsomeip/a.json");
    let source = format!("{MEMORY} with the files in vsomeip");
    scene.assert_paths(&["vsomeip", "given/given.json"], &source, &[beside]);
    let replaced = "vsomeip reads vsomeip.json in place of";
    let beside = "vsomeip reads the files in vsomeip beside vsomeip.json";
    let source = "vsomeip.json with the files in vsomeip";
    let scene = scene.with_empty("vsomeip.json");
    scene.assert_paths(&["vsomeip", "vsomeip.json"], source, &[replaced, beside]);
}

#[test]
fn empty_folder_adds_nothing() {
    let scene = scene().with_folder("vsomeip");
    scene.assert_paths(&["vsomeip", "given/given.json"], MEMORY, &[]);
}

#[test]
fn working_directory_folder_replaces_given() {
    let scene = scene().with_folder("vsomeip");
    let reason = "vsomeip reads the files in vsomeip in place of the configuration in memory";
    scene.assert_of("given", &["vsomeip"], "the files in vsomeip", &[reason]);
    scene.assert_of("vsomeip", &["vsomeip"], MEMORY, &[]);
}

#[test]
fn working_directory_file_extends_folder() {
    let scene = scene().with_empty("vsomeip.json");
    let reason = "vsomeip reads vsomeip.json beside the configuration in memory, as it is in";
    let source = format!("{MEMORY} with vsomeip.json");
    scene.assert_of("given", &["vsomeip.json", "given"], &source, &[reason]);
}

#[test]
fn folder_of_the_user_is_added() {
    let mut scene = scene();
    scene.environment.user = Some("1_2".to_owned());
    scene.assert_of("given", &["given", "given/1_2"], MEMORY, &[]);
    scene.assert_given();
}

#[test]
fn user_is_the_real_one() {
    let status = "Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t1001\t0\t0\t0\n";
    assert_eq!(user(status).as_deref(), Some("1000_1001"));
    assert_eq!(user("Name:\tx\n"), None);
}

#[test]
fn configuration_module_is_refused() {
    let scene = scene();
    assert_eq!(scene.environment.crash(), None);
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION_MODULE", "");
    let text = scene.environment.crash().unwrap();
    assert_eq!(text, "VSOMEIP_CONFIGURATION_MODULE is set, with which vsomeip crashes; unset it");
}

/// Where vsomeip reads something by itself, another path that it is given changes nothing.
#[test]
fn only_what_is_given_can_be_replaced() {
    let is_given = |scene: &Scene, path| scene.of(path).is_given;
    let scene = scene().with_folder("vsomeip");
    assert!(is_given(&scene, "given/given.json"), "the folder in the way is empty");
    assert!(!is_given(&scene, "given"));
    assert!(!is_given(&scene, "vsomeip"));
    let scene = scene.with_empty("vsomeip.json");
    for path in ["given/given.json", "given", "vsomeip.json"] {
        assert!(!is_given(&scene, path), "{path}");
    }
    let scene = self::scene().with_empty("vsomeip/a.json");
    assert!(!is_given(&scene, "given/given.json"));
    let scene = self::scene();
    assert!(is_given(&scene, "given/given.json") && is_given(&scene, "given"));
    let scene = scene.with_variable("VSOMEIP_CONFIGURATION", "given/given.json");
    for path in ["given/given.json", "given"] {
        assert!(!is_given(&scene, path), "{path}");
    }
}
