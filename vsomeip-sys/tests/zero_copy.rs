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

//! A received payload is vsomeip's own buffer: it has the same address, Rust allocates nothing that grows
//! with it, and C++ frees it when the last owner is dropped.
//!
//! One test in one process: the allocations of all threads are counted.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{Network, TIMEOUT};
use vsomeip_sys::callback::MessageHandlerFn;
use vsomeip_sys::{
    Application, Header, InstanceId, MajorVersion, Message, MessageType, MethodId, MinorVersion,
    ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x4567);
const INSTANCE: InstanceId = InstanceId(1);
const METHOD: MethodId = MethodId(0x0421);
const VERSION: MajorVersion = MajorVersion(1);

const MIB: usize = 1024 * 1024;
/// Larger blocks get a mapping of their own, which goes back to the system when they are freed.
const MMAP_THRESHOLD: usize = MIB / 2;
/// What may be allocated in Rust for a message, whatever its size.
const SMALL: usize = 1024;
/// How often to try what vsomeip may disturb.
const ATTEMPTS: usize = 50;
/// What a block may be larger than the payload in it.
const OVERHEAD: usize = 64 * 1024;

/// Counts what Rust allocates. C++ has its own way to `malloc`.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    static ALLOCATED_HERE: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: allocates and frees as `System` does; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::SeqCst);
        ALLOCATED.fetch_add(layout.size(), Ordering::SeqCst);
        ALLOCATED_HERE.with(|here| here.set(here.get() + layout.size()));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`, and `alloc` is that of `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The large blocks that are allocated with `malloc`, that is in C++ and Rust.
#[derive(Clone, Copy, Debug, PartialEq)]
struct LargeBlocks {
    count: usize,
    bytes: usize,
}

impl LargeBlocks {
    fn now() -> Self {
        // SAFETY: takes nothing, returns numbers, and may be called from any thread.
        let info = unsafe { libc::mallinfo2() };
        Self { count: info.hblks, bytes: info.hblkhd }
    }

    /// Whether there is one block more than `before`, which has room for `size` bytes.
    fn is_one_more(self, before: Self, size: usize) -> bool {
        let bytes = before.bytes + size..=before.bytes + size + OVERHEAD;
        self.count == before.count + 1 && bytes.contains(&self.bytes)
    }
}

/// Gives each large block a mapping of its own. False if this `malloc` does not tell what it has
/// allocated, like valgrind's, which looks for leaks itself.
fn large_blocks_are_known() -> bool {
    let threshold = i32::try_from(MMAP_THRESHOLD).unwrap();
    // SAFETY: changes when `malloc` uses mappings; a fixed threshold stays as it is.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, threshold) };
    let before = LargeBlocks::now();
    let block = black_box(vec![1_u8; 2 * MMAP_THRESHOLD]);
    let with_it = LargeBlocks::now();
    drop(block);
    with_it.count == before.count + 1
}

struct Received {
    payload: Bytes,
    /// Where C++ says that the payload is.
    address: usize,
}

static RECEIVED: Mutex<Option<Received>> = Mutex::new(None);
static ARRIVED: Condvar = Condvar::new();

extern "C" fn on_message(_: u64, message: &Message) {
    let received = Received { payload: message.payload(), address: address_in_cpp(message) };
    *RECEIVED.lock().unwrap() = Some(received);
    ARRIVED.notify_one();
}

#[cfg(feature = "fault-injection")]
fn address_in_cpp(message: &Message) -> usize {
    vsomeip_sys::testing::payload_address(message)
}

#[cfg(not(feature = "fault-injection"))]
fn address_in_cpp(message: &Message) -> usize {
    message.as_ref().as_ptr().addr()
}

fn received() -> Received {
    let received = RECEIVED.lock().unwrap();
    let (mut received, timeout) =
        ARRIVED.wait_timeout_while(received, TIMEOUT, |received| received.is_none()).unwrap();
    assert!(!timeout.timed_out());
    received.take().unwrap()
}

