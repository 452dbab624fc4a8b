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

//! Networks and processes for the tests. Each network has its own name and socket folder, so tests run in
//! parallel. Processes end and sockets are removed with their network.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod decoder;
mod hosts;
mod sockets;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{channel, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use tempfile::TempDir;

pub use decoder::{Header, Wire};
pub use hosts::Hosts;
use sockets::Sockets;

/// The timeout for anything that must happen. No test measures time.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The applications of one routing manager.
pub struct Network {
    name: String,
    directory: TempDir,
    sockets: Sockets,
    routing: String,
    services: Value,
    settings: Vec<(String, Value)>,
}

impl Network {
    /// A network whose routing manager is the application of the given name.
    pub fn new(routing: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("up-test-{}-{count}", std::process::id());
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self {
            sockets: Sockets::new(&name, directory.path()),
            name,
            directory,
            routing: routing.to_owned(),
            services: json!([]),
            settings: Vec::new(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A folder visible to its processes.
    pub fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// Whether its routing manager runs, which is known by the socket.
    pub fn is_up(&self) -> bool {
        std::env::temp_dir().join(format!("{}-0", self.name)).exists()
    }

    /// Lists these services in all configurations, as `services` of vsomeip's configuration.
    #[must_use]
    pub fn with_services(self, services: Value) -> Self {
        let mut network = self;
        network.services = services;
        network
    }

    /// Adds a key of vsomeip's configuration to all configurations.
    #[must_use]
    pub fn with_setting(mut self, key: &str, value: Value) -> Self {
        self.settings.push((key.to_owned(), value));
        self
    }

    /// The configuration of an application in this network.
    pub fn config(&self, name: &str, id: u16) -> PathBuf {
        self.write(name, &self.config_of(name, id))
    }

    fn config_of(&self, name: &str, id: u16) -> Value {
        let mut config = json!({
            "unicast": "127.0.0.1",
            "network": self.name,
            "logging": { "level": "warning", "console": "true", "dlt": "false" },
            "applications": [{ "name": name, "id": format!("{id:#06x}"), "max_dispatchers": "0" }],
            "routing": self.routing,
            "services": self.services,
            "service-discovery": { "enable": "false" },
        });
        for (key, value) in &self.settings {
            config[key] = value.clone();
        }
        config
    }

    /// A configuration with the name of this network and these keys, as they are.
    pub fn config_with(&self, keys: &str) -> PathBuf {
        let path = self.directory.path().join("keys.json");
        let text = format!(r#"{{ "network": "{}", {keys} }}"#, self.name);
        std::fs::write(&path, text).expect("a configuration file");
        path
    }

    fn write(&self, name: &str, config: &Value) -> PathBuf {
        let path = self.directory.path().join(format!("{name}.json"));
        std::fs::write(&path, in_reading_order(config)).expect("a configuration file");
        path
    }

    /// The beginning of a command that runs in this network.
    pub fn command(&self, binary: impl AsRef<OsStr>) -> Command {
        self.sockets.command(binary)
    }

    /// The beginning of a command that runs in this network with the rights of a user, or else with
    /// our own. Only root can give it those of another one.
    pub fn command_of(&self, user: Option<u32>, binary: impl AsRef<OsStr>) -> Command {
        self.sockets.command_of(user, binary)
    }

    /// Whether the socket folder is the network's own: that needs the right to mount.
    pub fn has_own_sockets(&self) -> bool {
        sockets::can_mount()
    }

    /// The names of the network's sockets and of its lock.
    pub fn sockets(&self) -> Vec<String> {
        self.sockets.files()
    }

    /// Starts a peer whose application has the given name, and the id of the local entity.
    pub fn peer(&self, binary: &str, name: &str, local: &str) -> Peer {
        self.peer_with(binary, name, local, &[])
    }

    /// Starts a peer with more options.
    pub fn peer_with(&self, binary: &str, name: &str, local: &str, options: &[&str]) -> Peer {
        let mut command = self.command(binary);
        command.arg("--config").arg(self.config(name, client_id(local))).args(options);
        let peer = Peer::spawn(name, command.arg("--local").arg(local));
        assert_eq!(peer.line(), "ready");
        peer
    }
}

/// vsomeip reads the keys of a service as they come: ports before events, and these before their groups.
fn in_reading_order(value: &Value) -> String {
    let rank = |key: &str| match key {
        "eventgroups" => 2,
        "events" => 1,
        _ => 0,
    };
    match value {
        Value::Object(object) => {
            let mut keys: Vec<_> = object.keys().collect();
            keys.sort_by_key(|key| rank(key));
            let member =
                |key: &String| format!("{}:{}", json!(key), in_reading_order(&object[key]));
            format!("{{{}}}", keys.into_iter().map(member).collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(in_reading_order).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// The client id for an entity: the service id in its URI. No client has the id 0, which is that of
/// the service USubscription: vsomeip chooses another.
fn client_id(local: &str) -> u16 {
    const ANY: u16 = 0xffff;
    let entity = local.split('/').nth(3).expect("an entity in the URI");
    match u16::from_str_radix(entity, 16).expect("an entity id of 16 bits") {
        0 => ANY,
        id => id,
    }
}

/// A process that exchanges lines with the test.
pub struct Peer {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Peer {
    /// Starts a process.
    pub fn spawn(name: &str, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // vsomeip's log and the peer's answers share the standard output.
                if is_log_line(&line) {
                    eprintln!("{line}");
                } else if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { name: name.to_owned(), input: child.stdin.take(), child, lines }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the next line.
    pub fn line(&self) -> String {
        match self.lines.recv_timeout(TIMEOUT) {
            Ok(line) => line,
            Err(error) => panic!("{} says nothing: {error}", self.name),
        }
    }

    /// The next line, if it comes soon.
    pub fn line_soon(&self) -> Option<String> {
        self.lines.recv_timeout(Duration::from_millis(20)).ok()
    }

    /// Waits for a line, and repeats an action until it comes.
    pub fn line_while(&self, mut again: impl FnMut()) -> String {
        repeat(|| {
            again();
            self.line_soon().ok_or_else(|| format!("{} says nothing", self.name))
        })
    }

    /// Makes a publisher probe a topic until this peer, which listens to it, receives a probe.
    pub fn connect(&mut self, publisher: &mut Peer, topic: &str) {
        self.tell(&format!("connected {topic}"));
        assert_eq!(self.line_while(|| publisher.order(&format!("probe {topic}"))), "ok");
    }

    /// Sends a command without waiting for the answer.
    pub fn tell(&mut self, command: &str) {
        let input = self.input.as_mut().expect("an open input");
        writeln!(input, "{command}").unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Sends a command and waits for the answer.
    pub fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.line()
    }

    /// Repeats a command until the answer is as expected.
    pub fn ask_until(&mut self, command: &str, is_wanted: impl Fn(&str) -> bool) {
        repeat(|| {
            let answer = self.ask(command);
            if is_wanted(&answer) {
                Ok(())
            } else {
                Err(format!("{}: {command}: {answer}", self.name))
            }
        });
    }

    /// Sends a command whose answer must be `ok`.
    pub fn order(&mut self, command: &str) {
        assert_eq!(self.ask(command), "ok", "{}: {command}", self.name);
    }

    /// Sends a signal, by name.
    pub fn signal(&self, signal: &str) {
        let arguments = [format!("-{signal}"), self.id().to_string()];
        let status = Command::new("kill").args(arguments).status().expect("kill");
        assert!(status.success(), "{}: {status}", self.name);
    }

    /// Closes the input, by which a peer ends, and waits for the end.
    pub fn end(mut self) {
        drop(self.input.take());
        let status = self.wait();
        assert!(status.success(), "{}: {status}", self.name);
    }

    /// Waits for the end of the process.
    pub fn wait(&mut self) -> ExitStatus {
        repeat(|| {
            // Its output ends with it, mostly a moment before.
            self.line_soon();
            let status = self.child.try_wait().expect("an exit status");
            status.ok_or_else(|| format!("{} does not end", self.name))
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Repeats something until it succeeds. After the timeout, the test fails with the last reason.
pub fn repeat<T>(mut again: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match again() {
            Ok(value) => return value,
            Err(reason) => assert!(start.elapsed() < TIMEOUT, "{reason}"),
        }
    }
}

fn is_log_line(line: &str) -> bool {
    line.get(..5).is_some_and(|start| start.starts_with("20") && start.ends_with('-'))
}

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder above")
}
