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

//! The FFI boundary to vsomeip, crossed by a request and its response, by exceptions and by panics.
//!
//! One test in one process: vsomeip 3.4.10 reads one configuration per process.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Mutex, OnceLock};

use common::{Network, TIMEOUT};
use vsomeip_sys::callback::{
    panics, AvailabilityCallback, MessageHandlerFn, OfferedServicesCallback,
};
use vsomeip_sys::{
    Application, Header, InstanceId, MajorVersion, Message, MessageType, MethodId, MinorVersion,
    OfferedService, ReturnCode, ServiceId,
};

const SERVICE: ServiceId = ServiceId(0x1234);
const INSTANCE: InstanceId = InstanceId(1);
const METHOD: MethodId = MethodId(0x0421);
const VERSION: MajorVersion = MajorVersion(3);

static MESSAGES: OnceLock<Mutex<Sender<(u64, Message)>>> = OnceLock::new();

extern "C" fn on_message(generation: u64, message: &Message) {
    let messages = MESSAGES.get().unwrap().lock().unwrap();
    messages.send((generation, message.clone())).unwrap();
}

extern "C" fn on_message_panicking(_: u64, _: &Message) {
    vsomeip_sys::callback::guard("test", (), || panic!("on purpose"));
}

#[test]
fn text_and_payload_cross_ffi_boundary() {
    let network = Network::of("boundary", "unused");
    let application = network.start("boundary");
    let (sender, messages) = channel();
    MESSAGES.set(Mutex::new(sender)).unwrap();
    name_in_use_is_an_error();
    loaded_version_is_that_of_build();
    vsomeip_sys::load_e2e_plugin().unwrap();
    a_service_becomes_available_despite_a_panic(&application);
    what_is_offered_is_told(&application);
    let request = a_request_arrives_as_it_was_sent(&application, &messages);
    the_response_has_the_id_of_its_request(&application, &messages, &request);
    an_empty_request_is_not_answered(&application);
    the_payload_is_vsomeip_s_own_and_outlives_its_message(&request);
    what_is_sent_next_does_not_change_what_was_sent_before(&application, &messages);
    a_panicking_handler_is_counted(&application);
}

fn loaded_version_is_that_of_build() {
    let built_against = vsomeip_sys::VSOMEIP_VERSION;
    assert_eq!(vsomeip_sys::loaded_version().as_deref(), Some(built_against));
}

fn name_in_use_is_an_error() {
    let error = Application::create("boundary", None).err().unwrap();
    assert!(error.to_string().contains("already has an application named boundary"), "{error}");
}

fn a_service_becomes_available_despite_a_panic(application: &Application) {
    let (sender, available) = channel();
    let before = panics();
    let callback = AvailabilityCallback::new(move |service, instance, version| {
        if let Some(version) = version {
            sender.send((service, instance, version)).unwrap();
            panic!("on purpose");
        }
    });
    application
        .register_availability_handler(SERVICE, INSTANCE, MajorVersion::ANY, callback)
        .unwrap();
    application.offer_service(SERVICE, INSTANCE, VERSION, MinorVersion(0)).unwrap();
    application.request_service(SERVICE, INSTANCE, MajorVersion::ANY, MinorVersion::ANY).unwrap();
    assert_eq!(available.recv_timeout(TIMEOUT), Ok((SERVICE, INSTANCE, VERSION)));
    while panics() == before {
        std::thread::yield_now();
    }
}

fn what_is_offered_is_told(application: &Application) {
    let (sender, offered) = channel();
    let callback = OfferedServicesCallback::new(move |services| {
        sender.send(services.to_vec()).unwrap();
    });
    application.ask_for_offered_services(callback).unwrap();
    let expected = OfferedService { service: SERVICE.0, instance: INSTANCE.0 };
    assert_eq!(offered.recv_timeout(TIMEOUT), Ok(vec![expected]));
}

fn a_request_arrives_as_it_was_sent(
    application: &Application,
    messages: &Receiver<(u64, Message)>,
) -> Message {
    application
        .register_message_handler(SERVICE, INSTANCE, METHOD, MessageHandlerFn(on_message), 7)
        .unwrap();
    let header = Header::request(MessageType::Request, SERVICE, INSTANCE, METHOD, VERSION, false);
    let id = application.send_request(&header, b"payload").unwrap();
    let (generation, request) = messages.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(generation, 7);
    let received = request.header();
    assert_eq!(received.service(), SERVICE);
    assert_eq!(received.instance(), INSTANCE);
    assert_eq!(received.method(), METHOD);
    assert_eq!(received.version(), VERSION);
    assert_eq!(received.message_type(), MessageType::Request);
    assert_eq!(received.return_code(), ReturnCode::Ok);
    assert_eq!(received.client(), application.client());
    assert_eq!(received.request_id(), id);
    assert_eq!(request.payload(), b"payload".as_slice());
    request
}

fn the_response_has_the_id_of_its_request(
    application: &Application,
    messages: &Receiver<(u64, Message)>,
    request: &Message,
) {
    application.send_response(request, MessageType::Response, ReturnCode::NotReady, &[]).unwrap();
    let (_, response) = messages.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(response.header().request_id(), request.header().request_id());
    assert_eq!(response.header().message_type(), MessageType::Response);
    assert_eq!(response.header().return_code(), ReturnCode::NotReady);
    assert!(response.payload().is_empty());
}

fn an_empty_request_is_not_answered(application: &Application) {
    let nothing = Message::default();
    let error = application.send_response(&nothing, MessageType::Response, ReturnCode::Ok, &[]);
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "send_response: there is no request to respond to");
}

fn the_payload_is_vsomeip_s_own_and_outlives_its_message(request: &Message) {
    let copy = request.clone();
    let borrowed = copy.as_ref().as_ptr();
    let payload = copy.payload();
    assert_eq!(payload.as_ptr(), borrowed);
    drop(copy);
    let on_another_thread = std::thread::spawn(move || payload.to_vec());
    assert_eq!(on_another_thread.join().unwrap(), b"payload");
}

/// The payloads that a thread sends share an object on their way into vsomeip, up to a size.
fn what_is_sent_next_does_not_change_what_was_sent_before(
    application: &Application,
    messages: &Receiver<(u64, Message)>,
) {
    let header = Header::request(MessageType::Request, SERVICE, INSTANCE, METHOD, VERSION, false);
    let payloads: Vec<_> =
        (1_u8..).zip([10, 4097, 4096, 3, 0, 65_536, 7]).map(|(fill, n)| vec![fill; n]).collect();
    for payload in &payloads {
        application.send_request(&header, payload).unwrap();
    }
    let received: Vec<_> =
        payloads.iter().map(|_| messages.recv_timeout(TIMEOUT).unwrap().1).collect();
    for (payload, message) in payloads.iter().zip(&received) {
        assert_eq!(message.payload(), payload);
    }
}

fn a_panicking_handler_is_counted(application: &Application) {
    let method = MethodId(0x0422);
    let before = panics();
    application
        .register_message_handler(
            SERVICE,
            INSTANCE,
            method,
            MessageHandlerFn(on_message_panicking),
            0,
        )
        .unwrap();
    let header = Header::request(MessageType::Request, SERVICE, INSTANCE, method, VERSION, false);
    application.send_request(&header, &[]).unwrap();
    while panics() == before {
        std::thread::yield_now();
    }
}