#[test]
fn payload_is_neither_copied_nor_leaked() {
    let network = Network::of("zero-copy", "unused");
    let application = network.start("zero-copy");
    application.offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0)).unwrap();
    application
        .register_message_handler(SERVICE, INSTANCE, METHOD, MessageHandlerFn(on_message), 0)
        .unwrap();
    let known = large_blocks_are_known();
    if !known {
        println!("NOT CHECKED: what C++ frees, as this malloc does not tell");
    }
    for size in [MIB, 8 * MIB] {
        let sent = vec![0x5a_u8; size];
        // vsomeip's buffers grow with the first one.
        send(&application, &sent);
        drop(received());
        nothing_in_rust_grows_with_the_payload(&application, &sent);
        clones_and_slices_are_at_the_same_address(&application, &sent);
        if known {
            the_last_clone_frees_it_in_cpp(&application, &sent);
        }
    }
}

fn send(application: &Application, payload: &[u8]) {
    let header =
        Header::request(MessageType::RequestNoReturn, SERVICE, INSTANCE, METHOD, VERSION, false);
    application.send_request(&header, payload).unwrap();
}

fn nothing_in_rust_grows_with_the_payload(application: &Application, sent: &[u8]) {
    let (allocations, allocated) =
        (ALLOCATIONS.load(Ordering::SeqCst), ALLOCATED.load(Ordering::SeqCst));
    let allocated_here = ALLOCATED_HERE.get();
    send(application, sent);
    let by_sending = ALLOCATED_HERE.get() - allocated_here;
    let held = received();
    let allocations = ALLOCATIONS.load(Ordering::SeqCst) - allocations;
    let allocated = ALLOCATED.load(Ordering::SeqCst) - allocated;
    println!(
        "{} bytes sent, received and held: {allocations} allocations in Rust of {allocated} \
         bytes, {by_sending} of them in send",
        held.payload.len()
    );
    assert!(allocated < SMALL);
    assert_eq!(by_sending, 0);
    assert_eq!(held.payload, sent);
}

fn clones_and_slices_are_at_the_same_address(application: &Application, sent: &[u8]) {
    send(application, sent);
    let Received { payload, address } = received();
    assert_eq!(payload.as_ptr().addr(), address);
    let clone = payload.clone();
    let slice = payload.slice(1000..2000);
    drop(payload);
    assert_eq!(clone.as_ptr().addr(), address);
    drop(clone);
    assert_eq!(slice.as_ptr().addr(), address + 1000);
    assert_eq!(slice, sent[1000..2000]);
}

/// vsomeip frees its own buffers when it likes, so this is tried until they keep still. What is
/// copied, kept or leaked with each message never keeps still.
fn the_last_clone_frees_it_in_cpp(application: &Application, sent: &[u8]) {
    let once = (0..ATTEMPTS)
        .any(|_| a_block_comes_with_the_payload_and_goes_with_its_last_clone(application, sent));
    assert!(once, "{:?}", LargeBlocks::now());
}

fn a_block_comes_with_the_payload_and_goes_with_its_last_clone(
    application: &Application,
    sent: &[u8],
) -> bool {
    let before = LargeBlocks::now();
    send(application, sent);
    let payload = received().payload;
    // What was needed on the way goes by itself.
    let soon = Instant::now() + Duration::from_millis(100);
    while !LargeBlocks::now().is_one_more(before, sent.len()) && Instant::now() < soon {
        thread::yield_now();
    }
    let last = payload.slice(sent.len() - 1..);
    drop(payload);
    let held = LargeBlocks::now();
    let on_another_thread = thread::spawn(move || {
        assert_eq!(last, [0x5a].as_slice());
        drop(last);
        LargeBlocks::now()
    });
    let after = on_another_thread.join().unwrap();
    println!("{} bytes: {before:?}, with it {held:?}, after the last clone {after:?}", sent.len());
    held.is_one_more(before, sent.len()) && after == before
}
