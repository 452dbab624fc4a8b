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

use std::collections::BTreeSet;

use up_rust::{UAttributes, UMessageType, UStatus, UUri};
use vsomeip_sys::{EventId, InstanceId, MajorVersion, MethodId, ServiceId};

use crate::error::invalid_argument;
use crate::events::Events;
use crate::mapping::authorities::Source;
use crate::mapping::uri::{resource_of, version_of, ServiceInstance};

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

impl Need {
    /// The service that is requested, if this is a request.
    pub(crate) fn as_request(&self) -> Option<ServiceInstance> {
        match self {
            Self::Request(service) => Some(*service),
            _ => None,
        }
    }
}

/// Events that are subscribed to. Each part may be a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) service: ServiceInstance,
    pub(crate) version: MajorVersion,
    pub(crate) event: EventId,
}

impl Topic {
    /// Whether it names one event, which can be subscribed to before its service is available.
    pub(crate) fn is_concrete(self) -> bool {
        self.service.is_concrete()
            && self.version != MajorVersion::ANY
            && self.event != EventId::ANY
    }

    /// Whether it is about a service in a version.
    pub(crate) fn covers(self, service: ServiceInstance, version: MajorVersion) -> bool {
        self.service.covers(service)
            && (self.version == MajorVersion::ANY || self.version == version)
    }

    /// What the subscription to the events of an available service needs: to the one that this
    /// names, or to those that are known. SOME/IP does not announce events.
    // [impl->dsn~someip-wildcard-topic~1]
    pub(crate) fn needs_of(
        self,
        service: ServiceInstance,
        version: MajorVersion,
        events: &Events,
    ) -> Vec<Need> {
        let named = (self.event != EventId::ANY).then_some(self.event);
        let known = named.is_none().then(|| events.known_of(service.service));
        named
            .into_iter()
            .chain(known.into_iter().flatten())
            .flat_map(|event| event_needs(service, version, event))
            .collect()
    }
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
            // Only requests go to a method, so the wildcard says no more than 0 does.
            (0 | ANY_RESOURCE, Some(1..=0x7fff)) => Ok(FilterKind::Request),
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

    /// What must be done at vsomeip for this filter, from the first moment on. vsomeip knows few
    /// wildcards: they stand for what is known of the services that they match; the rest follows
    /// as services become available, see [`followed_topic`](Self::followed_topic).
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if the filter is none.
    pub(crate) fn needs(&self, offers: &Offers) -> Result<Vec<Need>, UStatus> {
        match (self.kind()?, &self.sink) {
            (FilterKind::Publish, _) => Ok(subscription_needs(self.topic()?, offers)),
            (FilterKind::Notification, Some(sink)) => {
                let mut needs = subscription_needs(self.topic()?, offers);
                // Others notify this entity by a request without return, for which it is a service.
                let version = offered_version(sink, offers)?;
                let services = offered_services(sink, offers).into_iter();
                needs.extend(services.flat_map(|service| offer_needs(service, version)));
                Ok(needs)
            }
            // No handler for the method alone: vsomeip would call it for what is queued when it ends,
            // and others may still want that.
            (FilterKind::Request | FilterKind::PointToPoint, Some(sink)) => {
                let version = offered_version(sink, offers)?;
                let services = offered_services(sink, offers).into_iter();
                Ok(services.flat_map(|service| offer_needs(service, version)).collect())
            }
            (FilterKind::Response, _) => {
                let service = ServiceInstance::of(&self.source);
                let method = MethodId(resource_of(&self.source)?);
                let needs = [Need::Request(service), Need::Handler(service, method)];
                // Otherwise they are handled once a request is sent.
                Ok(if service.is_concrete() { needs.into() } else { Vec::new() })
            }
            // Responses are handled once a request is sent; nothing is known before.
            _ => Ok(Vec::new()),
        }
    }

    /// The events of a filter that leaves something of them open. They are subscribed to as their
    /// services become available.
    pub(crate) fn followed_topic(&self) -> Option<Topic> {
        match self.kind() {
            Ok(FilterKind::Publish | FilterKind::Notification) => {
                self.topic().ok().filter(|topic| !topic.is_concrete())
            }
            _ => None,
        }
    }

    fn topic(&self) -> Result<Topic, UStatus> {
        Ok(Topic {
            service: ServiceInstance::of(&self.source),
            version: version_of(&self.source)?,
            event: EventId(resource_of(&self.source)?),
        })
    }

    /// Whether a message matches, and how it is delivered then.
    ///
    /// SOME/IP does not say where a message comes from. What is assumed of its source gives way to
    /// a filter that knows better: one that names an authority and a service.
    // [impl->dsn~someip-source-authority~1]
    pub(crate) fn matches(&self, attributes: &UAttributes, known: Source) -> Option<Delivery> {
        if self.has_sink_for(attributes) {
            self.matches_source(attributes, known)
        } else {
            None
        }
    }

