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

//! Debian's names for a target, and whether a library is for it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The packages for the build machine.
const TOOLS: &str = "make cmake pkg-config libclang-dev";

/// The packages for the target, which vsomeip is linked with.
const LIBRARIES: [&str; 2] = ["libboost-thread-dev", "libboost-filesystem-dev"];

/// The command that installs the build dependencies on Debian and Ubuntu.
pub(crate) fn install_command(host: &str, target: &str) -> String {
    let foreign = (host != target).then(|| Some((debian_name(target)?, triplet(target)?)));
    let Some((architecture, triplet)) = foreign.flatten() else {
        return format!("apt-get install g++ {TOOLS} {}", LIBRARIES.join(" "));
    };
    let libraries = LIBRARIES.map(|library| format!("{library}:{architecture}")).join(" ");
    format!(
        "dpkg --add-architecture {architecture} && apt-get update &&\n    \
         apt-get install g++-{} {TOOLS} {libraries}",
        triplet.replace('_', "-")
    )
}

fn debian_name(target: &str) -> Option<&'static str> {
    Some(match target.split('-').next()? {
        "x86_64" => "amd64",
        "i586" | "i686" => "i386",
        "aarch64" => "arm64",
        "riscv64gc" => "riscv64",
        _ if target.ends_with("gnueabihf") => "armhf",
        _ => return None,
    })
}

/// Debian's multiarch name of a target: `x86_64-linux-gnu` for `x86_64-unknown-linux-gnu`.
pub(crate) fn triplet(target: &str) -> Option<String> {
    let (architecture, rest) = target.split_once('-')?;
    let (_vendor, system) = rest.split_once('-')?;
    let architecture = match architecture {
        "i586" | "i686" => "i386",
        "riscv64gc" => "riscv64",
        other if is_arm_of_32_bits(other) => "arm",
        other => other,
    };
    Some(format!("{architecture}-{system}"))
}

fn is_arm_of_32_bits(architecture: &str) -> bool {
    architecture.starts_with("arm") || architecture.starts_with("thumb")
}

pub(crate) fn is_32_bit(target: &str) -> bool {
    target.starts_with('i') || is_arm_of_32_bits(target)
}

/// Whether a library is for another processor; false if the target is not known here.
pub(crate) fn is_for_another(target: &str, library: &Path) -> io::Result<bool> {
    let mut header = [0; 20];
    File::open(library)?.read_exact(&mut header)?;
    let machine = match target.split('-').next() {
        Some("x86_64") => 62,
        Some("aarch64") => 183,
        Some("riscv64gc") => 243,
        Some("i586" | "i686") => 3,
        Some(other) if is_arm_of_32_bits(other) => 40,
        _ => return Ok(false),
    };
    // All of these are little-endian.
    Ok(header.starts_with(b"\x7fELF") && header[18..] != u16::to_le_bytes(machine))
}
