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

//! vsomeip's configuration, read from a file or built in code.
//!
//! ```
//! use up_transport_vsomeip::stack::{Event, LogLevel, Service, ServiceDiscovery, StackConfig};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = Service::new(0x1234, 1)
//!     .with_unreliable(30509)
//!     .with_event(Event::new(0x8001).field())
//!     .with_eventgroup(5, &[0x8001]);
//! let mut config = StackConfig::for_application("cruise-control", 0x0101)
//!     .with_unicast("192.168.0.10".parse()?)
//!     .with_service(service)
//!     .with_log_level(LogLevel::Warning);
//! config.service_discovery = Some(ServiceDiscovery { ttl: Some(3), ..Default::default() });
//! config.validate()?;
//! assert_eq!(StackConfig::from_json(&config.to_json())?, config);
//! # Ok(())
//! # }
//! ```
//!
//! Like vsomeip, this module writes all values as strings and also reads numbers and booleans. Ids are
//! hexadecimal with `0x` and decimal without. The default of an absent key is that of vsomeip 3.4.10,
//! given at each field. Keys without a field are preserved in the map `other` of each section.
//!
//! vsomeip accepts every JSON object and ignores what it does not understand. This module reads a
//! configuration in the same way, and reports what vsomeip ignores or misreads as warnings:
//! [`StackConfig::from_json_with_warnings`], [`StackConfig::warnings`]. Only what would crash vsomeip
//! or has no meaning is an error: [`StackConfig::validate`].

mod applications;
mod check;
mod discovery;
pub(crate) mod e2e;
mod error;
mod inventory;
mod limits;
mod logging;
pub(crate) mod read;
mod routing;
mod security;
mod segmentation;
mod services;
pub(crate) mod settle;
#[cfg(test)]
mod tests;
pub(crate) mod understand;
pub(crate) mod warn;

// Reading has stages: `read` (JSON with keys in order), `understand` (vsomeip's rules for each key and
// value), `settle` (rules for several keys), `check` (errors and suspicions), `warn` (collects
// warnings).

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

pub use applications::Application;
pub use discovery::{ServiceDiscovery, TtlFactor};
pub use error::{Problem, StackError};
pub(crate) use inventory::DiscoveryGroup;
pub use limits::{FilePermissions, PayloadSize, PayloadSizes, QueueLimit, QueueLimits};
pub use logging::{
    LogFile, LogLevel, LogStatistics, LogVersion, Logging, TraceChannel, Tracing, Watchdog,
};
pub use routing::{
    Client, InternalService, InternalServices, PortRange, Routing, RoutingCredentials,
    RoutingGuests, RoutingHost, RoutingSection,
};
pub use security::{
    Credentials, E2e, E2eProtected, IdBound, IdOrRange, IdRange, Ids, Permission, Permissions,
    Policy, Security, UserAndGroup,
};
pub use segmentation::{DebounceTime, DebounceTimes, NpduDefaultTimings, SomeIpTp, TpMethod};
pub use services::{Event, Eventgroup, Multicast, ReliablePort, Service};

use read::Tree;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use settle::{definitions, groups};
use understand::declaring::sections;
use understand::field::Brief;
use understand::section::{Section, Settle};
use understand::text::{Decimal, Either, Hex, Size, Text, Word};
use vsomeip_sys::VSOMEIP_VERSION;
use warn::Notes;

pub(crate) use warn::spelling::nearest;

