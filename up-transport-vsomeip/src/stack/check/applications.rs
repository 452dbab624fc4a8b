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
use crate::stack::warn::spelling::nearest;
use crate::stack::{Application, StackConfig};

pub(super) fn check(config: &StackConfig, findings: &mut Findings) {
    for (index, application) in config.applications.iter().enumerate() {
        alone(&format!("applications[{index}]"), application, findings);
    }
    routing(config, findings);
}

fn alone(place: &str, application: &Application, findings: &mut Findings) {
    if application.id == Some(0) {
        let what = "the client id 0 is that of the routing manager";
        let remedy = "write one from 0x0001 on, or 0xffff to let vsomeip choose";
        findings.warning(format!("{place}.id"), what, remedy);
    }
    findings.range(format!("{place}.threads"), application.threads, 1..=255);
    let debounce = application.request_debounce_time;
    findings.range(format!("{place}.request_debounce_time"), debounce, 0..=10_000);
}

/// The host may be an application of another process. Only a name that resembles a listed one is
/// suspicious.
fn routing(config: &StackConfig, findings: &mut Findings) {
    let Some(host) = config.routing.as_ref().and_then(|routing| routing.host()) else { return };
    let names = || config.applications.iter().map(|application| application.name.as_str());
    if names().any(|name| name == host) {
        return;
    }
    if let Some(name) = nearest(host, names()) {
        findings.warning(
            "routing",
            format!("no application {host:?} is listed"),
            format!("write {name:?} if that is meant"),
        );
    }
}
