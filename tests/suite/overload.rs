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

//! Overload is refused at once and does not affect anything else.

use harness::{Network, Peer};

use crate::PEER;

const METHOD: &str = "//service/5600/1/421";
const OTHER_METHOD: &str = "//service/5600/1/422";
const TOPIC: &str = "//service/5600/1/8001";
const SERVICE: &str = "//service/5600/1/0";
const CLIENT: &str = "//client/5601/1/0";

/// More than the handlers of the pool.
const MANY: u32 = 5_200;

fn peers(options: &[&str]) -> (Network, Peer, Peer) {
    let network = Network::new("service");
    let service = network.peer_with(PEER, "service", SERVICE, options);
    let client = network.peer(PEER, "client", CLIENT);
    (network, service, client)
}

/// Asserts that everything goes on that has nothing to do with a flood.
fn assert_at_ease(service: &mut Peer, client: &mut Peer) {
    service.order(&format!("serve {METHOD}"));
    assert_eq!(client.ask(&format!("call {METHOD} 10 1 20000")), "answered 10 failed {}");
    client.order(&format!("subscribe {TOPIC}"));
    client.connect(service, TOPIC);
    service.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(client.ask("received 10"), "1..10");
}

/// Has many requests sent that nobody can answer.
fn flood(command: &str) {
    let (_network, mut service, mut client) = peers(&[]);
    let answer = client.ask(&format!("{command} {MANY} 500 250"));
    assert_eq!(answer, format!("answered 0 failed {{UNAVAILABLE: {MANY}}}"));
    assert_at_ease(&mut service, &mut client);
}

#[test]
fn absent_methods_leak_nothing() {
    flood("call-methods //service/6000/1/1");
}

#[test]
fn absent_services_leak_nothing() {
    flood("call-services //service/6000/1/421");
}

#[test]
fn lost_notifications_leak_nothing() {
    let (_network, mut service, mut client) = peers(&[]);
    client.order(&format!("notify-services 8001 //service/6000/1/0 {MANY} 500 250"));
    let all = format!("notifications_lost: {MANY},");
    client.ask_until("metrics", |metrics| metrics.contains(&all));
    assert_at_ease(&mut service, &mut client);
}

/// Publishes to more topics than can be offered, and then to one more, which finds room soon.
fn flood_of_topics(options: &[&str], command: &str) {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer_with(PEER, "client", CLIENT, options);
    let answer = client.ask(command);
    let refused = answer.split_whitespace().last().unwrap();
    assert!(answer.starts_with("accepted ") && refused != "0", "{answer}");
    let topic = "//client/5601/1/FF01";
    // The routing manager's host cannot subscribe without service discovery.
    let mut subscriber = network.peer(PEER, "subscriber", "//subscriber/5602/1/0");
    subscriber.order(&format!("subscribe {topic}"));
    client.ask_until(&format!("publish {topic} 1 1"), |answer| answer == "ok");
    // Its subscription takes a moment, and where the service is offered for long nobody waits for it.
    subscriber.tell("received 1");
    subscriber.line_while(|| client.order(&format!("publish {topic} 1 1")));
    assert_at_ease(&mut service, &mut client);
}

#[test]
fn topics_of_one_service_leak_nothing() {
    // With a limit that a slow machine reaches, too, before room is made after two seconds.
    let options = ["--max-published-topics", "200"];
    flood_of_topics(&options, "publish-topics //client/5601/1/8001 5000");
}

#[test]
fn topics_of_many_services_leak_nothing() {
    flood_of_topics(&[], "publish-services //client/6000/1/8001 5200");
}

/// Has a peer do something again and again, until its memory has not grown by more than a half percent
/// three times in a row. A heap takes a few rounds to get there; what leaks never does.
pub(crate) fn assert_bounded(peer: &mut Peer, mut again: impl FnMut(&mut Peer)) {
    let mut memory: Vec<u64> = Vec::new();
    for _ in 0..50 {
        again(peer);
        memory.push(peer.ask("memory").parse().unwrap());
        let [.., before, _, _, now] = memory[..] else { continue };
        if now <= before + before / 200 {
            return;
        }
    }
    panic!("the memory grows and grows: {memory:?} KiB");
}

#[test]
fn uncorrelated_responses_leak_nothing() {
    let (_network, mut service, mut client) = peers(&[]);
    assert_bounded(&mut client, |client| {
        let answer = client.ask("respond-to-nobody //client/5601/1/1 30000");
        assert_eq!(answer, "accepted 0 refused 30000");
    });
    assert_at_ease(&mut service, &mut client);
}

