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

//! Messages keep their order, also if the configuration does not set `max_dispatchers`.

use std::fs::File;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use harness::{repeat, Network, Peer};
use serde_json::{json, Value};
use vsomeip_sys::has_one_dispatcher_by_default;

use crate::{PEER, PLAIN};

const LISTENER: &str = "//host/5F00/1/0";
const METHOD: &str = "//host/5F00/1/421";
const SENDER: &str = "//sender/5F01/1/0";
const TOPIC: &str = "//sender/5F01/1/8001";

/// A configuration as users have it, which says nothing of dispatchers unless it is told to.
fn config(network: &Network, routing: &str, application: &Value) -> Value {
    json!({
        "unicast": "127.0.0.1",
        "network": network.name(),
        "logging": { "level": "info" },
        "applications": [{ "name": "other", "id": "0x5f77" }, application],
        "uprotocol": { "application": "listener" },
        "routing": routing,
        "service-discovery": { "enable": "false" },
    })
}

fn silent() -> Value {
    json!({ "name": "listener", "id": "0x5f00", "max_dispatch_time": "77" })
}

/// A uStreamer-like process, and what it logs.
struct Listener {
    network: Network,
    peer: Peer,
}

impl Listener {
    fn of(application: &Value) -> Self {
        let network = Network::new("sender");
        let config = config(&network, "listener", application);
        let file = written(&network, "listener.json", &config);
        Self::start(network, &file, &[])
    }

    fn start(network: Network, config: &Path, variables: &[(&str, &Path)]) -> Self {
        let mut command = network.command(PEER);
        command.args(["--streamer", "--local", LISTENER, "--config"]).arg(config);
        command.current_dir(network.folder());
        command.env("RUST_LOG", "info").envs(variables.iter().copied());
        command.stderr(File::create(network.folder().join("log")).unwrap());
        let peer = Peer::spawn("listener", &mut command);
        assert_eq!(peer.line(), "ready");
        Self { network, peer }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.network.folder().join("log")).unwrap()
    }

    #[track_caller]
    fn assert_dispatchers(&self, count: usize, time: usize) {
        assert_dispatchers("listener", count, time, || self.log());
    }

    /// Its warnings about dispatchers.
    fn warnings(&self) -> Vec<String> {
        let log = self.log();
        let lines = log.lines().filter(|line| line.contains(" WARN ") && line.contains("max_disp"));
        lines.map(str::to_owned).collect()
    }

    #[track_caller]
    fn assert_ordered(&self) {
        self.assert_dispatchers(1, 77);
        assert_eq!(self.warnings(), [""; 0]);
    }

    #[track_caller]
    fn assert_warned(&self, text: &str) {
        let warnings = self.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(text), "{warnings:?}");
        assert!(warnings[0].contains("messages may be reordered"), "{warnings:?}");
    }
}

/// vsomeip says how many dispatchers there are, and after what time one counts as blocked.
#[track_caller]
fn assert_dispatchers(application: &str, count: usize, time: usize, log: impl Fn() -> String) {
    let begin = format!("Application({application}, ");
    let end = format!("is initialized ({count}, {time}).");
    let is_said = |line: &str| line.contains(&begin) && line.contains(&end);
    repeat(|| {
        let log = log();
        if log.lines().any(is_said) {
            Ok(())
        } else {
            Err(log)
        }
    });
}

/// A file in the folder of a network.
fn written(network: &Network, name: &str, config: &Value) -> PathBuf {
    let path = network.folder().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, config.to_string()).unwrap();
    path
}

/// While another listener for them blocks its thread.
#[test]
fn order_is_preserved_without_dispatchers_key() {
    let network = Network::new("sender");
    let config = config(&network, "sender", &silent());
    let file = written(&network, "listener.json", &config);
    let mut sender = network.peer(PEER, "sender", SENDER);
    let Listener { peer, .. } = &mut Listener::start(network, &file, &[]);
    peer.order(&format!("subscribe {TOPIC}"));
    peer.order(&format!("gate blocks slow {TOPIC}"));
    peer.connect(&mut sender, TOPIC);
    peer.order("entered slow 1");
    sender.order(&format!("publish {TOPIC} 1 10000"));
    assert_eq!(peer.ask("received 10000"), "1..10000");
    peer.order("open slow");
    peer.order(&format!("take {METHOD}"));
    sender.order(&format!("request-only {METHOD} 10000 600000"));
    assert_eq!(peer.ask("received 10000"), "1..10000");
}

#[test]
fn silent_file_has_one_dispatcher() {
    Listener::of(&silent()).assert_ordered();
}

#[test]
fn section_keeps_other_settings() {
    let network = Network::new("sender");
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config = config(&network, "listener", &silent());
    config["services"] = json!([{ "service": "0x5f00", "instance": "1", "unreliable": port }]);
    let file = written(&network, "listener.json", &config);
    let mut listener = Listener::start(network, &file, &[]);
    listener.assert_ordered();
    listener.peer.order("registered true");
    listener.peer.order(&format!("serve {METHOD}"));
    repeat(|| match UdpSocket::bind(("127.0.0.1", port)) {
        Ok(_) => Err(format!("port {port} is free")),
        Err(_) => Ok(()),
    });
    let sockets = listener.network.sockets();
    assert!(sockets.iter().any(|name| name.ends_with("-5f00")), "{sockets:?}");
}

