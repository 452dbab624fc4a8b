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

//! Writes the handler pool at the size that the build asks for, and gives this package's own test
//! binaries an rpath to vsomeip.

use std::path::Path;
use std::process::ExitCode;

const SIZE_VARIABLE: &str = "UP_VSOMEIP_HANDLER_POOL_SIZE";
const DEFAULT_SIZE: u32 = 5_000;

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={SIZE_VARIABLE}");
    if let Ok(directory) = std::env::var("DEP_VSOMEIP3_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{directory}");
    }
    if let Ok(directory) = std::env::var("DEP_VSOMEIP3_SOURCE") {
        // For tests, which read vsomeip's example configurations.
        println!("cargo:rustc-env=VSOMEIP_SOURCE={directory}");
    }
    match write_pool() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn write_pool() -> Result<(), String> {
    let size = match std::env::var(SIZE_VARIABLE) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{SIZE_VARIABLE} is {text:?}, not a number of handlers"))?,
        Err(_) => DEFAULT_SIZE,
    };
    let out_dir = std::env::var("OUT_DIR").map_err(|error| format!("OUT_DIR: {error}"))?;
    let file = Path::new(&out_dir).join("handler_pool.rs");
    let source = format!(
        "vsomeip_proc_macro::handler_pool! {{\n    \
             /// What vsomeip calls: the handler at index `n` passes its calls on as those of slot `n`.\n    \
             static HANDLERS: [extern \"C\" fn(generation: u64, message: &Message); {size}] = on_message;\n\
         }}\n"
    );
    std::fs::write(&file, source).map_err(|error| format!("{}: {error}", file.display()))
}
