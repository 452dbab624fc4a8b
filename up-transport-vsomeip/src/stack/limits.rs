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

//! Limits of payloads and queues by address and port, and file permissions.

use std::net::IpAddr;

use super::understand::declaring::sections;
use super::understand::text::{Octal, Size, Word};

sections! {
    /// Maximum payloads of messages over TCP, for the ports of a host.
    pub struct PayloadSizes: First looked_up {
        /// The address of the host that offers the services, which may be this one; required.
        "unicast" as Word => unicast: Option<IpAddr>,
        /// The ports.
        "ports" => ports: Vec<PayloadSize>,
    }

    /// The maximum payload of messages over a port.
    pub struct PayloadSize: First looked_up {
        /// The TCP port; required.
        "port" as Size => port: Option<u16>,
        /// The size in bytes; required.
        "max-payload-size" as Size => max_payload_size: Option<u32>,
    }

    /// Limits of send queues, for the ports of a host.
    pub struct QueueLimits: First looked_up {
        /// The address of the host that offers the services, which may be this one; required.
        "unicast" as Word => unicast: Option<IpAddr>,
        /// The ports.
        "ports" => ports: Vec<QueueLimit>,
    }

    /// The limit of the send queue of a port.
    pub struct QueueLimit: First looked_up {
        /// The port; required.
        "port" as Size => port: Option<u16>,
        /// The limit in bytes; required.
        "queue-size-limit" as Size => queue_size_limit: Option<u32>,
    }

    /// The permissions of the files that vsomeip creates.
    pub struct FilePermissions: Last {
        /// The permissions of Unix domain sockets; 0666 by default.
        "permissions-uds" as Octal => permissions_uds: Option<u32>,
    }
}
