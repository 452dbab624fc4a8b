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

//! From a configuration to an application of vsomeip, in stages:
//!
//! 1. [`source`]: the given configuration, complete and checked;
//! 2. [`overrides`]: which files vsomeip reads in its place or beside it;
//! 3. [`reading`]: what they say, in vsomeip's order;
//! 4. [`merging`]: how that becomes one configuration;
//! 5. [`first_configuration`]: which one is in force in this process;
//! 6. [`client_id`]: whether the client id in it is free;
//! 7. [`e2e`]: whether vsomeip can protect and check what is to be;
//! 8. [`order`]: one dispatcher thread, where nothing else is said.
//!
//! The result is the [`Effective`] configuration, from which everything else is taken.

mod client_id;
mod e2e;
mod effective;
pub(crate) mod ending;
mod files;
mod first_configuration;
mod merging;
mod order;
mod overrides;
mod reading;
mod source;
#[cfg(test)]
mod testing;

use std::path::{Path, PathBuf};

use serde_json::Value;
use up_rust::UStatus;
use vsomeip_sys::Application;

pub(crate) use effective::Effective;
pub(crate) use files::{is_connection_denied, is_lock_denied, is_socket_denied, NetworkFiles};
pub(crate) use reading::SECTION;
pub(crate) use source::Source;

use crate::error::{failed_precondition, internal, invalid_argument};
use crate::stack::{StackConfig, StackError};
use merging::{merge, Merged};
use order::{derive, Derived};
use overrides::{Environment, Given};
use reading::Files;
use source::File;

/// What vsomeip finds for an application that is given a configuration.
pub(crate) struct Found {
    /// What it is given.
    file: File,
    effective: Effective,
    files: Files,
    /// The files that are given, with their sections for the transport, whatever overrides them.
    given: Vec<(PathBuf, Option<Value>)>,
    /// Whether vsomeip reads just what it is given.
    is_given: bool,
    /// Why that is not what was given, and the remedy.
    overrides: Vec<String>,
    /// Values for which vsomeip has its defaults.
    left_out: Vec<StackError>,
}

/// Finds what vsomeip would read for the application that the configuration chooses, else for the one
/// that it lists first.
///
/// # Errors
///
/// Those of [`Source::config`]; `FAILED_PRECONDITION` if vsomeip would crash; `INTERNAL` if no
/// temporary file can be written.
pub(crate) fn find(source: &Source) -> Result<Found, UStatus> {
    let config = source.config()?;
    warn(&source.name(), config.warnings());
    let own = config.own_application();
    let own = own.ok_or_else(|| invalid_argument("the configuration lists no application"))?;
    let file = source.to_file(&config)?;
    let (source, environment) = (source.name(), Environment::of_process());
    let given = Given { source: &source, path: file.path(), application: &own.name };
    let files = Files::read(&given.alone(&environment), &environment);
    let found = found(&source, file, files.application().unwrap_or(&own.name), &environment)?;
    Ok(Found { given: files.sections, ..found })
}

fn found(
    source: &str,
    file: File,
    application: &str,
    environment: &Environment,
) -> Result<Found, UStatus> {
    if let Some(text) = environment.crash() {
        return Err(failed_precondition(text));
    }
    let inputs = Given { source, path: file.path(), application }.inputs(environment);
    let files = Files::read(&inputs, environment);
    let Merged { config, is_partial, left_out } = merge(&files, application);
    let mut overrides = inputs.overrides;
    if is_partial {
        overrides.push(partial(&inputs.source, application));
    }
    let (source, application) = (inputs.source, application.to_owned());
    let effective = Effective { config, source, application, completed: None };
    let (given, is_given) = (Vec::new(), inputs.is_given);
    Ok(Found { file, effective, files, given, is_given, overrides, left_out })
}

impl Found {
    /// The name of the transport's application.
    pub(crate) fn application(&self) -> &str {
        &self.effective.application
    }

    /// The names of all applications that are listed.
    pub(crate) fn applications(&self) -> impl Iterator<Item = &str> {
        self.effective.config.applications.iter().map(|application| application.name.as_str())
    }

