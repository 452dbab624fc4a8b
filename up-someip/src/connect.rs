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

//! Makes the transport: from a configuration of vsomeip, or from options.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use up_rust::UUri;
use up_transport_vsomeip::stack::{Application, Service, ServiceDiscovery, StackConfig};
use up_transport_vsomeip::{ServiceInstance, TransportBuilder, UPTransportVsomeip};

use crate::errors::Failure;

/// What vsomeip reads, too.
const CONFIGURATION: &str = "VSOMEIP_CONFIGURATION";
/// The authority of other hosts, if nothing names one.
const REMOTE_AUTHORITY: &str = "ecu";
/// The UDP port of a service that is offered, if none is given.
const DEFAULT_PORT: u16 = 30509;
/// The authority of this host, if nothing names one.
pub(crate) const LOCAL_AUTHORITY: &str = "up-someip";

/// How to reach the network.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Network")]
pub(crate) struct Options {
    /// vsomeip's configuration: a JSON file, or a folder of them; the one that the variable
    /// VSOMEIP_CONFIGURATION names unless given
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Without a configuration: the address of this host in the network, where service discovery is
    /// used; only this host unless given
    #[arg(long, global = true, value_name = "ADDRESS", conflicts_with = "config")]
    pub(crate) unicast: Option<IpAddr>,

    /// Without a configuration: the multicast address of service discovery [default: 224.224.224.0]
    #[arg(long, global = true, value_name = "ADDRESS", conflicts_with = "config")]
    pub(crate) sd_multicast: Option<IpAddr>,

    /// Without a configuration: the port of service discovery [default: 30490]
    #[arg(long, global = true, value_name = "PORT", conflicts_with = "config")]
    pub(crate) sd_port: Option<u16>,

    /// Without a configuration: which processes of this host share a routing manager
    /// [default: vsomeip]
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "config")]
    pub(crate) network: Option<String>,

    /// The name of the vsomeip application: with a configuration, the one that vsomeip would take;
    /// else up-someip- with the process id
    #[arg(long, global = true)]
    pub(crate) name: Option<String>,

    /// The uEntity that this is, as a UUri with the resource 0 [default: //up-someip/FFF0/1/0]
    #[arg(long, global = true, value_name = "UURI")]
    pub(crate) local: Option<UUri>,

    /// The authority of all other hosts; that of the target unless given, else `ecu`
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) remote_authority: Option<String>,

    /// Send requests over TCP where nothing says which protocol they take
    #[arg(long, global = true, conflicts_with = "udp")]
    pub(crate) tcp: bool,

    /// Send requests over UDP where nothing says which protocol they take; the default
    #[arg(long, global = true)]
    pub(crate) udp: bool,
}

/// Where other hosts reach a service that is offered here.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Network")]
pub(crate) struct Ports {
    /// Offer the service on this UDP port; 30509 if no port is given. Counts with --unicast, in the
    /// first process of the host, which hosts the routing manager
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..65535))]
    udp_port: Option<u16>,

    /// Offer the service on this TCP port
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..65535))]
    tcp_port: Option<u16>,
}

impl Ports {
    /// What a configuration in memory says of a service.
    pub(crate) fn service(self, service: ServiceInstance) -> Service {
        let mut listed = Service::new(service.service(), service.instance());
        if let Some(port) = self.tcp_port {
            listed = listed.with_reliable(port);
        }
        match self.udp_port.or(self.tcp_port.is_none().then_some(DEFAULT_PORT)) {
            Some(port) => listed.with_unreliable(port),
            None => listed,
        }
    }
}

/// What a command is for, beside the options.
#[derive(Debug, Default)]
pub(crate) struct Purpose {
    /// The uEntity to be, unless `--local` says another one.
    pub(crate) local: Option<UUri>,
    /// The authority of the target.
    pub(crate) remote_authority: Option<String>,
    /// What a configuration in memory lists.
    pub(crate) services: Vec<Service>,
}

/// Where the configuration of vsomeip comes from.
#[derive(Clone, Debug)]
pub(crate) enum Configuration {
    /// A file or a folder.
    File(PathBuf),
    /// Made from the options.
    Memory(Box<StackConfig>),
}

impl Options {
    /// Which configuration counts.
    pub(crate) fn configuration(&self, services: &[Service]) -> Configuration {
        match self.file() {
            Some(path) => Configuration::File(path),
            None => Configuration::Memory(Box::new(self.stack(services))),
        }
    }

