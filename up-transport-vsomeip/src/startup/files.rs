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

//! Checks the access of this process to vsomeip's files: the lock and sockets of a network. Does not
//! open them, since closing a file releases all locks that the process has on it.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{accessat, Access, AtFlags, CWD};
use rustix::process::geteuid;

use super::effective::Effective;
use crate::vsomeip::version::is_since;

const STICKY: u32 = 0o1000;
const WRITABLE_FOR_OTHERS: u32 = 0o002;
const ROOT: u32 = 0;

/// The paths of vsomeip's files of a network.
#[derive(Clone, Debug)]
pub(crate) struct NetworkFiles {
    /// The common prefix of the paths.
    base: PathBuf,
}

impl NetworkFiles {
    /// The files of a version of vsomeip in this process.
    pub(crate) fn of(effective: &Effective, version: &str) -> Self {
        let folder = folder(version, std::env::var_os("VSOMEIP_BASE_PATH"));
        Self::in_folder(&folder, effective.network())
    }

    pub(crate) fn in_folder(folder: &Path, network: &str) -> Self {
        Self { base: folder.join(network) }
    }

    /// The lock of the process that hosts the routing manager.
    pub(crate) fn lock(&self) -> PathBuf {
        self.file(".lck")
    }

    /// The socket of the routing manager.
    pub(crate) fn routing_socket(&self) -> PathBuf {
        self.file("-0")
    }

    /// The socket of the application with a client id.
    pub(crate) fn socket_of(&self, client: u16) -> PathBuf {
        self.file(&format!("-{client:x}"))
    }

    fn file(&self, end: &str) -> PathBuf {
        let mut path = self.base.clone().into_os_string();
        path.push(end);
        path.into()
    }
}

/// The folder of vsomeip's sockets; `chosen` is the variable `VSOMEIP_BASE_PATH`, which versions
/// before 3.7 ignore.
fn folder(version: &str, chosen: Option<OsString>) -> PathBuf {
    let chosen = chosen.filter(|_| is_since(version, [3, 7, 0]) == Some(true));
    chosen.unwrap_or("/tmp".into()).into()
}

/// Whether vsomeip cannot open or create its lock.
pub(crate) fn is_lock_denied(path: &Path) -> bool {
    let Some((folder, in_folder)) = folder_of(path) else { return false };
    match fs::metadata(path) {
        Ok(lock) => !may_write(path) || (is_protected(&lock, &in_folder) && protects_files()),
        Err(_) => !may_write(folder),
    }
}

/// Whether vsomeip cannot listen at a path, for which it would remove an existing file.
pub(crate) fn is_socket_denied(path: &Path) -> bool {
    let Some((folder, in_folder)) = folder_of(path) else { return false };
    if !may_write(folder) {
        return true;
    }
    let is_sticky = in_folder.mode() & STICKY != 0;
    let is_own = |it: &Metadata| it.uid() == geteuid().as_raw();
    let is_free = geteuid().as_raw() == ROOT || !is_sticky || is_own(&in_folder);
    !is_free && fs::symlink_metadata(path).is_ok_and(|socket| !is_own(&socket))
}

/// Whether this process may not connect to the socket at a path.
pub(crate) fn is_connection_denied(path: &Path) -> bool {
    path.exists() && !may_write(path)
}

fn folder_of(path: &Path) -> Option<(&Path, Metadata)> {
    let folder = path.parent()?;
    Some((folder, fs::metadata(folder).ok()?))
}

/// Whether the kernel refuses to open the file with O_CREAT, even to root.
fn is_protected(file: &Metadata, folder: &Metadata) -> bool {
    const PUBLIC: u32 = STICKY | WRITABLE_FOR_OTHERS;
    let is_others = file.uid() != geteuid().as_raw() && file.uid() != folder.uid();
    is_others && folder.mode() & PUBLIC == PUBLIC
}

/// The setting `sysctl fs.protected_regular`.
fn protects_files() -> bool {
    let setting = fs::read_to_string("/proc/sys/fs/protected_regular").unwrap_or_default();
    setting.trim().parse::<u8>().is_ok_and(|level| level > 0)
}

fn may_write(path: &Path) -> bool {
    use rustix::io::Errno;
    let denied = [Errno::ACCESS, Errno::PERM, Errno::ROFS];
    !accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_err_and(|it| denied.contains(&it))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{chown, PermissionsExt};

    use super::*;

    const OTHER_USER: u32 = 65534;

    #[test]
    fn files_of_network_have_their_paths() {
        let files = NetworkFiles::in_folder(Path::new("/run"), "net");
        assert_eq!(files.routing_socket(), Path::new("/run/net-0"));
        assert_eq!(files.lock(), Path::new("/run/net.lck"));
        assert_eq!(files.socket_of(0xab), Path::new("/run/net-ab"));
    }

    #[test]
    fn variable_moves_sockets_since_3_7() {
        let chosen = || Some("/run/someip".into());
        assert_eq!(folder("3.4.10", chosen()), Path::new("/tmp"));
        assert_eq!(folder("3.7.2", chosen()), Path::new("/run/someip"));
        assert_eq!(folder("3.7.2", None), Path::new("/tmp"));
    }

    #[test]
    fn own_and_absent_files_are_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net-0");
        let is_denied =
            || is_lock_denied(&path) || is_socket_denied(&path) || is_connection_denied(&path);
        assert!(!is_denied());
        fs::write(&path, "").unwrap();
        assert!(!is_denied());
        assert!(!is_socket_denied(Path::new("/nowhere/net-0")), "another error than this one");
    }

    #[test]
    fn foreign_file_in_sticky_folder_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.lck");
        fs::write(&path, "").unwrap();
        if chown(&path, Some(OTHER_USER), None).is_err() {
            eprintln!("skipped: only root can give a file away");
            return;
        }
        let is_protected =
            || is_protected(&fs::metadata(&path).unwrap(), &fs::metadata(folder.path()).unwrap());
        assert!(!is_protected());
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        assert!(is_protected());
        chown(folder.path(), Some(OTHER_USER), None).unwrap();
        assert!(!is_protected());
    }
}
