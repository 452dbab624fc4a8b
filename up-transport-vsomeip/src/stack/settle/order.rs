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

//! vsomeip reads the keys of a section in order, and ignores those that come too early.

use std::collections::BTreeSet;

use crate::stack::read::Tree;
use crate::stack::understand::section::Settle;
use crate::stack::warn::Notes;
use crate::stack::{Application, Eventgroup, Service};

impl Settle for Application {
    fn settle(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        plugins_before_name(tree, notes);
    }
}

impl Settle for Service {
    fn settle(&mut self, tree: &Tree, notes: &mut Notes<'_>) {
        events_before_ports(self, tree, notes);
        groups_before_events(self, tree, notes);
        groups_before_multicast(self, tree, notes);
    }
}

fn plugins_before_name(tree: &Tree, notes: &mut Notes<'_>) {
    if is_before(tree, "plugins", "name") {
        notes.under("plugins", |notes| {
            let what = "comes before `name`, so vsomeip ignores what is `additional`";
            notes.warn(what, "move `plugins` after `name`");
        });
    }
}

fn is_before(tree: &Tree, key: &str, other: &str) -> bool {
    matches!((tree.position(key), tree.position(other)), (Some(key), Some(other)) if key < other)
}

/// Without `is_reliable`, the ports determine the protocol of an event.
fn events_before_ports(service: &mut Service, tree: &Tree, notes: &mut Notes<'_>) {
    let is_late = |key| is_before(tree, "events", key);
    let (late_udp, late_tcp) = (is_late("unreliable"), is_late("reliable"));
    let has_udp = service.unreliable.is_some();
    let has_tcp = service.reliable.as_ref().is_some_and(|reliable| reliable.port.is_some());
    let meant = protocol(has_udp, has_tcp);
    let read = protocol(has_udp && !late_udp, has_tcp && !late_tcp);
    let mut open = service.events.iter_mut().filter(|event| event.is_reliable.is_none()).peekable();
    if meant == read || open.peek().is_none() {
        return;
    }
    open.for_each(|event| event.is_reliable = read);
    let key = if has_udp && late_udp { "unreliable" } else { "reliable" };
    notes.under("events", |notes| {
        let what = format!(
            "comes before `{key}`, so vsomeip does not know this port when it chooses the protocol of \
             events without `is_reliable`"
        );
        notes.warn(what, format!("move `events` after `{key}`, or add `is_reliable`"));
    });
}

/// Whether events are reliable.
fn protocol(has_udp: bool, has_tcp: bool) -> Option<bool> {
    match (has_udp, has_tcp) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    }
}

/// For an id that only an eventgroup has listed so far, vsomeip creates an event over UDP and ignores
/// its later definition, except for `is_field`, which it does not use at all.
fn groups_before_events(service: &mut Service, tree: &Tree, notes: &mut Notes<'_>) {
    if !is_before(tree, "eventgroups", "events") {
        return;
    }
    let groups = service.eventgroups.iter();
    let known: BTreeSet<u16> = groups.flat_map(|group| group.events.iter().copied()).collect();
    let mut late = Vec::new();
    for event in service.events.iter_mut().filter(|event| known.contains(&event.event)) {
        event.is_reliable = Some(false);
        late.push(format!("{:#06x}", event.event));
    }
    if !late.is_empty() {
        notes.under("eventgroups", |notes| {
            let what = format!(
                "comes before `events`, so vsomeip sends {} over UDP, whatever `events` says",
                late.join(", ")
            );
            notes.warn(what, "move `eventgroups` after `events`");
        });
    }
}

fn groups_before_multicast(service: &mut Service, tree: &Tree, notes: &mut Notes<'_>) {
    if !is_before(tree, "eventgroups", "multicast") {
        return;
    }
    let is_meant = |group: &&mut Eventgroup| group.is_multicast == Some(true);
    let mut groups = service.eventgroups.iter_mut().filter(is_meant).peekable();
    if groups.peek().is_none() {
        return;
    }
    groups.for_each(|group| group.is_multicast = None);
    notes.under("eventgroups", |notes| {
        let what =
            "comes before `multicast`, so vsomeip does not know the address for `is_multicast`";
        notes.warn(what, "move `eventgroups` after `multicast`");
    });
}
