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

//! The autocxx bindings of the glue's classes. Every function is unsafe to call; `application`,
//! `handle` and `error` state why each call is sound.

#[allow(
    clippy::all,
    clippy::as_conversions,
    clippy::panic,
    clippy::undocumented_unsafe_blocks,
    missing_docs,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unused_imports,
    reason = "generated code"
)]
mod generated {
    autocxx::include_cpp! {
        #include "vsomeip_glue/application.h"
        generate!("vsomeip_glue::Failure")
        generate!("vsomeip_glue::Application")
    }
    pub use ffi::vsomeip_glue::{Application, Failure};
}

pub(crate) use generated::{Application, Failure};
