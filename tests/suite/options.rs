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

//! The section `uprotocol` of vsomeip's configuration, with transports created by `new_with_config` and no
//! options in code, as a uStreamer does.

use std::process::{Command, Stdio};

use harness::{Network, Peer};
use serde_json::{json, Value};

use crate::PEER;

const STREAMER: &str = "//host/5E00/1/0";
const ECU: &str = "//remote/5E01/1/0";
const METHOD: &str = "//host/5E00/1/7";

/// The uStreamer cannot be the routing manager: without service discovery, that gets no events.
fn network(section: Value) -> Network {
    Network::new("ecu").with_setting("uprotocol", section)
}

/// The process of a user who writes no code.
fn streamer(network: &Network) -> Peer {
    network.peer_with(PEER, "streamer", STREAMER, &["--streamer"])
}

/// An ordinary transport, which has its options from code.
fn ecu(network: &Network, options: &[&str]) -> Peer {
    network.peer_with(PEER, "ecu", ECU, options)
}

/// up-rust's RPC client and server need to know in which format payloads are.
#[test]
fn payloads_have_configured_format() {
    let network = network(json!({ "payload_format": "protobuf_wrapped_in_any" }));
    let mut streamer = streamer(&network);
    streamer.order(&format!("serve-l2 {METHOD}"));
    let mut ecu = ecu(&network, &[]);
    assert_eq!(ecu.ask(&format!("call-l2 {METHOD} hello")), "HELLO");
    // It refuses any other format.
    let error = streamer.ask("publish //host/5E00/1/8001 1 1");
    assert!(error.starts_with("error code: INVALID_ARGUMENT"), "{error}");
}

/// `new` takes no file, but vsomeip does.
#[test]
fn constructor_without_file_reads_section() {
    let network = Network::new("streamer")
        .with_setting("uprotocol", json!({ "payload_format": "json", "max_listeners": 1 }));
    let mut command = network.command(PEER);
    command.args(["--streamer", "--application", "streamer", "--local", STREAMER]);
    command.args(["--network", "any", "--routing", "streamer"]);
    command.env("VSOMEIP_CONFIGURATION", network.config("streamer", 0x5e00));
    let mut streamer = Peer::spawn("streamer", &mut command);
    assert_eq!(streamer.line(), "ready");
    let error = streamer.ask("publish //host/5E00/1/8001 1 1");
    assert!(error.starts_with("error code: INVALID_ARGUMENT"), "{error}");
}

#[test]
fn code_overrides_section() {
    let network = network(json!({ "payload_format": "json", "max_listeners": 1 }));
    let mut ecu = network.peer_with(PEER, "streamer", ECU, &["--max-listeners", "2"]);
    let error = ecu.ask("publish //remote/5E01/1/8001 1 1");
    assert!(error.starts_with("error code: INVALID_ARGUMENT"), "{error}");
    ecu.order("subscribe-as one //remote/5E02/1/8001");
    ecu.order("subscribe-as two //remote/5E02/1/8001");
    let error = ecu.ask("subscribe-as three //remote/5E02/1/8001");
    assert!(error.starts_with("error code: RESOURCE_EXHAUSTED"), "{error}");
}

#[test]
fn events_have_configured_authority() {
    let section = json!({ "authority": [
        { "service": "0x5E01", "instance": "1", "authority": "brakes" },
        { "service": "0x5E02", "authority": "doors" },
    ] });
    let services = json!([{ "service": "0x5E01", "instance": "1" }]);
    let network = network(section).with_services(services);
    let mut ecu = ecu(&network, &[]);
    let mut streamer = streamer(&network);
    for (name, authority) in [("doors", "doors"), ("others", "remote")] {
        streamer.order(&format!("subscribe-as {name} //{authority}/FFFFFFFF/FF/8001"));
    }
    let topic = "//brakes/FFFFFFFF/FF/8001";
    streamer.order(&format!("subscribe {topic}"));
    streamer.tell("received 1");
    streamer.line_while(|| ecu.order("publish //remote/5E01/1/8001 1 1"));
    assert_eq!(streamer.ask("received-as others 0"), "[]");
    assert_eq!(streamer.ask("received-as doors 0"), "[]");
}

/// An event is in the eventgroup of its own number unless something else is said.
#[test]
fn section_defines_fields() {
    let event = json!({ "service": "0x5E00", "instance": 0, "event": "0x8001",
                        "in_groups": ["0x0005"], "field": true });
    let own = json!({ "offer": ["//host/5E00/1/8001"] });
    let section = json!({ "event": [event], "applications": { "streamer": own } });
    let network = Network::new("streamer").with_setting("uprotocol", section);
    let mut streamer = streamer(&network);
    let mut ecu = ecu(&network, &[]);
    streamer.order("publish //host/5E00/1/8001 42 1");
    for listener in ["first", "second"] {
        ecu.order(&format!("subscribe-as {listener} //host/5E00/1/8001"));
        assert_eq!(ecu.ask(&format!("received-as {listener} 1")), "42..42");
    }
}

