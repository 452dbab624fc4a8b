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

//! The binary `bridge` between uEntities in processes of their own: ECUs in a SOME/IP network, and peers
//! in a Zenoh network without a router, all on this host.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use harness::{Network, Peer};
use serde_json::{json, Value};

const BRIDGE: &str = env!("CARGO_BIN_EXE_bridge");
const ENTITY: &str = env!("CARGO_BIN_EXE_entity");

/// Of the ECU.
const ECU_METHOD: &str = "//ecu/5601/1/421";
const ECU_TOPIC: &str = "//ecu/5621/1/8001";
/// Of the uEntities in the Zenoh network.
const CLOUD_METHOD: &str = "//cloud/6002/1/421";
const CLOUD_TOPIC: &str = "//cloud/6021/1/8001";

/// The routing manager of the SOME/IP network. Neither ECU nor bridge can be it: without service discovery, it
/// receives no events.
const ROUTER: &str = "router";

const ALL_ANSWERED: &str = "answered 1 failed {}";

/// A SOME/IP network and a Zenoh network.
struct Networks {
    someip: Network,
    router: Peer,
    /// Where the bridge is a peer of the Zenoh network.
    endpoint: String,
}

impl Networks {
    fn new() -> Self {
        Self::with_options(json!({ "payload_format": "raw" }))
    }

    /// With these options of the transports.
    fn with_options(options: Value) -> Self {
        // What ECUs may call, or notify, beyond the bridge.
        let services = json!([
            { "service": "0x6002", "instance": "0x0001" },
            { "service": "0x6011", "instance": "0x0001" },
        ]);
        let someip =
            Network::new(ROUTER).with_services(services).with_setting("uprotocol", options);
        Self {
            router: start_router(&someip),
            someip,
            endpoint: format!("tcp/127.0.0.1:{}", free_port()),
        }
    }

    fn bridge(&self) -> Peer {
        self.bridge_with(&["--topic", ECU_TOPIC])
    }

    fn bridge_with(&self, options: &[&str]) -> Peer {
        let options = [&["--listen", &self.endpoint], options].concat();
        self.someip.peer_with(BRIDGE, "bridge", "//cloud/5610/1/0", &options)
    }

    fn ecu(&self) -> Peer {
        self.ecu_as("ecu", "//ecu/5611/1/0")
    }

    fn ecu_as(&self, name: &str, local: &str) -> Peer {
        self.someip.peer(ENTITY, name, local)
    }

    fn cloud(&self) -> Peer {
        self.cloud_as("cloud", "//cloud/6011/1/0")
    }

    fn cloud_as(&self, name: &str, local: &str) -> Peer {
        let mut command = Command::new(ENTITY);
        let peer = Peer::spawn(name, command.args(["--local", local, "--connect", &self.endpoint]));
        assert_eq!(peer.line(), "ready");
        peer
    }
}

/// A port below those that the system gives to clients: while the bridge is away, none of these takes it.
fn free_port() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut candidates = std::iter::repeat_with(|| {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        20_000 + (16 * std::process::id() + next) % 12_000
    });
    let is_free = |port: &u32| TcpListener::bind(format!("127.0.0.1:{port}")).is_ok();
    candidates.find(is_free).expect("a free port")
}

fn start_router(someip: &Network) -> Peer {
    someip.peer(ENTITY, ROUTER, "//ecu/5600/1/0")
}

/// Has a client call a method until it is answered: before that, not everybody knows of each other.
fn reach(client: &mut Peer, method: &str) {
    client.ask_until(&format!("call {method} 1 1 2000"), |answer| answer == ALL_ANSWERED);
}

fn call(client: &mut Peer, method: &str, count: u32) {
    let answer = client.ask(&format!("call {method} {count} 16 60000"));
    assert_eq!(answer, format!("answered {count} failed {{}}"));
}

