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

//! Gives the tool an rpath to vsomeip: first beside a program that was moved with its libraries, then
//! where the build has found it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // For Boost too, which has no rpath of its own: one of the old kind also counts for libraries.
    println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,$ORIGIN/../lib");
    if let Ok(directory) = std::env::var("DEP_VSOMEIP3_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{directory}");
    }
}
