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

//! Runs the tool.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::thread;
use std::time::Duration;

use harness::{repeat, Network};
use serde_json::Value;

/// The program.
pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_up-someip");
/// How long to wait for what must happen, before a test is given up.
const TIMEOUT: Duration = Duration::from_secs(60);
/// For the tool: what must happen may take long on a busy machine.
pub(crate) const PATIENT: [&str; 4] = ["--wait", "60s", "--ttl", "60s"];

/// A network for the tool.
pub(crate) struct Bench {
    network: Network,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { network: Network::new("up-someip") }
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// The beginning of a command line in this network.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.network.command(TOOL);
        command.env_remove("VSOMEIP_CONFIGURATION").env_remove("RUST_LOG");
        command.args(["--network", self.network.name()]).args(arguments);
        command
    }

    /// Runs the tool to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs it with something at its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Outcome {
        let mut child = piped(&mut self.command(arguments));
        child.stdin.take().unwrap().write_all(input).unwrap();
        Outcome::of(child.wait_with_output().unwrap())
    }

    /// Starts it, and waits until it has said this at its standard error.
    pub(crate) fn start(&self, arguments: &[&str], ready: &str) -> Running {
        let running = Running::spawn(&mut self.command(arguments));
        running.wait_for(ready);
        running
    }

    /// Starts a service that echoes.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Running {
        self.start(&[&["serve", "0x1234.1"], arguments].concat(), "serving //up-someip/1234/1/FFFF")
    }
}

fn piped(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What came of a command line.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Checks the exit status and returns what was printed.
    #[track_caller]
    pub(crate) fn prints(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        self.out
    }

    /// Checks that it succeeded, and reads the only line as JSON.
    #[track_caller]
    pub(crate) fn json(self, code: i32) -> Value {
        let out = self.prints(code);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    /// Checks that it failed with this status and said this.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in {self:?}");
        }
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

/// A command that runs.
pub(crate) struct Running {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Running {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = piped(command);
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// The next line at the standard output.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        match self.out.recv_timeout(TIMEOUT) {
            Ok(line) => line,
            Err(error) => panic!("{error}: {:?}", self.err.try_iter().collect::<Vec<_>>()),
        }
    }

    /// Waits for a line at the standard error with this in it.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let mut seen = Vec::new();
        loop {
            match self.err.recv_timeout(TIMEOUT) {
                Ok(line) if line.contains(text) => return,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no {text:?}: {error}: {seen:?}"),
            }
        }
    }

    /// Sends a signal, by name.
    pub(crate) fn signal(&self, signal: &str) {
        let arguments = [format!("-{signal}"), self.child.id().to_string()];
        assert!(Command::new("kill").args(arguments).status().unwrap().success());
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let child = &mut self.child;
        repeat(|| {
            thread::sleep(Duration::from_millis(5));
            child.try_wait().unwrap().ok_or_else(|| "it does not end".to_owned())
        })
    }

    /// Ends it as Ctrl-C does, and returns the exit status.
    pub(crate) fn interrupt(&mut self) -> Option<i32> {
        self.signal("INT");
        self.wait().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
