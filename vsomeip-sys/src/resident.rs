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
//! The code of this crate stays in memory until the process ends, also as part of a library that a host
//! loads at run time and closes again.
//!
//! What is begun here lasts that long, as vsomeip's own static variables do: the buffer of `std::cout`,
//! the thread of the log, the handler of the end. Without their code, the process would crash.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Once;

static KEEPING: Once = Once::new();

/// Keeps the library that has this code, if it is not the program itself.
pub(crate) fn keep_loaded() {
    KEEPING.call_once(|| {
        if !keep_library_of(ptr::from_ref(&KEEPING).cast()) {
            log::debug!("no library to be kept in memory");
        }
    });
}

/// Whether there is a library with this address, which is never unloaded then.
fn keep_library_of(address: *const c_void) -> bool {
    let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: the function takes any address, and a place for what it finds.
    if unsafe { libc::dladdr(address, found.as_mut_ptr()) } == 0 {
        return false;
    }
    // SAFETY: pointers may be null, so all bits zero are valid, as is what the function has written.
    let name = unsafe { found.assume_init() }.dli_fname;
    if name.is_null() {
        return false;
    }
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: the name is that of an object that is loaded, so it ends with a zero, lives as long as the
    // object, and nothing is loaded or run.
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
