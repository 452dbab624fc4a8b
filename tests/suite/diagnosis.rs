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

//! What keeps a transport from working is found out, said, and over when it is over.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use harness::{Hosts, Network, Peer};
use serde_json::json;

use crate::PEER;

const HPC: &str = "//hpc/5300/2/0";
/// A user other than that of the tests.
const OTHER_USER: u32 = 65534;

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// A program of others that has a port of our host. It ends with its input.
fn occupy(hosts: &Hosts, kind: &str, address: &str, port: u16) -> Peer {
    let program = format!(
        "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_{kind})\n\
         s.bind(({address:?}, {port}))\n\
         if {kind:?} == 'STREAM': s.listen()\n\
         print('ready', flush=True); sys.stdin.read()"
    );
    hosts.program_on("hpc", &program)
}

/// A service is offered at a port that another program has, and reached when that has ended.
fn assert_recovers(kind: &str, address: &str, call: &str, name: &str) {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, kind, address, 30501);
    let key = if kind == "STREAM" { "reliable" } else { "unreliable" };
    let port = if kind == "STREAM" { json!({ "port": "30501" }) } else { json!("30501") };
    let service = json!({ "service": "0x5300", "instance": "1", key: port });
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &json!([service]), &[]);
    hpc.order("serve //hpc/5300/2/421");
    hpc.order("problem PortInUse true");
    let problems = hpc.ask("problems");
    assert!(problems.contains("port: 30501") && problems.contains(name), "{problems}");
    other.end();
    hpc.order("problem PortInUse false");
    assert_eq!(hosts.ecu().ask(call), "RESPONSE E_OK hello");
    assert_eq!(hpc.ask("problems"), "{}");
}

#[test]
fn service_recovers_when_udp_port_is_free() {
    assert_recovers("DGRAM", "10.77.0.1", "call 5300 421 2 hello", "is_tcp: false");
}

#[test]
fn service_recovers_when_wildcard_port_is_free() {
    assert_recovers("DGRAM", "0.0.0.0", "call 5300 421 2 hello", "is_tcp: false");
}

#[test]
fn service_recovers_when_tcp_port_is_free() {
    assert_recovers("STREAM", "10.77.0.1", "call-tcp 5300 421 2 hello", "is_tcp: true");
}

#[test]
fn services_of_one_port_recover_together() {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, "DGRAM", "10.77.0.1", 30501);
    let service = |id| json!({ "service": id, "instance": "1", "unreliable": "30501" });
    let services = json!([service("0x5300"), service("0x5301")]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    hpc.order("serve //hpc/5300/2/421");
    hpc.order("serve //hpc/5301/2/421");
    hpc.order("problem PortInUse true");
    other.end();
    hpc.order("problem PortInUse false");
    let mut ecu = hosts.ecu();
    for service in ["5300", "5301"] {
        assert_eq!(ecu.ask(&format!("call {service} 421 2 hello")), "RESPONSE E_OK hello");
    }
}

#[test]
fn events_recover_when_port_is_free() {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, "DGRAM", "10.77.0.1", 30501);
    let mut hpc = hosts.peer_with(PEER, HPC, &["--offer", "//hpc/5300/2/8001"]);
    hpc.order("problem PortInUse true");
    other.end();
    hpc.order("problem PortInUse false");
    let mut ecu = hosts.ecu();
    ecu.order("subscribe 5300 2 8001");
    ecu.tell("received");
    ecu.line_while(|| hpc.order("probe //hpc/5300/2/8001"));
}

#[test]
fn other_prefix_of_interface_is_a_problem() {
    let Some(hosts) = two_hosts() else { return };
    hosts.run_on("hpc", &["ip", "address", "add", "10.77.0.1/16", "dev", "eth0"]);
    hosts.run_on("hpc", &["ip", "address", "delete", "10.77.0.1/24", "dev", "eth0"]);
    let mut hpc = hosts.peer(PEER, HPC);
    hpc.order("problem OtherPrefix true");
    let problems = hpc.ask("problems");
    assert!(problems.contains("configured: 24, interface: 16"), "{problems}");
    hosts.run_on("hpc", &["ip", "address", "add", "10.77.0.1/24", "dev", "eth0"]);
    hosts.run_on("hpc", &["ip", "address", "delete", "10.77.0.1/16", "dev", "eth0"]);
    hpc.order("problem OtherPrefix false");
}

