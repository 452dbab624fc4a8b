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

//! Corrects defects of vsomeip in the copy of its sources that is built.
//!
//! A correction is applied completely or not at all. For the bundled sources, all must apply; sources
//! given by the user may be modified, so those that do not apply are skipped with a warning.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

use crate::error::BuildError;

#[path = "adapt/connections.rs"]
mod connections;
#[path = "adapt/dispatchers.rs"]
mod dispatchers;
#[path = "adapt/e2e.rs"]
mod e2e;
#[path = "adapt/protocols.rs"]
mod protocols;
#[path = "adapt/subscriptions.rs"]
mod subscriptions;

const V3_4_10: &str = "3.4.10";
const V3_7_4: &str = "3.7.4";

const VERSIONS: [&str; 2] = [V3_4_10, V3_7_4];

const CORRECTIONS: [&[Correction]; 5] = [
    connections::CONNECTIONS,
    subscriptions::SUBSCRIPTIONS,
    protocols::PROTOCOLS,
    dispatchers::DISPATCHERS,
    e2e::E2E,
];

/// A defect and its correction.
struct Correction {
    /// The defect.
    why: &'static str,
    /// Without edits for versions that do not have the defect.
    edits: &'static [Edit],
}

/// A replacement in one place of a file.
#[derive(Hash)]
struct Edit {
    versions: &'static [&'static str],
    file: &'static str,
    /// Occurs exactly once in the file.
    before: &'static str,
    after: &'static str,
}

/// The origin of the sources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The pinned package.
    Package,
    /// `VSOMEIP_SOURCE_DIR`.
    User,
}

impl Correction {
    fn edits_of<'a>(&'static self, version: &'a str) -> impl Iterator<Item = &'static Edit> + 'a {
        self.edits.iter().filter(move |edit| edit.versions.contains(&version))
    }

    /// The changed files with their new content.
    fn corrected(
        &'static self,
        version: &str,
        sources: &Path,
    ) -> Result<BTreeMap<&'static str, String>, BuildError> {
        let mut texts = BTreeMap::new();
        for Edit { file, before, after, .. } in self.edits_of(version) {
            let text = match texts.remove(file) {
                Some(text) => text,
                None => read(&sources.join(file))?,
            };
            let found = text.matches(before).count();
            if found != 1 {
                return Err(BuildError::NotCorrected { why: self.why, file, before, found });
            }
            texts.insert(*file, text.replacen(before, after, 1));
        }
        Ok(texts)
    }
}

fn read(path: &Path) -> Result<String, BuildError> {
    fs::read_to_string(path).map_err(BuildError::file("read", path))
}

fn corrections() -> impl Iterator<Item = &'static Correction> {
    CORRECTIONS.into_iter().flatten()
}

/// Hashes what [`correct`] does to the sources of a version.
pub(crate) fn hash(version: &str, hasher: &mut impl Hasher) {
    corrections().flat_map(|of| of.edits_of(version)).for_each(|edit| edit.hash(hasher));
}

/// Corrects a copy of the sources of a version.
pub(crate) fn correct(version: &str, sources: &Path, origin: Origin) -> Result<(), BuildError> {
    if !VERSIONS.contains(&version) {
        let known = VERSIONS.join(" and ");
        warn(&format!("vsomeip {version} is built without corrections, which are for {known}"));
    }
    for correction in corrections() {
        match correction.corrected(version, sources) {
            Ok(texts) => write(&texts, sources)?,
            Err(error) if origin == Origin::User => warn(&error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn write(texts: &BTreeMap<&str, String>, sources: &Path) -> Result<(), BuildError> {
    for (file, text) in texts {
        let path = sources.join(file);
        fs::write(&path, text).map_err(BuildError::file("write", &path))?;
    }
    Ok(())
}

/// Cargo shows only the first line of a warning.
fn warn(text: &str) {
    println!("cargo:warning={}", text.replace('\n', " "));
}
