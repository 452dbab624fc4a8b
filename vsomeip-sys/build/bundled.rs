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

//! Builds vsomeip from source, once for all profiles, features and targets of a target directory.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fs4::fs_std::FileExt;

use crate::adapt::{self, Origin};
use crate::boost;
use crate::error::BuildError;
use crate::glue;
use crate::locate;
use crate::packaged;
use crate::target;
use crate::variable;

/// The version in the pinned package.
const VERSION: &str = "3.4.10";

/// Variables that affect the result, including those that CMake reads itself.
const VARIABLES: [&str; 7] = [
    "CXXFLAGS",
    "LDFLAGS",
    "BOOST_ROOT",
    "CMAKE_PREFIX_PATH",
    "CMAKE_GENERATOR",
    "CMAKE_TOOLCHAIN_FILE",
    "TARGET",
];

/// Returns the prefix (`include/`, `lib/`) of the bundled vsomeip. Builds it first if needed.
pub(crate) fn prefix() -> Result<PathBuf, BuildError> {
    println!("cargo:rerun-if-changed=cmake");
    println!("cargo:rerun-if-changed=vsomeip-source");
    let source = variable::absolute("VSOMEIP_SOURCE_DIR")?;
    let version = source.as_deref().map_or_else(|| Ok(VERSION.to_owned()), version_in)?;
    let home = home(source.as_deref(), &version)?;
    let prefix = home.join("install");
    fs::create_dir_all(&home).map_err(BuildError::file("create", &home))?;
    // Two profiles may be built at the same time; the second one waits here.
    let lock_path = home.join("lock");
    let lock = File::create(&lock_path).map_err(BuildError::file("create", &lock_path))?;
    lock.lock_exclusive().map_err(BuildError::file("lock", &lock_path))?;
    let record = prefix.with_file_name(SOURCE_FILE);
    if !prefix.exists() || !record.exists() {
        let (source, origin) = match source {
            Some(directory) => (directory, Origin::User),
            None => (packaged::source()?, Origin::Package),
        };
        if !prefix.exists() {
            build(&source, origin, &version, &home, &prefix)?;
        }
        let text = source.display().to_string();
        fs::write(&record, text).map_err(BuildError::file("write", &record))?;
    }
    Ok(prefix)
}

/// The file beside a prefix with the path of its sources.
const SOURCE_FILE: &str = "source";

/// The sources of the vsomeip at a prefix, if they still exist.
pub(crate) fn source(prefix: &Path) -> Option<PathBuf> {
    let source = PathBuf::from(fs::read_to_string(prefix.with_file_name(SOURCE_FILE)).ok()?);
    source.exists().then_some(source)
}

/// `<target directory>/vsomeip/<version>-<hash of everything that affects the result>`.
fn home(source: Option<&Path>, version: &str) -> Result<PathBuf, BuildError> {
    let target_dir = target_directory()?;
    let recipe = variable::of_cargo("CARGO_MANIFEST_DIR")?.join("cmake/CMakeLists.txt");
    let mut hasher = DefaultHasher::new();
    fs::read(&recipe).map_err(BuildError::file("read", &recipe))?.hash(&mut hasher);
    for variable in VARIABLES {
        println!("cargo:rerun-if-env-changed={variable}");
        env::var_os(variable).hash(&mut hasher);
    }
    let compiler = glue::compiler()?;
    compiler.path().hash(&mut hasher);
    compiler.to_command().arg("--version").output().ok().map(|it| it.stdout).hash(&mut hasher);
    source.hash(&mut hasher);
    adapt::hash(version, &mut hasher);
    boost::hash(&mut hasher);
    Ok(target_dir.join("vsomeip").join(format!("{version}-{:016x}", hasher.finish())))
}

