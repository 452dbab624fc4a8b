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

//! The interface version 0, and ids at the limits of what SOME/IP allows.

use harness::Network;

use super::*;

/// Ids of a service and of what it has: entity, version, method and event.
const IDS: [[&str; 4]; 6] = [
    ["5310", "0", "421", "8001"],
    ["1", "0", "1", "8000"],
    ["1", "1", "7FFF", "FFFE"],
    ["FFFE", "FE", "7FFF", "FFFE"],
    ["FFFE5310", "FE", "1", "8000"],
    ["FFFEFFFE", "0", "7FFF", "FFFE"],
];

fn uri([entity, version, method, _]: [&str; 4]) -> String {
    format!("//ecu/{entity}/{version}/{method}")
}

#[test]
fn ecu_ids_at_limits_work() {
    for protocol in PROTOCOLS {
        for ids in IDS {
            let [entity, version, _, event] = ids;
            let Some(hosts) = two_hosts() else { return };
            let mut hpc = hpc_over(&hosts, protocol);
            let mut ecu = hosts.odd_ecu();
            ecu.order(&format!("offer {protocol} 30509 {entity} {version} {event}"));
            let answer = hpc.ask(&format!("call {} 3 1 20000", uri(ids)));
            assert_eq!(answer, "answered 3 failed {}", "{protocol} {ids:?}");
            connect(&mut ecu, &mut hpc, entity, version, event);
            hpc.ask("received 0");
            ecu.order(&format!("notify {entity} {event} 1 10"));
            assert_eq!(hpc.ask("received 10"), "1..10", "{protocol} {ids:?}");
        }
    }
}

/// A service of ours, as the configuration lists it.
fn listed([entity, _, _, event]: [&str; 4], protocol: &str) -> Value {
    let entity = u32::from_str_radix(entity, 16).unwrap();
    let (instance, service) = ((entity >> 16).max(1), entity & 0xffff);
    let mut listed =
        own_service(&format!("{service:04x}"), &instance.to_string(), protocol, "30501");
    listed["events"][0]["event"] = json!(format!("0x{event}"));
    json!([listed])
}

#[test]
fn own_ids_at_limits_work() {
    for protocol in PROTOCOLS {
        for ids in IDS {
            let [entity, version, method, event] = ids;
            let Some(hosts) = two_hosts() else { return };
            // The version of the local entity is that of its services.
            let local = format!("//hpc/5300/{version}/0");
            let services = listed(ids, protocol);
            let mut hpc = hosts.peer_on("hpc", PEER, &local, &services, &[]);
            let mut ecu = hosts.odd_ecu();
            hpc.order(&format!("serve //hpc/{entity}/{version}/{method}"));
            let answer =
                ecu.ask(&format!("call {protocol} {entity} {method} {version} 31 1 hello"));
            assert_eq!(answer, "0001 RESPONSE E_OK hello", "{protocol} {ids:?}");
            let topic = format!("//hpc/{entity}/{version}/{event}");
            connect_ecu(&mut ecu, &mut hpc, protocol, &topic);
            assert_ecu_receives(&mut ecu, &mut hpc, &topic, 10);
        }
    }
}

#[test]
fn ids_at_limits_work_within_host() {
    for ids in IDS {
        let [entity, version, method, event] = ids;
        let network = Network::new("router");
        let _router = network.peer(PEER, "router", "//router/5f00/1/0");
        let mut service = network.peer(PEER, "service", &format!("//ecu/5f01/{version}/0"));
        let mut client = network.peer(PEER, "client", "//client/5f02/1/0");
        service.order(&format!("serve //ecu/{entity}/{version}/{method}"));
        assert_eq!(client.ask(&format!("call {} 3 1 20000", uri(ids))), "answered 3 failed {}");
        let topic = format!("//ecu/{entity}/{version}/{event}");
        client.order(&format!("subscribe {topic}"));
        service.order(&format!("publish {topic} 1 10"));
        assert_eq!(client.ask("received 10"), "1..10", "{ids:?}");
    }
}

/// The id of an entity is its client id.
#[test]
fn client_ids_at_limits_work() {
    for entity in ["1", "FFFE"] {
        let Some(hosts) = two_hosts() else { return };
        let services = json!([own_service("5300", "1", "udp", "30501")]);
        let mut hpc = hosts.peer_on("hpc", PEER, &format!("//hpc/{entity}/2/0"), &services, &[]);
        let mut ecu = hosts.odd_ecu();
        ecu.order("offer udp 30509 5310 3 8001");
        assert_eq!(hpc.ask("call //ecu/5310/3/421 3 1 20000"), "answered 3 failed {}", "{entity}");
        hpc.order("serve //hpc/5300/2/421");
        let answer = ecu.ask("call udp 5300 421 2 31 1 hello");
        assert_eq!(answer, "0001 RESPONSE E_OK hello", "{entity}");
    }
}

/// An ECU without sessions sends 0; one with them goes from FFFF on to 1.
#[test]
fn client_and_session_ids_of_ecu_return() {
    for protocol in PROTOCOLS {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hpc_over(&hosts, protocol);
        let mut ecu = hosts.odd_ecu();
        hpc.order("serve //hpc/5300/2/421");
        for client in ["0", "1", "31", "FFFE", "FFFF"] {
            let answer = ecu.ask(&format!("call {protocol} 5300 421 2 {client} FFFE a b c"));
            let expected = "fffe RESPONSE E_OK a, ffff RESPONSE E_OK b, 0001 RESPONSE E_OK c";
            assert_eq!(answer, expected, "{protocol}, client {client}");
            let answer = ecu.ask(&format!("call {protocol} 5300 421 2 {client} 0 d"));
            assert_eq!(answer, "0000 RESPONSE E_OK d", "{protocol}, client {client}");
        }
    }
}

/// 65,535 session ids, and a few requests more.
#[test]
fn ecu_answers_across_session_wrap() {
    for protocol in PROTOCOLS {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hpc_over(&hosts, protocol);
        let mut ecu = hosts.odd_ecu();
        ecu.order(&format!("offer {protocol} 30509 5310 3"));
        for _ in 0..7 {
            let answer = hpc.ask("call //ecu/5310/3/421 10000 16 60000");
            assert_eq!(answer, "answered 10000 failed {}", "{protocol}");
        }
    }
}

/// The version FF is every version, so no message has it.
#[test]
fn version_ff_of_ecu_is_refused() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hpc_over(&hosts, "udp");
    let mut ecu = hosts.odd_ecu();
    hpc.order("serve //hpc/5300/2/421");
    let answer = ecu.ask("call udp 5300 421 FF 31 1 hello");
    assert_eq!(answer, "0001 ERROR E_WRONG_INTERFACE_VERSION");
    let answer = ecu.ask("call udp 5300 421 2 31 2 hello");
    assert_eq!(answer, "0002 RESPONSE E_OK hello");
}
