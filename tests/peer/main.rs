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

//! A uEntity that executes commands from its standard input, one per line, and answers each with a line.
//!
//! | command | does | answer |
//! |---|---|---|
//! | `serve METHOD` | registers a listener that sends every payload back | `ok` |
//! | `refuse METHOD STATUS` | registers one that answers with a status such as `NOT_FOUND` | `ok` |
//! | `call METHOD COUNT WINDOW TTL` | sends numbered requests, WINDOW of them at a time | `answered A failed F` |
//! | `call-sized METHOD SIZE TTL` | sends a request with so many bytes | `SIZE bytes`, or the status of the response, with its text |
//! | `publish-sized TOPIC SIZE` | publishes an event with so many bytes | `ok` |
//! | `subscribe-sized TOPIC`, `sized` | registers a listener for events of any size; waits for the next of them | `ok`; `SIZE bytes` |
//! | `subscribe TOPIC`, `unsubscribe TOPIC` | registers, unregisters the listener for events | `ok` |
//! | `probe TOPIC` | publishes an event that only `connected` takes notice of | `ok` |
//! | `connected TOPIC` | waits for a probe | `ok` |
//! | `publish TOPIC FIRST COUNT` | publishes consecutive numbers | `ok` |
//! | `publish-mortal TOPIC NUMBER TTL` | publishes a number that lives for TTL milliseconds | `ok` |
//! | `publish-beside CONFIG TOPIC COUNT PACE` | publishes numbers from 1 on with a second transport, PACE milliseconds apart | `ok` |
//! | `open-beside CONFIG TOPIC` | creates that transport before | `ok` |
//! | `received COUNT` | waits for so many events | their numbers, `A..B` if consecutive |
//! | `churn TOPIC COUNT` | registers, awaits an event, unregisters, COUNT times | `late N`: events that came after unregistering |
//! | `churn-requests METHOD COUNT` | the same with requests, which it leaves to others to answer | `late N` |
//! | `serve-l2 METHOD`, `call-l2 METHOD TEXT` | up-rust's RPC server and client; the method shouts, and fails on an empty text | `ok`; the text in capitals |
//! | `listen TOPIC`, `notify RESOURCE SINK NUMBER` | up-rust's notifier; `received` shows what came | `ok` |
//! | `serve-usubscription` | becomes a USubscription service, with which subscriptions stay pending | `ok` |
//! | `wishes` | | how many have subscribed there, and registered for notifications |
//! | `tell TOPIC STATE` | notifies them of a state such as `SUBSCRIBED` | `ok` |
//! | `subscribe-l2 TOPIC`, `unsubscribe-l2 TOPIC` | up-rust's subscriber | `ok` |
//! | `register-l2 TOPIC` | registers for notifications of changes of subscriptions | `ok` |
//! | `publish-l2 RESOURCE TEXT` | up-rust's publisher | `ok` |
//! | `heard`, `heard-so-far` | waits for the next text that was published; takes all that are there | the text; a list |
//! | `changed` | waits for the next change of a subscription | topic and state |
//! | `route FROM TO`, `unroute FROM TO` | registers, unregisters a listener as a uStreamer does; it answers requests | `ok` |
//! | `routed COUNT` | waits until it got so many responses | `ok` |
//! | `refuse-subscribers TOPIC` | offers a topic, and refuses everybody who subscribes to it | `ok` |
//! | `registered BOOLEAN` | waits until it is (not) registered at the routing manager | `ok` |
//! | `await SERVICE` | waits until a service is available | `ok` |
//! | `away SERVICE` | waits until a service that was available no longer is | `ok` |
//! | `subscription TOPIC STATUS` | waits until a subscription is `Pending`, `Accepted` or `Refused` | `ok` |
//! | `problem NAME BOOLEAN` | waits until a problem of that name is (not) in the state | `ok` |
//! | `problems` | | the problems in the state |
//! | `metrics` | | the counters |
//! | `at-next ACTION` | has the listener for events `panic`, `drop` or `shutdown` the transport, or `use-socket` at the next one | `ok` |
//! | `restart` | shuts the transport down and creates it anew | `ok` |
//! | `second NAME` | creates another transport, with a configuration in memory, and drops it | `ok` |
//! | `shutdown` | shuts the transport down | `ok` |
//! | `discard WHERE` | drops the transport `here`, on the peer's runtime, or `outside` of any | `ok` |
//! | `cycle END COUNT METHOD` | COUNT times: creates a transport, calls METHOD, ends it by `shutdown` or `drop` | `ok` |
//! | `register COUNT` | COUNT times: registers and unregisters a listener with filters of all kinds | `ok` |
//! | `beside CONFIG LOCAL` | creates a second transport, calls it, gets an event of it, creates it again | `answered A failed F; then ERROR` |
//! | `cycle-full COUNT` | COUNT times: creates a transport whose listeners own it and have full queues, shuts it down | `ok` |
//! | `clock` | | the time, in seconds since 1970 |
//! | `memory` | | the resident memory, in KiB |
//! | `resources` | | the threads, but for those of the peer's own runtime, and the number of descriptors |
//! | `subscribe-as NAME TOPIC`, `unsubscribe-as NAME TOPIC` | registers, unregisters another listener for events | `ok` |
//! | `received-as NAME COUNT` | waits for so many events of that listener | as `received` |
//! | `filter SOURCE SINK`, `unfilter SOURCE SINK` | registers, unregisters the listener for events for whatever a filter takes | `ok` |
//! | `take METHOD` | registers the listener for events for requests, which stay unanswered; `received` shows what came | `ok` |
//! | `request METHOD COUNT TTL` | sends numbered requests, and does not wait for their responses | `ok` |
//! | `request-only METHOD COUNT TTL` | the same from 1 on, without a listener for the responses | `ok` |
//! | `answers COUNT` | waits for so many responses in all | as `call` |
//! | `call-methods METHOD COUNT WINDOW TTL` | calls so many methods, from METHOD on | as `call` |
//! | `call-services METHOD COUNT WINDOW TTL` | calls METHOD of so many services, from its own on | as `call` |
//! | `notify-services RESOURCE SINK COUNT WINDOW TTL` | notifies so many services, from that of SINK on | `ok` |
//! | `publish-topics TOPIC COUNT`, `publish-services TOPIC COUNT` | publishes once to so many topics, of one service or of as many services | `accepted A refused R` |
//! | `respond-to-nobody METHOD COUNT` | sends responses that answer no request from so many methods | `accepted A refused R` |
//! | `pass-filters SERVICE COUNT` | registers and unregisters the listener for events with filters for so many services | `ok` |
//! | `request-no-return METHOD COUNT` | sends numbered requests without return, by an application that is no transport | `ok` |
//! | `request-and-release NAME SERVICE` | has the application NAME, which is no transport, request a service, wait until it is available, and release it | `ok` |
//! | `gate KIND NAME URI` | registers a listener for a topic or method, whose call `waits` for `open`, `blocks` the thread until then, `panics` or `panics-late` then, or else sends a request back | `ok` |
//! | `gate-owner KIND NAME URI` | the same; the listener owns the transport | `ok` |
//! | `entered NAME COUNT` | waits until so many calls of that listener have begun | `ok` |
//! | `open NAME`, `ungate NAME` | lets its calls end; unregisters it | `ok` |
//! | `gone NAME` | whether nobody owns that listener, or the `transport`, any more | a boolean |
//! | `block-until-told COUNT TOPIC METHOD TTL` | registers COUNT listeners that call METHOD at the event 0, and block their thread until another listener has the response | `ok` |
//! | `told COUNT` | waits until so many of them go on | a list of the statuses |
//! | `show NAME SOURCE [SINK]` | registers a listener that notes all of a message | `ok` |
//! | `answer NAME SOURCE SINK SETTING…` | the same; it answers requests with the settings, as in `send` | `ok` |
//! | `shown NAME` | waits for the next message of that listener | its attributes and payload as `NAME=VALUE…` |
//! | `send KIND FROM [TO] SETTING…` | sends a `publish`, `notification` or `request` with settings such as `token=secret` or `payload=6869` | its id |
//!
//! What fails is answered with `error CODE: text`. The end of the input, SIGINT and SIGTERM end it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "test code")]

