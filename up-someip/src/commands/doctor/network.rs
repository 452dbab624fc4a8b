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
//! What the network says within some seconds: service discovery, and vsomeip itself.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use tokio::time::{sleep_until, timeout};
use up_transport_vsomeip::inspect::{
    Announcement, AnnouncementListener, Check, Inspection, Verdict,
};
use up_transport_vsomeip::{State, UPTransportVsomeip};

use super::verdicts::{judge, Evidence, Wanted};
use super::{Args, Report};
use crate::commands::list::heard::Heard;
use crate::commands::list::{observer, uri_of};
use crate::errors::Failure;
use crate::exit::Exit;
use crate::interrupt::Interrupt;

/// Listens and asks. Returns an exit status if it was interrupted.
pub(super) async fn check(
    args: &Args,
    wanted: &[Wanted],
    inspection: &Inspection,
    report: &mut Report<'_>,
) -> Result<Option<Exit>, Failure> {
    let end = Instant::now() + args.wait;
    let mut interrupt = Interrupt::new()?;
    let (mut listener, listening) = listener(inspection);
    report.all(listening)?;
    let transport = if args.passive { None } else { open(report, inspection)? };
    let mut heard = Heard::default();
    let own = inspection.stack().unicast.unwrap_or(IpAddr::from([127, 0, 0, 1]));
    let interrupted = tokio::select! {
        () = learn(transport.as_ref(), &mut listener, &mut heard, wanted, own) => None,
        () = sleep_until(end.into()) => None,
        exit = interrupt.wait() => Some(exit),
    };
    let state = transport.as_ref().map(|it| it.state().borrow().clone());
    if let Some(transport) = transport {
        transport.shutdown().await;
    }
    if interrupted.is_some() {
        return Ok(interrupted);
    }
    report.all(state.as_ref().map(registration))?;
    // Alone, nobody else can be heard.
    if listener.is_some() && !own.is_loopback() {
        report.all([discovery(&heard, own, args)])?;
    }
    let evidence = Evidence {
        heard: &heard,
        state: state.as_ref(),
        inspection,
        own,
        is_listening: listener.is_some() && !own.is_loopback(),
    };
    report.all(wanted.iter().map(|wanted| judge(*wanted, &evidence)))?;
    Ok(None)
}

const DISCOVERY: &str = "service discovery";
/// How long a service that is there may take to be announced by multicast, too.
const GRACE: Duration = Duration::from_millis(2_500);

fn listener(inspection: &Inspection) -> (Option<AnnouncementListener>, Option<Check>) {
    match AnnouncementListener::open(inspection.stack()) {
        Ok(listener) => (listener, None),
        Err(error) => {
            let text = format!("its multicast group cannot be joined: {error}");
            let remedy = "correct what is wrong with the address, the interface or the port above";
            let check = Check::not_ok(DISCOVERY, Verdict::Problem, text, remedy);
            (None, Some(check))
        }
    }
}

/// Starts an application, so that vsomeip looks for the services.
fn open(
    report: &mut Report<'_>,
    inspection: &Inspection,
) -> Result<Option<UPTransportVsomeip>, Failure> {
    match observer::builder(report.context, inspection)?.build() {
        Ok(transport) => Ok(Some(transport)),
        Err(status) => {
            let text = status.message.clone().unwrap_or_default();
            let (what, remedy) =
                text.rsplit_once("; ").unwrap_or((&text, "mend it, and try again"));
            report.all([Check::not_ok("vsomeip", Verdict::Problem, what, remedy)])?;
            Ok(None)
        }
    }
}

/// Listens and asks until nothing more is to be learnt of the services: for ever if there are none.
async fn learn(
    transport: Option<&UPTransportVsomeip>,
    listener: &mut Option<AnnouncementListener>,
    heard: &mut Heard,
    wanted: &[Wanted],
    own: IpAddr,
) {
    let grace = if own.is_loopback() { Duration::ZERO } else { GRACE };
    let mut enough = std::pin::pin!(async {
        reach(transport, wanted).await;
        tokio::time::sleep(grace).await;
    });
    loop {
        tokio::select! {
            () = &mut enough => return,
            (from, announcements) = next(listener) => {
                heard.take(from, announcements, Instant::now());
            }
        }
        let is_heard = |it: &Wanted| heard.of(it.service).next().is_some();
        if transport.is_none() && !wanted.is_empty() && wanted.iter().all(is_heard) {
            return;
        }
    }
}

/// What is announced next, and by whom.
async fn next(listener: &mut Option<AnnouncementListener>) -> (IpAddr, Vec<Announcement>) {
    if let Some(listener) = listener {
        if let Ok((from, announcements)) = listener.next().await {
            return (from.ip(), announcements);
        }
    }
    std::future::pending().await
}

/// Asks vsomeip for the services, and returns when all are there, if there are any.
async fn reach(transport: Option<&UPTransportVsomeip>, wanted: &[Wanted]) {
    let Some(transport) = transport.filter(|_| !wanted.is_empty()) else {
        return std::future::pending().await;
    };
    for Wanted { service, .. } in wanted {
        // Asked for at once; the state tells what comes of it.
        let _ = timeout(Duration::ZERO, transport.wait_for_service(&uri_of(*service))).await;
    }
    let mut state = transport.state();
    let are_there = |state: &State| {
        state.registered && wanted.iter().all(|it| state.services.contains_key(&it.service))
    };
    // It ends only with the transport.
    let _ = state.wait_for(are_there).await;
}

fn registration(state: &State) -> Check {
    let subject = "vsomeip";
    if let Some(problem) = state.problems.first() {
        let text = problem.to_string();
        let (what, remedy) = text.split_once("; ").unwrap_or((&text, ""));
        return Check::not_ok(subject, Verdict::Problem, what, remedy);
    }
    match state.registered {
        true => Check::ok(subject, "this application is registered at the routing manager"),
        false => Check::not_ok(
            subject,
            Verdict::Problem,
            "this application is not registered at a routing manager",
            "start the application that `routing` names, or look at its log: it may refuse this one",
        ),
    }
}

fn discovery(heard: &Heard, own: IpAddr, args: &Args) -> Check {
    let hosts = heard.hosts(own);
    let offers: BTreeSet<_> = heard.offers().map(|(service, _)| service).collect();
    if !hosts.is_empty() {
        let hosts: Vec<String> = hosts.iter().map(IpAddr::to_string).collect();
        let text = format!("{} services are heard; hosts: {}", offers.len(), hosts.join(", "));
        return Check::ok(DISCOVERY, text);
    }
    let seconds = args.wait.as_secs_f64();
    Check::not_ok(
        DISCOVERY,
        Verdict::Problem,
        format!("nothing came from any other host in {seconds} s"),
        "check that the ECU is on, in the same network (VLAN, switch with IGMP snooping), and has the \
         same multicast address and port; a longer --wait may help",
    )
}
