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

//! Connects a SOME/IP network with a Zenoh network or an MQTT broker until Ctrl-C.
//!
//! `bridge --config config/bridge.json --local //cloud/5610/1/0 --ecus ecu --verbose`

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use env_logger::{Builder, Env, Target};
use tokio::signal::unix::{signal, SignalKind};
use up_bridge::beyond::BeyondOptions;
use up_bridge::{Bridge, Counts, Side};
use up_rust::UUri;
use up_transport_vsomeip::UPTransportVsomeip;

#[derive(Parser)]
#[command(about = "Forwards uProtocol messages between SOME/IP and Zenoh or MQTT")]
struct Options {
    /// vsomeip's configuration; its section `uprotocol` has the options of the transport
    #[arg(long)]
    config: PathBuf,

    /// The bridge itself in the SOME/IP network; its authority is that of all uEntities beyond the
    /// bridge
    #[arg(long, default_value = "//cloud/5610/1/0")]
    local: UUri,

    /// The authority of the uEntities in the SOME/IP network
    #[arg(long, default_value = "ecu")]
    ecus: String,

    /// A topic of the SOME/IP network to forward; may be repeated. All events that the configuration
    /// names unless set
    #[arg(long)]
    topic: Vec<UUri>,

    #[command(flatten)]
    beyond: BeyondOptions,

    /// Print each message that is forwarded
    #[arg(long)]
    verbose: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    start_log(options.verbose);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let cloud = options.local.authority_name();
    let name = options.beyond.name();
    let beyond = options.beyond.open(&cloud).await?;
    let someip = UPTransportVsomeip::builder(options.local, options.ecus.as_str())
        .config_file(options.config)
        .forward_foreign_sources(true)
        .build()?;
    let someip = Arc::new(someip);
    let ecus = Side::new("SOME/IP", someip.clone(), options.ecus).with_topics(options.topic);
    let bridge = Bridge::start(ecus, Side::new(name, beyond, cloud)).await?;
    println!("ready");

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    let [to_beyond, to_someip] = bridge.counts();
    bridge.stop().await?;
    let dropped = someip.metrics().dropped_queue_full;
    someip.shutdown().await;
    // The other network was too slow for these.
    println!("SOME/IP -> {name}: {}, dropped {dropped}", in_words(to_beyond));
    println!("{name} -> SOME/IP: {}", in_words(to_someip));
    Ok(())
}

fn in_words(counts: Counts) -> String {
    format!("forwarded {}, refused {}", counts.forwarded, counts.refused)
}

/// Warnings go to the standard error output, with `--verbose` those and all messages to the standard output.
fn start_log(is_verbose: bool) {
    let mut builder = Builder::from_env(Env::default().default_filter_or("warn"));
    if is_verbose {
        builder.filter_module("up_bridge", log::LevelFilter::Debug);
        builder.target(Target::Stdout);
        builder.format(|line, record| writeln!(line, "{}", record.args()));
    }
    builder.init();
}
