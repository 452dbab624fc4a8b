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

//! `servicegroups`, the older form of `services`: a group can name the host of its services.

use crate::stack::read::Tree;
use crate::stack::understand::declaring::sections;
use crate::stack::understand::field::elements;
use crate::stack::understand::section::Section;
use crate::stack::understand::text::{Byte, Decimal, Text};
use crate::stack::warn::Notes;
use crate::stack::{Service, StackConfig};

const KEY: &str = "servicegroups";

sections! {
    /// A group of services.
    struct ServiceGroup: Last {
        /// Not used.
        "name" as Text => name: Option<String>,
        /// The host of the services that do not name one.
        "unicast" as Text [First] => unicast: Option<String>,
        /// Its services.
        "services" => services: Vec<Service>,
        /// Timings of the service discovery.
        "delays" => delays: Option<Delays>,
    }

    /// Timings of the service discovery, for all services.
    struct Delays: Last {
        /// The delay of the first announcement.
        "initial" => initial: Option<Initial>,
        /// `repetitions_base_delay`.
        "repetition-base" as Decimal => repetition_base: Option<u32>,
        /// `repetitions_max`.
        "repetition-max" as Byte => repetition_max: Option<u32>,
        /// `cyclic_offer_delay`.
        "cyclic-offer" as Decimal => cyclic_offer: Option<u32>,
        /// `request_response_delay`.
        "cyclic-request" as Decimal => cyclic_request: Option<u32>,
        /// `ttl`.
        "ttl" as Decimal => ttl: Option<u32>,
    }

    /// The delay of the first announcement.
    struct Initial: First looked_up {
        /// `initial_delay_min`.
        "minimum" as Decimal => minimum: Option<u32>,
        /// `initial_delay_max`.
        "maximum" as Decimal => maximum: Option<u32>,
    }
}

/// Reads the groups, unless there are `services` in the same file.
pub(in crate::stack) fn read(config: &mut StackConfig, tree: &Tree, notes: &mut Notes<'_>) {
    let Some(groups) = tree.get(KEY) else { return };
    notes.under(KEY, |notes| {
        if tree.get("services").is_some() {
            config.other.remove(KEY);
            notes.warn("is not read beside `services`", "move its services there");
        } else if !notes.is_since([3, 5, 9]) {
            config.other.remove(KEY);
            elements(groups, notes, |group, notes| add(config, ServiceGroup::read(group, notes)));
        }
    });
}

fn add(config: &mut StackConfig, group: ServiceGroup) {
    for mut service in group.services {
        service.unicast = service.unicast.or_else(|| group.unicast.clone());
        config.services.push(service);
    }
    if let Some(delays) = group.delays {
        set(config, delays);
    }
}

fn set(config: &mut StackConfig, delays: Delays) {
    let discovery = config.service_discovery.get_or_insert_default();
    let initial = delays.initial.unwrap_or_default();
    for (field, value) in [
        (&mut discovery.initial_delay_min, initial.minimum),
        (&mut discovery.initial_delay_max, initial.maximum),
        (&mut discovery.repetitions_base_delay, delays.repetition_base),
        (&mut discovery.repetitions_max, delays.repetition_max),
        (&mut discovery.cyclic_offer_delay, delays.cyclic_offer),
        (&mut discovery.request_response_delay, delays.cyclic_request),
        (&mut discovery.ttl, delays.ttl),
    ] {
        *field = value.or(*field);
    }
}