mod attributes;
mod blockers;
mod calls;
mod cycles;
mod entity;
mod events;
mod firsts;
mod floods;
mod gates;
mod l2;
mod plain;
mod refuser;
mod room;
mod sizes;
mod strain;
mod streamer;
mod subscriber;
mod usubscription;

use clap::Parser;
use entity::Entity;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::mpsc;

#[derive(Parser)]
struct Options {
    /// vsomeip's configuration
    #[arg(long)]
    config: Option<std::path::PathBuf>,
    /// Be the application of this name in it
    #[arg(long, requires = "config")]
    application_name: Option<String>,
    /// Make vsomeip's configuration in memory: the name of the application
    #[arg(long, requires_all = ["network", "routing"], conflicts_with = "config")]
    application: Option<String>,
    /// … in this network
    #[arg(long, default_value_t)]
    network: String,
    /// … with this application as the host of the routing manager
    #[arg(long, default_value_t)]
    routing: String,
    /// Do not tolerate that vsomeip goes by another configuration
    #[arg(long)]
    strict: bool,
    /// The local entity
    #[arg(long)]
    local: up_rust::UUri,
    /// Run everything on one thread
    #[arg(long)]
    current_thread: bool,
    /// Assume payloads in the format of up-rust's RPC client and server
    #[arg(long)]
    wrapped_payloads: bool,
    /// Send notifications as events
    #[arg(long)]
    notify_by_event: bool,
    /// Offer this topic before anything is published to it; may be repeated
    #[arg(long)]
    offer: Vec<up_rust::UUri>,
    /// Send requests to other hosts over TCP
    #[arg(long)]
    reliable: bool,
    /// The protocol of a service, or of a method, as in `5310=tcp` or `5310.421=udp`; may be repeated
    #[arg(long)]
    protocol: Vec<String>,
    /// Create the transport as a uStreamer does, without any of the other options
    #[arg(long)]
    streamer: bool,
    /// Run the listeners on so many threads
    #[arg(long)]
    threads: Option<u8>,
    /// Run no listener on vsomeip's own thread
    #[arg(long)]
    no_inline: bool,
    /// Answer requests that no listener answers after so many milliseconds
    #[arg(long)]
    request_ttl: Option<u64>,
    /// Drop the oldest message of a full queue
    #[arg(long)]
    drop_oldest: bool,
    /// The authority of a service, as in `5100=brakes`; may be repeated
    #[arg(long)]
    authority: Vec<String>,
    /// Hold the first messages of a topic for so many milliseconds
    #[arg(long)]
    hold_first_messages: Option<u64>,
    /// Have so many bytes in front of each number, for what protects it between hosts
    #[arg(long)]
    room: Option<usize>,
    /// Carry the attributes of the messages of a service, as in `5100`; may be repeated
    #[arg(long)]
    carry: Vec<String>,
    /// The format that all payloads have, such as `PROTOBUF`
    #[arg(long)]
    payload_format: Option<String>,
    /// … those of a service, as in `5100=PROTOBUF`; may be repeated
    #[arg(long)]
    service_format: Vec<String>,
    #[command(flatten)]
    limits: Limits,
    /// Where vsomeip's own log goes
    #[arg(long)]
    vsomeip_log: Option<Log>,
}

