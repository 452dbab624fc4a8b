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

//! How several files become one configuration: what vsomeip takes from each, and which of two
//! definitions counts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::effective::CHOSEN_BY_VSOMEIP;
use super::reading::Files;
use crate::stack::{Application, StackConfig, StackError};

/// What vsomeip reads of mandatory files for every application; the rest only for the routing
/// manager, or if none is named.
const FOR_EVERY_APPLICATION: [&str; 21] = [
    "applications",
    "buffer-shrink-threshold",
    "diagnosis",
    "diagnosis_mask",
    "endpoint-queue-limit-external",
    "endpoint-queue-limit-local",
    "endpoint-queue-limits",
    "file-permissions",
    "logging",
    "max-payload-size-local",
    "max-payload-size-reliable",
    "max-payload-size-unreliable",
    "network",
    "payload-sizes",
    "routing",
    "security",
    "shutdown_timeout",
    "tcp-connect-time-max",
    "tcp-restart-aborts-max",
    "tracing",
    "udp-receive-buffer-size",
];

/// What one configuration was made of several files.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) config: StackConfig,
    /// Whether vsomeip leaves out what is not for every application.
    pub(crate) is_partial: bool,
    /// Values that cannot be read, for which vsomeip has its defaults.
    pub(crate) left_out: Vec<StackError>,
}

/// What vsomeip reads for an application.
pub(crate) fn merge(files: &Files, application: &str) -> Merged {
    let mut merged = Map::new();
    for keys in &files.mandatory {
        add(&mut merged, keys, |key| FOR_EVERY_APPLICATION.contains(&key));
    }
    if is_hosted_elsewhere(&merged, application) {
        return finish(merged, true);
    }
    for keys in &files.mandatory {
        add(&mut merged, keys, |key| !FOR_EVERY_APPLICATION.contains(&key));
    }
    for keys in &files.others {
        add(&mut merged, keys, |_| true);
    }
    finish(merged, false)
}

/// All that files say, for whatever application.
pub(crate) fn merge_all(files: &Files) -> Merged {
    let mut merged = Map::new();
    for keys in files.mandatory.iter().chain(&files.others) {
        add(&mut merged, keys, |_| true);
    }
    finish(merged, false)
}

/// Without mandatory files, nothing is merged yet, and no host is known.
fn is_hosted_elsewhere(merged: &Map<String, Value>, application: &str) -> bool {
    let routing = merged.get("routing").cloned().unwrap_or_default();
    let (config, _) = StackConfig::from_readable(Value::from_iter([("routing", routing)]));
    config.routing_host().is_some_and(|host| !host.is_empty() && host != application)
}

fn finish(merged: Map<String, Value>, is_partial: bool) -> Merged {
    let (mut config, left_out) = StackConfig::from_readable(Value::Object(merged));
    drop_repeated_services(&mut config);
    drop_repeated_applications(&mut config);
    Merged { config, is_partial, left_out }
}

/// Of an instance of a service, the first definition counts.
fn drop_repeated_services(config: &mut StackConfig) {
    let mut known = BTreeSet::new();
    config.services.retain(|service| known.insert((service.service, service.instance)));
}

/// Of an application, the first definition counts. The second with an id gets another from vsomeip.
fn drop_repeated_applications(config: &mut StackConfig) {
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let is_new = |application: &Application| {
        !application.name.is_empty() && names.insert(application.name.clone())
    };
    config.applications.retain(is_new);
    for application in &mut config.applications {
        let id = application.id;
        application.id = id.filter(|id| *id == CHOSEN_BY_VSOMEIP || ids.insert(*id));
    }
}

/// Which of two definitions of a key counts.
enum Rule {
    /// The first.
    First,
    /// The last.
    Last,
    /// Both: these are lists.
    Both,
    /// Both, where of two equal entries the last counts.
    LastInFront,
    /// For each key of the section the first, but for lists of independent entries both.
    Each,
}

fn rule_of(key: &str) -> Rule {
    match key {
        "acceptances"
        | "applications"
        | "clients"
        | "debounce"
        | "internal_services"
        | "partitions"
        | "secure-services"
        | "services"
        | "supports_selective_broadcasts"
        | "suppress_missing_event_logs"
        | "filters"
        | "policies"
        | "protected" => Rule::Both,
        "payload-sizes" => Rule::LastInFront,
        "buffer-shrink-threshold"
        | "file-permissions"
        | "max-payload-size-local"
        | "max-payload-size-reliable"
        | "max-payload-size-unreliable" => Rule::Last,
        "e2e" | "logging" | "security" | "service-discovery" | "tracing" | "watchdog" => Rule::Each,
        _ => Rule::First,
    }
}

/// Adds those keys of a file that count.
fn add(merged: &mut Map<String, Value>, keys: &Map<String, Value>, counts: impl Fn(&str) -> bool) {
    let has_netmask = merged.contains_key("netmask") || merged.contains_key("prefix");
    for (key, value) in keys.iter().filter(|(key, _)| counts(key)) {
        match key.as_str() {
            "netmask" | "prefix" if has_netmask => {}
            "diagnosis_mask" if !keys.contains_key("diagnosis") => {}
            "servicegroups" if keys.contains_key("services") => {}
            "servicegroups" => add_value(merged, "services", services_of_groups(value)),
            key => add_value(merged, key, value.clone()),
        }
    }
}

fn add_value(merged: &mut Map<String, Value>, key: &str, value: Value) {
    let Some(known) = merged.get_mut(key) else {
        merged.insert(key.to_owned(), value);
        return;
    };
    match (rule_of(key), known, value) {
        (Rule::Last, known, value) => *known = value,
        (Rule::Both, Value::Array(known), Value::Array(value)) => known.extend(value),
        (Rule::LastInFront, Value::Array(known), Value::Array(value)) => {
            known.splice(0..0, value);
        }
        (Rule::Each, Value::Object(known), Value::Object(value)) => {
            for (key, value) in value {
                add_value(known, &key, value);
            }
        }
        _ => {}
    }
}

/// The services of groups, the older form of `services`. A group can name the host of its services.
fn services_of_groups(groups: &Value) -> Value {
    let mut services = Vec::new();
    for group in groups.as_array().into_iter().flatten() {
        for service in group["services"].as_array().into_iter().flatten() {
            let mut service = service.clone();
            if let (Value::Object(keys), Some(unicast)) = (&mut service, group.get("unicast")) {
                keys.entry("unicast").or_insert_with(|| unicast.clone());
            }
            services.push(service);
        }
    }
    Value::Array(services)
}

#[cfg(test)]
mod tests;
