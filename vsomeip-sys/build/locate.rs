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

//! Chooses the vsomeip to build against, in this order: `VSOMEIP_INSTALL_PATH`; pkg-config, when
//! the feature `bundled` is off; the bundled build.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::bundled;
use crate::error::{BuildError, MINIMUM_VERSION};

/// The version of a library whose file name does not end with it.
const UNKNOWN: &str = "unknown";

/// A vsomeip to compile and link against.
pub(crate) struct Vsomeip {
    pub(crate) origin: Origin,
    pub(crate) version: String,
    pub(crate) include_dirs: Vec<PathBuf>,
    pub(crate) lib_dirs: Vec<PathBuf>,
    /// The sources, where they are known.
    pub(crate) source: Option<PathBuf>,
}

/// How a vsomeip was found.
pub(crate) enum Origin {
    InstallPath,
    PkgConfig,
    Bundled,
}

impl fmt::Display for Vsomeip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = match self.origin {
            Origin::InstallPath => "VSOMEIP_INSTALL_PATH",
            Origin::PkgConfig => "pkg-config",
            Origin::Bundled => "bundled",
        };
        write!(f, "vsomeip {} ({origin})", self.version)
    }
}

pub(crate) fn vsomeip() -> Result<Vsomeip, BuildError> {
    if let Some(prefix) = path_variable("VSOMEIP_INSTALL_PATH") {
        return installed_at("VSOMEIP_INSTALL_PATH", &prefix, Origin::InstallPath);
    }
    if cfg!(feature = "bundled") {
        let prefix = bundled::prefix()?;
        let vsomeip = installed_at("the bundled build", &prefix, Origin::Bundled)?;
        return Ok(Vsomeip { source: bundled::source(&prefix), ..vsomeip });
    }
    known_to_pkg_config()
}

/// Reads a variable that holds a path; an empty one counts as unset.
pub(crate) fn path_variable(name: &str) -> Option<PathBuf> {
    println!("cargo:rerun-if-env-changed={name}");
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn installed_at(
    variable: &'static str,
    prefix: &Path,
    origin: Origin,
) -> Result<Vsomeip, BuildError> {
    let must_exist = |relative: &str| {
        let looked_for = prefix.join(relative);
        if looked_for.exists() {
            return Ok(looked_for);
        }
        Err(BuildError::NoVsomeipAt {
            variable,
            path: prefix.to_owned(),
            looked_for: looked_for.display().to_string(),
        })
    };
    must_exist("include/vsomeip/vsomeip.hpp")?;
    let library = must_exist("lib/libvsomeip3.so")?;
    println!("cargo:rerun-if-changed={}", library.display());
    let version = version_of(&library)?;
    require_supported(&version, prefix)?;
    Ok(Vsomeip {
        origin,
        version,
        include_dirs: vec![prefix.join("include")],
        lib_dirs: vec![prefix.join("lib")],
        source: path_variable("VSOMEIP_SOURCE_DIR"),
    })
}

/// The version at the end of the file that `libvsomeip3.so` is a link to.
fn version_of(library: &Path) -> Result<String, BuildError> {
    let file = fs::canonicalize(library).map_err(BuildError::file("resolve", library))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(name.split_once(".so.").map_or_else(|| UNKNOWN.to_owned(), |(_, v)| v.to_owned()))
}

/// Refuses what is older than the glue was written for. Of an unknown version nothing is refused.
pub(crate) fn require_supported(version: &str, path: &Path) -> Result<(), BuildError> {
    let numbers = |version: &str| -> Vec<u32> {
        version.split('.').map_while(|number| number.parse().ok()).collect()
    };
    if version != UNKNOWN && numbers(version) < numbers(MINIMUM_VERSION) {
        return Err(BuildError::TooOld { version: version.to_owned(), path: path.to_owned() });
    }
    Ok(())
}

fn known_to_pkg_config() -> Result<Vsomeip, BuildError> {
    let library = pkg_config::Config::new()
        .atleast_version(MINIMUM_VERSION)
        .cargo_metadata(false)
        .probe("vsomeip3")
        .map_err(|error| BuildError::NotKnownToPkgConfig { detail: error.to_string() })?;
    // A package of the system may be replaced by one of another version.
    if let Ok(folder) = pkg_config::get_variable("vsomeip3", "pcfiledir") {
        println!("cargo:rerun-if-changed={folder}/vsomeip3.pc");
    }
    Ok(Vsomeip {
        origin: Origin::PkgConfig,
        version: library.version,
        include_dirs: library.include_paths,
        lib_dirs: library.link_paths,
        source: path_variable("VSOMEIP_SOURCE_DIR"),
    })
}
