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

//! What is configured: the application, and what of vsomeip's own configuration concerns the
//! transport.

use std::io;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use tempfile::NamedTempFile;
use up_rust::{UCode, UStatus};
use vsomeip_sys::{EventId, InstanceId, ServiceId};

use crate::error::invalid_argument;
use crate::events::{EventOptions, Events};
use crate::uri_mapping::ServiceInstance;

/// The name and the client id of a vsomeip application, as in `applications` of vsomeip's JSON
/// configuration (there, the id is a string such as `"0x1234"`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VsomeipApplicationConfig {
    /// The name: unique in the process, and among the applications of a routing manager.
    pub name: String,
    /// The client id: unique in the network. 0 is not allowed, 0xffff lets vsomeip choose.
    #[serde(serialize_with = "to_hexadecimal", deserialize_with = "id")]
    pub id: u16,
}

impl VsomeipApplicationConfig {
    /// An application with the given name and client id.
    pub fn new(name: &str, id: u16) -> Self {
        Self { name: name.to_owned(), id }
    }

    /// A vsomeip configuration with this application and defaults for everything else.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if the file cannot be written.
    pub(crate) fn to_stack_file(&self) -> Result<NamedTempFile, UStatus> {
        self.write_stack_file().map_err(|error| {
            UStatus::fail_with_code(UCode::INTERNAL, format!("no configuration file: {error}"))
        })
    }

    fn write_stack_file(&self) -> io::Result<NamedTempFile> {
        let file = tempfile::Builder::new().prefix("up-vsomeip-").suffix(".json").tempfile()?;
        let application = json!({
            "name": self.name,
            "id": format!("{:#06x}", self.id),
            // One dispatcher thread: with more, a thread that is preempted while it passes a
            // message on would be overtaken by the next.
            "max_dispatchers": "0",
        });
        serde_json::to_writer(&file, &json!({ "applications": [application] }))?;
        Ok(file)
    }
}

/// How the transport's own threads run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeConfig {
    num_threads: u8,
}

impl RuntimeConfig {
    /// `num_threads` is the number of threads that run the listeners; 0 counts as 1.
    pub fn new(num_threads: u8) -> Self {
        Self { num_threads: num_threads.max(1) }
    }

    pub(crate) fn num_threads(&self) -> usize {
        self.num_threads.into()
    }
}

impl Default for RuntimeConfig {
    /// Four threads.
    ///
    /// ```
    /// use up_transport_vsomeip::RuntimeConfig;
    /// assert_eq!(RuntimeConfig::default(), RuntimeConfig::new(4));
    /// ```
    fn default() -> Self {
        Self::new(4)
    }
}

/// What the transport reads in vsomeip's configuration.
#[derive(Debug, Deserialize)]
pub(crate) struct StackConfig {
    #[serde(default)]
    applications: Vec<VsomeipApplicationConfig>,
    #[serde(default)]
    services: Vec<ConfiguredService>,
}

#[derive(Debug, Deserialize)]
struct ConfiguredService {
    #[serde(deserialize_with = "id")]
    service: u16,
    #[serde(deserialize_with = "id")]
    instance: u16,
    #[serde(default)]
    events: Vec<ConfiguredEvent>,
    #[serde(default)]
    eventgroups: Vec<ConfiguredEventgroup>,
}

#[derive(Debug, Deserialize)]
struct ConfiguredEvent {
    #[serde(deserialize_with = "id")]
    event: u16,
    #[serde(default, deserialize_with = "flag")]
    is_field: bool,
}

#[derive(Debug, Deserialize)]
struct ConfiguredEventgroup {
    #[serde(deserialize_with = "id")]
    eventgroup: u16,
    #[serde(default)]
    events: Vec<EventNumber>,
}

#[derive(Debug, Deserialize)]
struct EventNumber(#[serde(deserialize_with = "id")] u16);

impl ConfiguredService {
    fn instance(&self) -> ServiceInstance {
        ServiceInstance { service: ServiceId(self.service), instance: InstanceId(self.instance) }
    }

    /// The groups that list an event, or else the one of its number.
    fn options_of(&self, event: &ConfiguredEvent) -> EventOptions {
        let lists = |group: &&ConfiguredEventgroup| {
            group.events.iter().any(|EventNumber(number)| *number == event.event)
        };
        let mut groups: Vec<u16> =
            self.eventgroups.iter().filter(lists).map(|group| group.eventgroup).collect();
        if groups.is_empty() {
            groups.push(event.event);
        }
        let options = EventOptions::in_groups(&groups);
        if event.is_field {
            options.field()
        } else {
            options
        }
    }
}

impl StackConfig {
    /// Reads vsomeip's JSON configuration.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` if there is no such file, `INVALID_ARGUMENT` if it cannot be understood.
    pub(crate) fn read(path: &Path) -> Result<Self, UStatus> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let code = match error.kind() {
                io::ErrorKind::NotFound => UCode::NOT_FOUND,
                _ => UCode::INVALID_ARGUMENT,
            };
            let message = format!("cannot read the configuration {}: {error}", path.display());
            UStatus::fail_with_code(code, message)
        })?;
        serde_json::from_str(&text).map_err(|error| {
            invalid_argument(format!("the configuration {} is not valid: {error}", path.display()))
        })
    }

    /// The application that the transport is: the first one.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if there is none, or if it has no name or the id 0.
    pub(crate) fn application(&self) -> Result<&VsomeipApplicationConfig, UStatus> {
        let application = self.applications.first().ok_or_else(|| {
            invalid_argument("the configuration lists no application; add one to `applications`")
        })?;
        validated(application)
    }

    /// The services that the configuration lists.
    pub(crate) fn services(&self) -> Vec<ServiceInstance> {
        self.services.iter().map(ConfiguredService::instance).collect()
    }

    /// What the configuration says about the events of its services.
    pub(crate) fn add_events_to(&self, events: &mut Events) {
        for service in &self.services {
            for event in &service.events {
                let number = EventId(event.event);
                events.insert(service.instance(), number, service.options_of(event));
            }
        }
    }
}

