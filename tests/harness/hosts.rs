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

//! Two hosts in network namespaces with a network between them: `hpc` for our processes, and `ecu` for one
//! with a foreign SOME/IP stack. They use service discovery.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{json, Value};

use crate::sockets::is_root;
use crate::{client_id, workspace, Network, Peer, TIMEOUT};

/// With this set to 1, tests that have no two hosts fail.
const REQUIRED: &str = "UP_VSOMEIP_REQUIRE_TWO_HOSTS";

/// What must be installed.
const TOOLS: [&str; 7] = ["flock", "ip", "nsenter", "python3", "setpriv", "tshark", "unshare"];

/// The name of our host, of its application and of the process.
pub(crate) const HPC: &str = "hpc";
/// The name of the other host.
pub(crate) const ECU: &str = "ecu";
/// The address of a second one there.
const SECOND_ECU: &str = "10.77.0.3";

/// Two hosts. The namespaces vanish with it, so it must live longer than what runs in them.
pub struct Hosts {
    namespaces: Peer,
    network: Network,
    python: PathBuf,
    /// When service discovery sends what, if it is not as soon as it can.
    timings: Option<Value>,
}

impl Hosts {
    /// Two hosts; or none, and a line that says why, if the system or the user's rights do not
    /// allow it. What has to be downloaded goes to the folder `cache`.
    pub fn new(cache: &str) -> Option<Self> {
        match Self::start(Path::new(cache)) {
            Ok(hosts) => Some(hosts),
            Err(reason) => {
                let is_required = std::env::var(REQUIRED).is_ok_and(|value| value == "1");
                assert!(!is_required, "{REQUIRED} is 1, but there are no two hosts: {reason}");
                let thread = std::thread::current();
                let test = thread.name().unwrap_or_default();
                // Not by a macro: what those print is shown for failed tests only.
                drop(writeln!(std::io::stderr(), "\nSKIPPED two_hosts: {test}: {reason}"));
                None
            }
        }
    }

    fn start(cache: &Path) -> Result<Self, String> {
        if let Some(tool) = TOOLS.iter().find(|tool| !is_installed(tool)) {
            return Err(format!(
                "{tool} is not installed; scripts/install-dependencies --checks does it"
            ));
        }
        let network = Network::new(HPC);
        let namespaces = start_namespaces(&network)?;
        let python = python(cache)?;
        Ok(Self { namespaces, network, python, timings: None })
    }

    /// Has all configurations leave it to vsomeip when it sends what.
    #[must_use]
    pub fn with_default_timings(self) -> Self {
        self.with_timings(json!({}))
    }

    /// The same, but for these settings of service discovery.
    #[must_use]
    pub fn with_timings(self, timings: Value) -> Self {
        Self { timings: Some(timings), ..self }
    }

    /// Adds a key of vsomeip's configuration to all configurations.
    #[must_use]
    pub fn with_setting(self, key: &str, value: Value) -> Self {
        Self { network: self.network.with_setting(key, value), ..self }
    }

    /// Starts our peer on its host. Other hosts can reach the service of its local entity.
    pub fn peer(&self, binary: &str, local: &str) -> Peer {
        self.peer_with(binary, local, &[])
    }

    /// Starts our peer with more options.
    pub fn peer_with(&self, binary: &str, local: &str, options: &[&str]) -> Peer {
        self.peer_on(HPC, binary, local, &own_service(local), options)
    }

    /// Starts our peer with a variable in its environment.
    pub fn peer_with_variable(&self, binary: &str, local: &str, name: &str, value: &str) -> Peer {
        let mut command = self.command_on(HPC);
        self.start_peer(HPC, command.env(name, value), binary, local, &own_service(local), &[])
    }

    /// Starts our peer on a host, `hpc` or `ecu`, whose configuration lists these services.
    pub fn peer_on(
        &self,
        host: &'static str,
        binary: &str,
        local: &str,
        services: &Value,
        options: &[&str],
    ) -> Peer {
        self.start_peer(host, &mut self.command_on(host), binary, local, services, options)
    }

    /// Starts our peer beside the one that hosts the routing manager of a host.
    pub fn peer_beside(
        &self,
        host: &'static str,
        binary: &str,
        name: &str,
        local: &str,
        services: &Value,
    ) -> Peer {
        self.peer_beside_with(host, binary, name, local, services, &[])
    }

