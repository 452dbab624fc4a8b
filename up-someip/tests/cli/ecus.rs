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

//! The simulated ECUs of the examples, on another host.

use harness::{workspace, Hosts, Peer};

/// As in tests/two_hosts/network.
pub(crate) const ECU: &str = "10.77.0.2";
/// For service discovery, as the ECUs do it.
pub(crate) const NETWORK: [&str; 4] =
    ["--unicast", "10.77.0.1", "--sd-multicast", "224.244.224.245"];

/// The ECUs of tests/two_hosts/vehicle.py.
pub(crate) fn vehicle(hosts: &Hosts) -> Peer {
    let folder = workspace().join("tests/two_hosts");
    let program = format!(
        "import runpy, sys; sys.path.insert(0, {folder:?}); sys.argv = ['vehicle.py', '{ECU}']; \
         runpy.run_path({:?}, run_name='__main__')",
        folder.join("vehicle.py")
    );
    hosts.program_on("ecu", &program)
}
