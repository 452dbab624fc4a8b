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

//! Finds or builds vsomeip, generates the bindings, compiles the C++ glue and links both.
//!
//! [`locate`] chooses the vsomeip; `bundled` builds one, once per target directory.

#[path = "build/adapt.rs"]
mod adapt;
#[path = "build/boost.rs"]
mod boost;
#[path = "build/bundled.rs"]
mod bundled;
#[path = "build/error.rs"]
mod error;
#[path = "build/glue.rs"]
mod glue;
#[path = "build/layout.rs"]
mod layout;
#[path = "build/link.rs"]
mod link;
#[path = "build/locate.rs"]
mod locate;
#[path = "build/packaged.rs"]
mod packaged;
#[path = "build/target.rs"]
mod target;
#[path = "build/variable.rs"]
mod variable;

use error::BuildError;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    if let Err(error) = run() {
        eprintln!("\nvsomeip-sys cannot be built: {error}\n");
        std::process::exit(1);
    }
}

fn run() -> Result<(), BuildError> {
    println!("cargo:rerun-if-env-changed=DOCS_RS");
    if std::env::var_os("DOCS_RS").is_some() {
        // The documentation only needs the generated Rust code: no vsomeip, no Boost, no network.
        return glue::generate_bindings().map(drop);
    }
    // Checked before vsomeip is built, which takes minutes.
    glue::require_tools()?;
    let vsomeip = locate::vsomeip()?;
    println!("vsomeip-sys: using {vsomeip}");
    glue::compile(&vsomeip)?;
    link::against(&vsomeip)
}
