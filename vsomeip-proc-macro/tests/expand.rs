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

//! Calls pools, and compiles them in various environments. This file forbids `unsafe` and warnings, which
//! is part of the test.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::cell::RefCell;
use std::collections::HashSet;

use vsomeip_proc_macro::handler_pool;

/// Like an opaque C++ type it is not `repr(C)`.
struct Message<'a> {
    text: &'a str,
}

type Call = (usize, u64, String);

thread_local! {
    /// Per thread, since tests run in parallel.
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

extern "C" fn on_message(slot: usize, generation: u64, message: &Message<'_>) {
    CALLS.with_borrow_mut(|calls| calls.push((slot, generation, message.text.to_owned())));
}

handler_pool! {
    /// Its last row is not full: 5,000 is no multiple of 256.
    static MESSAGE_HANDLERS:
        [extern "C" fn(generation: u64, message: &Message<'_>); 5000] = on_message;
}

#[test]
fn each_handler_passes_slot_and_arguments() {
    for (slot, handler) in MESSAGE_HANDLERS.iter().enumerate() {
        let generation = u64::MAX - u64::try_from(slot).unwrap();
        let text = format!("message {slot}");
        handler(generation, &Message { text: &text });
        assert_eq!(CALLS.take(), [(slot, generation, text)]);
    }
}

#[test]
fn handlers_have_distinct_addresses() {
    let distinct: HashSet<_> = MESSAGE_HANDLERS.iter().collect();
    assert_eq!(distinct.len(), MESSAGE_HANDLERS.len());
}

extern "C" fn echo(slot: usize) -> usize {
    slot
}

/// Pools around the boundary of a row, their sizes handed on by a `macro_rules!` macro.
mod sizes {
    macro_rules! pools {
        ($($name:ident: $size:literal,)*) => {
            $(vsomeip_proc_macro::handler_pool! {
                pub(super) static $name: [extern "C" fn() -> usize; $size] = super::echo;
            })*
        };
    }

    pools! {
        ONE: 1,
        ROW_LESS_ONE: 255,
        ROW: 256,
        ROW_AND_ONE: 257,
        WITH_SUFFIX: 1_000usize,
    }
}

#[test]
fn pools_count_from_zero_without_gap() {
    let pools: [&[extern "C" fn() -> usize]; 5] =
        [&sizes::ONE, &sizes::ROW_LESS_ONE, &sizes::ROW, &sizes::ROW_AND_ONE, &sizes::WITH_SUFFIX];
    assert_eq!(pools.map(<[_]>::len), [1, 255, 256, 257, 1_000]);
    for pool in pools {
        let slots: Vec<_> = pool.iter().map(|handler| handler()).collect();
        assert_eq!(slots, (0..pool.len()).collect::<Vec<_>>());
    }
}

/// Two pools of one name link into one binary, and neither attribute nor visibility is lost.
mod attributes_and_visibility {
    vsomeip_proc_macro::handler_pool! {
        #[allow(non_upper_case_globals)]
        #[cfg(all())]
        pub(crate) static Handlers: [extern "C" fn() -> usize; 2] = crate::echo;
    }

    vsomeip_proc_macro::handler_pool! {
        #[cfg(any())]
        static Handlers: [extern "C" fn() -> DoesNotExist; 2] = does_not_exist;
    }

    pub(crate) mod inner {
        vsomeip_proc_macro::handler_pool! {
            pub(in crate::attributes_and_visibility) static HANDLERS:
                [extern "C" fn() -> usize; 3] = self::super::super::echo;
        }
    }

    pub(crate) fn sum() -> usize {
        inner::HANDLERS.iter().map(|handler| handler()).sum()
    }
}

#[test]
fn expansion_keeps_attributes_and_visibility() {
    assert_eq!(attributes_and_visibility::Handlers[1](), 1);
    assert_eq!(attributes_and_visibility::sum(), 3);
}

/// Names that the expansion could pick up by accident have another meaning here.
mod hostile_surroundings {
    #![no_implicit_prelude]
    #![allow(dead_code, non_camel_case_types)]

    #[repr(C)]
    pub(crate) struct usize(pub(crate) u8);
    pub(crate) struct Option;
    struct Some;
    struct None;
    mod core {}
    mod std {}
    const SLOT: u8 = 0;

    pub(crate) extern "C" fn handler(slot: ::core::primitive::usize, argument: usize) -> bool {
        slot == 299 && argument.0 == 1
    }

    ::vsomeip_proc_macro::handler_pool! {
        pub(crate) static HANDLERS: [extern "C" fn(slot: usize) -> bool; 300] = handler;
    }
}

#[test]
fn expansion_is_hygienic() {
    let argument = hostile_surroundings::usize(1);
    assert!(hostile_surroundings::HANDLERS[299](argument));
}

extern "C" fn larger<'a>(slot: usize, left: &'a usize, right: &'a usize, _: &u8) -> &'a usize {
    if left + slot > *right {
        left
    } else {
        right
    }
}

#[test]
fn expansion_accepts_lifetimes_and_bodies() {
    handler_pool! {
        static LARGER:
            [for<'a> extern "C" fn(&'a usize, &'a usize, _: &u8) -> &'a usize; 3] = larger;
    }
    assert_eq!(LARGER[1](&4, &5, &0), &5);
    assert_eq!(LARGER[2](&4, &5, &0), &4);
}