sections! {
    /// vsomeip's configuration for one process.
    pub struct StackConfig: First looked_up settled {
        /// The address of this host; 127.0.0.1 by default, with which no other host is reachable. The
        /// zone of an IPv6 address is not preserved.
        "unicast" as Word => unicast: Option<IpAddr>,
        /// The netmask of this host's network; 255.255.255.0 by default.
        "netmask" as Word => netmask: Option<IpAddr>,
        /// The netmask as a number of bits; 24 by default.
        "prefix" as Decimal => prefix: Option<u32>,
        /// The network device to use; by default, any device with the address.
        "device" as Text => device: Option<String>,
        /// The upper byte of the client ids that vsomeip chooses; 1 by default.
        "diagnosis" as Hex => diagnosis: Option<u8>,
        /// The bits of these client ids that `diagnosis` sets; 0xff00 by default. Ignored without
        /// `diagnosis`.
        "diagnosis_mask" as Hex => diagnosis_mask: Option<u16>,
        /// The name of the network: processes of this host with the same name share a routing manager.
        /// Part of the names of vsomeip's sockets and lock; `vsomeip` by default.
        "network" as Text => network: Option<String>,
        /// The application that hosts the routing manager; by default the one that starts first.
        "routing" as Brief => routing: Option<Routing>,
        /// The user and the group of the routing manager.
        "routing-credentials" => routing_credentials: Option<RoutingCredentials>,
        /// The applications. The transport runs as the first one unless another is selected with
        /// [`application_name`](crate::TransportBuilder::application_name).
        "applications" => applications: Vec<Application>,
        /// The services that this host offers, and those that are found without service discovery.
        "services" => services: Vec<Service>,
        /// Services that are never searched on other hosts.
        "internal_services" => internal_services: Vec<InternalServices>,
        /// The local ports of clients; by default, the system chooses them.
        "clients" => clients: Vec<Client>,
        /// Service discovery (SD).
        "service-discovery" [Each] => service_discovery: Option<ServiceDiscovery>,
        /// The maximum payload of a message within this host, in bytes; unlimited by default.
        "max-payload-size-local" as Size [Last] => max_payload_size_local: Option<u32>,
        /// The maximum payload of a message over TCP, in bytes; unlimited by default.
        "max-payload-size-reliable" as Size [Last] => max_payload_size_reliable: Option<u32>,
        /// The maximum payload of a segmented message over UDP, in bytes; unlimited by default.
        "max-payload-size-unreliable" as Size [Last] =>
            max_payload_size_unreliable: Option<u32>,
        /// Maximum payloads by address and TCP port.
        "payload-sizes" [LastInFront] => payload_sizes: Vec<PayloadSizes>,
        /// The number of small messages after which a grown buffer shrinks again; 5 by default, 0 for
        /// never.
        "buffer-shrink-threshold" as Size [Last] => buffer_shrink_threshold: Option<u32>,
        /// Limits of send queues by address and port.
        "endpoint-queue-limits" [First] => endpoint_queue_limits: Vec<QueueLimits>,
        /// The limit of the send queue to another host, in bytes; unlimited by default.
        "endpoint-queue-limit-external" as Size =>
            endpoint_queue_limit_external: Option<u32>,
        /// The limit of the send queue to an application of this host, in bytes; unlimited by default.
        "endpoint-queue-limit-local" as Size => endpoint_queue_limit_local: Option<u32>,
        /// How many restarts of a TCP connection are skipped while it is connecting; 5 by default.
        "tcp-restart-aborts-max" as Size => tcp_restart_aborts_max: Option<u32>,
        /// The timeout for connecting over TCP, in milliseconds; 5000 by default.
        "tcp-connect-time-max" as Size => tcp_connect_time_max: Option<u32>,
        /// The receive buffer of UDP sockets, in bytes; 1,703,936 by default.
        "udp-receive-buffer-size" as Size => udp_receive_buffer_size: Option<u32>,
        /// How long an application waits for the routing manager when it stops, in milliseconds; 5000
        /// by default.
        "shutdown_timeout" as Either => shutdown_timeout: Option<u32>,
        /// vsomeip's log.
        "logging" [Each] => logging: Option<Logging>,
        /// Tracing to DLT.
        "tracing" [Each] => tracing: Option<Tracing>,
        /// Whether the routing manager checks that applications are alive.
        "watchdog" [Each] => watchdog: Option<Watchdog>,
        /// Default times for collecting messages.
        "npdu-default-timings" => npdu_default_timings: Option<NpduDefaultTimings>,
        /// The hosts that support CommonAPI's selective broadcasts.
        "supports_selective_broadcasts" as Word =>
            supports_selective_broadcasts: Vec<IpAddr>,
        /// Which processes may offer and use which services; by default, no restrictions.
        "security" [Each] => security: Option<Security>,
        /// E2E protection of payloads.
        "e2e" [Each] => e2e: Option<E2e>,
        /// The permissions of the files that vsomeip creates.
        "file-permissions" [Last] => file_permissions: Option<FilePermissions>,
    }
}

impl StackConfig {
    /// A configuration for one application, with vsomeip's defaults for everything else except for
    /// [`max_dispatchers`](Application::max_dispatchers), which is 0, so that messages keep their
    /// order.
    pub fn for_application(name: impl Into<String>, id: u16) -> Self {
        let application = Application { max_dispatchers: Some(0), ..Application::new(name, id) };
        Self { applications: vec![application], ..Self::default() }
    }

