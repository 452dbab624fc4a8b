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

//! The applications of one measurement: their routing manager, configurations and sockets.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use tempfile::TempDir;

use crate::runner::process::Process;
use crate::runner::Failure;

const ROUTER: &str = "router";
const ROUTER_ID: u16 = 0x0100;

/// A network with a name of its own. The routing manager is a third process, in C++, whatever is
/// measured: messages do not pass it, and a host could not subscribe without service discovery.
pub(crate) struct Network {
    // Ends before its files are removed.
    _router: Process,
    files: Files,
    applications: u16,
}

impl Network {
    pub(crate) fn new() -> Result<Self, Failure> {
        let files = Files::new()?;
        let config = files.config(ROUTER, ROUTER_ID)?;
        let router = Process::start(Path::new(env!("CPP_PEER")), "route", &config, &[], None)?;
        router.wait_until_ready()?;
        Ok(Self { _router: router, files, applications: 0 })
    }

    /// Starts a process of its own for a role.
    pub(crate) fn start(
        &mut self,
        program: &Path,
        role: &str,
        options: &[String],
        counts_allocations: bool,
    ) -> Result<Process, Failure> {
        self.applications += 1;
        let name = format!("{role}-{}", self.applications);
        let config = self.files.config(&name, ROUTER_ID + self.applications)?;
        let counts = self.files.directory.path().join(format!("{name}.allocations"));
        let counts = counts_allocations.then_some(counts.as_path());
        Process::start(program, role, &config, options, counts)
    }
}

struct Files {
    network: String,
    directory: TempDir,
}

impl Files {
    fn new() -> Result<Self, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let network = format!("up-bench-{}-{count}", std::process::id());
        Ok(Self { network, directory: tempfile::tempdir()? })
    }

    fn config(&self, name: &str, id: u16) -> Result<PathBuf, Failure> {
        let config = json!({
            "unicast": "127.0.0.1",
            "network": self.network,
            "logging": { "level": "error", "console": "false", "dlt": "false" },
            // One dispatcher thread for both sides: the order is certain with no other number.
            "applications": [{ "name": name, "id": format!("{id:#06x}"), "max_dispatchers": "0" }],
            "routing": ROUTER,
            "service-discovery": { "enable": "false" },
        });
        let path = self.directory.path().join(format!("{name}.json"));
        std::fs::write(&path, config.to_string())?;
        Ok(path)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // Where vsomeip keeps its sockets and the lock of the routing manager.
        let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let rest = file.to_str().and_then(|file| file.strip_prefix(&self.network));
            if rest.is_some_and(|rest| rest.starts_with(['-', '.'])) {
                // What is left behind is harmless.
                drop(std::fs::remove_file(entry.path()));
            }
        }
    }
}
