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

//! vsomeip's configuration: read from a file, or made in memory.
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
//! vsomeip writes all values as strings and reads numbers and truth values as well; so does this
//! module. Ids are hexadecimal after `0x`, decimal otherwise. What is absent has vsomeip's default,
//! which the documentation of each field tells, for vsomeip 3.4.10. Every section has a map `other`
//! for keys that have no field: nothing that is read is lost when it is written.

mod addresses;
mod applications;
mod discovery;
pub(crate) mod e2e;
mod error;
mod form;
mod inventory;
pub(crate) mod lenient;
mod limits;
mod logging;
mod routing;
mod section;
mod security;
mod segmentation;
mod services;
#[cfg(test)]
mod tests;
mod validate;
pub(crate) mod written;

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

use section::sections;
pub(crate) use validate::nearest;

sections! {
    /// vsomeip's configuration for one process.
    pub struct StackConfig {
        /// The address of this host; 127.0.0.1 by default.
        "unicast" as "written::word" => unicast: Option<IpAddr>,
        /// Which addresses are in the same network as this host; 255.255.255.0 by default.
        "netmask" as "written::word" => netmask: Option<IpAddr>,
        /// The same as a number of bits; 24 by default.
        "prefix" as "written::decimal" => prefix: Option<u32>,
        /// The network device to use; by default, all that have the address.
        "device" => device: Option<String>,
        /// The upper byte of the client ids that vsomeip chooses; 1 by default.
        "diagnosis" as "written::hex" => diagnosis: Option<u8>,
        /// Which bits of these client ids `diagnosis` sets; 0xff00 by default. Read only if there
        /// is `diagnosis`.
        "diagnosis_mask" as "written::hex" => diagnosis_mask: Option<u16>,
        /// Which processes of this host belong together: part of the names of vsomeip's sockets and
        /// lock; `vsomeip` by default.
        "network" => network: Option<String>,
        /// Which application hosts the routing manager; by default the one that starts first.
        "routing" as "written::short" => routing: Option<Routing>,
        /// The user and the group of the routing manager.
        "routing-credentials" => routing_credentials: Option<RoutingCredentials>,
        /// The applications. The transport's own is the first.
        "applications" => applications: Vec<Application>,
        /// The services that this host offers, or that are known without service discovery.
        "services" => services: Vec<Service>,
        /// Services that are never looked for on other hosts.
        "internal_services" => internal_services: Vec<InternalServices>,
        /// Which ports are used as a client; by default, the system chooses.
        "clients" => clients: Vec<Client>,
        /// How services are announced to and found on other hosts.
        "service-discovery" => service_discovery: Option<ServiceDiscovery>,
        /// How many bytes of payload a message inside this host may have; no limit by default.
        "max-payload-size-local" as "written::decimal" => max_payload_size_local: Option<u32>,
        /// How many bytes of payload a message over TCP may have; no limit by default.
        "max-payload-size-reliable" as "written::decimal" => max_payload_size_reliable: Option<u32>,
        /// How many bytes of payload a message in segments over UDP may have; no limit by default.
        "max-payload-size-unreliable" as "written::decimal" =>
            max_payload_size_unreliable: Option<u32>,
        /// Limits for the payload by address and TCP port.
        "payload-sizes" => payload_sizes: Vec<PayloadSizes>,
        /// After how many small messages a buffer that has grown is made small again; 0 for never,
        /// 5 by default.
        "buffer-shrink-threshold" as "written::decimal" => buffer_shrink_threshold: Option<u32>,
        /// How many bytes may wait for being sent by address and port.
        "endpoint-queue-limits" => endpoint_queue_limits: Vec<QueueLimits>,
        /// How many bytes may wait for being sent to another host; no limit by default.
        "endpoint-queue-limit-external" as "written::decimal" =>
            endpoint_queue_limit_external: Option<u32>,
        /// How many bytes may wait for being sent inside this host; no limit by default.
        "endpoint-queue-limit-local" as "written::decimal" => endpoint_queue_limit_local: Option<u32>,
        /// How often a TCP connection that is being made is left alone before it is made anew; 5 by
        /// default.
        "tcp-restart-aborts-max" as "written::decimal" => tcp_restart_aborts_max: Option<u32>,
        /// How many milliseconds making a TCP connection may take; 5000 by default.
        "tcp-connect-time-max" as "written::decimal" => tcp_connect_time_max: Option<u32>,
        /// How many bytes UDP sockets buffer for receiving; 1,703,936 by default.
        "udp-receive-buffer-size" as "written::decimal" => udp_receive_buffer_size: Option<u32>,
        /// How many milliseconds an application that ends waits for the routing manager; 5000 by
        /// default.
        "shutdown_timeout" as "written::either" => shutdown_timeout: Option<u32>,
        /// What is logged.
        "logging" => logging: Option<Logging>,
        /// What is traced to DLT.
        "tracing" => tracing: Option<Tracing>,
        /// Whether the routing manager checks that applications are alive.
        "watchdog" => watchdog: Option<Watchdog>,
        /// Defaults for how long messages are held back.
        "npdu-default-timings" => npdu_default_timings: Option<NpduDefaultTimings>,
        /// The hosts that know selective broadcasts of CommonAPI.
        "supports_selective_broadcasts" as "addresses" =>
            supports_selective_broadcasts: Vec<IpAddr>,
        /// Which process may offer and use what; by default, all may do everything.
        "security" => security: Option<Security>,
        /// How the payloads of certain events are protected.
        "e2e" => e2e: Option<E2e>,
        /// The permissions of the files that vsomeip creates.
        "file-permissions" => file_permissions: Option<FilePermissions>,
    }
}