/// Cargo's target directory, recognised by the files that cargo keeps in it.
fn target_directory() -> Result<PathBuf, BuildError> {
    let out_dir = variable::of_cargo("OUT_DIR")?;
    let is_target = |directory: &&Path| {
        ["CACHEDIR.TAG", ".rustc_info.json"].iter().any(|file| directory.join(file).exists())
    };
    Ok(out_dir.ancestors().find(is_target).unwrap_or(&out_dir).to_owned())
}

/// The version of a source tree. Reruns the build script when it changes.
fn version_in(source: &Path) -> Result<String, BuildError> {
    let recipe = source.join("CMakeLists.txt");
    println!("cargo:rerun-if-changed={}", recipe.display());
    let text = fs::read_to_string(&recipe).unwrap_or_default();
    let part = |name: &str| {
        let (_, value) = text.split_once(&format!("VSOMEIP_{name}_VERSION "))?;
        Some(value[..value.find(')')?].trim().to_owned())
    };
    match (part("MAJOR"), part("MINOR"), part("PATCH")) {
        (Some(major), Some(minor), Some(patch)) => {
            let version = format!("{major}.{minor}.{patch}");
            locate::require_supported(&version, source)?;
            Ok(version)
        }
        _ => Err(BuildError::NoVsomeipAt {
            variable: "VSOMEIP_SOURCE_DIR",
            path: source.to_owned(),
            looked_for: format!("version of vsomeip in {}", recipe.display()),
        }),
    }
}

fn build(
    source: &Path,
    origin: Origin,
    version: &str,
    home: &Path,
    prefix: &Path,
) -> Result<(), BuildError> {
    require("cmake", Command::new("cmake").arg("--version"))?;
    let work = work_folder(home);
    if work.exists() {
        fs::remove_dir_all(&work).map_err(BuildError::file("remove", &work))?;
    }
    // vsomeip's CMake writes into its sources, and cargo's copies of packages are read-only.
    let sources = work.join("source");
    copy_tree(source, &sources, &target_directory()?)?;
    adapt::correct(version, &sources, origin)?;
    if boost::is_needed(version) {
        let mut adapter = boost::Adapter::new()?;
        adapter.sources(&sources)?;
        println!("vsomeip-sys: {adapter}");
    }
    let build = work.join("build");
    let log = home.join("build.log");
    println!("vsomeip-sys: building vsomeip, see {}", log.display());
    configure(&sources, &build, &log)?;
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".to_owned());
    let mut compile = Command::new("cmake");
    compile.arg("--build").arg(&build).args(["--config", "Release", "--target", "bundle"]);
    compile.args(["--parallel", &jobs]);
    // make cannot use cargo's job server: it would complain and build with one job.
    compile.env_remove("MAKEFLAGS").env_remove("CARGO_MAKEFLAGS");
    logged(&mut compile, &log)?;
    let staging = home.join("staging");
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(BuildError::file("remove", &staging))?;
    }
    install(&sources, &build, &staging)?;
    fs::rename(&staging, prefix).map_err(BuildError::file("create", prefix))?;
    fs::remove_dir_all(&work).map_err(BuildError::file("remove", &work))
}

/// The folder to build in. vsomeip's CMake does not quote file names, so its path must be plain.
fn work_folder(home: &Path) -> PathBuf {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+".contains(letter);
    match (home.to_string_lossy().chars().all(is_plain), home.file_name()) {
        (false, Some(name)) => env::temp_dir().join(format!("vsomeip-{}", name.display())),
        _ => home.join("work"),
    }
}

fn configure(sources: &Path, build: &Path, log: &Path) -> Result<(), BuildError> {
    let recipe = variable::of_cargo("CARGO_MANIFEST_DIR")?.join("cmake");
    let mut command = Command::new("cmake");
    command.arg("-S").arg(recipe).arg("-B").arg(build);
    command.arg(format!("-DVSOMEIP_SOURCE_DIR={}", sources.display()));
    if variable::is_cross() || env::var_os("CXX").is_none() {
        command.env("CXX", glue::compiler()?.path());
    }
    // A toolchain file sets all of this.
    if variable::is_cross() && env::var_os("CMAKE_TOOLCHAIN_FILE").is_none() {
        name_target(&mut command)?;
    }
    logged(&mut command, log).map_err(|error| BuildError::NotConfigured { error: Box::new(error) })
}

