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

//! A C++ exception from every method becomes an error with its text and does not end the process.
//!
//! One test in one process: vsomeip 3.4.10 reads one configuration per process.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::mpsc::{sync_channel, SyncSender};
use std::sync::OnceLock;

use common::{Network, TIMEOUT};
use vsomeip_sys::callback::{
    AvailabilityCallback, MessageHandlerFn, OfferedServicesCallback, StateCallback,
    SubscriptionCallback, SubscriptionStatusCallback,
};
use vsomeip_sys::testing::{self, Fault};
use vsomeip_sys::{
    Application, Error, EventId, EventType, EventgroupId, Header, InstanceId, MajorVersion,
    Message, MessageType, MethodId, MinorVersion, Reliability, ReturnCode, ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x3456);
const INSTANCE: InstanceId = InstanceId(1);
const METHOD: MethodId = MethodId(0x0421);
const EVENT: EventId = EventId(0x8001);
const GROUP: EventgroupId = EventgroupId(1);
const MAJOR: MajorVersion = MajorVersion(1);
const MINOR: MinorVersion = MinorVersion(0);

static MESSAGES: OnceLock<SyncSender<Message>> = OnceLock::new();

extern "C" fn on_message(_: u64, message: &Message) {
    MESSAGES.get().unwrap().send(message.clone()).unwrap();
}

type Call = fn(&Application) -> Result<(), Error>;

/// Every method that returns a result, and the operation that its error names.
const CALLS: &[(&str, &str, Call)] = &[
    ("create", "create_application", |_| Application::create("another", None).map(drop)),
    ("run", "start", |it| it.run()),
    ("stop", "stop", |it| it.stop()),
    ("offer_service", "offer_service", |it| it.offer_service(SERVICE, INSTANCE, MAJOR, MINOR)),
    ("stop_offer_service", "stop_offer_service", |it| {
        it.stop_offer_service(SERVICE, INSTANCE, MAJOR, MINOR)
    }),
    ("request_service", "request_service", |it| {
        it.request_service(SERVICE, INSTANCE, MAJOR, MINOR)
    }),
    ("release_service", "release_service", |it| it.release_service(SERVICE, INSTANCE)),
    ("offer_event", "offer_event", |it| {
        it.offer_event(SERVICE, INSTANCE, EVENT, &[GROUP], EventType::Event, Reliability::Both)
    }),
    ("stop_offer_event", "stop_offer_event", |it| it.stop_offer_event(SERVICE, INSTANCE, EVENT)),
    ("request_event", "request_event", |it| {
        it.request_event(SERVICE, INSTANCE, EVENT, &[GROUP], EventType::Event, Reliability::Both)
    }),
    ("release_event", "release_event", |it| it.release_event(SERVICE, INSTANCE, EVENT)),
    ("subscribe", "subscribe", |it| it.subscribe(SERVICE, INSTANCE, GROUP, MAJOR, EVENT)),
    ("unsubscribe", "unsubscribe", |it| it.unsubscribe(SERVICE, INSTANCE, GROUP, EVENT)),
    ("send_request", "send_request", |it| it.send_request(&request(), &[1]).map(drop)),
    ("send_response", "send_response", |it| {
        let request = testing::message(&request(), &[]);
        it.send_response(&request, MessageType::Response, ReturnCode::Ok, &[1])
    }),
    ("notify", "notify", |it| it.notify(SERVICE, INSTANCE, EVENT, &[1], false)),
    ("register_message_handler", "register_message_handler", |it| {
        it.register_message_handler(SERVICE, INSTANCE, METHOD, MessageHandlerFn(on_message), 0)
    }),
    ("unregister_message_handler", "unregister_message_handler", |it| {
        it.unregister_message_handler(SERVICE, INSTANCE, METHOD)
    }),
    ("register_state_handler", "register_state_handler", |it| {
        it.register_state_handler(StateCallback::new(|_| {}))
    }),
    ("unregister_state_handler", "unregister_state_handler", |it| it.unregister_state_handler()),
    ("register_availability_handler", "register_availability_handler", |it| {
        let callback = AvailabilityCallback::new(|_, _, _| {});
        it.register_availability_handler(SERVICE, INSTANCE, MAJOR, callback)
    }),
    ("unregister_availability_handler", "unregister_availability_handler", |it| {
        it.unregister_availability_handler(SERVICE, INSTANCE, MAJOR)
    }),
    ("register_subscription_handler", "register_subscription_handler", |it| {
        let callback = SubscriptionCallback::new(|_, _| true);
        it.register_subscription_handler(SERVICE, INSTANCE, GROUP, callback)
    }),
    ("unregister_subscription_handler", "unregister_subscription_handler", |it| {
        it.unregister_subscription_handler(SERVICE, INSTANCE, GROUP)
    }),
    ("register_subscription_status_handler", "register_subscription_status_handler", |it| {
        let callback = SubscriptionStatusCallback::new(|_, _, _, _, _| {});
        it.register_subscription_status_handler(SERVICE, INSTANCE, GROUP, EVENT, callback)
    }),
    ("unregister_subscription_status_handler", "unregister_subscription_status_handler", |it| {
        it.unregister_subscription_status_handler(SERVICE, INSTANCE, GROUP, EVENT)
    }),
    ("ask_for_offered_services", "ask_for_offered_services", |it| {
        it.ask_for_offered_services(OfferedServicesCallback::new(|_| {}))
    }),
    ("clear_all_handlers", "clear_all_handlers", |it| it.clear_all_handlers()),
];

