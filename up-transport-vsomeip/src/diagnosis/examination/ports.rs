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
//! Who has the ports that services and service discovery need.

use std::collections::HashSet;

use super::{Check, Verdict};
use crate::diagnosis::expected::{Expected, Port, User};
use crate::diagnosis::sockets::{process_with_socket, sockets_in_router, Holder, Listener, Ports};

pub(super) fn checks(expected: &Expected, listener: Listener) -> Vec<Check> {
    let needed = expected.all_ports();
    let router = match listener {
        Listener::Nobody => Some(HashSet::new()),
        Listener::Seen(inode) => sockets_in_router(inode),
        Listener::Hidden | Listener::Denied => None,
    };
    let is_running = listener != Listener::Nobody;
    let there = Ports::at(expected.unicast, true, true);
    needed
        .into_iter()
        .map(|(user, port)| check(user, port, &there, router.as_ref(), is_running))
        .collect()
}

fn check(
    user: User,
    port: Port,
    there: &Ports,
    router: Option<&HashSet<u64>>,
    is_running: bool,
) -> Check {
    let protocol = if port.is_tcp { "TCP" } else { "UDP" };
    let subject = match user {
        User::Discovery => format!("{protocol} port {} of service discovery", port.number),
        User::Service(service) => format!("{protocol} port {} of service {service}", port.number),
    };
    let holder = router.and_then(|router| there.holder(port, router));
    match holder {
        None => Check {
            verdict: Verdict::Unknown,
            ..Check::ok(subject, "this user may not see who has it")
        },
        Some(Holder::Router) => Check::ok(subject, "is open, in the routing manager"),
        Some(Holder::Nobody) if is_running && user == User::Discovery => Check::not_ok(
            subject,
            Verdict::Warning,
            "is not open, though a routing manager runs",
            "wait until it has begun with service discovery; if it does not, look at its log",
        ),
        Some(Holder::Nobody) if is_running => {
            Check::ok(subject, "is free: the service is not offered now")
        }
        Some(Holder::Nobody) => Check::ok(subject, "is free"),
        Some(Holder::Other) => taken(subject, user, port, there, router),
    }
}

fn taken(
    subject: String,
    user: User,
    port: Port,
    there: &Ports,
    router: Option<&HashSet<u64>>,
) -> Check {
    let inode = router.and_then(|router| there.in_the_way(port, router));
    let who = inode.and_then(process_with_socket).unwrap_or("another program".to_owned());
    let remedy = match user {
        User::Discovery => {
            "end that program, or set another `service-discovery.port` on all hosts".to_owned()
        }
        User::Service(service) => {
            format!("end that program, or give service {service} another port in `services`")
        }
    };
    Check::not_ok(subject, Verdict::Problem, format!("is in use by {who}"), remedy)
}
