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
//! Keeps the code of this crate in memory until the process ends, also if it is part of a library that
//! a host program loads and unloads.
//!
//! The buffer of `std::cout`, the log thread and the exit handler live that long, as vsomeip's static
//! variables do. Without their code, the process would crash.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Once;

static KEEPING: Once = Once::new();

/// Keeps the library that contains this code loaded, unless it is the program itself.
pub(crate) fn keep_loaded() {
    KEEPING.call_once(|| {
        if !keep_library_of(ptr::from_ref(&KEEPING).cast()) {
            log::debug!("found no library to keep loaded");
        }
    });
}

/// Keeps the library that contains this address loaded. Returns whether there is one.
fn keep_library_of(address: *const c_void) -> bool {
    let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: the function accepts any address, and `found` is valid for writes.
    if unsafe { libc::dladdr(address, found.as_mut_ptr()) } == 0 {
        return false;
    }
    // SAFETY: all zero bits are valid, since pointers may be null, and so is what the function wrote.
    let name = unsafe { found.assume_init() }.dli_fname;
    if name.is_null() {
        return false;
    }
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: the name is that of a loaded object: it is zero-terminated and lives as long as the
    // object. RTLD_NOLOAD loads and runs nothing.
    !unsafe { libc::dlopen(name, flags) }.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_address_has_no_library() {
        assert!(!keep_library_of(ptr::null()));
    }
}
