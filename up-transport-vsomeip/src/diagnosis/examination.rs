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
//! Looks at the system once, before or beside an application, and says what is well, too.

mod ports;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;

use super::checks;
use super::expected::Expected;
use super::facts::{self, Facts, Interface};
use super::sockets::{process_at, Listener};
use crate::network::problem::Problem;
use crate::startup::NetworkFiles;

/// What a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All is well.
    Ok,
    /// The system does not tell.
    Unknown,
    /// It may be meant so, or not.
    Warning,
    /// It cannot work.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// What was looked at, such as `multicast route`.
    pub subject: String,
    /// What was found.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub text: String,
    /// What to do about it, if there is something to be done.
    pub remedy: Option<String>,
}

impl Check {
    /// Something that is as it should be.
    pub fn ok(subject: impl Into<String>, text: impl Into<String>) -> Self {
        let (subject, text) = (subject.into(), text.into());
        Self { subject, verdict: Verdict::Ok, text, remedy: None }
    }

    /// Something that is not.
    pub fn not_ok(
        subject: impl Into<String>,
        verdict: Verdict,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { verdict, remedy: Some(remedy.into()), ..Self::ok(subject, text) }
    }

    fn of(subject: &str, problem: &Problem) -> Self {
        let (text, remedy) = split(problem);
        Self::not_ok(subject, Verdict::Problem, text, remedy)
    }
}

/// All checks, in the order in which one thing needs the other.
pub(crate) fn examine(expected: &Expected) -> Vec<Check> {
    let listener = Listener::at(&expected.files.routing_socket());
    let mut checks = addresses(expected, listener);
    checks.push(files(expected, listener));
    checks.push(routing_manager(expected, listener));
    checks.push(client_id(expected));
    checks.extend(ports::checks(expected, listener));
    checks
}

/// Whether a process hosts the routing manager of a network, as far as the system tells.
pub(crate) fn is_hosted(files: &NetworkFiles) -> bool {
    Listener::at(&files.routing_socket()) != Listener::Nobody
}

/// The address, its interface, and the way to the multicast address.
fn addresses(expected: &Expected, listener: Listener) -> Vec<Check> {
    let subject = "address";
    if listener == Listener::Hidden && !expected.is_host {
        let text =
            "the routing manager runs where this process sees no interfaces: in a container?";
        return vec![Check { verdict: Verdict::Unknown, ..Check::ok(subject, text) }];
    }
    // Whoever hosts the routing manager, the interfaces are those of this host.
    let expected = expected.clone().into_host();
    let interfaces = facts::interfaces(expected.group);
    let facts = Facts { listener, interfaces: interfaces.clone(), ..Facts::default() };
    let found = checks::address(&expected, &facts);
    let Some(interfaces) = interfaces else {
        let text = "the system does not tell its addresses";
        return vec![Check { verdict: Verdict::Unknown, ..Check::ok(subject, text) }];
    };
    let Some(it) = interfaces.iter().find(|it| it.address == expected.unicast) else {
        return vec![match found {
            Some(problem) => absent(&problem, &interfaces),
            None => loopback(&expected),
        }];
    };
    if it.is_loopback {
        return vec![loopback(&expected)];
    }
    let text = format!("{}/{} is that of the interface {}", it.address, it.prefix, it.name);
    let mut checks = vec![Check::ok(subject, text), link(it)];
    checks.extend(discovery(&expected, it, found));
    checks
}

fn absent(problem: &Problem, interfaces: &[Interface]) -> Check {
    let others = interfaces.iter().filter(|it| !it.is_loopback);
    let others: Vec<String> = others.map(|it| format!("{} ({})", it.address, it.name)).collect();
    let check = Check::of("address", problem);
    let there = match others.is_empty() {
        true => "there is no other than that of the loopback interface".to_owned(),
        false => format!("there are {}", others.join(", ")),
    };
    Check { text: format!("{}; {there}", check.text), ..check }
}

fn loopback(expected: &Expected) -> Check {
    let text = format!("{} is this host alone: no other host is reached", expected.unicast);
    let remedy = "set `unicast` to the address of the interface that leads to the others";
    match expected.group {
        Some(_) => Check::not_ok("address", Verdict::Warning, text, remedy),
        None => Check::ok("address", text),
    }
}

/// Whether an interface is up, has a link, and does multicast.
fn link(interface: &Interface) -> Check {
    const UP: u32 = 0x1;
    const MULTICAST: u32 = 0x1000;
    let (subject, name) = ("interface", &interface.name);
    let Some(Link { flags, has_carrier }) = link_of(interface) else {
        let text = format!("the system does not tell whether {name} is up");
        return Check { verdict: Verdict::Unknown, ..Check::ok(subject, text) };
    };
    let bad = |text: String, remedy: String| Check::not_ok(subject, Verdict::Problem, text, remedy);
    if flags & UP == 0 {
        return bad(format!("{name} is down"), format!("set it up: `ip link set {name} up`"));
    }
    if !has_carrier {
        let text = format!("{name} has no link");
        return bad(text, "check the cable, the switch, and the other end".to_owned());
    }
    if flags & MULTICAST == 0 {
        let text = format!("{name} does no multicast, which service discovery needs");
        return bad(text, format!("switch it on: `ip link set {name} multicast on`"));
    }
    Check::ok(subject, format!("{name} is up, has a link, and does multicast"))
}

