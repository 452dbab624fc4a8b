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

//! Pools export no symbols: two versions of one crate with a pool link into one binary.

use std::fs;
use std::io::Result;
use std::path::Path;
use std::process::Command;

const POOL: &str = r#"
#![forbid(unsafe_code)]

vsomeip_proc_macro::handler_pool! {
    pub static HANDLERS: [extern "C" fn() -> usize; 300] = handler;
}

extern "C" fn handler(slot: usize) -> usize {
    slot
}
"#;

const BINARY: &str = "
fn main() {
    assert_eq!((one::HANDLERS[299](), two::HANDLERS[298]()), (299, 298));
}
";

/// Each package is a workspace of its own: a workspace has one package of a name at most.
fn write_manifest(directory: &Path, name: &str, version: &str, dependencies: &str) -> Result<()> {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n\
         [dependencies]\n{dependencies}\n\
         [workspace]\n"
    );
    fs::create_dir_all(directory.join("src"))?;
    fs::write(directory.join("Cargo.toml"), manifest)
}

#[test]
fn two_versions_with_pool_link() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linking");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dependencies = format!("vsomeip-proc-macro = {{ path = {here:?} }}");
    for (directory, version) in [("one", "1.0.0"), ("two", "2.0.0")] {
        let directory = root.join(directory);
        write_manifest(&directory, "pool", version, &dependencies).unwrap();
        fs::write(directory.join("src/lib.rs"), POOL).unwrap();
    }
    let binary = root.join("binary");
    let dependencies = "one = { path = \"../one\", package = \"pool\" }\n\
                        two = { path = \"../two\", package = \"pool\" }";
    write_manifest(&binary, "binary", "0.0.0", dependencies).unwrap();
    fs::write(binary.join("src/main.rs"), BINARY).unwrap();
    // The versions of this build: nothing is looked up or downloaded.
    fs::copy(here.join("../Cargo.lock"), binary.join("Cargo.lock")).unwrap();

    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--target-dir"])
        .arg(root.join("target"))
        .current_dir(&binary)
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
}
