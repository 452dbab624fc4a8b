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

//! Generates a pool of `extern "C"` handlers, one per slot, for vsomeip to call back.
//!
//! A C++ library that takes a bare function pointer does not tell the function which registration it is
//! called for. So there is one function per registration, and they differ only in their slot:
//! ```
//! # struct Message;
//! vsomeip_proc_macro::handler_pool! {
//!     /// Element N calls `on_message(N, generation, message)`.
//!     static HANDLERS: [extern "C" fn(generation: u64, message: &Message); 5000] = on_message;
//! }
//!
//! extern "C" fn on_message(slot: usize, generation: u64, _message: &Message) {
//!     assert_eq!((slot, generation), (4999, 7));
//! }
//!
//! HANDLERS[4999](7, &Message);
//! ```
//! The expansion, with names shortened and without the absolute paths:
//! ```text
//! static HANDLERS: [extern "C" fn(generation: u64, message: &Message); 5000] = {
//!     const HANDLER: extern "C" fn(usize, u64, &Message) = on_message;
//!     #[inline(never)]
//!     extern "C" fn shared(slot: usize, a0: u64, a1: &Message) { HANDLER(slot, a0, a1) }
//!     #[inline(never)]
//!     extern "C" fn shim<const ROW: usize, const COLUMN: usize>(a0: u64, a1: &Message) {
//!         shared(ROW | COLUMN, a0, a1)
//!     }
//!     struct Row<const ROW: usize>;
//!     impl<const ROW: usize> Row<ROW> {
//!         const SHIMS: [extern "C" fn(..); 256] = [shim::<ROW, 0>, .., shim::<ROW, 255>];
//!     }
//!     let rows = [Row::<0>::SHIMS, Row::<256>::SHIMS, .., Row::<4864>::SHIMS];
//!     /* the first 5000 elements of the flattened rows */
//! };
//! ```

#![forbid(unsafe_code)]

mod handler_pool;

/// Generates a `static` table of `extern "C"` handlers; see the [crate documentation](crate).
#[proc_macro]
pub fn handler_pool(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    syn::parse::<handler_pool::HandlerPool>(input)
        .map_or_else(syn::Error::into_compile_error, |pool| pool.expand())
        .into()
}