    /// Reads a JSON file.
    ///
    /// # Errors
    ///
    /// [`StackError::Read`] if the file cannot be read, [`StackError::Parse`] if it is not a JSON
    /// object. Does not check the values, see [`validate`](Self::validate).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, StackError> {
        let mut notes = Notes::new(VSOMEIP_VERSION);
        Ok(Self::read_alone(&Tree::of_file(path.as_ref())?, &mut notes))
    }

    /// Reads JSON text. Skips a byte order mark, as vsomeip does.
    ///
    /// # Errors
    ///
    /// [`StackError::Parse`] if it is not a JSON object.
    ///
    /// ```
    /// use up_transport_vsomeip::stack::StackConfig;
    ///
    /// let json = r#"{ "applications": [{ "name": "client", "id": "0x1234O" }] }"#;
    /// let (config, warnings) = StackConfig::from_json_with_warnings(json)?;
    /// assert_eq!(config.applications[0].id, Some(0x1234), "as vsomeip reads it");
    /// assert!(warnings[0].to_string().starts_with("applications[0].id: vsomeip reads \"0x1234O\""));
    /// # Ok::<(), up_transport_vsomeip::stack::StackError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, StackError> {
        Self::from_json_with_warnings(text).map(|(config, _)| config)
    }

    /// Like [`from_json`](Self::from_json), and also returns warnings about what vsomeip ignores or
    /// misreads: misspelt keys, values that are not numbers, keys that come too early or more than once,
    /// and so on. [`warnings`](Self::warnings) no longer sees these, since the result has the values
    /// that vsomeip reads.
    ///
    /// # Errors
    ///
    /// Those of [`from_json`](Self::from_json).
    pub fn from_json_with_warnings(text: &str) -> Result<(Self, Vec<Problem>), StackError> {
        let mut notes = Notes::new(VSOMEIP_VERSION);
        let config = Self::read_alone(&Tree::from_bytes(text.as_bytes())?, &mut notes);
        Ok((config, notes.problems))
    }

    /// Writes JSON, formatted as in vsomeip's own examples.
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written: its keys are strings.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Checks for values that would crash vsomeip or have no meaning.
    ///
    /// # Errors
    ///
    /// [`StackError::Invalid`] with all problems, each with its place, such as
    /// `service-discovery.multicast`, and a remedy.
    ///
    /// ```
    /// use up_transport_vsomeip::stack::StackConfig;
    ///
    /// let config = StackConfig::for_application("client", 0x0101).with_network("a/b");
    /// assert_eq!(
    ///     config.validate().unwrap_err().to_string(),
    ///     "network: \"a/b\" cannot be part of a file name; write a name without a slash, or \
    ///      remove the key",
    /// );
    /// ```
    pub fn validate(&self) -> Result<(), StackError> {
        let problems = check::findings(self).errors;
        if problems.is_empty() {
            return Ok(());
        }
        Err(StackError::Invalid { file: None, problems })
    }

    /// Returns warnings about what vsomeip accepts but is probably a mistake: a key that looks like a
    /// misspelling of another, a service that is defined twice, a routing manager host that resembles
    /// a listed application, and so on.
    ///
    /// ```
    /// use up_transport_vsomeip::stack::{Service, StackConfig};
    ///
    /// let config = StackConfig::for_application("client", 0x0101)
    ///     .with_service(Service::new(0x1234, 1))
    ///     .with_service(Service::new(0x1234, 1));
    /// assert_eq!(
    ///     config.warnings()[0].to_string(),
    ///     "services[1]: is instance 0x0001 of service 0x1234, as services[0] is, so vsomeip ignores \
    ///      it; merge them, or give this one another id",
    /// );
    /// ```
    pub fn warnings(&self) -> Vec<Problem> {
        let mut notes = Notes::new(VSOMEIP_VERSION);
        let read = Self::read_alone(&self.write(), &mut notes);
        notes.problems.extend(check::findings(&read).warnings);
        notes.problems
    }

    /// Reads a configuration of one file.
    fn read_alone(tree: &Tree, notes: &mut Notes<'_>) -> Self {
        let mut config = Self::default();
        config.add(tree, notes);
        config
    }

    /// Adds the content of a later file.
    pub(crate) fn add(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        let mut later = Self::read(tree, notes);
        if self.netmask.is_some() || self.prefix.is_some() {
            (later.netmask, later.prefix) = (None, None);
        }
        self.join(later);
        definitions::keep_first(self);
    }

    /// The warnings of the stage `check` only.
    pub(crate) fn suspicions(&self) -> Vec<Problem> {
        check::findings(self).warnings
    }

    /// Sets the address of this host.
    #[must_use]
    pub fn with_unicast(self, address: IpAddr) -> Self {
        Self { unicast: Some(address), ..self }
    }

    /// Sets the name of the network: processes of this host with the same name share a routing manager.
    #[must_use]
    pub fn with_network(self, name: impl Into<String>) -> Self {
        Self { network: Some(name.into()), ..self }
    }

    /// Sets the application that hosts the routing manager.
    #[must_use]
    pub fn with_routing(self, application: impl Into<String>) -> Self {
        Self { routing: Some(Routing::Name(application.into())), ..self }
    }

    /// Adds a service.
    #[must_use]
    pub fn with_service(mut self, service: Service) -> Self {
        self.services.push(service);
        self
    }

    /// Turns service discovery off.
    #[must_use]
    pub fn without_service_discovery(self) -> Self {
        Self { service_discovery: Some(ServiceDiscovery::disabled()), ..self }
    }

    /// Sets the lowest level that is logged.
    #[must_use]
    pub fn with_log_level(mut self, level: LogLevel) -> Self {
        self.logging.get_or_insert_default().level = Some(level);
        self
    }
}

impl Settle for StackConfig {
    fn settle(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        if self.diagnosis.is_none() && self.diagnosis_mask.take().is_some() {
            notes.under("diagnosis_mask", |notes| {
                let what = "is not read without `diagnosis`";
                notes.warn(what, "add `diagnosis`, 0x01 by default");
            });
        }
        groups::read(self, tree, notes);
        definitions::check(self, notes);
    }
}

/// As vsomeip reads it.
impl<'de> Deserialize<'de> for StackConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        Ok(Self::read_alone(&tree, &mut Notes::new(VSOMEIP_VERSION)))
    }
}

impl Serialize for StackConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(serializer)
    }
}

/// The JSON.
impl fmt::Display for StackConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}
