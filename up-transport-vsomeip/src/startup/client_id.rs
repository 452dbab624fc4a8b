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

//! Checks whether another process has the configured client id. vsomeip 3.4.10 does not: the second
//! process would take over the first one's socket and never register.

use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use up_rust::UStatus;

use super::effective::Effective;
use super::files::NetworkFiles;
use crate::error::already_exists;

/// How long to wait for an application that is about to end and release its id.
const TIMEOUT: Duration = Duration::from_secs(1);

/// # Errors
///
/// `ALREADY_EXISTS` if another process keeps listening at the application's socket.
pub(super) fn ensure_free(effective: &Effective, files: &NetworkFiles) -> Result<(), UStatus> {
    let Some(id) = effective.client_id() else { return Ok(()) };
    let socket = files.socket_of(id);
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
        let files = NetworkFiles::in_folder(folder.path(), effective.network());
        let socket = folder.path().join("up-unit-ab");
        assert_eq!(ensure_free(&effective, &files), Ok(()));
        let listener = UnixListener::bind(&socket).unwrap();
        let error = ensure_free(&effective, &files).unwrap_err();
        assert_eq!(error.get_code(), UCode::ALREADY_EXISTS);
        assert!(error.get_message().contains("0x00ab"), "{error}");
        drop(listener);
        // A process that was killed leaves its socket behind.
        assert!(socket.exists());
        assert_eq!(ensure_free(&effective, &files), Ok(()));
    }

    #[test]
    fn automatic_id_is_never_in_use() {
        let files = NetworkFiles::in_folder("/tmp".as_ref(), "up-unit");
        assert_eq!(ensure_free(&effective(0xffff), &files), Ok(()));
    }
}
