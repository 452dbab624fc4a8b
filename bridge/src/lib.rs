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

//! A bridge between two uProtocol transports. It forwards the messages that uEntities on one side publish,
//! or send to the other side.
//!
//! It only uses [`UTransport`](up_rust::UTransport). The binary `bridge` connects SOME/IP with Zenoh or
//! MQTT.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use up_rust::{UStatus, UTransport};
//! use up_bridge::{Bridge, Side};
//!
//! # async fn example(
//! #     someip: Arc<dyn UTransport>,
//! #     zenoh: Arc<dyn UTransport>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let ecus = Side::new("SOME/IP", someip, "ecu").with_topics(["//ecu/5621/1/8001".parse()?]);
//! let cloud = Side::new("Zenoh", zenoh, "cloud");
//! let bridge = Bridge::start(ecus, cloud).await?;
//! // run …
//! bridge.stop().await?;
//! # Ok(())
//! # }
//! ```

pub mod beyond;
#[cfg(feature = "mqtt")]
pub mod broker;
mod forwarder;
pub mod peers;
mod side;

use std::sync::Arc;

use up_rust::UStatus;

pub use forwarder::Counts;
use forwarder::Forwarder;
pub use side::Side;

/// A running bridge between two sides.
pub struct Bridge {
    ways: [Way; 2],
}

/// The listeners of one direction.
struct Way {
    from: Side,
    forwarder: Arc<Forwarder>,
    to_authority: String,
}

impl Bridge {
    /// Registers listeners on both sides. For each direction, they match requests, responses and
    /// notifications from the authority of the one side to that of the other, and what is published to
    /// the topics of the side.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if an authority is not valid, and whatever a transport returns when the
    /// listeners are registered. Those registered before are unregistered again.
    pub async fn start(one: Side, other: Side) -> Result<Self, UStatus> {
        let bridge = Self { ways: [Way::new(&one, &other), Way::new(&other, &one)] };
        for way in &bridge.ways {
            if let Err(status) = way.open().await {
                // Only the first failure is reported.
                let _ = bridge.stop().await;
                return Err(status);
            }
        }
        Ok(bridge)
    }

    /// How many messages were forwarded, from the first side to the second and back.
    pub fn counts(&self) -> [Counts; 2] {
        [self.ways[0].forwarder.counts(), self.ways[1].forwarder.counts()]
    }

    /// Unregisters all listeners. Messages that are being forwarded may still arrive.
    ///
    /// # Errors
    ///
    /// The first error of a transport. The other listeners are unregistered nevertheless.
    pub async fn stop(self) -> Result<(), UStatus> {
        let [one, other] = &self.ways;
        let results = [one.close().await, other.close().await];
        results.into_iter().collect()
    }
}

impl Way {
    fn new(from: &Side, to: &Side) -> Self {
        Self {
            from: from.clone(),
            forwarder: Arc::new(Forwarder::new(from, to)),
            to_authority: to.authority().to_owned(),
        }
    }

    async fn open(&self) -> Result<(), UStatus> {
        for (source, sink) in self.from.filters(&self.to_authority)? {
            let listener = self.forwarder.clone();
            self.from.transport().register_listener(&source, sink.as_ref(), listener).await?;
        }
        Ok(())
    }

    async fn close(&self) -> Result<(), UStatus> {
        let mut result = Ok(());
        for (source, sink) in self.from.filters(&self.to_authority)? {
            let listener = self.forwarder.clone();
            let transport = self.from.transport();
            let one = transport.unregister_listener(&source, sink.as_ref(), listener).await;
            result = result.and(one);
        }
        result
    }
}

#[cfg(test)]
mod tests;
