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

//! Checks the values of a configuration and their combinations.

mod applications;
mod discovery;
mod e2e;
mod limits;
mod network;
mod security;
mod services;

use super::error::Problem;
use super::StackConfig;

/// The results of the checks.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Findings {
    fn error(
        &mut self,
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.errors.push(problem(place, what, remedy));
    }

    fn warning(
        &mut self,
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.warnings.push(problem(place, what, remedy));
    }

    /// Checks an id of a service, instance, event or eventgroup: neither 0 nor 0xffff, the wildcard.
    fn id(&mut self, place: impl Into<String>, id: u16) {
        let what = match id {
            0 => "is missing or 0, so it is not used",
            0xffff => "0xffff is the wildcard, so it is not used",
            _ => return,
        };
        self.warning(place, what, "write an id from 0x0001 to 0xfffe");
    }

    /// Checks a required port.
    fn port(&mut self, place: impl Into<String>, port: Option<u16>) {
        match port {
            None => self.warning(place, "is missing", "add a port from 1 to 65534"),
            Some(0 | 0xffff) => {
                self.warning(place, "is not a port for vsomeip", "write a port from 1 to 65534");
            }
            Some(_) => {}
        }
    }

    /// Checks a number that vsomeip clamps to a range.
    fn range(
        &mut self,
        place: impl Into<String>,
        number: Option<u32>,
        range: std::ops::RangeInclusive<u32>,
    ) {
        let Some(number) = number.filter(|number| !range.contains(number)) else { return };
        let nearest = if number < *range.start() { range.start() } else { range.end() };
        let remedy = format!("write a number from {} to {}", range.start(), range.end());
        self.warning(place, format!("vsomeip uses {nearest} instead of {number}"), remedy);
    }
}

fn problem(
    place: impl Into<String>,
    what: impl Into<String>,
    remedy: impl Into<String>,
) -> Problem {
    Problem { place: place.into(), what: what.into(), remedy: remedy.into() }
}

pub(super) fn findings(config: &StackConfig) -> Findings {
    let mut findings = Findings::default();
    applications::check(config, &mut findings);
    network::check(config, &mut findings);
    services::check(config, &mut findings);
    discovery::check(config, &mut findings);
    limits::check(config, &mut findings);
    security::check(config, &mut findings);
    e2e::check(config, &mut findings);
    findings
}
