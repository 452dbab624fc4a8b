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

//! Tests of the parts of the build script that need neither cargo nor a compiler.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(dead_code, reason = "each module has more than what is tested without a build")]

#[path = "../build/boost.rs"]
mod boost;
#[path = "../build/error.rs"]
mod error;
#[path = "../build/layout.rs"]
mod layout;
#[path = "../build/target.rs"]
mod target;
#[path = "../build/variable.rs"]
mod variable;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use error::BuildError;

fn adapted(text: &str) -> String {
    boost::Adapter::new().unwrap().text(text).unwrap_or_else(|| text.to_owned())
}

fn without_headers(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

#[test]
fn executor_members_become_free_functions() {
    for (before, after) in [
        ("io_.post(f);\n", "boost::asio::post(io_, f);\n"),
        ("a<P>::io_.post([x](){});\n", "boost::asio::post(a<P>::io_, [x](){});\n"),
        ("this->strand_.dispatch(f);\n", "boost::asio::dispatch(this->strand_, f);\n"),
        ("    strand_.wrap(\n  f)\n", "    boost::asio::bind_executor(strand_, \n  f)\n"),
    ] {
        assert_eq!(without_headers(&adapted(before)), after);
    }
}

#[test]
fn free_functions_get_headers() {
    let text = adapted("io_.post(f); strand_.wrap(f);");
    assert!(text.starts_with("#include <boost/asio/bind_executor.hpp>\n"));
    assert!(text.contains("#include <boost/asio/post.hpp>\n"));
    assert!(!text.contains("dispatch.hpp"));
}

#[test]
fn timer_calls_drop_error_codes() {
    for (before, after) in [
        ("t_.expires_from_now(d);", "t_.expires_after(d);"),
        ("t_.expires_from_now(ms(f(3)), ec);", "t_.expires_after(ms(f(3)));"),
        ("p->first->expires_from_now(\n d, ec);", "p->first->expires_after(\n d);"),
        ("f(t_.expires_from_now());", "f((t_.expiry() - std::chrono::steady_clock::now()));"),
        ("cycle_timer_.cancel(ec);", "cycle_timer_.cancel();"),
        ("if (0 < x.timer_->cancel(ec))", "if (0 < x.timer_->cancel())"),
        ("found_timer->second->cancel(ec);", "found_timer->second->cancel();"),
    ] {
        assert_eq!(adapted(before), after);
    }
}

#[test]
fn addresses_are_made_and_printed_anew() {
    for (before, after) in [
        ("boost::asio::ip::address::from_string(s, ec)", "boost::asio::ip::make_address(s, ec)"),
        ("ip::address_v4::from_string(s)", "ip::make_address_v4(s)"),
        ("unicast_ = unicast_.from_string(s)", "unicast_ = boost::asio::ip::make_address(s)"),
        ("a.to_v4().to_ulong()", "a.to_v4().to_uint()"),
        ("a.to_string(ec)", "a.to_string()"),
    ] {
        assert_eq!(adapted(before), after);
    }
}

#[test]
fn unchanged_boost_calls_are_kept() {
    for text in [
        "socket_.cancel(its_error);",
        "multicast_socket_->cancel(ec);",
        "queue_.post(f);",
        "std::to_string(ec)",
        "boost::asio::post(io_, f);",
        "main_dispatch();",
    ] {
        assert_eq!(adapted(text), text);
    }
}

#[test]
fn newer_vsomeip_is_not_adapted() {
    for (version, is_needed) in
        [("3.4.10", true), ("3.5.11", true), ("3.6.4", false), ("3.7.4", false)]
    {
        assert_eq!(boost::is_needed(version), is_needed, "{version}");
    }
}

#[test]
fn relative_paths_are_refused() {
    for (variable, path) in [("BUILD_TEST_NAME", "vsomeip"), ("BUILD_TEST_DOTS", "../vsomeip")] {
        std::env::set_var(variable, path);
        let error = variable::absolute(variable).unwrap_err();
        assert!(matches!(&error, BuildError::Relative { .. }), "{error}");
        assert!(error.to_string().contains(variable) && error.to_string().contains(path));
    }
}

#[test]
fn absolute_and_empty_paths_are_read() {
    std::env::set_var("BUILD_TEST_ABSOLUTE", "/opt/vsomeip");
    std::env::set_var("BUILD_TEST_EMPTY", "");
    let absolute = variable::absolute("BUILD_TEST_ABSOLUTE").unwrap();
    assert_eq!(absolute.as_deref(), Some(Path::new("/opt/vsomeip")));
    assert_eq!(variable::absolute("BUILD_TEST_EMPTY").unwrap(), None);
    assert_eq!(variable::absolute("BUILD_TEST_UNSET").unwrap(), None);
}

/// Installs what looks like a library of a version, as packages do: the file, and two links.
fn install(folder: &Path, version: &str) {
    let file = format!("libvsomeip3.so.{version}");
    fs::write(folder.join(&file), "").unwrap();
    for (link, destination) in
        [("libvsomeip3.so.3", file.as_str()), ("libvsomeip3.so", "libvsomeip3.so.3")]
    {
        let _ = fs::remove_file(folder.join(link));
        symlink(destination, folder.join(link)).unwrap();
    }
}

#[test]
fn replaced_library_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    install(&folder, "3.7.4");
    let watched = layout::link_and_file(&folder).unwrap();
    assert_eq!(layout::version_of(&folder, &watched[1]).as_deref(), Some("3.7.4"));

    fs::remove_file(folder.join("libvsomeip3.so.3.7.4")).unwrap();
    install(&folder, "3.4.10");
    assert!(watched.iter().any(|file| !file.exists()), "cargo would look at {watched:?} only");
    let watched = layout::link_and_file(&folder).unwrap();
    assert_eq!(layout::version_of(&folder, &watched[1]).as_deref(), Some("3.4.10"));
}