impl StackConfig {
    /// A configuration for one application, whose messages keep their order
    /// ([`max_dispatchers`](Application::max_dispatchers) is 0), with vsomeip's defaults for
    /// everything else.
    pub fn for_application(name: impl Into<String>, id: u16) -> Self {
        let application = Application { max_dispatchers: Some(0), ..Application::new(name, id) };
        Self { applications: vec![application], ..Self::default() }
    }

    /// Reads a JSON file.
    ///
    /// # Errors
    ///
    /// [`StackError::Read`] if the file cannot be read, [`StackError::Parse`] if it is not JSON or
    /// a value is not of its type. What the values mean together is for [`validate`](Self::validate).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, StackError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|source| StackError::Read { path: path.to_owned(), source })?;
        Self::from_json(&text).map_err(|error| error.in_file(path))
    }

    /// Reads JSON. A byte order mark before it is skipped, as vsomeip skips it.
    ///
    /// # Errors
    ///
    /// [`StackError::Parse`] if it is not JSON or a value is not of its type.
    ///
    /// ```
    /// use up_transport_vsomeip::stack::StackConfig;
    ///
    /// let json = r#"{ "applications": [{ "name": "client", "id": "0x1234O" }] }"#;
    /// let error = StackConfig::from_json(json).unwrap_err().to_string();
    /// assert!(error.starts_with("applications[0].id: \"0x1234O\" is not a number"), "{error}");
    /// ```
    pub fn from_json(text: &str) -> Result<Self, StackError> {
        let mut deserializer = serde_json::Deserializer::from_str(without_mark(text));
        let config = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| StackError::parse(&error.path().to_string(), error.inner()))?;
        deserializer.end().map_err(|error| StackError::parse(".", &error))?;
        Ok(config)
    }

    /// Writes JSON, in the form of vsomeip's own examples.
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written: its keys are strings.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Checks what the values mean together.
    ///
    /// # Errors
    ///
    /// [`StackError::Invalid`] with all that is wrong: each problem with its place, such as
    /// `services[1].events[0].event`, and its remedy.
    ///
    /// ```
    /// use up_transport_vsomeip::stack::{Service, StackConfig};
    ///
    /// let config = StackConfig::for_application("client", 0x0101)
    ///     .with_service(Service::new(0x1234, 1))
    ///     .with_service(Service::new(0x1234, 1));
    /// assert_eq!(
    ///     config.validate().unwrap_err().to_string(),
    ///     "services[1]: is instance 0x0001 of service 0x1234, as services[0] is; \
    ///      make them one, or give this one another id",
    /// );
    /// ```
    pub fn validate(&self) -> Result<(), StackError> {
        let problems = validate::findings(self).errors;
        if problems.is_empty() {
            return Ok(());
        }
        Err(StackError::Invalid { file: None, problems })
    }

    /// What vsomeip accepts, but is probably not meant: a key that looks like a misspelling of
    /// another, a host of the routing manager that looks like one of another application, and so on.
    pub fn warnings(&self) -> Vec<Problem> {
        validate::findings(self).warnings
    }

    /// Sets the address of this host.
    #[must_use]
    pub fn with_unicast(self, address: IpAddr) -> Self {
        Self { unicast: Some(address), ..self }
    }

    /// Sets which processes of this host belong together.
    #[must_use]
    pub fn with_network(self, name: impl Into<String>) -> Self {
        Self { network: Some(name.into()), ..self }
    }

    /// Sets which application hosts the routing manager.
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

    /// Sets what is logged at least.
    #[must_use]
    pub fn with_log_level(mut self, level: LogLevel) -> Self {
        self.logging.get_or_insert_default().level = Some(level);
        self
    }
}

/// JSON without the byte order mark that some editors write before it.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The JSON.
impl fmt::Display for StackConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}
