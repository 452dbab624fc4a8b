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

//! Which of several definitions of an application, service or event vsomeip uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::stack::warn::Notes;
use crate::stack::{Application, Service, StackConfig};

/// The client id that lets vsomeip choose one.
pub(crate) const CHOSEN_BY_VSOMEIP: u16 = 0xffff;

/// Keeps the first definitions, as vsomeip does.
pub(crate) fn keep_first(config: &mut StackConfig) {
    keep_first_applications(&mut config.applications);
    let mut known = BTreeSet::new();
    config.services.retain(|service| known.insert(identity(service)));
}

fn keep_first_applications(applications: &mut Vec<Application>) {
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let is_new = |application: &Application| {
        !application.name.is_empty() && names.insert(application.name.clone())
    };
    applications.retain(is_new);
    for application in applications {
        let id = application.id;
        application.id = id.filter(|id| *id == CHOSEN_BY_VSOMEIP || ids.insert(*id));
    }
}

fn identity(service: &Service) -> (u16, u16) {
    (service.service, service.instance)
}

/// Warns about definitions in one file that vsomeip ignores.
pub(in crate::stack) fn check(config: &StackConfig, notes: &mut Notes<'_>) {
    notes.under("applications", |notes| applications(&config.applications, notes));
    notes.under("services", |notes| services(&config.services, notes));
}

fn applications(applications: &[Application], notes: &mut Notes<'_>) {
    let (mut names, mut ids) = (BTreeMap::new(), BTreeMap::new());
    for (index, Application { name, id, .. }) in applications.iter().enumerate() {
        notes.element(index, "", |notes| {
            if name.is_empty() {
                let what = "has no `name`, so vsomeip ignores it";
                notes.warn(what, "add the name that the application has in vsomeip");
                return;
            }
            if let Some(other) = names.insert(name, index) {
                let what = format!("has the name of applications[{other}], so vsomeip ignores it");
                notes.warn(what, "give each its own name");
                return;
            }
            let Some(id) = id.filter(|id| *id != CHOSEN_BY_VSOMEIP) else { return };
            if let Some(other) = ids.insert(id, index) {
                let what = format!(
                    "has the id {id:#06x} of applications[{other}], so vsomeip chooses another one"
                );
                notes.warn(what, "give each its own id");
            }
        });
    }
}

fn services(services: &[Service], notes: &mut Notes<'_>) {
    let mut known = BTreeMap::new();
    for (index, service) in services.iter().enumerate() {
        notes.element(index, "", |notes| {
            if let Some(other) = known.insert(identity(service), index) {
                let (service, instance) = identity(service);
                let what = format!(
                    "is instance {instance:#06x} of service {service:#06x}, as services[{other}] is, \
                     so vsomeip ignores it"
                );
                notes.warn(what, "merge them, or give this one another id");
            }
            events(service, notes);
        });
    }
}

fn events(service: &Service, notes: &mut Notes<'_>) {
    let mut known = BTreeMap::new();
    for (index, event) in service.events.iter().enumerate() {
        if let Some(other) = known.insert(event.event, index) {
            notes.under("events", |notes| {
                notes.element(index, "", |notes| {
                    let event = event.event;
                    let what = format!(
                        "has the id {event:#06x} of events[{other}], so vsomeip ignores it"
                    );
                    notes.warn(what, "merge them, or give this one another id");
                });
            });
        }
    }
}
