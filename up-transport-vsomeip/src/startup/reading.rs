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

//! What the files say that vsomeip reads, in its order.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::overrides::{Environment, Inputs};
use crate::stack::lenient::keys_of_file;
use crate::stack::StackError;

/// The key of the transport's own options, which vsomeip ignores.
pub(crate) const SECTION: &str = "uprotocol";

const MANDATORY_VARIABLE: &str = "VSOMEIP_MANDATORY_CONFIGURATION_FILES";
/// Ends of names of files that vsomeip reads before all others, and that are all it reads for an
/// application that is not the routing manager.
const MANDATORY: &str = "vsomeip_std.json,vsomeip_app.json,vsomeip_events.json,vsomeip_plc.json,\
    vsomeip_log.json,vsomeip_security.json,vsomeip_whitelist.json,vsomeip_policy_extensions.json,\
    vsomeip_portcfg.json";

/// What the files say.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Those that are read first.
    pub(crate) mandatory: Vec<Map<String, Value>>,
    pub(crate) others: Vec<Map<String, Value>>,
    /// All of them in that order, each with its section for the transport.
    pub(crate) sections: Vec<(PathBuf, Option<Value>)>,
    /// Why vsomeip goes on without some of them.
    pub(crate) unreadable: Vec<StackError>,
}

impl Files {
    pub(crate) fn read(inputs: &Inputs, environment: &Environment) -> Self {
        let mut files = Self::default();
        let mut sections_of_others = Vec::new();
        let mandatory = environment.variables.get(MANDATORY_VARIABLE);
        let mandatory = mandatory.map_or(OsStr::new(MANDATORY), |listed| listed).to_string_lossy();
        for file in inputs.paths(environment).iter().flat_map(|path| files_at(path)) {
            match keys_of_file(&file) {
                Ok(mut keys) => {
                    let section = keys.remove(SECTION);
                    if is_listed(&file, &mandatory) {
                        files.mandatory.push(keys);
                        files.sections.push((file, section));
                    } else {
                        files.others.push(keys);
                        sections_of_others.push((file, section));
                    }
                }
                Err(error) => files.unreadable.push(error),
            }
        }
        files.sections.append(&mut sections_of_others);
        files
    }

    /// The application that the transport is to be, if a section says so.
    pub(crate) fn application(&self) -> Option<&str> {
        let sections = self.sections.iter().filter_map(|(_, section)| section.as_ref());
        let mut names = sections.filter_map(|section| section.get("application")?.as_str());
        names.find(|name| !name.is_empty())
    }
}

/// The file itself, or the files of a folder by their names; not those of its folders.
pub(crate) fn files_at(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = path.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let files: BTreeSet<PathBuf> = entries.filter(|entry| !entry.is_dir()).collect();
    files.into_iter().collect()
}

/// Whether a file ends like one of the list. An empty end in a list is that of all files, an empty
/// list that of none.
fn is_listed(file: &Path, listed: &str) -> bool {
    let file = file.to_string_lossy();
    !listed.is_empty() && listed.split(',').any(|end| file.ends_with(end.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::overrides::Given;
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

        fn read(&self, given: &str) -> Files {
            let given = Given { source: "", path: Path::new(given), application: "app" };
            Files::read(&given.inputs(&self.environment), &self.environment)
        }

        #[track_caller]
        fn assert_files(&self, given: &str, mandatory: &[&str], others: &[&str]) {
            let networks = |files: &[Map<String, Value>]| -> Vec<String> {
                files.iter().map(|keys| keys["network"].as_str().unwrap().to_owned()).collect()
            };
            let files = self.read(given);
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
        let files = scene.read("d");
        assert_eq!(files.application(), Some("b"));
        assert_eq!(files.sections.len(), 3);
        assert!(files.others.iter().all(|keys| !keys.contains_key(SECTION)));
        assert_eq!(scene.read("d/a.json").application(), None);
    }

    #[test]
    fn sections_are_in_reading_order() {
        let section = |name| format!(r#"{{ "uprotocol": {{ "application": "{name}" }} }}"#);
        let scene = scene().with_text("d/a.json", &section("a"));
        let scene = scene.with_text("d/vsomeip_app.json", &section("mandatory"));
        assert_eq!(scene.read("d").application(), Some("mandatory"));
    }

    #[test]
    fn unreadable_file_is_left_out() {
        let scene = scene().with_network("d/a.json").with_text("d/b.json", "{");
        scene.assert_files("d", &[], &["d/a.json"]);
        let unreadable = scene.read("d").unreadable;
        assert_eq!(unreadable.len(), 1);
        let text = unreadable[0].to_string();
        assert!(text.contains("d/b.json: not valid JSON: "), "{text}");
    }
}
