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

//! Compiles the C++ side of the comparison, always optimised, and gives the Rust side an rpath to
//! the same vsomeip.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cpp");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let peer = out.join("cpp_peer");
    let mut compiler = compiler("cpp/peer.cpp", &peer)?;
    if let Ok(directory) = std::env::var("DEP_VSOMEIP3_INCLUDE") {
        compiler.arg("-I").arg(directory);
    }
    compiler.args(["-lvsomeip3", "-pthread"]);
    if let Ok(directory) = std::env::var("DEP_VSOMEIP3_LIB") {
        // The old kind of rpath, which also serves what vsomeip opens itself.
        compiler.arg(format!("-L{directory}"));
        compiler.arg(format!("-Wl,-rpath,{directory},--disable-new-dtags"));
        println!("cargo:rustc-link-arg=-Wl,-rpath,{directory}");
    }
    run(compiler)?;
    println!("cargo:rustc-env=CPP_PEER={}", peer.display());

    let counter = out.join("libcount_allocations.so");
    let mut compiler = self::compiler("cpp/count_allocations.cpp", &counter)?;
    compiler.args(["-shared", "-fPIC"]);
    run(compiler)?;
    println!("cargo:rustc-env=COUNT_ALLOCATIONS={}", counter.display());
    println!("cargo:rustc-env=VSOMEIP_VERSION={}", std::env::var("DEP_VSOMEIP3_VERSION")?);
    Ok(())
}

fn compiler(source: &str, output: &Path) -> Result<Command, cc::Error> {
    let tool = cc::Build::new().cpp(true).std("c++17").opt_level(3).try_get_compiler()?;
    let mut command = tool.to_command();
    command.args(["-Wall", "-Wextra", source, "-o"]).arg(output);
    Ok(command)
}

fn run(mut command: Command) -> Result<(), Box<dyn Error>> {
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{status}: {command:?}").into())
}
