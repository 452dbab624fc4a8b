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

//! One side of a bridge: a transport, and which messages of it are to be forwarded.

use std::sync::Arc;

use up_rust::{UCode, UStatus, UTransport, UUri};

/// A transport, and the uEntities that are reached through it.
#[derive(Clone)]
pub struct Side {
    name: String,
    transport: Arc<dyn UTransport>,
    authority: String,
    topics: Vec<UUri>,
}

impl Side {
    /// The uEntities of an authority, with everything that they publish. `name` is for the log.
    pub fn new(
        name: impl Into<String>,
        transport: Arc<dyn UTransport>,
        authority: impl Into<String>,
    ) -> Self {
        Self { name: name.into(), transport, authority: authority.into(), topics: Vec::new() }
    }

    /// Forwards what is published to these topics only, which may contain wildcards. Over SOME/IP, which
    /// does not announce events, each event must be named here or in the configuration of vsomeip.
    #[must_use]
    pub fn with_topics(mut self, topics: impl IntoIterator<Item = UUri>) -> Self {
        self.topics.extend(topics);
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn transport(&self) -> &Arc<dyn UTransport> {
        &self.transport
    }

    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The filters for what is to be forwarded to another authority: everything that is sent to it, and
    /// what is published.
    pub(crate) fn filters(&self, to: &str) -> Result<Vec<(UUri, Option<UUri>)>, UStatus> {
        let here = all_of(&self.authority)?;
        let mut filters = vec![(here.clone(), Some(all_of(to)?))];
        if self.topics.is_empty() {
            filters.push((here, None));
        }
        filters.extend(self.topics.iter().map(|topic| (topic.clone(), None)));
        Ok(filters)
    }
}

/// All resources of all uEntities of an authority.
fn all_of(authority: &str) -> Result<UUri, UStatus> {
    let uri = UUri { authority_name: authority.to_owned(), ..UUri::any() };
    let checked = match authority {
        "" => Err("the name of an authority is missing".to_owned()),
        name => UUri::verify_authority(name).map_err(|error| error.to_string()),
    };
    checked.map(|_| uri).map_err(|error| UStatus::fail_with_code(UCode::INVALID_ARGUMENT, error))
}