#[test]
fn major_version_alone_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("libvsomeip3.so.3");
    assert_eq!(layout::version_of(folder.path(), &file), None);
    fs::create_dir(folder.path().join("pkgconfig")).unwrap();
    fs::write(folder.path().join("pkgconfig/vsomeip3.pc"), "Name: v\nVersion: 3.5.11\n").unwrap();
    assert_eq!(layout::version_of(folder.path(), &file).as_deref(), Some("3.5.11"));
}

#[test]
fn library_folders_follow_target() {
    for (target, folders) in [
        ("x86_64-unknown-linux-gnu", &["lib/x86_64-linux-gnu", "lib64", "lib"][..]),
        ("aarch64-unknown-linux-gnu", &["lib/aarch64-linux-gnu", "lib64", "lib"]),
        ("armv7-unknown-linux-gnueabihf", &["lib/arm-linux-gnueabihf", "lib"]),
    ] {
        let expected: Vec<_> =
            folders.iter().map(|folder| Path::new("/usr").join(folder)).collect();
        assert_eq!(layout::library_folders(Path::new("/usr"), target), expected);
    }
}

#[test]
fn library_of_other_processor_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libvsomeip3.so");
    let mut header = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0";
    fs::write(&library, header).unwrap();
    assert!(target::is_for_another("aarch64-unknown-linux-gnu", &library).unwrap());
    assert!(!target::is_for_another("x86_64-unknown-linux-gnu", &library).unwrap());
    header[18] = 183;
    fs::write(&library, header).unwrap();
    assert!(!target::is_for_another("aarch64-unknown-linux-gnu", &library).unwrap());
}

#[test]
fn install_command_fits_target() {
    let host = "x86_64-unknown-linux-gnu";
    assert!(target::install_command(host, host).starts_with("apt-get install g++ make"));
    let cross = target::install_command(host, "aarch64-unknown-linux-gnu");
    for part in
        ["dpkg --add-architecture arm64", "g++-aarch64-linux-gnu", "libboost-thread-dev:arm64"]
    {
        assert!(cross.contains(part), "{cross}");
    }
}
