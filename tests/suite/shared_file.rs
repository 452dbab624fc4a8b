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

//! One configuration file for all processes of a host; each process is given its application's name.

use std::net::UdpSocket;
use std::path::Path;

use harness::{Network, Peer};

use crate::{PEER, PLAIN};

const METHOD: &str = "//a/5710/1/421";
const A: &str = "//a/5710/1/0";
const B: &str = "//b/5711/1/0";
const C: &str = "//c/5712/1/0";

const APPLICATIONS: &str =
    r#""applications": [{ "name": "a", "id": "0x0101" }, { "name": "b", "id": "0x0102" }],"#;
const SHARED: &str = r#""unicast": "127.0.0.1", "routing": "a",
    "service-discovery": { "enable": "false" }"#;

/// How a process is told its application.
#[derive(Clone, Copy)]
enum Told {
    ByOption(&'static str),
    ByVariable(&'static str),
    Not,
}

use Told::{ByOption, ByVariable, Not};

fn start(network: &Network, config: &Path, told: Told, local: &str) -> Peer {
    let mut command = network.command(PEER);
    command.arg("--config").arg(config).args(["--local", local, "--strict"]);
    match told {
        ByOption(name) => drop(command.args(["--application-name", name])),
        ByVariable(name) => drop(command.env("VSOMEIP_APPLICATION_NAME", name)),
        Not => {}
    }
    let peer = Peer::spawn(local, &mut command);
    assert_eq!(peer.line(), "ready");
    peer
}

/// Has `a` serve a method, and the others call it, some requests at a time.
fn assert_talking(applications: &str, a: Told, others: [(Told, &str); 2]) {
    let network = Network::new("a");
    let config = network.config_with(&format!("{applications} {SHARED}"));
    let mut server = start(&network, &config, a, A);
    server.order(&format!("serve {METHOD}"));
    for (told, local) in others {
        let mut client = start(&network, &config, told, local);
        let answer = client.ask(&format!("call {METHOD} 100 10 60000"));
        assert_eq!(answer, "answered 100 failed {}", "{local}");
        client.end();
    }
    server.end();
}

#[test]
fn named_applications_of_file_talk() {
    assert_talking(APPLICATIONS, ByOption("a"), [(ByOption("b"), B), (ByVariable("b"), C)]);
}

#[test]
fn first_application_is_the_default() {
    assert_talking(APPLICATIONS, Not, [(ByVariable("b"), B), (ByOption("c"), C)]);
}

#[test]
fn section_names_default_application() {
    let section = r#""uprotocol": { "application": "b" },"#;
    let told = [(Not, B), (ByVariable("c"), C)];
    assert_talking(&format!("{APPLICATIONS} {section}"), ByOption("a"), told);
}

#[test]
fn file_without_applications_serves_all() {
    assert_talking("", ByVariable("a"), [(ByOption("b"), B), (ByVariable("c"), C)]);
}

#[test]
fn applications_without_ids_talk() {
    let without = r#""applications": [{ "name": "a" }, { "name": "b", "id": "0xffff" }],"#;
    assert_talking(without, Not, [(ByOption("b"), B), (ByOption("c"), C)]);
}

#[test]
fn unlisted_application_serves_and_publishes() {
    const TOPIC: &str = "//c/5712/1/8001";
    let network = Network::new("a");
    let config = network.config_with(&format!("{APPLICATIONS} {SHARED}"));
    let _router = start(&network, &config, ByOption("a"), A);
    let mut server = start(&network, &config, ByOption("c"), C);
    let mut client = start(&network, &config, ByOption("b"), B);
    server.order("serve //c/5712/1/421");
    let answer = client.ask("call //c/5712/1/421 100 10 60000");
    assert_eq!(answer, "answered 100 failed {}");
    client.order(&format!("subscribe {TOPIC}"));
    server.order(&format!("publish {TOPIC} 1 10"));
    assert_eq!(client.ask("received 10"), "1..10");
    client.end();
    server.end();
}

/// A plain vsomeip application, by the variable that others use.
#[test]
fn plain_application_shares_the_file() {
    let network = Network::new("a");
    let quiet = r#""logging": { "console": "false" },"#;
    let config = network.config_with(&format!("{APPLICATIONS} {quiet} {SHARED}"));
    let mut router = start(&network, &config, ByOption("a"), A);
    let plain = |name: &str, service: &str| {
        let mut command = network.command(PLAIN);
        command.args([name, service]).env("VSOMEIP_CONFIGURATION", &config);
        let peer = Peer::spawn(name, &mut command);
        assert_eq!(peer.line(), "registered");
        peer
    };
    // One that is listed, and one that is not.
    let (listed, unlisted) = (plain("b", "5715"), plain("plain", "5716"));
    for method in ["//b/5715/1/421", "//plain/5716/1/421"] {
        let answer = router.ask(&format!("call {method} 100 10 60000"));
        assert_eq!(answer, "answered 100 failed {}", "{method}");
    }
    let sockets = network.sockets();
    assert!(sockets.iter().any(|name| name.ends_with("-102")), "{sockets:?}");
    listed.end();
    unlisted.end();
    router.end();
}

#[test]
fn configuration_without_name_is_refused() {
    let network = Network::new("a");
    let mut command = network.command(PEER);
    command.arg("--config").arg(network.config_with(SHARED)).args(["--local", A]);
    assert_eq!(Peer::spawn("peer", &mut command).wait().code(), Some(1));
}

/// A publisher that goes by some keys, and a subscriber that knows the event in its group, get on: the
/// subscriber, which comes late, gets the value if the event is a field.
fn late_subscriber(publisher: &str, service: &str, event: &str) -> (Network, Peer, Peer) {
    let network = Network::new("publisher");
    let topic = format!("//publisher/{service}/1/{event}");
    let config = network.config_with(publisher);
    let mut publisher = start(&network, &config, Not, "//publisher/5713/1/0");
    publisher.order(&format!("publish {topic} 42 1"));
    let mut subscriber = start(&network, &config, ByOption("subscriber"), "//subscriber/5714/1/0");
    subscriber.order(&format!("subscribe {topic}"));
    subscriber.order(&format!("subscription {topic} Accepted"));
    (network, publisher, subscriber)
}

#[test]
fn groups_of_services_are_read() {
    let keys = r#""unicast": "127.0.0.1", "routing": "publisher",
        "applications": [{ "name": "publisher", "id": "0x5713", "max_dispatchers": 0 }],
        "servicegroups": [{ "name": "default", "unicast": "local", "services": [
            { "service": "0x5713", "instance": "0x0001", "reliable": "35713", "events": [
                { "event": "0x8008", "is_field": "true", "update-cycle": 5000, "is_reliable": "true" }],
              "eventgroups": [{ "eventgroup": "0x0005", "events": ["0x8008"] }] }] }],
        "service-discovery": { "enable": "false" }"#;
    let (_network, mut publisher, mut subscriber) = late_subscriber(keys, "5713", "8008");
    assert_eq!(subscriber.ask("received 1"), "42..42", "a field");
    publisher.order("publish //publisher/5713/1/8008 43 10");
    assert_eq!(subscriber.ask("received 10"), "43..52");
    subscriber.end();
    publisher.end();
}

/// A file as generators write it: numbers, ports 0, a port list of text, and a byte order mark.
#[test]
fn numbers_of_generators_are_read() {
    let keys = r#""unicast": "127.0.0.1", "netmask": "255.255.255.0",
        "applications": [{ "name": "publisher", "id": 1 }],
        "services": [{ "service": 22291, "instance": 1, "unreliable": 35699, "reliable": 0,
            "events": [{ "event": 32775, "is_field": false, "is_reliable": false, "cycle": 0 },
                       { "event": 32776, "is_field": true, "is_reliable": false, "cycle": 0 }],
            "eventgroups": [{ "eventgroup": 1, "events": [32775, 32776] }] }],
        "clients": [{ "service": "0x115C", "instance": "0x7878", "unreliable": ["0"] }],
        "routing": "publisher", "service-discovery": { "enable": "false" }"#;
    let network = Network::new("publisher");
    let config = network.config_with(keys);
    let text = std::fs::read(&config).unwrap();
    std::fs::write(&config, [b"\xef\xbb\xbf".as_slice(), &text].concat()).unwrap();
    let mut publisher = start(&network, &config, Not, "//publisher/5713/1/0");
    let (event, field) = ("//publisher/5713/1/8007", "//publisher/5713/1/8008");
    publisher.order(&format!("publish {field} 42 1"));
    let mut subscriber = start(&network, &config, ByOption("subscriber"), "//subscriber/5714/1/0");
    subscriber.order(&format!("subscribe {field}"));
    assert_eq!(subscriber.ask("received 1"), "42..42", "a field");
    assert!(UdpSocket::bind("127.0.0.1:35699").is_err(), "vsomeip has the port");
    subscriber.order(&format!("subscribe {event}"));
    publisher.order(&format!("publish {event} 1 10"));
    assert_eq!(subscriber.ask("received 10"), "1..10");
    subscriber.end();
    publisher.end();
}
