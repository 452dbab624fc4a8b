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

//! Concurrent code for `scripts/check-memory`, which looks for races: messages passed from vsomeip's thread
//! to others, and callbacks replaced while they are called.
//!
//! Uses neither the test harness nor std's primitives but POSIX semaphores, since valgrind does not
//! understand futexes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

use std::cell::UnsafeCell;
use std::sync::OnceLock;
use std::thread;

use vsomeip_sys::callback::{guard, AvailabilityCallback, MessageHandlerFn, StateCallback};
use vsomeip_sys::{
    Application, Header, InstanceId, MajorVersion, Message, MessageType, MethodId, MinorVersion,
    ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x5678);
const INSTANCE: InstanceId = InstanceId(1);
const METHOD: MethodId = MethodId(0x0421);
const VERSION: MajorVersion = MajorVersion(1);
const MESSAGES: u8 = 50;
const READERS: usize = 3;

/// A place for one value, which one thread puts there and another one takes.
struct Handover<T> {
    value: UnsafeCell<Option<T>>,
    empty: Semaphore,
    full: Semaphore,
}

// SAFETY: the semaphores admit one thread at a time to the value.
unsafe impl<T: Send> Sync for Handover<T> {}

impl<T> Handover<T> {
    fn new() -> Self {
        Self { value: UnsafeCell::new(None), empty: Semaphore::new(1), full: Semaphore::new(0) }
    }

    fn put(&self, value: T) {
        self.empty.wait();
        // SAFETY: who has got past `empty` is alone until it posts `full`.
        unsafe { *self.value.get() = Some(value) };
        self.full.post();
    }

    fn take(&self) -> T {
        self.full.wait();
        // SAFETY: who has got past `full` is alone until it posts `empty`.
        let value = unsafe { (*self.value.get()).take() };
        self.empty.post();
        value.unwrap()
    }
}

struct Semaphore(Box<UnsafeCell<libc::sem_t>>);

// SAFETY: a semaphore is there to be used by several threads.
unsafe impl Send for Semaphore {}
// SAFETY: as above.
unsafe impl Sync for Semaphore {}

impl Semaphore {
    fn new(value: u32) -> Self {
        // SAFETY: a `sem_t` is plain memory until `sem_init` makes a semaphore of it, in a place that
        // it does not leave.
        unsafe {
            let semaphore = Box::new(UnsafeCell::new(std::mem::zeroed()));
            assert_eq!(libc::sem_init(semaphore.get(), 0, value), 0);
            Self(semaphore)
        }
    }

    fn post(&self) {
        // SAFETY: it is initialised, and never destroyed.
        assert_eq!(unsafe { libc::sem_post(self.0.get()) }, 0);
    }

    fn wait(&self) {
        // SAFETY: as above.
        while unsafe { libc::sem_wait(self.0.get()) } != 0 {}
    }
}

static MESSAGE: OnceLock<Handover<Message>> = OnceLock::new();
static REGISTERED: OnceLock<Semaphore> = OnceLock::new();

extern "C" fn on_message(_: u64, message: &Message) {
    guard("races", (), || MESSAGE.get().unwrap().put(message.clone()));
}

fn main() {
    MESSAGE.get_or_init(Handover::new);
    let registered = REGISTERED.get_or_init(|| Semaphore::new(0));
    let network = format!("sys-test-{}", std::process::id());
    let config = tempfile::NamedTempFile::new().unwrap();
    let json = format!(
        r#"{{ "unicast": "127.0.0.1", "network": "{network}", "routing": "races",
              "logging": {{ "level": "warning", "console": "true", "dlt": "false" }},
              "service-discovery": {{ "enable": "false" }},
              "applications": [{{ "name": "races", "id": "0x5555" }}] }}"#
    );
    std::fs::write(config.path(), json).unwrap();
    let application = Application::create("races", Some(config.path())).unwrap();
    let callback = StateCallback::new(|is_registered| {
        if is_registered {
            registered.post();
        }
    });
    application.register_state_handler(callback).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| application.run().unwrap());
        registered.wait();
        messages_are_read_and_freed_on_any_thread(&application);
        callbacks_come_and_go_while_they_are_called(&application);
        application.clear_all_handlers().unwrap();
        application.stop().unwrap();
    });
    drop(application);
    for suffix in ["-0", "-5555", ".lck"] {
        drop(std::fs::remove_file(std::env::temp_dir().join(format!("{network}{suffix}"))));
    }
    println!("{MESSAGES} messages read by {READERS} threads each: ok");
}

fn messages_are_read_and_freed_on_any_thread(application: &Application) {
    application.offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0)).unwrap();
    application
        .register_message_handler(SERVICE, INSTANCE, METHOD, MessageHandlerFn(on_message), 0)
        .unwrap();
    let header =
        Header::request(MessageType::RequestNoReturn, SERVICE, INSTANCE, METHOD, VERSION, false);
    for content in 0..MESSAGES {
        application.send_request(&header, &[content; 100]).unwrap();
        let message = MESSAGE.get().unwrap().take();
        let reader = |message: Message| {
            move || {
                assert_eq!(message.header().method(), METHOD);
                let payload = message.payload();
                drop(message);
                assert_eq!(payload.clone(), [content; 100].as_slice());
            }
        };
        let readers: Vec<_> =
            (0..READERS).map(|_| thread::spawn(reader(message.clone()))).collect();
        drop(message);
        for reader in readers {
            reader.join().unwrap();
        }
    }
}

/// Registers, replaces and withdraws a callback, and has vsomeip call it in between: the offer comes
/// and goes. What the callback has captured is read with each call and freed with it.
fn callbacks_come_and_go_while_they_are_called(application: &Application) {
    application.request_service(SERVICE, INSTANCE, MajorVersion::ANY, MinorVersion::ANY).unwrap();
    for content in 0..MESSAGES {
        let captured = vec![content; 100];
        let callback = AvailabilityCallback::new(move |_, _, _| {
            assert_eq!(captured, [content; 100]);
        });
        application
            .register_availability_handler(SERVICE, INSTANCE, MajorVersion::ANY, callback)
            .unwrap();
        application.stop_offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0)).unwrap();
        application.offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0)).unwrap();
        if content % 2 == 0 {
            application
                .unregister_availability_handler(SERVICE, INSTANCE, MajorVersion::ANY)
                .unwrap();
        }
    }
}
