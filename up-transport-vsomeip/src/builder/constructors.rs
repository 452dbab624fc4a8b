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

//! The constructors of 0.6.0, and `builder`. Uses the builder only.

use std::path::Path;

use up_rust::{UStatus, UUri};

use super::TransportBuilder;
use crate::config::{RuntimeConfig, VsomeipApplicationConfig};
use crate::transport::UPTransportVsomeip;
use crate::AuthorityName;

impl UPTransportVsomeip {
    /// Returns a builder for a transport.
    ///
    /// `local` is the URI of the uEntity that uses it: authority, entity id and version, with resource
    /// id 0. `remote_authority` is the authority of the SOME/IP network, and so of all services that
    /// [`TransportBuilder::authority`] does not set another one for.
    pub fn builder(local: UUri, remote_authority: impl Into<String>) -> TransportBuilder {
        TransportBuilder::new(local, remote_authority)
    }

    /// Creates a transport from a vsomeip configuration file.
    ///
    /// The section `uprotocol` of the file can set every option of [`TransportBuilder`];
    /// `runtime_config` takes precedence over it. See [`TransportBuilder::application_name`] for which
    /// application of the file the transport runs as.
    ///
    /// vsomeip prefers the variables `VSOMEIP_CONFIGURATION…` and a `vsomeip.json` in the working
    /// directory to the file, and vsomeip 3.4.10 reads one configuration per process: see
    /// [`TransportBuilder::strict_configuration`].
    ///
    /// Foreign sources are allowed, since a uStreamer creates its transport this way (see
    /// [`TransportBuilder::forward_foreign_sources`]).
    ///
    /// # Errors
    ///
    /// Those of [`TransportBuilder::build`].
    pub fn new_with_config(
        uri: UUri,
        remote_authority_name: &AuthorityName,
        config_path: &Path,
        runtime_config: Option<RuntimeConfig>,
    ) -> Result<Self, UStatus> {
        as_in_0_6(uri, remote_authority_name, runtime_config).config_file(config_path).build()
    }

    /// Creates a transport with a vsomeip application of the given name and client id.
    ///
    /// Everything else has vsomeip's defaults, unless the variables `VSOMEIP_CONFIGURATION…` or a
    /// `vsomeip.json` in the working directory set it; a section `uprotocol` there applies, too.
    /// Foreign sources are allowed as with [`new_with_config`](Self::new_with_config).
    ///
    /// # Errors
    ///
    /// Those of [`TransportBuilder::build`].
    pub fn new(
        vsomeip_application_config: VsomeipApplicationConfig,
        uri: UUri,
        remote_authority_name: &AuthorityName,
        runtime_config: Option<RuntimeConfig>,
    ) -> Result<Self, UStatus> {
        as_in_0_6(uri, remote_authority_name, runtime_config)
            .application(vsomeip_application_config)
            .build()
    }
}

/// A builder with the defaults of 0.6.0, which forwards foreign sources.
fn as_in_0_6(
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
