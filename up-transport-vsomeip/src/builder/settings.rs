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

//! The settings of a transport, and the changes that builder and configuration make to them.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use up_rust::{UStatus, UUri};
use vsomeip_sys::{MajorVersion, ServiceId};

use super::section::Section;
use super::TransportBuilder;
use crate::config::RuntimeConfig;
use crate::events::Events;
use crate::mapping::authorities::Authorities;
use crate::options::Options;
use crate::send::protocols::ProtocolOverrides;
use crate::uprotocol::UriParts;
use crate::vsomeip::log::VsomeipLog;

/// Everything that is set for a transport, except for vsomeip's configuration.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) authorities: Authorities,
    pub(super) is_strict: bool,
    pub(super) events: Events,
    pub(super) protocols: ProtocolOverrides,
    pub(super) versions: FxHashMap<ServiceId, MajorVersion>,
    pub(super) offered: Vec<UUri>,
    pub(super) options: Options,
    pub(super) runtime: RuntimeConfig,
    pub(super) vsomeip_log: Option<VsomeipLog>,
}

impl Settings {
    /// The defaults for a transport between two authorities.
    pub(super) fn new(local_authority: String, remote_authority: &str) -> Self {
        Self {
            authorities: Authorities::new(local_authority, remote_authority),
            is_strict: false,
            events: Events::default(),
            protocols: ProtocolOverrides::default(),
            versions: FxHashMap::default(),
            offered: Vec::new(),
            options: Options::default(),
            runtime: RuntimeConfig::default(),
            vsomeip_log: None,
        }
    }

    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if a limit is 0, the name of an authority is not valid, or an event is in no
    /// eventgroup.
    pub(super) fn check(&self) -> Result<(), UStatus> {
        self.options.check()?;
        self.authorities.check()?;
        self.events.check()
    }
}

type Change = Arc<dyn Fn(&mut Settings) + Send + Sync>;

/// Changes to the settings, in the order in which they apply.
#[derive(Clone, Default)]
pub(super) struct Changes(Vec<Change>);

impl Changes {
    pub(super) fn add(&mut self, change: impl Fn(&mut Settings) + Send + Sync + 'static) {
        self.0.push(Arc::new(change));
    }

    pub(super) fn make(&self, settings: &mut Settings) {
        self.0.iter().for_each(|change| change(settings));
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes", self.0.len())
    }
}

impl TransportBuilder {
    pub(super) fn set(mut self, change: impl Fn(&mut Settings) + Send + Sync + 'static) -> Self {
        self.changes.add(change);
        self
    }

    /// Turns what has been set into defaults, which the configuration overrides.
    pub(super) fn into_defaults(self) -> Self {
        Self { defaults: self.changes, changes: Changes::default(), ..self }
    }

    /// The effective settings: defaults, then the configuration's section, then the builder's calls.
    pub(super) fn settings(&self, section: Section) -> Settings {
        let blank = Self::new(self.local.clone(), self.remote_authority.clone());
        let mut settings = Settings::new(self.local.authority().to_owned(), &self.remote_authority);
        for changes in [&self.defaults, &section.apply(blank).changes, &self.changes] {
            changes.make(&mut settings);
        }
        settings
    }
}
