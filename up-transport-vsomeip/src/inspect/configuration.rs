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
//! What vsomeip and the transport make of a configuration: each setting with its origin, and what is
//! wrong.

use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use up_rust::UStatus;

use super::defaults::{OF_APPLICATION, OF_STACK};
use super::origin::{leaves, Leaf};
use crate::builder::section::effective;
use crate::diagnosis::examination::{self, Check};
use crate::diagnosis::Expected;
use crate::stack::understand::schema::of_section;
use crate::stack::StackConfig;
use crate::startup::inspecting::{find_alone, variables, Complaint, Contribution};
use crate::startup::{self, Found, NetworkFiles, Source, SECTION};
use crate::vsomeip::version;

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A file says so.
    File(PathBuf),
    /// The configuration that was made in memory says so.
    Memory,
    /// A variable of the environment.
    Variable(String),
    /// Whoever asks has said so.
    Caller,
    /// A rule or a default of the transport.
    Transport,
    /// vsomeip's default.
    Vsomeip,
}

/// One setting, as it is in force.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Its place in the configuration, such as `service-discovery.multicast` or
    /// `uprotocol.max_listeners`; `application` is the name of the transport's own.
    pub place: String,
    /// The value, as it would be written.
    pub value: Value,
    /// Who says so.
    pub origin: Origin,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// There is a transport, but something is probably not meant.
    Warning,
    /// No transport is created with this configuration.
    Error,
}

/// Something that is wrong with a configuration, or probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, if it is known.
    pub file: Option<PathBuf>,
    /// The place, such as `services[1].events[0].event`, if it is one.
    pub place: Option<String>,
    /// What is wrong, and the remedy.
    pub text: String,
}

/// A file that vsomeip reads.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceFile {
    /// Its path.
    pub path: PathBuf,
    /// Whether it has options of the transport.
    pub has_options: bool,
}

/// A configuration, looked at without creating anything.
///
/// ```
/// use up_transport_vsomeip::inspect::{Inspection, Origin};
/// use up_transport_vsomeip::stack::StackConfig;
///
/// let config = StackConfig::for_application("client", 0x0101).with_network("test");
/// let inspection = Inspection::of_stack(config, None)?;
/// let settings = inspection.settings();
/// let of = |place: &str| settings.iter().find(|it| it.place == place).unwrap();
/// assert_eq!((&of("network").value, &of("network").origin), (&"test".into(), &Origin::Memory));
/// assert_eq!(of("service-discovery.port").origin, Origin::Vsomeip);
/// # Ok::<(), up_rust::UStatus>(())
/// ```
pub struct Inspection {
    found: Found,
    contributions: Vec<Contribution>,
    /// The name of the application that was asked for.
    asked: Option<String>,
    is_in_memory: bool,
}

impl Inspection {
    /// What a transport of this process finds that is given this file or folder, and whatever takes its
    /// place: `./vsomeip.json`, or what a variable names. The application is the one that a transport
    /// would be.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` if there is no such file, `INVALID_ARGUMENT` if it is not JSON, or no application is
    /// named; `FAILED_PRECONDITION` if vsomeip would crash; `INTERNAL` if no temporary file can be
    /// written.
    pub fn of_file(path: impl AsRef<Path>, application: Option<&str>) -> Result<Self, UStatus> {
        let source = Source::File(path.as_ref().to_owned());
        Ok(Self::new(startup::find(&source, application)?, application, false))
    }

    /// The same for a configuration that is made in memory.
    ///
    /// # Errors
    ///
    /// Those of [`of_file`](Self::of_file), but for those of reading.
    pub fn of_stack(config: StackConfig, application: Option<&str>) -> Result<Self, UStatus> {
        let source = Source::Memory(Box::new(config));
        Ok(Self::new(startup::find(&source, application)?, application, true))
    }

    /// What a file or folder says by itself, whatever would take its place in this process; it need not
    /// name an application.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` if there is no such file, `INVALID_ARGUMENT` if it is not JSON.
    pub fn of_file_alone(
        path: impl AsRef<Path>,
        application: Option<&str>,
    ) -> Result<Self, UStatus> {
        let source = Source::File(path.as_ref().to_owned());
        Ok(Self::new(find_alone(&source, application)?, application, false))
    }

    fn new(found: Found, asked: Option<&str>, is_in_memory: bool) -> Self {
        let contributions = found.contributions();
        let asked = asked.filter(|name| !name.is_empty()).map(str::to_owned);
        Self { found, contributions, asked, is_in_memory }
    }

    /// The name of the application that the transport would be; empty if none is named.
    pub fn application(&self) -> &str {
        self.found.application()
    }

    /// vsomeip's part of the configuration, as it is in force.
    pub fn stack(&self) -> &StackConfig {
        &self.found.effective().config
    }

    /// The version of vsomeip by whose rules it is read.
    pub fn vsomeip_version(&self) -> String {
        version::loaded()
    }

    /// The files that vsomeip reads, in its order.
    pub fn files(&self) -> Vec<SourceFile> {
        let file = |it: &Contribution| SourceFile {
            path: it.path.clone(),
            has_options: it.section.is_some(),
        };
        self.contributions.iter().map(file).collect()
    }

    /// The variables of the environment that vsomeip takes notice of and that are set.
    pub fn variables(&self) -> Vec<(String, String)> {
        variables()
    }

    /// Why vsomeip does not go by what it is given, with the remedy.
    pub fn overrides(&self) -> &[String] {
        self.found.overrides()
    }

