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

//! Policies: with the example configurations, allowed applications get everything, others nothing.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use harness::{repeat, workspace, Network, Peer};

use crate::PEER;

const SERVICE: &str = "//service/6000/1/0";
const METHOD: &str = "//service/6000/1/1";
const SECOND_METHOD: &str = "//service/6000/1/2";
const THIRD_METHOD: &str = "//service/6000/1/3";
const TOPIC: &str = "//service/6000/1/8001";
const SECOND_TOPIC: &str = "//service/6000/1/8002";
const THIRD_TOPIC: &str = "//service/6000/1/8003";
const OTHER_SERVICE: &str = "//service/6002/1/1";
const CLIENT: &str = "//client/6001/1/0";

/// A user that has nothing to do with anybody's files.
const NOBODY: u32 = 65534;
/// A user for whom there is no policy.
const STRANGER: u32 = 65533;

const ANSWERED: &str = "answered 2 failed {}";
const NOT_ANSWERED: &str = "answered 0 failed {DEADLINE_EXCEEDED: 2}";
const NOT_FOUND: &str = "answered 0 failed {UNAVAILABLE: 2}";

/// The example's two configurations, for users that there are here, and in a network of their own.
struct Secured {
    network: Network,
    service: PathBuf,
    client: PathBuf,
}

impl Secured {
    fn new() -> Self {
        let network = Network::new("hello_service");
        let own = network.config("own", 1);
        let folder = own.parent().unwrap();
        // Others have to read it.
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        let parsed: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&own).unwrap()).unwrap();
        let name = parsed["network"].as_str().unwrap();
        let user = fs::metadata(folder).unwrap();
        let (uid, gid) = (user.uid(), user.gid());
        let adapt = |example: &str| {
            let text = fs::read_to_string(workspace().join("config").join(example)).unwrap();
            let text = text
                .replace("\"up-secured\"", &format!("\"{name}\""))
                .replace("\"gid\": \"1000\"", &format!("\"gid\": \"{gid}\""))
                .replace("\"1000\"", &format!("\"{uid}\""))
                .replace("\"1001\"", &format!("\"{NOBODY}\""));
            let path = folder.join(example);
            fs::write(&path, text).unwrap();
            path
        };
        let (service, client) = (adapt("secured_service.json"), adapt("secured_client.json"));
        Self { network, service, client }
    }

    /// The same, if this test can start processes of other users; else it says that it is skipped.
    fn with_users(test: &str) -> Option<Self> {
        let reason = [NOBODY, STRANGER].into_iter().find_map(|user| {
            let mut command = Command::new(PEER);
            let command = command.arg("--help").stdout(Stdio::null()).stderr(Stdio::null());
            match command.uid(user).gid(user).status() {
                Ok(status) if status.success() => None,
                Ok(status) => Some(format!("a peer of another user ends with {status}")),
                Err(error) => Some(format!("no peer can be started as another user: {error}")),
            }
        });
        let Some(reason) = reason else { return Some(Self::new()) };
        // Not with eprintln, whose output the test harness would keep to itself.
        drop(writeln!(std::io::stderr(), "\nSKIPPED security: {test}: {reason}"));
        None
    }

    /// The service, which allows everything that the policies do, and its routing manager.
    fn service(&self) -> Peer {
        let mut command = self.command(None, &self.service, SERVICE);
        command.args(TOPICS.iter().flat_map(|(topic, _)| ["--offer", topic]));
        let mut service = start(command);
        for method in [METHOD, SECOND_METHOD, THIRD_METHOD, OTHER_SERVICE] {
            service.order(&format!("serve {method}"));
        }
        service
    }

    /// The client, as another user if one is given.
    fn client(&self, user: Option<u32>) -> Peer {
        start(self.command(user, &self.client, CLIENT))
    }

    /// A client of a user for whom there is no policy.
    fn stranger(&self) -> Peer {
        let text = fs::read_to_string(&self.client).unwrap();
        let path = self.client.with_file_name("stranger.json");
        fs::write(&path, text.replace("hello_client", "stranger").replace("0x6001", "0x6003"))
            .unwrap();
        start(self.command(Some(STRANGER), &path, "//client/6003/1/0"))
    }

    fn command(&self, user: Option<u32>, config: &Path, local: &str) -> Command {
        let mut command = self.network.command_of(user, PEER);
        command.arg("--config").arg(config).args(["--local", local]);
        command
    }
}