    /// The files that vsomeip reads, in its order, with their sections for the transport.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&Path, &Value)> {
        present(&self.files.sections)
    }

    /// The same of the files that are given.
    pub(crate) fn given_sections(&self) -> impl Iterator<Item = (&Path, &Value)> {
        present(&self.given)
    }

    /// Creates the application. What overrides the configuration is logged, or, if `is_strict`, an
    /// error.
    ///
    /// # Errors
    ///
    /// `FAILED_PRECONDITION` if `is_strict` and vsomeip would not go by the configuration that it is
    /// given; `ALREADY_EXISTS` if the application's name or id is in use; `INTERNAL` if vsomeip
    /// creates no application.
    pub(crate) fn create_application(
        self,
        is_strict: bool,
    ) -> Result<(Application, Effective), UStatus> {
        self.check(is_strict)?;
        let version = vsomeip_sys::loaded_version();
        let version = version.as_deref().unwrap_or(vsomeip_sys::VSOMEIP_VERSION);
        ending::wait_while(|| Application::exists(self.application()));
        let mut turn = first_configuration::OF_PROCESS.turn(version);
        let mut effective = turn.in_force(self.effective.clone(), is_strict)?;
        let name = self.application();
        if !Application::exists(name) {
            let files = NetworkFiles::of(&effective, version);
            ensure_lock(&effective, &files)?;
            client_id::ensure_free(&effective, &files)?;
        }
        e2e::prepare(&effective, version, is_strict)?;
        let derived = if turn.is_over() { None } else { self.keeping_order(&mut effective) };
        turn.keep(&effective);
        let path = derived.as_ref().map_or(self.file.path(), |derived| &derived.path);
        let application = Application::create(name, Some(path)).map_err(internal)?;
        warn_of_disorder(&effective);
        warn_unless_listed(&effective);
        Ok((application, effective))
    }

    /// Says what vsomeip will not go by.
    fn check(&self, is_strict: bool) -> Result<(), UStatus> {
        let Self { effective: Effective { config, source, .. }, files, overrides, .. } = self;
        if is_strict && !overrides.is_empty() {
            return Err(failed_precondition(overrides.join(". ")));
        }
        overrides.iter().for_each(|text| log::warn!("{text}"));
        for error in &files.unreadable {
            log::warn!("{error}; vsomeip goes on without this file");
        }
        for error in &self.left_out {
            log::warn!("{source}: {error}; vsomeip has a default for it");
        }
        if !overrides.is_empty() {
            warn_of_problems(source, config);
        }
        Ok(())
    }

    /// What vsomeip is to read in place of a configuration that does not say how many threads call
    /// back.
    fn keeping_order(&self, effective: &mut Effective) -> Option<Derived> {
        if !self.is_given || effective.max_dispatchers().is_some() {
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
                effective.completed = Some(effective.application.clone());
                Some(derived)
            }
            Err(reason) => {
                log::warn!("{}: `max_dispatchers` cannot be added: {reason}", effective.source);
                None
            }
        }
    }
}

/// vsomeip would take the routing manager for that of another process, and never try again.
///
/// # Errors
///
/// `FAILED_PRECONDITION` if the application is to host it, and the lock is not ours to take.
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

fn present(sections: &[(PathBuf, Option<Value>)]) -> impl Iterator<Item = (&Path, &Value)> {
    sections.iter().filter_map(|(path, section)| Some((path.as_path(), section.as_ref()?)))
}

fn partial(source: &str, application: &str) -> String {
    format!(
        "for the name of a file, vsomeip reads of {source} no services, addresses and service \
         discovery, as {application:?} is not the routing manager; rename the file"
    )
}

/// What is wrong with a configuration that vsomeip found: nobody else would say so.
fn warn_of_problems(source: &str, config: &StackConfig) {
    if let Err(error) = config.validate() {
        log::warn!("{source}: {error}");
    }
    warn(source, config.warnings());
}

fn warn(source: &str, problems: Vec<crate::stack::Problem>) {
    for problem in problems {
        log::warn!("{source}: {problem}");
    }
}

/// Says what it costs that several threads call back.
fn warn_of_disorder(effective: &Effective) {
    if effective.one_dispatcher() {
        return;
    }
    let Effective { source, application, .. } = effective;
    let what = match effective.max_dispatchers() {
        Some(count) => format!("`max_dispatchers` of the application {application:?} is {count}"),
        None => format!(
            "there is no `max_dispatchers` for the application {application:?}, where the transport \
             cannot add it, and 10 is vsomeip's default"
        ),
    };
    log::warn!(
        "{source}: {what}: as many further threads pass messages on when one is held up for \
         `max_dispatch_time`, so messages may be reordered, and of several listeners for a message \
         only the last may run inline; write `\"max_dispatchers\": \"0\"`"
    );
}

fn warn_unless_listed(effective: &Effective) {
    if effective.own_application().is_none() {
        log::warn!(
            "{} does not list the application {:?}: vsomeip chooses its client id; list it",
            effective.source,
            effective.application
        );
    }
}

#[cfg(test)]
mod tests;
