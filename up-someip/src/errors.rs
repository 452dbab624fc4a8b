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

//! Errors that say what to do.

use up_rust::{UCode, UStatus};

use crate::exit::Exit;

/// Why a command ends without having done what it was told to.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Empty if there is nothing to be said.
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None }
    }

    /// It does not work.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The arguments or the configuration are wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Nobody is there.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, message)
    }

    /// Nothing came in time.
    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new(Exit::Timeout, message)
    }

    /// Ends without a word.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Writes it to the standard error.
    pub(crate) fn print(&self) {
        use std::io::Write;
        let mut err = std::io::stderr().lock();
        // Nowhere to complain if that fails.
        if !self.message.is_empty() {
            let _ = writeln!(err, "error: {}", self.message);
        }
        if let Some(help) = &self.help {
            let _ = writeln!(err, "help: {help}");
        }
    }
}

/// The exit status that stands for a code.
pub(crate) fn exit_of(code: UCode) -> Exit {
    match code {
        UCode::OK => Exit::Ok,
        UCode::UNAVAILABLE => Exit::Unavailable,
        UCode::DEADLINE_EXCEEDED => Exit::Timeout,
        UCode::INVALID_ARGUMENT | UCode::NOT_FOUND | UCode::FAILED_PRECONDITION => Exit::Usage,
        _ => Exit::Failed,
    }
}

/// The exit status for an answer that is an error: the command itself was right.
pub(crate) fn exit_of_answer(code: UCode) -> Exit {
    match exit_of(code) {
        Exit::Usage => Exit::Failed,
        exit => exit,
    }
}

/// What the transport refuses.
impl From<UStatus> for Failure {
    fn from(status: UStatus) -> Self {
        let code = status.get_code();
        let text = format!("{code:?}: {}", status.message.clone().unwrap_or_default());
        let failure = Self::new(exit_of(code), text);
        match code {
            UCode::ALREADY_EXISTS => failure.help(
                "another process has this name or client id; choose another name by --name, or let \
                 the tool choose one",
            ),
            UCode::NOT_FOUND => failure.help("check the path that --config names"),
            _ => failure,
        }
    }
}
