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

//! The ECU examples print the expected output across a network, run as by `scripts/demo-network`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// With this set to 1, tests that have no two hosts fail. As in the package of the process tests.
const REQUIRED: &str = "UP_VSOMEIP_REQUIRE_TWO_HOSTS";
/// What the script ends with if there are no two hosts.
const SKIPPED: i32 = 77;

/// What the script prints for an example.
struct Shown {
    text: String,
}

impl Shown {
    /// Runs an example; none, and a line that says why, if there are no two hosts.
    fn of(example: &str) -> Option<Self> {
        let output = run(&binaries(), example)?;
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}: {}\n{text}\n{errors}", output.status);
        let ends = text.ends_with("\ndemo-network: 1 of 1 examples succeeded\n");
        assert!(ends, "{example}: {text}");
        // The beginning of all warnings of what is configured.
        assert!(!text.contains("] the configuration "), "{example}: {text}");
        Some(Self { text })
    }

    /// The lines of a process, without those of its log: on a busy machine, vsomeip complains.
    fn lines_of(&self, process: &str) -> Vec<&str> {
        let prefix = format!("[{process}] ");
        let lines = self.text.lines().filter_map(|line| line.strip_prefix(&prefix));
        lines.filter(|line| !line.starts_with("[20")).collect()
    }

    /// Whether the ECUs have printed these lines, in this order, among others.
    #[track_caller]
    fn assert_ecu_says(&self, expected: &[&str]) {
        let mut lines = self.lines_of("ecu").into_iter();
        for expected in expected {
            assert!(lines.any(|line| line == *expected), "no {expected:?} in\n{}", self.text);
        }
    }
}

fn binaries() -> PathBuf {
    // It is beside the folder of this test.
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples")
}

fn run(binaries: &Path, example: &str) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/demo-network");
    let mut command = Command::new(script);
    let output = command.arg("--binaries").arg(binaries).arg(example).output().unwrap();
    if output.status.code() != Some(SKIPPED) {
        return Some(output);
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    let is_required = std::env::var(REQUIRED).is_ok_and(|value| value == "1");
    assert!(!is_required, "{REQUIRED} is 1, but {reason}");
    // Not by a macro: what those print is shown for failed tests only.
    drop(writeln!(std::io::stderr(), "\nSKIPPED {example}: {}", reason.trim()));
    None
}

/// Whether the example prints these lines, and no other.
#[track_caller]
fn assert_prints(example: &str, expected: &[&str]) -> Option<Shown> {
    let shown = Shown::of(example)?;
    assert_eq!(shown.lines_of(example), expected, "{}", shown.text);
    Some(shown)
}

#[test]
fn ecu_answers_calls() {
    let expected = [
        "front left: 42.5 bar",
        "front right: 43.0 bar",
        "rear left: 31.0 bar",
        "rear right: 30.5 bar",
        "method 2: invalid argument: failed to invoke service operation",
    ];
    let Some(shown) = assert_prints("call_method", &expected) else { return };
    for wheel in 0..4 {
        shown.assert_ecu_says(&[&format!(
            "brake controller: asked for the pressure at wheel {wheel}"
        )]);
    }
}

#[test]
fn ecu_is_answered() {
    // pysomeip's client id.
    let told = "told //ecu/31/1/0 that the mode is driving";
    let Some(shown) = assert_prints("serve_method", &[told; 3]) else { return };
    shown.assert_ecu_says(&["body controller: the mode is driving"; 2]);
}

#[test]
fn events_of_group_arrive() {
    let expected = ["yaw rate 12.50 °/s, lateral acceleration 3.10 m/s²"; 3];
    let Some(shown) = assert_prints("subscribe_event", &expected) else { return };
    shown.assert_ecu_says(&["IMU 1: eventgroup 5 is subscribed to"]);
}

#[test]
fn field_can_be_read_set_and_watched() {
    let expected = ["notified: 20 %", "got: 20 %", "set: 80 %", "notified: 80 %"];
    let Some(shown) = assert_prints("field", &expected) else { return };
    shown.assert_ecu_says(&[
        "body controller: eventgroup 17 is subscribed to",
        "body controller: asked for the brightness",
        "body controller: told to set the brightness to 80 %",
    ]);
}

#[test]
fn instances_are_told_apart() {
    assert_prints(
        "two_instances",
        &[
            "IMU at the front, 2010.0001: yaw rate 12.50 °/s",
            "IMU at the rear, 2010.0002: yaw rate 12.45 °/s",
        ],
    );
}

#[test]
fn large_response_comes_over_tcp() {
    let expected = ["record 7: 4096 bytes, which begin with [7, 8, 9, 10]"];
    let Some(shown) = assert_prints("tcp_only", &expected) else { return };
    shown.assert_ecu_says(&["event recorder: asked for record 7, over TCP"]);
}

#[test]
fn ecu_without_discovery_answers() {
    let Some(shown) = assert_prints("static_routing", &["voltage: 12.60 V"]) else { return };
    shown.assert_ecu_says(&["battery sensor: asked for the voltage"]);
}

#[test]
fn event_arrives_with_in_memory_config() {
    let expected = ["//ecu/2010/1/8001 sent the bytes [04, e2, 01, 36]"];
    assert_prints("config_in_memory", &expected);
}

#[test]
fn notifications_go_both_ways() {
    let expected = ["notified of a crash", "3010 notifies: doors are unlocked"];
    let Some(shown) = assert_prints("notification", &expected) else { return };
    shown.assert_ecu_says(&["body controller: told of a crash, unlocks the doors"]);
}

/// Which states come in between is left open: only the latest one is seen.
#[test]
fn restart_of_ecu_is_seen() {
    let Some(shown) = Shown::of("watch_state") else { return };
    let there = "the IMU is there in version 1, subscription Accepted";
    let states = shown.lines_of("watch_state");
    let mut rest = states.iter();
    for expected in [there, "the IMU is away", there] {
        assert!(rest.any(|state| *state == expected), "{}", shown.text);
    }
    assert_eq!(states.last(), Some(&there), "{}", shown.text);
}

#[test]
fn script_returns_status_of_example() {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("failing-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let example = folder.join("call_method");
    std::fs::write(&example, "#!/bin/sh\necho so far\nexit 3\n").unwrap();
    std::fs::set_permissions(&example, Permissions::from_mode(0o755)).unwrap();
    let output = run(&folder, "call_method");
    std::fs::remove_dir_all(&folder).unwrap();
    let Some(output) = output else { return };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("call_method ended with status 3"), "{errors}");
}
