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
use vsomeip_sys::{EventId, ReturnCode};

use crate::delivery::executor::Executor;
use crate::diagnosis::Diagnosis;
use crate::mapping::ttl::observe_clock;
use crate::network::discovery::Discovery;
use crate::network::state::Unanswered;
use crate::transport::stages::Stages;

/// How often it is asked which services there are, and looked who does not answer. An answer that
/// takes longer is lost.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often is looked what keeps the transport from working.
const DIAGNOSIS_INTERVAL: Duration = Duration::from_secs(2);

/// Starts most of it. Finds out where services are if it `locates`.
pub(super) fn start(control: &Handle, stages: &Arc<Stages>, discovery: Discovery, locates: bool) {
    control.spawn(watch_sent(stages.clone()));
    control.spawn(watch_received(stages.clone()));
    control.spawn(follow_network(stages.clone(), discovery, locates));
}

/// Has listeners get the threads that they lack.
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

/// Looks what keeps the transport from working, again and again.
pub(super) fn diagnose(control: &Handle, stages: &Arc<Stages>, mut diagnosis: Diagnosis) {
    let stages = stages.clone();
    control.spawn(async move {
        let mut interval = interval(DIAGNOSIS_INTERVAL);
        // At once, vsomeip has not even begun.
        interval.tick().await;
        loop {
            interval.tick().await;
            let is_registered = stages.monitor.is_registered();
            let found = diagnosis.look(is_registered, stages.services.offered());
            stages.monitor.set_problems(found.problems);
            if !found.closed.is_empty() {
                // vsomeip opens a port anew when no service has it any more. Those of other transports
                // look as often, and are away in the same moment.
                stages.services.pause_offers(&found.closed);
                interval.tick().await;
                stages.services.resume_offers(&found.closed);
            }
        }
    });
}

/// Tells the senders of requests that get no answer in time.
async fn watch_sent(stages: Arc<Stages>) {
    loop {
        let context = stages.outgoing.next_expired().await;
        stages.counters.requests_expired.increment();
        stages.sender.expire(context);
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

/// What there is to look at.
enum Occasion {
    Change,
    Answer,
    Wish,
    Tick,
}

/// Keeps the subscriptions with wildcards up to what is on the network, and tells of those that nobody
/// answers.
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
        let follows_any = matches!(occasion, Occasion::Tick) && registry.has_topic_of_any_service();
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
