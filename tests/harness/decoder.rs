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

//! Decodes the messages on the wire between two hosts with `tshark`.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;

use crate::hosts::{address_of, ECU, HPC};
use crate::{repeat, Hosts, Peer};

/// The fields that `tshark` prints for each message, in this order.
const FIELDS: [&str; 9] = [
    "ip.src",
    "ip.proto",
    "someip.messageid",
    "someip.clientid",
    "someip.sessionid",
    "someip.protoversion",
    "someip.interfaceversion",
    "someip.messagetype",
    "someip.returncode",
];

/// A message whose only purpose is to be decoded, as a string for `printf`.
const PROBE: &str = r"\xff\xfe\0\0\0\0\0\x08\0\0\0\0\x01\0\0\0";
const PROBE_ID: u32 = 0xfffe_0000;

/// The header of a SOME/IP message.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The host that sent it, `hpc` or `ecu`.
    pub from: &'static str,
    /// The protocol that carried it, `udp` or `tcp`.
    pub over: &'static str,
    /// Service id and method or event id.
    pub message: u32,
    /// Client id.
    pub client: u16,
    /// Session id.
    pub session: u16,
    /// Protocol version.
    pub protocol: u8,
    /// Interface version.
    pub version: u8,
    /// Message type.
    pub kind: u8,
    /// Return code.
    pub code: u8,
}

impl fmt::Debug for Header {
    /// In hexadecimal, as SOME/IP's numbers are known.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, over, message, client, session, protocol, version, kind, code } = self;
        write!(formatter, "{from} {over} message {message:08x} client {client:04x} ")?;
        write!(formatter, "session {session:04x} protocol {protocol:02x} version {version:02x} ")?;
        write!(formatter, "type {kind:02x} return code {code:02x}")
    }
}

/// The wire between two hosts. Service discovery is left out.
pub struct Wire {
    decoder: Peer,
    /// What was not asked for yet.
    messages: Vec<Header>,
    log: PathBuf,
}

impl Wire {
    /// Everything that is sent from now on.
    pub fn new(hosts: &Hosts) -> Self {
        let mut command = hosts.command_on(ECU);
        // It must end with this thread, whatever happens: it has no input that could tell it.
        command.args(["setpriv", "--pdeathsig", "TERM", "tshark", "-Q", "-l", "-n"]);
        command.args(["-i", "eth0", "-d", "udp.port==30490,someip"]);
        // The error messages of ICMP quote what they are about.
        command.args(["-Y", "someip && !someipsd && !icmp", "-T", "fields"]);
        for field in FIELDS {
            command.args(["-e", field]);
        }
        // Where it keeps what it captures, and no settings of the user's.
        command.env("TMPDIR", hosts.directory()).env("WIRESHARK_CONFIG_DIR", hosts.directory());
        let log = hosts.directory().join("tshark.log");
        let decoder = Peer::spawn("tshark", command.stderr(File::create(&log).expect("a file")));
        let mut wire = Self { decoder, messages: Vec::new(), log };
        wire.wait_until_it_decodes(hosts);
        wire
    }

    fn wait_until_it_decodes(&mut self, hosts: &Hosts) {
        let send = format!("printf '{PROBE}' >/dev/udp/{}/30490", address_of(ECU));
        let line = self.decoder.line_while(|| {
            let sent = hosts.command_on(HPC).args(["bash", "-c", &send]).status().expect("bash");
            assert!(sent.success(), "a probe cannot be sent: {sent}");
        });
        self.note(&line);
    }

    /// Waits for the next message of a service's method or event.
    pub fn next(&mut self, message: u32) -> Header {
        repeat(|| {
            let found = self.messages.iter().position(|header| header.message == message);
            if let Some(index) = found {
                return Ok(self.messages.remove(index));
            }
            let line = self.decoder.line();
            self.note(&line);
            Err(format!("no message {message:#010x} is on the wire"))
        })
    }

    /// A datagram can contain several messages: each column has a value of each of them.
    fn note(&mut self, line: &str) {
        let columns: Vec<Vec<&str>> =
            line.split('\t').map(|column| column.split(',').collect()).collect();
        let [from, over, columns @ ..] = &columns[..] else { panic!("an empty line") };
        for index in 0..columns[0].len() {
            let values = columns.iter().map(|column| number(column[index]));
            let header = header(from[0], over[0], &values.collect::<Vec<_>>());
            if header.message != PROBE_ID {
                self.messages.push(header);
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(&self.log).unwrap_or_default());
            eprintln!("on the wire, but not asked for: {:#?}", self.messages);
        }
        // Killed, it would leave a process behind that captures.
        self.decoder.signal("TERM");
        self.decoder.wait();
    }
}

fn header(source: &str, protocol_number: &str, values: &[u32]) -> Header {
    let [message, client, session, protocol, version, kind, code] = *values else {
        panic!("not the fields that were asked for: {values:?}");
    };
    let byte = |value: u32| u8::try_from(value).expect("a byte");
    let word = |value: u32| u16::try_from(value).expect("16 bits");
    Header {
        from: if source == address_of(HPC) { HPC } else { ECU },
        over: if protocol_number == "6" { "tcp" } else { "udp" },
        message,
        client: word(client),
        session: word(session),
        protocol: byte(protocol),
        version: byte(version),
        kind: byte(kind),
        code: byte(code),
    }
}

fn number(text: &str) -> u32 {
    let digits = text.strip_prefix("0x").expect("a hexadecimal number");
    u32::from_str_radix(digits, 16).expect("a number")
}
