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

//! Which filters there are, what each of them matches, and what it needs of vsomeip.

use up_rust::{UAttributes, UMessageType, UStatus, UUri};
use vsomeip_sys::{EventId, InstanceId, MajorVersion, MethodId, ServiceId};

use crate::error::invalid_argument;
use crate::uri_mapping::{resource_of, version_of, ServiceInstance};

const ANY_RESOURCE: u16 = 0xffff;

/// A row of the transport specification's table of valid source and sink filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterKind {
    /// Events of a topic, or of any.
    Publish,
    /// Notifications from a resource.
    Notification,
    /// Requests to an operation.
    Request,
    /// Responses from an operation.
    Response,
    /// All notifications and responses.
    NotificationAndResponse,
    /// All that is sent to somebody: notifications, requests and responses.
    PointToPoint,
}

/// What has to be done at vsomeip so that messages arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Need {
    /// The service is offered in a version.
    Offer(ServiceInstance, MajorVersion),
    /// The event is offered.
    OfferEvent(ServiceInstance, EventId),
    /// The service is requested.
    Request(ServiceInstance),
    /// The event of a requested service is subscribed to.
    Subscription(ServiceInstance, MajorVersion, EventId),
    /// The messages of a method or event are handled.
    Handler(ServiceInstance, MethodId),
}

/// A pair of patterns that messages are matched against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Filter {
    source: UUri,
    sink: Option<UUri>,
}

impl Filter {
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the resource ids are in no row of the specification's table, or if a
    /// URI is not valid.
    // [impl->dsn~utransport-registerlistener-error-invalid-parameter~1]
    // [impl->dsn~utransport-unregisterlistener-error-invalid-parameter~1]
    pub(crate) fn new(source: &UUri, sink: Option<&UUri>) -> Result<Self, UStatus> {
        up_rust::verify_filter_criteria(source, sink)?;
        let filter = Self {
            source: without_default_instance(source),
            sink: sink.map(without_default_instance),
        };
        filter.kind().map(|_| filter)
    }

    /// The row of the table.
    pub(crate) fn kind(&self) -> Result<FilterKind, UStatus> {
        let source = resource_of(&self.source)?;
        let sink = self.sink.as_ref().map(resource_of).transpose()?;
        match (source, sink) {
            (0x8000..=0xfffe | ANY_RESOURCE, None) => Ok(FilterKind::Publish),
            (0x8000..=0xfffe, Some(0)) => Ok(FilterKind::Notification),
            (0, Some(1..=0x7fff)) => Ok(FilterKind::Request),
            (1..=0x7fff, Some(0)) => Ok(FilterKind::Response),
            (ANY_RESOURCE, Some(0)) => Ok(FilterKind::NotificationAndResponse),
            (ANY_RESOURCE, Some(ANY_RESOURCE)) => Ok(FilterKind::PointToPoint),
            (source, sink) => Err(invalid_argument(format!(
                "no listener can be registered for the resource ids {source:04X} (source) and \
                 {sink:04X?} (sink)"
            ))),
        }
    }

    /// The service and the method or event that the filter names, if it names one of each.
    pub(crate) fn key(&self) -> Option<(ServiceId, u16)> {
        let named = match self.kind().ok()? {
            FilterKind::Publish | FilterKind::Notification | FilterKind::Response => &self.source,
            FilterKind::Request => self.sink.as_ref()?,
            FilterKind::NotificationAndResponse | FilterKind::PointToPoint => return None,
        };
        let (service, resource) = (ServiceInstance::of(named).service, resource_of(named).ok()?);
        (service != ServiceId::ANY && resource != ANY_RESOURCE).then_some((service, resource))
    }

