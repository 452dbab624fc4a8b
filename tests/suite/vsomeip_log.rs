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

//! vsomeip's own log goes to its destination, once.

use std::path::Path;
use std::process::{Output, Stdio};

use harness::Network;

use crate::PEER;

/// Starts a peer and ends it at once; vsomeip has much to say about that.
fn output_of(log: &str, filter: &str) -> (String, String) {
    let network = Network::new("talker");
    let config = network.config("talker", 0x5800);
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"warning\"", "\"info\"")).unwrap();
    let Output { status, stdout, stderr } = run(&network, &config, log, filter);
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{stdout}{stderr}");
    (stdout, stderr)
}

fn run(network: &Network, config: &Path, log: &str, filter: &str) -> Output {
    let mut command = network.command(PEER);
    command.arg("--config").arg(config).args(["--local", "//talker/5800/1/0"]);
    if !log.is_empty() {
        command.args(["--vsomeip-log", log]);
    }
    command.env("RUST_LOG", filter).stdin(Stdio::null()).output().unwrap()
}

/// The lines of a text that vsomeip has written itself, and how often it says what it always says.
fn own_lines(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("20") && line.contains(" [info] ")).count()
}

fn mentions(text: &str) -> usize {
    text.matches("Configuration module loaded").count()
}

#[test]
fn log_goes_to_logger_by_default() {
    for log in ["", "bridged"] {
        let (stdout, stderr) = output_of(log, "vsomeip=info");
        assert_eq!(stdout, "ready\nended\n");
        assert_eq!(mentions(&stderr), 1, "{stderr}");
        let records = stderr.lines().filter(|line| line.contains(" INFO  vsomeip] "));
        assert!(records.count() > 5, "{stderr}");
    }
}

#[test]
fn filter_of_logger_applies() {
    let (stdout, stderr) = output_of("", "warn");
    assert_eq!(stdout, "ready\nended\n");
    assert_eq!(mentions(&stderr), 0, "{stderr}");
}

#[test]
fn log_without_logger_goes_to_console() {
    let (stdout, stderr) = output_of("", "off");
    assert!(own_lines(&stdout) > 5, "{stdout}");
    assert_eq!(stderr, "");
}

#[test]
fn log_can_stay_on_console() {
    let (stdout, stderr) = output_of("console", "trace");
    assert!(own_lines(&stdout) > 5, "{stdout}");
    assert_eq!((mentions(&stdout), mentions(&stderr)), (1, 0));
}

#[test]
fn log_can_be_silenced() {
    let (stdout, stderr) = output_of("silent", "trace");
    assert_eq!(stdout, "ready\nended\n");
    assert_eq!((own_lines(&stderr), mentions(&stderr)), (0, 0), "{stderr}");
}
