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
//! `up-someip map`.

use serde::Serialize;
use up_transport_vsomeip::inspect::{Address, Kind, Use};

use crate::errors::Failure;
use crate::exit::Exit;
use crate::target::{Target, FORMS};
use crate::Context;

const EXAMPLES: &str = "\
Examples:
  up-someip map //ecu/21234/1/8001
  up-someip map 0x1234.2.0x8001 4660.2.32769 --version 1 --authority ecu
  up-someip map --json //ecu/1234/1/421";

const ANY_VERSION: u8 = 0xff;

/// Translate between UUris and SOME/IP ids
///
/// Prints the ids of the service, the instance, the interface version and the method or event in
/// hexadecimal and decimal, what kind of resource it is, and which SOME/IP message each use of it
/// becomes. Works in both directions, and says why an address has no counterpart. Needs no network.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = format!("{FORMS}\n\n{EXAMPLES}"))]
pub(crate) struct Args {
    /// UUris, or ids
    #[arg(required = true, value_name = "ADDRESS")]
    addresses: Vec<String>,

    /// The interface version of addresses that have none; any unless given
    #[arg(long = "version", id = "interface_version", value_name = "MAJOR")]
    version: Option<u8>,

    /// The authority of addresses that have none; `ecu` unless given
    #[arg(long, value_name = "NAME")]
    authority: Option<String>,
}

/// An address that has ids.
#[derive(Debug, Serialize)]
struct Mapped {
    address: String,
    uuri: String,
    kind: &'static str,
    service: u16,
    instance: u16,
    version: u8,
    resource: u16,
    /// Whether only filters can have it.
    wildcard: bool,
    hex: Hex,
    messages: Vec<Message>,
}

#[derive(Debug, Serialize)]
struct Hex {
    service: String,
    instance: String,
    version: String,
    resource: String,
}

#[derive(Debug, Serialize)]
struct Message {
    uprotocol: &'static str,
    someip: &'static str,
    code: u8,
    #[serde(skip_serializing_if = "str::is_empty")]
    condition: &'static str,
}

impl From<&Use> for Message {
    fn from(it: &Use) -> Self {
        let Use { message: uprotocol, someip, code, condition } = *it;
        Self { uprotocol, someip, code, condition }
    }
}

/// One that has none.
#[derive(Debug, Serialize)]
struct Unmapped {
    address: String,
    error: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let authority = context.connection.remote_authority_or(args.authority.clone());
    let mut exit = Exit::Ok;
    for (index, text) in args.addresses.iter().enumerate() {
        if index > 0 && !context.output.is_json() {
            context.output.line(b"")?;
        }
        match mapped(text, &authority, args.version) {
            Ok(mapped) => context.output.result(&mapped, || mapped.text())?,
            Err(error) => {
                exit = Exit::Usage;
                let unmapped = Unmapped { address: text.clone(), error };
                let shown = || format!("{text}: cannot be mapped: {}", unmapped.error);
                context.output.result(&unmapped, shown)?;
            }
        }
    }
    Ok(exit)
}

fn mapped(text: &str, authority: &str, version: Option<u8>) -> Result<Mapped, String> {
    let target: Target = text.parse()?;
    let authority = target.authority().unwrap_or_else(|| authority.to_owned());
    let address = match target {
        Target::Uri(uri) => Address::of(&uri),
        Target::Ids { service, instance, resource } => {
            let resource = resource.unwrap_or(0);
            Address::new(service, instance, version.unwrap_or(ANY_VERSION), resource)
        }
    };
    let address = address.map_err(|status| status.message.clone().unwrap_or_default())?;
    let uri = address.to_uri(&authority);
    uri.check_validity().map_err(|error| error.to_string())?;
    Ok(Mapped::of(text, uri.to_uri(false), address))
}

impl Mapped {
    fn of(text: &str, uuri: String, address: Address) -> Self {
        let Address { service, instance, version, resource, .. } = address;
        let id = |id: u16| format!("{id:#06x}");
        Self {
            address: text.to_owned(),
            uuri,
            kind: name_of(address.kind()),
            service,
            instance,
            version,
            resource,
            wildcard: address.has_wildcard(),
            hex: Hex {
                service: id(service),
                instance: id(instance),
                version: format!("{version:#04x}"),
                resource: id(resource),
            },
            messages: address.uses().iter().map(Message::from).collect(),
        }
    }

    fn text(&self) -> String {
        let row = |name: &str, hex: &str, number: u16, any: u16| {
            let decimal = if number == any { "any".to_owned() } else { number.to_string() };
            format!("  {name:<10} {hex:<7} {decimal}")
        };
        let Self { uuri, service, instance, version, resource, hex, .. } = self;
        let what = match self.kind {
            "entity" | "any" => "resource",
            kind => kind,
        };
        let mut lines = vec![
            uuri.clone(),
            row("service", &hex.service, *service, u16::MAX),
            row("instance", &hex.instance, *instance, u16::MAX),
            row("version", &hex.version, (*version).into(), u8::MAX.into()),
            row(what, &hex.resource, *resource, u16::MAX),
        ];
        if self.kind == "entity" {
            lines.push("  the uEntity itself: sends requests, gets responses".to_owned());
        }
        if self.wildcard {
            lines.push("  for filters only: no message has such an address".to_owned());
        }
        lines.extend(self.messages.iter().map(Message::text));
        lines.join("\n")
    }
}

impl Message {
    fn text(&self) -> String {
        let Self { uprotocol, someip, code, condition } = self;
        let condition = match condition.is_empty() {
            true => String::new(),
            false => format!("; {condition}"),
        };
        format!("  {uprotocol} is {someip} ({code:#04x}){condition}")
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Entity => "entity",
        Kind::Method => "method",
        Kind::Event => "event",
        Kind::Any => "any",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn both_directions_agree() {
        for uuri in ["//ecu/21234/1/8001", "//ecu/1234/FE/421", "//ecu/FFFF/1/0"] {
            let there = mapped(uuri, "other", None).unwrap();
            let ids = format!("{}.{}.{}", there.service, there.instance, there.resource);
            let back = mapped(&ids, "ecu", Some(there.version)).unwrap();
            assert_eq!((back.uuri.as_str(), back.kind), (uuri, there.kind));
        }
    }

    #[test]
    fn text_has_both_forms() {
        let text = mapped("//ecu/21234/1/8001", "other", None).unwrap().text();
        for part in ["0x1234  4660", "0x8001  32769", "event", "NOTIFICATION (0x02)"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_mapped_is_explained() {
        for (text, part) in [
            ("//ecu/20000/1/1", "service id 0x0000"),
            ("//ecu/1234/1FF/1", "version"),
            ("//ecu/1234/1/12345", "resource"),
            ("0x1234.1.0x12345", "16 bits"),
            ("nothing", "no id"),
            ("", "no id"),
            ("//ecu", "write //"),
        ] {
            let error = mapped(text, "ecu", None).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
