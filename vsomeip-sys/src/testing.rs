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

//! For tests, with the feature `fault-injection`: C++ exceptions on demand, handmade messages, and
//! access to the C++ side.

use crate::{Header, Message};

#[allow(clippy::panic, unreachable_pub, reason = "generated code")]
#[cxx::bridge(namespace = "vsomeip_glue")]
mod ffi {
    // SAFETY: the C++ compiler checks the declarations against testing.h. All of them are safe to call:
    // they take references that live for the call, and change only state of the calling thread or the
    // console, which any thread may write to.
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

/// An exception for C++ to throw.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A `std::runtime_error` with a text.
    Error(&'static str),
    /// An `int`: an exception of a type that is not derived from `std::exception`.
    Other,
}

impl Fault {
    /// Makes the next call into vsomeip from this thread throw this.
    pub fn arm(self) {
        match self {
            Self::Error(text) => ffi::arm_error(text),
            Self::Other => ffi::arm_other(),
        }
    }

    /// Whether a fault is armed on this thread and has not been thrown yet.
    pub fn is_armed() -> bool {
        ffi::is_armed()
    }
}

/// A message with these fields, as if vsomeip had received it. The protocol version cannot be set.
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
    /// Collects the output in memory instead of writing it to the standard output. Must be called
    /// once, before anything is written.
    pub fn collect() -> Self {
        ffi::collect_console();
        Self
    }

    /// The output since the last call, without intercepted log lines.
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
