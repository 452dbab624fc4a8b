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

//! A panic in each callback, or in the destructor of its captures, is counted once and logged once, does
//! not reach C++, and does not stop the application.
//!
//! One test in one process: vsomeip 3.4.10 reads one configuration per process.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use common::{Network, Running, TIMEOUT};
use vsomeip_sys::callback::{
    guard, panics, AvailabilityCallback, MessageHandlerFn, OfferedServicesCallback,
    SubscriptionCallback, SubscriptionStatusCallback,
};
use vsomeip_sys::{
    EventId, EventType, EventgroupId, Header, InstanceId, MajorVersion, Message, MessageType,
    MethodId, MinorVersion, Reliability, ReturnCode, ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x2345);
const INSTANCE: InstanceId = InstanceId(1);
const METHOD: MethodId = MethodId(0x0421);
const VERSION: MajorVersion = MajorVersion(1);
/// The subscription to one event is refused, that to the other is accepted.
const REFUSED: u16 = 0x8001;
const ACCEPTED: u16 = 0x8002;

/// The log records of the panics, and the received messages.
static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());
static MESSAGES: OnceLock<Mutex<Sender<Message>>> = OnceLock::new();
/// Whether the handler is to panic.
static PANICKING: AtomicBool = AtomicBool::new(false);

struct Recorder;

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOGGED.lock().unwrap().push(record.args().to_string());
        assert!(!record.args().to_string().contains("takes the logger with it"));
    }

    fn flush(&self) {}
}

/// Panics when it is dropped.
struct Mine(&'static str);

impl Mine {
    /// Makes a closure capture all of it.
    fn belongs_here(&self) {}
}

impl Drop for Mine {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

extern "C" fn on_message(_: u64, message: &Message) {
    guard("message", (), || {
        assert!(!PANICKING.load(Ordering::SeqCst), "message handler");
        MESSAGES.get().unwrap().lock().unwrap().send(message.clone()).unwrap();
    });
}

/// What happened to the panics since this was created.
struct Panics {
    before: u64,
}

impl Panics {
    fn from_here() -> Self {
        LOGGED.lock().unwrap().clear();
        Self { before: panics() }
    }

    /// Waits for the panics with these texts. They are all that there are: in the end, the counter
    /// and the log agree.
    fn are(&self, texts: &[&str]) {
        let expected = self.before + u64::try_from(texts.len()).unwrap();
        let deadline = Instant::now() + TIMEOUT;
        while panics() < expected || LOGGED.lock().unwrap().len() < texts.len() {
            assert!(Instant::now() < deadline, "{:?}", LOGGED.lock().unwrap());
            std::thread::yield_now();
        }
        assert_eq!(panics(), expected, "{:?}", LOGGED.lock().unwrap());
        let logged = LOGGED.lock().unwrap();
        for text in texts {
            let found = logged.iter().filter(|record| record.ends_with(text)).count();
            assert_eq!(found, 1, "{text}: {logged:?}");
        }
    }
}

#[test]
fn no_panic_crosses_the_ffi_boundary() {
    log::set_logger(&Recorder).unwrap();
    log::set_max_level(log::LevelFilter::Error);
    let (sender, messages) = channel();
    MESSAGES.set(Mutex::new(sender)).unwrap();
    what_follows_a_panic_may_panic();
    let network = Network::of("service", "client");
    let service = network.start("service");
    let client = a_panic_in_the_state_callback(&network);
    offer(&service);
    a_panic_in_the_availability_callback(&client);
    a_panic_in_the_callback_for_offered_services(&client);
    a_request_is_answered(&service, &client, &messages);
    a_panic_in_the_message_handler(&service, &client, &messages);
    a_panic_in_the_subscription_callbacks(&service, &client, &messages);
    a_panic_in_the_destructor_of_a_callback(&service);
    a_request_is_answered(&service, &client, &messages);
}

fn what_follows_a_panic_may_panic() {
    let panics = Panics::from_here();
    guard("test", (), || panic!("takes the logger with it"));
    guard("test", (), || std::panic::panic_any(Mine("payload of a panic")));
    panics.are(&["takes the logger with it", "no text"]);
}

fn a_panic_in_the_state_callback(network: &Network) -> Running {
    let panics = Panics::from_here();
    let client = network.start_and_tell("client", |registered| {
        assert!(!registered, "state callback");
    });
    panics.are(&["state callback"]);
    client
}

fn offer(service: &Running) {
    service.register_message_handler(SERVICE, INSTANCE, METHOD, handler(), 0).unwrap();
    service.offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0)).unwrap();
}

fn handler() -> MessageHandlerFn {
    MessageHandlerFn(on_message)
}

fn a_panic_in_the_availability_callback(client: &Running) {
    let panics = Panics::from_here();
    let callback = AvailabilityCallback::new(|_, _, version| {
        assert!(version.is_none(), "availability callback");
    });
    client.register_availability_handler(SERVICE, INSTANCE, MajorVersion::ANY, callback).unwrap();
    client.request_service(SERVICE, INSTANCE, MajorVersion::ANY, MinorVersion::ANY).unwrap();
    panics.are(&["availability callback"]);
}

