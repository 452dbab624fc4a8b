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
//! Messages with whatever attributes a command names, and listeners that show all of a message.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use async_trait::async_trait;
use protobuf::{Enum, MessageField};
use tokio::sync::{mpsc, Mutex};
use up_rust::{
    UAttributes, UCode, UListener, UMessage, UMessageBuilder, UMessageType, UPayloadFormat,
    UPriority, UTransport, UUri, UUID,
};

use crate::entity::Transport;

type Failure = Box<dyn Error>;

/// The message `KIND FROM TO NAME=VALUE…`.
pub(crate) fn message(words: &[&str]) -> Result<UMessage, Failure> {
    let (mut builder, settings) = match words {
        ["publish", topic, settings @ ..] => (UMessageBuilder::publish(topic.parse()?), settings),
        ["notification", topic, sink, settings @ ..] => {
            (UMessageBuilder::notification(topic.parse()?, sink.parse()?), settings)
        }
        ["request", own, method, settings @ ..] => {
            (UMessageBuilder::request(method.parse()?, own.parse()?, 10_000), settings)
        }
        _ => return Err("no such kind".into()),
    };
    with(&mut builder, settings)
}

fn with(builder: &mut UMessageBuilder, settings: &[&str]) -> Result<UMessage, Failure> {
    let mut message = builder.build()?;
    let attributes = message.attributes.as_mut().ok_or("no attributes")?;
    for setting in settings {
        let (name, value) = setting.split_once('=').ok_or("NAME=VALUE")?;
        match name {
            "payload" => message.payload = Some(bytes(value)?.into()),
            name => set(attributes, name, value)?,
        }
    }
    Ok(message)
}

fn set(attributes: &mut UAttributes, name: &str, value: &str) -> Result<(), Failure> {
    match name {
        "id" => attributes.id = MessageField::some(value.parse::<UUID>()?),
        "priority" => {
            let name = format!("UPRIORITY_{value}");
            attributes.priority = UPriority::from_str(&name).ok_or("no such priority")?.into();
        }
        "ttl" => attributes.ttl = Some(value.parse()?),
        "permission" => attributes.permission_level = Some(value.parse()?),
        "status" => {
            attributes.commstatus = Some(UCode::from_str(value).ok_or("no such status")?.into());
        }
        "traceparent" => attributes.traceparent = Some(value.to_owned()),
        "token" => attributes.token = Some(value.to_owned()),
        "format" => {
            attributes.payload_format = format(value).into();
        }
        _ => return Err(format!("no such attribute: {name}").into()),
    }
    Ok(())
}

/// The format of a name such as `PROTOBUF`.
pub(crate) fn format(name: &str) -> UPayloadFormat {
    UPayloadFormat::from_str(&format!("UPAYLOAD_FORMAT_{name}")).expect("a format")
}

fn bytes(hexadecimal: &str) -> Result<Vec<u8>, Failure> {
    let digits: Vec<_> = hexadecimal.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
    Ok(digits.chunks(2).map(byte).collect::<Result<_, _>>()?)
}

/// All of a message that is there, as `NAME=VALUE…`.
fn shown(message: &UMessage) -> String {
    let UAttributes { id, source, sink, ttl, permission_level, reqid, traceparent, token, .. } =
        message.attributes.get_or_default();
    let attributes = message.attributes.get_or_default();
    let mut text = format!("type={}", name_of(attributes.type_.enum_value(), "UMESSAGE_TYPE_"));
    let mut show = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(text, " {name}={value}");
        }
    };
    show("id", id.as_ref().map(UUID::to_hyphenated_string));
    show("source", source.as_ref().map(|uri| uri.to_uri(false)));
    show("sink", sink.as_ref().map(|uri| uri.to_uri(false)));
    show("priority", Some(name_of(attributes.priority.enum_value(), "UPRIORITY_")));
    show("ttl", ttl.map(|ttl| ttl.to_string()));
    show("permission", permission_level.map(|level| level.to_string()));
    show("status", attributes.commstatus.map(|status| name_of(status.enum_value(), "")));
    show("reqid", reqid.as_ref().map(UUID::to_hyphenated_string));
    show("traceparent", traceparent.clone());
    show("token", token.clone());
    show("format", Some(name_of(attributes.payload_format.enum_value(), "UPAYLOAD_FORMAT_")));
    let payload = message.payload.as_ref();
    show("payload", payload.map(|it| it.iter().map(|byte| format!("{byte:02x}")).collect()));
    text
}

fn name_of<E: Enum>(value: Result<E, i32>, prefix: &str) -> String {
    let name = format!("{:?}", value.expect("a known value"));
    name.trim_start_matches(prefix).to_owned()
}

/// Shows what it gets, and answers requests if it is told how.
pub(crate) struct Shown {
    transport: Transport,
    /// `NAME=VALUE…` of the response.
    answer: Option<Vec<String>>,
    sender: mpsc::UnboundedSender<String>,
    lines: Mutex<mpsc::UnboundedReceiver<String>>,
}

impl Shown {
    pub(crate) fn new(transport: Transport, answer: Option<&[&str]>) -> Arc<Self> {
        let (sender, lines) = mpsc::unbounded_channel();
        let answer = answer.map(|words| words.iter().map(|&word| word.to_owned()).collect());
        Arc::new(Self { transport, answer, sender, lines: Mutex::new(lines) })
    }

    /// What comes next.
    pub(crate) async fn next(&self) -> Result<String, Failure> {
        Ok(self.lines.lock().await.recv().await.ok_or("no messages any more")?)
    }
}

#[async_trait]
impl UListener for Shown {
    async fn on_receive(&self, message: UMessage) {
        self.sender.send(shown(&message)).expect("an open channel");
        let is_request =
            message.attributes.type_.enum_value() == Ok(UMessageType::UMESSAGE_TYPE_REQUEST);
        let (Some(answer), true) = (&self.answer, is_request) else { return };
        let mut builder = UMessageBuilder::response_for_request(message.attributes_unchecked());
        let settings: Vec<_> = answer.iter().map(String::as_str).collect();
        let response = with(&mut builder, &settings).expect("a response");
        let transport = self.transport.read().clone().expect("a transport");
        if let Err(status) = transport.send(response).await {
            log::error!("no answer: {status}");
        }
    }
}

/// Registers a listener.
pub(crate) async fn register(
    transport: &dyn UTransport,
    source: &str,
    sink: Option<&str>,
    listener: Arc<Shown>,
) -> Result<(), Failure> {
    let source: UUri = source.parse()?;
    let sink: Option<UUri> = sink.map(str::parse).transpose()?;
    Ok(transport.register_listener(&source, sink.as_ref(), listener).await?)
}
