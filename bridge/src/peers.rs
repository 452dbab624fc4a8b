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

//! Zenoh's configuration, for peers without a router.

use std::path::Path;

use clap::Args;
use serde_json::{json, Value};
use up_rust::{UCode, UStatus};
use up_transport_zenoh::zenoh_config::Config;
use up_transport_zenoh::UPTransportZenoh;

/// The source of Zenoh's configuration.
#[derive(Args, Clone, Debug, Default)]
pub struct ZenohOptions {
    /// Zenoh's configuration
    #[arg(long)]
    pub zenoh_config: Option<std::path::PathBuf>,
    /// Be a Zenoh peer at this endpoint, as in `tcp/127.0.0.1:7447`; may be repeated
    #[arg(long)]
    pub listen: Vec<String>,
    /// Connect to the Zenoh peer at this endpoint; may be repeated
    #[arg(long)]
    pub connect: Vec<String>,
}

impl ZenohOptions {
    /// Creates the transport. Without endpoints and a file, peers are found by multicast.
    ///
    /// Under load, messages wait where Zenoh would drop them, unless the file sets something else.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the configuration is not valid, `INTERNAL` if Zenoh cannot start with it.
    pub async fn open(&self, authority: &str) -> Result<UPTransportZenoh, UStatus> {
        let config = self.config()?;
        UPTransportZenoh::builder(authority)?.with_config(config).build().await
    }

    /// The same configuration for Zenoh itself.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is not valid.
    pub fn config(&self) -> Result<Config, UStatus> {
        let mut config = match &self.zenoh_config {
            Some(path) => read(path)?,
            None => blocking()?,
        };
        if !(self.listen.is_empty() && self.connect.is_empty()) {
            set(&mut config, "mode", json!("peer"))?;
            set(&mut config, "listen/endpoints", json!(self.listen))?;
            set(&mut config, "connect/endpoints", json!(self.connect))?;
            set(&mut config, "scouting/multicast/enabled", json!(false))?;
        }
        Ok(config)
    }
}

fn read(path: &Path) -> Result<Config, UStatus> {
    Config::from_file(path).map_err(|error| invalid(path.display().to_string(), error))
}

/// A configuration with which uProtocol messages wait for the network.
fn blocking() -> Result<Config, UStatus> {
    let mut config = Config::default();
    let wait = json!([{ "key_exprs": ["up/**"], "config": { "congestion_control": "block" } }]);
    set(&mut config, "qos/publication", wait)?;
    Ok(config)
}

fn set(config: &mut Config, key: &str, value: Value) -> Result<(), UStatus> {
    config.insert_json5(key, &value.to_string()).map_err(|error| invalid(key.to_owned(), error))
}

fn invalid(what: String, error: impl std::fmt::Display) -> UStatus {
    UStatus::fail_with_code(UCode::INVALID_ARGUMENT, format!("{what}: {error}"))
}
