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

//! The folder of vsomeip's sockets and lock of a network. Its path, /tmp, is compiled in, so the processes
//! of each network see their own folder there.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::workspace;

/// Where vsomeip keeps its sockets.
const COMPILED_IN: &str = "/tmp";

/// The sockets of one network; removed with this.
pub(crate) struct Sockets {
    network: String,
    folder: PathBuf,
    /// Below the compiled-in folder, and to be seen by the processes nevertheless.
    visible: Vec<PathBuf>,
}

impl Sockets {
    /// For the network of the given name, whose files are in `directory`.
    pub(crate) fn new(network: &str, directory: &Path) -> Self {
        let folder = directory.join("sockets");
        std::fs::create_dir(&folder).expect("a folder");
        // As /tmp: other users have their sockets there, too.
        std::fs::set_permissions(&folder, Permissions::from_mode(0o1777)).expect("its owner");
        let executable = std::env::current_exe().expect("the path of this program");
        let target = executable.ancestors().nth(3).unwrap_or(&executable);
        let libraries = option_env!("VSOMEIP_LIBRARIES").map_or(target, Path::new);
        let mut visible: Vec<PathBuf> = [workspace(), target, libraries, directory]
            .into_iter()
            .filter_map(|path| path.strip_prefix(COMPILED_IN).ok())
            // All of it: libraries may need others beside them.
            .filter_map(|path| path.iter().next())
            .map(|entry| Path::new(COMPILED_IN).join(entry))
            .collect();
        visible.sort();
        visible.dedup();
        Self { network: network.to_owned(), folder, visible }
    }

    /// The beginning of a command that sees this folder.
    pub(crate) fn command(&self, binary: impl AsRef<OsStr>) -> Command {
        if !can_mount() {
            return Command::new(binary);
        }
        let mut command = Command::new("unshare");
        command.args(unshared()).args(self.wrapper()).arg(binary);
        command
    }

    /// The same for a command whose user matters: a user namespace would hide it from the others.
    pub(crate) fn command_of(&self, user: Option<u32>, binary: impl AsRef<OsStr>) -> Command {
        if !(is_root() && can_mount()) {
            return Command::new(binary);
        }
        let mut command = self.command("setpriv");
        if let Some(user) = user {
            let user = user.to_string();
            command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]);
        }
        command.arg(binary);
        command
    }

    /// What stands before a command in a mount namespace of its own, so that it sees this folder.
    pub(crate) fn wrapper(&self) -> Vec<PathBuf> {
        let mut words = vec![workspace().join("tests/harness/with-sockets"), self.folder.clone()];
        words.extend(self.visible.iter().cloned());
        words.push("--".into());
        words
    }

    /// The names of the sockets and the lock.
    pub(crate) fn files(&self) -> Vec<String> {
        let folder = if can_mount() { &self.folder } else { Path::new(COMPILED_IN) };
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| self.owns(name)).collect()
    }

    fn owns(&self, file: &str) -> bool {
        let rest = file.strip_prefix(&self.network);
        rest.is_some_and(|rest| rest.starts_with(['-', '.']))
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        if !can_mount() {
            for file in self.files() {
                drop(std::fs::remove_file(Path::new(COMPILED_IN).join(file)));
            }
        }
    }
}

/// The options of `unshare` for a mount namespace.
fn unshared() -> &'static [&'static str] {
    if is_root() {
        &["--mount"]
    } else {
        &["--mount", "--map-root-user"]
    }
}

/// Whether the system lets us mount. If not, the networks share a folder and differ in their names
/// only, which is said once.
pub(crate) fn can_mount() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let tried = Command::new("unshare").args(unshared()).arg("true").output();
        let can = tried.is_ok_and(|output| output.status.success());
        if !can {
            // Not by a macro: what those print is shown for failed tests only.
            let text = "\nSHARED /tmp: socket folders of their own need the right to mount";
            drop(writeln!(std::io::stderr(), "{text}"));
        }
        can
    })
}

pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
