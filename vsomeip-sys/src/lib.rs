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

//! Bindings to [COVESA vsomeip](https://github.com/COVESA/vsomeip), the SOME/IP stack.
//!
//! The surface is small on purpose. A C++ glue of our own (`cpp/`) owns every `std::function`,
//! `std::shared_ptr` and exception of vsomeip; Rust sees owned handles ([`Application`],
//! [`Message`]), plain values ([`Header`], the ids, the codes) and borrowed slices. The glue's
//! headers include none of vsomeip's, so the bindings are the same for each of its versions.
//!
//! | what | who generates it | where |
//! |---|---|---|
//! | the glue's classes | autocxx | `src/ffi.rs` |
//! | the message header, and functions that take slices, strings or callbacks | cxx | `src/bridge.rs` |
//! | the lines of vsomeip's log | cxx | `src/logging.rs` |
//!
//! # Rules of the border
//!
//! * One owner type per foreign handle; what C++ allocates is freed by C++, and the other way round.
//! * A C++ exception becomes an [`Error`] with its text. A panic in a callback ends in that
//!   callback: it is counted ([`callback::panics`]) and logged.
//! * The bytes of a received payload are not copied: [`Message::payload`] borrows vsomeip's buffer
//!   and keeps it alive.
//! * `unsafe` lives in this crate alone, each block with its reason.
//!
//! # Linking
//!
//! `links = "vsomeip3"`: the build script of a crate that depends directly on this one finds the
//! folder of the libraries in `DEP_VSOMEIP3_LIB`. `cargo run` and `cargo test` find them without
//! help. A binary that is started directly needs a run path, that is this line in a build script
//! of its own:
//!
//! ```text
//! println!("cargo:rustc-link-arg=-Wl,-rpath,{}", std::env::var("DEP_VSOMEIP3_LIB").unwrap());
//! ```
//!
#![doc = include_str!("../FFI.md")]

mod application;
mod bridge;
pub mod callback;
mod codes;
mod drift;
mod error;
mod exit;
mod ffi;
mod ids;
pub mod logging;
mod message;
#[cfg(feature = "fault-injection")]
pub mod testing;

pub use application::Application;
pub use bridge::{Header, OfferedService};
pub use codes::{EventType, MessageType, Reliability, ReturnCode};
pub use error::Error;
pub use exit::ExitHold;
pub use ids::{
    ClientId, EventId, EventgroupId, InstanceId, MajorVersion, MethodId, MinorVersion, RequestId,
    ServiceId, SessionId,
};
pub use message::Message;

/// The version of the vsomeip that this crate was compiled against.
pub const VSOMEIP_VERSION: &str = match option_env!("VSOMEIP_VERSION") {
    Some(version) => version,
    None => "unknown",
};

/// The version of the vsomeip that the loader has chosen for this process, from the name of its
/// file; `None` if the name does not tell.
///
/// [`Application::create`] fails if it is not [`VSOMEIP_VERSION`]: all versions have one SONAME, but
/// not one interface.
pub fn loaded_version() -> Option<String> {
    Some(bridge::loaded_version()).filter(|version| !version.is_empty())
}