    /// Starts our peer beside that one with more options.
    pub fn peer_beside_with(
        &self,
        host: &'static str,
        binary: &str,
        name: &str,
        local: &str,
        services: &Value,
        options: &[&str],
    ) -> Peer {
        let config = self.config(host, name, client_id(local), services);
        let mut command = self.command_on(host);
        command.arg(binary).arg("--config").arg(config);
        let peer = Peer::spawn(name, command.arg("--local").arg(local).args(options));
        assert_eq!(peer.line(), "ready");
        peer
    }

    /// Starts our peer on its host with a given configuration, but for the address and the network.
    pub fn peer_given(&self, binary: &str, local: &str, given: Value, options: &[&str]) -> Peer {
        let mut config = given;
        config["unicast"] = json!(address_of(HPC));
        config["network"] = json!(format!("{}-{HPC}", self.network.name()));
        let mut command = self.command_on(HPC);
        command.arg(binary).arg("--config").arg(self.network.write(HPC, &config));
        let peer = Peer::spawn(HPC, command.arg("--local").arg(local).args(options));
        assert_eq!(peer.line(), "ready");
        peer
    }

    /// The command that starts our peer on its host.
    pub fn peer_command(&self, binary: &str, local: &str, options: &[&str]) -> Command {
        let config = self.config(HPC, HPC, client_id(local), &own_service(local));
        let mut command = self.command_on(HPC);
        command.arg(binary).arg("--config").arg(config);
        command.arg("--local").arg(local).args(options);
        command
    }

    fn start_peer(
        &self,
        host: &'static str,
        command: &mut Command,
        binary: &str,
        local: &str,
        services: &Value,
        options: &[&str],
    ) -> Peer {
        let config = self.config(host, host, client_id(local), services);
        command.arg(binary).arg("--config").arg(config);
        let peer = Peer::spawn(host, command.arg("--local").arg(local).args(options));
        assert_eq!(peer.line(), "ready");
        peer
    }

    /// Starts another one of our peers on our host, whose routing manager is the first.
    pub fn local(&self, binary: &str, name: &str, local: &str) -> Peer {
        self.local_with(binary, name, local, &[])
    }

    /// Starts it with more options.
    pub fn local_with(&self, binary: &str, name: &str, local: &str, options: &[&str]) -> Peer {
        self.start_local(&mut self.command_on(HPC), binary, name, local, options)
    }

    /// Starts it where it reaches the routing manager, but no network.
    pub fn contained(&self, binary: &str, name: &str, local: &str, options: &[&str]) -> Peer {
        let mut command = self.command_on(HPC);
        self.start_local(command.args(["unshare", "--net"]), binary, name, local, options)
    }

    fn start_local(
        &self,
        command: &mut Command,
        binary: &str,
        name: &str,
        local: &str,
        options: &[&str],
    ) -> Peer {
        command.arg(binary).arg("--config").arg(self.local_config(name, local));
        let peer = Peer::spawn(name, command.arg("--local").arg(local).args(options));
        assert_eq!(peer.line(), "ready");
        peer
    }

    /// The configuration of another application on our host, whose routing manager is the first.
    pub fn local_config(&self, name: &str, local: &str) -> PathBuf {
        self.config(HPC, name, client_id(local), &json!([]))
    }

    /// Starts the foreign ECU on its host.
    pub fn ecu(&self) -> Peer {
        self.ecu_with(&[])
    }

    /// Starts the foreign ECU with more arguments.
    pub fn ecu_with(&self, arguments: &[&str]) -> Peer {
        let mut command = self.command_on(ECU);
        command.arg(&self.python).arg(script("ecu.py")).arg(address_of(ECU)).args(arguments);
        let ecu = Peer::spawn(ECU, &mut command);
        assert_eq!(ecu.line(), "ready");
        ecu
    }

    /// Starts an ECU whose messages are unusual, with a foreign service discovery.
    pub fn odd_ecu(&self) -> Peer {
        self.odd_ecu_at(address_of(ECU))
    }

    /// Starts another one, which has an address of its own.
    pub fn second_odd_ecu(&self) -> Peer {
        self.run_on(ECU, &["ip", "address", "add", &format!("{SECOND_ECU}/24"), "dev", "eth0"]);
        self.odd_ecu_at(SECOND_ECU)
    }

    fn odd_ecu_at(&self, address: &str) -> Peer {
        let mut command = self.command_on(ECU);
        command.arg(&self.python).arg(script("odd_ecu.py")).arg(address);
        let ecu = Peer::spawn(address, &mut command);
        assert_eq!(ecu.line(), "ready");
        ecu
    }

    /// Takes the link between the hosts down.
    pub fn unplug(&self) {
        self.run_on(ECU, &["ip", "link", "set", "eth0", "down"]);
    }

