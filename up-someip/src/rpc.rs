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

//! Calls of one method.

use std::time::{Duration, Instant};

use bytes::Bytes;
use up_rust::{UCode, UMessage, UMessageBuilder, UPayloadFormat, UStatus, UTransport, UUri, UUID};

use crate::duration::milliseconds;
use crate::errors::Failure;
use crate::session::{Arrivals, Session};

/// Calls a method.
pub(crate) struct Caller<'a> {
    session: &'a Session,
    method: UUri,
    ttl: u32,
    answers: Arrivals,
}

/// What came of a call.
pub(crate) struct Answer {
    pub(crate) message: UMessage,
    /// From the request to the answer.
    pub(crate) time: Duration,
}

impl Answer {
    pub(crate) fn status(&self) -> UCode {
        self.message.commstatus().unwrap_or(UCode::OK)
    }

    /// What the transport or the service says about an error.
    pub(crate) fn reason(&self) -> Option<String> {
        let is_error = self.status() != UCode::OK;
        let status = is_error.then(|| self.message.extract_protobuf::<UStatus>().ok()).flatten();
        status.and_then(|status| status.message).filter(|message| !message.is_empty())
    }
}

impl<'a> Caller<'a> {
    /// # Errors
    ///
    /// Those of the transport.
    pub(crate) async fn new(
        session: &'a Session,
        method: UUri,
        ttl: Duration,
    ) -> Result<Self, Failure> {
        let answers = Arrivals::new();
        session.listen(&method, Some(&session.local), &answers).await?;
        Ok(Self { session, method, ttl: milliseconds(ttl), answers })
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub(crate) async fn send(&self, payload: Option<Bytes>) -> Result<UUID, Failure> {
        let mut builder =
            UMessageBuilder::request(self.method.clone(), self.session.local.clone(), self.ttl);
        let message = match payload {
            // SOME/IP does not carry a format, and the configuration may name one.
            Some(payload) => {
                builder.build_with_payload(payload, UPayloadFormat::UPAYLOAD_FORMAT_UNSPECIFIED)
            }
            None => builder.build(),
        };
        let message = message.map_err(|error| Failure::usage(error.to_string()))?;
        let id = message.id_unchecked().clone();
        self.session.transport.send(message).await?;
        Ok(id)
    }

    /// The next answer, which tells its request by its id, and when it came. There is one to each
    /// request: the transport makes one when none comes in time.
    ///
    /// # Errors
    ///
    /// None while the transport lives.
    pub(crate) async fn next(&mut self) -> Result<(UMessage, Instant), Failure> {
        let arrival = self.answers.next().await?;
        Ok((arrival.message, arrival.at))
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub(crate) async fn call(&mut self, payload: Option<Bytes>) -> Result<Answer, Failure> {
        let start = Instant::now();
        let id = self.send(payload).await?;
        loop {
            let (message, at) = self.next().await?;
            if message.request_id_unchecked() == &id {
                return Ok(Answer { message, time: at.saturating_duration_since(start) });
            }
        }
    }
}
