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

//! Filters: their kinds, and the messages that they match.

mod needs;
mod pattern;

use up_rust::{UAttributes, UStatus, UUri};
use vsomeip_sys::{InstanceId, MajorVersion, MethodId, ServiceId};

use crate::error::invalid_argument;
use crate::mapping::authorities::Source;
use crate::mapping::uri::{resource_of, version_of, ServiceInstance};
use crate::uprotocol::{verify_filter, Attributes, Kind, UriParts};

pub(crate) use needs::{Offers, Topic};
use pattern::Pattern;

const ANY_RESOURCE: u16 = 0xffff;

/// A row of the transport specification's table of valid source and sink filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FilterKind {
    /// Events of one topic or of any.
    Publish,
    /// Notifications from one resource.
    Notification,
    /// Requests to one method.
    Request,
    /// Responses from one method.
    Response,
    /// All notifications and responses.
    NotificationAndResponse,
    /// All messages with a sink: notifications, requests and responses.
    PointToPoint,
}

impl FilterKind {
    fn of(source: u16, sink: Option<u16>) -> Result<Self, UStatus> {
        match (source, sink) {
            (0x8000..=0xfffe | ANY_RESOURCE, None) => Ok(Self::Publish),
            (0x8000..=0xfffe, Some(0)) => Ok(Self::Notification),
            // Only requests have a method as sink, so the wildcard means the same as 0.
            (0 | ANY_RESOURCE, Some(1..=0x7fff)) => Ok(Self::Request),
            (1..=0x7fff, Some(0)) => Ok(Self::Response),
            (ANY_RESOURCE, Some(0)) => Ok(Self::NotificationAndResponse),
            (ANY_RESOURCE, Some(ANY_RESOURCE)) => Ok(Self::PointToPoint),
            (source, sink) => Err(invalid_argument(format!(
                "no listener can be registered for the resource ids {source:04X} (source) and \
                 {sink:04X?} (sink)"
            ))),
        }
    }
}

/// The source and sink patterns of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Filter {
    kind: FilterKind,
    source: Pattern,
    sink: Option<Pattern>,
}

/// How a matching message is delivered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Matched {
    Unchanged,
    WithSource(UUri),
}

impl Filter {
    /// A URI without an authority gets `local`, that of the local entity.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the specification's table does not allow the resource ids, or if a URI is not
    /// valid.
    // [impl->dsn~utransport-registerlistener-error-invalid-parameter~1]
    // [impl->dsn~utransport-unregisterlistener-error-invalid-parameter~1]
    pub(crate) fn new(source: &UUri, sink: Option<&UUri>, local: &str) -> Result<Self, UStatus> {
        verify_filter(source, sink)?;
        let kind = FilterKind::of(resource_of(source)?, sink.map(resource_of).transpose()?)?;
        // Checked here, so that patterns have valid versions.
        [Some(source), sink].into_iter().flatten().try_for_each(|uri| version_of(uri).map(drop))?;
        let sink = sink.map(|sink| Pattern::new(sink, local));
        Ok(Self { kind, source: Pattern::new(source, local), sink })
    }

    /// Whether it matches events as notifications to its sink.
    pub(crate) fn takes_notifications(&self) -> bool {
        self.kind == FilterKind::Notification
    }

    /// The service and the method or event that the filter names, if neither is a wildcard.
    pub(crate) fn key(&self) -> Option<(ServiceId, u16)> {
        let named = match self.kind {
            FilterKind::Publish | FilterKind::Notification | FilterKind::Response => &self.source,
            FilterKind::Request => self.sink.as_ref()?,
            FilterKind::NotificationAndResponse | FilterKind::PointToPoint => return None,
        };
        let (service, resource) = (named.service().service, named.resource());
        (service != ServiceId::ANY && resource != ANY_RESOURCE).then_some((service, resource))
    }

    /// Whether a message matches, and how it is delivered.
    ///
    /// SOME/IP does not carry the authority of the source. If the filter names an authority and a service,
    /// its authority replaces the assumed one.
    // [impl->dsn~someip-source-authority~1]
    pub(crate) fn matches(&self, attributes: &UAttributes, known: Source) -> Option<Matched> {
        self.matches_sink(attributes).then(|| self.matches_source(attributes, known)).flatten()
    }

    /// Whether an event matches as a notification, and how it is delivered.
    // [impl->dsn~someip-notification-in~1]
    pub(crate) fn notifies_of(&self, event: &UAttributes, known: Source) -> Option<Matched> {
        self.takes_notifications().then(|| self.matches_source(event, known)).flatten()
    }

    /// The sink of an event that is delivered as a notification, which SOME/IP does not carry. Wildcards
    /// stand for the parts of the local entity, `own`.
    pub(crate) fn notified_sink(&self, own: &UUri) -> UUri {
        let Some(pattern) = &self.sink else { return own.clone() };
        let mut sink = pattern.uri().clone();
        if sink.has_wildcard_authority() {
            sink.set_authority(own.authority());
        }
        let (mut entity, default) = (pattern.service(), ServiceInstance::of(own));
        if entity.service == ServiceId::ANY {
            entity.service = default.service;
        }
        if entity.instance == InstanceId::ANY {
            entity.instance = default.instance;
        }
        sink.set_entity(entity.ue_id());
        if pattern.version() == MajorVersion::ANY {
            sink.copy_version(own);
        }
        sink
    }

    /// Whether requests to a method would match in another version.
    pub(crate) fn is_for_other_version(
        &self,
        service: ServiceInstance,
        method: MethodId,
        version: MajorVersion,
    ) -> bool {
        let sink = self.sink.as_ref().filter(|_| self.kind == FilterKind::Request);
        sink.is_some_and(|sink| {
            let wanted = sink.version();
            sink.resource() == method.0
                && sink.service().covers(service)
                && wanted != MajorVersion::ANY
                && wanted != version
        })
    }

    fn matches_source(&self, attributes: &UAttributes, known: Source) -> Option<Matched> {
        let source = attributes.origin()?;
        if self.source.matches(source) {
            return Some(Matched::Unchanged);
        }
        if known == Source::Known {
            return None;
        }
        let mut refined = source.clone();
        if known == Source::OnlyClient && self.takes_notifications() {
            refined.set_resource(self.source.resource());
        }
        let names_source = !self.source.uri().has_wildcard_authority()
            && self.source.service().service != ServiceId::ANY;
        if names_source {
            refined.set_authority(self.source.uri().authority());
        }
        self.source.matches(&refined).then_some(Matched::WithSource(refined))
    }

    fn matches_sink(&self, attributes: &UAttributes) -> bool {
        let is_published = attributes.kind() == Some(Kind::Publish);
        match (&self.sink, attributes.sink()) {
            (None, _) => is_published,
            (Some(_), None) => false,
            (Some(pattern), Some(sink)) => pattern.matches(sink),
        }
    }
}

#[cfg(test)]
mod tests;
