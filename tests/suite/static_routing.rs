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

//! Static routing: services on other hosts that are listed with their address.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use harness::{repeat, Network, Peer};
use serde_json::{json, Value};

use crate::PEER;

const METHOD: &str = "//ecu/3456/1/421";
const SERVICE: &str = "//ecu/3456/1/0";
const HPC: &str = "//hpc/5a00/1/0";
const CALL: &str = "call //ecu/3456/1/421 1 1 20000";
const ANSWERED: &str = "answered 1 failed {}";
/// A port of the system's choice at another address than our own.
const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)), 0);

const HEADER: usize = 16;
const TYPE: usize = 14;
const REQUEST: u8 = 0x00;
const RESPONSE: u8 = 0x80;

/// How many messages came.
#[derive(Clone, Default)]
struct Received(Arc<AtomicUsize>);

impl Received {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts a message, and returns the response to it if it is a request.
    fn answer(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let mut response = message.to_vec();
        let kind = std::mem::replace(&mut response[TYPE], RESPONSE);
        (kind == REQUEST).then_some(response)
    }
}

/// A UDP socket that answers requests.
struct UdpEcu {
    socket: UdpSocket,
    received: Received,
}

impl UdpEcu {
    fn at(address: SocketAddr) -> Self {
        let (socket, received) = (UdpSocket::bind(address).unwrap(), Received::default());
        let (own, counter) = (socket.try_clone().unwrap(), received.clone());
        thread::spawn(move || {
            let mut message = [0; 2048];
            while let Ok((HEADER.., client)) = own.peek_from(&mut message) {
                let (size, _) = own.recv_from(&mut message).unwrap();
                if let Some(response) = counter.answer(&message[..size]) {
                    own.send_to(&response, client).unwrap();
                }
            }
        });
        Self { socket, received }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Closes the socket.
    fn stop(self) -> SocketAddr {
        let address = self.address();
        drop(self);
        // The thread has it, too, until it has seen the end.
        repeat(|| UdpSocket::bind(address).map_err(|error| error.to_string()));
        address
    }
}

impl Drop for UdpEcu {
    fn drop(&mut self) {
        drop(self.socket.send_to(&[], self.address()));
    }
}

/// A TCP socket that answers requests.
struct TcpEcu {
    address: SocketAddr,
    received: Received,
    is_over: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl TcpEcu {
    fn at(address: SocketAddr) -> Self {
        let listener = repeat(|| TcpListener::bind(address).map_err(|error| error.to_string()));
        let address = listener.local_addr().unwrap();
        let ecu = Self {
            address,
            received: Received::default(),
            is_over: Arc::default(),
            connections: Arc::default(),
        };
        let (is_over, received) = (ecu.is_over.clone(), ecu.received.clone());
        let connections = ecu.connections.clone();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                connections.lock().unwrap().push(connection.try_clone().unwrap());
                let received = received.clone();
                thread::spawn(move || serve(&connection, &received));
            }
        });
        ecu
    }
}

fn serve(mut connection: &TcpStream, received: &Received) -> Option<()> {
    loop {
        let mut message = vec![0; 8];
        connection.read_exact(&mut message).ok()?;
        let length = u32::from_be_bytes(message[4..].try_into().unwrap());
        message.resize(8 + usize::try_from(length).unwrap(), 0);
        connection.read_exact(&mut message[8..]).ok()?;
        if let Some(response) = received.answer(&message) {
            connection.write_all(&response).ok()?;
        }
    }
}

impl Drop for TcpEcu {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
        for connection in self.connections.lock().unwrap().iter() {
            drop(connection.shutdown(Shutdown::Both));
        }
    }
}

fn listed(ports: &Value) -> Value {
    let mut service = json!({ "service": "0x3456", "instance": "0x0001", "unicast": "127.0.0.2" });
    for (protocol, port) in ports.as_object().unwrap() {
        service[protocol] = json!(port.to_string());
    }
    json!([service])
}

fn over_udp(address: SocketAddr) -> Value {
    listed(&json!({ "unreliable": address.port() }))
}

fn over_tcp(address: SocketAddr) -> Value {
    listed(&json!({ "reliable": address.port() }))
}

/// Whether vsomeip sends requests by static routing from an application that does not host the routing
/// manager.
fn is_sent_beside_routing_manager() -> bool {
    let mut numbers = vsomeip_sys::VSOMEIP_VERSION.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next(), numbers.next(), numbers.next()) < (Some(3), Some(5), Some(8))
}

/// A peer that hosts the routing manager, and one that does not; each with what keeps the network.
/// Where vsomeip does not send from the second one, that is told at once.
fn in_both_roles(services: &Value, options: &[&str], test: impl Fn(Peer)) {
    let network = Network::new("hpc").with_services(services.clone());
    test(network.peer_with(PEER, "hpc", HPC, options));
    let network = Network::new("router").with_services(services.clone());
    let _router = network.peer(PEER, "router", "//hpc/5a01/1/0");
    let mut beside = network.peer_with(PEER, "hpc", HPC, options);
    if is_sent_beside_routing_manager() {
        return test(beside);
    }
    let answer = beside.ask(CALL);
    assert!(
        answer.contains("from the application that hosts the routing manager only"),
        "{answer}"
    );
}

