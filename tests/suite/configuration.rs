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

//! Which configuration vsomeip really goes by: the name of the network is in that of its socket.

use std::path::Path;
use std::process::Command;

use harness::{Network, Peer};
use tempfile::TempDir;

use crate::PEER;

const METHOD: &str = "//service/5700/1/421";
const SERVICE: &str = "//service/5700/1/0";
const CLIENT: &str = "//client/5701/1/0";

/// A peer with a configuration in memory, in an empty folder of its own.
struct Scene {
    folder: TempDir,
    command: Command,
}

impl Scene {
    fn new(network: &Network, name: &str, local: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(PEER);
        command.args(["--application", name, "--network", network.name(), "--routing", "service"]);
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
fn peers_with_configurations_in_memory_find_each_other() {
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
fn what_is_said_to_override_a_configuration_does_override_it() {
    for (what, add) in OVERRIDES {
        let (given, other) = (Network::new("service"), Network::new("service"));
        let config = other.config("service", 0x5700);
        let scene = || add(Scene::new(&given, "service", SERVICE), &config);
        assert_eq!(scene().strict().fail(), Some(1), "{what}");
        let mut scene = scene();
        let mut service = scene.start();
        // vsomeip works off what it is asked for once it runs.
        service.order(&format!("serve {METHOD}"));
        service.ask_until("metrics", |_| other.is_up());
        assert!(!given.is_up(), "{what}");
        service.end();
    }
}

#[test]
fn the_variable_that_names_the_given_file_keeps_others_away() {
    let (given, other) = (Network::new("service"), Network::new("service"));
    let config = given.config("service", 0x5700);
    let mut scene = Scene::new(&given, "service", SERVICE)
        .in_working_directory("vsomeip.json", &other.config("service", 0x5700))
        .with_variable("VSOMEIP_CONFIGURATION", &config)
        .strict();
    let mut command = Command::new(PEER);
    command.current_dir(scene.folder.path()).arg("--strict").arg("--config").arg(&config);
    command.args(["--local", SERVICE]).env("VSOMEIP_CONFIGURATION", &config);
    scene.command = command;
    let mut service = scene.start();
    service.ask_until("metrics", |_| given.is_up());
    assert!(!other.is_up());
    service.end();
}

#[test]
fn what_vsomeip_would_not_survive_is_an_error() {
    let network = Network::new("service");
    let config = network.config("service", 0x5700);
    let mut scene = Scene::new(&network, "service", SERVICE)
        .with_variable("VSOMEIP_CONFIGURATION_MODULE", &config);
    assert_eq!(scene.fail(), Some(1));
}

#[test]
fn a_second_configuration_in_a_process_is_refused_where_vsomeip_would_not_read_it() {
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

fn reads_one_per_process() -> bool {
    let mut numbers = vsomeip_sys::VSOMEIP_VERSION.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next(), numbers.next()) < (Some(3), Some(5))
}
