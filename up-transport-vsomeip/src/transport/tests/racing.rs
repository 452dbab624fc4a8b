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

//! The shutdown of a transport while many threads use it.

use std::collections::HashMap;
use std::sync::Barrier;
use std::thread;

use super::*;

const ROUNDS: usize = 20;

/// What vsomeip still has of what was asked of it, however often.
fn left(calls: Vec<Call>) -> Vec<(String, i32)> {
    let mut left = HashMap::<_, i32>::new();
    for call in calls {
        let (what, change) = match call {
            Call::OfferService(service, _) => (format!("offer of {service}"), 1),
            Call::StopOfferService(service, _) => (format!("offer of {service}"), -1),
            Call::RequestService(service) => (format!("request of {service}"), 1),
            Call::ReleaseService(service) => (format!("request of {service}"), -1),
            Call::OfferEvent(service, event) => (format!("event {event} of {service}"), 1),
            Call::StopOfferEvent(service, event) => (format!("event {event} of {service}"), -1),
            Call::Subscribe(service, _, event) => (format!("topic {event} of {service}"), 1),
            Call::Unsubscribe(service, event) => (format!("topic {event} of {service}"), -1),
            Call::RegisterHandler(service, _) => (format!("handler of {service}"), 1),
            Call::UnregisterHandler(service, _) => (format!("handler of {service}"), -1),
            _ => continue,
        };
        *left.entry(what).or_default() += change;
    }
    left.into_iter().filter(|(_, count)| *count != 0).collect()
}

/// Waits for a call on this thread, which is none of a runtime's.
fn wait<T>(call: impl std::future::Future<Output = T>) -> T {
    Builder::new_current_thread().enable_time().build().unwrap().block_on(call)
}

/// What the threads do all the time until they are told of the end.
type Use = fn(&Fixture) -> Result<(), UCode>;

fn publish(fixture: &Fixture) -> Result<(), UCode> {
    (0..8).try_for_each(|number| {
        wait(fixture.send(published(&format!("//here/{:X}/2/8001", 0x30 + number), number)))
    })
}

fn call_available(fixture: &Fixture) -> Result<(), UCode> {
    fixture.make_available(service(0x40, 1));
    wait(fixture.send(request_to("//ecu/40/1/1", 10_000)))
}

fn call_absent(fixture: &Fixture) -> Result<(), UCode> {
    wait(fixture.send(request_to("//ecu/41/1/1", 10_000)))
}

fn subscribe(fixture: &Fixture) -> Result<(), UCode> {
    let listener = listener();
    for (source, sink) in [
        (TOPIC, None),
        ("//ecu/FFFF0040/FF/8001", None),
        (TOPIC, Some(OWN)),
        (ANYBODY, Some("//here/50/2/1")),
        (EVERYTHING, Some(OWN)),
    ] {
        wait(fixture.register(source, sink, &listener))?;
        fixture.deliver(TOPIC, 0);
        wait(fixture.unregister(source, sink, &listener))?;
    }
    // This one stays.
    wait(fixture.register(OTHER_TOPIC, None, &listener))
}

fn serve(fixture: &Fixture) -> Result<(), UCode> {
    wait(fixture.send(response_to(&UUID::build()))).or_else(|code| match code {
        UCode::NOT_FOUND => Ok(()),
        code => Err(code),
    })
}

fn look(fixture: &Fixture) -> Result<(), UCode> {
    fixture.transport.metrics();
    let service = uri("//ecu/40/1/0");
    wait(fixture.transport.wait_for_service(&service)).map_err(|status| status.get_code())
}

fn race(end: impl Fn(Arc<UPTransportVsomeip>)) {
    const USES: [Use; 6] = [publish, call_available, call_absent, subscribe, serve, look];
    for round in 0..ROUNDS {
        let fixture = Fixture::threaded();
        let (vsomeip, transport) = (fixture.vsomeip.clone(), fixture.transport.clone());
        let stages = Arc::downgrade(&fixture.stages());
        let start = Barrier::new(USES.len() + 1);
        thread::scope(|threads| {
            for using in USES {
                let (fixture, start) = (&fixture, &start);
                threads.spawn(move || {
                    start.wait();
                    // Sometimes, there is too much for the limits.
                    let result = loop {
                        match using(fixture) {
                            Ok(()) | Err(UCode::RESOURCE_EXHAUSTED) => {}
                            Err(code) => break code,
                        }
                    };
                    assert_eq!(result, UCode::UNAVAILABLE);
                });
            }
            start.wait();
            (0..round).for_each(|_| thread::yield_now());
            end(transport);
        });
        drop(fixture);
        assert_eq!(stages.strong_count(), 0);
        assert_eq!(left(vsomeip.calls()), [], "in round {round}");
    }
}

#[test]
fn shutdown_races_with_users() {
    race(|transport| wait(transport.shutdown()));
}

#[test]
fn shutdowns_race_with_each_other() {
    race(|transport| {
        thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| wait(transport.shutdown()));
            }
        });
    });
}

/// A call that began before the end, and goes on after it.
#[test]
fn use_after_shutdown_is_unavailable() {
    let fixture = Fixture::threaded();
    let (stages, listener) = (fixture.stages(), listener());
    wait(fixture.transport.shutdown());
    fixture.calls();
    let messages = [published(OWN_TOPIC, 0), request_to("//ecu/40/1/1", 10_000)];
    let sent = messages.map(|message| stages.sender.send(message));
    let filter = stages.registry.filter(&uri(TOPIC), None).unwrap();
    let registered = stages.registry.register(filter, listener);
    let asked = stages.sender.use_service(service(0x40, 1));
    for result in sent.into_iter().chain([registered, asked]) {
        assert_eq!(result.map_err(|status| status.get_code()), Err(UCode::UNAVAILABLE));
    }
    assert_eq!(fixture.calls(), []);
}