    /// `--config`, else the variable, unless options describe a network.
    fn file(&self) -> Option<PathBuf> {
        let variable = || std::env::var_os(CONFIGURATION).filter(|path| !path.is_empty());
        self.config.clone().or_else(|| variable().map(PathBuf::from))
    }

    /// Whether there is a configuration in a file.
    pub(crate) fn has_file(&self) -> bool {
        self.file().is_some()
    }

    fn application_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("up-someip-{}", std::process::id()))
    }

    /// A configuration of the options.
    fn stack(&self, services: &[Service]) -> StackConfig {
        let application = Application { name: self.application_name(), ..Application::default() };
        let discovery = ServiceDiscovery {
            multicast: self.sd_multicast,
            port: self.sd_port.or_else(|| self.unicast.is_none().then(|| self.own_port())),
            // The tool is not to wait for three seconds.
            initial_delay_max: Some(100),
            ..ServiceDiscovery::default()
        };
        StackConfig {
            unicast: Some(self.unicast.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))),
            network: self.network.clone(),
            diagnosis: self.unicast.map(diagnosis),
            applications: vec![application],
            // Without other hosts, there is no need for ports.
            services: self.unicast.map(|_| services.to_vec()).unwrap_or_default(),
            service_discovery: Some(discovery),
            ..StackConfig::default()
        }
    }

    /// The port of service discovery where there is no other host. It is on nevertheless: without it,
    /// the routing manager of vsomeip 3.4.10 cannot subscribe to services of its own host. Networks of
    /// other names are not to hear of it.
    fn own_port(&self) -> u16 {
        const FIRST: u16 = 30_600;
        const COUNT: u16 = 2_000;
        let name = self.network.as_deref().unwrap_or_default();
        let hash =
            name.bytes().fold(0_u16, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        FIRST + hash % COUNT
    }

    /// What another process of this tool needs to reach the same network, but for its name.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        let mut add = |name: &str, value: Option<OsString>| {
            arguments.extend(value.map(|value| [name.into(), value]).into_iter().flatten());
        };
        add("--config", self.config.clone().map(OsString::from));
        add("--unicast", self.unicast.map(|it| it.to_string().into()));
        add("--sd-multicast", self.sd_multicast.map(|it| it.to_string().into()));
        add("--sd-port", self.sd_port.map(|it| it.to_string().into()));
        add("--network", self.network.clone().map(OsString::from));
        arguments
    }

    /// The uEntity to be.
    pub(crate) fn local_or(&self, preferred: Option<UUri>) -> Result<UUri, Failure> {
        let default = || UUri::try_from_parts(LOCAL_AUTHORITY, 0xfff0, 1, 0);
        match self.local.clone().or(preferred) {
            Some(local) => Ok(local),
            None => default().map_err(|error| Failure::usage(error.to_string())),
        }
    }

    /// The authority of this host: that of the options, else that of the target.
    pub(crate) fn local_authority_or(&self, target: Option<String>) -> String {
        let local = self.local.as_ref().map(|local| local.authority_name.clone());
        local.or(target).unwrap_or_else(|| LOCAL_AUTHORITY.to_owned())
    }

    /// The authority of other hosts: that of the options, else that of the target.
    pub(crate) fn remote_authority_or(&self, target: Option<String>) -> String {
        let authority = self.remote_authority.clone().or(target);
        authority.unwrap_or_else(|| REMOTE_AUTHORITY.to_owned())
    }

    /// Describes a transport to which more can be added.
    ///
    /// # Errors
    ///
    /// Fails if the options contradict each other.
    pub(crate) fn builder(&self, purpose: Purpose) -> Result<TransportBuilder, Failure> {
        let local = self.local_or(purpose.local)?;
        let remote = self.remote_authority_or(purpose.remote_authority);
        let builder = UPTransportVsomeip::builder(local, remote);
        let builder = match self.configuration(&purpose.services) {
            Configuration::File(path) => builder.config_file(path),
            Configuration::Memory(stack) => builder.stack(*stack),
        };
        let builder = match &self.name {
            Some(name) => builder.application_name(name),
            None => builder,
        };
        Ok(if self.tcp { builder.reliable(true) } else { builder })
    }
}

/// The upper byte of the client ids that vsomeip assigns, which must differ between hosts: from the
/// host's number in its network.
fn diagnosis(address: IpAddr) -> u8 {
    const OWN: u8 = 0x80;
    let number = match address {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    };
    number | OWN
}
