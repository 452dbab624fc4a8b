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

//! Protobuf messages by a descriptor set: JSON to bytes, and back.

use std::path::Path;

use prost_reflect::prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;

use crate::errors::Failure;
use crate::payload::Kind;

/// Messages that are known by name.
pub(crate) trait MessageType {
    /// JSON to bytes.
    fn encode(&self, json: &[u8]) -> Result<Vec<u8>, Failure>;
    /// Bytes to JSON.
    fn decode(&self, bytes: &[u8]) -> Result<Value, String>;
}

/// What the payloads of a command are; none if they are no protobuf messages.
#[derive(Default)]
pub(crate) struct Types {
    request: Option<MessageDescriptor>,
    answer: Option<MessageDescriptor>,
}

impl Types {
    /// # Errors
    ///
    /// Fails if the file is no descriptor set, or does not have a message.
    pub(crate) fn read(set: &Path, request: &str, answer: Option<&str>) -> Result<Self, Failure> {
        let path = set.display();
        let bytes =
            std::fs::read(set).map_err(|error| Failure::usage(format!("{path}: {error}")))?;
        let pool = DescriptorPool::decode(&*bytes).map_err(|error| {
            Failure::usage(format!("{path} is no descriptor set: {error}")).help(
                "make one by `protoc --include_imports --descriptor_set_out=descriptor.bin \
                 messages.proto`",
            )
        })?;
        let find = |name: &str| {
            pool.get_message_by_name(name.trim_start_matches('.')).ok_or_else(|| {
                Failure::usage(format!("{path} has no message {name}")).help(names_in(&pool))
            })
        };
        let request = find(request)?;
        let answer = answer.map(find).transpose()?.unwrap_or_else(|| request.clone());
        Ok(Self { request: Some(request), answer: Some(answer) })
    }

    /// What a payload is.
    pub(crate) fn of(&self, kind: Kind) -> Option<&MessageDescriptor> {
        match kind {
            Kind::Request => self.request.as_ref(),
            Kind::Answer => self.answer.as_ref(),
        }
    }
}

fn names_in(pool: &DescriptorPool) -> String {
    const SHOWN: usize = 20;
    let own = |message: &MessageDescriptor| !message.full_name().starts_with("google.protobuf.");
    let messages = pool.all_messages().filter(own);
    let mut names: Vec<_> = messages.map(|message| message.full_name().to_owned()).collect();
    names.sort();
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("…".to_owned());
    }
    format!("it has {}", names.join(", "))
}

impl MessageType for MessageDescriptor {
    fn encode(&self, json: &[u8]) -> Result<Vec<u8>, Failure> {
        let wrong = |error: serde_json::Error| {
            let name = self.full_name();
            Failure::usage(format!("the payload is no JSON of {name}: {error}"))
        };
        let mut reader = serde_json::Deserializer::from_slice(json);
        let message = DynamicMessage::deserialize(self.clone(), &mut reader).map_err(wrong)?;
        reader.end().map_err(wrong)?;
        Ok(message.encode_to_vec())
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, String> {
        let message = DynamicMessage::decode(self.clone(), bytes)
            .map_err(|error| format!("no {}: {error}", self.full_name()))?;
        // Fields with their default value are shown: on a bench, 0 is an answer.
        let options = SerializeOptions::new().skip_default_fields(false);
        message
            .serialize_with_options(serde_json::value::Serializer, &options)
            .map_err(|error| format!("no JSON of {}: {error}", self.full_name()))
    }
}
