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

//! Tells cargo, and the build scripts of dependent crates, where the library is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::locate::{Origin, Vsomeip};
use crate::variable;

/// Emits the link directives and the metadata (`DEP_VSOMEIP3_LIB`, `DEP_VSOMEIP3_INCLUDE`,
/// `DEP_VSOMEIP3_VERSION`, `DEP_VSOMEIP3_SOURCE`) of `links = "vsomeip3"`.
pub(crate) fn against(vsomeip: &Vsomeip) -> Result<(), BuildError> {
    for directory in &vsomeip.lib_dirs {
        // An rpath for this package's own binaries; dependents add theirs from the metadata. Passed
        // with -Xlinker, since -Wl splits at commas, which a path may have.
        for argument in ["-rpath", &directory.to_string_lossy()] {
            println!("cargo:rustc-link-arg=-Xlinker");
            println!("cargo:rustc-link-arg={argument}");
        }
        println!("cargo:lib={}", directory.display());
    }
    for directory in &vsomeip.include_dirs {
        println!("cargo:include={}", directory.display());
    }
    if let Some(directory) = &vsomeip.source {
        println!("cargo:source={}", directory.display());
    }
    println!("cargo:version={}", vsomeip.version);
    println!("cargo:rustc-env=VSOMEIP_VERSION={}", vsomeip.version);
    for directory in search_path(vsomeip)? {
        println!("cargo:rustc-link-search=native={}", directory.display());
    }
    println!("cargo:rustc-link-lib=dylib=vsomeip3");
    Ok(())
}

/// A bundled vsomeip is outside the profile's directory, so that all profiles share it. It is linked
/// through `OUT_DIR/vsomeip/vsomeip-install`, for two reasons: for `cargo run` and `cargo test`, cargo
/// adds only link directories below the profile's directory to `LD_LIBRARY_PATH`, and the uStreamer's
/// tooling looks for the libraries at this path.
fn search_path(vsomeip: &Vsomeip) -> Result<Vec<PathBuf>, BuildError> {
    let Origin::Bundled = vsomeip.origin else {
        return Ok(vsomeip.lib_dirs.clone());
    };
    let link = variable::of_cargo("OUT_DIR")?.join("vsomeip/vsomeip-install");
    for lib in &vsomeip.lib_dirs {
        replace_link(lib.parent().unwrap_or(lib), &link)?;
    }
    Ok(vec![link.join("lib")])
}

fn replace_link(target: &Path, link: &Path) -> Result<(), BuildError> {
    if let Some(parent) = link.parent() {
        fs::create_dir_all(parent).map_err(BuildError::file("create", parent))?;
    }
    if link.is_symlink() {
        fs::remove_file(link).map_err(BuildError::file("replace", link))?;
    }
    std::os::unix::fs::symlink(target, link).map_err(BuildError::file("create the link", link))
}
