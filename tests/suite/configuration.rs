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

//! The transport uses the same configuration as vsomeip. The socket's name shows which network vsomeip
//! uses; whether a late subscriber gets a field's value shows what the transport uses.

use std::path::Path;
use std::process::Command;

use harness::{Network, Peer};
use serde_json::{json, Value};
use tempfile::TempDir;

use crate::PEER;

const METHOD: &str = "//service/5700/1/421";
const SERVICE: &str = "//service/5700/1/0";
const TOPIC: &str = "//service/5700/1/8001";
const CLIENT: &str = "//client/5701/1/0";

/// The event of the service, which may be a field.
fn event(is_field: bool) -> Value {
    json!([{ "service": "0x5700", "instance": "1",
             "events": [{ "event": "0x8001", "is_field": is_field }] }])
}

/// Has a service publish to a field before a client of its network subscribes to it.
fn publish_before_subscription(service: &mut Peer, network: &Network) {
    service.order(&format!("publish {TOPIC} 42 1"));
    let mut client = Scene::given(&network.config("client", 0x5701), CLIENT).start();
    client.order(&format!("subscribe {TOPIC}"));
    assert_eq!(client.ask("received 1"), "42..42");
    client.end();
}

/// A peer in an empty folder of its own.
struct Scene {
    folder: TempDir,
    command: Command,
}

impl Scene {
    /// With a configuration in memory.
    fn new(network: &Network, name: &str, local: &str) -> Self {
        let mut scene = Self::of(local);
        let routing = ["--network", network.name(), "--routing", "service"];
        scene.command.args(["--application", name]).args(routing);
        scene
    }

    /// With a file or folder as its configuration.
    fn given(config: &Path, local: &str) -> Self {
        let mut scene = Self::of(local);
        scene.command.arg("--config").arg(config);
        scene
    }

    fn of(local: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(PEER);
        command.args(["--local", local]).current_dir(folder.path());
        Self { folder, command }
    }

    fn in_working_directory(self, relative: &str, config: &Path) -> Self {
        let path = self.folder.path().join(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(config, path).unwrap();
        self
    }

    fn with_variable(mut self, name: &str, config: &Path) -> Self {
        self.command.env(name, config);
        self
    }

    fn strict(mut self) -> Self {
        self.command.arg("--strict");
        self
    }

    fn start(&mut self) -> Peer {
        let peer = Peer::spawn("peer", &mut self.command);
        assert_eq!(peer.line(), "ready");
        peer
    }

    /// The exit code of a peer that cannot start.
    fn fail(&mut self) -> Option<i32> {
        Peer::spawn("peer", &mut self.command).wait().code()
    }
}

#[test]
fn peers_configured_in_memory_find_each_other() {
    let network = Network::new("service");
    let mut service = Scene::new(&network, "service", SERVICE).strict().start();
    service.order(&format!("serve {METHOD}"));
    let mut client = Scene::new(&network, "client", CLIENT).strict().start();
    assert_eq!(client.ask(&format!("call {METHOD} 10 10 60000")), "answered 10 failed {}");
    assert!(network.is_up());
    client.end();
    service.end();
}

type Override = fn(Scene, &Path) -> Scene;

/// What vsomeip goes by in place of what it is given.
const OVERRIDES: [(&str, Override); 4] = [
    ("variable", |scene, config| scene.with_variable("VSOMEIP_CONFIGURATION", config)),
    ("own variable", |scene, config| scene.with_variable("VSOMEIP_CONFIGURATION_service", config)),
    ("file", |scene, config| scene.in_working_directory("vsomeip.json", config)),
    ("folder", |scene, config| scene.in_working_directory("vsomeip/any.json", config)),
];

#[test]
fn override_applies_to_vsomeip_and_transport() {
    for (what, add) in OVERRIDES {
        let given = Network::new("service");
        let other = Network::new("service").with_services(event(true));
        let config = other.config("service", 0x5700);
        let scene = || add(Scene::new(&given, "service", SERVICE), &config);
        assert_eq!(scene().strict().fail(), Some(1), "{what}");
        let mut scene = scene();
        let mut service = scene.start();
        // vsomeip works off what it is asked for once it runs.
        service.order(&format!("serve {METHOD}"));
        service.ask_until("metrics", |_| other.is_up());
        assert!(!given.is_up(), "{what}");
        publish_before_subscription(&mut service, &other);
        service.end();
    }
}

#[test]
fn variable_naming_given_file_hides_others() {
    let (given, other) = (Network::new("service"), Network::new("service"));
    let config = given.config("service", 0x5700);
    let mut scene = Scene::given(&config, SERVICE)
        .in_working_directory("vsomeip.json", &other.config("service", 0x5700))
        .with_variable("VSOMEIP_CONFIGURATION", &config)
        .strict();
    let mut service = scene.start();
    service.ask_until("metrics", |_| given.is_up());
    assert!(!other.is_up());
    service.end();
}

#[test]
fn first_file_of_given_folder_counts() {
    let first = Network::new("service").with_services(event(true));
    let second = Network::new("service").with_services(event(false));
    let folder = tempfile::tempdir().unwrap();
    for (name, network) in [("b.json", &second), ("a.json", &first)] {
        std::fs::copy(network.config("service", 0x5700), folder.path().join(name)).unwrap();
    }
    let mut service = Scene::given(folder.path(), SERVICE).strict().start();
    service.ask_until("metrics", |_| first.is_up());
    assert!(!second.is_up());
    publish_before_subscription(&mut service, &first);
    service.end();
}

#[test]
fn byte_order_mark_is_skipped() {
    let network = Network::new("service");
    let config = network.config("service", 0x5700);
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("\u{feff}{text}")).unwrap();
    let mut service = Scene::given(&config, SERVICE).strict().start();
    service.ask_until("metrics", |_| network.is_up());
    service.end();
}

