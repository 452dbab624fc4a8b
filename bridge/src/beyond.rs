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
//! The network beyond the bridge: Zenoh, or MQTT with the feature `mqtt`.

use std::sync::Arc;

use clap::Args;
use up_rust::{UStatus, UTransport};

use crate::peers::ZenohOptions;

/// The network and its address.
#[derive(Args, Clone, Debug, Default)]
pub struct BeyondOptions {
    /// Of Zenoh's, which is used unless another network is chosen
    #[command(flatten)]
    pub zenoh: ZenohOptions,
    /// Use MQTT instead of Zenoh, with the broker at this address, as in `mqtt://localhost:1883`
    #[cfg(feature = "mqtt")]
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["zenoh_config", "listen", "connect"])]
    pub mqtt: Option<String>,
}

impl BeyondOptions {
    /// The name of the network, for the log.
    pub fn name(&self) -> &'static str {
        #[cfg(feature = "mqtt")]
        if self.mqtt.is_some() {
            return "MQTT";
        }
        "Zenoh"
    }

    /// Creates the transport for the uEntities of an authority.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if options are not valid, `INTERNAL` if the network cannot be reached.
    pub async fn open(&self, authority: &str) -> Result<Arc<dyn UTransport>, UStatus> {
        #[cfg(feature = "mqtt")]
        if let Some(address) = &self.mqtt {
            return Ok(Arc::new(crate::broker::BrokerClient::connect(address, authority).await?));
        }
        Ok(Arc::new(self.zenoh.open(authority).await?))
    }
}
