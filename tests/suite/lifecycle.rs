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

//! Start, restart and end of transports and processes.

use std::path::Path;

use harness::{repeat, workspace, Network, Peer};

use crate::PEER;

const METHOD: &str = "//service/5200/1/421";
const SERVICE: &str = "//service/5200/1/0";
const CLIENT: &str = "//client/5201/1/0";

#[test]
fn transport_restarts_under_same_name() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    let mut client = network.peer(PEER, "client", CLIENT);
    service.order(&format!("serve {METHOD}"));
    let call = format!("call {METHOD} 10 10 60000");
    assert_eq!(client.ask(&call), "answered 10 failed {}");
    let resources = settled_resources(&mut client);
    for _ in 0..10 {
        client.order("restart");
        assert_eq!(client.ask(&call), "answered 10 failed {}");
    }
    client.ask_until("resources", |now| is_no_more(&resources, now));
}

/// Whether no thread and no descriptor was lost in each of ten or more cycles. A connection that is
/// about to open or to close may make a difference of one or two, and so may a thread that has not yet
/// got its name.
pub(crate) fn is_no_more(before: &str, now: &str) -> bool {
    let ((threads_before, before), (threads_now, now)) = (counted(before), counted(now));
    threads_now < threads_before + 10 && now < before + 10
}

/// The number of threads, and of descriptors.
fn counted(resources: &str) -> (usize, usize) {
    let (threads, descriptors) = resources.split_once(" descriptors ").unwrap();
    (threads.split(' ').count(), descriptors.parse().unwrap())
}

/// What a peer uses, once it says the same twice: a thread has no name of its own at first.
pub(crate) fn settled_resources(peer: &mut Peer) -> String {
    repeat(|| {
        let (before, after) = (peer.ask("resources"), peer.ask("resources"));
        if before == after {
            Ok(after)
        } else {
            Err(format!("{before}, then {after}"))
        }
    })
}

#[test]
fn service_restarts_under_same_name() {
    let network = Network::new("client");
    let mut client = network.peer(PEER, "client", CLIENT);
    let mut service = network.peer(PEER, "service", SERVICE);
    for _ in 0..10 {
        service.order(&format!("serve {METHOD}"));
        // A request that is sent just as the service goes is lost, which its ttl tells.
        let call = format!("call {METHOD} 10 1 2000");
        client.ask_until(&call, |answer| answer == "answered 10 failed {}");
        service.order("restart");
    }
}

#[test]
fn killed_process_can_restart() {
    let network = Network::new("client");
    let mut client = network.peer(PEER, "client", CLIENT);
    for _ in 0..3 {
        let mut service = network.peer(PEER, "service", SERVICE);
        service.order(&format!("serve {METHOD}"));
        let call = format!("call {METHOD} 10 1 2000");
        client.ask_until(&call, |answer| answer == "answered 10 failed {}");
        service.signal("KILL");
        service.wait();
    }
}

#[test]
fn operations_fail_after_shutdown() {
    let network = Network::new("service");
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order("shutdown");
    service.order("shutdown");
    for command in [
        format!("serve {METHOD}"),
        format!("call {METHOD} 1 1 1000"),
        "publish //a/5200/1/8001 1 1".to_owned(),
    ] {
        let answer = service.ask(&command);
        assert!(answer.contains("shut down"), "{command}: {answer}");
    }
    service.end();
}

#[test]
fn transport_can_be_dropped_anywhere() {
    for (place, options) in
        [("here", &[][..]), ("here", &["--current-thread"]), ("outside", &["--current-thread"])]
    {
        let network = Network::new("client");
        let mut client = network.peer(PEER, "client", CLIENT);
        let mut service = network.peer_with(PEER, "service", SERVICE, options);
        service.order(&format!("serve {METHOD}"));
        assert_eq!(client.ask(&format!("call {METHOD} 1 1 20000")), "answered 1 failed {}");
        service.order(&format!("discard {place}"));
        // It has left the network, and the process can join it again.
        let call = format!("call {METHOD} 1 1 200");
        client.ask_until(&call, |answer| answer == "answered 0 failed {UNAVAILABLE: 1}");
        service.order("restart");
        service.order(&format!("serve {METHOD}"));
        assert_eq!(client.ask(&format!("call {METHOD} 1 1 20000")), "answered 1 failed {}");
        service.end();
    }
}

#[test]
fn transport_ends_without_routing_manager() {
    for how in ["discard here", "shutdown"] {
        let network = Network::new("router");
        let mut service = network.peer(PEER, "service", SERVICE);
        service.order(&format!("serve {METHOD}"));
        service.order(how);
        service.end();
    }
}

#[test]
fn transports_of_one_process_talk() {
    // One that the two have in common: vsomeip 3.4.10 reads one configuration per process.
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5203/1/0");
    let mut first = network.peer(PEER, "first", CLIENT);
    let config = network.config("second", 0x5202);
    let answer = first.ask(&format!("beside {} //second/5202/1/0", config.display()));
    assert!(answer.starts_with("answered 10 failed {}; then "), "{answer}");
    let reason = "this process already has an application named second";
    assert!(answer.contains(reason), "{answer}");
    // The first one has nothing to do with the end of the second.
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    assert_eq!(first.ask(&format!("call {METHOD} 1 1 20000")), "answered 1 failed {}");
}

