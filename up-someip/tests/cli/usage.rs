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

//! What is wrong on the command line or in the configuration, and what explains itself.

use crate::tool::{Bench, PATIENT};

#[test]
fn wrong_arguments_are_explained() {
    let bench = Bench::new();
    for (arguments, parts) in [
        (&["frobnicate"][..], &["unrecognized subcommand"][..]),
        (&[], &["Usage: up-someip"]),
        (&["call"], &["<TARGET>"]),
        (&["call", "1234"], &["0x1234.1.0x8001"]),
        (&["call", "12ab.1.1"], &["write 0x12ab"]),
        (&["call", "0x1234.1.0x8001"], &["names no method", "use subscribe or publish"]),
        (&["call", "0x1234.1"], &["names no method"]),
        (&["call", "//ecu/1234/1/1", "--version", "2"], &["leave out --version"]),
        (&["call", "0x1234.1.1", "--ttl", "soon"], &["write a time such as 500ms"]),
        (&["call", "0x1234.1.1", "--count", "0"], &["0 is not in 1.."]),
        (&["subscribe"], &["<TARGETS>"]),
        (&["subscribe", "0x1234.1.1"], &["names no event", "use call or serve"]),
        (&["publish", "0x1234.1.*"], &["only a single event can be published"]),
        (&["serve", "*.1"], &["names no single service"]),
        (&["serve", "0x1234.1", "--exec", "true", "--fail", "internal"], &["cannot be used with"]),
        (&["notify", "0x1234.1.1"], &["names no uEntity"]),
        (&["--local", "//a/b/c", "serve", "0x1234.1"], &["--local"]),
        (&["--local", "//up/1/1/1", "serve", "0x1234.1"], &["the resource id must be 0"]),
        (&["--unicast", "localhost", "serve", "0x1234.1"], &["--unicast"]),
        (&["--tcp", "--udp", "serve", "0x1234.1"], &["cannot be used with"]),
    ] {
        bench.run(arguments).fails(2, parts);
    }
}

#[test]
fn wrong_configurations_are_explained() {
    let bench = Bench::new();
    let folder = bench.network().folder();
    let file = folder.join("broken.json");
    std::fs::write(&file, "{ no JSON").unwrap();
    let run = |config: &str| {
        let arguments = ["--config", config, "call", "0x1234.1.1"];
        let output = bench.network().command(crate::tool::TOOL).args(arguments).output();
        crate::tool::Outcome::of(output.unwrap())
    };
    run("/does/not/exist.json").fails(2, &["/does/not/exist.json", "check the path"]);
    run(file.to_str().unwrap()).fails(2, &["broken.json"]);
}

#[test]
fn configuration_file_is_used() {
    let bench = Bench::new();
    let config = bench.network().config("up-someip", 0x0777);
    let config = config.to_str().unwrap();
    let server = || {
        let mut command = bench.network().command(crate::tool::TOOL);
        command.env("VSOMEIP_CONFIGURATION", config).args(["serve", "0x1234.1"]);
        command
    };
    let server = crate::tool::Running::spawn(&mut server());
    server.wait_for("serving");
    // An application of its own beside the one that the file lists.
    let mut client = bench.network().command(crate::tool::TOOL);
    client.args(["--config", config, "--name", "client", "call", "0x1234.1.1", "hello"]);
    let out = crate::tool::Outcome::of(client.args(PATIENT).output().unwrap()).prints(0);
    assert!(out.ends_with(": hello\n"), "{out}");
    // Without a name, it would be the same application again.
    let mut same = bench.network().command(crate::tool::TOOL);
    same.args(["--config", config, "call", "0x1234.1.1", "hello", "--wait", "200ms"]);
    let outcome = crate::tool::Outcome::of(same.output().unwrap());
    outcome.fails(1, &["ALREADY_EXISTS", "--name"]);
}

/// vsomeip gives each its own client id.
#[test]
fn two_of_same_name_work() {
    let bench = Bench::new();
    let _server = bench.serve(&["--name", "same"]);
    let call = [&["--name", "same", "call", "0x1234.1.1", "x"][..], &PATIENT].concat();
    bench.run(&call).prints(0);
}

#[test]
fn help_has_examples_and_statuses() {
    let bench = Bench::new();
    let help = bench.run(&["--help"]).prints(0);
    assert!(help.contains("no answer, or not enough events, in time"), "{help}");
    for command in ["call", "publish", "subscribe", "notify", "serve", "bench"] {
        let help = bench.run(&[command, "--help"]).prints(0);
        assert!(help.contains("Examples:\n  up-someip "), "{help}");
        assert!(bench.run(&[command, "-h"]).prints(0).contains("Examples:"), "{command}");
    }
    assert!(bench.run(&["--version"]).prints(0).starts_with("up-someip 0."));
}

#[test]
fn completions_know_commands() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = bench.run(&["completions", shell]).prints(0);
        assert!(script.contains("subscribe") && script.contains("proto-set"), "{shell}");
    }
    bench.run(&["completions", "csh"]).fails(2, &["bash", "fish"]);
}

#[test]
fn manual_page_has_all_commands() {
    let bench = Bench::new();
    let page = bench.run(&["man"]).prints(0);
    assert!(page.starts_with(".ie") || page.contains(".TH up-someip 1"), "{page}");
    for part in ["UP-SOMEIP SUBSCRIBE", "UP-SOMEIP BENCH", "eventgroup", "Exit status"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
}
