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

//! Where an installed vsomeip has its libraries, and which version they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::target;

/// The file that programs are linked against.
pub(crate) const LIBRARY: &str = "libvsomeip3.so";

/// The folders below a prefix in which distributions keep the libraries of a target: Debian's for
/// several architectures, that for 64 bits, and the common one.
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

/// The file that programs are linked against, and the one that it is a link to. After a change of the
/// version the link leads elsewhere, and the file is gone, which cargo notices even if the new one is
/// the older of the two.
pub(crate) fn link_and_file(folder: &Path) -> Result<[PathBuf; 2], BuildError> {
    let library = folder.join(LIBRARY);
    let file = fs::canonicalize(&library).map_err(BuildError::file("resolve", &library))?;
    Ok([library, file])
}

/// The version of the library in a folder: at the end of the name of the file that `libvsomeip3.so` is
/// a link to, or else in pkg-config's description beside it.
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

/// Whether a text is a whole version; the 3 of `libvsomeip3.so.3` is none.
fn is_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}
