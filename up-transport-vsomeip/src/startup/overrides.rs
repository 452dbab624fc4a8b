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

//! Finds the files that vsomeip reads instead of, or in addition to, the given configuration.
//!
//! Later ones override earlier ones:
//!
//! 1. the given file or folder;
//! 2. `./vsomeip.json` in place of the file, `./vsomeip` in place of the folder;
//! 3. the file or folder that the variable `VSOMEIP_CONFIGURATION_<application>` names or, without
//!    that variable, `VSOMEIP_CONFIGURATION`, in place of all that.
//!
//! vsomeip reads `/etc/vsomeip.json` and `/etc/vsomeip` only if no configuration is given, and a
//! transport always gives one.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const VARIABLE: &str = "VSOMEIP_CONFIGURATION";
const MODULE_VARIABLE: &str = "VSOMEIP_CONFIGURATION_MODULE";
/// Written as in vsomeip, which sorts its inputs by these texts.
const LOCAL_FILE: &str = "./vsomeip.json";
const LOCAL_FOLDER: &str = "./vsomeip";

/// The state of the process that affects which files vsomeip reads.
pub(crate) struct Environment {
    pub(crate) variables: HashMap<String, OsString>,
    pub(crate) directory: PathBuf,
    /// The ids of user and group, as in `1000_1000`.
    pub(crate) user: Option<String>,
}

impl Environment {
    pub(crate) fn of_process() -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        let variables = std::env::vars_os().filter_map(named);
        Self {
            variables: variables.filter(|(name, _)| name.starts_with("VSOMEIP_")).collect(),
            directory: std::env::current_dir().unwrap_or_default(),
            user: std::fs::read_to_string("/proc/self/status").ok().as_deref().and_then(user),
        }
    }

    /// The same, but that nothing in it takes the place of what is given; paths must be absolute.
    pub(crate) fn without_overrides(self) -> Self {
        let variables = self.variables.into_iter().filter(|(name, _)| !name.starts_with(VARIABLE));
        // There is nothing in it, whatever the working directory has.
        Self { variables: variables.collect(), directory: "/dev/null".into(), user: self.user }
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        self.directory.join(path.strip_prefix(".").unwrap_or(path))
    }

    /// The variable that applies to an application, if it names a file or a folder, and its value.
    fn named_by_variable(&self, application: &str) -> Option<(String, PathBuf)> {
        let own = format!("{VARIABLE}_{application}");
        let get = |name: &str| Some((name.to_owned(), self.variables.get(name)?));
        let (name, value) = get(&own).or_else(|| get(VARIABLE))?;
        let path = self.absolute(Path::new(value));
        let counts = !value.is_empty() && (path.is_file() || path.is_dir());
        counts.then(|| (name, value.into()))
    }

    /// A message if a variable is set with which vsomeip reads no configuration and crashes.
    pub(crate) fn crash(&self) -> Option<String> {
        self.variables
            .get(MODULE_VARIABLE)
            .map(|_| format!("{MODULE_VARIABLE} is set, with which vsomeip crashes; unset it"))
    }
}

/// The real user and group in the status of a process.
fn user(status: &str) -> Option<String> {
    let first = |key| status.lines().find_map(|line| line.strip_prefix(key))?.split('\t').nth(1);
    Some(format!("{}_{}", first("Uid:")?, first("Gid:")?))
}

/// The given configuration.
pub(crate) struct Given<'a> {
    /// Its name in messages.
    pub(crate) source: &'a str,
    /// The file or folder.
    pub(crate) path: &'a Path,
    pub(crate) application: &'a str,
}

/// The file and folder that vsomeip reads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// Their name in messages.
    pub(crate) source: String,
    /// Why they are not the given ones, and the remedy.
    pub(crate) overrides: Vec<String>,
    /// Whether vsomeip reads exactly the given path, and would read another path given instead.
    pub(crate) is_given: bool,
    file: Option<PathBuf>,
    folder: Option<PathBuf>,
}

