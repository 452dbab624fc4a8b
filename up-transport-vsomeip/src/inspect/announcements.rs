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
//! What other hosts announce by service discovery, heard by a socket that only listens.

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;

use crate::network::announcements::open;
use crate::network::offers::{announcements_in, Announcement};
use crate::stack::StackConfig;

/// The most that a datagram can have.
const MAX_DATAGRAM: usize = 65_536;

/// Hears the offers of service discovery, beside vsomeip, and without a transport. Needs a tokio
/// runtime with I/O.
///
/// It never asks, so it hears what hosts announce by multicast: mostly every second or two
/// (`cyclic_offer_delay`). What a host sends as an answer to the one that asked is missed.
#[derive(Debug)]
pub struct AnnouncementListener {
    socket: UdpSocket,
    buffer: Vec<u8>,
}

impl AnnouncementListener {
    /// Joins the multicast group of a configuration, on the interface of its `unicast`; `None` if the
    /// configuration does without service discovery.
    ///
    /// # Errors
    ///
    /// Fails if the group cannot be joined: there is no such address, or no multicast, or the port is
    /// in use by a program that does not share it.
    pub fn open(config: &StackConfig) -> io::Result<Option<Self>> {
        let Some(group) = config.discovery_group() else { return Ok(None) };
        let socket = UdpSocket::from_std(open(&group)?)?;
        Ok(Some(Self { socket, buffer: vec![0; MAX_DATAGRAM] }))
    }

    /// Waits for a datagram: who sent it, and what it announces, which may be nothing. It can be
    /// cancelled without a loss.
    ///
    /// # Errors
    ///
    /// Fails if the socket does.
    pub async fn next(&mut self) -> io::Result<(SocketAddr, Vec<Announcement>)> {
        let (length, from) = self.socket.recv_from(&mut self.buffer).await?;
        Ok((from, announcements_in(self.buffer.get(..length).unwrap_or_default())))
    }
}