/// What vsomeip cannot read of a file in its way, it replaces by defaults; so does the transport.
#[test]
fn malformed_override_is_survived() {
    let (given, other) = (Network::new("service"), Network::new("service"));
    let folder = tempfile::tempdir().unwrap();
    let malformed = folder.path().join("malformed.json");
    std::fs::write(&malformed, "{").unwrap();
    let mut service = Scene::new(&given, "service", SERVICE)
        .in_working_directory("vsomeip/a.json", &malformed)
        .in_working_directory("vsomeip/b.json", &other.config("service", 0x5700))
        .start();
    service.ask_until("metrics", |_| other.is_up());
    assert!(!given.is_up());
    service.end();
}

#[test]
fn configuration_module_is_an_error() {
    let network = Network::new("service");
    let config = network.config("service", 0x5700);
    let mut scene = Scene::new(&network, "service", SERVICE)
        .with_variable("VSOMEIP_CONFIGURATION_MODULE", &config);
    assert_eq!(scene.fail(), Some(1));
}

#[test]
fn second_configuration_of_process_is_refused() {
    let network = Network::new("service");
    let mut service = Scene::new(&network, "service", SERVICE).strict().start();
    let answer = service.ask("second another");
    if reads_one_per_process() {
        let text =
            "vsomeip 3.4.10 reads one configuration per process: the configuration in memory";
        assert!(answer.contains(text), "{answer}");
    } else {
        assert_eq!(answer, "ok");
    }
    // That was said before vsomeip got to know it: all goes on.
    service.order(&format!("serve {METHOD}"));
    service.end();
}

#[test]
fn second_transport_uses_first_configuration() {
    if !reads_one_per_process() {
        return;
    }
    let network = Network::new("service").with_services(event(true));
    let config = network.config("service", 0x5700);
    let mut service = Scene::given(&config, SERVICE).start();
    let network = network.with_services(event(false));
    network.config("service", 0x5700);
    service.order("restart");
    publish_before_subscription(&mut service, &network.with_services(event(true)));
    service.end();
}

fn reads_one_per_process() -> bool {
    let mut numbers = vsomeip_sys::VSOMEIP_VERSION.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next(), numbers.next()) < (Some(3), Some(5))
}
