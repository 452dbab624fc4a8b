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

use crate::error::already_exists;
use crate::stack::StackConfig;
use crate::vsomeip::version::is_since;

/// How long an application that is about to end may keep its id.
const PATIENCE: Duration = Duration::from_secs(1);

/// The folder of vsomeip's sockets; `chosen` is the variable `VSOMEIP_BASE_PATH`, at which versions
/// before 3.7 do not look.
pub(super) fn folder(version: &str, chosen: Option<OsString>) -> PathBuf {
    let chosen = chosen.filter(|_| is_since(version, [3, 7, 0]) == Some(true));
    chosen.unwrap_or("/tmp".into()).into()
}

/// # Errors
///
/// `ALREADY_EXISTS` if somebody listens at the socket that the application would have, and goes on
/// doing so.
pub(super) fn ensure_free(config: &StackConfig, folder: &Path) -> Result<(), UStatus> {
    let Some((socket, id)) = socket_in(folder, config) else { return Ok(()) };
    let since = Instant::now();
    while UnixStream::connect(&socket).is_ok() {
        if since.elapsed() > PATIENCE {
            return Err(already_exists(format!(
                "another process has an application with the id {id:#06x} in this network: {} is in \
                 use; choose another `applications[0].id`",
                socket.display()
            )));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Where an application with a given client id listens, and the id.
fn socket_in(folder: &Path, config: &StackConfig) -> Option<(PathBuf, u16)> {
    const CHOSEN_BY_VSOMEIP: u16 = 0xffff;
    let id = config.own_application()?.id.filter(|id| *id != CHOSEN_BY_VSOMEIP)?;
    let network = config.network.as_deref().unwrap_or("vsomeip");
    Some((folder.join(format!("{network}-{id:x}")), id))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use up_rust::UCode;

    use super::*;

    #[test]
    fn an_id_is_in_use_while_somebody_listens_at_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let config = StackConfig::for_application("a", 0x00ab).with_network("up-unit");
        let (socket, _) = socket_in(folder.path(), &config).unwrap();
        assert_eq!(socket, folder.path().join("up-unit-ab"));
        assert_eq!(ensure_free(&config, folder.path()), Ok(()));
        let listener = UnixListener::bind(&socket).unwrap();
        let error = ensure_free(&config, folder.path()).unwrap_err();
        assert_eq!(error.get_code(), UCode::ALREADY_EXISTS);
        assert!(error.get_message().contains("0x00ab"), "{error}");
        drop(listener);
        // What a process leaves behind that was killed.
        assert!(socket.exists());
        assert_eq!(ensure_free(&config, folder.path()), Ok(()));
    }

    #[test]
    fn the_folder_can_be_chosen_where_vsomeip_knows_the_variable() {
        let chosen = || Some("/run/someip".into());
        assert_eq!(folder("3.4.10", chosen()), Path::new("/tmp"));
        assert_eq!(folder("3.7.2", chosen()), Path::new("/run/someip"));
        assert_eq!(folder("3.7.2", None), Path::new("/tmp"));
    }

    #[test]
    fn an_id_that_vsomeip_chooses_is_free() {
        assert!(socket_in(Path::new("/tmp"), &StackConfig::for_application("a", 0xffff)).is_none());
    }
}
