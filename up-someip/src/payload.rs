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

//! Payloads: from the command line to bytes, and from bytes to what is printed.

use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::errors::Failure;
use crate::proto::{MessageType, Types};

/// Where a payload comes from.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Payload")]
#[group(multiple = false)]
pub(crate) struct Input {
    /// The payload as text; as JSON with --type
    #[arg(value_name = "PAYLOAD")]
    text: Option<String>,

    /// The payload in hexadecimal, such as 0a0b or "0a 0b"
    #[arg(long, value_name = "BYTES", value_parser = bytes_of)]
    hex: Option<Bytes>,

    /// The payload is what is in this file; `-` is the standard input. JSON with --type
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What payloads are.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Payload")]
pub(crate) struct Format {
    /// A descriptor set, as `protoc --include_imports --descriptor_set_out` writes it
    #[arg(long, value_name = "FILE", requires = "proto_type")]
    proto_set: Option<PathBuf>,

    /// The protobuf message that payloads are, such as pkg.Msg: JSON in, JSON out
    #[arg(long = "type", id = "proto_type", value_name = "MESSAGE", requires = "proto_set")]
    proto_type: Option<String>,

    /// The protobuf message that answers are, if it is another one than --type
    #[arg(long, value_name = "MESSAGE", requires = "proto_set")]
    answer_type: Option<String>,

    /// How payloads are printed
    #[arg(long, value_enum, default_value_t)]
    print: Print,
}

/// How payloads are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Print {
    /// As JSON with --type, else as text if all of it can be printed, else in hexadecimal
    #[default]
    Auto,
    /// In hexadecimal
    Hex,
    /// Nothing but the bytes, as they are
    Raw,
}

/// Reads hexadecimal digits; blanks, colons and a leading 0x are passed over.
fn bytes_of(text: &str) -> Result<Bytes, String> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ':' | '_')).collect();
    hex::decode(digits).map(Bytes::from).map_err(|error| match error {
        hex::FromHexError::OddLength => "an odd number of digits; a byte has two".to_owned(),
        error => error.to_string(),
    })
}

/// How payloads are read and printed by a command.
pub(crate) struct Codec {
    types: Types,
    print: Print,
}

impl Format {
    /// # Errors
    ///
    /// Fails if the descriptor set cannot be read, or does not have the message.
    pub(crate) fn codec(&self) -> Result<Codec, Failure> {
        let types = match (&self.proto_set, &self.proto_type) {
            (Some(set), Some(name)) => Types::read(set, name, self.answer_type.as_deref())?,
            _ => Types::default(),
        };
        Ok(Codec { types, print: self.print })
    }

    /// Whether nothing but payloads is to be printed.
    pub(crate) fn is_raw(&self) -> bool {
        self.print == Print::Raw
    }
}

impl Input {
    /// The payload, none if none is given.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read, or is not what it is to be.
    pub(crate) async fn read(&self, codec: &Codec, kind: Kind) -> Result<Option<Bytes>, Failure> {
        if let Some(bytes) = &self.hex {
            return Ok(Some(bytes.clone()));
        }
        let content = match (&self.text, &self.file) {
            (Some(text), _) => Bytes::from(text.clone()),
            (None, Some(path)) => Bytes::from(content_of(path.clone()).await?),
            (None, None) => return Ok(None),
        };
        match codec.types.of(kind) {
            Some(message) => message.encode(&content).map(|bytes| Some(bytes.into())),
            None => Ok(Some(content)),
        }
    }
}

/// On a thread of its own, as a terminal or a pipe may have nothing for long: Ctrl-C counts meanwhile.
async fn content_of(path: PathBuf) -> Result<Vec<u8>, Failure> {
    log::debug!("reading the payload from {}", path.display());
    let name = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || {
        if path == Path::new("-") {
            let mut content = Vec::new();
            std::io::stdin().lock().read_to_end(&mut content).map(|_| content)
        } else {
            std::fs::read(path)
        }
    });
    let content = read.await.map_err(|error| Failure::failed(format!("{name}: {error}")))?;
    content.map_err(|error| Failure::usage(format!("{name}: {error}")))
}

/// Which of the two messages of a method a payload is; events are as requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Answer,
}

/// A payload, as it is printed.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Shown {
    bytes: usize,
    hex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    /// Why it is not the message that it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip)]
    content: Bytes,
    #[serde(skip)]
    print: Print,
}

impl Codec {
    /// Reads a payload that was received; of no kind is that of an error, which no --type describes.
    pub(crate) fn show(&self, payload: Option<&Bytes>, kind: Option<Kind>) -> Shown {
        let content = payload.cloned().unwrap_or_default();
        let message = kind.and_then(|kind| self.types.of(kind));
        let decoded = message.map(|message| message.decode(&content));
        let (message, problem) = match decoded {
            None => (None, None),
            Some(Ok(message)) => (Some(message), None),
            Some(Err(problem)) => (None, Some(problem)),
        };
        Shown {
            bytes: content.len(),
            hex: hex::encode(&content),
            text: printable(&content).map(str::to_owned),
            message,
            problem,
            content,
            print: self.print,
        }
    }
}

impl Shown {
    /// The bytes as they came.
    pub(crate) fn content(&self) -> &Bytes {
        &self.content
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let shown = match (&self.message, &self.text) {
            _ if self.content.is_empty() && self.message.is_none() => "(empty)".to_owned(),
            _ if self.print == Print::Hex => format!("0x{}", self.hex),
            (Some(message), _) => message.to_string(),
            (None, Some(text)) if self.problem.is_none() => text.clone(),
            _ => format!("0x{}", self.hex),
        };
        match &self.problem {
            Some(problem) => format!("{shown} ({problem})"),
            None => shown,
        }
    }
}

/// The text that all of this is, if it can be printed.
fn printable(content: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(content).ok()?;
    let is_printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (!text.is_empty() && text.chars().all(is_printable)).then_some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn shown(content: &'static [u8], print: Print) -> String {
        let codec = Codec { types: Types::default(), print };
        codec.show(Some(&Bytes::from_static(content)), Some(Kind::Request)).text()
    }

    #[test]
    fn hexadecimal_takes_common_forms() {
        for text in ["0a0B", "0x0a0b", "0a 0b", "0a:0b", "0a_0b"] {
            assert_eq!(bytes_of(text).unwrap(), &[10, 11][..], "{text}");
        }
        assert_eq!(bytes_of("").unwrap(), &[][..]);
        bytes_of("0a0").unwrap_err();
        bytes_of("0g").unwrap_err();
    }

    #[test]
    fn payload_is_printed_by_content() {
        assert_eq!(shown("grün".as_bytes(), Print::Auto), "grün");
        assert_eq!(shown(b"a\x00", Print::Auto), "0x6100");
        assert_eq!(shown(b"a\x1b[2J", Print::Auto), "0x611b5b324a");
        assert_eq!(shown(b"\xff", Print::Auto), "0xff");
        assert_eq!(shown(b"a", Print::Hex), "0x61");
        assert_eq!(shown(b"", Print::Auto), "(empty)");
    }
}
