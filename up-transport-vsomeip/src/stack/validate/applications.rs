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

//! `applications` and `routing`.

use super::Findings;
use crate::stack::{Application, StackConfig};

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    if config.applications.is_empty() {
        findings.error("applications", "lists no application", "add one with `name` and `id`");
    }
    for (index, application) in config.applications.iter().enumerate() {
        let place = format!("applications[{index}]");
        let (before, _) = config.applications.split_at(index);
        alone(&place, application, findings);
        if index == 0 && application.id.is_none() {
            let remedy = "add one from 0x0001 on, or 0xffff to let vsomeip choose";
            findings.error(format!("{place}.id"), "is missing", remedy);
        }
        among(&place, application, before, findings);
    }
    routing(config, findings);
}

fn alone(place: &str, application: &Application, findings: &mut Findings) {
    if application.name.is_empty() {
        let remedy = "add the name that the application has in vsomeip";
        findings.error(format!("{place}.name"), "is missing or empty", remedy);
    }
    if application.id == Some(0) {
        let remedy = "write one from 0x0001 on, or 0xffff to let vsomeip choose";
        findings.error(format!("{place}.id"), "the client id 0 is reserved", remedy);
    }
    findings.range(format!("{place}.threads"), application.threads, 1..=255);
    let debounce = application.request_debounce_time;
    findings.range(format!("{place}.request_debounce_time"), debounce, 0..=10_000);
}

fn among(place: &str, application: &Application, before: &[Application], findings: &mut Findings) {
    let name = &application.name;
    if let Some(other) = before.iter().position(|other| other.name == *name) {
        if !name.is_empty() {
            let what = format!("{name:?} is the name of applications[{other}] too");
            findings.error(format!("{place}.name"), what, "give each its own");
        }
    }
    let Some(id) = application.id.filter(|id| *id != 0xffff) else { return };
    if let Some(other) = before.iter().position(|other| other.id == Some(id)) {
        let what = format!("{id:#06x} is the id of applications[{other}] too");
        findings.error(format!("{place}.id"), what, "give each its own");
    }
}

/// The host may be an application of another process. Only a name that is almost one of those
/// listed is suspicious.
fn routing(config: &StackConfig, findings: &mut Findings) {
    let Some(host) = config.routing.as_ref().and_then(|routing| routing.host()) else { return };
    let names = || config.applications.iter().map(|application| application.name.as_str());
    if names().any(|name| name == host) {
        return;
    }
    if let Some(name) = super::spelling::nearest(host, names()) {
        findings.warning(
            "routing",
            format!("no application {host:?} is listed"),
            format!("write {name:?} if that is meant"),
        );
    }
}
