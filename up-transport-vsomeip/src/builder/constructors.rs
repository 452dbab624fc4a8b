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

//! The constructors of 0.6.0: doors to the builder.

use std::path::Path;

use up_rust::{UStatus, UUri};

use super::TransportBuilder;
use crate::config::{RuntimeConfig, VsomeipApplicationConfig};
use crate::transport::UPTransportVsomeip;
use crate::AuthorityName;

impl UPTransportVsomeip {
    /// Starts to describe a transport. `local` is the entity that uses it: authority, entity id and
    /// version, with resource id 0. `remote_authority` is the authority of the SOME/IP network.
    pub fn builder(local: UUri, remote_authority: impl Into<String>) -> TransportBuilder {
        TransportBuilder::new(local, remote_authority)
    }

    /// Creates a transport from a vsomeip configuration file, whose section `uprotocol` may set every
    /// option of [`TransportBuilder`]; `runtime_config` comes before that. See
    /// [`TransportBuilder::build`] for the errors.
    ///
    /// vsomeip prefers the variables `VSOMEIP_CONFIGURATION…` and a `vsomeip.json` in the working
    /// directory to the file, and 3.4.10 reads one configuration per process. The application is the one
    /// that the variable `VSOMEIP_APPLICATION_NAME` names, or else `uprotocol.application` in the file,
    /// or else the first in the file: see [`TransportBuilder::application_name`].
    ///
    /// A uStreamer sends what others have sent through a transport that it creates this way, so
    /// foreign sources are allowed (see [`TransportBuilder::forward_foreign_sources`]).
    pub fn new_with_config(
        uri: UUri,
        remote_authority_name: &AuthorityName,
        config_path: &Path,
        runtime_config: Option<RuntimeConfig>,
    ) -> Result<Self, UStatus> {
        as_before(uri, remote_authority_name, runtime_config).config_file(config_path).build()
    }

    /// Creates a transport with a vsomeip application of the given name and client id, and vsomeip's
    /// defaults for everything else, unless the variables `VSOMEIP_CONFIGURATION…` or a
    /// `vsomeip.json` in the working directory say something else; their section `uprotocol` counts,
    /// too. See [`TransportBuilder`], and [`TransportBuilder::build`] for the errors. Foreign sources
    /// are allowed as with [`new_with_config`](Self::new_with_config).
    pub fn new(
        vsomeip_application_config: VsomeipApplicationConfig,
        uri: UUri,
        remote_authority_name: &AuthorityName,
        runtime_config: Option<RuntimeConfig>,
    ) -> Result<Self, UStatus> {
        as_before(uri, remote_authority_name, runtime_config)
            .application(vsomeip_application_config)
            .build()
    }
}

/// What the constructors have in common: a uStreamer need not say that it forwards messages.
fn as_before(
    uri: UUri,
    remote_authority: &AuthorityName,
    runtime: Option<RuntimeConfig>,
) -> TransportBuilder {
    let builder = UPTransportVsomeip::builder(uri, remote_authority)
        .forward_foreign_sources(true)
        .into_defaults();
    match runtime {
        Some(runtime) => builder.runtime(runtime),
        None => builder,
    }
}
