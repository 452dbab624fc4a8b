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

//! A [uProtocol](https://uprotocol.org) transport for SOME/IP, on
//! [COVESA vsomeip](https://github.com/COVESA/vsomeip).
//!
//! It lets uEntities talk to ECUs that speak SOME/IP: a `UUri` names a service, an instance and a
//! method or event; requests become SOME/IP requests, responses responses, and what is published
//! becomes events.
//!
//! ```no_run
//! use std::path::Path;
//! use up_rust::{UTransport, UUri};
//! use up_transport_vsomeip::UPTransportVsomeip;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let local: UUri = "//vehicle/4321/1/0".parse()?;
//! let config = Path::new("config/hello_service.json");
//! let transport = UPTransportVsomeip::new_with_config(local, &"ecu".to_string(), config, None)?;
//! // register listeners, send messages …
//! transport.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! vsomeip's configuration can also be made in memory, see [`stack`] and [`TransportBuilder`].
//!
//! The document `DESIGN.md` in the repository tells how messages and addresses are mapped, which
//! threads there are, and who owns what.

#![forbid(unsafe_code)]

#[cfg(feature = "benchmarking")]
#[doc(hidden)]
pub mod benchmarking;
mod builder;
mod config;
mod control;
mod delivery;
mod diagnosis;
mod error;
mod events;
mod mapping;
mod metrics;
mod network;
mod options;
mod protocol;
mod receive;
mod registration;
mod rpc;
mod send;
mod services;
pub mod stack;
mod startup;
#[cfg(test)]
mod testing;
mod transport;
mod vsomeip;

pub use builder::TransportBuilder;
pub use config::{RuntimeConfig, VsomeipApplicationConfig};
pub use events::EventOptions;
pub use mapping::uri::ServiceInstance;
pub use metrics::{Metrics, Waiting};
pub use network::problem::Problem;
pub use network::state::{State, Subscription};
pub use options::{NotificationMode, Overflow};
pub use protocol::Protocol;
pub use transport::UPTransportVsomeip;
pub use vsomeip::log::VsomeipLog;

// The names that 0.6.0 has for what are plain types, for who uses them.

/// The name of an authority, as in a `UUri`.
pub type AuthorityName = String;
/// The id of a uEntity: service id in the lower, instance id in the upper half.
pub type UeId = u32;
/// The name of a vsomeip application.
pub type ApplicationName = String;
/// The client id of a vsomeip application.
pub type ClientId = u16;
/// The id of a uProtocol request message.
pub type UProtocolReqId = up_rust::UUID;
/// The id of a SOME/IP request: client id in the upper, session id in the lower half.
pub type SomeIpRequestId = u32;
/// The session id of a SOME/IP request.
pub type SessionId = u16;
/// The id of a SOME/IP service.
pub type ServiceId = u16;
/// The id of an instance of a SOME/IP service.
pub type InstanceId = u16;
/// The id of a method of a SOME/IP service.
pub type MethodId = u16;
/// The id of an event of a SOME/IP service.
pub type EventId = u16;
