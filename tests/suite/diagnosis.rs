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

//! Problems of a transport are diagnosed, logged, and removed when they are over.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use harness::{Hosts, Network, Peer};
use serde_json::{json, Value};

use crate::PEER;

const HPC: &str = "//hpc/5300/2/0";
/// A user other than that of the tests.
const OTHER_USER: u32 = 65534;

fn two_hosts() -> Option<Hosts> {
    Hosts::new(env!("CARGO_TARGET_TMPDIR"))
}

/// A foreign program that holds a port of our host. It ends with its input.
fn occupy(hosts: &Hosts, kind: &str, address: &str, port: u16) -> Peer {
    occupy_after(hosts, "", kind, address, port)
}

/// The same after some statements, `s` being the socket.
fn occupy_after(hosts: &Hosts, first: &str, kind: &str, address: &str, port: u16) -> Peer {
    let program = format!(
        "import os, socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_{kind})\n\
         {first}\n\
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
fn service_recovers_when_any_port_is_free() {
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

/// vsomeip forgets the value when a service is withdrawn.
#[test]
fn field_value_recovers_when_port_is_free() {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, "DGRAM", "10.77.0.1", 30501);
    let service = json!({ "service": "0x5300", "instance": "1", "unreliable": "30501",
        "events": [{ "event": "0x8001", "is_field": "true" }] });
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &json!([service]), &[]);
    hpc.order("publish //hpc/5300/2/8001 42 1");
    hpc.order("problem PortInUse true");
    other.end();
    hpc.order("problem PortInUse false");
    let mut ecu = hosts.ecu();
    ecu.order("subscribe 5300 2 8001");
    assert_eq!(ecu.ask("received"), "NOTIFICATION 8001 42");
}

/// Those of other applications, too, whose ports the routing manager opens.
#[test]
fn service_of_guest_recovers_when_port_is_free() {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, "DGRAM", "10.77.0.1", 30502);
    let services = json!([
        { "service": "0x5300", "instance": "1", "unreliable": "30501" },
        { "service": "0x5310", "instance": "1", "unreliable": "30502" },
    ]);
    let _hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut guest = hosts.peer_beside("hpc", PEER, "guest", "//hpc/5310/2/0", &services);
    guest.order("serve //hpc/5310/2/421");
    guest.order("problem PortInUse true");
    other.end();
    guest.order("problem PortInUse false");
    assert_eq!(hosts.ecu().ask("call 5310 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(guest.ask("problems"), "{}");
}

#[test]
fn services_of_two_transports_recover_together() {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, "STREAM", "10.77.0.1", 30501);
    let service = |id| json!({ "service": id, "instance": "1", "reliable": { "port": "30501" } });
    let services = json!([service("0x5300"), service("0x5310")]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut guest = hosts.peer_beside("hpc", PEER, "guest", "//hpc/5310/2/0", &services);
    hpc.order("serve //hpc/5300/2/421");
    guest.order("serve //hpc/5310/2/421");
    hpc.order("problem PortInUse true");
    guest.order("problem PortInUse true");
    other.end();
    hpc.order("problem PortInUse false");
    guest.order("problem PortInUse false");
    let mut ecu = hosts.ecu();
    for service in ["5300", "5310"] {
        assert_eq!(ecu.ask(&format!("call-tcp {service} 421 2 hello")), "RESPONSE E_OK hello");
    }
}

/// A program of another user that shares the port.
#[test]
fn port_is_shared_again_and_again() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer(PEER, HPC);
    hpc.order("serve //hpc/5300/2/421");
    let first = "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n\
                 if os.getuid() == 0: os.setuid(65534)";
    for _ in 0..3 {
        let other = occupy_after(&hosts, first, "DGRAM", "10.77.0.1", 30501);
        hpc.order("problem PortInUse true");
        other.end();
        hpc.order("problem PortInUse false");
    }
    assert_eq!(hosts.ecu().ask("call 5300 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(hpc.ask("problems"), "{}");
}

/// vsomeip does not try it again.
#[test]
fn port_of_discovery_is_in_use_until_restart() {
    let Some(hosts) = two_hosts() else { return };
    let other = occupy(&hosts, "DGRAM", "10.77.0.1", 30490);
    let mut hpc = hosts.peer(PEER, HPC);
    hpc.order("problem DiscoveryPortInUse true");
    assert_eq!(hpc.ask("problems"), "{DiscoveryPortInUse { port: 30490 }}");
    other.end();
    hpc.order("restart");
    hpc.order("serve //hpc/5300/2/421");
    assert_eq!(hosts.ecu().ask("call 5300 421 2 hello"), "RESPONSE E_OK hello");
    assert_eq!(hpc.ask("problems"), "{}");
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
    hpc.order("serve //hpc/5300/2/421");
    hosts.run_on("hpc", &["ip", "address", "add", "10.77.0.1/24", "dev", "eth0"]);
    hpc.order("problem NoSuchAddress false");
    // It went with the address.
    hosts.run_on("hpc", &["ip", "route", "add", "224.0.0.0/4", "dev", "eth0"]);
    assert_eq!(hosts.ecu().ask("call 5300 421 2 hello"), "RESPONSE E_OK hello");
    hpc.ask_until("problems", |problems| problems == "{}");
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

/// Once when it comes, and once when it goes.
#[test]
fn problem_is_logged_once() {
    let network = Network::new("host");
    let config = network.config("guest", 0x5301);
    let log = config.with_extension("log");
    let mut command = network.command(PEER);
    command.arg("--config").arg(config).args(["--local", "//guest/5301/1/0"]);
    command.env("RUST_LOG", "up_transport_vsomeip=info").stderr(File::create(&log).unwrap());
    let mut guest = Peer::spawn("guest", &mut command);
    assert_eq!(guest.line(), "ready");
    for _ in 0..2 {
        guest.order("problem NoRoutingManager true");
        let host = network.peer(PEER, "host", "//host/5300/1/0");
        guest.order("problem NoRoutingManager false");
        host.end();
    }
    guest.order("problem NoRoutingManager true");
    guest.end();
    let log = fs::read_to_string(log).unwrap();
    let count = |start: &str| log.matches(&format!("{start}the application is not reg")).count();
    assert_eq!(count("resolved: "), 2, "{log}");
    assert_eq!(count(""), 5, "{log}");
}

/// The interfaces that matter are those of the routing manager's container.
#[test]
fn guest_in_other_container_has_no_problem() {
    let network = Network::new("host").with_setting("unicast", json!("10.99.0.1"));
    if !owns_files(&network) {
        return;
    }
    let mut command = network.command("unshare");
    command.args(["--net", PEER, "--config"]).arg(network.config("guest", 0x5301));
    let mut guest = Peer::spawn("guest", command.args(["--local", "//guest/5301/1/0"]));
    assert_eq!(guest.line(), "ready");
    guest.order("problem NoSuchAddress true");
    let _host = network.peer(PEER, "host", "//host/5300/1/0");
    guest.order("problem NoSuchAddress false");
    guest.order("problem NoRoutingManager false");
    assert_eq!(guest.ask("problems"), "{}");
}

/// Whether the tests are those of root, who can be another user as well.
fn owns_files(network: &Network) -> bool {
    let folder = folder(network);
    let is_root = fs::metadata(&folder).unwrap().uid() == 0 && network.has_own_sockets();
    if is_root {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    } else {
        eprintln!("skipped: only root can be another user");
    }
    is_root
}

fn folder(network: &Network) -> PathBuf {
    network.config("any", 1).parent().unwrap().to_owned()
}

/// Makes a file of ours where vsomeip would have one.
fn put(network: &Network, end: &str) -> PathBuf {
    let path = folder(network).join("sockets").join(format!("{}{end}", network.name()));
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o200)).unwrap();
    path
}

/// The command for a peer of another user.
fn command_of_other(network: &Network, name: &str, change: impl FnOnce(&mut Value)) -> Command {
    let path = network.config(name, 0x5301);
    let mut config = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut config);
    fs::write(&path, config.to_string()).unwrap();
    let mut command = network.command_of(Some(OTHER_USER), PEER);
    command.arg("--config").arg(path).args(["--local", "//guest/5301/1/0"]);
    command
}

fn peer_of_other(network: &Network, name: &str, change: impl FnOnce(&mut Value)) -> Peer {
    let peer = Peer::spawn(name, &mut command_of_other(network, name, change));
    assert_eq!(peer.line(), "ready");
    peer
}

fn assert_denied(peer: &mut Peer, end: &str) {
    peer.order("problem NoPermission true");
    let problems = peer.ask("problems");
    assert!(problems.starts_with("{NoPermission") && problems.contains(end), "{problems}");
}

#[test]
fn socket_of_other_user_is_a_problem() {
    let network =
        Network::new("host").with_setting("file-permissions", json!({ "permissions-uds": "0600" }));
    if !owns_files(&network) {
        return;
    }
    let _host = network.peer(PEER, "host", "//host/5300/1/0");
    assert_denied(&mut peer_of_other(&network, "guest", |_| ()), "-0\"");
}

#[test]
fn own_socket_of_other_user_is_a_problem() {
    let network = Network::new("host");
    if !owns_files(&network) {
        return;
    }
    let _host = network.peer(PEER, "host", "//host/5300/1/0");
    let socket = put(&network, "-5301");
    let mut guest = peer_of_other(&network, "guest", |_| ());
    assert_denied(&mut guest, "-5301\"");
    fs::remove_file(socket).unwrap();
    guest.order("problem NoPermission false");
}

/// Nobody can register. Before vsomeip 3.7.1, the host itself is registered nevertheless: it does not use
/// that socket.
#[test]
fn socket_of_host_may_not_be_of_other_user() {
    let network = Network::new("host");
    if !owns_files(&network) {
        return;
    }
    put(&network, "-0");
    assert_denied(&mut peer_of_other(&network, "host", |_| ()), "-0\"");
}

#[test]
fn lock_of_other_user_is_a_problem() {
    let network = Network::new("host");
    if !owns_files(&network) {
        return;
    }
    let lock = put(&network, ".lck");
    let without_host = |config: &mut Value| drop(config.as_object_mut().unwrap().remove("routing"));
    let mut guest = peer_of_other(&network, "guest", without_host);
    assert_denied(&mut guest, ".lck\"");
    let failed = command_of_other(&network, "host", |_| ()).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(text.contains("may not take the lock") && !failed.status.success(), "{text}");
    fs::remove_file(lock).unwrap();
    peer_of_other(&network, "host", |_| ()).order("registered true");
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

/// Each would take the answer to the other for one to itself.
#[test]
fn clients_with_one_id_get_no_wrong_answer() {
    let Some(hosts) = two_hosts() else { return };
    let service = |id| json!([{ "service": id, "instance": "1", "unreliable": "30501" }]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &service("0x5301"), &[]);
    let mut other = hosts.peer_on("ecu", PEER, "//ecu/5300/3/0", &service("0x5311"), &[]);
    hpc.order("serve //hpc/5301/2/421");
    other.order("serve //ecu/5311/3/421");
    hpc.order("await //ecu/5311/3/0");
    other.order("await //hpc/5301/2/0");
    hpc.tell("call //ecu/5311/3/421 20 5 1000");
    other.tell("call //hpc/5301/2/421 20 5 1000");
    for peer in [&mut hpc, &mut other] {
        assert_eq!(peer.line(), "answered 0 failed {DEADLINE_EXCEEDED: 20}");
        peer.order("problem ClientIdInUse true");
    }
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