/// What the kernel says of an interface.
struct Link {
    flags: u32,
    has_carrier: bool,
}

/// `None` if an interface of another network namespace has this name.
fn link_of(interface: &Interface) -> Option<Link> {
    let folder = std::path::Path::new("/sys/class/net").join(&interface.name);
    let read = |file| fs::read_to_string(folder.join(file)).ok();
    let index: u32 = read("ifindex")?.trim().parse().ok()?;
    if interface.index.is_some_and(|it| it != index) {
        return None;
    }
    let flags = u32::from_str_radix(read("flags")?.trim().trim_start_matches("0x"), 16).ok()?;
    // Cannot be read while the interface is down.
    let has_carrier = read("carrier").is_some_and(|carrier| carrier.trim() == "1");
    Some(Link { flags, has_carrier })
}

/// Whether other hosts can be found.
fn discovery(expected: &Expected, interface: &Interface, found: Option<Problem>) -> Vec<Check> {
    let (route, prefix) = ("multicast route", "network prefix");
    let Some(group) = expected.group else {
        let remedy = "leave it so if each service of other hosts has its `unicast` in `services`, \
                      else set `service-discovery.enable` to true";
        let text = "service discovery is off: only services with a static route are found";
        return vec![Check::not_ok("service discovery", Verdict::Warning, text, remedy)];
    };
    let there = Check::ok(route, format!("{group} is reached over {}", interface.name));
    match found {
        None => vec![there, Check::ok(prefix, format!("{} bits, as configured", interface.prefix))],
        Some(problem @ Problem::OtherPrefix { .. }) => {
            let verdict = Verdict::Warning;
            vec![there, Check { verdict, ..Check::of(prefix, &problem) }]
        }
        Some(problem) => vec![Check::of(route, &problem)],
    }
}

/// Whether vsomeip may use its lock and sockets.
fn files(expected: &Expected, listener: Listener) -> Check {
    let subject = "lock and sockets";
    let is_taken = listener != Listener::Nobody;
    // What is listened at is not to be replaced.
    let denied = facts::denied(expected, false, expected.is_host && is_taken);
    let Some(path) = denied else {
        let lock = expected.files.lock();
        let folder = lock.parent().unwrap_or(&lock).display();
        return Check::ok(subject, format!("this user may use those in {folder}"));
    };
    let owner =
        fs::symlink_metadata(&path).map(|it| format!(", which belongs to user {}", it.uid()));
    let text = format!("{}{} may not be used", path.display(), owner.unwrap_or_default());
    let (_, remedy) = split(&Problem::NoPermission { path });
    Check::not_ok(subject, Verdict::Problem, text, remedy)
}

/// What is wrong, and the remedy, which comes after the first semicolon.
fn split(problem: &Problem) -> (String, String) {
    let text = problem.to_string();
    let (what, remedy) = text.split_once("; ").unwrap_or((&text, ""));
    (what.to_owned(), remedy.to_owned())
}

fn routing_manager(expected: &Expected, listener: Listener) -> Check {
    let subject = "routing manager";
    let unknown = |text: &str| Check { verdict: Verdict::Unknown, ..Check::ok(subject, text) };
    if expected.is_local_tcp {
        return unknown("it is reached over TCP, where this does not look");
    }
    let path = expected.files.routing_socket();
    match listener {
        Listener::Seen(_) | Listener::Hidden => {
            let who =
                process_at(&path).unwrap_or("a process that this user does not see".to_owned());
            Check::ok(subject, format!("runs in {who}, at {}", path.display()))
        }
        Listener::Denied => unknown("this user may not see whether one runs"),
        Listener::Nobody if expected.may_be_host => {
            Check::ok(subject, "none runs; the application would host it")
        }
        Listener::Nobody => {
            let (text, remedy) = split(&Problem::NoRoutingManager { host: expected.host.clone() });
            Check::not_ok(subject, Verdict::Problem, text, remedy)
        }
    }
}

fn client_id(expected: &Expected) -> Check {
    let subject = "client id";
    let Some(id) = expected.client else {
        return Check::ok(subject, "vsomeip chooses one");
    };
    let path = expected.files.socket_of(id);
    if UnixStream::connect(&path).is_err() {
        return Check::ok(subject, format!("{id:#06x} is free"));
    }
    let who = process_at(&path).unwrap_or("another process".to_owned());
    let text = format!("{id:#06x} is in use by {who}");
    let remedy = "leave it so if that is this application, else give one of them another `id` in \
                  `applications`";
    Check::not_ok(subject, Verdict::Warning, text, remedy)
}

#[cfg(test)]
mod tests;
