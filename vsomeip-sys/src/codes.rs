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

/// Defines an enumeration of byte codes that preserves unknown codes.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// Any other code.
            Unknown(u8),
        }

        impl $name {
            /// All named codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub(crate) const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(other) => other,
                }
            }
        }

        impl From<u8> for $name {
            fn from(code: u8) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }
        }

        impl From<$name> for u8 {
            fn from(code: $name) -> Self {
                code.code()
            }
        }
    };
}

codes! {
    /// The type of a message, `[PRS_SOMEIP_00055]`.
    MessageType {
        /// A request that expects a response.
        Request = 0x00,
        /// A request that expects no response.
        RequestNoReturn = 0x01,
        /// An event.
        Notification = 0x02,
        /// A response.
        Response = 0x80,
        /// A response that carries an error.
        Error = 0x81,
    }
}

codes! {
    /// The return code of a response, `[PRS_SOMEIP_00191]`.
    ReturnCode {
        /// No error.
        Ok = 0x00,
        /// An unspecified error.
        NotOk = 0x01,
        /// The service is unknown.
        UnknownService = 0x02,
        /// The method is unknown.
        UnknownMethod = 0x03,
        /// The service or method is not running yet.
        NotReady = 0x04,
        /// The system that runs the service is not reachable.
        NotReachable = 0x05,
        /// A time limit passed.
        Timeout = 0x06,
        /// The version of the SOME/IP protocol is not supported.
        WrongProtocolVersion = 0x07,
        /// The interface version does not match.
        WrongInterfaceVersion = 0x08,
        /// The payload cannot be deserialised.
        MalformedMessage = 0x09,
        /// The message type was not expected.
        WrongMessageType = 0x0a,
        /// The E2E check found a message that had been received before.
        E2eRepeated = 0x0b,
        /// The E2E check found that messages are missing, or out of order.
        E2eWrongSequence = 0x0c,
        /// The E2E check failed.
        E2e = 0x0d,
        /// There was no data for the E2E check.
        E2eNotAvailable = 0x0e,
        /// There was no new data for the E2E check.
        E2eNoNewData = 0x0f,
        /// vsomeip's own code for an unspecified error.
        UnspecifiedError = 0xff,
    }
}

codes! {
    /// The result of vsomeip's E2E check of a received message.
    CheckResult {
        /// Passed, or not checked.
        Ok = 0x00,
        /// The checksum is wrong.
        WrongChecksum = 0x01,
        /// The length, the data id or the counter is wrong.
        Failed = 0x02,
    }
}

codes! {
    /// The type of an event.
    EventType {
        /// Sent with each notification.
        Event = 0x00,
        /// Sent to selected subscribers.
        SelectiveEvent = 0x01,
        /// Keeps its last value and sends it to new subscribers.
        Field = 0x02,
        /// For requests: the type that the offer has.
        Unspecified = 0xff,
    }
}

codes! {
    /// The transport protocol of an event between hosts.
    Reliability {
        /// TCP.
        Reliable = 0x01,
        /// UDP.
        Unreliable = 0x02,
        /// Either.
        Both = 0x03,
        /// As the configuration says.
        Unspecified = 0xff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_round_trip() {
        for code in 0..=u8::MAX {
            assert_eq!(u8::from(MessageType::from(code)), code);
            assert_eq!(u8::from(ReturnCode::from(code)), code);
            assert_eq!(u8::from(CheckResult::from(code)), code);
            assert_eq!(u8::from(EventType::from(code)), code);
            assert_eq!(u8::from(Reliability::from(code)), code);
        }
    }

    #[test]
    fn named_code_is_never_unknown() {
        for &code in ReturnCode::ALL {
            assert_eq!(ReturnCode::from(u8::from(code)), code);
        }
        assert_eq!(ReturnCode::from(0x20), ReturnCode::Unknown(0x20));
    }
}
