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
//! `up-someip doctor`.

mod firewall;
mod network;
mod verdicts;

use std::time::Duration;

use serde::Serialize;
use up_transport_vsomeip::inspect::{Check, Inspection, Severity, Verdict};

use super::list::{observer, single_services, version_of};
use crate::duration::duration;
use crate::errors::Failure;
use crate::exit::Exit;
use crate::target::{Target, FORMS};
use crate::Context;
use verdicts::Wanted;

const EXAMPLES: &str = "\
Examples:
  up-someip --config client.json doctor
  up-someip --config client.json doctor 0x1010.1 --version 1
  up-someip --unicast 192.168.0.10 doctor //ecu/2010/1/0 --wait 10s --json";

/// Find out why an ECU cannot be reached
///
/// Checks the configuration, the address and its interface, the way to the multicast address of service
/// discovery, lock file and sockets, the routing manager, the client id, ports and the firewall. Then
/// listens for service discovery, and asks for the services that are named. Each check is ok, a warning
/// or a problem, which comes with its remedy. Exits with 1 if there is a problem.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// Services that should be reached, such as 0x1234.1 or //ecu/1234/1/0
    #[arg(value_name = "SERVICE")]
    targets: Vec<Target>,

    /// Same as SERVICE
    #[arg(long, value_name = "SERVICE")]
    service: Vec<Target>,

    /// The interface version that the services should have; that of their UUris unless given
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// How long to listen for service discovery, and to wait for services
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    wait: Duration,

    /// Start no vsomeip application: only look and listen
    #[arg(long)]
    passive: bool,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    check: &'a str,
    verdict: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
}

#[derive(Debug, Default, Serialize)]
struct Sum {
    problems: usize,
    warnings: usize,
}

/// Writes checks as they are made.
pub(crate) struct Report<'a> {
    context: &'a Context,
    sum: Sum,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let wanted = wanted(&args)?;
    let inspection = observer::inspect(context)?;
    let mut report = Report { context, sum: Sum::default() };
    report.all(configuration(&inspection))?;
    report.all(inspection.examine_system())?;
    report.all([firewall::check(&inspection)])?;
    if let Some(exit) = network::check(&args, &wanted, &inspection, &mut report).await? {
        return Ok(exit);
    }
    let sum = &report.sum;
    context.output.result(sum, || sum.text())?;
    Ok(if sum.problems > 0 { Exit::Failed } else { Exit::Ok })
}

/// What is to be reached.
fn wanted(args: &Args) -> Result<Vec<Wanted>, Failure> {
    let of = |target: &Target| {
        let services = single_services(std::slice::from_ref(target))?;
        let version = args.version.or(version_of(target));
        Ok(services.into_iter().map(|service| Wanted { service, version }).collect::<Vec<_>>())
    };
    let all = args.targets.iter().chain(&args.service).map(of);
    let mut wanted = all.collect::<Result<Vec<_>, Failure>>()?.concat();
    wanted.dedup();
    Ok(wanted)
}

fn configuration(inspection: &Inspection) -> Vec<Check> {
    let subject = "configuration";
    let checks: Vec<Check> = inspection
        .findings()
        .into_iter()
        .map(|finding| {
            let verdict = match finding.severity {
                Severity::Error => Verdict::Problem,
                Severity::Warning => Verdict::Warning,
            };
            let (what, remedy) = finding.text.rsplit_once("; ").unwrap_or((&finding.text, ""));
            let place = finding.place.map(|place| format!("{place}: ")).unwrap_or_default();
            let remedy = (!remedy.is_empty()).then(|| remedy.to_owned());
            let check = Check::ok(subject, format!("{place}{what}"));
            with(check, verdict, remedy)
        })
        .collect();
    match checks.is_empty() {
        true => vec![Check::ok(
            subject,
            format!(
                "{} files, application {:?}",
                inspection.files().len(),
                inspection.application()
            ),
        )],
        false => checks,
    }
}

/// The same check with another verdict.
fn with(mut check: Check, verdict: Verdict, remedy: Option<String>) -> Check {
    check.verdict = verdict;
    check.remedy = remedy;
    check
}

impl Report<'_> {
    /// Writes checks, and counts what is wrong.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub(crate) fn all(&mut self, checks: impl IntoIterator<Item = Check>) -> Result<(), Failure> {
        checks.into_iter().try_for_each(|check| self.one(&check))
    }

    fn one(&mut self, check: &Check) -> Result<(), Failure> {
        self.sum.problems += usize::from(check.verdict == Verdict::Problem);
        self.sum.warnings += usize::from(check.verdict == Verdict::Warning);
        let verdict = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Unknown => "unknown",
            Verdict::Warning => "warning",
            Verdict::Problem => "problem",
        };
        let Check { subject, text, remedy, .. } = check;
        let line = Line { check: subject, verdict, text, remedy: remedy.as_deref() };
        self.context.output.result(&line, || line.text())
    }
}

impl Line<'_> {
    fn text(&self) -> String {
        let Self { check, verdict, text, remedy } = self;
        let first = format!("{verdict:<8} {check}: {text}");
        match remedy {
            Some(remedy) => format!("{first}\n         -> {remedy}"),
            None => first,
        }
    }
}

impl Sum {
    fn text(&self) -> String {
        let Self { problems, warnings } = self;
        match (problems, warnings) {
            (0, 0) => "all is well".to_owned(),
            _ => format!("problems: {problems}, warnings: {warnings}"),
        }
    }
}
