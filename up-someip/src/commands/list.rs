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
//! `up-someip list`.

pub(crate) mod heard;
pub(crate) mod observer;
pub(crate) mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::{sleep_until, timeout};
use up_rust::UUri;
use up_transport_vsomeip::inspect::{Address, AnnouncementListener, Inspection};
use up_transport_vsomeip::{ServiceInstance, State, UPTransportVsomeip};

use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::target::{Target, FORMS};
use crate::Context;
use heard::{name_of, texts, Heard, Place};

const EXAMPLES: &str = "\
Examples:
  up-someip --config client.json list
  up-someip --unicast 192.168.0.10 list --wait 5s --json
  up-someip --config client.json list 0x1010.1 //ecu/2010/1/0";

/// List services that are offered or available
///
/// Listens for what other hosts announce by service discovery, asks the routing manager what the
/// applications of this host offer, and asks for the services that are named. Hosts that announce their
/// services less often than every few seconds need a longer --wait. Exits with 3 if a service that is
/// named is not available.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// Services to ask for, such as 0x1234.1
    #[arg(value_name = "SERVICE")]
    services: Vec<Target>,

    /// How long to listen
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    wait: Duration,
}

/// A service at one host.
#[derive(Debug, Serialize)]
struct Row {
    service: u16,
    instance: u16,
    hex: String,
    version: Option<u8>,
    minor_version: Option<u32>,
    /// `this host`, or the address of another one; none if the service is nowhere.
    host: Option<String>,
    endpoints: Vec<Place>,
    offered: bool,
    /// Whether this command has asked for it.
    requested: bool,
    /// Whether it can be called from here; unknown if nobody has asked for it.
    available: Option<bool>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let requested = single_services(&args.services)?;
    let inspection = observer::inspect(context)?;
    let mut listener = listener(&inspection);
    let transport = observer::builder(context, &inspection)?.build()?;
    let mut interrupt = Interrupt::new()?;
    transport.follow_offers();
    let (mut heard, end) = (Heard::default(), Instant::now() + args.wait);
    let requests = ask(&transport, &requested);
    tokio::select! {
        () = listen(&mut listener, &mut heard) => {}
        () = requests => {}
        () = sleep_until(end.into()) => {}
        exit = interrupt.wait() => {
            transport.shutdown().await;
            return Ok(exit);
        }
    }
    let state = with_versions(&transport).await;
    transport.shutdown().await;
    heard.expire(Instant::now());
    let rows = rows(&state, &heard, &inspection, &requested);
    write(&rows, context)?;
    let is_missing = rows.iter().any(|row| row.requested && row.available != Some(true));
    Ok(if is_missing { Exit::Unavailable } else { Exit::Ok })
}

/// The services of targets.
///
/// # Errors
///
/// Fails if one names no single service.
pub(crate) fn single_services(targets: &[Target]) -> Result<BTreeSet<ServiceInstance>, Failure> {
    let service = |target: &Target| Ok(ServiceInstance::of(&target.service("ecu", None)?));
    targets.iter().map(service).collect()
}

/// Listens for service discovery, if the configuration has it and the system allows it; says so if not.
pub(crate) fn listener(inspection: &Inspection) -> Option<AnnouncementListener> {
    AnnouncementListener::open(inspection.stack()).unwrap_or_else(|error| {
        eprintln!(
            "warning: what other hosts announce cannot be heard: {error}; `up-someip doctor` looks \
             closer"
        );
        None
    })
}

/// Hears offers, for ever.
async fn listen(listener: &mut Option<AnnouncementListener>, heard: &mut Heard) {
    let Some(listener) = listener else { return std::future::pending().await };
    while let Ok((from, announcements)) = listener.next().await {
        heard.take(from.ip(), announcements, Instant::now());
    }
    std::future::pending().await
}

/// Asks for services, for ever.
async fn ask(transport: &UPTransportVsomeip, services: &BTreeSet<ServiceInstance>) {
    for service in services {
        // Each is asked for at once, and the state tells what comes of it.
        let _ = timeout(Duration::ZERO, transport.wait_for_service(&uri_of(*service))).await;
    }
    std::future::pending().await
}