    /// All settings that are in force. Those that neither the configuration nor the transport says have
    /// vsomeip's default, where that is a single value.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = vec![self.own_name()];
        let merged = serde_json::to_value(self.stack()).unwrap_or_default();
        let files: Vec<Value> = self.contributions.iter().map(|it| it.config.clone()).collect();
        settings.extend(leaves(&merged, &files).into_iter().map(|leaf| self.setting(leaf)));
        self.add_defaults(&merged, &mut settings);
        settings.extend(effective::options(&self.found).into_iter().map(|option| {
            let origin = option.file.map_or(Origin::Transport, |file| self.origin_of(file));
            Setting { place: option.place, value: option.value, origin }
        }));
        settings
    }

    fn own_name(&self) -> Setting {
        const VARIABLE: &str = "VSOMEIP_APPLICATION_NAME";
        let name = self.application();
        let is_set = variables().iter().any(|(it, value)| it == VARIABLE && value == name);
        let says = |json: &Value| json.get("application").is_some_and(|it| it == name);
        let naming = self.contributions.iter().find(|it| it.section.as_ref().is_some_and(says));
        let first = self.contributions.iter().find(|it| it.config.get("applications").is_some());
        let origin = match (&self.asked, is_set, naming.or(first)) {
            (Some(_), ..) => Origin::Caller,
            (None, true, _) => Origin::Variable(VARIABLE.to_owned()),
            (None, false, Some(file)) => self.origin_of(file.path.clone()),
            (None, false, None) => Origin::Transport,
        };
        Setting { place: "application".to_owned(), value: json!(name), origin }
    }

    fn setting(&self, leaf: Leaf) -> Setting {
        let file = leaf.file.and_then(|index| self.contributions.get(index));
        let origin = file.map_or(Origin::Vsomeip, |file| self.origin_of(file.path.clone()));
        Setting { place: leaf.place, value: leaf.value, origin }
    }

    fn origin_of(&self, file: PathBuf) -> Origin {
        match self.is_in_memory && self.overrides().is_empty() {
            true => Origin::Memory,
            false => Origin::File(file),
        }
    }

    fn add_defaults(&self, merged: &Value, settings: &mut Vec<Setting>) {
        let mut add = |place: String, value: &str, origin| {
            settings.push(Setting { place, value: json!(value), origin });
        };
        let stack = self.stack();
        for (place, value) in OF_STACK {
            let pointer = format!("/{}", place.replace('.', "/"));
            let is_other = *place == "netmask" && stack.prefix.is_some();
            if merged.pointer(&pointer).is_none() && !is_other {
                add((*place).to_owned(), value, Origin::Vsomeip);
            }
        }
        let own = stack.applications.iter().position(|it| it.name == self.application());
        let place = own.map_or("applications[]".to_owned(), |it| format!("applications[{it}]"));
        let listed = own.and_then(|index| merged["applications"].get(index));
        let is_said = |key: &str| listed.is_some_and(|it| it.get(key).is_some());
        for (key, value) in OF_APPLICATION.iter().filter(|(key, _)| !is_said(key)) {
            add(format!("{place}.{key}"), value, Origin::Vsomeip);
        }
        if !is_said("max_dispatchers") {
            let (value, origin) = match self.found.keeps_order() {
                true => ("0", Origin::Transport),
                false => ("10", Origin::Vsomeip),
            };
            add(format!("{place}.max_dispatchers"), value, origin);
        }
    }

    /// All that is wrong with the configuration, or probably not meant; errors first.
    pub fn findings(&self) -> Vec<Finding> {
        let mut complaints = self.found.complaints();
        match effective::check(&self.found) {
            Ok(warnings) => complaints.extend(warnings.into_iter().map(|text| Complaint {
                is_error: false,
                file: None,
                place: None,
                text,
            })),
            Err(error) => complaints.extend(Complaint::error(&error)),
        }
        let mut findings: Vec<Finding> = complaints.into_iter().map(Finding::from).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// Whether a process hosts the routing manager of this network, as far as the system tells.
    pub fn has_routing_manager(&self) -> bool {
        examination::is_hosted(&self.network_files())
    }

    fn network_files(&self) -> NetworkFiles {
        NetworkFiles::of(self.found.effective(), &version::loaded())
    }

    /// Compares what the configuration expects with what the system says: addresses, interfaces, routes,
    /// ports, lock and sockets, the client id, and the routing manager. Takes some milliseconds.
    pub fn examine_system(&self) -> Vec<Check> {
        let effective = self.found.effective();
        let is_host = effective.config.routing_host() == Some(&effective.application);
        examination::examine(&Expected::of(effective, self.network_files(), is_host))
    }
}

impl From<Complaint> for Finding {
    fn from(Complaint { is_error, file, place, text }: Complaint) -> Self {
        let severity = if is_error { Severity::Error } else { Severity::Warning };
        Self { severity, file, place, text }
    }
}

/// The JSON schema of a configuration file, for editors: vsomeip's keys with their documentation, and
/// the section `uprotocol`, as strict as the transport is.
pub fn schema() -> Value {
    let mut schema = of_section::<StackConfig>();
    let options = effective::schema();
    schema["$schema"] = options["$schema"].clone();
    schema["title"] = json!("A configuration of vsomeip for the uProtocol transport");
    schema["properties"][SECTION] = options["properties"][SECTION].clone();
    schema
}