#[test]
fn missing_multicast_route_is_a_problem() {
    let Some(hosts) = two_hosts() else { return };
    hosts.run_on("hpc", &["ip", "route", "delete", "224.0.0.0/4", "dev", "eth0"]);
    let mut hpc = hosts.peer(PEER, HPC);
    hpc.order("problem NoMulticastRoute true");
    hosts.run_on("hpc", &["ip", "route", "add", "224.0.0.0/4", "dev", "eth0"]);
    hpc.order("problem NoMulticastRoute false");
}

#[test]
fn address_of_no_interface_is_a_problem() {
    let Some(hosts) = two_hosts() else { return };
    hosts.run_on("hpc", &["ip", "address", "delete", "10.77.0.1/24", "dev", "eth0"]);
    let mut hpc = hosts.peer(PEER, HPC);
    hpc.order("problem NoSuchAddress true");
    hosts.run_on("hpc", &["ip", "address", "add", "10.77.0.1/24", "dev", "eth0"]);
    hpc.order("problem NoSuchAddress false");
}

#[test]
fn address_of_guest_is_checked_too() {
    let network = Network::new("host").with_setting("unicast", json!("10.99.0.1"));
    let mut guest = network.peer(PEER, "guest", "//guest/5301/1/0");
    guest.order("problem NoSuchAddress true");
}

#[test]
fn absence_of_routing_manager_is_a_problem() {
    let network = Network::new("host");
    let mut guest = network.peer(PEER, "guest", "//guest/5301/1/0");
    guest.order("problem NoRoutingManager true");
    assert_eq!(guest.ask("problems"), "{NoRoutingManager { host: Some(\"host\") }}");
    let host = network.peer(PEER, "host", "//host/5300/1/0");
    guest.order("problem NoRoutingManager false");
    guest.order("registered true");
    assert_eq!(guest.ask("problems"), "{}");
    host.end();
    guest.order("problem NoRoutingManager true");
}

#[test]
fn socket_of_other_user_is_a_problem() {
    let network =
        Network::new("host").with_setting("file-permissions", json!({ "permissions-uds": "0600" }));
    let config = network.config("guest", 0x5301);
    let folder = config.parent().unwrap();
    if fs::metadata(folder).unwrap().uid() != 0 {
        eprintln!("skipped: only root can be another user");
        return;
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    let _host = network.peer(PEER, "host", "//host/5300/1/0");
    let mut command = network.command_of(Some(OTHER_USER), PEER);
    command.arg("--config").arg(config);
    let mut guest = Peer::spawn("guest", command.args(["--local", "//guest/5301/1/0"]));
    assert_eq!(guest.line(), "ready");
    guest.order("problem NoPermission true");
    let problems = guest.ask("problems");
    assert!(problems.contains("-0\""), "{problems}");
}

/// Each calls the service of the other.
#[test]
fn client_id_of_two_hosts_is_a_problem() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    ecu.order("offer 5310 3 8001");
    hpc.order("serve //hpc/5300/2/421");
    assert_eq!(hpc.ask("call //ecu/5310/3/421 5 1 60000"), "answered 5 failed {}");
    ecu.tell("call-as 5300 421 2 5300 hello");
    hpc.order("problem ClientIdInUse true");
    assert_eq!(hpc.ask("problems"), "{ClientIdInUse { id: 21248 }}");
    assert_eq!(hpc.ask("call //ecu/5310/3/421 5 1 60000"), "answered 5 failed {}");
}

#[test]
fn own_calls_are_no_problem() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    let mut ecu = hosts.ecu();
    hpc.order("serve //hpc/5300/2/421");
    assert_eq!(hpc.ask("call //hpc/5300/2/421 5 1 60000"), "answered 5 failed {}");
    assert_eq!(ecu.ask("call 5300 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(hpc.ask("problems"), "{}");
}