#[test]
fn configured_limit_refuses_requests() {
    let network = network(json!({ "max_incoming_requests": 1, "applications": { "ecu": {
        "max_incoming_requests": 100 } } }));
    let mut ecu = ecu(&network, &[]);
    let mut streamer = streamer(&network);
    streamer.order("take //host/5E00/1/421");
    ecu.order("request //host/5E00/1/421 2 600000");
    assert_eq!(ecu.ask("answers 1"), "answered 0 failed {UNAVAILABLE: 1}");
}

/// All processes of a host may share one file.
#[test]
fn options_are_of_one_application() {
    let section =
        json!({ "max_listeners": 3, "applications": { "streamer": { "max_listeners": 1 } } });
    let network = network(section);
    for (name, local, count) in [("streamer", STREAMER, 1), ("ecu", "//host/5E01/1/0", 3)] {
        let mut peer = network.peer_with(PEER, name, local, &["--streamer"]);
        for number in 0..count {
            peer.order(&format!("subscribe-as {number} //remote/5E02/1/8001"));
        }
        let error = peer.ask("subscribe-as last //remote/5E02/1/8001");
        assert!(error.starts_with("error code: RESOURCE_EXHAUSTED"), "{name}: {error}");
    }
}

#[test]
fn section_names_the_application() {
    let network = network(json!({}));
    let _ecu = ecu(&network, &[]);
    let path = network.config("streamer", 0x5e10);
    let mut config: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    config["uprotocol"] = json!({ "application": "second" });
    let second = json!({ "name": "second", "id": "0x5e11" });
    config["applications"].as_array_mut().unwrap().push(second);
    std::fs::write(&path, config.to_string()).unwrap();
    let mut command = network.command(PEER);
    command.arg("--config").arg(&path).args(["--streamer", "--local", STREAMER]);
    let mut streamer = Peer::spawn("streamer", &mut command);
    assert_eq!(streamer.line(), "ready");
    streamer.order("registered true");
    let sockets = network.sockets();
    assert!(sockets.iter().any(|name| name.ends_with("-5e11")), "{sockets:?}");
}

/// Some files of a folder, and what a uStreamer says that cannot start with them.
fn error_of(files: &[(&str, Value)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, json) in files {
        std::fs::write(folder.path().join(name), json.to_string()).unwrap();
    }
    let mut command = Command::new(PEER);
    command.arg("--config").arg(folder.path()).args(["--streamer", "--local", STREAMER]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    text
}

#[test]
fn error_names_file_and_place() {
    let application = json!({ "applications": [{ "name": "streamer", "id": 1 }] });
    for (section, what) in [
        (
            json!({ "payload_fromat": "raw" }),
            "uprotocol.payload_fromat: there is no such option; write `payload_format`",
        ),
        (json!({ "request_ttl": 10 }), "uprotocol.request_ttl: 10 is not a time with its unit"),
        (json!({ "max_listeners": 0 }), "uprotocol.max_listeners: 0 is not a number from 1 to"),
        (
            json!({ "applications": { "x": { "authority": [{ "service": "abc", "authority": "" }] } } }),
            "uprotocol.applications.x.authority[0].service: \\\"abc\\\" is not an id",
        ),
    ] {
        let section = json!({ "uprotocol": section });
        let text = error_of(&[("a.json", application.clone()), ("b.json", section)]);
        assert!(text.contains("INVALID_ARGUMENT"), "{text}");
        assert!(text.contains(&format!("/b.json: {what}")), "{text}");
    }
}

/// That a file is not to be overridden is said in that file.
#[test]
fn strict_file_cannot_be_overridden() {
    let network = network(json!({ "strict_configuration": true }));
    let other = Network::new("streamer");
    let start = |config| {
        let mut command = Command::new(PEER);
        command.arg("--config").arg(config).args(["--streamer", "--local", STREAMER]);
        command.env("VSOMEIP_CONFIGURATION", other.config("streamer", 0x5e00));
        command.stdin(Stdio::null()).output().unwrap()
    };
    let output = start(network.config("streamer", 0x5e00));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("VSOMEIP_CONFIGURATION is set"), "{text}");
    let tolerant = Network::new("streamer");
    assert_eq!(start(tolerant.config("streamer", 0x5e00)).status.code(), Some(0));
}
