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

//! Creates the vsomeip application from a configuration, in stages:
//!
//! 1. [`source`]: the given configuration;
//! 2. [`own_application`]: the application that the transport runs as;
//! 3. [`overrides`]: the files that vsomeip reads instead or in addition;
//! 4. [`reading`]: their content, in vsomeip's order;
//! 5. [`merging`]: the files as one configuration;
//! 6. [`warnings`]: errors and warnings about it;
//! 7. [`first_configuration`]: the configuration that this process uses;
//! 8. [`client_id`]: whether its client id is free;
//! 9. [`e2e`]: whether vsomeip supports the configured E2E protection;
//! 10. [`order`]: one dispatcher thread by default.
//!
//! The result is the [`Effective`] configuration, which everything else uses.

mod client_id;
mod e2e;
mod effective;
pub(crate) mod ending;
mod files;
mod first_configuration;
pub(crate) mod inspecting;
mod merging;
mod order;
mod overrides;
mod own_application;
mod reading;
mod source;
#[cfg(test)]
mod testing;
mod warnings;

use std::path::{Path, PathBuf};

use serde_json::Value;
use up_rust::UStatus;
use vsomeip_sys::{has_one_dispatcher_by_default, Application};

pub(crate) use effective::Effective;
pub(crate) use files::{is_connection_denied, is_lock_denied, is_socket_denied, NetworkFiles};
pub(crate) use reading::SECTION;
pub(crate) use source::Source;

use crate::error::{failed_precondition, internal};
use crate::stack::Problem;
use crate::vsomeip::version;
use merging::{merge, Merged};
use order::{derive, Derived};
use overrides::{Environment, Given};
use reading::{ConfigFile, Files, Section};
use source::File;

/// The configuration that vsomeip would read for an application.
pub(crate) struct Found {
    /// The given file or folder, and its name in messages.
    file: File,
    name: String,
    effective: Effective,
    files: Files,
    sections: Vec<Section>,
    /// The sections of the given files, even if they are overridden.
    given_sections: Vec<Section>,
    /// Whether vsomeip reads exactly the given files.
    is_given: bool,
    /// Why vsomeip reads something else, and the remedy.
    overrides: Vec<String>,
    /// What vsomeip misreads, with the file.
    problems: Vec<(PathBuf, Problem)>,
}

/// Finds the configuration that vsomeip would read for an application. Without a name, the environment or
/// the configuration selects the application.
///
/// # Errors
///
/// Those of [`Source::config`]; `INVALID_ARGUMENT` if no application is named; `FAILED_PRECONDITION` if
/// vsomeip would crash; `INTERNAL` if no temporary file can be written.
pub(crate) fn find(source: &Source, application: Option<&str>) -> Result<Found, UStatus> {
    let (version, environment) = (version::loaded(), Environment::of_process());
    let config = source.config(&version)?;
    let file = source.to_file(&config)?;
    let name = source.name();
    let given = Given { source: &name, path: file.path(), application: "" }.alone(&environment);
    let given_sections = Files::read(&given, &environment, &version).sections();
    let asked = application.filter(|name| !name.is_empty()).or_else(|| source.application());
    let own = own_application::name(asked, &environment, &given_sections, &config)?;
    let found = found(name, file, &own, &environment, &version)?;
    Ok(Found { given_sections, ..found })
}

fn found(
    name: String,
    file: File,
    application: &str,
    environment: &Environment,
    version: &str,
) -> Result<Found, UStatus> {
    if let Some(text) = environment.crash() {
        return Err(failed_precondition(text));
    }
    let inputs = Given { source: &name, path: file.path(), application }.inputs(environment);
    let files = Files::read(&inputs, environment, version);
    let Merged { config, is_partial, mut problems } = merge(&files, application, version);
    problems.extend(files.all().flat_map(ConfigFile::repeated_options));
    let mut overrides = inputs.overrides;
    if is_partial {
        overrides.push(partial(&inputs.source, application));
    }
    let (source, application) = (inputs.source, application.to_owned());
    let effective = Effective::new(config, source, application);
    let (sections, given_sections) = (files.sections(), Vec::new());
    let is_given = inputs.is_given;
    Ok(Found {
        file,
        name,
        effective,
        files,
        sections,
        given_sections,
        is_given,
        overrides,
        problems,
    })
}

impl Found {
    /// The name of the transport's application.
    pub(crate) fn application(&self) -> &str {
        &self.effective.application
    }

    /// The names of all listed applications.
    pub(crate) fn applications(&self) -> impl Iterator<Item = &str> {
        self.effective.config.applications.iter().map(|application| application.name.as_str())
    }