impl Inputs {
    fn at(path: &Path, source: String, environment: &Environment) -> Self {
        let is_file = environment.absolute(path).is_file();
        let path = Some(path.to_owned());
        let (file, folder) = if is_file { (path, None) } else { (None, path) };
        Self { source, overrides: Vec::new(), is_given: true, file, folder }
    }

    /// The files and folders, in vsomeip's order. A folder may have a subfolder for this user.
    pub(crate) fn paths(&self, environment: &Environment) -> Vec<PathBuf> {
        let of_user = self.folder.as_ref().zip(environment.user.as_ref());
        let of_user = of_user.map(|(folder, user)| folder.join(user));
        let mut paths: Vec<&PathBuf> =
            self.file.iter().chain(&self.folder).chain(&of_user).collect();
        paths.sort_by_key(|path| path.as_os_str());
        paths.into_iter().map(|path| environment.absolute(path)).collect()
    }
}

impl Given<'_> {
    /// The given configuration, without overrides.
    pub(crate) fn alone(&self, environment: &Environment) -> Inputs {
        Inputs::at(self.path, self.source.to_owned(), environment)
    }

    /// The files that vsomeip reads.
    pub(crate) fn inputs(&self, environment: &Environment) -> Inputs {
        match environment.named_by_variable(self.application) {
            Some((variable, path)) => self.named(&variable, &path, environment),
            None => {
                let mut inputs = self.alone(environment);
                add_local_file(&mut inputs, environment);
                add_local_folder(&mut inputs, environment);
                inputs
            }
        }
    }

    fn named(&self, variable: &str, path: &Path, environment: &Environment) -> Inputs {
        let absolute = environment.absolute(path);
        if is_same(&absolute, &environment.absolute(self.path)) {
            let inputs = Inputs::at(path, self.source.to_owned(), environment);
            return Inputs { is_given: false, ..inputs };
        }
        let text = format!(
            "{variable} is set: vsomeip reads {} in place of {}; unset the variable, or give the \
             transport the same path",
            absolute.display(),
            self.source
        );
        let inputs = Inputs::at(path, absolute.display().to_string(), environment);
        Inputs { overrides: vec![text], is_given: false, ..inputs }
    }
}

fn add_local_file(inputs: &mut Inputs, environment: &Environment) {
    let file = environment.absolute(Path::new(LOCAL_FILE));
    if !file.is_file() {
        return;
    }
    inputs.is_given = false;
    let replaced = inputs.file.replace(LOCAL_FILE.into());
    if replaced.as_ref().is_some_and(|it| is_same(&environment.absolute(it), &file)) {
        return;
    }
    add(inputs, &file.display().to_string(), "it", replaced.is_some());
}

fn add_local_folder(inputs: &mut Inputs, environment: &Environment) {
    let folder = environment.absolute(Path::new(LOCAL_FOLDER));
    if !folder.is_dir() {
        return;
    }
    let is_filled = is_filled(&folder);
    inputs.is_given &= inputs.folder.is_none() && !is_filled;
    let replaced = inputs.folder.replace(LOCAL_FOLDER.into());
    match replaced {
        Some(given) if is_same(&environment.absolute(&given), &folder) => {}
        None if !is_filled => {}
        replaced => {
            let files = format!("the files in {}", folder.display());
            add(inputs, &files, "this folder", replaced.is_some());
        }
    }
}

/// Records that something in the working directory is read in addition or instead.
fn add(inputs: &mut Inputs, what: &str, it: &str, is_instead: bool) {
    let source = &inputs.source;
    let place = if is_instead { "in place of" } else { "beside" };
    inputs.overrides.push(format!(
        "vsomeip reads {what} {place} {source}, as {it} is in the working directory; remove it, or \
         start the process in another folder"
    ));
    inputs.source = if is_instead { what.to_owned() } else { format!("{source} with {what}") };
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
