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

//! Hands a configuration to vsomeip, so that it is the one that is used.

mod client_id;
pub(crate) mod first_configuration;
pub(crate) mod overrides;

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use up_rust::{UCode, UStatus};
use vsomeip_sys::Application;

use crate::error::{failed_precondition, internal, invalid_argument};
use crate::stack::StackConfig;
use crate::startup::overrides::{Handed, Surroundings};

/// Where a configuration comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    File(PathBuf),
    Memory(Box<StackConfig>),
}

impl Source {
    /// Reads, completes and checks it.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` if there is no such file, `INVALID_ARGUMENT` if anything is wrong with it.
    pub(crate) fn config(&self) -> Result<StackConfig, UStatus> {
        match self {
            Self::File(path) => {
                let config = StackConfig::from_file(path)?;
                config.validate().map_err(|error| error.in_file(path))?;
                Ok(config)
            }
            Self::Memory(config) => {
                let mut config = StackConfig::clone(config);
                if let Some(own) = config.applications.first_mut() {
                    // One dispatcher thread: with more, a thread that is preempted while it passes
                    // a message on would be overtaken by the next.
                    own.max_dispatchers.get_or_insert(0);
                }
                config.validate()?;
                Ok(config)
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::File(path) => format!("the configuration {}", path.display()),
            Self::Memory(_) => "the configuration in memory".to_owned(),
        }
    }

    /// The file for vsomeip to read. It need not outlive the creation of the application.
    fn to_file(&self, config: &StackConfig) -> Result<File, UStatus> {
        match self {
            Self::File(path) => Ok(File::Given(path.clone())),
            Self::Memory(_) => write(config).map(File::Temporary).map_err(|error| {
                UStatus::fail_with_code(UCode::INTERNAL, format!("no configuration file: {error}"))
            }),
        }
    }
}

enum File {
    Given(PathBuf),
    Temporary(NamedTempFile),
}

impl File {
    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(file) => file.path(),
        }
    }
}

fn write(config: &StackConfig) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix("up-vsomeip-").suffix(".json").tempfile()?;
    std::fs::write(file.path(), config.to_json())?;
    Ok(file)
}

/// Creates the application that a configuration lists first. What overrides the configuration is
/// logged, or, if `is_strict`, an error.
///
/// # Errors
///
/// Those of [`Source::config`]; `FAILED_PRECONDITION` if the process is such that vsomeip would not
/// go by the configuration, or not survive; `ALREADY_EXISTS` if the application's name or id is in use;
/// `INTERNAL` if vsomeip creates no application.
pub(crate) fn create_application(
    source: &Source,
    is_strict: bool,
) -> Result<(Application, StackConfig), UStatus> {
    let config = source.config()?;
    for warning in config.warnings() {
        log::warn!("{}: {warning}", source.name());
    }
    let name = config.own_application().map(|application| application.name.as_str());
    let name = name.ok_or_else(|| invalid_argument("the configuration lists no application"))?;
    let file = source.to_file(&config)?;
    let handed = Handed {
        source: &source.name(),
        file: file.path(),
        application: name,
        routing: config.routing.as_ref().and_then(|routing| routing.host()),
    };
    let in_force = checked(&handed, &Surroundings::of_process(), is_strict)?;
    let version = vsomeip_sys::loaded_version();
    let version = version.as_deref().unwrap_or(vsomeip_sys::VSOMEIP_VERSION);
    if !Application::exists(name) {
        let folder = client_id::folder(version, std::env::var_os("VSOMEIP_BASE_PATH"));
        client_id::ensure_free(&config, &folder)?;
    }
    let create = || Application::create(name, Some(file.path())).map_err(internal);
    let application =
        first_configuration::OF_PROCESS.create(version, &config, in_force, is_strict, create)?;
    Ok((application, config))
}

/// What vsomeip reads in the end.
fn checked(
    handed: &Handed<'_>,
    surroundings: &Surroundings,
    is_strict: bool,
) -> Result<String, UStatus> {
    if let Some(text) = surroundings.crash() {
        return Err(failed_precondition(text));
    }
    let effective = handed.effective(surroundings);
    if is_strict && !effective.overrides.is_empty() {
        return Err(failed_precondition(effective.overrides.join(". ")));
    }
    for text in &effective.overrides {
        log::warn!("{text}");
    }
    Ok(effective.source)
}

#[cfg(test)]
mod tests;
