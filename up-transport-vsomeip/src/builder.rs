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

//! `TransportBuilder`: collects options, reads the configuration and creates the transport. May use
//! every other module.

mod agreements;
mod constructors;
mod limits;
pub(crate) mod section;
mod settings;

use std::path::PathBuf;
use std::time::Duration;

use up_rust::{UPayloadFormat, UStatus, UUri};
use vsomeip_sys::{EventId, InstanceId, MajorVersion, MethodId, ServiceId, VSOMEIP_VERSION};

use crate::config::{RuntimeConfig, VsomeipApplicationConfig};
use crate::diagnosis::Expected;
use crate::error::invalid_argument;
use crate::events::EventOptions;
use crate::mapping::local_entity::Local;
use crate::mapping::uri::{ServiceInstance, DEFAULT_INSTANCE};
use crate::network::static_routes::StaticRoutes;
use crate::options::NotificationMode;
use crate::protocol::Protocol;
use crate::send::payload_limits::PayloadLimits;
use crate::send::protocols::Rules;
use crate::stack::StackConfig;
use crate::startup::{self, Effective, NetworkFiles, Source};
use crate::transport::{Description, UPTransportVsomeip};
use crate::vsomeip::log::{direct, VsomeipLog};
use crate::vsomeip::version;
use section::Section;
use settings::Changes;

const MIN_TTL: Duration = Duration::from_millis(1);
const MAX_TTL: Duration = Duration::from_millis(0xffff_ffff);

/// Maps 0 to the default instance, as in a URI.
fn instance_of(number: u16) -> InstanceId {
    match number {
        0 => DEFAULT_INSTANCE,
        number => InstanceId(number),
    }
}

/// Builds a [`UPTransportVsomeip`].
///
/// A builder needs vsomeip's configuration: [`config_file`](Self::config_file), [`stack`](Self::stack)
/// or [`application`](Self::application). Everything else has a default.
///
/// The section `uprotocol` of vsomeip's configuration can set the same options, each under the name of
/// its method; a method called here takes precedence. `config/README.md` in the repository lists the
/// keys, `config/uprotocol.schema.json` is a JSON schema for them.
///
/// ```no_run
/// # fn example() -> Result<(), up_rust::UStatus> {
/// use up_rust::{UPayloadFormat, UUri};
/// use up_transport_vsomeip::{EventOptions, UPTransportVsomeip};
///
/// let local = UUri::try_from_parts("vehicle", 0x4321, 1, 0).unwrap();
/// let transport = UPTransportVsomeip::builder(local, "ecus")
///     .config_file("config/hello_service.json")
///     .payload_format(UPayloadFormat::UPAYLOAD_FORMAT_PROTOBUF)
///     .authority(0x1234, None, "brakes")
///     .event(0x1234, 1, 0x8001, EventOptions::in_groups(&[5]).field())
///     .build()?;
/// # drop(transport);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TransportBuilder {
    local: UUri,
    remote_authority: String,
    stack: Option<Source>,
    application: Option<String>,
    /// Overridden by the configuration.
    defaults: Changes,
    /// Override the configuration.
    changes: Changes,
}

impl TransportBuilder {
    pub(crate) fn new(local: UUri, remote_authority: impl Into<String>) -> Self {
        Self {
            local,
            remote_authority: remote_authority.into(),
            stack: None,
            application: None,
            defaults: Changes::default(),
            changes: Changes::default(),
        }
    }

