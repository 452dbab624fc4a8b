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

//! Reads the environment variables that affect the build.

use std::env;
use std::path::PathBuf;

use crate::error::BuildError;

/// Reads a path from a variable set by the user; an empty one counts as unset. Reruns the build script
/// when it changes.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    println!("cargo:rerun-if-env-changed={name}");
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Like [`path`], but fails if the path is relative.
pub(crate) fn absolute(variable: &'static str) -> Result<Option<PathBuf>, BuildError> {
    match path(variable) {
        Some(path) if path.is_relative() => Err(BuildError::Relative { variable, path }),
        path => Ok(path),
    }
}

/// Reads a variable that cargo always sets.
pub(crate) fn of_cargo(variable: &'static str) -> Result<PathBuf, BuildError> {
    env::var_os(variable).map(PathBuf::from).ok_or(BuildError::NotRunByCargo { variable })
}

/// Whether this is a cross build.
pub(crate) fn is_cross() -> bool {
    env::var_os("TARGET") != env::var_os("HOST")
}
