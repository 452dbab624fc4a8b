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

//! Reads the files that vsomeip reads, in its order.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::overrides::{Environment, Inputs};
use crate::stack::read::Tree;
use crate::stack::{Problem, StackError};
use crate::vsomeip::version::is_since;

/// The key of the transport's own options, which vsomeip ignores.
pub(crate) const SECTION: &str = "uprotocol";

const MANDATORY_VARIABLE: &str = "VSOMEIP_MANDATORY_CONFIGURATION_FILES";
/// The mandatory files, which vsomeip reads before all others. For an application that is not the
/// routing manager, it reads only these.
const MANDATORY: &str = "vsomeip_std.json,vsomeip_app.json,vsomeip_events.json,vsomeip_plc.json,\
    vsomeip_log.json,vsomeip_security.json,vsomeip_whitelist.json,vsomeip_policy_extensions.json,\
    vsomeip_portcfg.json";

/// A file with valid JSON.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    pub(crate) tree: Tree,
}

impl ConfigFile {
    /// Repeated options in its section `uprotocol`.
    pub(super) fn repeated_options(&self) -> Vec<(PathBuf, Problem)> {
        let problem = |place| Problem {
            place,
            what: "occurs more than once, and the last one applies".to_owned(),
            remedy: "remove the others".to_owned(),
        };
        let places = self.tree.repeated(SECTION).into_iter();
        places.map(|place| (self.path.clone(), problem(place))).collect()
    }
}

/// The section `uprotocol` of a file.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) path: PathBuf,
    pub(crate) json: Value,
}

/// The content of the files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Read first.
    pub(crate) mandatory: Vec<ConfigFile>,
    pub(crate) others: Vec<ConfigFile>,
    /// Errors of files that vsomeip ignores.
    pub(crate) unreadable: Vec<StackError>,
}

impl Files {
    /// Reads what a version of vsomeip reads.
    pub(crate) fn read(inputs: &Inputs, environment: &Environment, version: &str) -> Self {
        let mut files = Self::default();
        let mandatory = environment.variables.get(MANDATORY_VARIABLE);
        let mandatory = mandatory.map_or(OsStr::new(MANDATORY), |listed| listed).to_string_lossy();
        for path in inputs.paths(environment) {
            let is_folder = path.is_dir();
            for file in files_at(&path) {
                let is_mandatory = is_listed(&file, &mandatory, version);
                if is_mandatory || !is_folder || is_read_in_folder(&file, version) {
                    files.add(file, is_mandatory);
                }
            }
        }
        files
    }

    /// All files, in vsomeip's order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ConfigFile> + Clone {
        self.mandatory.iter().chain(&self.others)
    }

    /// The sections `uprotocol`, in vsomeip's order.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let section = |file: &ConfigFile| {
            Some(Section { path: file.path.clone(), json: file.tree.last(SECTION)? })
        };
        self.all().filter_map(section).collect()
    }

    fn add(&mut self, path: PathBuf, is_mandatory: bool) {
        match Tree::of_file(&path) {
            Ok(tree) if is_mandatory => self.mandatory.push(ConfigFile { path, tree }),
            Ok(tree) => self.others.push(ConfigFile { path, tree }),
            Err(error) => self.unreadable.push(error),
        }
    }
}

/// Since 3.6.2, vsomeip reads only files with the extension `json` in a folder.
fn is_read_in_folder(file: &Path, version: &str) -> bool {
    let is_json = |extension: &OsStr| extension.eq_ignore_ascii_case("json");
    is_since(version, [3, 6, 2]) != Some(true) || file.extension().is_some_and(is_json)
}

/// The file itself, or the files of a folder sorted by name, without subfolders.
pub(crate) fn files_at(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = path.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let files: BTreeSet<PathBuf> = entries.filter(|entry| !entry.is_dir()).collect();
    files.into_iter().collect()
}

/// Whether the name of a file is listed. Before 3.5.6, the end of the name suffices: an empty entry
/// matches all files, an empty list none.
fn is_listed(file: &Path, listed: &str, version: &str) -> bool {
    let is_exact = is_since(version, [3, 5, 6]) == Some(true);
    let (name, file) = (file.file_name().unwrap_or_default(), file.to_string_lossy());
    let is_it = |listed: &str| if is_exact { name == listed } else { file.ends_with(listed) };
    !listed.is_empty() && listed.split(',').map(str::trim).any(is_it)
}

#[cfg(test)]
mod tests {
    use super::super::overrides::Given;
    use super::super::own_application::in_sections;
    use super::super::testing::Scene;
    use super::*;

    /// That of a user.
    fn scene() -> Scene {
        let mut scene = Scene::new();
        scene.environment.user = Some("1_2".to_owned());
        scene
    }

