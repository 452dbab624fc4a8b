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
//! What keeps a service from being reached.

use std::net::IpAddr;

use up_transport_vsomeip::inspect::{Check, Inspection, Verdict};
use up_transport_vsomeip::{ServiceInstance, State};

use crate::commands::list::heard::{name_of, texts, Heard, Offer};

/// A service that should be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) service: ServiceInstance,
    /// Any, if it is none.
    pub(super) version: Option<u8>,
}

/// What is known.
pub(super) struct Evidence<'a> {
    pub(super) heard: &'a Heard,
    /// `None` if vsomeip was not asked.
    pub(super) state: Option<&'a State>,
    pub(super) inspection: &'a Inspection,
    /// The address of this host.
    pub(super) own: IpAddr,
    pub(super) is_listening: bool,
}

/// Why a service is reached, or not: the first reason.
pub(super) fn judge(wanted: Wanted, evidence: &Evidence<'_>) -> Check {
    let subject = format!("service {}", name_of(wanted.service));
    let available = evidence.state.and_then(|it| it.services.get(&wanted.service).copied());
    let offers: Vec<&Offer> = evidence.heard.of(wanted.service).collect();
    // vsomeip reports a statically routed service in no version.
    let known = available.filter(|version| !matches!(version, 0 | 0xff));
    let versions: Vec<u8> = match offers.is_empty() {
        true => known.into_iter().collect(),
        false => offers.iter().map(|offer| offer.version).collect(),
    };
    let is_mismatch = |asked: &u8| !versions.is_empty() && !versions.contains(asked);
    if let Some(asked) = wanted.version.filter(is_mismatch) {
        return other_version(subject, asked, &versions, &offers);
    }
    let is_asked = evidence.state.is_some();
    match (available, offers.first()) {
        (Some(_), _) => Check::ok(subject, format!("can be called; {}", place(&offers, known))),
        (None, Some(_)) if is_asked => not_taken(subject, &offers, evidence),
        (None, Some(_)) => Check::ok(subject, format!("is announced; {}", place(&offers, known))),
        (None, None) => absent(subject, wanted, evidence),
    }
}

fn place(offers: &[&Offer], version: Option<u8>) -> String {
    let of = |offer: &&Offer| {
        let places = texts(&offer.places());
        format!("version {} at {}: {places}", offer.version, offer.host)
    };
    match (offers.is_empty(), version) {
        (false, _) => offers.iter().map(of).collect::<Vec<_>>().join("; "),
        (true, Some(version)) => format!("version {version}"),
        (true, None) => "its version is not known".to_owned(),
    }
}

fn other_version(subject: String, asked: u8, versions: &[u8], offers: &[&Offer]) -> Check {
    let listed: Vec<String> = versions.iter().map(u8::to_string).collect();
    let hosts: Vec<String> = offers.iter().map(|offer| offer.host.to_string()).collect();
    let by = if hosts.is_empty() { String::new() } else { format!(" by {}", hosts.join(", ")) };
    let listed = listed.join(", ");
    Check::not_ok(
        subject,
        Verdict::Problem,
        format!("is offered in version {listed}{by}, but version {asked} is asked for"),
        format!(
            "write version {listed} in the UUri, or bring the ECU and its description together"
        ),
    )
}

/// It is heard, but vsomeip does not take it.
fn not_taken(subject: String, offers: &[&Offer], evidence: &Evidence<'_>) -> Check {
    let text = format!("is announced, but vsomeip does not have it; {}", place(offers, None));
    if offers.iter().all(|offer| offer.endpoints.is_empty()) {
        let remedy = "have the ECU announce an endpoint with a port: its offer has none";
        return Check::not_ok(subject, Verdict::Problem, text, remedy);
    }
    let is_registered = evidence.state.is_some_and(|state| state.registered);
    let remedy = match is_registered {
        true => {
            "check that the endpoint is reached from here (ping, TCP port), and that the routing \
                 manager's own service discovery is on: its log tells"
        }
        false => "mend first what keeps this application from the routing manager, above",
    };
    Check::not_ok(subject, Verdict::Problem, text, remedy)
}

/// Nobody offers it.
fn absent(subject: String, wanted: Wanted, evidence: &Evidence<'_>) -> Check {
    let listed = evidence.inspection.stack().services.iter().find(|it| {
        (it.service, it.instance) == (wanted.service.service(), wanted.service.instance())
    });
    let problem = |text: String, remedy: String| {
        Check::not_ok(subject.clone(), Verdict::Problem, text, remedy)
    };
    if let Some(host) = listed.and_then(|it| it.unicast.clone()) {
        return problem(
            format!("has a static route to {host}, but vsomeip does not have it"),
            "start the routing manager with this configuration; only a call shows whether the ECU \
             answers"
                .to_owned(),
        );
    }
    if !evidence.is_listening {
        return problem(
            "is not offered on this host, and other hosts are not heard".to_owned(),
            "start it on this host, switch service discovery on, or list the service with the \
             `unicast` of its host"
                .to_owned(),
        );
    }
    let others: Vec<String> = evidence
        .heard
        .offers()
        .filter(|(it, _)| it.service() == wanted.service.service())
        .map(|(it, offer)| format!("{} by {}", it.instance(), offer.host))
        .collect();
    if !others.is_empty() {
        return problem(
            format!("this instance is not announced, but instance {}", others.join(", ")),
            "write that instance; in a UUri, it is the upper half of the entity id".to_owned(),
        );
    }
    if let Some(meant) = meant(wanted.service, evidence.heard) {
        return problem(
            format!("is not announced, but {} is", name_of(meant)),
            "is that meant? Ids are hexadecimal with 0x and in UUris, else decimal".to_owned(),
        );
    }
    let hosts: Vec<String> =
        evidence.heard.hosts(evidence.own).iter().map(IpAddr::to_string).collect();
    if hosts.is_empty() {
        return problem(
            "nobody announces it: no other host is heard at all".to_owned(),
            "see to service discovery first, above".to_owned(),
        );
    }
    problem(
        format!("nobody announces it; these hosts announce others: {}", hosts.join(", ")),
        "start the service on its ECU, and compare its ids with those of `up-someip list`"
            .to_owned(),
    )
}

/// A service that is announced and whose id has the same digits to another base.
fn meant(wanted: ServiceInstance, heard: &Heard) -> Option<ServiceInstance> {
    let id = wanted.service();
    let as_hex = u16::from_str_radix(&id.to_string(), 16).ok();
    let as_decimal = format!("{id:x}").parse().ok();
    let is_it = |it: &ServiceInstance| [as_hex, as_decimal].contains(&Some(it.service()));
    heard.offers().map(|(service, _)| service).find(is_it)
}
