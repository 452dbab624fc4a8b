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

//! The periodic tasks of the control thread: expire requests, follow the network, and release what is no
//! longer used.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{interval, Instant};
use vsomeip_sys::{EventId, ReturnCode};

use crate::delivery::executor::Executor;
use crate::diagnosis::Diagnosis;
use crate::mapping::ttl::observe_clock;
use crate::network::discovery::Discovery;
use crate::network::state::Unanswered;
use crate::transport::stages::Stages;

/// The period of querying offered services and of checking for unanswered subscriptions. An answer that
/// takes longer is ignored.
const INTERVAL: Duration = Duration::from_secs(1);

/// The period of the diagnosis.
const DIAGNOSIS_INTERVAL: Duration = Duration::from_secs(2);

/// Starts all tasks except for the diagnosis. With `locates`, also finds out where services are.
pub(super) fn start(control: &Handle, stages: &Arc<Stages>, discovery: Discovery, locates: bool) {
    control.spawn(watch_sent(stages.clone()));
    control.spawn(watch_received(stages.clone()));
    control.spawn(follow_network(stages.clone(), discovery, locates));
}

/// Lets listeners have the threads that could not be started before.
pub(super) fn provide_threads(control: &Handle, listeners: &Executor) {
    let listeners = listeners.clone();
    control.spawn(async move {
        let mut interval = interval(INTERVAL);
        loop {
            interval.tick().await;
            listeners.tick();
        }
    });
}

/// Starts the diagnosis.
pub(super) fn diagnose(control: &Handle, stages: &Arc<Stages>, mut diagnosis: Diagnosis) {
    let stages = stages.clone();
    control.spawn(async move {
        let mut interval = interval(DIAGNOSIS_INTERVAL);
        // The first tick is immediate, before vsomeip has started.
        interval.tick().await;
        loop {
            interval.tick().await;
            let is_registered = stages.monitor.is_registered();
            let found = diagnosis.look(is_registered, stages.services.offered());
            stages.monitor.set_problems(found.problems);
            if !found.closed.is_empty() {
                // vsomeip reopens a port when no service uses it any more. Other transports diagnose in
                // the same rhythm, so their services at the port pause at the same time.
                stages.services.pause_offers(&found.closed);
                interval.tick().await;
                stages.services.resume_offers(&found.closed);
            }
        }
    });
}

/// Completes requests of this transport that get no response in time.
async fn watch_sent(stages: Arc<Stages>) {
    loop {
        let context = stages.outgoing.next_expired().await;
        stages.counters.requests_expired.increment();
        stages.sender.expire(context);
    }
}

/// Refuses received requests that no listener answers in time.
async fn watch_received(stages: Arc<Stages>) {
    loop {
        let request = stages.incoming.next_expired().await;
        stages.counters.unanswered.increment();
        stages.incoming.refuse(&request.header, &request.message, ReturnCode::Timeout);
    }
}

/// Why the network is examined.
enum Occasion {
    Change,
    Answer,
    Wish,
    Tick,
}

/// Updates wildcard subscriptions when the network changes, and warns about unanswered subscriptions.
async fn follow_network(stages: Arc<Stages>, mut discovery: Discovery, locates: bool) {
    let Stages { registry, monitor, announcements, counters, .. } = &*stages;
    let mut changes = monitor.watch();
    let mut interval = interval(INTERVAL);
    let mut unanswered = Unanswered::default();
    let mut was_registered = false;
    loop {
        let occasion = tokio::select! {
            changed = changes.changed() => match changed {
                Ok(()) => Occasion::Change,
                Err(_) => return,
            },
            () = discovery.answer() => Occasion::Answer,
            () = registry.optional_offer_added() => Occasion::Wish,
            _ = interval.tick() => Occasion::Tick,
        };
        let state = changes.borrow_and_update().clone();
        let is_new = state.registered && !std::mem::replace(&mut was_registered, state.registered);
        match occasion {
            Occasion::Tick => {
                tick(&stages);
                discovery.give_up();
            }
            Occasion::Answer => registry.make_pending_offers(&state),
            Occasion::Change if is_new => discovery.give_up(),
            Occasion::Change | Occasion::Wish => {}
        }
        announcements.forget_confirmations(|service| !state.locations.contains_key(&service));
        let is_time = matches!(occasion, Occasion::Tick | Occasion::Wish) || is_new;
        let has_wishes = || is_time && state.registered && registry.has_pending_offers();
        let follows_any = matches!(occasion, Occasion::Tick)
            && (registry.has_topic_of_any_service() || monitor.follows_offers());
        if follows_any || has_wishes() || (locates && state.lacks_locations()) {
            discovery.ask(&state);
        }
        registry.update_subscriptions(&state);
        for (service, event) in unanswered.overdue(&state, Instant::now()) {
            counters.subscriptions_unanswered.increment();
            let wanted = stages.services.describe(service, EventId(event));
            log::warn!(
                service:% = service, event:% = EventId(event);
                "the service does not answer {wanted}"
            );
        }
    }
}

fn tick(stages: &Stages) {
    observe_clock();
    stages.monitor.assume_unreported();
    stages.sender.tick();
}
