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

//! For tests only: C++ exceptions on demand, messages made by hand, and a look at the C++ side.
//! Compiled for the feature `fault-injection`.

use crate::{Header, Message};

#[allow(clippy::panic, unreachable_pub, reason = "generated code")]
#[cxx::bridge(namespace = "vsomeip_glue")]
mod ffi {
    // SAFETY: the declarations are checked against testing.h by the C++ compiler. All of them are
    // safe to call: they take references that live for the call, and the state that they change is
    // the calling thread's own, or the console, which any thread may write to.
    unsafe extern "C++" {
        include!("vsomeip_glue/testing.h");

        type Header = crate::bridge::Header;

        #[namespace = "vsomeip_v3"]
        #[cxx_name = "message"]
        type NativeMessage = crate::bridge::NativeMessage;

        fn arm_error(text: &str);
        fn arm_other();
        fn is_armed() -> bool;
        fn make_message(header: &Header, payload: &[u8]) -> SharedPtr<NativeMessage>;
        fn payload_address(message: &NativeMessage) -> usize;

        fn collect_console();
        fn collected() -> Vec<u8>;
        fn print(text: &[u8]);
        fn flush_console();
    }
}

/// Something that C++ can throw.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A `std::runtime_error` with a text.
    Error(&'static str),
    /// An `int`: an exception of a type that is not derived from `std::exception`.
    Other,
}

impl Fault {
    /// Has the next call into vsomeip from this thread throw this instead.
    pub fn arm(self) {
        match self {
            Self::Error(text) => ffi::arm_error(text),
            Self::Other => ffi::arm_other(),
        }
    }

    /// Whether a fault is armed on this thread, and no call into vsomeip has thrown it yet.
    pub fn is_armed() -> bool {
        ffi::is_armed()
    }
}

/// A message with these fields, as if vsomeip had received it. Nobody can set the protocol version.
pub fn message(header: &Header, payload: &[u8]) -> Message {
    Message::of(ffi::make_message(header, payload))
}

/// The address at which vsomeip keeps the payload of a message; zero for an empty handle.
pub fn payload_address(message: &Message) -> usize {
    message.native().as_ref().map_or(0, ffi::payload_address)
}

/// C++'s `std::cout`.
#[derive(Clone, Copy, Debug)]
pub struct Console;

impl Console {
    /// Has what is written go to a text in place of the standard output. To be called once, before
    /// anybody writes.
    pub fn collect() -> Self {
        ffi::collect_console();
        Self
    }

    /// What was written since the last time, by anybody but the takers of the log.
    pub fn collected(self) -> Vec<u8> {
        ffi::collected()
    }

    /// Writes.
    pub fn print(self, text: &[u8]) {
        ffi::print(text);
    }

    /// Flushes what was written.
    pub fn flush(self) {
        ffi::flush_console();
    }
}