#[test]
fn unlisted_application_has_one_dispatcher() {
    let listener = Listener::of(&json!({ "name": "another" }));
    listener.assert_dispatchers(1, 100);
    assert_eq!(listener.warnings(), [""; 0]);
}

#[test]
fn folder_has_one_dispatcher() {
    let network = Network::new("sender");
    let mut config = config(&network, "listener", &json!({ "name": "third" }));
    written(&network, "conf/a.json", &config);
    config["applications"] = json!([silent()]);
    written(&network, "conf/b.json", &config);
    let folder = network.folder().join("conf");
    Listener::start(network, &folder, &[]).assert_ordered();
}

#[test]
fn more_dispatchers_are_a_warning() {
    let application = json!({ "name": "listener", "id": "0x5f00", "max_dispatchers": "10" });
    let listener = Listener::of(&application);
    listener.assert_dispatchers(11, 100);
    listener.assert_warned("`max_dispatchers` of the application \"listener\" is 10");
}

/// How vsomeip finds a file by itself: a name in the folder that a process starts in, a variable.
const FOUND: [(&str, Option<&str>); 5] = [
    ("vsomeip.json", None),
    ("vsomeip/a.json", None),
    ("found.json", Some("VSOMEIP_CONFIGURATION")),
    ("found.json", Some("VSOMEIP_CONFIGURATION_listener")),
    ("folder/a.json", Some("VSOMEIP_CONFIGURATION")),
];

impl Listener {
    /// Of which vsomeip finds the configuration by itself.
    fn finding(application: &Value, name: &str, variable: Option<&str>) -> Self {
        let network = Network::new("sender");
        let config = config(&network, "listener", application);
        let found = written(&network, name, &config);
        let named = if name.starts_with("folder/") { found.parent().unwrap() } else { &*found };
        // One that says nothing at all, in which the transport could have all its own way.
        let given = network.config_with(r#""uprotocol": { "application": "listener" }"#);
        let variables: Vec<_> = variable.map(|variable| (variable, named)).into_iter().collect();
        Self::start(network, &given, &variables)
    }
}

/// With an installed vsomeip, there is a warning.
#[test]
fn found_files_have_one_dispatcher() {
    for (name, variable) in FOUND {
        let listener = Listener::finding(&silent(), name, variable);
        if has_one_dispatcher_by_default() {
            listener.assert_ordered();
        } else {
            listener.assert_dispatchers(11, 77);
            listener
                .assert_warned("there is no `max_dispatchers` for the application \"listener\"");
        }
    }
}

#[test]
fn found_files_may_ask_for_more() {
    let application = json!({ "name": "listener", "max_dispatchers": 3, "max_dispatch_time": 77 });
    for (name, variable) in FOUND {
        let listener = Listener::finding(&application, name, variable);
        listener.assert_dispatchers(4, 77);
        listener.assert_warned("`max_dispatchers` of the application \"listener\" is 3");
    }
}

/// vsomeip takes it for none.
#[test]
fn empty_number_has_one_dispatcher() {
    let mut application = silent();
    application["max_dispatchers"] = json!("");
    let listener = Listener::of(&application);
    listener.assert_dispatchers(1, 77);
    let warnings = listener.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("vsomeip cannot read"), "{warnings:?}");
}

/// An installed vsomeip needs one.
#[test]
fn order_needs_no_temporary_file() {
    let network = Network::new("sender");
    let config = config(&network, "listener", &silent());
    let file = written(&network, "listener.json", &config);
    let nowhere = network.folder().join("nowhere");
    let listener = Listener::start(network, &file, &[("TMPDIR", nowhere.as_path())]);
    if has_one_dispatcher_by_default() {
        listener.assert_ordered();
    } else {
        listener.assert_dispatchers(11, 77);
        let log = listener.log();
        assert!(log.contains("`max_dispatchers` cannot be added: no copy can be written"), "{log}");
    }
}

/// With the same vsomeip.
#[test]
fn plain_application_keeps_its_dispatchers() {
    let network = Network::new("plain");
    let config = config(&network, "plain", &json!({ "name": "plain", "max_dispatch_time": "77" }));
    let log = network.folder().join("log");
    let mut command = network.command(PLAIN);
    command.args(["plain", "5f02"]).stdout(File::create(&log).unwrap());
    command.env("VSOMEIP_CONFIGURATION", written(&network, "plain.json", &config));
    let mut plain = command.stdin(Stdio::piped()).spawn().unwrap();
    assert_dispatchers("plain", 11, 77, || std::fs::read_to_string(&log).unwrap());
    drop(plain.stdin.take());
    assert!(plain.wait().unwrap().success());
}
