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

//! Errors of reading and checking a configuration.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};

use up_rust::UStatus;

use crate::uprotocol::code;

/// A problem in a configuration. Displayed as `place: what; remedy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place, such as `services[1].events[0].event`.
    pub place: String,
    /// The problem.
    pub what: String,
    /// How to fix it.
    pub remedy: String,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.what, self.remedy)
    }
}

/// Why a configuration cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum StackError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The text is not a JSON object, or an option of the transport has a wrong type.
    Parse {
        /// The file, unless the text is in memory.
        file: Option<PathBuf>,
        /// What was expected, with its place.
        detail: String,
    },
    /// Values that would crash vsomeip or have no meaning.
    Invalid {
        /// The file, unless the configuration is in memory.
        file: Option<PathBuf>,
        /// All problems.
        problems: Vec<Problem>,
    },
}

impl StackError {
    pub(super) fn parse(error: &serde_json::Error) -> Self {
        Self::Parse { file: None, detail: format!("not valid JSON: {error}; correct it there") }
    }

    pub(super) fn no_object() -> Self {
        let detail = "not an object, so vsomeip ignores it; write the keys in braces";
        Self::Parse { file: None, detail: detail.to_owned() }
    }

    /// Adds the file.
    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        if let Self::Parse { file, .. } | Self::Invalid { file, .. } = &mut self {
            *file = Some(path.to_owned());
        }
        self
    }
}

impl Display for StackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Parse { file: Some(file), .. } | Self::Invalid { file: Some(file), .. } = self
        {
            write!(f, "the configuration {}: ", file.display())?;
        }
        match self {
            Self::Read { path, source } => {
                write!(f, "cannot read the configuration {}: {source}", path.display())
            }
            Self::Parse { detail, .. } => f.write_str(detail),
            Self::Invalid { problems, .. } => {
                let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
                f.write_str(&texts.join(". "))
            }
        }
    }
}

impl std::error::Error for StackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::Parse { .. } | Self::Invalid { .. } => None,
        }
    }
}

/// `NOT_FOUND` if there is no such file, else `INVALID_ARGUMENT`.
impl From<StackError> for UStatus {
    fn from(error: StackError) -> Self {
        let code = match &error {
            StackError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                code::NOT_FOUND
            }
            _ => code::INVALID_ARGUMENT,
        };
        UStatus::fail_with_code(code, error.to_string())
    }
}