    impl Scene {
        /// A file whose network has the name of the file.
        fn with_network(self, relative: &str) -> Self {
            self.with_text(relative, &format!(r#"{{ "network": "{relative}" }}"#))
        }

        fn with_mandatory(self, listed: &str) -> Self {
            self.with_variable(MANDATORY_VARIABLE, listed)
        }

        fn read(&self, given: &str, version: &str) -> Files {
            let given = Given { source: "", path: Path::new(given), application: "app" };
            Files::read(&given.inputs(&self.environment), &self.environment, version)
        }

        fn sections(&self, given: &str) -> Vec<Section> {
            self.read(given, "3.4.10").sections()
        }

        #[track_caller]
        fn assert_files(&self, given: &str, mandatory: &[&str], others: &[&str]) {
            self.assert_files_of("3.4.10", given, mandatory, others);
        }

        #[track_caller]
        fn assert_files_of(&self, version: &str, given: &str, mandatory: &[&str], others: &[&str]) {
            let networks = |files: &[ConfigFile]| -> Vec<String> {
                files.iter().map(|file| file.tree.get("network").unwrap().text().into()).collect()
            };
            let files = self.read(given, version);
            assert_eq!(networks(&files.mandatory), mandatory);
            assert_eq!(networks(&files.others), others);
        }
    }

    #[test]
    fn folder_is_read_by_name() {
        let scene =
            scene().with_network("d/b.json").with_network("d/a").with_network("d/deep/c.json");
        scene.assert_files("d", &[], &["d/a", "d/b.json"]);
    }

    #[test]
    fn folder_of_the_user_is_read() {
        let scene = scene().with_network("d/b.json").with_network("d/1_2/a.json");
        scene.with_network("d/3_4/a.json").assert_files("d", &[], &["d/b.json", "d/1_2/a.json"]);
    }

    #[test]
    fn file_and_folder_are_read_in_path_order() {
        let scene = scene().with_network("vsomeip/x.json").with_network("vsomeip/1_2/y.json");
        // `.` is before letters, and before `/`.
        scene.assert_files("given.json", &[], &["vsomeip/x.json", "vsomeip/1_2/y.json"]);
        let scene = scene.with_network("given.json");
        let all = ["vsomeip/x.json", "vsomeip/1_2/y.json", "given.json"];
        scene.assert_files("given.json", &[], &all);
        let all = ["vsomeip/x.json", "vsomeip.json", "vsomeip/1_2/y.json"];
        scene.with_network("vsomeip.json").assert_files("given.json", &[], &all);
    }

    #[test]
    fn special_names_are_mandatory() {
        let scene = scene().with_network("d/a.json").with_network("d/my_vsomeip_app.json");
        scene.assert_files("d", &["d/my_vsomeip_app.json"], &["d/a.json"]);
        let scene = scene.with_mandatory("x, a.json ");
        scene.assert_files("d", &["d/a.json"], &["d/my_vsomeip_app.json"]);
        let scene = scene.with_mandatory("");
        scene.assert_files("d", &[], &["d/a.json", "d/my_vsomeip_app.json"]);
        let scene = scene.with_mandatory("x,");
        scene.assert_files("d", &["d/a.json", "d/my_vsomeip_app.json"], &[]);
    }

    #[test]
    fn first_section_names_the_application() {
        let scene = scene()
            .with_text("d/a.json", r#"{ "uprotocol": {} }"#)
            .with_text("d/b.json", r#"{ "uprotocol": { "application": "b" } }"#)
            .with_text("d/c.json", r#"{ "uprotocol": { "application": "c" } }"#);
        let sections = scene.sections("d");
        assert_eq!(in_sections(&sections), Some("b"));
        assert_eq!(sections.len(), 3);
        assert_eq!(in_sections(&scene.sections("d/a.json")), None);
    }

    #[test]
    fn sections_are_in_reading_order() {
        let section = |name| format!(r#"{{ "uprotocol": {{ "application": "{name}" }} }}"#);
        let scene = scene().with_text("d/a.json", &section("a"));
        let scene = scene.with_text("d/vsomeip_app.json", &section("mandatory"));
        assert_eq!(in_sections(&scene.sections("d")), Some("mandatory"));
    }

    #[test]
    fn section_is_read_as_other_json() {
        let text = "\u{feff}{ \"uprotocol\": 1, \"uprotocol\": { \"application\": \"a\", \"application\": \"b\" } }";
        let sections = scene().with_text("d/a.json", text).sections("d");
        assert_eq!(in_sections(&sections), Some("b"), "the last counts");
    }

    #[test]
    fn later_versions_are_strict_about_names() {
        let scene = scene().with_network("d/a").with_network("d/b.JSON");
        let scene = scene.with_network("d/my_vsomeip_app.json");
        let scene = scene.with_network("d/vsomeip_app.json");
        let mandatory = ["d/my_vsomeip_app.json", "d/vsomeip_app.json"];
        scene.assert_files("d", &mandatory, &["d/a", "d/b.JSON"]);
        let others = ["d/a", "d/b.JSON", "d/my_vsomeip_app.json"];
        scene.assert_files_of("3.5.6", "d", &["d/vsomeip_app.json"], &others);
        scene.assert_files_of("3.6.2", "d", &["d/vsomeip_app.json"], &others[1..]);
        // A file that is named is read anyway.
        scene.assert_files_of("3.6.2", "d/a", &[], &["d/a"]);
    }

    #[test]
    fn unreadable_file_is_left_out() {
        let scene = scene().with_network("d/a.json").with_text("d/b.json", "{");
        scene.assert_files("d", &[], &["d/a.json"]);
        let unreadable = scene.read("d", "3.4.10").unreadable;
        assert_eq!(unreadable.len(), 1);
        let text = unreadable[0].to_string();
        assert!(text.contains("d/b.json: not valid JSON: "), "{text}");
    }
}
