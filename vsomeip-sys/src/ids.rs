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

/// Defines newtypes for the ids of SOME/IP, displayed in hexadecimal as in vsomeip's log.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident($inner:ty) $({ $($constants:tt)* })?;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        $(impl $name { $($constants)* })?

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:0width$x}", self.0, width = size_of::<$inner>() * 2)
            }
        }
    )*};
}

ids! {
    /// A service.
    ServiceId(u16) {
        /// Every service; only where vsomeip takes a wildcard.
        pub const ANY: Self = Self(0xffff);
    };
    /// An instance of a service.
    InstanceId(u16) {
        /// Every instance; only where vsomeip takes a wildcard.
        pub const ANY: Self = Self(0xffff);
    };
    /// A method of a service. Events share the number space; they have the most significant bit set.
    MethodId(u16) {
        /// Every method; only where vsomeip takes a wildcard.
        pub const ANY: Self = Self(0xffff);
    };
    /// An event of a service.
    EventId(u16) {
        /// Every event; only where vsomeip takes a wildcard.
        pub const ANY: Self = Self(0xffff);
    };
    /// An eventgroup: a group of events that clients subscribe to.
    EventgroupId(u16);
    /// A client, that is an application of a routing manager.
    ClientId(u16);
    /// A request of a client; counts from 1 to 65,535 and wraps to 1.
    SessionId(u16);
    /// The major version of a service's interface.
    MajorVersion(u8) {
        /// Every version; only where vsomeip takes a wildcard.
        pub const ANY: Self = Self(0xff);
    };
    /// The minor version of a service's interface.
    MinorVersion(u32) {
        /// Every version; only where vsomeip takes a wildcard.
        pub const ANY: Self = Self(0xffff_ffff);
    };
    /// A request of any client: client id in the upper 16 bits, session id in the lower 16.
    RequestId(u32);
}

impl RequestId {
    /// The request id of a client's session.
    pub fn new(client: ClientId, session: SessionId) -> Self {
        Self((u32::from(client.0) << 16) | u32::from(session.0))
    }
}

impl From<EventId> for MethodId {
    fn from(event: EventId) -> Self {
        Self(event.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_id_is_client_then_session() {
        assert_eq!(RequestId::new(ClientId(0x1234), SessionId(0xabcd)), RequestId(0x1234_abcd));
    }

    #[test]
    fn ids_display_with_leading_zeros() {
        assert_eq!(ServiceId(0x12).to_string(), "0012");
        assert_eq!(MajorVersion(1).to_string(), "01");
        assert_eq!(RequestId(0x1_0002).to_string(), "00010002");
    }
}
