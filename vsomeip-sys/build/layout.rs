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

//! Finds the libraries of an installed vsomeip and their version.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::target;

/// The file that programs are linked against.
pub(crate) const LIBRARY: &str = "libvsomeip3.so";

/// The library folders of a target below a prefix: Debian's multiarch folder, `lib64`, and `lib`.
pub(crate) fn library_folders(prefix: &Path, target: &str) -> Vec<PathBuf> {
    let of_architecture = target::triplet(target).map(|triplet| format!("lib/{triplet}"));
    let of_64_bits = (!target::is_32_bit(target)).then(|| "lib64".to_owned());
    of_architecture
        .into_iter()
        .chain(of_64_bits)
        .chain(["lib".to_owned()])
        .map(|folder| prefix.join(folder))
        .collect()
}

/// The file that programs are linked against, and the target of that link. Cargo watches both: when
/// another version is installed, the target disappears, which cargo notices even if the new file is
/// older.
pub(crate) fn link_and_file(folder: &Path) -> Result<[PathBuf; 2], BuildError> {
    let library = folder.join(LIBRARY);
    let file = fs::canonicalize(&library).map_err(BuildError::file("resolve", &library))?;
    Ok([library, file])
}

/// The version of the library in a folder: from the name of the file that `libvsomeip3.so` links to,
/// else from the pkg-config file beside it.
pub(crate) fn version_of(folder: &Path, file: &Path) -> Option<String> {
    let name = file.file_name()?.to_string_lossy();
    let of_name = name.split_once(".so.").map(|(_, version)| version.to_owned());
    of_name.filter(|version| is_version(version)).or_else(|| described_version(folder))
}

fn described_version(folder: &Path) -> Option<String> {
    let description = fs::read_to_string(folder.join("pkgconfig/vsomeip3.pc")).ok()?;
    let version = description.lines().find_map(|line| line.strip_prefix("Version:"))?.trim();
    is_version(version).then(|| version.to_owned())
}

/// Whether a text is a complete version, unlike the 3 of `libvsomeip3.so.3`.
fn is_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}
