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

//! What can be wrong with a configuration.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};

use up_rust::UStatus;

use crate::uprotocol::code;

/// Something that is wrong at a place of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place, such as `services[1].events[0].event`.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.what, self.remedy)
    }
}

/// Why there is no configuration.
#[derive(Debug)]
#[non_exhaustive]
pub enum StackError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not JSON, or no object, or an option of the transport is not of its type.
    Parse {
        /// The file, if it is one.
        file: Option<PathBuf>,
        /// What was expected, with its place.
        detail: String,
    },
    /// The values contradict each other, or SOME/IP.
    Invalid {
        /// The file, if it is one.
        file: Option<PathBuf>,
        /// All that is wrong.
        problems: Vec<Problem>,
    },
}

impl StackError {
    pub(super) fn parse(error: &serde_json::Error) -> Self {
        Self::Parse { file: None, detail: format!("not valid JSON: {error}; correct it there") }
    }

    pub(super) fn no_object() -> Self {
        let detail = "no object, so vsomeip reads nothing of it; write the keys in braces";
        Self::Parse { file: None, detail: detail.to_owned() }
    }

    /// Says which file it is about.
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

/// `NOT_FOUND` if there is no such file, `INVALID_ARGUMENT` for everything else.
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
