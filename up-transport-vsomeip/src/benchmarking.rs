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

//! The parts that do not use vsomeip, one call at a time, for the package `benchmarks` only.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use protobuf::MessageField;
use tokio::runtime::Handle;
use tokio::time::Instant;
use up_rust::{UAttributes, UListener, UMessage, UMessageBuilder, UStatus, UUri};
use vsomeip_sys::{Header, InstanceId, MajorVersion, MessageType, MethodId, RequestId, ServiceId};

use crate::delivery::executor::Executor;
use crate::delivery::mailbox::Mailbox;
use crate::mapping::agreements::Agreements;
use crate::mapping::authorities::{Authorities, Source};
use crate::mapping::content::Content;
use crate::mapping::inbound::Inbound;
use crate::mapping::outbound;
use crate::mapping::request_context::{LastAddresses, RequestContext};
use crate::mapping::trailer;
use crate::options::{Options, QueueLimits};
use crate::registration::filter::Filter;
use crate::registration::routes::Routes;
use crate::rpc::expiry::Expiring;

/// A case to measure.
pub struct Case {
    /// What it is called.
    pub name: &'static str,
    /// Does it once. A failure is an error of the case.
    pub run: Box<dyn FnMut() -> Result<(), UStatus>>,
}

impl Case {
    fn new(name: &'static str, run: impl FnMut() -> Result<(), UStatus> + 'static) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// All cases. `runtime` need not run.
///
/// # Errors
///
/// Fails if a case cannot be prepared.
pub fn cases(runtime: &Handle) -> Result<Vec<Case>, Box<dyn std::error::Error>> {
    let topic: UUri = "//here/1234/1/8001".parse()?;
    let method: UUri = "//there/1234/1/7".parse()?;
    let own: UUri = "//here/4321/1/0".parse()?;
    let event = UMessageBuilder::publish(topic).build()?;
    let request = UMessageBuilder::request(method, own, 1_000).build()?;
    let context = RequestContext::of(
        request.attributes.clone().unwrap_or_default(),
        &LastAddresses::default(),
    );
    let filter = Filter::new(&"//there/1234/1/8001".parse()?, None, "here")?;
    let header_of_event = header(MessageType::Notification);
    let (received, _) = inbound().publish(&header_of_event, read(&inbound(), &header_of_event))?;
    let attributes = received.attributes.clone().unwrap_or_default();
    Ok(vec![
        sent("event, outbound", event, |attributes| outbound::notification(attributes).map(drop)),
        sent("request, outbound", request, |attributes| outbound::request(attributes).map(drop)),
        Case::new("event, inbound", {
            let inbound = inbound();
            move || {
                let header = black_box(header(MessageType::Notification));
                black_box(inbound.publish(&header, read(&inbound, &header)))
                    .map_err(invalid)
                    .map(drop)
            }
        }),
        Case::new("request, inbound", {
            let inbound = inbound();
            move || {
                let header = black_box(header(MessageType::Request));
                black_box(inbound.request(&header, read(&inbound, &header)))
                    .map_err(invalid)
                    .map(drop)
            }
        }),
        Case::new("response, inbound", {
            let (inbound, context) = (inbound(), context.clone());
            move || {
                let header = black_box(header(MessageType::Response));
                let content = read(&inbound, &header);
                drop(black_box(inbound.response(context.clone(), &header, content)));
                Ok(())
            }
        }),
        carried("attributes, written", |attributes, _| {
            black_box(trailer::append(Some(&[7; 64]), attributes, "here")).map(drop)
        })?,
        carried("attributes, read", |_, wire| {
            black_box(trailer::split(black_box(wire.clone()))).map_err(invalid).map(drop)
        })?,
        carried("attributes, looked for", |_, _| {
            match trailer::is_at_end_of(black_box(&[7; 64])) {
                true => Err(invalid("a payload is no trailer")),
                false => Ok(()),
            }
        })?,
        Case::new("filter, match", move || {
            black_box(filter.matches(&attributes, Source::AuthorityAssumed));
            Ok(())
        }),
        lookup("dispatch, 1 registered", 1, received.clone(), runtime)?,
        lookup("dispatch, 1,000 registered", 1_000, received, runtime)?,
        correlation("correlation, 1 in flight", 1, context.clone()),
        correlation("correlation, 1,000 in flight", 1_000, context),
    ])
}

fn inbound() -> Inbound {
    let agreements = Agreements::of_options(&Options::default());
    Inbound::new(
        Authorities::new("here", "there"),
        agreements,
        Arc::default(),
        Duration::from_secs(1),
    )
}

/// Does something with attributes of a usual size, and with 64 bytes of payload and those behind it.
fn carried(
    name: &'static str,
    run: impl Fn(&UAttributes, &Bytes) -> Result<(), UStatus> + 'static,
) -> Result<Case, Box<dyn std::error::Error>> {
    let request = UMessageBuilder::request(
        "//there/1234/1/7".parse()?,
        "//vehicle.example/4321/1/0".parse()?,
        1_000,
    )
    .with_token("a token of 32 bytes, as an UUID.")
    .with_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    .build()?;
    let attributes = request.attributes.unwrap_or_default();
    let wire = trailer::append(Some(&[7; 64]), &attributes, "here")?;
    Ok(Case::new(name, move || run(&attributes, &wire)))
}

/// What a message without a payload contains.
fn read(inbound: &Inbound, header: &Header) -> Content {
    inbound.content(header, black_box(Bytes::new())).unwrap_or_default()
}

fn invalid(error: impl std::fmt::Display) -> UStatus {
    crate::error::invalid_argument(error.to_string())
}

fn header(message_type: MessageType) -> Header {
    let method = match message_type {
        MessageType::Notification => MethodId(0x8001),
        _ => MethodId(7),
    };
    let (service, instance) = (ServiceId(0x1234), InstanceId(1));
    Header::request(message_type, service, instance, method, MajorVersion(1), false)
}

/// Checks a message and maps its attributes. The message is put together again for the next time.
fn sent(
    name: &'static str,
    mut message: UMessage,
    map: impl Fn(&up_rust::UAttributes) -> Result<(), UStatus> + 'static,
) -> Case {
    Case::new(name, move || {
        let (_, attributes, _) = outbound::validated(std::mem::take(&mut message))?;
        map(black_box(&attributes))?;
        message.attributes = MessageField(Some(attributes));
        Ok(())
    })
}

struct Ignoring;

#[async_trait]
impl UListener for Ignoring {
    async fn on_receive(&self, _: UMessage) {}
}

/// Finds the listener of a message among those for other events; its mailbox takes nothing.
fn lookup(
    name: &'static str,
    count: u16,
    message: UMessage,
    runtime: &Handle,
) -> Result<Case, Box<dyn std::error::Error>> {
    let routes = Routes::default();
    let limits = QueueLimits { messages: 0, ..Options::default().queue };
    for number in 0..count {
        let topic = UUri::try_from_parts("there", 0x1234, 1, 0x8001 + number)?;
        let executor = Executor::on(runtime.clone());
        let mailbox = Mailbox::new(Arc::new(Ignoring), limits, executor, Arc::default());
        routes.add(Filter::new(&topic, None, "here")?, Arc::new(mailbox));
    }
    Ok(Case::new(name, move || {
        let message = message.clone();
        let attributes = message.attributes.get_or_default();
        let recipients = routes.recipients(attributes, Source::AuthorityAssumed);
        black_box(recipients).deliver(message, None, true);
        Ok(())
    }))
}

/// Adds a request and takes it out again, while others wait.
fn correlation(name: &'static str, count: u32, context: RequestContext) -> Case {
    let table = Expiring::with_capacity(usize::MAX);
    let deadline = Instant::now() + Duration::from_secs(3_600);
    let add = move |table: &Expiring<RequestId, RequestContext>, number| {
        let key = RequestId(number);
        // Nothing is full.
        drop(table.insert(deadline, key, context.clone()));
    };
    (1..count).for_each(|number| add(&table, number));
    let mut number = count;
    Case::new(name, move || {
        // Each has an id of its own, as requests have.
        number = number.wrapping_add(1).max(count);
        add(&table, number);
        black_box(table.remove(&RequestId(number)));
        Ok(())
    })
}
