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

//! What the exit status of the tool says.

use std::process::ExitCode;

/// The exit statuses, as `up-someip --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It was done.
    Ok,
    /// It failed, or the answer of the service is an error.
    Failed,
    /// The arguments or the configuration are wrong.
    Usage,
    /// The service or the routing manager is not available.
    Unavailable,
    /// No answer, or not enough events, came in time.
    Timeout,
    /// Ended by Ctrl-C before it was done.
    Interrupted,
    /// Ended by SIGTERM before it was done.
    Terminated,
}

/// For `--help`.
pub(crate) const TABLE: &str = "\
Exit status:
  0    done; also when Ctrl-C ends what runs without an end, or nobody reads the output any more
  1    failed, or the service answered with an error
  2    the arguments or the configuration are wrong
  3    the service or the routing manager is not available
  4    no answer, or not enough events, in time
  130  ended by Ctrl-C before it was done; 143 by SIGTERM";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Unavailable => 3,
            Exit::Timeout => 4,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        })
    }
}
