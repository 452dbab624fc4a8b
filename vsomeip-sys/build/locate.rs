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
use std::path::{Path, PathBuf};

use crate::bundled;
use crate::error::{BuildError, MINIMUM_VERSION};
use crate::layout::{self, LIBRARY};
use crate::target;
use crate::variable;

/// Stands for an unknown version.
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
    if let Some(prefix) = variable::absolute("VSOMEIP_INSTALL_PATH")? {
        return installed_at("VSOMEIP_INSTALL_PATH", &prefix, Origin::InstallPath);
    }
    if cfg!(feature = "bundled") {
        let prefix = bundled::prefix()?;
        let vsomeip = installed_at("the bundled build", &prefix, Origin::Bundled)?;
        return Ok(Vsomeip { source: bundled::source(&prefix), ..vsomeip });
    }
    known_to_pkg_config()
}

fn installed_at(
    variable: &'static str,
    prefix: &Path,
    origin: Origin,
) -> Result<Vsomeip, BuildError> {
    let missing = |looked_for: String| BuildError::NoVsomeipAt {
        variable,
        path: prefix.to_owned(),
        looked_for,
    };
    let header = prefix.join("include/vsomeip/vsomeip.hpp");
    if !header.exists() {
        return Err(missing(header.display().to_string()));
    }
    let target = variable::of_cargo("TARGET")?;
    let target = target.to_string_lossy();
    let folders = layout::library_folders(prefix, &target);
    let Some(folder) = folders.iter().find(|folder| folder.join(LIBRARY).exists()) else {
        let folders: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
        return Err(missing(format!("{LIBRARY} in any of {}", folders.join(", "))));
    };
    let library = folder.join(LIBRARY);
    if target::is_for_another(&target, &library).map_err(BuildError::file("read", &library))? {
        return Err(BuildError::OtherProcessor { library, target: target.into_owned() });
    }
    let version = version_in(folder)?;
    require_supported(&version, prefix)?;
    Ok(Vsomeip {
        origin,
        version,
        include_dirs: vec![prefix.join("include")],
        lib_dirs: vec![folder.clone()],
        source: variable::absolute("VSOMEIP_SOURCE_DIR")?,
    })
}

/// The version of the library in a folder. Reruns the build script when it is replaced.
fn version_in(folder: &Path) -> Result<String, BuildError> {
    let files = layout::link_and_file(folder)?;
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    let [_, file] = files;
    Ok(layout::version_of(folder, &file).unwrap_or_else(|| UNKNOWN.to_owned()))
}

/// Fails if the version is older than the glue supports. An unknown version is accepted.
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
    // The system package may be replaced by another version.
    if let Ok(folder) = pkg_config::get_variable("vsomeip3", "pcfiledir") {
        println!("cargo:rerun-if-changed={folder}/vsomeip3.pc");
    }
    for folder in library.link_paths.iter().filter(|folder| folder.join(LIBRARY).exists()) {
        version_in(folder)?;
    }
    Ok(Vsomeip {
        origin: Origin::PkgConfig,
        version: library.version,
        include_dirs: library.include_paths,
        lib_dirs: library.link_paths,
        source: variable::absolute("VSOMEIP_SOURCE_DIR")?,
    })
}
