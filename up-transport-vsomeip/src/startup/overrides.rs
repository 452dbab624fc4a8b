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

//! What vsomeip reads in place of, or beside, the configuration that it is given.
//!
//! It looks, from the least to the most important, at the file that it is given; at `./vsomeip.json`
//! instead, and at the folder `./vsomeip` as well; at what the variable
//! `VSOMEIP_CONFIGURATION_<application>` names instead of all that, or, without that one,
//! `VSOMEIP_CONFIGURATION`. (`/etc/vsomeip.json` and `/etc/vsomeip` count only for an application
//! that gives none.)

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const VARIABLE: &str = "VSOMEIP_CONFIGURATION";
const MODULE_VARIABLE: &str = "VSOMEIP_CONFIGURATION_MODULE";
const MANDATORY_VARIABLE: &str = "VSOMEIP_MANDATORY_CONFIGURATION_FILES";
/// Ends of names of files of which an application that is not the routing manager reads no more
/// than it needs.
const MANDATORY: &str = "vsomeip_std.json,vsomeip_app.json,vsomeip_events.json,vsomeip_plc.json,\
    vsomeip_log.json,vsomeip_security.json,vsomeip_whitelist.json,vsomeip_policy_extensions.json,\
    vsomeip_portcfg.json";

/// What of the process vsomeip takes notice of.
pub(crate) struct Surroundings {
    pub(crate) variables: HashMap<String, OsString>,
    pub(crate) directory: PathBuf,
}

impl Surroundings {
    pub(crate) fn of_process() -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        let variables = std::env::vars_os().filter_map(named);
        Self {
            variables: variables.filter(|(name, _)| name.starts_with("VSOMEIP_")).collect(),
            directory: std::env::current_dir().unwrap_or_default(),
        }
    }

    /// The variable that counts for an application, and what it names.
    fn named_by_variable(&self, application: &str) -> Option<(String, PathBuf)> {
        let own = format!("{VARIABLE}_{application}");
        let get = |name: &str| Some((name.to_owned(), self.variables.get(name)?));
        let (name, value) = get(&own).or_else(|| get(VARIABLE))?;
        Some((name, self.directory.join(value)))
    }

    /// With this variable, vsomeip reads no configuration at all, and crashes for want of one.
    pub(crate) fn crash(&self) -> Option<String> {
        self.variables
            .get(MODULE_VARIABLE)
            .map(|_| format!("{MODULE_VARIABLE} is set, which vsomeip does not survive; unset it"))
    }
}

/// The configuration that vsomeip is given.
pub(crate) struct Handed<'a> {
    /// What to call it.
    pub(crate) source: &'a str,
    pub(crate) file: &'a Path,
    pub(crate) application: &'a str,
    pub(crate) routing: Option<&'a str>,
}

/// What vsomeip reads in the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    /// What it reads.
    pub(crate) source: String,
    /// Why that is not what it was given: what it is and what to do about it.
    pub(crate) overrides: Vec<String>,
}

impl Handed<'_> {
    pub(crate) fn effective(&self, surroundings: &Surroundings) -> Effective {
        if let Some((variable, path)) = surroundings.named_by_variable(self.application) {
            if is_same(&path, self.file) {
                return self.unless_partial(surroundings);
            }
            if path.is_file() || path.is_dir() {
                return self.replaced_by_variable(&variable, &path);
            }
        }
        self.in_directory(surroundings)
    }

    fn replaced_by_variable(&self, variable: &str, path: &Path) -> Effective {
        let path = path.display();
        let text = format!(
            "{variable} is set: vsomeip reads {path} in place of {}; unset the variable, or give \
             the transport that file",
            self.source
        );
        Effective { source: path.to_string(), overrides: vec![text] }
    }

    fn in_directory(&self, surroundings: &Surroundings) -> Effective {
        let file = surroundings.directory.join("vsomeip.json");
        let mut effective = match file.is_file() && !is_same(&file, self.file) {
            false => self.unless_partial(surroundings),
            true => {
                let text = format!(
                    "vsomeip reads {} in place of {}, as it is in the working directory; remove \
                     it, or start the process in another folder",
                    file.display(),
                    self.source
                );
                Effective { source: file.display().to_string(), overrides: vec![text] }
            }
        };
        let folder = surroundings.directory.join("vsomeip");
        if is_filled(&folder) {
            let folder = folder.display();
            effective.overrides.push(format!(
                "vsomeip reads the files in {folder} beside {}, as this folder is in the working \
                 directory; remove it, or start the process in another folder",
                effective.source
            ));
            effective.source.push_str(&format!(" with {folder}"));
        }
        effective
    }

    /// The file as it was given, which vsomeip may read only in part.
    fn unless_partial(&self, surroundings: &Surroundings) -> Effective {
        let source = self.source.to_owned();
        let is_guest =
            self.routing.is_some_and(|host| !host.is_empty() && host != self.application);
        if !is_guest || !self.has_mandatory_name(surroundings) {
            return Effective { source, overrides: Vec::new() };
        }
        let text = format!(
            "for its name, vsomeip reads of {source} no services, addresses and service discovery, \
             as {:?} is not the routing manager; rename the file",
            self.application
        );
        Effective { source, overrides: vec![text] }
    }

    fn has_mandatory_name(&self, surroundings: &Surroundings) -> bool {
        let listed = surroundings.variables.get(MANDATORY_VARIABLE);
        let listed = listed.map_or(MANDATORY.into(), |listed| listed.to_string_lossy());
        let file = self.file.to_string_lossy();
        listed.split(',').any(|end| !end.is_empty() && file.ends_with(end))
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn is_filled(folder: &Path) -> bool {
    folder.read_dir().is_ok_and(|mut entries| entries.next().is_some())
}

#[cfg(test)]
mod tests;
