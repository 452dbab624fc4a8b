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
//! uEntities use it to talk to each other and to ECUs that speak SOME/IP. It implements the transport
//! layer (`up-l1`) of uProtocol 1.6.0-alpha.7 and its SOME/IP binding (`up-l1/someip`).
//!
//! ```no_run
//! use std::sync::Arc;
//! use up_rust::{UListener, UMessage, UTransport, UUri};
//! use up_transport_vsomeip::UPTransportVsomeip;
//!
//! struct Printer;
//!
//! #[async_trait::async_trait]
//! impl UListener for Printer {
//!     async fn on_receive(&self, event: UMessage) {
//!         println!("{:?}", event.payload);
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let local: UUri = "//app.example/8000/1/0".parse()?;
//! let transport =
//!     UPTransportVsomeip::builder(local, "ecu.example").config_file("app.json").build()?;
//! // Event 0x8001 of service 0x7000, interface version 1.
//! let topic: UUri = "//ecu.example/7000/1/8001".parse()?;
//! transport.register_listener(&topic, None, Arc::new(Printer)).await?;
//! // …
//! transport.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Addresses
//!
//! All numbers in a `UUri` are hexadecimal. In `//authority/II_SSSS/VV/RRRR`,
//!
//! | part | SOME/IP |
//! |---|---|
//! | authority | nothing: names this side or the SOME/IP network, see [`TransportBuilder::authority`] |
//! | `SSSS`, the lower 16 bits of the entity id | service id |
//! | `II`, the upper 16 bits of the entity id | instance id; 0 stands for instance 1 |
//! | `VV` | major version of the interface |
//! | `RRRR` | 1 to 7FFF: method id; 8000 to FFFE: event id |
//!
//! # Messages
//!
//! | uProtocol | SOME/IP |
//! |---|---|
//! | request | REQUEST |
//! | response | RESPONSE, or ERROR if its `commstatus` is not OK |
//! | publish | NOTIFICATION: an event or a field, see [`EventOptions`] |
//! | notification | REQUEST_NO_RETURN, or an event, see [`NotificationMode`] |
//!
//! SOME/IP carries neither payload formats nor most attributes. Both ends of a service can agree on
//! them: see [`TransportBuilder::payload_format`] and [`TransportBuilder::carry_attributes`].
//!
//! # Where to look
//!
//! * [`TransportBuilder`] has all options, [`UPTransportVsomeip`] the errors of each operation.
//! * [`stack`] builds vsomeip's configuration in code, or checks a configuration file.
//! * [`State`] shows the network as the transport sees it, [`Metrics`] its counters.
//! * `DESIGN.md` in the repository describes the mappings, the threads, and who owns what.

//! # Log and metrics
//!
//! Records go to the [`log`](https://docs.rs/log) crate. Targets are the paths of modules, below
//! `up_transport_vsomeip`. What is a value of a record is one of its key fields (`log::kv`) as well:
//!
//! | target | what is logged | fields |
//! |---|---|---|
//! | `receive`, `receive::mismatches`, `receive::failed_checks` | messages that are dropped or refused, failed E2E checks | `service`, `method` |
//! | `rpc::incoming`, `send::request` | requests that cannot be refused, notifications that are lost | `service`, `method` |
//! | `send::payload_limits` | payloads that do not reach other hosts | `service`, `method`, `size`, `limit` |
//! | `send::first_messages` | first messages of a topic | `service`, `event`, `bytes` |
//! | `delivery::mailbox` | listeners that are too slow | `messages`, `bytes` |
//! | `network::state` | the registration; services that come and go; problems | `registered`; `service`, `version` |
//! | `network::announcements` | what service discovery announces | `service` |
//! | `services`, `registration`, `transport::housekeeping` | offers, requests and subscriptions that fail | `service`, `event`, `version` |
//! | `startup`, `builder` | the configuration | |
//! | `vsomeip`, by itself | vsomeip's own log, see [`VsomeipLog`] | |
//!
//! `service` is service and instance, such as `1234.0001`, `method` also an event's id, all in
//! hexadecimal. `limit`, `size` and `bytes` count bytes. Warnings say what to do. No level contains
//! payloads. With `tracing`, install `tracing_log::LogTracer`: the records become events; it leaves out
//! key fields, whose values are in the text, too.
//!
//! [`UPTransportVsomeip::metrics`] has counters. The feature `metrics` adds `Metrics::record`, which
//! passes them to an exporter.

#![forbid(unsafe_code)]

#[cfg(feature = "benchmarking")]
#[doc(hidden)]
pub mod benchmarking;
mod builder;
#[cfg(test)]
mod compatibility;
mod config;
mod control;
mod delivery;
mod diagnosis;
mod error;
mod events;
pub mod inspect;
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
mod uprotocol;
mod vsomeip;

pub use crate::metrics::{Metrics, Waiting};
pub use builder::TransportBuilder;
pub use config::{RuntimeConfig, VsomeipApplicationConfig};
pub use events::EventOptions;
pub use mapping::uri::ServiceInstance;
pub use network::problem::Problem;
pub use network::state::{State, Subscription};
pub use options::{NotificationMode, Overflow};
pub use protocol::Protocol;
pub use transport::UPTransportVsomeip;
pub use vsomeip::log::VsomeipLog;

// Aliases that 0.6.0 exports.

/// The name of an authority, as in a `UUri`.
pub type AuthorityName = String;
/// The id of a uEntity: the service id in the lower 16 bits, the instance id in the upper 16.
pub type UeId = u32;
/// The name of a vsomeip application.
pub type ApplicationName = String;
/// The client id of a vsomeip application.
pub type ClientId = u16;
/// The id of a uProtocol request message.
pub type UProtocolReqId = up_rust::UUID;
/// The id of a SOME/IP request: the client id in the upper 16 bits, the session id in the lower 16.
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
