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
//! Measures requests and events through the bridge, and for comparison within the SOME/IP network and within
//! the Zenoh network. Prints the median of several rounds, each of which measures all paths.
//!
//! A path through the bridge consists of one within each network. So its round trip is compared with the sum
//! of theirs, and its rates with the lower of theirs.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a program for developers"
)]

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/bridge/networks.rs"]
mod networks;

use std::time::Instant;

use harness::Peer;
use networks::*;
use serde_json::json;

const ROUNDS: usize = 9;
const SEQUENTIAL_CALLS: u32 = 500;
const CONCURRENT_CALLS: u32 = 5_000;
const WINDOW: u32 = 16;
const EVENTS: u32 = 5_000;

/// From one uEntity to another.
struct Path {
    name: &'static str,
    client: Peer,
    server: Peer,
    method: &'static str,
    topic: &'static str,
    rounds: Vec<Figures>,
}

/// What is measured.
#[derive(Clone, Copy)]
struct Figures {
    /// In seconds.
    round_trip: f64,
    /// Per second.
    calls: f64,
    events: f64,
}

impl Path {
    fn new(
        name: &'static str,
        mut client: Peer,
        mut server: Peer,
        [method, topic]: [&'static str; 2],
    ) -> Self {
        server.order(&format!("serve {method}"));
        client.order(&format!("subscribe {topic}"));
        reach(&mut client, method);
        client.connect(&mut server, topic);
        Self { name, client, server, method, topic, rounds: Vec::new() }
    }

    fn measure(&mut self) {
        let figures = Figures {
            round_trip: 1.0 / self.calls_per_second(SEQUENTIAL_CALLS, 1),
            calls: self.calls_per_second(CONCURRENT_CALLS, WINDOW),
            events: self.events_per_second(),
        };
        self.rounds.push(figures);
    }

    fn calls_per_second(&mut self, count: u32, window: u32) -> f64 {
        let start = Instant::now();
        let answer = self.client.ask(&format!("call {} {count} {window} 60000", self.method));
        let duration = start.elapsed();
        assert_eq!(answer, format!("answered {count} failed {{}}"), "{}", self.name);
        f64::from(count) / duration.as_secs_f64()
    }

    fn events_per_second(&mut self) -> f64 {
        let start = Instant::now();
        self.server.order(&format!("publish {} 1 {EVENTS}", self.topic));
        let received = self.client.ask(&format!("received {EVENTS}"));
        let duration = start.elapsed();
        assert!(received.starts_with(&format!("1..{EVENTS} late ")), "{}: {received}", self.name);
        f64::from(EVENTS) / duration.as_secs_f64()
    }

    fn medians(&self) -> Figures {
        let median = |figure: fn(&Figures) -> f64| {
            let mut values: Vec<f64> = self.rounds.iter().map(figure).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Figures {
            round_trip: median(|figures| figures.round_trip),
            calls: median(|figures| figures.calls),
            events: median(|figures| figures.events),
        }
    }
}

fn networks() -> Networks {
    let endpoint = format!("tcp/127.0.0.1:{}", free_port());
    let [listen, connect] =
        ["--listen", "--connect"].map(|option| [option.to_owned(), endpoint.clone()]);
    Networks::new(json!({ "payload_format": "raw" }), listen, connect)
}

fn main() {
    let (apart, joined) = (networks(), networks());
    let ecu = [ECU_METHOD, ECU_TOPIC];
    let cloud = [CLOUD_METHOD, CLOUD_TOPIC];
    let client = "//cloud/6031/1/0";
    let someip =
        Path::new("within SOME/IP", apart.ecu_as("client", "//ecu/5631/1/0"), apart.ecu(), ecu);
    let server = apart.cloud_at_endpoint();
    let zenoh = Path::new("within Zenoh", apart.cloud_as("client", client), server, cloud);
    let _bridge = joined.bridge();
    let to_ecu = Path::new("Zenoh client, ECU", joined.cloud(), joined.ecu(), ecu);
    let to_cloud = Path::new(
        "SOME/IP client, Zenoh service",
        joined.ecu_as("client", "//ecu/5631/1/0"),
        joined.cloud_as("server", client),
        cloud,
    );
    let mut paths = [someip, zenoh, to_ecu, to_cloud];
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        paths.iter_mut().for_each(Path::measure);
    }
    report(&paths);
}

fn report([someip, zenoh, through @ ..]: &[Path; 4]) {
    println!(
        "{:30} {:>13} {:>7} {:>9} {:>7} {:>9} {:>7}",
        "path", "round trip", "", "calls/s", "", "events/s", ""
    );
    let apart = [someip, zenoh].map(Path::medians);
    for (path, figures) in [someip, zenoh].into_iter().zip(apart) {
        println!("{}", line(path.name, figures, None));
    }
    let parts = Figures {
        round_trip: apart[0].round_trip + apart[1].round_trip,
        calls: apart[0].calls.min(apart[1].calls),
        events: apart[0].events.min(apart[1].events),
    };
    for path in through {
        println!("{}", line(path.name, path.medians(), Some(parts)));
    }
}

/// Figures, and their ratios to those of the parts.
fn line(name: &str, figures: Figures, parts: Option<Figures>) -> String {
    let ratio = |figure: fn(&Figures) -> f64| {
        parts.map_or(String::new(), |parts| format!("{:.2}", figure(&figures) / figure(&parts)))
    };
    format!(
        "{name:30} {:>10.0} µs {:>7} {:>9.0} {:>7} {:>9.0} {:>7}",
        figures.round_trip * 1e6,
        ratio(|figures| figures.round_trip),
        figures.calls,
        ratio(|figures| figures.calls),
        figures.events,
        ratio(|figures| figures.events),
    )
}
