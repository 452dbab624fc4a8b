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

//! Compile-time checks of what cxx and autocxx do not compare: the values of codes and wildcards, and
//! the signature of the handlers. If C++ and Rust differ, this file or `cpp/src/drift.cpp` does not
//! compile. Nothing here is called.

use cxx::SharedPtr;

use crate::bridge::NativeMessage;
use crate::callback::MessageHandlerFn;
use crate::{
    EventId, EventType, InstanceId, MajorVersion, Message, MessageType, MethodId, MinorVersion,
    Reliability, ReturnCode, ServiceId,
};

#[allow(
    dead_code,
    non_camel_case_types,
    unreachable_pub,
    reason = "generated code, with vsomeip's names"
)]
#[cxx::bridge(namespace = "vsomeip_v3")]
mod ffi {
    #[repr(u8)]
    enum message_type_e {
        MT_REQUEST = 0x00,
        MT_REQUEST_NO_RETURN = 0x01,
        MT_NOTIFICATION = 0x02,
        MT_RESPONSE = 0x80,
        MT_ERROR = 0x81,
    }

    #[repr(u8)]
    enum return_code_e {
        E_OK = 0x00,
        E_NOT_OK = 0x01,
        E_UNKNOWN_SERVICE = 0x02,
        E_UNKNOWN_METHOD = 0x03,
        E_NOT_READY = 0x04,
        E_NOT_REACHABLE = 0x05,
        E_TIMEOUT = 0x06,
        E_WRONG_PROTOCOL_VERSION = 0x07,
        E_WRONG_INTERFACE_VERSION = 0x08,
        E_MALFORMED_MESSAGE = 0x09,
        E_WRONG_MESSAGE_TYPE = 0x0a,
        E_UNKNOWN = 0xff,
    }

    #[repr(u8)]
    enum event_type_e {
        ET_EVENT = 0x00,
        ET_SELECTIVE_EVENT = 0x01,
        ET_FIELD = 0x02,
        ET_UNKNOWN = 0xff,
    }

    #[repr(u8)]
    enum reliability_type_e {
        RT_RELIABLE = 0x01,
        RT_UNRELIABLE = 0x02,
        RT_BOTH = 0x03,
        RT_UNKNOWN = 0xff,
    }

    // For enumerations declared in C++, cxx asserts the value of each enumerator.
    unsafe extern "C++" {
        include!("vsomeip/enumeration_types.hpp");
        type message_type_e;
        type return_code_e;
        type event_type_e;
        type reliability_type_e;
    }

    /// Stands in for constants, which cxx does not have; drift.cpp compares the values with vsomeip's.
    #[namespace = "vsomeip_glue"]
    #[repr(u32)]
    enum Wildcard {
        Service = 0xffff,
        Instance = 0xffff,
        Method = 0xffff,
        Event = 0xffff,
        Major = 0xff,
        Minor = 0xffff_ffff,
    }

    // SAFETY: the declaration of a type that `bridge` has declared.
    unsafe extern "C++" {
        include!("vsomeip_glue/bridge.h");

        #[namespace = "vsomeip_v3"]
        #[cxx_name = "message"]
        type NativeMessage = crate::bridge::NativeMessage;
    }

    #[namespace = "vsomeip_glue"]
    extern "Rust" {
        fn message_handler(generation: u64, message: &SharedPtr<NativeMessage>);
    }
}

/// cxx declares this function in C++, and drift.cpp asserts that its type is the C++ type of the
/// handlers. The call in it makes rustc check that the Rust type is the same.
fn message_handler(generation: u64, message: &SharedPtr<NativeMessage>) {
    extern "C" fn ignore(_: u64, _: &Message) {}
    let MessageHandlerFn(handler) = MessageHandlerFn(ignore);
    handler(generation, &Message::of(message.clone()))
}

/// Asserts that each code has the value of vsomeip's enumerator. All codes must be listed; those of the
/// specification that vsomeip does not define come after `without`.
macro_rules! same_values {
    (
        $codes:ident, $enumeration:ident, { $($code:ident = $enumerator:ident,)* }
        $(without $($unnamed:ident),*)?
    ) => {
        const _: () = {
            const fn native(code: $codes) -> u8 {
                match code {
                    $($codes::$code => ffi::$enumeration::$enumerator.repr,)*
                    $($($codes::$unnamed => $codes::$unnamed.code(),)*)?
                    $codes::Unknown(code) => code,
                }
            }
            $(assert!(native($codes::$code) == $codes::$code.code());)*
        };
    };
}

same_values!(MessageType, message_type_e, {
    Request = MT_REQUEST,
    RequestNoReturn = MT_REQUEST_NO_RETURN,
    Notification = MT_NOTIFICATION,
    Response = MT_RESPONSE,
    Error = MT_ERROR,
});

same_values!(ReturnCode, return_code_e, {
    Ok = E_OK,
    NotOk = E_NOT_OK,
    UnknownService = E_UNKNOWN_SERVICE,
    UnknownMethod = E_UNKNOWN_METHOD,
    NotReady = E_NOT_READY,
    NotReachable = E_NOT_REACHABLE,
    Timeout = E_TIMEOUT,
    WrongProtocolVersion = E_WRONG_PROTOCOL_VERSION,
    WrongInterfaceVersion = E_WRONG_INTERFACE_VERSION,
    MalformedMessage = E_MALFORMED_MESSAGE,
    WrongMessageType = E_WRONG_MESSAGE_TYPE,
    UnspecifiedError = E_UNKNOWN,
} without E2eRepeated, E2eWrongSequence, E2e, E2eNotAvailable, E2eNoNewData);

same_values!(EventType, event_type_e, {
    Event = ET_EVENT,
    SelectiveEvent = ET_SELECTIVE_EVENT,
    Field = ET_FIELD,
    Unspecified = ET_UNKNOWN,
});

same_values!(Reliability, reliability_type_e, {
    Reliable = RT_RELIABLE,
    Unreliable = RT_UNRELIABLE,
    Both = RT_BOTH,
    Unspecified = RT_UNKNOWN,
});

#[allow(clippy::as_conversions, reason = "widening; `From` is not const")]
const _: () = {
    assert!(ServiceId::ANY.0 as u32 == ffi::Wildcard::Service.repr);
    assert!(InstanceId::ANY.0 as u32 == ffi::Wildcard::Instance.repr);
    assert!(MethodId::ANY.0 as u32 == ffi::Wildcard::Method.repr);
    assert!(EventId::ANY.0 as u32 == ffi::Wildcard::Event.repr);
    assert!(MajorVersion::ANY.0 as u32 == ffi::Wildcard::Major.repr);
    assert!(MinorVersion::ANY.0 == ffi::Wildcard::Minor.repr);
};
