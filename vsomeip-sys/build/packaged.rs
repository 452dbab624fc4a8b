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

//! Finds the C++ sources of the bundled vsomeip, which are part of a package.
//!
//! The manifest has that package as a dependency for a target that does not exist: `cargo fetch` and
//! `cargo vendor` provide it, and it is never compiled. A plain build does not download it, so this
//! module makes cargo do that.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::error::BuildError;
use crate::variable;

/// The package and its pinned version.
const NAME: &str = "vsomeip-sys";
const VERSION: &str = "0.6.0";

/// Returns the folder with the sources of vsomeip.
pub(crate) fn source() -> Result<PathBuf, BuildError> {
    let manifest_dir = variable::of_cargo("CARGO_MANIFEST_DIR")?;
    if let Some(source) = beside(&manifest_dir).or_else(in_registry) {
        return Ok(source);
    }
    // If the packages are vendored or fetched, cargo knows where they are.
    match known_to_cargo(&manifest_dir, &["--offline", "--locked"]) {
        Ok(source) => Ok(source),
        Err(_) => downloaded(),
    }
}

/// If cargo has unpacked or vendored this package, the other one is beside it.
fn beside(manifest_dir: &Path) -> Option<PathBuf> {
    let folder = manifest_dir.parent()?;
    [format!("{NAME}-{VERSION}"), NAME.to_owned()]
        .into_iter()
        .find_map(|n| source_at(&folder.join(n)))
}

fn in_registry() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))?;
    fs::read_dir(home.join("registry/src"))
        .ok()?
        .filter_map(Result::ok)
        .find_map(|registry| source_at(&registry.path().join(format!("{NAME}-{VERSION}"))))
}

/// The sources in a package, if it has the pinned version.
fn source_at(package: &Path) -> Option<PathBuf> {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).ok()?;
    let is_pinned = manifest.lines().any(|line| line == format!("version = \"{VERSION}\""));
    let source = package.join("vsomeip");
    (is_pinned && source.exists()).then_some(source)
}

/// Makes cargo download the package, with a manifest that depends on nothing else.
fn downloaded() -> Result<PathBuf, BuildError> {
    let recipe = variable::of_cargo("CARGO_MANIFEST_DIR")?.join("vsomeip-source");
    let package = variable::of_cargo("OUT_DIR")?.join("vsomeip-source");
    fs::create_dir_all(&package).map_err(BuildError::file("create", &package))?;
    for (from, to) in [("manifest.toml", "Cargo.toml"), ("Cargo.lock", "Cargo.lock")] {
        let (from, to) = (recipe.join(from), package.join(to));
        let text = fs::read(&from).map_err(BuildError::file("read", &from))?;
        fs::write(&to, text).map_err(BuildError::file("write", &to))?;
    }
    let library = package.join("lib.rs");
    fs::write(&library, "").map_err(BuildError::file("write", &library))?;
    known_to_cargo(&package, &["--locked"])
}

/// Asks cargo for the sources among the packages of a workspace.
fn known_to_cargo(folder: &Path, options: &[&str]) -> Result<PathBuf, BuildError> {
    let output = Command::new(variable::of_cargo("CARGO")?)
        .args(["metadata", "--format-version=1"])
        .args(options)
        // Applies the cargo configuration of that folder.
        .current_dir(folder)
        .output()
        .map_err(BuildError::file("run", "cargo"))?;
    if !output.status.success() {
        let detail = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(BuildError::NoSource { detail });
    }
    source_in(&output.stdout)
}

fn source_in(metadata: &[u8]) -> Result<PathBuf, BuildError> {
    let no_source = |detail: &str| BuildError::NoSource { detail: detail.to_owned() };
    let metadata: serde_json::Value =
        serde_json::from_slice(metadata).map_err(|error| no_source(&error.to_string()))?;
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| package["name"] == NAME)
        .filter_map(|package| package["manifest_path"].as_str())
        .filter_map(|manifest| source_at(Path::new(manifest).parent()?))
        .next()
        .ok_or_else(|| no_source("the package has no folder `vsomeip`"))
}
