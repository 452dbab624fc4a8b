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

//! One side of a bridge: a transport, and filters for the messages to forward.

use std::sync::Arc;

use up_rust::{UCode, UStatus, UTransport, UUri};

/// A transport and the authority of the uEntities that it reaches.
#[derive(Clone)]
pub struct Side {
    name: String,
    transport: Arc<dyn UTransport>,
    authority: String,
    topics: Vec<UUri>,
}

impl Side {
    /// The uEntities of an authority, including everything that they publish. `name` is for the log.
    pub fn new(
        name: impl Into<String>,
        transport: Arc<dyn UTransport>,
        authority: impl Into<String>,
    ) -> Self {
        Self { name: name.into(), transport, authority: authority.into(), topics: Vec::new() }
    }

    /// Forwards only messages published to these topics, which may contain wildcards. SOME/IP does not
    /// announce events, so each event must be named here or in vsomeip's configuration.
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

    /// The filters for messages to forward to another authority: all that are sent to it, and the
    /// published ones.
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