fn name_target(command: &mut Command) -> Result<(), BuildError> {
    // vsomeip has no C code, but its CMake searches libraries where the C compiler does.
    command.env("CC", glue::c_compiler()?.path());
    let processor = variable::of_cargo("CARGO_CFG_TARGET_ARCH")?;
    command.arg("-DCMAKE_SYSTEM_NAME=Linux");
    command.arg(format!("-DCMAKE_SYSTEM_PROCESSOR={}", processor.display()));
    // By default, pkg-config would find the libsystemd of the build machine.
    let target = variable::of_cargo("TARGET")?;
    if let (Some(triplet), None) =
        (target::triplet(&target.to_string_lossy()), env::var_os("PKG_CONFIG_LIBDIR"))
    {
        command.env("PKG_CONFIG_LIBDIR", format!("/usr/lib/{triplet}/pkgconfig"));
    }
    Ok(())
}

fn install(sources: &Path, build: &Path, staging: &Path) -> Result<(), BuildError> {
    copy_tree(&sources.join("interface/vsomeip"), &staging.join("include/vsomeip"), staging)?;
    copy_tree(&build.join("lib"), &staging.join("lib"), staging)?;
    let licence = sources.join("LICENSE");
    fs::copy(&licence, staging.join("LICENSE"))
        .map(drop)
        .map_err(BuildError::file("copy", &licence))
}

/// Fails with the name of the package to install if a tool cannot be run.
pub(crate) fn require(what: &'static str, command: &mut Command) -> Result<(), BuildError> {
    match command.stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(BuildError::Missing { what, detail: status.to_string() }),
        Err(error) => {
            let detail = format!("{}: {error}", command.get_program().to_string_lossy());
            Err(BuildError::Missing { what, detail })
        }
    }
}

/// Runs a command and appends its output to `log`. On failure, the error has the end of the log.
fn logged(command: &mut Command, log: &Path) -> Result<(), BuildError> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .map_err(BuildError::file("open", log))?;
    writeln!(file, "{command:?}").map_err(BuildError::file("write", log))?;
    let copy = |file: &File| file.try_clone().map_err(BuildError::file("open", log));
    let status = command.stdout(copy(&file)?).stderr(copy(&file)?).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(BuildError::Command {
            command: format!("{command:?}"),
            detail: format!("{status}\n{}", tail(log)),
        }),
        Err(error) => {
            Err(BuildError::Command { command: format!("{command:?}"), detail: error.to_string() })
        }
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(30)..].join("\n");
    format!("{last}\n(complete log: {})", log.display())
}

/// Copies a folder, except for `except` if it is in there.
fn copy_tree(from: &Path, to: &Path, except: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(to).map_err(BuildError::file("create", to))?;
    for entry in fs::read_dir(from).map_err(BuildError::file("read", from))? {
        let entry = entry.map_err(BuildError::file("read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(BuildError::file("read", &source))?;
        if source == except {
            continue;
        } else if kind.is_dir() {
            copy_tree(&source, &target, except)?;
        } else if kind.is_symlink() {
            let destination = fs::read_link(&source).map_err(BuildError::file("read", &source))?;
            std::os::unix::fs::symlink(destination, &target)
                .map_err(BuildError::file("create the link", &target))?;
        } else {
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}

/// Copies a file and makes the copy writable.
fn copy_file(source: &Path, target: &Path) -> Result<(), BuildError> {
    fs::copy(source, target).map_err(BuildError::file("copy", source))?;
    let mut permissions =
        fs::metadata(target).map_err(BuildError::file("read", target))?.permissions();
    permissions.set_mode(permissions.mode() | 0o200);
    fs::set_permissions(target, permissions).map_err(BuildError::file("change", target))
}