pub(crate) fn uri_of(service: ServiceInstance) -> UUri {
    let entity = u32::from(service.instance()) << 16 | u32::from(service.service());
    UUri { ue_id: entity, ue_version_major: 0xff, ..UUri::default() }
}

/// The state once the versions are known of what this host offers, which only a request tells.
async fn with_versions(transport: &UPTransportVsomeip) -> State {
    const TIMEOUT: Duration = Duration::from_millis(500);
    let mut state = transport.state();
    let offered: Vec<_> = state.borrow().offered().collect();
    for service in &offered {
        let _ = timeout(Duration::ZERO, transport.wait_for_service(&uri_of(*service))).await;
    }
    let are_known =
        |state: &State| offered.iter().all(|service| state.services.contains_key(service));
    // If one has just gone, its version stays unknown.
    let _ = timeout(TIMEOUT, state.wait_for(are_known)).await;
    let state = transport.state().borrow().clone();
    state
}

fn rows(
    state: &State,
    heard: &Heard,
    inspection: &Inspection,
    requested: &BTreeSet<ServiceInstance>,
) -> Vec<Row> {
    let own = inspection.stack().unicast;
    let mut rows = BTreeMap::new();
    let row = |service: ServiceInstance| Row {
        service: service.service(),
        instance: service.instance(),
        hex: name_of(service),
        version: state.services.get(&service).copied().filter(|version| *version != 0xff),
        minor_version: None,
        host: None,
        endpoints: Vec::new(),
        offered: false,
        requested: requested.contains(&service),
        available: (requested.contains(&service) || state.services.contains_key(&service))
            .then(|| state.services.contains_key(&service)),
    };
    for service in state.offered() {
        let host = Some("this host".to_owned());
        rows.insert((service, None), Row { host, offered: true, ..row(service) });
    }
    for (service, offer) in heard.offers() {
        let is_own = own == Some(offer.host);
        let key = (service, (!is_own).then_some(offer.host));
        let host = match is_own {
            true => "this host".to_owned(),
            false => offer.host.to_string(),
        };
        rows.insert(
            key,
            Row {
                version: Some(offer.version),
                minor_version: Some(offer.minor_version),
                host: Some(host),
                endpoints: offer.places(),
                offered: true,
                ..row(service)
            },
        );
    }
    for service in requested.iter().chain(state.services.keys()) {
        if !rows.keys().any(|(it, _)| it == service) {
            rows.insert((*service, None), row(*service));
        }
    }
    rows.into_values().collect()
}

fn write(rows: &[Row], context: &Context) -> Result<(), Failure> {
    if context.output.is_json() {
        return rows.iter().try_for_each(|row| context.output.result(row, String::new));
    }
    if rows.is_empty() {
        return context.output.line(
            b"no service was seen; a longer --wait may help, and `up-someip doctor` finds out why",
        );
    }
    let head = ["SERVICE", "INSTANCE", "VERSION", "HOST", "STATE", "ENDPOINTS"].map(str::to_owned);
    let table = table::table(std::iter::once(head).chain(rows.iter().map(Row::cells)));
    context.output.line(table.as_bytes())
}

impl Row {
    fn cells(&self) -> [String; 6] {
        let version = match (self.version, self.minor_version) {
            (Some(major), Some(minor)) if minor != u32::MAX => format!("{major}.{minor}"),
            (Some(major), _) => major.to_string(),
            (None, _) => "?".to_owned(),
        };
        let mut states: Vec<&str> = Vec::new();
        states.extend(self.offered.then_some("offered"));
        states.extend(self.requested.then_some("requested"));
        states.extend(self.available.map(|it| if it { "available" } else { "not available" }));
        [
            format!("{:#06x} ({})", self.service, self.service),
            self.instance.to_string(),
            version,
            self.host.clone().unwrap_or_else(|| "?".to_owned()),
            states.join(", "),
            texts(&self.endpoints),
        ]
    }
}

/// The version that a target names.
pub(crate) fn version_of(target: &Target) -> Option<u8> {
    match target {
        Target::Uri(uri) => Address::of(uri).ok().map(|it| it.version).filter(|it| *it != 0xff),
        Target::Ids { .. } => None,
    }
}
