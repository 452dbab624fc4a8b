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
//! What was found, as data for those who want to look at it and start nothing.

use std::path::PathBuf;

use serde_json::Value;
use up_rust::UStatus;
use vsomeip_sys::has_one_dispatcher_by_default;

use super::overrides::{Environment, Given};
use super::own_application::in_sections;
use super::reading::Files;
use super::{found, warnings, Effective, Found, Source};
use crate::stack::warn::Notes;
use crate::stack::{StackConfig, StackError};
use crate::vsomeip::version;

/// Something that is wrong, or probably not meant.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) is_error: bool,
    pub(crate) file: Option<PathBuf>,
    pub(crate) place: Option<String>,
    pub(crate) text: String,
}

impl Complaint {
    fn new(is_error: bool, text: impl Into<String>) -> Self {
        Self { is_error, file: None, place: None, text: text.into() }
    }

    fn of(is_error: bool, problem: &crate::stack::Problem) -> Self {
        let text = format!("{}; {}", problem.what, problem.remedy);
        Self { place: Some(problem.place.clone()), ..Self::new(is_error, text) }
    }

    pub(crate) fn error(error: &StackError) -> Vec<Self> {
        let (file, texts) = match error {
            StackError::Invalid { file, problems } => {
                (file.clone(), problems.iter().map(|it| Self::of(true, it)).collect())
            }
            StackError::Parse { file, detail } => (file.clone(), vec![Self::new(true, detail)]),
            StackError::Read { path, source } => {
                (Some(path.clone()), vec![Self::new(true, format!("cannot be read: {source}"))])
            }
        };
        let texts: Vec<Self> = texts;
        texts.into_iter().map(|it| Self { file: file.clone(), ..it }).collect()
    }
}

/// What one file says.
#[derive(Debug)]
pub(crate) struct Contribution {
    pub(crate) path: PathBuf,
    /// As vsomeip would read it alone.
    pub(crate) config: Value,
    /// The options of the transport, if there are any.
    pub(crate) section: Option<Value>,
}

/// Finds what a configuration means by itself, whatever overrides it in this process. It need not name
/// an application.
///
/// # Errors
///
/// Those of [`Source::config`]; `INTERNAL` if no temporary file can be written.
pub(crate) fn find_alone(source: &Source, application: Option<&str>) -> Result<Found, UStatus> {
    let source = match source {
        Source::File(path) => Source::File(std::path::absolute(path).unwrap_or(path.clone())),
        other => other.clone(),
    };
    let (version, environment) = (version::loaded(), Environment::of_process());
    let config = source.config(&version)?;
    let (file, name) = (source.to_file(&config)?, source.name());
    let alone = Environment::of_process().without_overrides();
    let given = Given { source: &name, path: file.path(), application: "" };
    let sections = Files::read(&given.alone(&alone), &alone, &version).sections();
    let first = config.own_application().map(|application| application.name.as_str());
    let names = [application, source.application(), in_sections(&sections), first];
    let own = names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_default();
    let overrides =
        Given { source: &name, path: file.path(), application: own }.inputs(&environment);
    let mut found = found(name.clone(), file, own, &alone, &version)?;
    found.given_sections = sections;
    found.overrides.extend(overrides.overrides);
    Ok(found)
}

impl Found {
    pub(crate) fn effective(&self) -> &Effective {
        &self.effective
    }

    /// Why vsomeip does not go by what it is given, with the remedy.
    pub(crate) fn overrides(&self) -> &[String] {
        &self.overrides
    }

    /// Whether the transport sees to it that vsomeip has one dispatcher thread, where nothing says how
    /// many.
    pub(crate) fn keeps_order(&self) -> bool {
        let is_silent = self.effective.max_dispatchers().is_none();
        is_silent && (has_one_dispatcher_by_default() || self.is_given)
    }

    /// What each of the files says, in vsomeip's order.
    pub(crate) fn contributions(&self) -> Vec<Contribution> {
        let version = version::loaded();
        let contribution = |file: &super::ConfigFile| {
            let mut config = StackConfig::default();
            let tree = file.tree.only(|key| key != super::SECTION);
            config.add(&tree, &mut Notes::new(&version));
            Contribution {
                path: file.path.clone(),
                config: serde_json::to_value(&config).unwrap_or_default(),
                section: file.tree.last(super::SECTION),
            }
        };
        self.files.all().map(contribution).collect()
    }

    /// All that is wrong with what vsomeip reads, or probably not meant.
    pub(crate) fn complaints(&self) -> Vec<Complaint> {
        let effective = &self.effective;
        let mut complaints: Vec<Complaint> =
            self.overrides.iter().map(|text| Complaint::new(false, text)).collect();
        complaints.extend(self.files.unreadable.iter().flat_map(Complaint::error));
        complaints.extend(self.problems.iter().map(|(path, problem)| Complaint {
            file: Some(path.clone()),
            ..Complaint::of(false, problem)
        }));
        complaints.extend(warnings::id_of_router(effective).map(|text| Complaint::new(true, text)));
        if let Err(StackError::Invalid { problems, .. }) = effective.config.validate() {
            complaints.extend(problems.iter().map(|problem| Complaint::of(true, problem)));
        }
        let suspicions = effective.config.suspicions();
        complaints.extend(suspicions.iter().map(|problem| Complaint::of(false, problem)));
        complaints.extend(warnings::unfit_to_route(effective).map(|it| Complaint::new(false, it)));
        if !self.keeps_order() {
            complaints.extend(warnings::disorder(effective).map(|it| Complaint::new(false, it)));
        }
        complaints.extend(self.unlisted().map(|text| Complaint::new(false, text)));
        complaints
    }

    fn unlisted(&self) -> Option<String> {
        if self.effective.application.is_empty() {
            let text = "lists no application: name one by `application_name` or the variable \
                        VSOMEIP_APPLICATION_NAME, or add `applications`";
            return Some(text.to_owned());
        }
        warnings::not_listed(&self.effective)
    }
}

/// The variables that vsomeip takes notice of and that are set.
pub(crate) fn variables() -> Vec<(String, String)> {
    let all = Environment::of_process().variables.into_iter();
    let mut all: Vec<_> =
        all.map(|(name, value)| (name, value.to_string_lossy().into_owned())).collect();
    all.sort();
    all
}
