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

//! Two instances of a service do not get each other's messages.

use super::*;

/// Two instances of the ECU's service, by entity.
const ENTITIES: [&str; 2] = ["5310", "25310"];

/// Our service, and what is known of the ECU's: its event 8007 is a field.
fn services(protocol: &str) -> Value {
    let is_tcp = (protocol == "tcp").to_string();
    let events = json!([
        { "event": "0x8001", "is_reliable": is_tcp },
        { "event": "0x8007", "is_reliable": is_tcp, "is_field": "true" },
    ]);
    json!([
        own_service("5300", "1", "udp", "30501"),
        { "service": "0x5310", "instance": "1", "events": events },
        { "service": "0x5310", "instance": "2", "events": events },
    ])
}

/// An ECU with both instances, or two with one each.
fn ecus(hosts: &Hosts, protocol: &str, count: usize) -> Vec<Peer> {
    let mut ecus = vec![hosts.odd_ecu()];
    if count > 1 {
        ecus.push(hosts.second_odd_ecu());
    }
    for (index, entity) in ENTITIES.iter().enumerate() {
        let ecu = &mut ecus[index % count];
        ecu.order(&format!("offer {protocol} {} {entity} 3 8001 8007", 30509 + index));
        ecu.order(&format!("field {entity} 8007 {}", 70 + index));
    }
    ecus
}

fn assert_instances_of_ecus(protocol: &str, count: usize) {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services(protocol), options(protocol));
    let mut ecus = ecus(&hosts, protocol, count);
    for (index, entity) in ENTITIES.iter().enumerate() {
        for _ in 0..3 {
            let answer = hpc.ask(&format!("call-sized //ecu/{entity}/3/440 8 60000"));
            assert_eq!(answer, format!("{} bytes", index + 1), "{protocol}, {count} ECUs");
        }
        connect(&mut ecus[index % count], &mut hpc, entity, "3", "8001");
        let value = 70 + index;
        hpc.order(&format!("subscribe-as {entity} //ecu/{entity}/3/8007"));
        assert_eq!(hpc.ask(&format!("received-as {entity} 1")), format!("{value}..{value}"));
        hpc.order(&format!("subscribe-as {entity} //ecu/{entity}/3/8001"));
    }
    hpc.order("subscribe-as both //ecu/FFFF5310/3/8001");
    for (index, entity) in ENTITIES.iter().enumerate() {
        ecus[index % count].order(&format!("notify {entity} 8001 {} 10", 1 + 10 * index));
        let numbers = format!("{}..{}", 1 + 10 * index, 10 + 10 * index);
        assert_eq!(hpc.ask(&format!("received-as {entity} 10")), numbers);
        assert_eq!(hpc.ask("received-as both 10"), numbers);
        // The other one gets nothing of it.
        let other = ENTITIES[1 - index];
        assert_eq!(hpc.ask(&format!("received-as {other} 0")), "[]");
    }
}

#[test]
fn two_instances_of_one_ecu_differ() {
    for protocol in PROTOCOLS {
        assert_instances_of_ecus(protocol, 1);
    }
}

#[test]
fn two_instances_of_two_ecus_differ() {
    for protocol in PROTOCOLS {
        assert_instances_of_ecus(protocol, 2);
    }
}

/// An ECU that goes takes the other one's instance nowhere.
#[test]
fn instance_stays_when_other_goes() {
    let Some(hosts) = two_hosts() else { return };
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services("udp"), &[]);
    let mut ecus = ecus(&hosts, "udp", 2);
    for entity in ENTITIES {
        hpc.order(&format!("await //ecu/{entity}/3/0"));
        hpc.order(&format!("subscribe-as {entity} //ecu/{entity}/3/8001"));
        hpc.order(&format!("subscription //ecu/{entity}/3/8001 Accepted"));
    }
    ecus.remove(0).end();
    let gone = "answered 0 failed {UNAVAILABLE: 1}";
    hpc.ask_until("call //ecu/5310/3/421 1 1 200", |answer| answer == gone);
    assert_eq!(hpc.ask("call-sized //ecu/25310/3/440 8 60000"), "2 bytes");
    ecus[0].order("notify 25310 8001 1 10");
    assert_eq!(hpc.ask("received-as 25310 10"), "1..10");
}

/// Both are ours, at a port each.
fn assert_own_instances(protocol: &str) {
    let Some(hosts) = two_hosts() else { return };
    let services = json!([
        own_service("5300", "1", protocol, "30501"),
        own_service("5300", "2", protocol, "30503"),
    ]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut ecu = hosts.odd_ecu();
    hpc.order("serve //hpc/5300/2/421");
    hpc.order("refuse //hpc/25300/2/421 NOT_FOUND");
    for (entity, answer) in [("15300", "RESPONSE E_OK"), ("25300", "ERROR E_UNKNOWN_SERVICE")] {
        let answered = ecu.ask(&format!("call {protocol} {entity} 421 2 31 1 hello"));
        assert_eq!(answered, format!("0001 {answer} hello"), "{protocol} {entity}");
    }
    for topic in ["//hpc/25300/2/8001", "//hpc/15300/2/8001"] {
        connect_ecu(&mut ecu, &mut hpc, protocol, topic);
        assert_ecu_receives(&mut ecu, &mut hpc, topic, 10);
    }
    hpc.order("publish //hpc/5300/2/8001 21 1");
    assert_eq!(ecu.ask("received"), "5300 8001 21");
}

#[test]
fn two_own_instances_differ() {
    for protocol in PROTOCOLS {
        assert_own_instances(protocol);
    }
}

/// Both hosts' applications have the client id 0x5300, and call each other at the same time.
#[test]
fn shared_client_id_gives_no_wrong_answer() {
    let Some(hosts) = two_hosts() else { return };
    let own = |service| json!([own_service(service, "1", "udp", "30501")]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &own("5300"), &[]);
    let mut other = hosts.peer_on("ecu", PEER, "//ecu/5300/2/0", &own("5310"), &[]);
    hpc.order("serve //hpc/5300/2/421");
    other.order("refuse //ecu/5310/2/421 NOT_FOUND");
    hpc.order("await //ecu/5310/2/0");
    other.order("await //hpc/5300/2/0");
    hpc.tell("call //ecu/5310/2/421 200 16 500");
    let answer = other.ask("call //hpc/5300/2/421 200 16 500");
    assert!(!answer.contains("NOT_FOUND") && !answer.contains("waiting"), "{answer}");
    let answer = hpc.line();
    assert!(answer.starts_with("answered 0 ") && !answer.contains("waiting"), "{answer}");
}
