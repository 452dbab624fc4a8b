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

//! `up-someip subscribe`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::watch;
use up_rust::UUri;
use up_transport_vsomeip::{ServiceInstance, State, Subscription};

use super::publish::event_options;
use crate::connect::Purpose;
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::payload::{Codec, Format, Kind, Shown};
use crate::session::{Arrival, Arrivals, Session};
use crate::target::{Target, FORMS};
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip subscribe //ecu/1234/1/8001
  up-someip --unicast 192.168.0.10 subscribe 0x2010.1.0x8001 --eventgroup 5 --count 10 --json
  up-someip subscribe '*.*.0x8001' 0x5678.1.0x8002 --timeout 10s
  up-someip --local //hpc/5010/1/0 subscribe --notifications";

/// Subscribe to events and print them as they come
///
/// Services that are not there yet are waited for. Runs until Ctrl-C unless --count or --timeout say
/// otherwise.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// The events, such as //ecu/1234/1/8001, 0x1234.1.0x8001, or *.*.0x8001 for that of any service;
    /// 0x1234.1.* stands for the events that a configuration (--config) lists
    #[arg(required_unless_present = "notifications")]
    targets: Vec<Target>,

    /// The interface version, for targets that have none; any unless given
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// End after this many events
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// End after this time: with the exit status 4 if there were fewer events than --count, or none
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,

    /// The eventgroup to subscribe to; that of the event's own number unless given
    #[arg(long, value_name = "ID", value_parser = crate::target::id_of)]
    eventgroup: Vec<u16>,

    /// The events are fields: print their present value first. Only needed if the service is on this
    /// host and offered later
    #[arg(long)]
    field: bool,

    /// Print notifications that are sent to --local, too
    #[arg(long)]
    notifications: bool,

    #[command(flatten)]
    format: Format,
}

impl Args {
    /// Whether it runs until Ctrl-C.
    pub(crate) fn is_endless(&self) -> bool {
        self.count.is_none() && self.timeout.is_none()
    }
}

/// A message, as it is printed.
#[derive(Serialize)]
struct Line {
    /// Since the command began.
    time_us: u128,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sink: Option<String>,
    service: String,
    instance: String,
    event: String,
    payload: Shown,
}

impl Line {
    fn of(arrival: &Arrival, start: Instant, codec: &Codec) -> Self {
        let message = &arrival.message;
        let source = message.source_unchecked();
        let service = ServiceInstance::of(source);
        Self {
            time_us: arrival.at.saturating_duration_since(start).as_micros(),
            source: source.to_uri(false),
            sink: message.sink().map(|sink| sink.to_uri(false)),
            service: format!("0x{:04x}", service.service()),
            instance: format!("0x{:04x}", service.instance()),
            event: format!("0x{:04x}", source.resource_id()),
            payload: codec.show(message.payload.as_ref(), Some(Kind::Request)),
        }
    }

    fn text(&self) -> String {
        let to = self.sink.as_ref().map(|sink| format!(" to {sink}")).unwrap_or_default();
        format!("{}{to}: {}", self.source, self.payload.text())
    }
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let codec = args.format.codec()?;
    let named = args.targets.iter().find_map(Target::authority);
    let authority = context.connection.remote_authority_or(named);
    let topics = args.targets.iter().map(|target| target.topic(&authority, args.version));
    let topics: Vec<_> = topics.collect::<Result<_, _>>()?;
    let has_wildcard = topics.iter().any(UUri::has_wildcard_resource_id);
    if has_wildcard && !context.connection.has_file() {
        log::warn!(
            "`*` for an event stands for those that a configuration lists, and there is none; name \
             the events, or add --config"
        );
    }
    let purpose = Purpose { remote_authority: Some(authority), ..Purpose::default() };
    let is_described = args.field || !args.eventgroup.is_empty();
    let session = Session::open_with(context, purpose, |mut builder| {
        for topic in topics.iter().filter(|_| is_described) {
            let (service, event) = (ServiceInstance::of(topic), topic.resource_id());
            let options = event_options(event, &args.eventgroup, args.field);
            builder = builder.event(service.service(), service.instance(), event, options);
        }
        builder
    })?;
    let result = subscribe(&session, &args, &topics, &codec, context).await;
    session.close().await;
    result
}

async fn subscribe(
    session: &Session,
    args: &Args,
    topics: &[UUri],
    codec: &Codec,
    context: &Context,
) -> Result<Exit, Failure> {
    let start = Instant::now();
    let mut arrivals = Arrivals::new();
    for topic in topics {
        session.listen(topic, None, &arrivals).await?;
        session.say_when_registered(format!("waiting for {}", topic.to_uri(false)));
    }
    if args.notifications {
        session.listen(&UUri::any(), Some(&session.local), &arrivals).await?;
        let local = session.local.to_uri(false);
        session.say_when_registered(format!("receiving notifications to {local}"));
    }
    let mut subscriptions = Followed::of(session.transport.state());
    let timeout = args.timeout.unwrap_or(Duration::MAX);
    let mut end = std::pin::pin!(tokio::time::sleep(timeout));
    let mut count = 0;
    while args.count.is_none_or(|wanted| count < wanted) {
        let arrival = tokio::select! {
            arrival = arrivals.next() => arrival?,
            () = subscriptions.tell() => continue,
            () = &mut end => return timed_out(args.count, count),
        };
        let line = Line::of(&arrival, start, codec);
        if args.format.is_raw() {
            context.output.bytes(line.payload.content())?;
        } else {
            context.output.result(&line, || line.text())?;
        }
        count += 1;
    }
    Ok(Exit::Ok)
}

fn timed_out(wanted: Option<u64>, count: u64) -> Result<Exit, Failure> {
    match wanted {
        None if count > 0 => Ok(Exit::Ok),
        None => Err(Failure::timeout("no event came in time").help(
            "`up-someip doctor` with the service finds out why; does the event have another \
             --eventgroup?",
        )),
        Some(wanted) => Err(Failure::timeout(format!("{count} of {wanted} events came in time"))),
    }
}

/// Tells what becomes of subscriptions.
struct Followed {
    state: watch::Receiver<State>,
    known: BTreeMap<(ServiceInstance, u16), Subscription>,
}

impl Followed {
    fn of(mut state: watch::Receiver<State>) -> Self {
        // What is known already is to be told, too.
        state.mark_changed();
        Self { state, known: BTreeMap::new() }
    }

    /// Returns when something has changed.
    async fn tell(&mut self) {
        if self.state.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let subscriptions = self.state.borrow_and_update().subscriptions.clone();
        for (event, subscription) in &subscriptions {
            if self.known.get(event) != Some(subscription) {
                tell(*event, *subscription);
            }
        }
        self.known = subscriptions;
    }
}

fn tell((service, event): (ServiceInstance, u16), subscription: Subscription) {
    let event = format!("0x{:04x}.{}.0x{event:04x}", service.service(), service.instance());
    match subscription {
        // It was said that they are waited for.
        Subscription::Pending => {}
        Subscription::Accepted => log::info!("subscribed to {event}"),
        Subscription::Refused => log::warn!(
            "the service refuses the subscription to {event}; check --eventgroup and --version, and \
             whether it is sent over TCP or UDP"
        ),
    }
}
