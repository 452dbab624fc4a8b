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

//! Two services at one port, over the same or different protocols.

use super::*;

/// The protocols of the two services.
const PAIRS: [[&str; 2]; 4] = [["udp", "udp"], ["tcp", "tcp"], ["udp", "tcp"], ["tcp", "udp"]];

/// They differ in their instance, too, which a request can ask for.
const ENTITIES: [&str; 2] = ["5310", "25311"];

/// Asserts that the services answer that the transport calls over the first protocol.
fn assert_answer(hpc: &mut Peer, pair: [&str; 2]) {
    let called = ENTITIES.iter().enumerate().filter(|(index, _)| pair[*index] == pair[0]);
    for (index, entity) in called {
        let answer = hpc.ask(&format!("call-sized //ecu/{entity}/3/440 8 60000"));
        assert_eq!(answer, format!("{} bytes", index + 1), "{pair:?}");
    }
}

fn topic(entity: &str) -> String {
    format!("//ecu/{entity}/3/8001")
}

/// Has the ECU send a number until a listener of ours has it. The ECU's answer to an earlier subscription
/// may be taken for that to the last one.
fn assert_arrives(ecu: &mut Peer, hpc: &mut Peer, entity: &str, number: u64) {
    let received = format!("received-as {entity} 1");
    let is_last = |numbers: &str| {
        let last = numbers.trim_matches(['[', ']']).rsplit(['.', ' ']).next();
        last == Some(&number.to_string())
    };
    loop {
        hpc.tell(&received);
        let numbers = hpc.line_while(|| ecu.order(&format!("notify {entity} 8001 {number} 1")));
        if is_last(&numbers) {
            return;
        }
    }
}

/// Two services of the ECU, with a listener and calls each. Listeners unregister and register again.
fn assert_services_of_ecu(pair: [&str; 2]) {
    let Some(hosts) = two_hosts() else { return };
    let mut services = json!([own_service("5300", "1", "udp", "30501")]);
    for (entity, protocol) in ENTITIES.iter().zip(pair) {
        let (service, instance) =
            (&entity[entity.len() - 4..], if entity.len() > 4 { 2 } else { 1 });
        let mut listed = own_service(service, &instance.to_string(), protocol, "30509");
        listed["unicast"] = json!("10.77.0.2");
        services.as_array_mut().unwrap().push(listed);
    }
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, options(pair[0]));
    let mut ecu = hosts.odd_ecu();
    for (entity, protocol) in ENTITIES.iter().zip(pair) {
        ecu.order(&format!("offer {protocol} 30509 {entity} 3 8001"));
        hpc.order(&format!("subscribe-as {entity} {}", topic(entity)));
    }
    for entity in ENTITIES {
        hpc.order(&format!("subscription {} Accepted", topic(entity)));
        ecu.order(&format!("notify {entity} 8001 1 100"));
        assert_eq!(hpc.ask(&format!("received-as {entity} 100")), "1..100", "{pair:?}");
    }
    for round in 0..20 {
        for entity in ENTITIES {
            hpc.order(&format!("subscription {} Accepted", topic(entity)));
            assert_arrives(&mut ecu, &mut hpc, entity, 1000 + round);
        }
        assert_answer(&mut hpc, pair);
        let again = match round % 3 {
            0 => &ENTITIES[..1],
            1 => &ENTITIES[1..],
            _ => &ENTITIES[..],
        };
        for change in ["unsubscribe-as", "subscribe-as"] {
            for entity in again {
                hpc.order(&format!("{change} {entity} {}", topic(entity)));
            }
        }
    }
}

#[test]
fn services_of_ecu_share_port() {
    PAIRS.into_iter().for_each(assert_services_of_ecu);
}

/// Two services of ours, which the ECU calls and subscribes to.
fn assert_own_services(pair: [&str; 2]) {
    let Some(hosts) = two_hosts() else { return };
    let services = json!([
        own_service("5300", "1", pair[0], "30501"),
        own_service("5301", "1", pair[1], "30501"),
    ]);
    let mut hpc = hosts.peer_on("hpc", PEER, HPC, &services, &[]);
    let mut ecu = hosts.odd_ecu();
    hpc.order("serve //hpc/5300/2/421");
    hpc.order("refuse //hpc/5301/2/421 NOT_FOUND");
    for _ in 0..3 {
        for (entity, protocol, answer) in [
            ("5300", pair[0], "RESPONSE E_OK hello"),
            ("5301", pair[1], "ERROR E_UNKNOWN_SERVICE hello"),
        ] {
            let answered = ecu.ask(&format!("call {protocol} {entity} 421 2 31 1 hello"));
            assert_eq!(answered, format!("0001 {answer}"), "{pair:?}");
        }
    }
    for (topic, protocol) in [("//hpc/5300/2/8001", pair[0]), ("//hpc/5301/2/8001", pair[1])] {
        connect_ecu(&mut ecu, &mut hpc, protocol, topic);
        assert_ecu_receives(&mut ecu, &mut hpc, topic, 10);
    }
    hpc.order("publish //hpc/5300/2/8001 21 1");
    assert_eq!(ecu.ask("received"), "5300 8001 21");
}

#[test]
fn own_services_share_port() {
    PAIRS.into_iter().for_each(assert_own_services);
}
