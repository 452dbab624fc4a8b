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

//! What the control thread does all the time: it answers what expires, follows the network, and lets
//! go of what is no longer used.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{interval, Instant};
use up_rust::UCode;
use vsomeip_sys::{EventId, ReturnCode};

use crate::mapping::ttl::observe_clock;
use crate::network::discovery::Discovery;
use crate::network::state::Unanswered;
use crate::transport::stages::Stages;

/// How often it is asked which services there are, and looked who does not answer. An answer that
/// takes longer is lost.
const INTERVAL: Duration = Duration::from_secs(1);

/// Starts all of it. Finds out where services are if it `locates`.
pub(super) fn start(control: &Handle, stages: &Arc<Stages>, discovery: Discovery, locates: bool) {
    control.spawn(watch_sent(stages.clone()));
    control.spawn(watch_received(stages.clone()));
    control.spawn(follow_network(stages.clone(), discovery, locates));
}

/// Tells the senders of requests that get no answer in time.
// [impl->dsn~someip-request-expiry~1]
async fn watch_sent(stages: Arc<Stages>) {
    loop {
        let context = stages.outgoing.next_expired().await;
        stages.counters.requests_expired.increment();
        stages.answers.fail(context, UCode::DEADLINE_EXCEEDED);
    }
}

/// Refuses the requests that nobody answers in time.
async fn watch_received(stages: Arc<Stages>) {
    loop {
        let request = stages.incoming.next_expired().await;
        stages.counters.unanswered.increment();
        stages.incoming.refuse(&request.header, &request.message, ReturnCode::Timeout);
    }
}

/// Keeps the subscriptions with wildcards up to what is on the network, and tells of those that nobody
/// answers.
async fn follow_network(stages: Arc<Stages>, mut discovery: Discovery, locates: bool) {
    let Stages { registry, monitor, counters, .. } = &*stages;
    let mut changes = monitor.watch();
    let mut interval = interval(INTERVAL);
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
        let state = changes.borrow_and_update().clone();
        if is_time_to_ask {
            tick(&stages);
            discovery.give_up();
        }
        let follows_any = is_time_to_ask && registry.follows_any_service();
        if follows_any || (locates && state.lacks_places()) {
            discovery.ask(&state);
        }
        registry.follow(&state);
        for (service, event) in unanswered.overdue(&state, Instant::now()) {
            counters.subscriptions_unanswered.increment();
            let wanted = stages.services.describe(service, EventId(event));
            log::warn!("the service does not answer {wanted}");
        }
    }
}

fn tick(stages: &Stages) {
    observe_clock();
    stages.sender.tick();
}
