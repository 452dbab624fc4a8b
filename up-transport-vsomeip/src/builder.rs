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

//! The way to a transport: what is configured, with a default for everything that can have one. May
//! use everything.

mod agreements;
mod constructors;
mod limits;
mod section;
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

/// 0 stands for the default instance, as in a URI.
fn instance_of(number: u16) -> InstanceId {
    match number {
        0 => DEFAULT_INSTANCE,
        number => InstanceId(number),
    }
}

/// Builds a [`UPTransportVsomeip`].
///
/// Each option but the source of vsomeip's configuration can be set in that configuration as well, in a
/// section `uprotocol`, under the name of its method: `config/README.md` in the repository has the keys,
/// `config/uprotocol.schema.json` a JSON schema. What is called here comes before what is written there.
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
    /// What holds unless the configuration says something else.
    defaults: Changes,
    /// What holds whatever the configuration says.
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

    /// Reads vsomeip's configuration from a JSON file, or from the files of a folder. Its first
    /// application is the transport's own, unless [another one is named](Self::application_name), so
    /// that all processes of a host can share a file; `services` tells which services a filter for
    /// everything offers, and the eventgroups and fields of their events.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.stack = Some(Source::File(path.into()));
        self
    }

    /// Uses a configuration of vsomeip that is made in memory. Its first application is the
    /// transport's own, unless [another one is named](Self::application_name), with
    /// [`max_dispatchers`](crate::stack::Application::max_dispatchers) 0 unless it says something else.
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

    /// Uses a vsomeip application of the given name and client id, and vsomeip's defaults for
    /// everything else.
    pub fn application(mut self, application: VsomeipApplicationConfig) -> Self {
        self.stack = Some(Source::Application(application));
        self
    }

    /// Which application of the configuration the transport is. Unless it is named here, it is the one
    /// in the variable `VSOMEIP_APPLICATION_NAME`, else the one that `uprotocol.application` in the
    /// configuration names, else the first that the configuration lists. What is given to
    /// [`application`](Self::application) needs no name.
    ///
    /// The configuration need not list it, or need not give it an `id`: vsomeip chooses its client id
    /// then, and has its defaults for everything else of it. There is a warning if it is not listed.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application = Some(name.into());
        self
    }

    /// Whether [`build`](Self::build) fails when vsomeip would not go by the configuration that it
    /// is given; otherwise, which is the default, there is a warning in the log for each reason. The
    /// reasons are a variable `VSOMEIP_CONFIGURATION_<application>` or `VSOMEIP_CONFIGURATION` that
    /// names something else, a `vsomeip.json` or a folder `vsomeip` in the working directory, the name
    /// of a file, such as `vsomeip_app.json`, of which vsomeip reads only a part, and, up to vsomeip
    /// 3.4, an earlier application in this process with another configuration.
    pub fn strict_configuration(self, is_strict: bool) -> Self {
        self.set(move |settings| settings.is_strict = is_strict)
    }

    /// The threads that run the listeners; 4 unless set.
    pub fn runtime(self, runtime: RuntimeConfig) -> Self {
        self.set(move |settings| settings.runtime = runtime.clone())
    }

    /// Where vsomeip's own log goes, from the moment of building on, for the whole process. Unless
    /// any transport of the process has set it, into the `log` crate's logger:
    /// [`VsomeipLog::Bridged`].
    pub fn vsomeip_log(self, log: VsomeipLog) -> Self {
        self.set(move |settings| settings.vsomeip_log = Some(log))
    }

    /// The format that all payloads have. SOME/IP does not carry it: messages that are received get
    /// this one, and a message with another one cannot be sent, errors apart. UNSPECIFIED, which
    /// accepts any, unless set.
    ///
    /// Where a format is set, each message has a payload, of zero bytes if nothing else came: protobuf
    /// encodes a message with default values so, and SOME/IP does not tell that from no payload. Only
    /// an error response of zero bytes has none. Without a format, zero bytes are no payload.
    pub fn payload_format(self, format: UPayloadFormat) -> Self {
        self.set(move |settings| settings.options.payload_format = format)
    }

    /// How NOTIFICATION messages are sent; as REQUEST_NO_RETURN unless set.
    pub fn notifications(self, mode: NotificationMode) -> Self {
        self.set(move |settings| settings.options.notifications = mode)
    }

    /// The protocol that requests to a service of another host take, with or without return, or those
    /// to one of its instances. Comes before all else. A request fails with UNAVAILABLE if service
    /// discovery shows that the service does not have it.
    ///
    /// Few services need it: without it, a request takes the protocol that vsomeip's configuration
    /// lists for the service (in `services`, with the `unicast` of its host, else in `clients`), else the
    /// one that service discovery announces; if there are both, that of [`reliable`](Self::reliable).
    /// Until an offer of an available service was heard, requests to it wait: for three seconds, or half
    /// of their time to live, if that is less; then they take the protocol of `reliable`.
    pub fn protocol(self, service: u16, instance: Option<u16>, protocol: Protocol) -> Self {
        let (service, instance) = (ServiceId(service), instance.map(instance_of));
        self.set(move |settings| settings.protocols.service(service, instance, protocol))
    }

    /// The protocol that requests to one method take; comes before that of its service.
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

    /// Whether requests to other hosts go over TCP, with or without return, where nothing says which
    /// protocol they take (see [`protocol`](Self::protocol)); over UDP unless set.
    pub fn reliable(self, reliable: bool) -> Self {
        self.set(move |settings| settings.options.reliable = reliable)
    }

    /// Whether messages whose source has another authority than the local URI are sent; unless set,
    /// they are refused with PERMISSION_DENIED. For a uStreamer, which forwards the messages of
    /// others. A source without an authority is local. The constructors
    /// [`new`](UPTransportVsomeip::new) and
    /// [`new_with_config`](UPTransportVsomeip::new_with_config) set it.
    pub fn forward_foreign_sources(self, forward: bool) -> Self {
        self.set(move |settings| settings.options.foreign_sources = forward)
    }

    /// The authority of a service, or of one of its instances. Every other one is assumed to have
    /// the authority of the network.
    pub fn authority(
        self,
        service: u16,
        instance: Option<u16>,
        authority: impl Into<String>,
    ) -> Self {
        let key = (ServiceId(service), instance.map(instance_of));
        let authority = authority.into();
        self.set(move |settings| {
            settings.authorities.services.insert(key, authority.clone());
        })
    }

    /// How an event is offered and subscribed to. Takes precedence over vsomeip's configuration. An
    /// event that neither names is no field, and in the eventgroup of its own number.
    pub fn event(self, service: u16, instance: u16, event: u16, options: EventOptions) -> Self {
        let service =
            ServiceInstance { service: ServiceId(service), instance: instance_of(instance) };
        self.set(move |settings| settings.events.insert(service, EventId(event), options.clone()))
    }

    /// The interface version of a service of this host. It is that of the local entity unless set, or
    /// unless a topic or the filter of a listener names another one. A filter that leaves version and
    /// service open, such as a uStreamer's, offers each configured service in this version.
    pub fn service_version(self, service: u16, version: u8) -> Self {
        self.set(move |settings| {
            settings.versions.insert(ServiceId(service), MajorVersion(version));
        })
    }

    /// Offers a topic from the start: subscribers are connected before the first message is
    /// published to it. Otherwise its first message does, which waits for them
    /// ([`hold_first_messages`](Self::hold_first_messages)); and if a subscriber meets the very moment
    /// of that, vsomeip may lose its subscription.
    pub fn offer(self, topic: UUri) -> Self {
        self.set(move |settings| settings.offered.push(topic.clone()))
    }

    /// How long a received request can be answered; 10 s unless set. Counted in milliseconds: at
    /// least one, and no more than fit into 32 bits.
    pub fn request_ttl(self, ttl: Duration) -> Self {
        self.set(move |settings| settings.options.request_ttl = ttl.clamp(MIN_TTL, MAX_TTL))
    }

    /// Creates the transport. Does not wait for the routing manager: the application registers there,
    /// now or as soon as there is one, by itself. Takes up to a second if another process seems to
    /// have its client id, which that one may be about to give up, and up to six if a transport of this
    /// process that still ends has the name of its application.
    ///
    /// # Errors
    ///
    /// * `NOT_FOUND` if there is no such configuration file.
    /// * `INVALID_ARGUMENT` if the local URI is not valid, a limit is 0, an [offered](Self::offer) topic
    ///   is no topic or contradicts another one in its version, no application is named, or the
    ///   configuration is not JSON, means nothing, or is such that vsomeip would not survive it: the
    ///   message says where, as in `service-discovery.multicast`, what is wrong there, and what to do
    ///   about it. What vsomeip passes over is a warning in the log.
    /// * `RESOURCE_EXHAUSTED` if more topics or services are [offered](Self::offer) than the limits or
    ///   the handler pool allow.
    /// * `FAILED_PRECONDITION` if vsomeip would go by another configuration and that is
    ///   [not tolerated](Self::strict_configuration), or if the variable
    ///   `VSOMEIP_CONFIGURATION_MODULE` is set, with which vsomeip crashes.
    /// * `ALREADY_EXISTS` if the name of the application is in use in this process, or its id in the
    ///   network by another one.
    /// * `INTERNAL` if vsomeip creates no application, for example because another process hosts the
    ///   routing manager that this one is to host.
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
        direct(settings.vsomeip_log)?;
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
