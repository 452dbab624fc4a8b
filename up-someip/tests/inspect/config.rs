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
//! `up-someip config`, which starts nothing.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tool::{Bench, Outcome, TOOL};

/// A folder of a network with a file in it.
fn folder_with(name: &str, text: &str) -> (Bench, PathBuf) {
    let bench = Bench::new();
    let path = bench.network().folder().join(name);
    std::fs::write(&path, text).unwrap();
    (bench, path)
}

/// Runs the tool in a working directory, with variables.
fn run_in(folder: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Outcome {
    let mut command = std::process::Command::new(TOOL);
    command.env_remove("VSOMEIP_CONFIGURATION").current_dir(folder).args(arguments);
    command.envs(variables.iter().copied());
    Outcome::of(command.output().unwrap())
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const GOOD: &str = r#"{
    "unicast": "10.77.0.1",
    "applications": [{ "name": "client", "id": "0x0101" }],
    "uprotocol": { "max_listeners": 7, "applications": { "client": { "reliable": true } } }
}"#;

#[test]
fn good_configuration_is_ok() {
    let (folder, path) = folder_with("client.json", GOOD);
    let out = run_in(folder.network().folder(), &["config", "check", "client.json"], &[]).prints(0);
    assert_eq!(out, "client.json: ok\n");
    let json =
        run_in(folder.network().folder(), &["--json", "config", "check", "client.json"], &[])
            .json(0);
    assert_eq!((&json["errors"], &json["warnings"]), (&0.into(), &0.into()));
    let out = run_in(folder.network().folder(), &["config", "check", path.to_str().unwrap()], &[])
        .prints(0);
    assert!(out.ends_with(": ok\n"), "{out}");
}

#[test]
fn errors_and_warnings_are_told() {
    let text = r#"{
        "unicats": "10.77.0.1",
        "network": "a/b",
        "applications": [{ "name": "client", "id": "0x01O1" }],
        "uprotocol": { "max_listners": 7 }
    }"#;
    let (folder, _) = folder_with("bad.json", text);
    let out = run_in(folder.network().folder(), &["config", "check", "bad.json"], &[]).prints(2);
    for part in [
        "bad.json: warning: unicats: ",
        "bad.json: error: network: ",
        "bad.json: error: uprotocol.max_listners: ",
        "write `max_listeners`",
        "applications[0].id: ",
    ] {
        assert!(out.contains(part), "no {part:?} in {out}");
    }
    let json = run_in(folder.network().folder(), &["--json", "config", "check", "bad.json"], &[])
        .prints(2);
    let lines = lines(&json);
    let (sum, findings) = lines.split_last().unwrap();
    assert_eq!(sum["errors"], 2, "{json}");
    assert_eq!(findings[0]["severity"], "error", "errors come first: {json}");
}

#[test]
fn warnings_fail_when_strict() {
    let (folder, _) = folder_with("odd.json", r#"{ "unicats": "1.2.3.4", "applications": [] }"#);
    run_in(folder.network().folder(), &["config", "check", "odd.json"], &[]).prints(0);
    run_in(folder.network().folder(), &["config", "check", "odd.json", "--strict"], &[]).prints(2);
}

#[test]
fn garbage_is_an_error_for_each_file() {
    let (folder, _) = folder_with("good.json", GOOD);
    std::fs::write(folder.network().folder().join("cut.json"), &GOOD[..20]).unwrap();
    std::fs::write(folder.network().folder().join("binary.json"), [0xff, 0x00, 0xfe]).unwrap();
    std::fs::write(folder.network().folder().join("list.json"), "[1]").unwrap();
    std::fs::write(folder.network().folder().join("deep.json"), "[".repeat(100_000)).unwrap();
    std::fs::write(folder.network().folder().join("empty.json"), "").unwrap();
    let files = ["cut.json", "binary.json", "list.json", "deep.json", "empty.json", "absent.json"];
    let arguments = [&["config", "check"][..], &files, &["good.json"]].concat();
    let outcome = run_in(folder.network().folder(), &arguments, &[]);
    assert!(!outcome.err.contains("panicked"), "{outcome:?}");
    let out = outcome.prints(2);
    for file in files {
        assert!(out.contains(&format!("{file}: 1 error, 0 warnings\n")), "{out}");
    }
    assert!(out.ends_with("good.json: ok\n"), "{out}");
}

fn setting<'a>(explanation: &'a Value, place: &str) -> &'a Value {
    let settings = explanation["settings"].as_array().unwrap();
    settings.iter().find(|it| it["setting"] == place).unwrap_or_else(|| panic!("no {place}"))
}

