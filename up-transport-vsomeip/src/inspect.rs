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
//! Looks at things without a transport: which ids a `UUri` stands for, what vsomeip makes of a
//! configuration, whether the system fits it, and what other hosts announce. This is what the tool
//! `up-someip` shows. May use everything but the transport.
//!
//! ```
//! use up_rust::UUri;
//! use up_transport_vsomeip::inspect::{Address, Kind};
//!
//! let uri: UUri = "//ecu/21234/1/8001".parse()?;
//! let address = Address::of(&uri)?;
//! assert_eq!((address.service, address.instance), (0x1234, 2));
//! assert_eq!((address.version, address.resource), (1, 0x8001));
//! assert_eq!(address.kind(), Kind::Event);
//! assert_eq!(address.to_uri("ecu"), uri);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod announcements;
mod configuration;
mod defaults;
mod origin;

pub use crate::diagnosis::examination::{Check, Verdict};
pub use crate::network::offers::{Announcement, Endpoint};
pub use address::{Address, Kind, Use};
pub use announcements::AnnouncementListener;
pub use configuration::{schema, Finding, Inspection, Origin, Setting, Severity, SourceFile};
