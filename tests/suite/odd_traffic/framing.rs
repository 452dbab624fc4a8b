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

//! Several messages in a datagram or a segment, messages in pieces, and magic cookies.

use super::*;

/// Our peer and an ECU that call each other, and each listens to the other, over a protocol.
struct Connected {
    hpc: Peer,
    ecu: Peer,
    protocol: &'static str,
    _hosts: Hosts,
}

impl Connected {
    fn over(protocol: &'static str) -> Option<Self> {
        let services = json!([own_service("5300", "1", protocol, "30501")]);
        Self::with_services(protocol, &services, |_| ())
    }

    /// The ECU is told how to send its messages before there are any.
    fn with_services(
        protocol: &'static str,
        services: &Value,
        prepare: impl Fn(&mut Peer),
    ) -> Option<Self> {
        let hosts = two_hosts()?;
        let mut hpc = hosts.peer_on("hpc", PEER, HPC, services, options(protocol));
        let mut ecu = hosts.odd_ecu();
        prepare(&mut ecu);
        hpc.order("serve //hpc/5300/2/421");
        ecu.order(&format!("offer {protocol} 30509 5310 3 8001"));
        assert_eq!(hpc.ask("call //ecu/5310/3/421 1 1 60000"), ANSWERED);
        connect(&mut ecu, &mut hpc, "5310", "3", "8001");
        connect_ecu(&mut ecu, &mut hpc, protocol, TOPIC);
        Some(Self { hpc, ecu, protocol, _hosts: hosts })
    }

    /// Has the ECU send so many messages of each kind.
    fn assert_all_arrive(&mut self, count: usize) {
        let Self { hpc, ecu, protocol, .. } = self;
        let answer = hpc.ask(&format!("call //ecu/5310/3/421 {count} {count} 60000"));
        assert_eq!(answer, format!("answered {count} failed {{}}"), "{protocol}");
        hpc.ask("received 0");
        ecu.order(&format!("notify 5310 8001 1 {count}"));
        assert_eq!(hpc.ask(&format!("received {count}")), format!("1..{count}"), "{protocol}");
        let (texts, expected) = texts(count);
        let answers = ecu.ask(&format!("call {protocol} 5300 421 2 31 1 {texts}"));
        assert_eq!(answers, expected, "{protocol}");
        assert_ecu_receives(ecu, hpc, TOPIC, 3);
    }
}

/// So many texts to be sent by requests, and their responses.
fn texts(count: usize) -> (String, String) {
    let texts: Vec<_> = (1..=count).map(|number| format!("text{number}")).collect();
    let response = |(number, text)| format!("{number:04x} RESPONSE E_OK {text}");
    let responses: Vec<_> = (1..).zip(&texts).map(response).collect();
    (texts.join(" "), responses.join(", "))
}

#[test]
fn messages_sent_together_all_arrive() {
    for protocol in PROTOCOLS {
        let Some(mut peers) = Connected::over(protocol) else { return };
        for count in [2, 5, 40] {
            peers.ecu.order(&format!("together {count}"));
            peers.assert_all_arrive(count);
        }
    }
}

/// Within the length, within the rest of the header, within the payload, and at the ends of these.
#[test]
fn messages_in_pieces_all_arrive() {
    let Some(mut peers) = Connected::over("tcp") else { return };
    for size in [1, 6, 8, 13, 16, 17, 23] {
        peers.ecu.order(&format!("pieces {size}"));
        peers.assert_all_arrive(3);
    }
}

#[test]
fn pieces_of_several_messages_all_arrive() {
    let Some(mut peers) = Connected::over("tcp") else { return };
    for size in [7, 20, 30, 50] {
        peers.ecu.order("together 5");
        peers.ecu.order(&format!("pieces {size}"));
        peers.assert_all_arrive(5);
    }
}

/// Our service and the ECU's over TCP, with magic cookies as the configuration has them.
fn with_cookies(is_enabled: bool) -> Value {
    let is_enabled = is_enabled.to_string();
    let mut own = own_service("5300", "1", "tcp", "30501");
    own["reliable"] = json!({ "port": "30501", "enable-magic-cookies": is_enabled });
    json!([own, {
        "service": "0x5310", "instance": "1", "unicast": "10.77.0.2",
        "reliable": { "port": "30509", "enable-magic-cookies": is_enabled },
    }])
}

#[test]
fn magic_cookies_of_ecu_are_passed_over() {
    for is_enabled in [false, true] {
        let prepare = |ecu: &mut Peer| ecu.order("cookies");
        let services = with_cookies(is_enabled);
        let Some(mut peers) = Connected::with_services("tcp", &services, prepare) else { return };
        peers.assert_all_arrive(10);
        peers.ecu.order("together 4");
        peers.assert_all_arrive(4);
        peers.ecu.order("pieces 11");
        peers.assert_all_arrive(4);
        // It has seen that they are in use.
        peers.ecu.order("cookie");
    }
}

#[test]
fn enabled_magic_cookies_need_no_answer() {
    let Some(mut peers) = Connected::with_services("tcp", &with_cookies(true), |_| ()) else {
        return;
    };
    peers.assert_all_arrive(10);
    peers.ecu.order("cookie");
}