#[test]
fn each_setting_has_its_origin() {
    let (folder, path) = folder_with("client.json", GOOD);
    let arguments = ["--json", "config", "explain", "client.json"];
    let json = run_in(folder.network().folder(), &arguments, &[]).json(0);
    assert_eq!(json["application"], "client");
    for (place, value, origin) in [
        ("application", "client".into(), "file"),
        ("unicast", Value::from("10.77.0.1"), "file"),
        ("applications[0].id", "0x0101".into(), "file"),
        ("applications[0].max_dispatchers", "0".into(), "transport"),
        ("service-discovery.port", "30490".into(), "vsomeip"),
        ("uprotocol.max_listeners", 7.into(), "file"),
        ("uprotocol.applications.client.reliable", true.into(), "file"),
        ("uprotocol.listener_queue", 65536.into(), "transport"),
    ] {
        let found = setting(&json, place);
        assert_eq!((&found["value"], &found["origin"]), (&value, &origin.into()), "{place}");
    }
    let from = setting(&json, "unicast")["from"].as_str().unwrap();
    assert_eq!(Path::new(from).canonicalize().unwrap(), path.canonicalize().unwrap());
    let text =
        run_in(folder.network().folder(), &["config", "explain", "client.json", "--set"], &[])
            .prints(0);
    assert!(text.contains("SETTING") && text.contains("10.77.0.1"), "{text}");
    assert!(!text.contains("default of"), "{text}");
}

#[test]
fn variable_and_working_directory_override() {
    let (folder, _) = folder_with("client.json", GOOD);
    let other = GOOD.replace("10.77.0.1", "10.77.0.9");
    std::fs::write(folder.network().folder().join("other.json"), other.replace("client", "second"))
        .unwrap();
    let explain = ["--json", "config", "explain", "client.json"];
    let other = folder.network().folder().join("other.json");
    let variables = [
        ("VSOMEIP_CONFIGURATION", other.as_path()),
        ("VSOMEIP_APPLICATION_NAME", Path::new("named")),
    ];
    let json = run_in(folder.network().folder(), &explain, &variables).json(0);
    assert_eq!(setting(&json, "unicast")["value"], "10.77.0.9");
    let application = setting(&json, "application");
    assert_eq!(
        (&application["value"], &application["origin"]),
        (&"named".into(), &"variable".into())
    );
    let why = json["overrides"][0].as_str().unwrap();
    assert!(why.starts_with("VSOMEIP_CONFIGURATION is set"), "{why}");

    std::fs::write(folder.network().folder().join("vsomeip.json"), r#"{ "unicast": "10.77.0.8" }"#)
        .unwrap();
    let json = run_in(folder.network().folder(), &explain, &[]).json(0);
    assert_eq!(setting(&json, "unicast")["value"], "10.77.0.8");
    let found =
        run_in(folder.network().folder(), &["config", "check", "client.json"], &[]).prints(0);
    assert!(found.contains("in place of") && found.contains("0 errors, 1 warning"), "{found}");
}

#[test]
fn folder_tells_which_file() {
    let bench = Bench::new();
    let folder = bench.network().folder().join("configurations");
    std::fs::create_dir(&folder).unwrap();
    let first = r#"{ "services": [{ "service": "1", "instance": "1" }] }"#;
    std::fs::write(folder.join("a.json"), first).unwrap();
    let second = r#"{
        "applications": [{ "name": "app" }],
        "services": [{ "service": "2", "instance": "1" }]
    }"#;
    std::fs::write(folder.join("b.json"), second).unwrap();
    let json = bench.run(&["--json", "config", "explain", folder.to_str().unwrap()]).json(0);
    for (place, file) in [("services[0].service", "a.json"), ("services[1].service", "b.json")] {
        let from = setting(&json, place)["from"].as_str().unwrap();
        assert!(from.ends_with(file), "{place}: {from}");
    }
}

#[test]
fn schema_is_json_schema() {
    let bench = Bench::new();
    let schema: Value = serde_json::from_str(&bench.run(&["config", "schema"]).prints(0)).unwrap();
    assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"));
    let options = &schema["properties"]["uprotocol"]["properties"];
    let discovery = &schema["properties"]["service-discovery"]["properties"];
    assert!(discovery["multicast"]["description"].as_str().unwrap().contains("224.224.224.0"));
    assert!(options["max_listeners"].is_object());
}