/// Has events pass, until the subscriber gets them, and then as many as wanted. Tells in what order they
/// came.
fn pass_events(publisher: &mut Peer, subscriber: &mut Peer, topic: &str, count: u32) -> String {
    subscriber.connect(publisher, topic);
    publisher.order(&format!("publish {topic} 1 {count}"));
    let received = subscriber.ask(&format!("received {count}"));
    let order = received.strip_prefix(&format!("1..{count} late "));
    let order = order.unwrap_or_else(|| panic!("{topic}: {received}"));
    assert!(order.parse::<u32>().is_ok(), "{topic}: {received}");
    order.to_owned()
}

/// Requests and events in both directions.
fn pass_everything(ecu: &mut Peer, cloud: &mut Peer) {
    reach(cloud, ECU_METHOD);
    reach(ecu, CLOUD_METHOD);
    pass_events(ecu, cloud, ECU_TOPIC, 10);
    pass_events(cloud, ecu, CLOUD_TOPIC, 10);
}

/// An ECU and a uEntity in the Zenoh network with all that they offer and subscribe to.
fn prepare(ecu: &mut Peer, cloud: &mut Peer) {
    prepare_ecu(ecu);
    prepare_cloud(cloud);
}

fn prepare_ecu(ecu: &mut Peer) {
    ecu.order(&format!("serve {ECU_METHOD}"));
    ecu.order(&format!("subscribe {CLOUD_TOPIC}"));
}

fn prepare_cloud(cloud: &mut Peer) {
    cloud.order(&format!("serve {CLOUD_METHOD}"));
    cloud.order(&format!("subscribe {ECU_TOPIC}"));
}

#[test]
fn zenoh_client_calls_ecu() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    ecu.order(&format!("serve {ECU_METHOD}"));
    reach(&mut cloud, ECU_METHOD);
    call(&mut cloud, ECU_METHOD, 1000);
}

#[test]
fn ecu_calls_zenoh_service() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    cloud.order(&format!("serve {CLOUD_METHOD}"));
    reach(&mut ecu, CLOUD_METHOD);
    call(&mut ecu, CLOUD_METHOD, 1000);
}

#[test]
fn events_of_ecu_reach_zenoh_subscriber() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    cloud.order(&format!("subscribe {ECU_TOPIC}"));
    pass_events(&mut ecu, &mut cloud, ECU_TOPIC, 100);
    // SOME/IP does not carry it: it is what the configuration of the bridge says.
    assert_eq!(cloud.ask("formats"), "UPAYLOAD_FORMAT_RAW");
}

#[test]
fn configured_events_reach_zenoh_subscriber() {
    let event = json!({ "service": "0x5621", "instance": 1, "event": "0x8001", "in_groups": [1] });
    let networks = Networks::with_options(json!({ "event": [event] }));
    let (_bridge, mut ecu, mut cloud) =
        (networks.bridge_with(&[]), networks.ecu(), networks.cloud());
    cloud.order(&format!("subscribe {ECU_TOPIC}"));
    pass_events(&mut ecu, &mut cloud, ECU_TOPIC, 100);
}

/// The bridge preserves their order. A subscriber with up-transport-zenoh does not, which runs a task for each
/// message.
#[test]
fn events_of_ecu_reach_zenoh_network_in_order() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    cloud.order(&format!("subscribe-plain {ECU_TOPIC}"));
    assert_eq!(pass_events(&mut ecu, &mut cloud, ECU_TOPIC, 10_000), "0");
}

#[test]
fn events_of_zenoh_publisher_reach_ecu() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    ecu.order(&format!("subscribe {CLOUD_TOPIC}"));
    pass_events(&mut cloud, &mut ecu, CLOUD_TOPIC, 100);
}

#[test]
fn notifications_pass_in_both_directions() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    ecu.order("listen");
    cloud.order("listen");
    pass_everything(&mut ecu, &mut cloud);

    ecu.order("notify //ecu/5611/1/8005 //cloud/6011/1/0 7");
    assert_eq!(cloud.ask("received 1"), "7..7 late 0");
    cloud.order("notify //cloud/6011/1/8005 //ecu/5611/1/0 8");
    assert_eq!(ecu.ask("received 1"), "8..8 late 0");
}

