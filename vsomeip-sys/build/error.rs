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

use std::env;
use std::fmt;
use std::path::PathBuf;

use crate::target;

/// The oldest vsomeip that the glue compiles and works with.
pub(crate) const MINIMUM_VERSION: &str = "3.4.10";

/// A build failure; its text has the cause and the remedy.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// A tool or library of the system is missing.
    Missing { what: &'static str, detail: String },
    /// An environment variable that cargo always sets is missing.
    NotRunByCargo { variable: &'static str },
    /// The given directory has no vsomeip.
    NoVsomeipAt { variable: &'static str, path: PathBuf, looked_for: String },
    /// The given path is relative.
    Relative { variable: &'static str, path: PathBuf },
    /// The library in the given directory is for another processor.
    OtherProcessor { library: PathBuf, target: String },
    /// The vsomeip is older than the glue supports.
    TooOld { version: String, path: PathBuf },
    /// The feature `bundled` is off, and pkg-config finds no vsomeip.
    NotKnownToPkgConfig { detail: String },
    /// cargo could not provide the package with the C++ sources.
    NoSource { detail: String },
    /// A correction does not apply to the sources.
    NotCorrected { why: &'static str, file: &'static str, before: &'static str, found: usize },
    /// A rule of the adaptation to newer versions of Boost is invalid.
    NotAdapted { detail: String },
    /// CMake did not find what vsomeip needs.
    NotConfigured { error: Box<BuildError> },
    /// A command failed.
    Command { command: String, detail: String },
    /// The bindings could not be generated.
    Bindings { detail: String },
    /// A file could not be read, written or copied.
    File { action: &'static str, path: PathBuf, source: std::io::Error },
}

impl BuildError {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = |name| env::var(name).unwrap_or_default();
        let install_command = target::install_command(&variable("HOST"), &variable("TARGET"));
        match self {
            Self::Missing { what, detail } => write!(
                f,
                "{what} is missing ({detail}).\nInstall the system packages with\n    {install_command}"
            ),
            Self::NotRunByCargo { variable } => {
                write!(f, "the variable {variable}, which cargo sets, is missing")
            }
            Self::NoVsomeipAt { variable, path, looked_for } => write!(
                f,
                "{variable} is {}, but there is no {}.\nCorrect it, or unset it and build with the \
                 feature `bundled`.",
                path.display(),
                looked_for
            ),
            Self::Relative { variable, path } => write!(
                f,
                "{variable} is {}, a relative path, but cargo compiles each package in another \
                 folder.\nSet it to an absolute path.",
                path.display()
            ),
            Self::OtherProcessor { library, target } => {
                write!(f, "{} is for another processor than {target}.", library.display())
            }
            Self::TooOld { version, path } => write!(
                f,
                "the vsomeip at {} is version {version}; it has to be {MINIMUM_VERSION} or newer.",
                path.display()
            ),
            Self::NotKnownToPkgConfig { detail } => write!(
                f,
                "the feature `bundled` is off and pkg-config finds no vsomeip3:\n{detail}\nInstall \
                 vsomeip, set VSOMEIP_INSTALL_PATH to its prefix, or enable the feature `bundled`."
            ),
            Self::NoSource { detail } => write!(
                f,
                "cargo did not provide the package with vsomeip's C++ sources:\n{detail}\nAllow \
                 cargo to download it, or set VSOMEIP_SOURCE_DIR to a vsomeip source tree."
            ),
            Self::NotCorrected { why, file, before, found } => write!(
                f,
                "a defect of vsomeip is not corrected: {why}\n{file} contains this text {found} times \
                 instead of once:\n{before}"
            ),
            Self::NotAdapted { detail } => {
                write!(f, "vsomeip's sources cannot be adapted to this Boost: {detail}")
            }
            Self::NotConfigured { error } => write!(
                f,
                "{error}\nIf CMake did not find what vsomeip needs, install the system packages \
                 with\n    {install_command}\nvsomeip 3.7.3 and newer need Boost 1.75 or newer; set \
                 BOOST_ROOT to its prefix if the system has an older one."
            ),
            Self::Command { command, detail } => write!(f, "`{command}` failed: {detail}"),
            Self::Bindings { detail } => write!(
                f,
                "the bindings cannot be generated: {detail}\nThis needs libclang and its headers; \
                 install the system packages with\n    {install_command}"
            ),
            Self::File { action, path, source } => {
                write!(f, "cannot {action} {}: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for BuildError {}
