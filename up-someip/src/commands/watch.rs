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
//! `up-someip watch`.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::{interval, timeout};
use up_transport_vsomeip::inspect::AnnouncementListener;
use up_transport_vsomeip::{ServiceInstance, State, UPTransportVsomeip};

use super::list::heard::{name_of, texts, Change, Heard, Offer, Place};
use super::list::{listener, observer, single_services, uri_of};
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::target::{Target, FORMS};
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip --config client.json watch
  up-someip --unicast 192.168.0.10 watch 0x1010.1 --json
  up-someip --config client.json watch 0x1010.1 --count 3 --timeout 10s";

/// Watch the state of the network: one line per change
///
/// Shows whether the application is registered at the routing manager, which services become available
/// or unavailable, what other hosts announce and withdraw, what this host offers, and what keeps the
/// transport from working. Begins with what is so already. Ends with Ctrl-C, after --count changes, or
/// after --timeout; exits with 4 if that is over before there were --count changes.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// Services to ask for, such as 0x1234.1; only these become available or unavailable
    #[arg(value_name = "SERVICE")]
    services: Vec<Target>,

    /// After how many changes to end
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// After which time to end
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
}

/// A change.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Line {
    elapsed_ms: u128,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// How often offers that were not repeated are looked for.
const INTERVAL: Duration = Duration::from_millis(250);

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let requested = single_services(&args.services)?;
    let inspection = observer::inspect(context)?;
    let listener = listener(&inspection);
    let transport = observer::builder(context, &inspection)?.build()?;
    let result = watch(&transport, listener, &requested, &args, context).await;
    transport.shutdown().await;
    result
}

async fn watch(
    transport: &UPTransportVsomeip,
    listener: Option<AnnouncementListener>,
    requested: &BTreeSet<ServiceInstance>,
    args: &Args,
    context: &Context,
) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::new()?;
    transport.follow_offers();
    for service in requested {
        let _ = timeout(Duration::ZERO, transport.wait_for_service(&uri_of(*service))).await;
    }
    let start = Instant::now();
    let over = async {
        match args.timeout {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        result = follow(transport, listener, args.count, start, context) => result.map(|()| Exit::Ok),
        () = over => Ok(if args.count.is_some() { Exit::Timeout } else { Exit::Ok }),
        exit = interrupt.wait() => Ok(if args.count.is_some() { exit } else { Exit::Ok }),
    }
}

/// Writes changes until there were enough.
async fn follow(
    transport: &UPTransportVsomeip,
    mut listener: Option<AnnouncementListener>,
    count: Option<u64>,
    start: Instant,
    context: &Context,
) -> Result<(), Failure> {
    let (mut heard, mut shown) = (Heard::default(), State::default());
    let (mut states, mut ticks) = (transport.state(), interval(INTERVAL));
    states.mark_changed();
    let mut left = count;
    loop {
        let lines: Vec<Line> = tokio::select! {
            changed = states.changed() => {
                changed.map_err(|_| Failure::failed("the transport has ended"))?;
                let state = states.borrow_and_update().clone();
                let lines = changes(&shown, &state);
                shown = state;
                lines
            }
            received = next(&mut listener) => {
                let (from, announcements) = received?;
                let changes = heard.take(from.ip(), announcements, Instant::now());
                changes.into_iter().map(Line::from).collect()
            }
            _ = ticks.tick() => heard.expire(Instant::now()).into_iter().map(Line::from).collect(),
        };
        for line in lines {
            let line = Line { elapsed_ms: start.elapsed().as_millis(), ..line };
            context.output.result(&line, || line.text())?;
            left = left.map(|left| left.saturating_sub(1));
            if left == Some(0) {
                return Ok(());
            }
        }
    }
}

type Received = (std::net::SocketAddr, Vec<up_transport_vsomeip::inspect::Announcement>);

async fn next(listener: &mut Option<AnnouncementListener>) -> Result<Received, Failure> {
    match listener {
        Some(listener) => listener
            .next()
            .await
            .map_err(|error| Failure::failed(format!("nothing can be heard any more: {error}"))),
        None => std::future::pending().await,
    }
}

/// What is different between two states.
fn changes(before: &State, now: &State) -> Vec<Line> {
    let mut lines = Vec::new();
    if before.registered != now.registered {
        let change = if now.registered { "registered" } else { "deregistered" };
        lines.push(Line { change, ..Line::default() });
    }
    let is_other = |(service, version): &(&ServiceInstance, &u8)| {
        before.services.get(*service) != Some(*version)
    };
    lines.extend(now.services.iter().filter(is_other).map(|(service, version)| Line {
        version: Some(*version),
        ..Line::about("available", *service)
    }));
    let gone = before.services.keys().filter(|service| !now.services.contains_key(service));
    lines.extend(gone.map(|service| Line::about("unavailable", *service)));
    let (offered, offers): (BTreeSet<_>, BTreeSet<_>) =
        (before.offered().collect(), now.offered().collect());
    let own = |change, service: &ServiceInstance| Line {
        host: Some("this host".to_owned()),
        ..Line::about(change, *service)
    };
    lines.extend(offers.difference(&offered).map(|service| own("offered", service)));
    lines.extend(offered.difference(&offers).map(|service| own("withdrawn", service)));
    let text = |change, text: String| Line { change, text: Some(text), ..Line::default() };
    let new = now.problems.difference(&before.problems);
    lines.extend(new.map(|problem| text("problem", problem.to_string())));
    let solved = before.problems.difference(&now.problems);
    lines.extend(solved.map(|problem| text("solved", problem.to_string())));
    lines
}

impl From<Change> for Line {
    fn from(change: Change) -> Self {
        let of = |change, service, offer: Offer| Self {
            version: Some(offer.version),
            host: Some(offer.host.to_string()),
            endpoints: offer.places(),
            ..Self::about(change, service)
        };
        match change {
            Change::Offered(service, offer) => of("offered", service, offer),
            Change::Withdrawn(service, offer) => of("withdrawn", service, offer),
            Change::Expired(service, offer) => of("expired", service, offer),
        }
    }
}

impl Line {
    fn about(change: &'static str, service: ServiceInstance) -> Self {
        Self {
            change,
            service: Some(service.service()),
            instance: Some(service.instance()),
            hex: Some(name_of(service)),
            ..Self::default()
        }
    }

    fn text(&self) -> String {
        let seconds = Duration::from_millis(u64::try_from(self.elapsed_ms).unwrap_or(u64::MAX));
        let mut text = format!("{:>9.3} {}", seconds.as_secs_f64(), self.change);
        let mut add = |part: String| {
            text.push(' ');
            text.push_str(&part);
        };
        self.hex.iter().cloned().for_each(&mut add);
        self.version.iter().for_each(|version| add(format!("version {version}")));
        self.host.iter().for_each(|host| add(format!("by {host}")));
        if !self.endpoints.is_empty() {
            add(texts(&self.endpoints));
        }
        self.text.iter().cloned().for_each(&mut add);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_what_is_known() {
        let line = Line { elapsed_ms: 1500, change: "registered", ..Line::default() };
        assert_eq!(line.text(), "    1.500 registered");
        let line = Line {
            hex: Some("0x1234.1".to_owned()),
            version: Some(2),
            host: Some("10.77.0.2".to_owned()),
            change: "offered",
            ..Line::default()
        };
        assert_eq!(line.text(), "    0.000 offered 0x1234.1 version 2 by 10.77.0.2");
    }
}
