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

//! A measured process, and its costs as seen from outside, in the same way for all languages.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;

use crate::peer::Measured;
use crate::runner::Failure;

/// The timeout for anything that must happen, such as the arrival of a message that was lost.
const TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// How long a heap must not change to be at rest.
const REST: Duration = Duration::from_millis(200);

/// Ends with this.
pub(crate) struct Process {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    counts: Option<PathBuf>,
}

/// What `cpp/count_allocations.cpp` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heap {
    /// Allocations since the process was started.
    pub(crate) allocations: u64,
    pub(crate) live_bytes: u64,
}

impl Process {
    /// Starts a process, whose heap is counted into the file `counts`.
    pub(crate) fn start(
        program: &Path,
        role: &str,
        config: &Path,
        options: &[String],
        counts: Option<&Path>,
    ) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.arg(role).arg("--config").arg(config).args(options);
        // They would take precedence over the configuration.
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("VSOMEIP_") {
                command.env_remove(variable);
            }
        }
        if let Some(counts) = counts {
            File::create(counts)?.set_len(16)?;
            command.env("LD_PRELOAD", env!("COUNT_ALLOCATIONS"));
            command.env("BENCHMARK_ALLOCATIONS", counts);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let name = format!("{} {role} {}", program.display(), options.join(" "));
        let counts = counts.map(Path::to_owned);
        Ok(Self { name, input: child.stdin.take(), child, lines, counts })
    }

    pub(crate) fn wait_until_ready(&self) -> Result<(), Failure> {
        match self.line()?.as_str() {
            "ready" => Ok(()),
            other => Err(format!("{} says {other:?}, not that it is ready", self.name).into()),
        }
    }

    /// Asks for a measurement.
    pub(crate) fn go(&mut self) -> Result<(), Failure> {
        let input = self.input.as_mut().ok_or("no pipe")?;
        Ok(input.write_all(b"go\n")?)
    }

    /// The result of a measurement.
    ///
    /// # Errors
    ///
    /// Fails if messages were lost or reordered.
    pub(crate) fn measured(&self) -> Result<Measured, Failure> {
        let measured: Measured = serde_json::from_str(&self.line()?)?;
        match measured.out_of_order {
            0 => Ok(measured),
            count => Err(format!(
                "LOST OR REORDERED: {count} messages came out of order at {}",
                self.name
            )
            .into()),
        }
    }

    fn line(&self) -> Result<String, Failure> {
        self.lines.recv_timeout(TIMEOUT).map_err(|_| {
            let name = &self.name;
            format!("LOST: not everything arrived within {TIMEOUT:?}, says {name}").into()
        })
    }

    /// The processor time that all of its threads have used.
    pub(crate) fn cpu_time(&self) -> Result<Duration, Failure> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?);
        Ok(clock_getcpuclockid(pid)?.now()?.into())
    }

    /// The most memory that it had at any time, in KiB.
    pub(crate) fn peak_memory_kib(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
        Ok(number.parse()?)
    }

    pub(crate) fn heap(&self) -> Result<Heap, Failure> {
        let bytes = std::fs::read(self.counts.as_ref().ok_or("no heap is counted")?)?;
        let number = |at: usize| -> Result<u64, Failure> {
            let bytes = bytes.get(at..at + 8).ok_or("the heap's counts are missing")?;
            Ok(u64::from_ne_bytes(bytes.try_into()?))
        };
        Ok(Heap { allocations: number(0)?, live_bytes: number(8)? })
    }

    /// Waits until nothing is allocated or freed any more.
    pub(crate) fn heap_at_rest(&self) -> Result<Heap, Failure> {
        let (mut heap, mut since) = (self.heap()?, Instant::now());
        while since.elapsed() < REST {
            thread::sleep(POLL_INTERVAL);
            let next = self.heap()?;
            if next != heap {
                (heap, since) = (next, Instant::now());
            }
        }
        Ok(heap)
    }

    /// Lets it end by itself.
    ///
    /// # Errors
    ///
    /// Fails if it does not, or with an error.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        drop(self.input.take());
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                let name = &self.name;
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("{name} ended with {status}").into())
                };
            }
            thread::sleep(POLL_INTERVAL);
        }
        Err(format!("{} does not end", self.name).into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