fn a_panic_in_the_callback_for_offered_services(client: &Running) {
    let panics = Panics::from_here();
    let callback = OfferedServicesCallback::new(|services| {
        assert!(services.is_empty(), "offered services callback");
    });
    client.ask_for_offered_services(callback).unwrap();
    panics.are(&["offered services callback"]);
}

fn a_request_is_answered(service: &Running, client: &Running, messages: &Receiver<Message>) {
    client.register_message_handler(SERVICE, INSTANCE, METHOD, handler(), 0).unwrap();
    let header = Header::request(MessageType::Request, SERVICE, INSTANCE, METHOD, VERSION, false);
    let id = client.send_request(&header, b"ping").unwrap();
    let request = messages.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(request.payload(), b"ping".as_slice());
    service.send_response(&request, MessageType::Response, ReturnCode::Ok, b"pong").unwrap();
    let response = messages.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(response.header().request_id(), id);
    assert_eq!(response.payload(), b"pong".as_slice());
}

fn a_panic_in_the_message_handler(
    service: &Running,
    client: &Running,
    messages: &Receiver<Message>,
) {
    let panics = Panics::from_here();
    PANICKING.store(true, Ordering::SeqCst);
    let header =
        Header::request(MessageType::RequestNoReturn, SERVICE, INSTANCE, METHOD, VERSION, false);
    client.send_request(&header, &[]).unwrap();
    panics.are(&["message handler"]);
    PANICKING.store(false, Ordering::SeqCst);
    a_request_is_answered(service, client, messages);
}

/// The service's callback panics, so the subscription is refused; the client's callback panics when
/// it is told so. Another subscription, with callbacks that do not panic, is accepted.
fn a_panic_in_the_subscription_callbacks(
    service: &Running,
    client: &Running,
    messages: &Receiver<Message>,
) {
    let panics = Panics::from_here();
    let refusing = SubscriptionCallback::new(|_, _| panic!("subscription callback"));
    let told = SubscriptionStatusCallback::new(|_, _, _, _, status| {
        assert!(status == 0, "subscription status callback, refused");
    });
    subscribe(service, client, REFUSED, refusing, told);
    panics.are(&["subscription callback", "subscription status callback, refused"]);

    let (sender, statuses) = channel();
    let told = SubscriptionStatusCallback::new(move |_, _, _, _, status| {
        sender.send(status).unwrap();
    });
    subscribe(service, client, ACCEPTED, SubscriptionCallback::new(|_, _| true), told);
    assert_eq!(statuses.recv_timeout(TIMEOUT), Ok(0));
    let event = EventId(ACCEPTED);
    client.register_message_handler(SERVICE, INSTANCE, event.into(), handler(), 0).unwrap();
    // vsomeip tells the subscriber first, and then adds it to those that get the event.
    let deadline = Instant::now() + TIMEOUT;
    let notification = loop {
        service.notify(SERVICE, INSTANCE, event, b"event", false).unwrap();
        match messages.recv_timeout(Duration::from_millis(10)) {
            Ok(notification) => break notification,
            Err(_) => assert!(Instant::now() < deadline),
        }
    };
    assert_eq!(notification.payload(), b"event".as_slice());
}

/// Has the client subscribe to an event, which is the only one of the group with its number.
fn subscribe(
    service: &Running,
    client: &Running,
    number: u16,
    asked: SubscriptionCallback,
    told: SubscriptionStatusCallback,
) {
    let (event, group) = (EventId(number), EventgroupId(number));
    let (kind, reliability) = (EventType::Event, Reliability::Unspecified);
    service.offer_event(SERVICE, INSTANCE, event, &[group], kind, reliability).unwrap();
    service.register_subscription_handler(SERVICE, INSTANCE, group, asked).unwrap();
    client.register_subscription_status_handler(SERVICE, INSTANCE, group, event, told).unwrap();
    client.request_event(SERVICE, INSTANCE, event, &[group], kind, reliability).unwrap();
    client.subscribe(SERVICE, INSTANCE, group, VERSION, event).unwrap();
}

/// C++ drops the closure, and with it what it has captured.
fn a_panic_in_the_destructor_of_a_callback(service: &Running) {
    let panics = Panics::from_here();
    let captured = Mine("availability destructor");
    let callback = AvailabilityCallback::new(move |_, _, _| captured.belongs_here());
    let other = ServiceId(0x7777);
    service.register_availability_handler(other, INSTANCE, MajorVersion::ANY, callback).unwrap();
    service.unregister_availability_handler(other, INSTANCE, MajorVersion::ANY).unwrap();
    let captured = Mine("never registered");
    drop(SubscriptionCallback::new(move |_, _| {
        captured.belongs_here();
        true
    }));
    panics.are(&["availability destructor", "never registered"]);
}