const PROTOCOLS: [&[&str]; 2] = [&[], &["--reliable"]];

#[test]
fn static_udp_service_answers_first_request() {
    let ecu = UdpEcu::at(ANY_PORT);
    for options in PROTOCOLS {
        in_both_roles(&over_udp(ecu.address()), options, |mut hpc| {
            assert_eq!(hpc.ask(CALL), ANSWERED);
            hpc.order(&format!("await {SERVICE}"));
            assert_eq!(hpc.ask(&format!("call {METHOD} 100 10 5000")), "answered 100 failed {}");
        });
    }
}

#[test]
fn static_tcp_service_answers_first_request() {
    let ecu = TcpEcu::at(ANY_PORT);
    for options in PROTOCOLS {
        in_both_roles(&over_tcp(ecu.address), options, |mut hpc| {
            assert_eq!(hpc.ask(CALL), ANSWERED);
            hpc.order(&format!("await {SERVICE}"));
            assert_eq!(hpc.ask(&format!("call {METHOD} 100 10 5000")), "answered 100 failed {}");
        });
    }
}

#[test]
fn static_service_with_two_ports_uses_either() {
    let (udp, tcp) = (UdpEcu::at(ANY_PORT), TcpEcu::at(ANY_PORT));
    let ports = json!({ "unreliable": udp.address().port(), "reliable": tcp.address.port() });
    for options in PROTOCOLS {
        in_both_roles(&listed(&ports), options, |mut hpc| assert_eq!(hpc.ask(CALL), ANSWERED));
    }
    let roles = if is_sent_beside_routing_manager() { 2 } else { 1 };
    assert_eq!((udp.received.count(), tcp.received.count()), (roles, roles));
}

#[test]
fn static_service_gets_first_notification() {
    let ecu = UdpEcu::at(ANY_PORT);
    in_both_roles(&over_udp(ecu.address()), &[], |mut hpc| {
        let before = ecu.received.count();
        hpc.order(&format!("notify 8001 {SERVICE} 7"));
        repeat(|| match ecu.received.count() > before {
            true => Ok(()),
            false => Err("nothing came".to_owned()),
        });
    });
}

/// vsomeip says of a refused datagram that the service is gone, and never that it is back.
#[test]
fn static_udp_service_may_come_and_go() {
    let place = UdpEcu::at(ANY_PORT).stop();
    in_both_roles(&over_udp(place), &[], |mut hpc| {
        // Otherwise, the first request may wait for the service.
        hpc.order(&format!("await {SERVICE}"));
        for _ in 0..3 {
            let failed = hpc.ask(&format!("call {METHOD} 1 1 1000"));
            assert_eq!(failed, "answered 0 failed {DEADLINE_EXCEEDED: 1}");
            let ecu = UdpEcu::at(place);
            hpc.ask_until(&format!("call {METHOD} 1 1 1000"), |answer| answer == ANSWERED);
            ecu.stop();
        }
    });
}

#[test]
fn static_tcp_service_may_come_and_go() {
    let reserved = TcpEcu::at(ANY_PORT);
    let place = reserved.address;
    drop(reserved);
    in_both_roles(&over_tcp(place), &[], |mut hpc| {
        for _ in 0..2 {
            hpc.tell(&format!("call {METHOD} 1 1 60000"));
            let _ecu = TcpEcu::at(place);
            // vsomeip may not have noticed yet that the connection before is gone.
            let answer = hpc.line();
            assert_eq!(answer, ANSWERED);
        }
    });
}

/// It dies with unread data: vsomeip 3.4.10 would connect to the next one, but never register.
#[test]
fn static_service_survives_routing_manager() {
    if !is_sent_beside_routing_manager() {
        return;
    }
    let ecu = UdpEcu::at(ANY_PORT);
    let network = Network::new("router").with_services(over_udp(ecu.address()));
    let router = || network.peer(PEER, "router", "//hpc/5a01/1/0");
    let mut host = router();
    let mut hpc = network.peer(PEER, "hpc", HPC);
    for _ in 0..5 {
        assert_eq!(hpc.ask(CALL), ANSWERED);
        // Requests flow while it dies.
        let before = ecu.received.count();
        hpc.tell(&format!("call {METHOD} 3000 32 1000"));
        repeat(|| match ecu.received.count() > before + 100 {
            true => Ok(()),
            false => Err("no requests".to_owned()),
        });
        host.signal("KILL");
        host.wait();
        host = router();
        assert!(hpc.line().starts_with("answered"));
        // What is sent before its death is noticed is lost.
        hpc.ask_until(&format!("call {METHOD} 1 1 1000"), |answer| answer == ANSWERED);
    }
}

#[test]
fn subscription_to_static_service_is_refused() {
    let ecu = UdpEcu::at(ANY_PORT);
    in_both_roles(&over_udp(ecu.address()), &[], |mut hpc| {
        for topic in ["//ecu/3456/1/8001", "//ecu/3456/FF/8002"] {
            hpc.order(&format!("subscribe {topic}"));
            hpc.order(&format!("subscription {topic} Refused"));
        }
        assert!(hpc.ask("metrics").contains("subscriptions_refused: 2,"));
        assert_eq!(hpc.ask(CALL), ANSWERED);
    });
}
