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

//! One dispatcher thread for the transport's application where the configuration does not say how many:
//! with more, one can overtake another. The bundled vsomeip has that by default. Any other gets a copy of
//! the configuration in which one text is inserted, `"max_dispatchers": "0"`; all else is left as it is,
//! to the last byte.

mod inserting;

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::reading::Files;
use inserting::{adding_application, with_one_dispatcher};

/// The file that vsomeip reads again later, at the path that it has read it from.
const READ_LATER: &str = "vsomeip_policy_extensions.json";

/// What takes the place of a given file or folder, for as long as vsomeip reads it.
pub(crate) struct Derived {
    /// What is removed in the end.
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

/// A file as it is to be read.
struct Changed {
    path: PathBuf,
    text: String,
}

/// Derives from the file or folder `given`, of which vsomeip reads `files`, a configuration in which
/// `application` has one dispatcher thread.
///
/// # Errors
///
/// Why that is not possible.
pub(crate) fn derive(given: &Path, files: &Files, application: &str) -> Result<Derived, String> {
    let paths = || files.all().map(|file| file.path.as_path());
    if paths().any(|path| path.to_string_lossy().ends_with(READ_LATER)) {
        return Err(format!("vsomeip reads {READ_LATER} again later"));
    }
    let changed = changed(paths(), application).ok_or("no file has a place for it")?;
    write(given, &changed).map_err(|error| format!("no copy can be written: {error}"))
}

/// The first definition of an application counts. One that is not listed is added to the first file:
/// vsomeip has the same defaults for it.
fn changed<'a>(
    mut paths: impl Iterator<Item = &'a Path> + Clone,
    application: &str,
) -> Option<Changed> {
    let change = |path: &Path, insert: fn(&str, &str) -> Option<String>| {
        let text = insert(&fs::read_to_string(path).ok()?, application)?;
        Some(Changed { path: path.to_owned(), text })
    };
    let first = paths.clone().next();
    let listed = paths.find_map(|path| change(path, with_one_dispatcher));
    listed.or_else(|| change(first?, adding_application))
}

/// The names of files and folders mean something to vsomeip: they stay.
fn write(given: &Path, changed: &Changed) -> io::Result<Derived> {
    let given = std::path::absolute(given)?;
    let folder = tempfile::Builder::new().prefix("up-vsomeip-").tempdir()?;
    let parents = given.parent().and_then(Path::file_name).into_iter();
    let path =
        parents.chain(given.file_name()).fold(folder.path().to_owned(), |to, name| to.join(name));
    fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
    copy(&given, &std::path::absolute(&changed.path)?, &changed.text, &path)?;
    Ok(Derived { _folder: folder, path })
}

/// Makes `to` the same as `from`, but for the file at `changed`.
fn copy(from: &Path, changed: &Path, text: &str, to: &Path) -> io::Result<()> {
    if from == changed {
        return fs::write(to, text);
    }
    if !changed.starts_with(from) {
        return symlink(from, to);
    }
    fs::create_dir(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        copy(&entry.path(), changed, text, &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