    /// Whether an event is to be delivered as a notification, and how.
    // [impl->dsn~someip-notification-in~1]
    pub(crate) fn notifies_of(&self, event: &UAttributes, known: Source) -> Option<Delivery> {
        let takes_it = self.kind() == Ok(FilterKind::Notification);
        takes_it.then(|| self.matches_source(event, known)).flatten()
    }

    /// The sink of an event that is delivered as a notification: SOME/IP does not say it. What the
    /// filter leaves open is that of the local entity `own`.
    pub(crate) fn notified_sink(&self, own: &UUri) -> UUri {
        let Some(pattern) = &self.sink else { return own.clone() };
        let mut sink = pattern.clone();
        if pattern.has_wildcard_authority() {
            sink.authority_name.clone_from(&own.authority_name);
        }
        let (wanted, known) = (ServiceInstance::of(pattern), ServiceInstance::of(own));
        let service = if wanted.service == ServiceId::ANY { known.service } else { wanted.service };
        let instance =
            if wanted.instance == InstanceId::ANY { known.instance } else { wanted.instance };
        sink.ue_id = ServiceInstance { service, instance }.ue_id();
        if version_of(pattern) == Ok(MajorVersion::ANY) {
            sink.ue_version_major = own.ue_version_major;
        }
        sink
    }

    /// Whether the requests to a method would match, but for their version.
    pub(crate) fn is_for_other_version(
        &self,
        service: ServiceInstance,
        method: MethodId,
        version: MajorVersion,
    ) -> bool {
        let (Ok(FilterKind::Request), Some(sink)) = (self.kind(), &self.sink) else { return false };
        let is_other = |wanted| wanted != MajorVersion::ANY && wanted != version;
        resource_of(sink) == Ok(method.0)
            && ServiceInstance::of(sink).covers(service)
            && version_of(sink).is_ok_and(is_other)
    }

    fn matches_source(&self, attributes: &UAttributes, known: Source) -> Option<Delivery> {
        let source = attributes.source.as_ref()?;
        if is_match(&self.source, source) {
            return Some(Delivery::AsItIs);
        }
        if known == Source::Known {
            return None;
        }
        let mut there = source.clone();
        if known == Source::OnlyClient && self.kind() == Ok(FilterKind::Notification) {
            there.resource_id = self.source.resource_id;
        }
        let names_its_source = !self.source.has_wildcard_authority()
            && ServiceInstance::of(&self.source).service != ServiceId::ANY;
        if names_its_source {
            there.authority_name.clone_from(&self.source.authority_name);
        }
        is_match(&self.source, &there).then_some(Delivery::From(there))
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
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delivery {
    AsItIs,
    /// With another source.
    From(UUri),
}

/// What this side of the network has to offer.
#[derive(Debug)]
pub(crate) struct Offers {
    /// The services that the configuration lists on this host, which a filter for everything offers.
    pub(crate) configured: Vec<ServiceInstance>,
    /// Those that it lists on whatever host, which a topic of any service may stand for.
    pub(crate) listed: Vec<ServiceInstance>,
    /// The version of an offer that a filter leaves open.
    pub(crate) own_version: MajorVersion,
    /// The events about which something is known.
    pub(crate) events: Events,
}

/// The subscription itself if all of it is named; else the services whose availability must be
/// known: the one that is named, or all that are known.
// [impl->dsn~someip-wildcard-topic~1]
fn subscription_needs(topic: Topic, offers: &Offers) -> Vec<Need> {
    if topic.is_concrete() {
        return event_needs(topic.service, topic.version, topic.event);
    }
    if topic.service.service != ServiceId::ANY {
        return vec![Need::Request(topic.service)];
    }
    let known = offers.listed.iter().copied().chain(offers.events.services());
    let matching: BTreeSet<_> = known.filter(|service| topic.service.covers(*service)).collect();
    matching.into_iter().map(Need::Request).collect()
}

fn event_needs(service: ServiceInstance, version: MajorVersion, event: EventId) -> Vec<Need> {
    vec![
        Need::Request(service),
        Need::Handler(service, event.into()),
        Need::Subscription(service, version, event),
    ]
}

/// The offer of a service, and a handler for all of its methods: unknown ones get an error.
// [impl->dsn~someip-request-in~1]
pub(crate) fn offer_needs(service: ServiceInstance, version: MajorVersion) -> [Need; 2] {
    [Need::Handler(service, MethodId::ANY), Need::Offer(service, version)]
}

/// The service that a sink names, or those of the configured ones that it matches.
fn offered_services(sink: &UUri, offers: &Offers) -> Vec<ServiceInstance> {
    let pattern = ServiceInstance::of(sink);
    if pattern.is_concrete() {
        return vec![pattern];
    }
    offers.configured.iter().copied().filter(|service| pattern.covers(*service)).collect()
}

fn offered_version(sink: &UUri, offers: &Offers) -> Result<MajorVersion, UStatus> {
    Ok(match version_of(sink)? {
        MajorVersion::ANY => offers.own_version,
        version => version,
    })
}

#[cfg(test)]
mod tests;