    /// The files that vsomeip reads, in its order, with their section `uprotocol`.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&Path, &Value)> {
        present(&self.sections)
    }

    /// The given files with their section `uprotocol`.
    pub(crate) fn given_sections(&self) -> impl Iterator<Item = (&Path, &Value)> {
        present(&self.given_sections)
    }

    /// Creates the application. Overrides of the configuration are logged or, if `is_strict`, an error.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a value in the configuration would crash vsomeip or has no meaning;
    /// `FAILED_PRECONDITION` if `is_strict` and vsomeip would use another configuration, or if the lock
    /// of the routing manager cannot be taken; `ALREADY_EXISTS` if the application's name or id is in
    /// use; `INTERNAL` if vsomeip creates no application.
    pub(crate) fn create_application(
        self,
        is_strict: bool,
    ) -> Result<(Application, Effective), UStatus> {
        self.check(is_strict)?;
        let version = version::loaded();
        ending::wait_while(|| Application::exists(self.application()));
        let mut turn = first_configuration::OF_PROCESS.turn(&version);
        let mut effective = turn.in_force(self.effective.clone(), is_strict)?;
        let name = self.application();
        if !Application::exists(name) {
            let files = NetworkFiles::of(&effective, &version);
            ensure_lock(&effective, &files)?;
            client_id::ensure_free(&effective, &files)?;
        }
        e2e::prepare(&effective, &version, is_strict)?;
        if has_one_dispatcher_by_default() {
            effective.complete();
        }
        let derived = if turn.is_over() { None } else { self.keeping_order(&mut effective) };
        turn.keep(&effective);
        let path = derived.as_ref().map_or(self.file.path(), |derived| &derived.path);
        let application = Application::create(name, Some(path)).map_err(internal)?;
        warnings::warn_of_disorder(&effective);
        warnings::warn_unless_listed(&effective);
        Ok((application, effective))
    }

    /// Reports overrides, and what vsomeip ignores or misreads.
    fn check(&self, is_strict: bool) -> Result<(), UStatus> {
        let Self { file, name, files, overrides, problems, .. } = self;
        if is_strict && !overrides.is_empty() {
            return Err(failed_precondition(overrides.join(". ")));
        }
        overrides.iter().for_each(|text| log::warn!("{text}"));
        warnings::warn_of_reading(name, file.path(), &files.unreadable, problems);
        warnings::check(&self.effective, !overrides.is_empty())
    }

    /// A copy of the configuration with one dispatcher thread, if it does not set `max_dispatchers` and
    /// vsomeip's default is several.
    fn keeping_order(&self, effective: &mut Effective) -> Option<Derived> {
        let is_said = effective.max_dispatchers().is_some();
        if !self.is_given || is_said || effective.one_dispatcher() {
            return None;
        }
        let derived = match effective.is_listed_or_default() {
            true => derive(self.file.path(), &self.files, &effective.application),
            false => Err("`dispatching` is for applications that are not listed".to_owned()),
        };
        match derived {
            Ok(derived) => {
                log::debug!(
                    "{}: vsomeip reads it from {}, with `max_dispatchers` 0",
                    effective.source,
                    derived.path.display()
                );
                effective.complete();
                Some(derived)
            }
            Err(reason) => {
                log::warn!("{}: `max_dispatchers` cannot be added: {reason}", effective.source);
                None
            }
        }
    }
}

/// Without access to the lock, vsomeip would assume that another process hosts the routing manager, and
/// never try again.
///
/// # Errors
///
/// `FAILED_PRECONDITION` if the application is configured as the host and cannot take the lock.
fn ensure_lock(effective: &Effective, files: &NetworkFiles) -> Result<(), UStatus> {
    let is_host = effective.config.routing_host() == Some(&effective.application);
    let path = files.lock();
    if is_host && is_lock_denied(&path) {
        return Err(failed_precondition(format!(
            "{:?} is to host the routing manager, but may not take the lock {}; remove it if no \
             process uses it, run all applications of this host as one user, or choose another \
             `network`",
            effective.application,
            path.display()
        )));
    }
    Ok(())
}

fn present(sections: &[Section]) -> impl Iterator<Item = (&Path, &Value)> {
    sections.iter().map(|section| (section.path.as_path(), &section.json))
}

fn partial(source: &str, application: &str) -> String {
    format!(
        "because of the name of a file, vsomeip ignores services, addresses and service discovery in \
         {source}, as {application:?} is not the routing manager; rename the file"
    )
}

#[cfg(test)]
mod tests;