fn start(mut command: Command) -> Peer {
    let peer = Peer::spawn("a secured peer", &mut command);
    assert_eq!(peer.line(), "ready");
    peer
}

fn call(peer: &mut Peer, method: &str, ttl: u32) -> String {
    peer.ask(&format!("call {method} 2 1 {ttl}"))
}

/// The events that are published to a topic have numbers of their own.
const TOPICS: [(&str, u64); 3] =
    [(THIRD_TOPIC, 3_000_000), (SECOND_TOPIC, 2_000_000), (TOPIC, 1_000_000)];

/// Has a client subscribe to all topics, publishes to each of them until the client has got an event
/// of each of those that it may have, and once more; asserts that it has got nothing else.
fn assert_gets_only(allowed: &[&str], service: &mut Peer, client: &mut Peer) {
    for (topic, _) in TOPICS {
        client.order(&format!("subscribe {topic}"));
    }
    let has_all = |got: &[u64]| {
        let has = |topic: &str| TOPICS.iter().any(|(t, n)| *t == topic && got.contains(&kind(*n)));
        allowed.iter().all(|topic| has(topic))
    };
    let (mut got, mut rounds) = (Vec::new(), 0..);
    repeat(|| {
        let round = rounds.next().unwrap();
        for (topic, first) in TOPICS {
            service.order(&format!("publish {topic} {} 1", first + round));
        }
        if has_all(&got) {
            return Ok(());
        }
        got.extend(numbers(&client.ask("received 0")).into_iter().map(kind));
        got.sort_unstable();
        got.dedup();
        Err(format!("of {allowed:?}, only {got:?} came; {}", client.ask("metrics")))
    });
    // What was published last comes last.
    client.tell("received 1");
    client.line_while(|| service.order(&format!("publish {TOPIC} 1000000 1")));
    got.extend(numbers(&client.ask("received 0")).into_iter().map(kind));
    for (topic, first) in TOPICS {
        assert_eq!(got.contains(&kind(first)), allowed.contains(&topic), "{topic}");
    }
}

/// Which topic a number is for.
fn kind(number: u64) -> u64 {
    number / 1_000_000
}

/// What `received` shows: `[1, 3]`, or `1..3`.
fn numbers(shown: &str) -> Vec<u64> {
    if let Some((first, last)) = shown.split_once("..") {
        return (first.parse().unwrap()..=last.parse().unwrap()).collect();
    }
    let digits = shown.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap()).collect()
}

#[test]
fn allowed_user_gets_only_what_policy_says() {
    let secured = Secured::new();
    let mut service = secured.service();
    let mut client = secured.client(None);
    assert_eq!(call(&mut client, METHOD, 20_000), ANSWERED);
    assert_eq!(call(&mut client, SECOND_METHOD, 20_000), ANSWERED);
    assert_eq!(call(&mut client, THIRD_METHOD, 200), NOT_ANSWERED);
    // An offer that is not allowed.
    assert_eq!(call(&mut client, OTHER_SERVICE, 200), NOT_FOUND);
    assert_gets_only(&[TOPIC, SECOND_TOPIC], &mut service, &mut client);
    // What was refused has not reached the service.
    let metrics = service.ask("metrics");
    assert!(metrics.contains(" received: 4, "), "{metrics}");
}

#[test]
fn other_user_gets_own_policy() {
    if let Some(secured) = Secured::with_users("other_user_gets_own_policy") {
        let mut service = secured.service();
        let mut client = secured.client(Some(NOBODY));
        assert_eq!(call(&mut client, METHOD, 20_000), ANSWERED);
        assert_eq!(call(&mut client, SECOND_METHOD, 200), NOT_ANSWERED);
        assert_gets_only(&[TOPIC], &mut service, &mut client);
    }
}

