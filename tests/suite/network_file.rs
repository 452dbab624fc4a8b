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

//! The configuration for a real network, `config/network.json`: its explanation is complete, and two
//! processes that use it exchange messages with an ECU.

use std::collections::BTreeSet;

use harness::{Hosts, Peer, Wire};
use serde_json::Value;

use crate::PEER;

const FILE: &str = include_str!("../../config/network.json");
const EXPLANATION: &str = include_str!("../../config/NETWORK.md");

/// Client ids that the file gives to its applications.
const GATEWAY: u16 = 0x1101;
const DASHBOARD: u16 = 0x1102;

/// The file, with the addresses of our hosts.
fn config() -> Value {
    serde_json::from_str(&FILE.replace("192.168.10.", "10.77.0.")).unwrap()
}

fn start(hosts: &Hosts, application: &str, local: &str) -> Peer {
    // Our peer has no other format.
    let options = ["--application-name", application, "--payload-format", "RAW"];
    hosts.peer_given(PEER, local, config(), &options)
}

#[test]
fn network_file_serves_two_processes() {
    let Some(hosts) = Hosts::new(env!("CARGO_TARGET_TMPDIR")) else { return };
    let mut wire = Wire::new(&hosts);
    let mut gateway = start(&hosts, "gateway", "//hpc/5010/1/0");
    let mut dashboard = start(&hosts, "dashboard", "//hpc/5000/1/0");
    let mut ecu = hosts.ecu();
    ecu.order("offer-groups 2010 1 5=8001");
    ecu.order("offer-at tcp 30520 1020 1");

    // Both processes call the ECU's recorder, over TCP, with ids of this host's block.
    for (peer, client) in [(&mut gateway, GATEWAY), (&mut dashboard, DASHBOARD)] {
        let answer = peer.ask("call //ecu/1020/1/421 1 1 60000");
        assert_eq!(answer, "answered 1 failed {}", "{client:04x}");
        let request = wire.next(0x1020_0421);
        assert_eq!((request.over, request.client), ("tcp", client));
        assert_eq!(wire.next(0x1020_0421).client, client);
    }
    // The IMU's event, in its eventgroup.
    dashboard.order("subscribe //ecu/2010/1/8001");
    let probe = format!("notify 8001 {}", u64::MAX - 1);
    dashboard.tell("connected //ecu/2010/1/8001");
    assert_eq!(dashboard.line_while(|| ecu.order(&probe)), "ok");
    assert_eq!(wire.next(0x2010_8001).over, "udp");
    // The own service is reached at its ports.
    gateway.order("serve //hpc/5010/1/421");
    assert_eq!(ecu.ask("call 5010 421 1 hello"), "RESPONSE E_OK hello");
    assert_eq!(ecu.ask("call-tcp 5010 421 1 hello"), "RESPONSE E_OK hello");
    ecu.order("subscribe 5010 1 1");
    gateway.order("publish //hpc/5010/1/8001 1 1");
    assert_eq!(ecu.ask("received"), "NOTIFICATION 8001 1");
    assert_eq!((gateway.ask("problems"), dashboard.ask("problems")), ("{}".into(), "{}".into()));
    dashboard.end();
    gateway.end();
}

/// What a user can look up: the keys, and the values of those without further keys.
fn terms(value: &Value, terms: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                terms.insert(key.clone());
                self::terms(value, terms);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| self::terms(value, terms)),
        scalar => drop(terms.insert(scalar.as_str().unwrap().to_owned())),
    }
}

#[test]
fn network_file_is_explained() {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let mut all = BTreeSet::new();
    terms(&file, &mut all);
    let explained: BTreeSet<&str> = EXPLANATION
        .split('`')
        .skip(1)
        .step_by(2)
        .flat_map(|code| code.split([' ', ',', ':', '.', '[', ']']).chain([code]))
        .map(|word| word.trim_matches('"'))
        .collect();
    let missing: Vec<_> = all.iter().filter(|term| !explained.contains(term.as_str())).collect();
    assert!(missing.is_empty(), "config/NETWORK.md does not explain {missing:?}");
}
