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

use std::fmt;
use std::ptr::NonNull;

use bytemuck::TransparentWrapper;
use bytes::Bytes;
use cxx::SharedPtr;

use crate::bridge::{self, Contents, NativeMessage};
use crate::{
    CheckResult, ClientId, Header, InstanceId, MajorVersion, MessageType, MethodId, RequestId,
    ReturnCode, ServiceId, SessionId,
};

/// A received message; shares ownership of vsomeip's object.
///
/// Cloning is cheap. Dropping the last clone, on any thread, frees the message on the C++ side.
// The derive macro requires a transparent type: C++ passes a reference to the inner pointer.
#[derive(Clone, TransparentWrapper)]
#[repr(transparent)]
pub struct Message(SharedPtr<NativeMessage>);

// Handlers get a reference to a C++ std::shared_ptr as a `&Message`.
const _: () = assert!(size_of::<Message>() == size_of::<SharedPtr<NativeMessage>>());

// SAFETY: vsomeip does not change a message after passing it to a handler, and this crate calls const
// member functions only. The reference count of an std::shared_ptr is atomic.
unsafe impl Send for NativeMessage {}
// SAFETY: as above.
unsafe impl Sync for NativeMessage {}

impl Message {
    /// The header fields.
    ///
    /// All fields of an empty handle, which vsomeip never passes to a handler, are zero.
    pub fn header(&self) -> Header {
        self.contents().header
    }

    /// The payload, in vsomeip's buffer, which the returned `Bytes` keeps alive.
    pub fn payload(&self) -> Bytes {
        self.header_and_payload().1
    }

    /// [`header`](Self::header) and [`payload`](Self::payload) in one call across the FFI boundary.
    pub fn header_and_payload(&self) -> (Header, Bytes) {
        let Contents { header, payload } = self.contents();
        if payload.is_empty() {
            // Nothing to keep the message alive for.
            return (header, Bytes::new());
        }
        (header, Bytes::from_owner(Payload { bytes: payload.into(), _owner: self.clone() }))
    }

    fn contents(&self) -> Contents<'_> {
        self.0.as_ref().map_or_else(Contents::default, bridge::contents)
    }

    pub(crate) fn of(native: SharedPtr<NativeMessage>) -> Self {
        Self(native)
    }

    pub(crate) fn native(&self) -> &SharedPtr<NativeMessage> {
        &self.0
    }
}

impl Default for Message {
    /// An empty handle.
    fn default() -> Self {
        Self::of(SharedPtr::null())
    }
}

impl AsRef<[u8]> for Message {
    /// The payload.
    fn as_ref(&self) -> &[u8] {
        self.contents().payload
    }
}

/// The payload of a message. Keeps the message alive.
struct Payload {
    bytes: NonNull<[u8]>,
    _owner: Message,
}

// SAFETY: the bytes are part of the message, which may be used and dropped on any thread.
unsafe impl Send for Payload {}
// SAFETY: as above; the bytes never change.
unsafe impl Sync for Payload {}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: vsomeip neither changes nor frees the payload of a message after passing it to a
        // handler, and the message lives as long as this.
        unsafe { self.bytes.as_ref() }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header().fmt(f)
    }
}

impl Header {
    /// The header of a request, with or without return as `message_type` says. vsomeip assigns client
    /// and session id.
    pub fn request(
        message_type: MessageType,
        service: ServiceId,
        instance: InstanceId,
        method: MethodId,
        version: MajorVersion,
        reliable: bool,
    ) -> Self {
        Self {
            service: service.0,
            instance: instance.0,
            method: method.0,
            interface_version: version.0,
            message_type: message_type.into(),
            reliable,
            ..Self::default()
        }
    }

    /// The service.
    pub fn service(&self) -> ServiceId {
        ServiceId(self.service)
    }

    /// The instance. Not on the wire: vsomeip derives it from the endpoint.
    pub fn instance(&self) -> InstanceId {
        InstanceId(self.instance)
    }

    /// The method, or the event of a notification.
    pub fn method(&self) -> MethodId {
        MethodId(self.method)
    }

    /// The client that sent the request.
    pub fn client(&self) -> ClientId {
        ClientId(self.client)
    }

    /// The request id, which a response shares with its request.
    pub fn request_id(&self) -> RequestId {
        RequestId::new(self.client(), SessionId(self.session))
    }

    /// The version of the service's interface.
    pub fn version(&self) -> MajorVersion {
        MajorVersion(self.interface_version)
    }

    /// The message type.
    pub fn message_type(&self) -> MessageType {
        self.message_type.into()
    }

    /// The return code.
    pub fn return_code(&self) -> ReturnCode {
        self.return_code.into()
    }

    /// The result of vsomeip's E2E check. The process that hosts the routing manager checks messages
    /// from other hosts, as its configuration says.
    pub fn check_result(&self) -> CheckResult {
        self.check_result.into()
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("service", &format_args!("{}", self.service()))
            .field("instance", &format_args!("{}", self.instance()))
            .field("method", &format_args!("{}", self.method()))
            .field("request_id", &format_args!("{}", self.request_id()))
            .field("version", &format_args!("{}", self.version()))
            .field("message_type", &self.message_type())
            .field("return_code", &self.return_code())
            .field("reliable", &self.reliable)
            .field("check_result", &self.check_result())
            .finish()
    }
}

#[cfg(all(test, feature = "fault-injection"))]
mod tests {
    use super::*;

    /// Every field has a value of its own, so a swapped pair shows.
    #[test]
    fn header_fields_have_their_own_places() {
        for reliable in [true, false] {
            let header = Header {
                service: 0x0102,
                instance: 0x0304,
                method: 0x0506,
                client: 0x0708,
                session: 0x090a,
                interface_version: 0x0b,
                message_type: 0x80,
                return_code: 0x0a,
                reliable,
                check_result: 0x02,
            };
            assert_eq!(crate::testing::message(&header, &[]).header(), header);
        }
    }

    #[test]
    fn payload_shares_address_with_vsomeip() {
        let message = crate::testing::message(&Header::default(), b"payload");
        let payload = message.payload();
        assert_eq!(payload, b"payload".as_slice());
        assert_eq!(payload.as_ptr().addr(), crate::testing::payload_address(&message));
    }

    #[test]
    fn empty_handle_has_nothing() {
        assert_eq!(Message::default().header(), Header::default());
        assert!(Message::default().payload().is_empty());
    }
}
