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

//! Gives the test binaries an rpath to vsomeip, so that tests can start them, and compiles a program that
//! uses vsomeip without the transport.

use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    if let Ok(directory) = env::var("DEP_VSOMEIP3_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{directory}");
        println!("cargo:rustc-env=VSOMEIP_LIBRARIES={directory}");
    }
    compile_plain_program()
}

fn compile_plain_program() -> Result<(), Box<dyn Error>> {
    const SOURCE: &str = "plain/plain.cpp";
    println!("cargo:rerun-if-changed={SOURCE}");
    let program = PathBuf::from(env::var("OUT_DIR")?).join("plain");
    let mut compiler = cc::Build::new().cpp(true).std("c++17").try_get_compiler()?.to_command();
    compiler.args(["-Wall", "-Wextra", "-I../vsomeip-sys/cpp/src", SOURCE, "-o"]).arg(&program);
    if let Ok(directory) = env::var("DEP_VSOMEIP3_INCLUDE") {
        compiler.arg("-I").arg(directory);
    }
    if let Ok(directory) = env::var("DEP_VSOMEIP3_LIB") {
        // The old kind of rpath, which also serves what vsomeip opens itself.
        compiler.arg(format!("-L{directory}"));
        compiler.arg(format!("-Wl,-rpath,{directory},--disable-new-dtags"));
    }
    compiler.args(["-lvsomeip3", "-pthread"]);
    println!("cargo:rustc-env=PLAIN_PROGRAM={}", program.display());
    match compiler.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("{status}: {compiler:?}").into()),
    }
}
