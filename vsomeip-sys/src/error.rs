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

use cxx::UniquePtr;

use crate::ffi::Failure;

/// An error of a call into vsomeip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// C++ threw an exception.
    #[error("{operation}: {text}")]
    Exception {
        /// The operation that failed.
        operation: &'static str,
        /// The text of the exception.
        text: String,
    },
    /// This process already has an application with this name.
    #[error("this process already has an application named {0}")]
    NameInUse(String),
    /// `exit` was called, or `main` has returned: vsomeip is being destroyed.
    #[error("the process ends")]
    ProcessEnds,
}

impl Error {
    /// Maps an exception that cxx caught.
    pub(crate) fn thrown(operation: &'static str) -> impl FnOnce(cxx::Exception) -> Self {
        move |exception| Self::Exception { operation, text: exception.what().to_owned() }
    }

    /// Maps an exception that the glue caught; null means success.
    pub(crate) fn check(operation: &'static str, failure: &UniquePtr<Failure>) -> Result<(), Self> {
        match failure.as_ref() {
            None => Ok(()),
            Some(failure) => {
                // SAFETY: `text` returns a reference into `failure`, which is borrowed here.
                let text = unsafe { failure.text() }.to_string_lossy().into_owned();
                Err(Self::Exception { operation, text })
            }
        }
    }
}
