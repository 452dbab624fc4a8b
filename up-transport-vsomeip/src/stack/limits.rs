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

//! How large messages and queues may be, by address and port.

use std::net::IpAddr;

use super::understand::declaring::sections;
use super::understand::text::{Octal, Size, Word};

sections! {
    /// How large the payload of messages over TCP may be, for the ports of a host.
    pub struct PayloadSizes: First looked_up {
        /// The address of the host: another one for its services, the own one for ours; required.
        "unicast" as Word => unicast: Option<IpAddr>,
        /// Its ports.
        "ports" => ports: Vec<PayloadSize>,
    }

    /// How large the payload of messages over a port may be.
    pub struct PayloadSize: First looked_up {
        /// The TCP port; required.
        "port" as Size => port: Option<u16>,
        /// The size in bytes; required.
        "max-payload-size" as Size => max_payload_size: Option<u32>,
    }

    /// How many bytes may wait for being sent, for the ports of a host.
    pub struct QueueLimits: First looked_up {
        /// The address of the host: another one for its services, the own one for ours; required.
        "unicast" as Word => unicast: Option<IpAddr>,
        /// Its ports.
        "ports" => ports: Vec<QueueLimit>,
    }

    /// How many bytes may wait for being sent over a port.
    pub struct QueueLimit: First looked_up {
        /// The port; required.
        "port" as Size => port: Option<u16>,
        /// The limit in bytes; required.
        "queue-size-limit" as Size => queue_size_limit: Option<u32>,
    }

    /// The permissions of the files that vsomeip creates.
    pub struct FilePermissions: Last {
        /// Those of its Unix domain sockets; 0666 by default.
        "permissions-uds" as Octal => permissions_uds: Option<u32>,
    }
}
