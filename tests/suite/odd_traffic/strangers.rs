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

//! Responses without a request.

use super::*;
use crate::overload::assert_bounded;

#[test]
fn foreign_responses_leak_nothing() {
    for protocol in PROTOCOLS {
        let Some(hosts) = two_hosts() else { return };
        let mut hpc = hpc_over(&hosts, protocol);
        let mut ecu = hosts.odd_ecu();
        ecu.order(&format!("offer {protocol} 30509 5310 3"));
        let call = "call //ecu/5310/3/421 1 1 20000";
        assert_eq!(hpc.ask(call), ANSWERED);
        assert_bounded(&mut hpc, |hpc| {
            ecu.order("respond 5310 421 3 5300 30000");
            hpc.ask_until(call, |answer| answer == ANSWERED);
        });
        let metrics = hpc.ask("metrics");
        assert!(!metrics.contains("uncorrelated: 0,"), "{metrics}");
    }
}
