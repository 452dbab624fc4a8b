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

//! Keeps the transport up to what there is on the network.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{interval, Instant};

use crate::metrics::Counters;
use crate::network::discovery::Discovery;
use crate::network::state::{Monitor, Unanswered};
use crate::registration::registry::Registry;

/// How often it is asked which services there are, and looked who does not answer. An answer that
/// takes longer is lost.
const DISCOVERY_INTERVAL: Duration = Duration::from_secs(1);

/// Keeps the subscriptions with wildcards up to what is on the network, as long as the transport
/// lives, and tells of those that nobody answers. Finds out where services are if it `locates`.
pub(crate) async fn follow_network(
    mut discovery: Discovery,
    locates: bool,
    monitor: Arc<Monitor>,
    counters: Arc<Counters>,
    registry: Weak<Registry>,
) {
    let mut changes = monitor.watch();
    let mut interval = interval(DISCOVERY_INTERVAL);
    let mut unanswered = Unanswered::default();
    loop {
        let is_time_to_ask = tokio::select! {
            changed = changes.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
            () = discovery.answer() => false,
            _ = interval.tick() => true,
        };
        let Some(registry) = registry.upgrade() else { return };
        let state = changes.borrow_and_update().clone();
        if is_time_to_ask {
            discovery.give_up();
        }
        let follows_any = is_time_to_ask && registry.follows_any_service();
        if follows_any || (locates && state.lacks_places()) {
            discovery.ask(&state);
        }
        registry.follow(&state);
        for (service, event) in unanswered.overdue(&state, Instant::now()) {
            counters.subscriptions_unanswered.increment();
            log::warn!("service {service} does not answer the subscription to event {event:04x}");
        }
    }
}
