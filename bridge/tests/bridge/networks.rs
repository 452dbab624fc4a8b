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
//! A SOME/IP network, another one, and the processes in them.

use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use harness::{Network, Peer};
use serde_json::{json, Value};

const BRIDGE: &str = env!("CARGO_BIN_EXE_bridge");
const ENTITY: &str = env!("CARGO_BIN_EXE_entity");

/// Of the ECU.
pub(crate) const ECU_METHOD: &str = "//ecu/5601/1/421";
pub(crate) const ECU_TOPIC: &str = "//ecu/5621/1/8001";
/// Of the uEntities beyond the bridge.
pub(crate) const CLOUD_METHOD: &str = "//cloud/6002/1/421";
pub(crate) const CLOUD_TOPIC: &str = "//cloud/6021/1/8001";

/// The routing manager of the SOME/IP network. Neither ECU nor bridge can be it: without service discovery, it
/// receives no events.
const ROUTER: &str = "router";

const ALL_ANSWERED: &str = "answered 1 failed {}";

/// A SOME/IP network and one beyond the bridge.
pub(crate) struct Networks {
    someip: Network,
    router: Peer,
    /// How the bridge takes part in the network beyond, and how others do.
    bridge: [String; 2],
    cloud: [String; 2],
}

impl Networks {
    /// With options of the transports for SOME/IP.
    pub(crate) fn new(options: Value, bridge: [String; 2], cloud: [String; 2]) -> Self {
        // What ECUs may call, or notify, beyond the bridge.
        let services = json!([
            { "service": "0x6002", "instance": "0x0001" },
            { "service": "0x6011", "instance": "0x0001" },
        ]);
        let someip =
            Network::new(ROUTER).with_services(services).with_setting("uprotocol", options);
        Self { router: start_router(&someip), someip, bridge, cloud }
    }

    pub(crate) fn bridge(&self) -> Peer {
        self.bridge_with(&["--topic", ECU_TOPIC])
    }

    pub(crate) fn bridge_with(&self, options: &[&str]) -> Peer {
        let beyond = self.bridge.each_ref().map(String::as_str);
        let options = [&beyond, options].concat();
        self.someip.peer_with(BRIDGE, "bridge", "//cloud/5610/1/0", &options)
    }

    pub(crate) fn ecu(&self) -> Peer {
        self.ecu_as("ecu", "//ecu/5611/1/0")
    }

    pub(crate) fn ecu_as(&self, name: &str, local: &str) -> Peer {
        self.someip.peer(ENTITY, name, local)
    }

    pub(crate) fn cloud(&self) -> Peer {
        self.cloud_as("cloud", "//cloud/6011/1/0")
    }

    pub(crate) fn cloud_as(&self, name: &str, local: &str) -> Peer {
        beyond(name, local, &self.cloud)
    }

    /// A uEntity that others can find in the place of the bridge.
    #[allow(dead_code, reason = "for the measurements")]
    pub(crate) fn cloud_at_endpoint(&self) -> Peer {
        beyond("cloud", "//cloud/6011/1/0", &self.bridge)
    }

    /// Has the routing manager end by a signal, and starts it anew.
    pub(crate) fn restart_router(&mut self, signal: &str) {
        end(&mut self.router, signal);
        self.router = start_router(&self.someip);
    }
}

fn beyond(name: &str, local: &str, options: &[String; 2]) -> Peer {
    let mut command = Command::new(ENTITY);
    let peer = Peer::spawn(name, command.args(["--local", local]).args(options));
    assert_eq!(peer.line(), "ready");
    peer
}

fn start_router(someip: &Network) -> Peer {
    someip.peer(ENTITY, ROUTER, "//ecu/5600/1/0")
}

/// A port below those that the system gives to clients: while a process is away, none of these takes it.
pub(crate) fn free_port() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut candidates = std::iter::repeat_with(|| {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        20_000 + (16 * std::process::id() + next) % 12_000
    });
    let is_free = |port: &u32| TcpListener::bind(format!("127.0.0.1:{port}")).is_ok();
    candidates.find(is_free).expect("a free port")
}

/// Ends a process by a signal.
pub(crate) fn end(peer: &mut Peer, signal: &str) {
    peer.signal(signal);
    peer.wait();
}

/// Has a client call a method until it is answered: before that, not everybody knows of each other.
pub(crate) fn reach(client: &mut Peer, method: &str) {
    client.ask_until(&format!("call {method} 1 1 2000"), |answer| answer == ALL_ANSWERED);
}

pub(crate) fn call(client: &mut Peer, method: &str, count: u32) {
    let answer = client.ask(&format!("call {method} {count} 16 60000"));
    assert_eq!(answer, format!("answered {count} failed {{}}"));
}

/// Has events pass, until the subscriber gets them, and then as many as wanted. Tells in what order they
/// came.
pub(crate) fn pass_events(
    publisher: &mut Peer,
    subscriber: &mut Peer,
    topic: &str,
    count: u32,
) -> String {
    subscriber.connect(publisher, topic);
    publisher.order(&format!("publish {topic} 1 {count}"));
    let received = subscriber.ask(&format!("received {count}"));
    let order = received.strip_prefix(&format!("1..{count} late "));
    let order = order.unwrap_or_else(|| panic!("{topic}: {received}"));
    assert!(order.parse::<u32>().is_ok(), "{topic}: {received}");
    order.to_owned()
}

/// Requests and events in both directions.
pub(crate) fn pass_everything(ecu: &mut Peer, cloud: &mut Peer) {
    reach(cloud, ECU_METHOD);
    reach(ecu, CLOUD_METHOD);
    pass_events(ecu, cloud, ECU_TOPIC, 10);
    pass_events(cloud, ecu, CLOUD_TOPIC, 10);
}

/// An ECU and a uEntity beyond the bridge with all that they offer and subscribe to.
pub(crate) fn prepare(ecu: &mut Peer, cloud: &mut Peer) {
    prepare_ecu(ecu);
    prepare_cloud(cloud);
}

pub(crate) fn prepare_ecu(ecu: &mut Peer) {
    ecu.order(&format!("serve {ECU_METHOD}"));
    ecu.order(&format!("subscribe {CLOUD_TOPIC}"));
}

pub(crate) fn prepare_cloud(cloud: &mut Peer) {
    cloud.order(&format!("serve {CLOUD_METHOD}"));
    cloud.order(&format!("subscribe {ECU_TOPIC}"));
}
