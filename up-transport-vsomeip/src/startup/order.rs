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

//! Makes one dispatcher thread the default of the transport's application, since messages may be
//! reordered with more. The bundled vsomeip supports this. Any other gets a copy of the configuration
//! into which `"max_dispatchers": "0"` is inserted, with every other byte unchanged.

mod inserting;

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::reading::Files;
use inserting::{adding_application, with_one_dispatcher};

/// The file that vsomeip reads again later, at the same path.
const READ_LATER: &str = "vsomeip_policy_extensions.json";

/// A copy of a given file or folder, which exists as long as vsomeip reads it.
pub(crate) struct Derived {
    /// Removed on drop.
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

/// A file with its new content.
struct Changed {
    path: PathBuf,
    text: String,
}

/// Copies the file or folder `given`, of which vsomeip reads `files`, with one dispatcher thread for
/// `application`.
///
/// # Errors
///
/// The reason why that is not possible.
pub(crate) fn derive(given: &Path, files: &Files, application: &str) -> Result<Derived, String> {
    let paths = || files.all().map(|file| file.path.as_path());
    if paths().any(|path| path.to_string_lossy().ends_with(READ_LATER)) {
        return Err(format!("vsomeip reads {READ_LATER} again later"));
    }
    let changed = changed(paths(), application).ok_or("no file has a place for it")?;
    write(given, &changed).map_err(|error| format!("no copy can be written: {error}"))
}

/// Changes the first definition of an application, which vsomeip uses. One that is not listed is added to
/// the first file.
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

/// Writes the copy. Names of files and folders have a meaning for vsomeip, so they are kept.
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

/// Makes `to` a copy of `from`, except for the file at `changed`.
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
