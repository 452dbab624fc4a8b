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

//! A command that answers requests.

use std::process::Stdio;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use up_rust::UAttributes;
use up_transport_vsomeip::ServiceInstance;

/// A command for the shell.
#[derive(Clone)]
pub(crate) struct Script(String);

impl Script {
    pub(crate) fn new(command: String) -> Self {
        Self(command)
    }

    /// Runs it for a request, and returns what it writes.
    ///
    /// # Errors
    ///
    /// Says why there is no answer.
    pub(crate) async fn run(&self, request: &UAttributes, payload: Bytes) -> Result<Bytes, String> {
        let Self(command) = self;
        let mut child = self.command(request).spawn().map_err(|error| format!("sh: {error}"))?;
        let input = child.stdin.take();
        let write = async {
            if let Some(mut input) = input {
                // It need not read its input.
                drop(input.write_all(&payload).await);
            }
        };
        let ((), output) = tokio::join!(write, child.wait_with_output());
        let output = output.map_err(|error| format!("{command:?}: {error}"))?;
        match output.status.success() {
            true => Ok(output.stdout.into()),
            false => {
                Err(format!("{command:?} failed, so the answer is an error: {}", output.status))
            }
        }
    }

    fn command(&self, request: &UAttributes) -> Command {
        let sink = request.sink_unchecked();
        let service = ServiceInstance::of(sink);
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.env("SOMEIP_SERVICE", format!("0x{:04x}", service.service()));
        command.env("SOMEIP_INSTANCE", format!("0x{:04x}", service.instance()));
        command.env("SOMEIP_METHOD", format!("0x{:04x}", sink.resource_id()));
        command.env("SOMEIP_VERSION", sink.uentity_major_version().to_string());
        command.env("UP_SOURCE", request.source_unchecked().to_uri(false));
        command.env("UP_SINK", sink.to_uri(false));
        command
    }
}
