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

//! Results: text for people, or one JSON object per line.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use crate::errors::Failure;
use crate::exit::Exit;

/// Writes results to the standard output; everything else goes to the standard error.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether results are JSON.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Writes a result: as a line of JSON, or as the text for people.
    ///
    /// # Errors
    ///
    /// A silent failure if nobody reads the output any more, as with `| head -1`.
    pub(crate) fn result<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.json {
            let line = serde_json::to_string(value);
            let line = line.map_err(|error| Failure::failed(format!("no JSON: {error}")))?;
            self.line(line.as_bytes())
        } else {
            self.line(text().as_bytes())
        }
    }

    /// Writes bytes and ends the line, at once: whoever reads sees each result as it comes.
    ///
    /// # Errors
    ///
    /// Those of [`result`](Self::result).
    pub(crate) fn line(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let written =
            out.write_all(bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
        written.map_err(failure_of)
    }

    /// Writes bytes as they are, at once.
    ///
    /// # Errors
    ///
    /// Those of [`result`](Self::result).
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(failure_of)
    }

    /// # Errors
    ///
    /// Those of [`result`](Self::result).
    pub(crate) fn flush(self) -> Result<(), Failure> {
        std::io::stdout().flush().map_err(failure_of)
    }
}

fn failure_of(error: std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::silent(Exit::Ok),
        _ => Failure::failed(format!("the output cannot be written: {error}")),
    }
}