#[test]
fn second_routing_manager_is_an_error() {
    let network = Network::new("service");
    let _service = network.peer(PEER, "service", SERVICE);
    let config = network.config("service", 0x5200);
    let mut command = network.command(PEER);
    let command = command.arg("--config").arg(config).args(["--local", SERVICE]);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    // From vsomeip 3.7.1 on, the host has a socket of its own id, which is in use then.
    let reasons = ["but another process is that host", "has an application with the id 0x5200"];
    assert!(reasons.iter().any(|reason| text.contains(reason)), "{text}");
}

/// vsomeip alone would let a second process take over the socket of the first one.
#[test]
fn id_in_use_is_an_error() {
    let network = Network::new("router");
    let _router = network.peer(PEER, "router", "//router/5203/1/0");
    let mut service = network.peer(PEER, "service", SERVICE);
    service.order(&format!("serve {METHOD}"));
    let mut client = network.peer(PEER, "client", CLIENT);
    let call = format!("call {METHOD} 1 1 20000");
    assert_eq!(client.ask(&call), "answered 1 failed {}");
    for name in ["client", "second"] {
        let config = network.config(name, 0x5201);
        let mut command = network.command(PEER);
        let command = command.arg("--config").arg(config).args(["--local", CLIENT]);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
        assert!(text.contains("ALREADY_EXISTS") && text.contains("0x5201"), "{name}: {text}");
    }
    assert_eq!(client.ask(&call), "answered 1 failed {}");
    client.order("restart");
    assert_eq!(client.ask(&call), "answered 1 failed {}");
}

/// Its own runtime must not be dropped in that of the application.
#[test]
fn impossible_topic_is_an_error() {
    let network = Network::new("service");
    let config = network.config("service", 0x5200);
    let mut command = network.command(PEER);
    let command = command.arg("--config").arg(config).args(["--local", SERVICE]);
    let output = command.args(["--offer", "//service/5200/1/0001"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("INVALID_ARGUMENT") && !text.contains("panicked"), "{text}");
}

#[test]
fn single_threaded_runtime_is_enough() {
    let network = Network::new("service");
    let options = ["--current-thread"];
    let mut service = network.peer_with(PEER, "service", SERVICE, &options);
    let mut client = network.peer_with(PEER, "client", CLIENT, &options);
    service.order(&format!("serve {METHOD}"));
    assert_eq!(client.ask(&format!("call {METHOD} 100 10 60000")), "answered 100 failed {}");
    client.end();
    service.end();
}

#[test]
fn process_handles_its_signals() {
    for signal in ["INT", "TERM"] {
        let network = Network::new("service");
        let mut service = network.peer(PEER, "service", SERVICE);
        service.order(&format!("serve {METHOD}"));
        service.signal(signal);
        assert_eq!(service.line(), "ended", "{signal}");
        assert!(service.wait().success(), "{signal}");
    }
}

#[test]
fn wrong_configuration_is_an_error() {
    let network = Network::new("service");
    let spawn = |config: &str, text: &str| {
        let path = network.config("bad", 1).with_file_name(config);
        std::fs::write(&path, text).unwrap();
        let mut command = network.command(PEER);
        let mut peer =
            Peer::spawn(config, command.arg("--config").arg(path).arg("--local").arg(SERVICE));
        peer.wait()
    };
    for (config, text) in [
        ("broken.json", "{"),
        ("empty.json", "{}"),
        ("zero.json", r#"{ "applications": [{ "name": "a", "id": "0x0000" }] }"#),
    ] {
        let status = spawn(config, text);
        assert_eq!(status.code(), Some(1), "{config}: {status}");
    }
}

#[test]
fn example_configurations_are_valid() {
    for (file, name) in [
        ("hello_service", "hello_service"),
        ("hello_client", "hello_client"),
        ("publisher", "publisher"),
        ("subscriber", "subscriber"),
        ("secured_service", "hello_service"),
        ("secured_client", "hello_client"),
    ] {
        let path = workspace().join("config").join(file).with_extension("json");
        let text = std::fs::read_to_string(path).unwrap();
        let config: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(config["applications"][0]["name"], name);
    }
}

#[test]
fn network_has_its_own_sockets() {
    let network = Network::new("service");
    let service = network.peer(PEER, "service", SERVICE);
    let client = network.peer(PEER, "client", CLIENT);
    let sockets = network.sockets();
    assert!(!sockets.is_empty(), "{sockets:?}");
    if network.has_own_sockets() {
        let shared = Path::new("/tmp");
        assert!(sockets.iter().all(|socket| !shared.join(socket).exists()), "{sockets:?}");
    }
    client.end();
    service.end();
}
