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

//! The cxx bridge: functions that take borrowed slices, strings, or a Rust callback. cxx checks their
//! signatures on both sides.

use crate::callback::{
    AvailabilityCallback, OfferedServicesCallback, StateCallback, SubscriptionCallback,
    SubscriptionStatusCallback,
};

pub(crate) use ffi::{
    ask_for_offered_services, contents, create_application, has_application,
    knows_default_dispatchers, load_plugin, loaded_version, notify, offer_event,
    register_availability_handler, register_message_handler, register_state_handler,
    register_subscription_handler, register_subscription_status_handler, request_event,
    send_request, send_response, Contents, NativeMessage,
};
pub use ffi::{Header, OfferedService};

// The glue asserts the same on its side (cpp/src/bridge.cpp).
const _: () = assert!(size_of::<Header>() == 16 && align_of::<Header>() == 2);

#[allow(clippy::panic, unreachable_pub, reason = "generated code")]
#[cxx::bridge(namespace = "vsomeip_glue")]
mod ffi {
    /// The header fields of a SOME/IP message, except for the constant ones.
    #[derive(Clone, Copy, Default, PartialEq, Eq)]
    struct Header {
        /// The service id.
        service: u16,
        /// The instance id. Not on the wire: vsomeip derives it from the endpoint.
        instance: u16,
        /// The method id, or the event id of a notification.
        method: u16,
        /// The client id of the request's sender.
        client: u16,
        /// The session id of the request.
        session: u16,
        /// The major version of the service's interface.
        interface_version: u8,
        /// The message type, see `MessageType`.
        message_type: u8,
        /// The return code, see `ReturnCode`.
        return_code: u8,
        /// Over TCP (true) or UDP (false). Has no meaning between applications of one host.
        reliable: bool,
        /// The result of vsomeip's E2E check, see `CheckResult`. Not on the wire; 0 for unchecked
        /// messages.
        check_result: u8,
    }

    /// The header and payload of a message, read in one call across the FFI boundary.
    #[derive(Clone, Copy, Default)]
    struct Contents<'a> {
        header: Header,
        /// Borrowed from vsomeip's buffer.
        payload: &'a [u8],
    }

    /// A service instance that an application offers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct OfferedService {
        /// The service id.
        service: u16,
        /// The instance id.
        instance: u16,
    }

    extern "Rust" {
        type StateCallback;
        fn call(self: &StateCallback, registered: bool);

        type AvailabilityCallback;
        fn call(
            self: &AvailabilityCallback,
            service: u16,
            instance: u16,
            available: bool,
            major: u8,
        );

        type OfferedServicesCallback;
        fn call(self: &OfferedServicesCallback, services: &[OfferedService]);

        type SubscriptionCallback;
        fn call(self: &SubscriptionCallback, client: u16, subscribed: bool) -> bool;

        type SubscriptionStatusCallback;
        fn call(
            self: &SubscriptionStatusCallback,
            service: u16,
            instance: u16,
            eventgroup: u16,
            event: u16,
            status: u16,
        );
    }

    // SAFETY: the C++ compiler checks the declarations below against bridge.h. All of them are safe to
    // call: they take references that live for the call, copy what they keep, and catch every
    // exception; vsomeip may be called from any thread.
    unsafe extern "C++" {
        include!("vsomeip_glue/bridge.h");

        type Application = crate::ffi::Application;
        type MessageHandlerFn = crate::callback::MessageHandlerFn;

        #[namespace = "vsomeip_v3"]
        #[cxx_name = "message"]
        type NativeMessage;

        fn loaded_version() -> String;

        fn knows_default_dispatchers() -> Result<bool>;
        fn load_plugin(library: &str) -> Result<()>;
        fn has_application(name: &str) -> bool;
        fn create_application(name: &str, configuration: &str) -> Result<UniquePtr<Application>>;

        fn offer_event(
            application: &Application,
            service: u16,
            instance: u16,
            event: u16,
            eventgroups: &[u16],
            event_type: u8,
            reliability: u8,
        ) -> Result<()>;
        fn request_event(
            application: &Application,
            service: u16,
            instance: u16,
            event: u16,
            eventgroups: &[u16],
            event_type: u8,
            reliability: u8,
        ) -> Result<()>;

        fn send_request(application: &Application, header: &Header, payload: &[u8]) -> Result<u32>;
        fn send_response(
            application: &Application,
            request: &SharedPtr<NativeMessage>,
            message_type: u8,
            return_code: u8,
            payload: &[u8],
        ) -> Result<()>;
        fn notify(
            application: &Application,
            service: u16,
            instance: u16,
            event: u16,
            payload: &[u8],
            force: bool,
        ) -> Result<()>;

        fn contents<'a>(message: &'a NativeMessage) -> Contents<'a>;

        fn register_message_handler(
            application: &Application,
            service: u16,
            instance: u16,
            method: u16,
            handler: MessageHandlerFn,
            generation: u64,
        ) -> Result<()>;
        fn register_state_handler(
            application: &Application,
            callback: Box<StateCallback>,
        ) -> Result<()>;
        fn register_availability_handler(
            application: &Application,
            service: u16,
            instance: u16,
            major: u8,
            callback: Box<AvailabilityCallback>,
        ) -> Result<()>;
        fn register_subscription_handler(
            application: &Application,
            service: u16,
            instance: u16,
            eventgroup: u16,
            callback: Box<SubscriptionCallback>,
        ) -> Result<()>;
        fn register_subscription_status_handler(
            application: &Application,
            service: u16,
            instance: u16,
            eventgroup: u16,
            event: u16,
            callback: Box<SubscriptionStatusCallback>,
        ) -> Result<()>;

        fn ask_for_offered_services(
            application: &Application,
            callback: Box<OfferedServicesCallback>,
        ) -> Result<()>;
    }
}