    /// What must be done at vsomeip for this filter. `configured` are the services that the
    /// configuration lists, which a filter for everything offers; `own_version` is the version of
    /// an offer that the filter leaves open.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for wildcards that vsomeip cannot subscribe to or offer.
    pub(crate) fn needs(
        &self,
        configured: &[ServiceInstance],
        own_version: MajorVersion,
    ) -> Result<Vec<Need>, UStatus> {
        match (self.kind()?, &self.sink) {
            (FilterKind::Publish | FilterKind::Notification, _) => self.subscription_needs(),
            (FilterKind::Request, Some(sink)) => request_needs(sink, own_version),
            (FilterKind::Response, _) => {
                let service = concrete(&self.source)?;
                let method = MethodId(resource_of(&self.source)?);
                Ok(vec![Need::Request(service), Need::Handler(service, method)])
            }
            (FilterKind::PointToPoint, _) => Ok(configured
                .iter()
                .flat_map(|&service| {
                    [Need::Offer(service, own_version), Need::Handler(service, MethodId::ANY)]
                })
                .collect()),
            // Responses are handled once a request is sent; nothing is known before.
            _ => Ok(Vec::new()),
        }
    }

    fn subscription_needs(&self) -> Result<Vec<Need>, UStatus> {
        let service = concrete(&self.source)?;
        let event = EventId(resource_of(&self.source)?);
        if event == EventId::ANY {
            return Err(invalid_argument("vsomeip cannot subscribe to every event of a service"));
        }
        let version = version_of(&self.source)?;
        Ok(vec![
            Need::Request(service),
            Need::Handler(service, event.into()),
            Need::Subscription(service, version, event),
        ])
    }

    /// Whether a message matches, and how it is delivered then.
    ///
    /// SOME/IP does not say where a message comes from. `source_is_assumed` tells that the source's
    /// authority is the one that is assumed for all unknown services; a filter that names both an
    /// authority and a service knows better, and its authority takes the place of the assumed one.
    // [impl->dsn~someip-source-authority~1]
    pub(crate) fn matches(
        &self,
        attributes: &UAttributes,
        source_is_assumed: bool,
    ) -> Option<Delivery<'_>> {
        if !self.has_sink_for(attributes) {
            return None;
        }
        let source = attributes.source.as_ref()?;
        if is_match(&self.source, source) {
            return Some(Delivery::AsItIs);
        }
        let names_its_source = !self.source.has_wildcard_authority()
            && ServiceInstance::of(&self.source).service != ServiceId::ANY;
        if !(source_is_assumed && names_its_source) {
            return None;
        }
        let authority = &self.source.authority_name;
        let there = UUri { authority_name: authority.clone(), ..source.clone() };
        is_match(&self.source, &there).then_some(Delivery::From(authority))
    }

    fn has_sink_for(&self, attributes: &UAttributes) -> bool {
        let is_published = attributes.type_.enum_value() == Ok(UMessageType::UMESSAGE_TYPE_PUBLISH);
        match (&self.sink, attributes.sink.as_ref()) {
            (None, _) => is_published,
            (Some(_), None) => false,
            (Some(pattern), Some(sink)) => is_match(pattern, sink),
        }
    }
}

/// An entity id may name the default instance or leave it out: patterns leave it out.
fn without_default_instance(uri: &UUri) -> UUri {
    UUri { ue_id: ServiceInstance::of(uri).ue_id(), ..uri.clone() }
}

/// Whether a URI matches a pattern, in which the default instance is left out.
// [impl->dsn~someip-uri-instance~1]
fn is_match(pattern: &UUri, uri: &UUri) -> bool {
    if ServiceInstance::of(uri).ue_id() == uri.ue_id {
        return pattern.matches(uri);
    }
    pattern.matches(&without_default_instance(uri))
}

/// How a message that matches is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery<'a> {
    AsItIs,
    /// With the source's authority replaced.
    From(&'a str),
}

fn request_needs(sink: &UUri, own_version: MajorVersion) -> Result<Vec<Need>, UStatus> {
    let service = concrete(sink)?;
    let version = match version_of(sink)? {
        MajorVersion::ANY => own_version,
        version => version,
    };
    let method = MethodId(resource_of(sink)?);
    Ok(vec![Need::Handler(service, method), Need::Offer(service, version)])
}

fn concrete(uri: &UUri) -> Result<ServiceInstance, UStatus> {
    let service = ServiceInstance::of(uri);
    if service.service == ServiceId::ANY || service.instance == InstanceId::ANY {
        return Err(invalid_argument(format!(
            "the filter {uri} must name a service and an instance"
        )));
    }
    Ok(service)
}

#[cfg(test)]
mod tests;