    /// Reads vsomeip's configuration from a JSON file, or from all files in a folder.
    ///
    /// The transport runs as the first application in it unless
    /// [`application_name`](Self::application_name) selects another, so all processes of a host can
    /// share one file. `services` lists the services that a wildcard filter offers, with their
    /// eventgroups and fields.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.stack = Some(Source::File(path.into()));
        self
    }

    /// Uses a vsomeip configuration built in code.
    ///
    /// The transport runs as the first application in it unless
    /// [`application_name`](Self::application_name) selects another.
    /// [`max_dispatchers`](crate::stack::Application::max_dispatchers) of that application defaults to
    /// 0 here, so messages keep their order.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use up_rust::UUri;
    /// use up_transport_vsomeip::stack::{Service, StackConfig};
    /// use up_transport_vsomeip::UPTransportVsomeip;
    ///
    /// let config = StackConfig::for_application("vehicle", 0x4321)
    ///     .with_unicast("192.168.0.10".parse()?)
    ///     .with_service(Service::new(0x4321, 1).with_unreliable(30509));
    /// let local = UUri::try_from_parts("vehicle", 0x4321, 1, 0)?;
    /// let transport = UPTransportVsomeip::builder(local, "ecus").stack(config).build()?;
    /// # drop(transport);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stack(mut self, config: StackConfig) -> Self {
        self.stack = Some(Source::Memory(Box::new(config)));
        self
    }

    /// Uses a vsomeip application with the given name and client id, and vsomeip's defaults for
    /// everything else.
    pub fn application(mut self, application: VsomeipApplicationConfig) -> Self {
        self.stack = Some(Source::Application(application));
        self
    }

    /// Selects the application of the configuration that the transport runs as. Default: the value of
    /// the variable `VSOMEIP_APPLICATION_NAME`, else `uprotocol.application` in the configuration,
    /// else the first application listed there. Not needed with [`application`](Self::application).
    ///
    /// If the configuration does not list the application, a warning is logged and vsomeip's defaults
    /// apply to it. Without an `id`, vsomeip chooses the client id.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application = Some(name.into());
        self
    }

    /// Makes [`build`](Self::build) fail if vsomeip would not use the given configuration. Default:
    /// false, which logs a warning for each reason:
    ///
    /// * the variable `VSOMEIP_CONFIGURATION_<application>` or `VSOMEIP_CONFIGURATION` names another
    ///   configuration;
    /// * the working directory has a file `vsomeip.json` or a folder `vsomeip`;
    /// * vsomeip reads only a part of a file with this name, such as `vsomeip_app.json`;
    /// * an earlier application in this process has another configuration (up to vsomeip 3.4).
    pub fn strict_configuration(self, is_strict: bool) -> Self {
        self.set(move |settings| settings.is_strict = is_strict)
    }

    /// Sets the maximum number of threads that run listeners. Default: 4. They start when they are needed.
    pub fn runtime(self, runtime: RuntimeConfig) -> Self {
        self.set(move |settings| settings.runtime = runtime.clone())
    }

    /// Sets where vsomeip's own log goes, for the whole process, from [`build`](Self::build) on.
    /// Default: what an earlier transport of the process has set, else [`VsomeipLog::Bridged`], the
    /// `log` crate's logger.
    pub fn vsomeip_log(self, log: VsomeipLog) -> Self {
        self.set(move |settings| settings.vsomeip_log = Some(log))
    }

    /// Sets the format of all payloads. SOME/IP does not carry it: received messages get this format,
    /// and `send` refuses a message with another one, except for error responses. Default:
    /// UNSPECIFIED, which accepts any.
    ///
    /// With a format, a received message of zero bytes has an empty payload: protobuf encodes a
    /// message of default values that way. An error response of zero bytes has no payload. Without a
    /// format, zero bytes mean no payload.
    pub fn payload_format(self, format: UPayloadFormat) -> Self {
        self.set(move |settings| settings.options.payload_format = format)
    }

    /// Sets how NOTIFICATION messages are sent. Default: as REQUEST_NO_RETURN.
    pub fn notifications(self, mode: NotificationMode) -> Self {
        self.set(move |settings| settings.options.notifications = mode)
    }

    /// Sets the protocol of requests, with or without return, to a service on another host, or to one
    /// instance of it. A request fails with UNAVAILABLE if service discovery shows that the service
    /// does not offer this protocol.
    ///
    /// Few services need this. By default, a request uses the first of
    ///
    /// 1. the protocol that vsomeip's configuration lists for the service: in `services` with the
    ///    `unicast` of its host, else in `clients`;
    /// 2. the protocol that service discovery announces;
    /// 3. the protocol that [`reliable`](Self::reliable) sets, also where 1 or 2 yield both.
    ///
    /// While a service is available but its announcement has not been seen, requests to it wait for
    /// three seconds, or half their time to live if that is less; then 3 applies.
    pub fn protocol(self, service: u16, instance: Option<u16>, protocol: Protocol) -> Self {
        let (service, instance) = (ServiceId(service), instance.map(instance_of));
        self.set(move |settings| settings.protocols.service(service, instance, protocol))
    }

    /// Sets the protocol of requests to one method. Takes precedence over
    /// [`protocol`](Self::protocol).
    pub fn method_protocol(
        self,
        service: u16,
        instance: Option<u16>,
        method: u16,
        protocol: Protocol,
    ) -> Self {
        let (service, instance) = (ServiceId(service), instance.map(instance_of));
        self.set(move |settings| {
            settings.protocols.method(service, instance, MethodId(method), protocol)
        })
    }

    /// Sends requests to other hosts, with or without return, over TCP where nothing else determines
    /// the protocol (see [`protocol`](Self::protocol)). Default: false, which is UDP.
    pub fn reliable(self, reliable: bool) -> Self {
        self.set(move |settings| settings.options.reliable = reliable)
    }

    /// Allows messages whose source has another authority than the local URI, as a uStreamer forwards
    /// them. Default: false, which refuses them with PERMISSION_DENIED. A source without an authority
    /// is local. The constructors [`new`](UPTransportVsomeip::new) and
    /// [`new_with_config`](UPTransportVsomeip::new_with_config) default to true.
    pub fn forward_foreign_sources(self, forward: bool) -> Self {
        self.set(move |settings| settings.options.foreign_sources = forward)
    }

    /// Sets the authority of a service, or of one instance of it. Default: the authority of the
    /// SOME/IP network, as given to [`UPTransportVsomeip::builder`].
    pub fn authority(
        self,
        service: u16,
        instance: Option<u16>,
        authority: impl Into<String>,
    ) -> Self {
        let (service, instance) = (ServiceId(service), instance.map(instance_of));
        let authority = authority.into();
        self.set(move |settings| {
            settings.authorities.insert(service, instance, authority.clone());
        })
    }

    /// Sets how an event is offered and subscribed to. Takes precedence over `services` in vsomeip's
    /// configuration. An event that neither describes is not a field, and is in the eventgroup with
    /// its own number.
    pub fn event(self, service: u16, instance: u16, event: u16, options: EventOptions) -> Self {
        let service =
            ServiceInstance { service: ServiceId(service), instance: instance_of(instance) };
        self.set(move |settings| settings.events.insert(service, EventId(event), options.clone()))
    }

    /// Sets the interface version in which this transport offers a service. Default: the version that
    /// a topic or a listener's filter names, else that of the local URI. A filter with a wildcard for
    /// service and version, such as a uStreamer's, offers each configured service in this version.
    pub fn service_version(self, service: u16, version: u8) -> Self {
        self.set(move |settings| {
            settings.versions.insert(ServiceId(service), MajorVersion(version));
        })
    }

    /// Offers a topic from the start, so subscribers can connect before the first message is
    /// published. By default, the first message offers the topic and is
    /// [held until they connect](Self::hold_first_messages); vsomeip may lose a subscription that
    /// arrives at that very moment.
    pub fn offer(self, topic: UUri) -> Self {
        self.set(move |settings| settings.offered.push(topic.clone()))
    }

    /// Sets the time to live of received requests, within which they can be answered. Default: 10 s.
    /// Clamped to 1 to 2³² - 1 milliseconds.
    pub fn request_ttl(self, ttl: Duration) -> Self {
        self.set(move |settings| settings.options.request_ttl = ttl.clamp(MIN_TTL, MAX_TTL))
    }

    /// Creates the transport.
    ///
    /// Does not wait for the routing manager: the application registers in the background as soon as
    /// one runs, see [`State::registered`](crate::State::registered). Blocks for up to a second if
    /// another process holds the client id, and for up to six seconds while a transport of this
    /// process with the same application name shuts down.
    ///
    /// # Errors
    ///
    /// * `NOT_FOUND`: there is no such configuration file.
    /// * `INVALID_ARGUMENT`: the local URI is not valid; a limit is 0; an [offered](Self::offer) URI is
    ///   not a topic or names another version of its service than an earlier one; no application is
    ///   named; or the configuration is not JSON, or has a value that is meaningless or would crash
    ///   vsomeip. The message names the key, such as `service-discovery.multicast`, the problem, and
    ///   the remedy. Values that vsomeip ignores are logged as warnings.
    /// * `RESOURCE_EXHAUSTED`: more topics or services are [offered](Self::offer) than the limits or
    ///   the handler pool allow.
    /// * `FAILED_PRECONDITION`: vsomeip would use another configuration and
    ///   [`strict_configuration`](Self::strict_configuration) is set; or the variable
    ///   `VSOMEIP_CONFIGURATION_MODULE` is set, with which vsomeip crashes.
    /// * `ALREADY_EXISTS`: the name of the application is in use in this process, or another process
    ///   of the network has its client id.
    /// * `INTERNAL`: vsomeip creates no application, for example because another process already hosts
    ///   the routing manager that this application is configured to host.
    pub fn build(self) -> Result<UPTransportVsomeip, UStatus> {
        let local = Local::of(self.local.clone())?;
        let source = self.stack.as_ref().ok_or_else(|| {
            invalid_argument(
                "no configuration is set; call `config_file`, `stack` or `application`",
            )
        })?;
        let found = startup::find(source, self.application.as_deref())?;
        let section = Section::of(&found)?;
        let settings = self.settings(section);
        settings.check()?;
        direct(settings.vsomeip_log);
        let (application, effective) = found.create_application(settings.is_strict)?;
        let default_protocol = Protocol::of(settings.options.reliable);
        let stack = &effective.config;
        let mut events = stack.known_events();
        events.extend(settings.events);
        let description = Description {
            local,
            authorities: settings.authorities,
            configured: stack.own_services(),
            listed: stack.listed_services(),
            events,
            versions: settings.versions,
            limits: PayloadLimits::of(stack, VSOMEIP_VERSION),
            rules: Rules::new(settings.protocols, default_protocol, stack),
            discovery: stack.discovery_group(),
            static_routes: StaticRoutes::of(stack, VSOMEIP_VERSION, application.is_routing()),
            one_dispatcher: effective.one_dispatcher(),
            expected: expected(&effective, application.is_routing()),
            offered: settings.offered,
            options: settings.options,
        };
        UPTransportVsomeip::start(description, application, &settings.runtime)
    }
}

/// What the configuration expects of the system.
fn expected(effective: &Effective, is_host: bool) -> Expected {
    let files = NetworkFiles::of(effective, &version::loaded());
    Expected::of(effective, files, is_host)
}

#[cfg(test)]
mod tests;