fn request() -> Header {
    Header::request(MessageType::Request, SERVICE, INSTANCE, METHOD, MAJOR, false)
}

#[test]
fn exceptions_become_errors() {
    let network = Network::of("faults", "unused");
    let application = network.start("faults");
    no_method_is_forgotten();
    for (method, operation, call) in CALLS {
        throws(method, operation, Fault::Error("on purpose"), "on purpose", || call(&application));
        let unknown = "a C++ exception of an unknown type";
        throws(method, operation, Fault::Other, unknown, || call(&application));
    }
    a_request_still_arrives(&application);
}

/// The methods of `Application` that return a result are those of the list, in its order.
fn no_method_is_forgotten() {
    let source = concat!(
        include_str!("../src/application.rs"),
        include_str!("../src/application/handlers.rs")
    );
    let fallible: Vec<&str> = source
        .split("\n    pub fn ")
        .skip(1)
        .filter(|method| method.split(" {\n").next().unwrap().contains("-> Result<"))
        .map(|method| method.split('(').next().unwrap())
        .collect();
    let listed: Vec<&str> = CALLS.iter().map(|(method, ..)| *method).collect();
    assert_eq!(listed, fallible);
    println!("{} methods", listed.len());
}

fn throws(
    method: &str,
    operation: &'static str,
    fault: Fault,
    text: &str,
    call: impl Fn() -> Result<(), Error>,
) {
    fault.arm();
    let error = call().expect_err(method);
    assert!(!Fault::is_armed(), "{method} did not call vsomeip");
    assert_eq!(error, Error::Exception { operation, text: text.to_owned() }, "{method}");
    assert_eq!(error.to_string(), format!("{operation}: {text}"));
}

fn a_request_still_arrives(application: &Application) {
    let (sender, messages) = sync_channel(1);
    MESSAGES.set(sender).unwrap();
    application.offer_service(SERVICE, INSTANCE, MAJOR, MINOR).unwrap();
    application
        .register_message_handler(SERVICE, INSTANCE, METHOD, MessageHandlerFn(on_message), 0)
        .unwrap();
    let id = application.send_request(&request(), b"payload").unwrap();
    let request = messages.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(request.header().request_id(), id);
    assert_eq!(request.payload(), b"payload".as_slice());
}
