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

//! The system clock steps forward or back while messages wait, simulated with libfaketime.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use harness::{Network, Peer};

use crate::PEER;

const METHOD: &str = "//service/5800/1/421";
const TOPIC: &str = "//service/5800/1/8001";
const SERVICE: &str = "//service/5800/1/0";
const CLIENT: &str = "//client/5801/1/0";

const HOUR: i64 = 3600;
const STEPS: [i64; 2] = [HOUR, -HOUR];
/// More than any test takes, and less than a step.
const TTL: &str = "600000";

/// Where Debian and Ubuntu have the library, for each architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|it| it.is_file())
}

/// A clock of its own for a process.
struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// A clock for the peer of a name; or none, and a line that says so.
    fn new(network: &Network, name: &str) -> Option<Self> {
        let Some(library) = library() else {
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            let reason =
                "there is no libfaketime; scripts/install-dependencies --checks installs it";
            // Not by a macro: what those print is shown for failed tests only.
            drop(writeln!(std::io::stderr(), "\nSKIPPED clock: {test}: {reason}"));
            return None;
        };
        let file = network.config(name, 1).with_file_name(format!("{name}.clock"));
        let clock = Self { library, file };
        clock.set(0);
        Some(clock)
    }

    /// Sets it to so many seconds ahead of the real one.
    fn set(&self, seconds: i64) {
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{seconds:+}")).unwrap();
        fs::rename(new, &self.file).unwrap();
    }

    /// Starts a peer that goes by this clock.
    fn peer(&self, network: &Network, name: &str, local: &str, options: &[&str]) -> Peer {
        let id = u16::from_str_radix(local.split('/').nth(3).unwrap(), 16).unwrap();
        let mut command = network.command(PEER);
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .arg("--config")
            .arg(network.config(name, id))
            .args(options)
            .args(["--local", local]);
        let peer = Peer::spawn(name, &mut command);
        assert_eq!(peer.line(), "ready");
        peer
    }

    /// Steps the clock by so many seconds, and asserts that the peer goes by it.
    fn step(&self, peer: &mut Peer, seconds: i64) {
        self.set(seconds);
        let real = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let ahead = peer.ask("clock").parse::<i64>().unwrap() - i64::try_from(real).unwrap();
        assert!((ahead - seconds).abs() < HOUR / 2, "{ahead} seconds ahead, not {seconds}");
    }
}

#[test]
fn clock_step_keeps_requests_for_listener() {
    for step in STEPS {
        let network = Network::new("service");
        let Some(clock) = Clock::new(&network, "service") else { return };
        let mut service = clock.peer(&network, "service", SERVICE, &["--request-ttl", TTL]);
        let mut client = network.peer(PEER, "client", CLIENT);
        service.order(&format!("gate waits listener {METHOD}"));
        client.order(&format!("request {METHOD} 30 {TTL}"));
        service.ask_until("metrics", |metrics| metrics.contains("for_listeners: 29"));
        clock.step(&mut service, step);
        service.order("open listener");
        assert_eq!(client.ask("answers 30"), "answered 30 failed {}", "{step}");
        assert_eq!(client.ask(&format!("call {METHOD} 10 2 5000")), "answered 10 failed {}");
    }
}

#[test]
fn clock_step_keeps_requests_in_flight() {
    for step in STEPS {
        let network = Network::new("service");
        let Some(clock) = Clock::new(&network, "client") else { return };
        let mut service = network.peer_with(PEER, "service", SERVICE, &["--request-ttl", TTL]);
        let mut client = clock.peer(&network, "client", CLIENT, &[]);
        service.order(&format!("gate waits listener {METHOD}"));
        client.order(&format!("request {METHOD} 30 {TTL}"));
        service.ask_until("metrics", |metrics| metrics.contains("for_listeners: 29"));
        clock.step(&mut client, step);
        service.order("open listener");
        assert_eq!(client.ask("answers 30"), "answered 30 failed {}", "{step}");
        assert_eq!(client.ask(&format!("call {METHOD} 10 2 5000")), "answered 10 failed {}");
    }
}

#[test]
fn clock_step_keeps_waiting_requests() {
    for step in STEPS {
        let network = Network::new("router");
        let Some(clock) = Clock::new(&network, "client") else { return };
        let _router = network.peer(PEER, "router", "//router/5802/1/0");
        let mut client = clock.peer(&network, "client", CLIENT, &[]);
        client.order(&format!("request {METHOD} 30 {TTL}"));
        clock.step(&mut client, step);
        // What has less time is not kept by the step.
        let expired = "answered 0 failed {UNAVAILABLE: 1} waiting 30";
        assert_eq!(client.ask("call //service/5803/1/421 1 1 100"), expired);
        let mut service = network.peer(PEER, "service", SERVICE);
        service.order(&format!("serve {METHOD}"));
        let counted = client.ask("answers 31");
        assert_eq!(counted, "answered 30 failed {UNAVAILABLE: 1}", "{step}");
    }
}

#[test]
fn clock_step_keeps_events_for_listener() {
    for step in STEPS {
        let network = Network::new("service");
        let Some(clock) = Clock::new(&network, "subscriber") else { return };
        let mut service = network.peer(PEER, "service", SERVICE);
        let mut subscriber = clock.peer(&network, "subscriber", CLIENT, &[]);
        subscriber.order(&format!("gate waits listener {TOPIC}"));
        service.order(&format!("publish {TOPIC} 1 30"));
        subscriber.ask_until("metrics", |metrics| metrics.contains("for_listeners: 29"));
        clock.step(&mut subscriber, step);
        subscriber.order("open listener");
        subscriber.order("entered listener 30");
    }
}

#[test]
fn clock_step_keeps_first_messages() {
    for step in STEPS {
        let network = Network::new("service");
        let Some(clock) = Clock::new(&network, "service") else { return };
        let options = ["--hold-first-messages", TTL];
        let mut service = clock.peer(&network, "service", SERVICE, &options);
        service.order(&format!("publish-mortal {TOPIC} 1 {TTL}"));
        service.order(&format!("publish {TOPIC} 2 9"));
        clock.step(&mut service, step);
        let mut subscriber = network.peer(PEER, "subscriber", CLIENT);
        subscriber.order(&format!("subscribe {TOPIC}"));
        service.order(&format!("publish-mortal {TOPIC} 11 {TTL}"));
        assert_eq!(subscriber.ask("received 11"), "1..11", "{step}");
    }
}