#[test]
fn user_without_policy_gets_nothing() {
    if let Some(secured) = Secured::with_users("user_without_policy_gets_nothing") {
        let mut service = secured.service();
        let mut witness = secured.client(None);
        // Another application than the witness, else it would not be the user that is refused.
        let mut stranger = secured.stranger();
        stranger.order(&format!("subscribe {TOPIC}"));
        assert_eq!(call(&mut stranger, METHOD, 500), NOT_FOUND);
        assert_gets_only(&[TOPIC, SECOND_TOPIC], &mut service, &mut witness);
        assert_eq!(call(&mut stranger, METHOD, 500), NOT_FOUND);
        assert_eq!(stranger.ask("received 0"), "[]");
        let metrics = service.ask("metrics");
        assert!(metrics.contains(" received: 0, "), "{metrics}");
        // Everybody else goes on.
        assert_eq!(call(&mut witness, METHOD, 20_000), ANSWERED);
    }
}

/// Filters of all rows that need something of what the policy denies: an event, an offer, or both.
const DENIED: [(&str, Option<&str>); 6] = [
    (SECOND_TOPIC, None),
    (SECOND_TOPIC, Some(CLIENT)),
    ("//any/0/FF/0", Some("//client/6001/1/421")),
    (SECOND_METHOD, Some(CLIENT)),
    ("//*/FFFFFFFF/FF/FFFF", Some(CLIENT)),
    ("//*/FFFFFFFF/FF/FFFF", Some("//client/FFFFFFFF/FF/FFFF")),
];

fn register(client: &mut Peer, (source, sink): (&str, Option<&str>)) {
    match sink {
        Some(sink) => client.order(&format!("filter {source} {sink}")),
        None => client.order(&format!("subscribe {source}")),
    }
}

/// Publishes to the denied topic, and then to the allowed one, until that arrives. Responses to earlier
/// calls, which a filter for all of them lets through, may arrive as well.
fn assert_gets_allowed(service: &mut Peer, client: &mut Peer) {
    let mut has_come = false;
    while !has_come {
        client.tell("received 1");
        let line = client.line_while(|| {
            service.order(&format!("publish {SECOND_TOPIC} 2000000 1"));
            service.order(&format!("publish {TOPIC} 1000000 1"));
        });
        let kinds: Vec<_> = numbers(&line).into_iter().map(kind).collect();
        assert!(!kinds.contains(&kind(2_000_000)), "{line}");
        has_come = kinds.contains(&kind(1_000_000));
    }
}

#[test]
fn denied_filters_harm_nothing_else() {
    let Some(secured) = Secured::with_users("denied_filters_harm_nothing_else") else { return };
    let mut service = secured.service();
    let mut client = secured.client(Some(NOBODY));
    for filter in DENIED {
        register(&mut client, filter);
    }
    assert_eq!(call(&mut client, SECOND_METHOD, 200), NOT_ANSWERED);
    assert_eq!(call(&mut client, METHOD, 20_000), ANSWERED);
    client.order(&format!("subscribe {TOPIC}"));
    assert_gets_allowed(&mut service, &mut client);
    client.order(&format!("subscription {SECOND_TOPIC} Pending"));
    // There is a warning for it.
    client.ask_until("metrics", |metrics| metrics.contains("subscriptions_unanswered: 1,"));
    assert_eq!(call(&mut client, METHOD, 20_000), ANSWERED);
    // What is allowed of a service is not withdrawn with what is not.
    client.order(&format!("unsubscribe {SECOND_TOPIC}"));
    client.order(&format!("unfilter {SECOND_TOPIC} {CLIENT}"));
    assert_gets_allowed(&mut service, &mut client);
    assert_eq!(call(&mut client, METHOD, 20_000), ANSWERED);
}

/// Of a filter for notifications, the offer is denied, but not the events.
#[test]
fn denied_offer_leaves_events_and_responses() {
    let Some(secured) = Secured::with_users("denied_offer_leaves_events_and_responses") else {
        return;
    };
    let mut service = secured.service();
    let mut client = secured.client(Some(NOBODY));
    register(&mut client, (TOPIC, Some(CLIENT)));
    register(&mut client, ("//*/FFFFFFFF/FF/FFFF", Some(CLIENT)));
    assert_gets_allowed(&mut service, &mut client);
    client.order(&format!("route //*/FFFFFFFF/FF/FFFF {CLIENT}"));
    client.order(&format!("request-only {METHOD} 3 20000"));
    client.order("routed 3");
    // Nobody finds what must not be offered.
    client.order("take //client/6001/1/421");
    assert_eq!(call(&mut service, "//client/6001/1/421", 500), NOT_FOUND);
}
