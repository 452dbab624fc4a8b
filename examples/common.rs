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

//! Shared by the examples: options, the transport, text payloads, and the signal to end.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use protobuf::well_known_types::wrappers::StringValue;
use tokio::signal::unix::{signal, SignalKind};
use up_rust::UMessage;
use up_transport_vsomeip::{TransportBuilder, UPTransportVsomeip};

/// The service that the hello examples call, and its method.
pub const HELLO_METHOD: &str = "//service.example/6000/1/1";
/// The topic of the publisher.
pub const TOPIC: &str = "//publisher.example/7000/1/8001";

/// The method of the service of the l2 examples.
pub const L2_METHOD: &str = "//l2.example/6100/1/1";
/// The topic of the service of the l2 examples.
pub const L2_TOPIC: &str = "//l2.example/6100/1/8001";

/// The options of every example.
#[derive(Args, Debug)]
pub struct TransportOptions {
    /// The authority of the SOME/IP network
    #[arg(long, default_value = "ecu.example")]
    pub remote_authority: String,

    /// Stop after this many messages; 0 goes on until Ctrl-C
    #[arg(long, default_value_t = 0)]
    pub count: u64,
}

/// Starts logging (RUST_LOG=debug shows what the transport does) and creates a transport.
///
/// # Errors
///
/// Fails if the URI or the configuration is not valid.
pub fn start(
    local: &str,
    config: &Path,
    options: &TransportOptions,
) -> Result<Arc<UPTransportVsomeip>, Box<dyn Error>> {
    Ok(Arc::new(describe(local, config, options)?.build()?))
}

/// Starts logging and returns a builder for the transport.
///
/// # Errors
///
/// Fails if the URI is not valid.
pub fn describe(
    local: &str,
    config: &Path,
    options: &TransportOptions,
) -> Result<TransportBuilder, Box<dyn Error>> {
    log();
    let remote = options.remote_authority.as_str();
    Ok(UPTransportVsomeip::builder(local.parse()?, remote).config_file(config))
}

/// Starts logging. Without RUST_LOG, there are warnings and errors only.
pub fn log() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
}

/// The configuration of an example that reaches an ECU: the file that the command line names, or else the
/// one beside the source.
pub fn ecu_config(example: &str) -> PathBuf {
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    given.unwrap_or_else(|| PathBuf::from(format!("examples/ecu/{example}.json")))
}

/// Wraps a text into the protobuf message that the examples exchange.
pub fn text(value: impl Into<String>) -> StringValue {
    StringValue { value: value.into(), ..Default::default() }
}

/// The text of a message. SOME/IP does not carry the payload's format, so both ends have to agree on it.
pub fn text_of(message: &UMessage) -> String {
    let payload = message.payload.clone().unwrap_or_default();
    match <StringValue as protobuf::Message>::parse_from_tokio_bytes(&payload) {
        Ok(text) => text.value,
        Err(error) => format!("(no text: {error})"),
    }
}

/// Returns on Ctrl-C and on SIGTERM. Create it once and poll it until the end: a signal that arrives while
/// it does not exist is lost.
///
/// # Errors
///
/// Fails if the signals cannot be watched.
pub async fn interrupted() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

/// Compiles the Rust code of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
