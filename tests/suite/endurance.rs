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

//! A thousand cycles leak nothing, and traffic recovers when the routing manager dies.

use std::time::Instant;

use harness::{Network, Peer};

use crate::lifecycle::{is_no_more, settled_resources};
use crate::PEER;

const METHOD: &str = "//service/5700/1/421";
const TOPIC: &str = "//service/5700/1/8001";
const SERVICE: &str = "//service/5700/1/0";
const CLIENT: &str = "//client/5710/1/0";
const ROUTER: &str = "//router/5711/1/0";

/// How often something is done with one command; once before it is measured, so that caches and
/// pools are filled.
const BATCH: u32 = 100;
const BATCHES: u32 = 10;
const COUNT: u32 = BATCH * BATCHES;

/// What the memory may grow by in [`COUNT`] cycles, in KiB. Measured were 40 to 160; a leak of half
/// a KiB in each cycle is more than this.
const NOISE: u64 = 500;

/// How often the memory may grow by more: the allocator's pools still fill, while a leak goes on.
const ATTEMPTS: u32 = 3;

/// Has a peer obey `command`, which does something [`BATCH`] times; first to warm up. Asserts that
/// doing it [`COUNT`] times leaves both it and the host of its routing manager with as many threads
/// and descriptors and as much memory as they had.
fn assert_nothing_is_left(peer: &mut Peer, router: &mut Peer, command: &str) {
    peer.order(command);
    await_connection(peer);
    let before = [settled_resources(peer), settled_resources(router)];
    println!("before: {before:?}");
    let settles = (0..ATTEMPTS).any(|_| !grows_by_more_than_noise(peer, router, command));
    assert!(settles, "the memory grew {ATTEMPTS} times");
    for (process, resources) in [peer, router].into_iter().zip(before) {
        process.ask_until("resources", |now| is_no_more(&resources, now));
    }
}

/// Whether one of both processes has more memory after [`COUNT`] times.
fn grows_by_more_than_noise(peer: &mut Peer, router: &mut Peer, command: &str) -> bool {
    let before = [memory(peer), memory(router)];
    let start = Instant::now();
    for _ in 0..BATCHES {
        peer.order(command);
    }
    let each = start.elapsed() / COUNT;
    await_connection(peer);
    let after = [memory(peer), memory(router)];
    println!("{command}: {each:?} each, {before:?} KiB before, {after:?} KiB after");
    before.iter().zip(after).any(|(before, after)| after >= before + NOISE)
}

/// Waits until a peer is connected to all that it talks to: a new transport is there before that.
fn await_connection(peer: &mut Peer) {
    assert_eq!(peer.ask(&format!("call {METHOD} 1 1 60000")), "answered 1 failed {}");
}

fn memory(peer: &mut Peer) -> u64 {
    peer.ask("memory").parse().unwrap()
}

#[test]
fn thousand_shutdowns_leave_nothing() {
    transports_leave_nothing_behind("shutdown");
}

#[test]
fn thousand_drops_leave_nothing() {
    transports_leave_nothing_behind("drop");
}

fn transports_leave_nothing_behind(end: &str) {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    let mut client = network.peer(PEER, "client", CLIENT);
    assert_nothing_is_left(&mut client, &mut service, &format!("cycle {end} {BATCH} {METHOD}"));
}

#[test]
fn shutdowns_with_full_queues_leave_nothing() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    let mut client = network.peer(PEER, "client", CLIENT);
    assert_nothing_is_left(&mut client, &mut service, &format!("cycle-full {BATCH}"));
}

#[test]
fn thousand_registrations_leave_nothing() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    let mut client = network.peer(PEER, "client", CLIENT);
    assert_nothing_is_left(&mut client, &mut service, &format!("register {BATCH}"));
}

#[test]
fn routing_manager_can_start_last() {
    let network = Network::new("router");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("serve {METHOD}"));
    client.order(&format!("subscribe {TOPIC}"));
    client.tell(&format!("call {METHOD} 10 2 60000"));
    // Lost, but not the offer that it makes.
    service.order(&format!("publish {TOPIC} 1 1"));
    let _router = network.peer(PEER, "router", ROUTER);
    assert_eq!(client.line(), "answered 10 failed {}");
    await_event(&mut service, &mut client, 2);
}

#[test]
fn traffic_recovers_with_routing_manager() {
    const REQUESTS: u64 = 3000;
    let network = Network::new("router");
    let mut router = network.peer(PEER, "router", ROUTER);
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    let mut witness = network.peer(PEER, "witness", "//client/5712/1/0");
    service.order(&format!("serve {METHOD}"));
    for subscriber in [&mut client, &mut witness] {
        subscriber.order(&format!("subscribe {TOPIC}"));
        await_event(&mut service, subscriber, 0);
    }
    let mut failed_in_all = 0;
    for round in 1..=3 {
        // Requests and events flow while it dies.
        let before = count_of(&service.ask("metrics"), "received");
        client.tell(&format!("call {METHOD} {REQUESTS} 4 300"));
        service.ask_until("metrics", |metrics| count_of(metrics, "received") > before + 100);
        service.tell(&format!("publish {TOPIC} 1 1000"));
        router.signal("KILL");
        router.wait();
        assert_eq!(service.line(), "ok");
        witness.order("registered false");

        let start = Instant::now();
        router = network.peer(PEER, "router", ROUTER);
        witness.order("registered true");
        let registered = start.elapsed();
        let call = format!("call {METHOD} 1 1 300");
        witness.ask_until(&call, |answer| answer == "answered 1 failed {}");
        let calls = start.elapsed();
        witness.ask("received 0");
        await_event(&mut service, &mut witness, 1_000_000 * round);
        let events = start.elapsed();
        // Each request has come to an end, with or without an answer; the next ones are answered.
        let outcome = client.line();
        let (answered, failed) = counts_of(&outcome);
        assert_eq!(answered + failed, REQUESTS);
        let metrics = client.ask("metrics");
        assert!(count_of(&metrics, "requests_expired") <= failed_in_all + failed, "{metrics}");
        failed_in_all += failed;
        let call = format!("call {METHOD} 10 1 20000");
        assert_eq!(client.ask(&call), "answered 10 failed {}");
        client.ask("received 0");
        await_event(&mut service, &mut client, 2_000_000 * round);
        println!(
            "round {round}: {outcome}; after the new routing manager was started, another client was \
             registered after {registered:?}, its request answered after {calls:?}, and events came \
             after {events:?}; {}",
            client.ask("metrics")
        );
    }
}

/// Publishes consecutive numbers until the subscriber has got one.
fn await_event(publisher: &mut Peer, subscriber: &mut Peer, first: u64) {
    subscriber.tell("received 1");
    let mut numbers = first..;
    subscriber.line_while(|| {
        let number = numbers.next().unwrap();
        publisher.order(&format!("publish {TOPIC} {number} 1"));
    });
}

/// The value of a counter.
fn count_of(metrics: &str, counter: &str) -> u64 {
    let begin = format!("{counter}: ");
    let rest = metrics.split_once(&begin).expect("the counter").1;
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// `answered A failed {STATUS: N, …}` → how many were answered, and how many failed.
fn counts_of(answer: &str) -> (u64, u64) {
    let rest = answer.strip_prefix("answered ").unwrap_or_else(|| panic!("{answer}"));
    let (answered, failed) = rest.split_once(" failed ").unwrap_or_else(|| panic!("{answer}"));
    let counts = failed.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    (answered.parse().unwrap(), counts.map(|digits| digits.parse::<u64>().unwrap()).sum())
}
