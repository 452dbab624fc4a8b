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

//! A transport created in the way of a uStreamer.

use std::path::PathBuf;

use up_rust::{UStatus, UUri};
use up_transport_vsomeip::{UPTransportVsomeip, VsomeipApplicationConfig};

use crate::entity::REMOTE;
use crate::Options;

/// A process that creates its transport with one of the constructors of 0.6.0.
pub(crate) enum Streamer {
    WithConfig(PathBuf),
    WithApplication(VsomeipApplicationConfig),
}

impl Streamer {
    pub(crate) fn of(options: &Options) -> Self {
        match (&options.config, &options.application) {
            (Some(config), _) => Self::WithConfig(config.clone()),
            (None, name) => {
                let name = name.as_deref().expect("a configuration or an application");
                let id = client_id(&options.local);
                Self::WithApplication(VsomeipApplicationConfig::new(name, id))
            }
        }
    }

    pub(crate) fn start(&self, local: UUri) -> Result<UPTransportVsomeip, UStatus> {
        let remote = REMOTE.to_owned();
        match self {
            Self::WithConfig(path) => {
                UPTransportVsomeip::new_with_config(local, &remote, path, None)
            }
            Self::WithApplication(config) => {
                UPTransportVsomeip::new(config.clone(), local, &remote, None)
            }
        }
    }
}

/// As in the harness, it is the service id in the URI.
pub(crate) fn client_id(local: &UUri) -> u16 {
    let [.., high, low] = local.ue_id.to_be_bytes();
    u16::from_be_bytes([high, low])
}
