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

//! Whether another process has the client id that an application asks for. vsomeip 3.4.10 does not
//! notice: the second process would take the first one's socket over, and never be registered.

use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use up_rust::UStatus;

use super::effective::Effective;
use crate::error::already_exists;
use crate::vsomeip::version::is_since;

/// How long an application that is about to end may keep its id.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The folder in which a version of vsomeip has its sockets in this process.
pub(crate) fn socket_folder(version: &str) -> PathBuf {
    folder(version, std::env::var_os("VSOMEIP_BASE_PATH"))
}

/// The folder of vsomeip's sockets; `chosen` is the variable `VSOMEIP_BASE_PATH`, which versions
/// before 3.7 ignore.
fn folder(version: &str, chosen: Option<OsString>) -> PathBuf {
    let chosen = chosen.filter(|_| is_since(version, [3, 7, 0]) == Some(true));
    chosen.unwrap_or("/tmp".into()).into()
}

/// # Errors
///
/// `ALREADY_EXISTS` if another process listens at the socket that the application would have, and
/// goes on doing so.
pub(super) fn ensure_free(effective: &Effective, folder: &Path) -> Result<(), UStatus> {
    let Some((socket, id)) = socket_in(folder, effective) else { return Ok(()) };
    let since = Instant::now();
    while UnixStream::connect(&socket).is_ok() {
        if since.elapsed() > TIMEOUT {
            return Err(already_exists(format!(
                "another process has an application with the id {id:#06x} in this network: {} is in \
                 use; choose another `id` for the application {:?}",
                socket.display(),
                effective.application
            )));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Where an application with a configured client id listens, and the id.
fn socket_in(folder: &Path, effective: &Effective) -> Option<(PathBuf, u16)> {
    let id = effective.client_id()?;
    Some((folder.join(format!("{}-{id:x}", effective.network())), id))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use up_rust::UCode;

    use super::*;
    use crate::stack::StackConfig;

    fn effective(id: u16) -> Effective {
        Effective::of(StackConfig::for_application("a", id).with_network("up-unit"))
    }

    #[test]
    fn id_is_taken_while_its_socket_listens() {
        let folder = tempfile::tempdir().unwrap();
        let effective = effective(0x00ab);
        let (socket, _) = socket_in(folder.path(), &effective).unwrap();
        assert_eq!(socket, folder.path().join("up-unit-ab"));
        assert_eq!(ensure_free(&effective, folder.path()), Ok(()));
        let listener = UnixListener::bind(&socket).unwrap();
        let error = ensure_free(&effective, folder.path()).unwrap_err();
        assert_eq!(error.get_code(), UCode::ALREADY_EXISTS);
        assert!(error.get_message().contains("0x00ab"), "{error}");
        drop(listener);
        // A process that was killed leaves its socket behind.
        assert!(socket.exists());
        assert_eq!(ensure_free(&effective, folder.path()), Ok(()));
    }

    #[test]
    fn variable_moves_sockets_since_3_7() {
        let chosen = || Some("/run/someip".into());
        assert_eq!(folder("3.4.10", chosen()), Path::new("/tmp"));
        assert_eq!(folder("3.7.2", chosen()), Path::new("/run/someip"));
        assert_eq!(folder("3.7.2", None), Path::new("/tmp"));
    }

    #[test]
    fn id_chosen_by_vsomeip_is_free() {
        assert!(socket_in(Path::new("/tmp"), &effective(0xffff)).is_none());
    }
}