/// For the same services each time: vsomeip remembers each that it was ever asked for.
#[test]
fn brief_filters_leak_nothing() {
    let (_network, mut service, mut client) = peers(&[]);
    let mut fresh = 0x7000..;
    assert_bounded(&mut client, |client| {
        client.order("pass-filters //service/6000/1/0 2000");
        // That it finds another service shows that vsomeip's queues are empty, which have no bound.
        let next = fresh.next().unwrap();
        service.order(&format!("serve //service/{next:X}/1/421"));
        client.order(&format!("await //service/{next:X}/1/0"));
    });
    assert_at_ease(&mut service, &mut client);
}

/// Sends a request to a listener that waits, and then `count` more. They have more time than the test.
fn request_behind_first(service: &mut Peer, client: &mut Peer, count: u32) {
    service.order(&format!("gate waits listener {METHOD}"));
    client.order(&format!("request {METHOD} 1 600000"));
    service.order("entered listener 1");
    client.order(&format!("request {METHOD} {count} 600000"));
}

#[test]
fn full_queue_refuses_requests_at_once() {
    refuses_at_once(&["--listener-queue", "1"]);
}

#[test]
fn full_queue_refuses_oldest_requests_at_once() {
    refuses_at_once(&["--listener-queue", "1", "--drop-oldest"]);
}

fn refuses_at_once(options: &[&str]) {
    let (_network, mut service, mut client) = peers(options);
    request_behind_first(&mut service, &mut client, 3);
    assert_eq!(client.ask("answers 2"), "answered 0 failed {UNAVAILABLE: 2}");
    service.order("open listener");
    assert_eq!(client.ask("answers 4"), "answered 2 failed {UNAVAILABLE: 2}");
}

/// The answer to a request is not that its time is over.
fn assert_refused(answer: &str, count: u32) {
    assert!(answer.starts_with("answered 0 failed {"), "{answer}");
    assert!(answer.ends_with(&format!(": {count}}}")), "{answer}");
    assert!(!answer.contains("DEADLINE_EXCEEDED"), "{answer}");
}

#[test]
fn unregister_refuses_queued_requests() {
    let (_network, mut service, mut client) = peers(&[]);
    request_behind_first(&mut service, &mut client, 3);
    service.ask_until("metrics", |metrics| metrics.contains("for_listeners: 3"));
    service.order("ungate listener");
    assert_refused(&client.ask("answers 3"), 3);
    // The call that has begun goes on.
    service.order("open listener");
    let answer = client.ask("answers 4");
    assert!(answer.starts_with("answered 1 failed {"), "{answer}");
}

#[test]
fn panicking_listener_refuses_request_at_once() {
    let (_network, mut service, mut client) = peers(&[]);
    service.order(&format!("gate panics listener {METHOD}"));
    for count in 1..=3 {
        client.order(&format!("request {METHOD} 1 600000"));
        assert_refused(&client.ask(&format!("answers {count}")), count);
    }
}

#[test]
fn late_panic_refuses_request_at_once() {
    let (_network, mut service, mut client) = peers(&[]);
    service.order(&format!("gate panics-late listener {METHOD}"));
    client.order(&format!("request {METHOD} 1 600000"));
    service.order("entered listener 1");
    service.order("open listener");
    assert_refused(&client.ask("answers 1"), 1);
}

#[test]
fn requests_without_return_leave_no_entry() {
    let (_network, mut service, mut client) = peers(&["--max-incoming-requests", "4"]);
    service.order(&format!("take {METHOD}"));
    service.order(&format!("serve {OTHER_METHOD}"));
    client.order(&format!("request-no-return {METHOD} 100"));
    assert_eq!(service.ask("received 100"), "1..100");
    let answer = client.ask(&format!("call {OTHER_METHOD} 4 4 60000"));
    assert_eq!(answer, "answered 4 failed {}");
}

#[test]
fn limits_of_zero_are_refused() {
    let network = Network::new("service");
    let config = network.config("service", 0x5600);
    for option in [
        "max-listeners",
        "max-listeners-per-filter",
        "listener-queue",
        "max-outgoing-requests",
        "max-incoming-requests",
    ] {
        let mut command = network.command(PEER);
        command.arg("--config").arg(&config).args(["--local", SERVICE]);
        let output = command.args([&format!("--{option}"), "0"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{option}: {text}");
        assert!(text.contains("INVALID_ARGUMENT"), "{option}: {text}");
        assert!(text.contains(&option.replace('-', "_")), "{option}: {text}");
    }
}