/// The limits of the transport; its defaults unless set.
#[derive(clap::Args)]
struct Limits {
    #[arg(long)]
    max_listeners: Option<usize>,
    #[arg(long)]
    max_listeners_per_filter: Option<usize>,
    #[arg(long)]
    listener_queue: Option<usize>,
    #[arg(long)]
    max_outgoing_requests: Option<usize>,
    #[arg(long)]
    max_incoming_requests: Option<usize>,
    #[arg(long)]
    max_published_topics: Option<usize>,
    /// In bytes
    #[arg(long)]
    hold_first_messages_bytes: Option<usize>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Log {
    Console,
    Bridged,
    Silent,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let options = Options::parse();
    room::reserve(options.room.unwrap_or_default());
    let mut runtime = match options.current_thread {
        true => tokio::runtime::Builder::new_current_thread(),
        false => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    let result = runtime.block_on(run(&options));
    // A read of the standard input cannot be cancelled: it must not be waited for.
    runtime.shutdown_background();
    result
}

async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let entity = Entity::new(options)?;
    println!("ready");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (next, mut commands) = mpsc::unbounded_channel();
    let end = async {
        // The test may be gone while a command still waits for something: its end is noticed here.
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => drop(next.send(line)),
                    _ => break,
                },
                _ = interrupt.recv() => break,
                _ = terminate.recv() => break,
            }
        }
    };
    let obey = async {
        while let Some(line) = commands.recv().await {
            match entity.obey(&line).await {
                Ok(answer) => println!("{answer}"),
                Err(error) => println!("error {error}"),
            }
        }
    };
    tokio::select! {
        () = end => {}
        () = obey => {}
    }
    entity.shutdown().await;
    println!("ended");
    Ok(())
}
