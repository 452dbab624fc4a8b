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

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use up_rust::UStatus;

use crate::error::already_exists;
use crate::stack::StackConfig;

/// How long an application that is about to end may keep its id.
const PATIENCE: Duration = Duration::from_secs(1);

/// # Errors
///
/// `ALREADY_EXISTS` if somebody listens at the socket that the application would have, and goes on
/// doing so.
pub(crate) fn ensure_free(config: &StackConfig) -> Result<(), UStatus> {
    let Some((socket, id)) = socket_of(config) else { return Ok(()) };
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
fn socket_of(config: &StackConfig) -> Option<(PathBuf, u16)> {
    const CHOSEN_BY_VSOMEIP: u16 = 0xffff;
    let id = config.own_application()?.id.filter(|id| *id != CHOSEN_BY_VSOMEIP)?;
    let folder = std::env::var_os("VSOMEIP_BASE_PATH").unwrap_or("/tmp".into());
    let network = config.network.as_deref().unwrap_or("vsomeip");
    Some((PathBuf::from(folder).join(format!("{network}-{id:x}")), id))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use up_rust::UCode;

    use super::*;

    #[test]
    fn an_id_is_in_use_while_somebody_listens_at_its_socket() {
        let network = format!("up-unit-{}", std::process::id());
        let config = StackConfig::for_application("a", 0x00ab).with_network(&network);
        let (socket, _) = socket_of(&config).unwrap();
        assert_eq!(ensure_free(&config), Ok(()));
        let listener = UnixListener::bind(&socket).unwrap();
        let error = ensure_free(&config).unwrap_err();
        assert_eq!(error.get_code(), UCode::ALREADY_EXISTS);
        assert!(error.get_message().contains("0x00ab"), "{error}");
        drop(listener);
        // What a process leaves behind that was killed.
        assert!(socket.exists());
        assert_eq!(ensure_free(&config), Ok(()));
        std::fs::remove_file(socket).unwrap();
    }

    #[test]
    fn an_id_that_vsomeip_chooses_is_free() {
        assert!(socket_of(&StackConfig::for_application("a", 0xffff)).is_none());
    }
}