#[test]
fn several_clients_call_at_once() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    let clients = [("one", "6031"), ("two", "6032"), ("three", "6033")];
    let mut clouds =
        clients.map(|(name, id)| networks.cloud_as(name, &format!("//cloud/{id}/1/0")));
    let mut ecus =
        ["5631", "5632", "5633"].map(|id| networks.ecu_as(id, &format!("//ecu/{id}/1/0")));
    for client in &mut clouds {
        reach(client, ECU_METHOD);
    }
    for client in &mut ecus {
        reach(client, CLOUD_METHOD);
    }
    for client in &mut clouds {
        client.tell(&format!("call {ECU_METHOD} 500 16 60000"));
    }
    for client in &mut ecus {
        client.tell(&format!("call {CLOUD_METHOD} 500 16 60000"));
    }
    for client in clouds.iter().chain(&ecus) {
        assert_eq!(client.line(), "answered 500 failed {}");
    }
}

#[test]
fn absent_ecu_is_unavailable_within_ttl() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    ecu.order(&format!("serve {ECU_METHOD}"));
    reach(&mut cloud, ECU_METHOD);
    // The client gives up at the end of the ttl, which it would tell as TIMEOUT.
    let answer = cloud.ask("call //ecu/5699/1/421 3 3 5000");
    assert_eq!(answer, "answered 0 failed {\"UNAVAILABLE\": 3}");
    // Others are not held up meanwhile.
    cloud.tell("call //ecu/5699/1/421 1 1 5000");
    let mut other = networks.cloud_as("other", "//cloud/6031/1/0");
    reach(&mut other, ECU_METHOD);
    assert_eq!(cloud.line(), "answered 0 failed {\"UNAVAILABLE\": 1}");
}

#[test]
fn messages_pass_after_restart_of_ecu() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ["KILL", "TERM"] {
        ecu.signal(signal);
        ecu.wait();
        ecu = networks.ecu();
        prepare_ecu(&mut ecu);
        pass_everything(&mut ecu, &mut cloud);
    }
}

#[test]
fn messages_outlive_routing_manager() {
    let mut networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ["KILL", "TERM"] {
        networks.router.signal(signal);
        networks.router.wait();
        networks.router = start_router(&networks.someip);
        pass_everything(&mut ecu, &mut cloud);
    }
}

#[test]
fn messages_pass_after_restart_of_bridge() {
    let networks = Networks::new();
    let (mut bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ["KILL", "TERM"] {
        bridge.signal(signal);
        bridge.wait();
        bridge = networks.bridge();
        pass_everything(&mut ecu, &mut cloud);
    }
}

#[test]
fn messages_pass_after_restart_of_zenoh_peer() {
    let networks = Networks::new();
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ["KILL", "TERM"] {
        cloud.signal(signal);
        cloud.wait();
        cloud = networks.cloud();
        prepare_cloud(&mut cloud);
        pass_everything(&mut ecu, &mut cloud);
    }
}

#[test]
fn ten_thousand_messages_pass_each_way() {
    const COUNT: u32 = 10_000;
    let networks = Networks::new();
    let (bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    let to_zenoh = pass_events(&mut ecu, &mut cloud, ECU_TOPIC, COUNT);
    let to_someip = pass_events(&mut cloud, &mut ecu, CLOUD_TOPIC, COUNT);
    call(&mut cloud, ECU_METHOD, COUNT);
    call(&mut ecu, CLOUD_METHOD, COUNT);
    println!(
        "of {COUNT} events, {to_zenoh} came after a later one to Zenoh, {to_someip} to SOME/IP"
    );

    bridge.signal("TERM");
    for (way, end) in
        [("SOME/IP -> Zenoh", "refused 0, dropped 0"), ("Zenoh -> SOME/IP", "refused 0")]
    {
        let counts = bridge.line();
        assert!(counts.starts_with(way) && counts.ends_with(end), "{counts}");
    }
}