/// # Errors
///
/// `INVALID_ARGUMENT` if the application has no name or the id 0.
pub(crate) fn validated(
    application: &VsomeipApplicationConfig,
) -> Result<&VsomeipApplicationConfig, UStatus> {
    if application.name.is_empty() {
        return Err(invalid_argument("the application has no name"));
    }
    if application.id == 0 {
        return Err(invalid_argument("the application id 0 is reserved"));
    }
    Ok(application)
}

/// Reads an id as vsomeip does: hexadecimal after `0x`, decimal otherwise; a string or a number.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u16),
        Text(String),
    }
    match Written::deserialize(deserializer)? {
        Written::Number(number) => Ok(number),
        Written::Text(text) => match text.strip_prefix("0x") {
            Some(digits) => u16::from_str_radix(digits, 16),
            None => text.parse(),
        }
        .map_err(|_| serde::de::Error::custom(format!("{text:?} is not a 16-bit id"))),
    }
}

/// Reads a truth value as vsomeip does: a string or a truth value.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Flag(bool),
        Text(String),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Flag(flag) => flag,
        Written::Text(text) => text == "true",
    })
}

fn to_hexadecimal<S: Serializer>(id: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{id:#06x}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Result<StackConfig, UStatus> {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        StackConfig::read(file.path())
    }

    #[test]
    fn ids_are_read_as_vsomeip_reads_them() {
        let config = read(
            r#"{ "applications": [{ "name": "a", "id": "0x12fe" }, { "name": "b", "id": "17" }],
                 "services": [{ "service": "0x1234", "instance": "1" }],
                 "routing": "a" }"#,
        )
        .unwrap();
        assert_eq!(config.application().unwrap(), &VsomeipApplicationConfig::new("a", 0x12fe));
        assert_eq!(config.applications[1].id, 17);
        let service = ServiceInstance { service: ServiceId(0x1234), instance: InstanceId(1) };
        assert_eq!(config.services(), [service]);
    }

    // [utest->dsn~someip-eventgroup~1]
    #[test]
    fn the_events_of_a_service_have_the_groups_that_list_them() {
        let config = read(
            r#"{ "services": [{ "service": "0x1234", "instance": "1",
                 "events": [{ "event": "0x8001", "is_field": "true" }, { "event": "0x8002" }],
                 "eventgroups": [{ "eventgroup": "5", "events": ["0x8001"] },
                                 { "eventgroup": "6", "events": ["0x8001"] }] }] }"#,
        )
        .unwrap();
        let mut events = Events::default();
        config.add_events_to(&mut events);
        let service = config.services()[0];
        let field = EventOptions::in_groups(&[5, 6]).field();
        assert_eq!(events.options_of(service, EventId(0x8001)), field);
        let event = EventOptions::in_groups(&[0x8002]);
        assert_eq!(events.options_of(service, EventId(0x8002)), event);
    }

    #[test]
    fn a_file_that_does_not_exist_is_not_found() {
        let error = StackConfig::read(Path::new("/does/not/exist.json")).unwrap_err();
        assert_eq!(error.get_code(), UCode::NOT_FOUND);
    }

    #[test]
    fn what_cannot_be_understood_is_an_invalid_argument() {
        for text in [
            "no json",
            r#"{ "applications": [{ "name": "a", "id": "0x12345" }] }"#,
            r#"{ "applications": [{ "name": "a", "id": "zz" }] }"#,
            r#"{ "applications": [{ "name": "a" }] }"#,
            r#"{ "services": [{ "service": "0x1234" }] }"#,
        ] {
            assert_eq!(read(text).unwrap_err().get_code(), UCode::INVALID_ARGUMENT, "{text}");
        }
    }

    #[test]
    fn an_application_needs_a_name_and_an_id() {
        for text in [
            "{}",
            r#"{ "applications": [{ "name": "", "id": "1" }] }"#,
            r#"{ "applications": [{ "name": "a", "id": "0" }] }"#,
        ] {
            let config = read(text).unwrap();
            assert_eq!(config.application().unwrap_err().get_code(), UCode::INVALID_ARGUMENT);
        }
    }

    #[test]
    fn the_generated_configuration_names_the_application() {
        let application = VsomeipApplicationConfig::new("generated", 0x0102);
        let file = application.to_stack_file().unwrap();
        let config = StackConfig::read(file.path()).unwrap();
        assert_eq!(config.application().unwrap(), &application);
    }
}