    /// Brings the link up again.
    pub fn plug(&self) {
        self.run_on(ECU, &["ip", "link", "set", "eth0", "up"]);
        // It went with the link.
        self.run_on(ECU, &["ip", "route", "add", "224.0.0.0/4", "dev", "eth0"]);
    }

    /// Starts a Python program on a host, which prints `ready` when it is.
    pub fn program_on(&self, host: &str, program: &str) -> Peer {
        let mut command = self.command_on(host);
        let program = Peer::spawn(host, command.arg(&self.python).args(["-c", program]));
        assert_eq!(program.line(), "ready");
        program
    }

    /// Runs a command on a host.
    pub fn run_on(&self, host: &str, command: &[&str]) {
        let status = self.command_on(host).args(command).status().expect("a command");
        assert!(status.success(), "{command:?}: {status}");
    }

    fn config(&self, host: &'static str, name: &str, id: u16, services: &Value) -> PathBuf {
        let mut config = self.network.config_of(name, id);
        config["unicast"] = json!(address_of(host));
        // Both hosts have the same folder for sockets.
        config["network"] = json!(format!("{}-{host}", self.network.name()));
        config["routing"] = json!(host);
        // The upper byte of the client ids that vsomeip assigns. It must differ between hosts.
        config["diagnosis"] = json!(if host == HPC { "0x11" } else { "0x12" });
        config["services"] = services.clone();
        if let Some(timings) = &self.timings {
            config["service-discovery"] = timings.clone();
            let discovery = &mut config["service-discovery"];
            discovery["multicast"] = json!("224.244.224.245");
            return self.network.write(name, &config);
        }
        config["service-discovery"] = json!({
            "enable": "true",
            "multicast": "224.244.224.245",
            "port": "30490",
            "protocol": "udp",
            "initial_delay_min": "0",
            "initial_delay_max": "10",
            "repetitions_base_delay": "10",
            "repetitions_max": "3",
            "ttl": "3",
            "cyclic_offer_delay": "200",
            "request_response_delay": "5",
            "offer_debounce_time": "10",
            "find_debounce_time": "10",
        });
        // Or else vsomeip holds messages back.
        config["npdu-default-timings"] = json!({
            "debounce-time-request": "0",
            "debounce-time-response": "0",
            "max-retention-time-request": "0",
            "max-retention-time-response": "0",
        });
        self.network.write(name, &config)
    }

    /// The beginning of a command that runs on a host.
    pub fn command_on(&self, host: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.namespaces.id().to_string()).args(["--net", "--mount"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.args(["ip", "netns", "exec", host]);
        command
    }

    /// A folder that is removed at the end.
    pub(crate) fn directory(&self) -> &Path {
        self.network.directory.path()
    }
}

/// The service of a local entity, as its own host lists it.
fn own_service(local: &str) -> Value {
    let service = format!("{:#06x}", client_id(local));
    json!([{ "service": service, "instance": "1", "unreliable": "30501" }])
}

/// Starts the process that holds the namespaces.
fn start_namespaces(network: &Network) -> Result<Peer, String> {
    let errors = network.directory.path().join("namespaces.log");
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount"]).stderr(File::create(&errors).expect("a file"));
    if !is_root() {
        command.arg("--map-root-user");
    }
    command.args(network.sockets.wrapper()).arg(script("network"));
    let namespaces = Peer::spawn("namespaces", &mut command);
    match namespaces.lines.recv_timeout(TIMEOUT) {
        Ok(line) if line == "ready" => Ok(namespaces),
        _ => {
            let reason = std::fs::read_to_string(errors).unwrap_or_default();
            Err(format!("no network namespaces: {}", reason.trim()))
        }
    }
}

/// The Python that has the foreign stack; made at the first use.
fn python(cache: &Path) -> Result<PathBuf, String> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let make = || {
        let venv = cache.join("two-hosts-venv");
        let made = Command::new(script("make-venv")).arg(&venv).output();
        let made = made.map_err(|error| error.to_string())?;
        match made.status.success() {
            true => Ok(venv.join("bin/python")),
            false => {
                let reason = String::from_utf8_lossy(&made.stderr);
                Err(format!("no Python environment: {}", reason.trim()))
            }
        }
    };
    PYTHON.get_or_init(make).clone()
}

pub(crate) fn address_of(host: &str) -> &'static str {
    match host {
        HPC => "10.77.0.1",
        ECU => "10.77.0.2",
        _ => panic!("there is no host {host}"),
    }
}

fn script(name: &str) -> PathBuf {
    workspace().join("tests/two_hosts").join(name)
}

fn is_installed(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}
