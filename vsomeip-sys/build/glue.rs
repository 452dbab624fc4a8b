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

//! Generates the bindings (autocxx for the glue's classes, cxx for slices and callbacks) and
//! compiles the C++ glue.

use std::process::Command;

use crate::bundled;
use crate::error::BuildError;
use crate::locate::Vsomeip;
use crate::variable;

/// Suffices for the headers of every version of vsomeip, including those implemented in C++20.
const STANDARD: &str = "c++17";
const COMPILER: &str = "a C++ compiler";
const INCLUDE_DIR: &str = "cpp/include";
const BRIDGES: [&str; 3] = ["src/bridge.rs", "src/drift.rs", "src/logging.rs"];
const SOURCES: [&str; 6] = [
    "cpp/src/application.cpp",
    "cpp/src/bridge.cpp",
    "cpp/src/drift.cpp",
    "cpp/src/library.cpp",
    "cpp/src/log.cpp",
    "cpp/src/plugins.cpp",
];

/// Added by the feature `fault-injection`.
const TESTING_BRIDGE: &str = "src/testing.rs";
const TESTING_SOURCE: &str = "cpp/src/testing.cpp";

/// Generates the Rust side of the bindings; returns the build of their C++ side.
pub(crate) fn generate_bindings() -> Result<cc::Build, BuildError> {
    println!("cargo:rerun-if-changed=cpp");
    println!("cargo:rerun-if-changed=src/ffi.rs");
    require_libclang()?;
    let arguments = clang_arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    autocxx_build::Builder::new("src/ffi.rs", [INCLUDE_DIR])
        .extra_clang_args(&arguments)
        .build()
        .map_err(|error| BuildError::Bindings { detail: error.to_string() })
}

/// Compiles the generated C++ and the glue against the headers of `vsomeip`.
pub(crate) fn compile(vsomeip: &Vsomeip) -> Result<(), BuildError> {
    let mut generated = generate_bindings()?;
    configure(&mut generated, vsomeip);
    generated.compile("vsomeip_glue_generated");
    let testing = cfg!(feature = "fault-injection");
    let bridges = BRIDGES.into_iter().chain(testing.then_some(TESTING_BRIDGE));
    for bridge in bridges.clone() {
        println!("cargo:rerun-if-changed={bridge}");
    }
    let mut glue = cxx_build::bridges(bridges);
    glue.files(SOURCES).include(INCLUDE_DIR);
    if testing {
        glue.file(TESTING_SOURCE).define("VSOMEIP_GLUE_FAULT_INJECTION", None);
    }
    configure(&mut glue, vsomeip);
    glue.compile("vsomeip_glue");
    println!("cargo:rustc-link-lib=dl");
    Ok(())
}

fn configure(build: &mut cc::Build, vsomeip: &Vsomeip) {
    // The glue handles every message, so it is optimised in every profile, like vsomeip itself.
    build.std(STANDARD).opt_level(2).warnings(true).define("NDEBUG", None);
    let version = format!("\"{}\"", vsomeip.version);
    build.define("VSOMEIP_GLUE_COMPILED_AGAINST", version.as_str());
    build.includes(&vsomeip.include_dirs);
}

/// Fails early, with the package to install, if a tool is missing.
pub(crate) fn require_tools() -> Result<(), BuildError> {
    bundled::require(COMPILER, compiler()?.to_command().arg("--version"))?;
    require_libclang()
}

/// The C++ compiler for the target, according to the variables of cargo and cc.
pub(crate) fn compiler() -> Result<cc::Tool, BuildError> {
    chosen(cc::Build::new().cpp(true))
}

/// As [`compiler`], for C.
pub(crate) fn c_compiler() -> Result<cc::Tool, BuildError> {
    chosen(&cc::Build::new())
}

fn chosen(build: &cc::Build) -> Result<cc::Tool, BuildError> {
    build
        .try_get_compiler()
        .map_err(|error| BuildError::Missing { what: COMPILER, detail: error.to_string() })
}

fn require_libclang() -> Result<(), BuildError> {
    variable::path("LIBCLANG_PATH");
    clang_sys::load().map_err(|detail| BuildError::Missing { what: "libclang", detail })
}

/// Tells libclang the compiler's own search path for the C++ standard library. By itself, libclang
/// uses the newest gcc directory, which may be another one, or have no C++ headers.
fn clang_arguments() -> Vec<String> {
    let mut arguments = vec![format!("-std={STANDARD}")];
    let directories = standard_library_directories();
    if !directories.is_empty() {
        arguments.push("-nostdinc++".to_owned());
    }
    for directory in directories {
        arguments.extend(["-isystem".to_owned(), directory]);
    }
    arguments
}

/// The directories with the C++ standard library's headers, as the compiler prints its search list.
fn standard_library_directories() -> Vec<String> {
    let Ok(compiler) = compiler() else {
        return Vec::new();
    };
    let mut command: Command = compiler.to_command();
    let Ok(output) = command.args(["-E", "-x", "c++", "-v", "/dev/null"]).output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .skip_while(|line| !line.starts_with("#include <"))
        .take_while(|line| !line.starts_with("End of search list"))
        .map(str::trim)
        .filter(|line| line.starts_with('/') && line.contains("/c++"))
        .map(str::to_owned)
        .collect()
}
