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

//! Reads the options of one application from the sections of several files.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;
use up_rust::UStatus;

use super::forms::Name;
use super::object::Kind;
use super::schema::{of_section, problems};
use super::Section;
use crate::stack::{nearest, Problem, StackError};
use crate::startup::{Found, SECTION};

impl Section {
    /// Reads the options of the application that was found, and logs contradictions. The given file can
    /// set `strict_configuration` even if it is overridden.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a key or a value is wrong, with its place.
    pub(in crate::builder) fn of(found: &Found) -> Result<Self, UStatus> {
        let listed: Vec<&str> = found.applications().collect();
        let own = found.application();
        let Read { options, warnings } = read(found.sections(), own, &listed)?;
        let given = read(found.given_sections(), own, &listed)?.options;
        warnings.iter().for_each(|warning| log::warn!("{warning}"));
        let strict_configuration = options.strict_configuration.or(given.strict_configuration);
        Ok(Self { strict_configuration, ..options })
    }
}

/// The options and warnings.
pub(super) struct Read {
    pub(super) options: Section,
    pub(super) warnings: Vec<String>,
}

/// The options of an application. Options for this application override those for all. Of several files,
/// the one that vsomeip reads first takes precedence, as elsewhere in its configuration.
pub(super) fn read<'a>(
    files: impl Iterator<Item = (&'a Path, &'a Value)>,
    application: &str,
    listed: &[&str],
) -> Result<Read, StackError> {
    let (mut own, mut shared) = (Section::none(), Section::none());
    let (mut chosen, mut warnings) = (None, Vec::new());
    for (file, json) in files {
        let mut section = FileSection::read(json).map_err(|error| error.in_file(file))?;
        let misspelt = section.applications.keys().filter_map(|name| misspelt(name, listed));
        let mut problems: Vec<Problem> = misspelt.collect();
        let of_own = section.applications.remove(application).unwrap_or(Section::none());
        let contradicted = own.merge(of_own);
        let place = format!("{SECTION}.applications.{application}");
        problems.extend(contradicted.into_iter().map(|key| second(&place, key)));
        let contradicted = shared.merge(section.shared);
        problems.extend(contradicted.into_iter().map(|key| second(SECTION, key)));
        if Kind::merge(&mut chosen, section.application) {
            problems.push(second(SECTION, "application"));
        }
        let name = |problem| format!("the configuration {}: {problem}", file.display());
        warnings.extend(problems.into_iter().map(name));
    }
    own.merge(shared);
    Ok(Read { options: own, warnings })
}

fn second(place: &str, key: &str) -> Problem {
    Problem {
        place: format!("{place}.{key}"),
        what: "differs from an earlier value, which applies".to_owned(),
        remedy: "remove one of them".to_owned(),
    }
}

/// The name may be that of an unlisted application of another process. Only one that resembles a listed
/// name is suspicious.
fn misspelt(name: &str, listed: &[&str]) -> Option<Problem> {
    let meant = listed
        .iter()
        .all(|listed| *listed != name)
        .then(|| nearest(name, listed.iter().copied()))??;
    Some(Problem {
        place: format!("{SECTION}.applications.{name}"),
        what: "no application with this name is listed".to_owned(),
        remedy: format!("write {meant:?} if that is meant"),
    })
}

/// The section of one file.
struct FileSection {
    application: Option<Name>,
    shared: Section,
    applications: BTreeMap<String, Section>,
}

impl FileSection {
    fn read(json: &Value) -> Result<Self, StackError> {
        let problems = problems(&of_section(), SECTION, json);
        if !problems.is_empty() {
            return Err(StackError::Invalid { file: None, problems });
        }
        let mut shared = json.clone();
        let keys = shared.as_object_mut();
        let (named, application) = keys
            .map_or((None, None), |keys| (keys.remove("applications"), keys.remove("application")));
        let application = application.map(|name| read_as("application", name)).transpose()?;
        let applications =
            named.map_or(Ok(BTreeMap::new()), |named| read_as("applications", named))?;
        Ok(Self { application, shared: read_as("", shared)?, applications })
    }
}

fn read_as<T: DeserializeOwned>(key: &str, json: Value) -> Result<T, StackError> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        let path =
            [SECTION, key, path.trim_matches('.')].into_iter().filter(|part| !part.is_empty());
        let place = path.collect::<Vec<_>>().join(".").replace(".[", "[");
        StackError::Parse { file: None, detail: format!("{place}: {}", error.inner()) }
    })
}
