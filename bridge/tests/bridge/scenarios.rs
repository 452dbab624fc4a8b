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
//! Scenarios for any network beyond the bridge.

use crate::networks::*;

/// Signals that end a process: abruptly, and in order.
pub(crate) const ENDS: [&str; 2] = ["KILL", "TERM"];

pub(crate) fn cloud_calls_ecu(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    ecu.order(&format!("serve {ECU_METHOD}"));
    reach(&mut cloud, ECU_METHOD);
    call(&mut cloud, ECU_METHOD, 1000);
}

pub(crate) fn ecu_calls_cloud(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    cloud.order(&format!("serve {CLOUD_METHOD}"));
    reach(&mut ecu, CLOUD_METHOD);
    call(&mut ecu, CLOUD_METHOD, 1000);
}

pub(crate) fn events_reach_cloud(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    cloud.order(&format!("subscribe {ECU_TOPIC}"));
    pass_events(&mut ecu, &mut cloud, ECU_TOPIC, 100);
    // SOME/IP does not carry it: it is what the configuration of the bridge says.
    assert_eq!(cloud.ask("formats"), "UPAYLOAD_FORMAT_RAW");
}

pub(crate) fn events_reach_ecu(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    ecu.order(&format!("subscribe {CLOUD_TOPIC}"));
    pass_events(&mut cloud, &mut ecu, CLOUD_TOPIC, 100);
}

pub(crate) fn notifications_pass(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    ecu.order("listen");
    cloud.order("listen");
    pass_everything(&mut ecu, &mut cloud);

    ecu.order("notify //ecu/5611/1/8005 //cloud/6011/1/0 7");
    assert_eq!(cloud.ask("received 1"), "7..7 late 0");
    cloud.order("notify //cloud/6011/1/8005 //ecu/5611/1/0 8");
    assert_eq!(ecu.ask("received 1"), "8..8 late 0");
}

pub(crate) fn several_clients_call(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    let clients = [("one", "6031"), ("two", "6032"), ("three", "6033")];
    let mut clouds =
        clients.map(|(name, id)| networks.cloud_as(name, &format!("//cloud/{id}/1/0")));
    let mut ecus =
        ["5631", "5632", "5633"].map(|id| networks.ecu_as(id, &format!("//ecu/{id}/1/0")));
    for client in &mut clouds {
        reach(client, ECU_METHOD);
    }
    for client in &mut ecus {
        reach(client, CLOUD_METHOD);
    }
    for client in &mut clouds {
        client.tell(&format!("call {ECU_METHOD} 500 16 60000"));
    }
    for client in &mut ecus {
        client.tell(&format!("call {CLOUD_METHOD} 500 16 60000"));
    }
    for client in clouds.iter().chain(&ecus) {
        assert_eq!(client.line(), "answered 500 failed {}");
    }
}

pub(crate) fn absent_ecu_is_unavailable(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    ecu.order(&format!("serve {ECU_METHOD}"));
    reach(&mut cloud, ECU_METHOD);
    // The client gives up at the end of the ttl, which it would tell as TIMEOUT.
    let answer = cloud.ask("call //ecu/5699/1/421 3 3 5000");
    assert_eq!(answer, "answered 0 failed {\"UNAVAILABLE\": 3}");
    // Others are not held up meanwhile.
    cloud.tell("call //ecu/5699/1/421 1 1 5000");
    let mut other = networks.cloud_as("other", "//cloud/6031/1/0");
    reach(&mut other, ECU_METHOD);
    assert_eq!(cloud.line(), "answered 0 failed {\"UNAVAILABLE\": 1}");
}

pub(crate) fn ecu_restarts(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ENDS {
        end(&mut ecu, signal);
        ecu = networks.ecu();
        prepare_ecu(&mut ecu);
        pass_everything(&mut ecu, &mut cloud);
    }
}

pub(crate) fn bridge_restarts(networks: &Networks) {
    let (mut bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ENDS {
        end(&mut bridge, signal);
        bridge = networks.bridge();
        pass_everything(&mut ecu, &mut cloud);
    }
}

pub(crate) fn cloud_restarts(networks: &Networks) {
    let (_bridge, mut ecu, mut cloud) = (networks.bridge(), networks.ecu(), networks.cloud());
    prepare(&mut ecu, &mut cloud);
    pass_everything(&mut ecu, &mut cloud);
    for signal in ENDS {
        end(&mut cloud, signal);
        cloud = networks.cloud();
        prepare_cloud(&mut cloud);
        pass_everything(&mut ecu, &mut cloud);
    }
}
