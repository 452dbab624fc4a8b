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

//! What a filter needs of services so that matching messages arrive.

use std::collections::BTreeSet;
use std::sync::Arc;

use vsomeip_sys::{EventId, MajorVersion, ServiceId};

use crate::events::Events;
use crate::mapping::uri::ServiceInstance;
use crate::registration::filter::{Filter, FilterKind};
use crate::services::{offer_needs, Need};

/// The configured services and events that wildcards in filters stand for.
#[derive(Debug)]
pub(crate) struct Offers {
    /// The services of this host in vsomeip's configuration, for filters of requests.
    pub(crate) configured: Vec<ServiceInstance>,
    /// The services of all hosts in vsomeip's configuration, for topics.
    pub(crate) listed: Vec<ServiceInstance>,
    /// The known events, for topics.
    pub(crate) events: Arc<Events>,
}

/// The events that a filter matches. Each part may be a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) service: ServiceInstance,
    pub(crate) version: MajorVersion,
    pub(crate) event: EventId,
}

impl Filter {
    /// The needs to acquire at registration. As vsomeip supports few wildcards, these stand for matching
    /// services in the configuration. Subscriptions to other services follow as they become available, see
    /// [`wildcard_topic`](Self::wildcard_topic).
    pub(crate) fn needs(&self, offers: &Offers) -> Vec<Need> {
        match self.kind {
            FilterKind::Publish => subscription_needs(self.topic(), offers),
            FilterKind::Notification => {
                let mut needs = subscription_needs(self.topic(), offers);
                // Others may notify this entity by a request without return to the sink's service.
                needs.extend(self.offer_needs(offers));
                needs
            }
            FilterKind::Request | FilterKind::PointToPoint => self.offer_needs(offers),
            // For wildcards, sending a request brings the handler.
            FilterKind::Response if self.source.service().is_concrete() => {
                let service = self.source.service();
                vec![Need::Request(service), Need::Handler(service)]
            }
            FilterKind::Response | FilterKind::NotificationAndResponse => Vec::new(),
        }
    }

    /// The service and version of its optional offer, by which notifications may arrive as requests
    /// without return. A wildcard stands for the local entity, `own`; configured services may belong to
    /// other applications. The offer is optional since RPC clients register such filters for responses
    /// only.
    // [impl->dsn~someip-notification-in~1]
    pub(crate) fn optional_offer(
        &self,
        own: ServiceInstance,
    ) -> Option<(ServiceInstance, MajorVersion)> {
        let sink = self.sink.as_ref()?;
        let pattern = sink.service();
        let service = match self.kind {
            FilterKind::NotificationAndResponse if pattern.is_concrete() => Some(pattern),
            FilterKind::NotificationAndResponse | FilterKind::PointToPoint => {
                Some(own).filter(|own| !pattern.is_concrete() && pattern.covers(*own))
            }
            _ => None,
        };
        service.map(|service| (service, sink.version()))
    }

    /// The offers of the service in the sink, or of all configured services that match it, in the version
    /// of the sink.
    fn offer_needs(&self, offers: &Offers) -> Vec<Need> {
        let Some(sink) = &self.sink else { return Vec::new() };
        let (pattern, version) = (sink.service(), sink.version());
        if pattern.is_concrete() {
            return offer_needs(pattern, version).into();
        }
        let listed = offers.configured.iter().filter(|service| pattern.covers(**service));
        listed
            .flat_map(|&service| [Need::Handler(service), Need::OfferListed(service, version)])
            .collect()
    }

    /// Its topic, if that has wildcards. Its events are subscribed to as their services become available.
    pub(crate) fn wildcard_topic(&self) -> Option<Topic> {
        match self.kind {
            FilterKind::Publish | FilterKind::Notification => {
                Some(self.topic()).filter(|topic| !topic.is_concrete())
            }
            _ => None,
        }
    }

    /// The events that it matches, if any.
    pub(crate) fn events(&self) -> Option<Topic> {
        let takes_events = matches!(self.kind, FilterKind::Publish | FilterKind::Notification);
        takes_events.then(|| self.topic())
    }

    fn topic(&self) -> Topic {
        let (service, version) = (self.source.service(), self.source.version());
        Topic { service, version, event: EventId(self.source.resource()) }
    }
}

impl Topic {
    /// Whether it has no wildcards, so it can be subscribed to before its service is available.
    pub(crate) fn is_concrete(self) -> bool {
        self.service.is_concrete()
            && self.version != MajorVersion::ANY
            && self.event != EventId::ANY
    }

    /// Whether it matches a service in a version.
    pub(crate) fn covers(self, service: ServiceInstance, version: MajorVersion) -> bool {
        self.service.covers(service)
            && (self.version == MajorVersion::ANY || self.version == version)
    }

    /// The needs for subscribing to an available service: to the event of the topic, or, for a wildcard, to
    /// all known events of the service, as SOME/IP does not announce events.
    // [impl->dsn~someip-wildcard-topic~1]
    pub(crate) fn needs_of(
        self,
        service: ServiceInstance,
        version: MajorVersion,
        events: &Events,
    ) -> Vec<Need> {
        if self.event != EventId::ANY {
            return event_needs(service, version, self.event);
        }
        let known = events.known_of(service.service);
        known.flat_map(|event| event_needs(service, version, event)).collect()
    }
}

/// The subscription, if the topic has no wildcards; else the requests of matching services, as their
/// availability must be known.
// [impl->dsn~someip-wildcard-topic~1]
fn subscription_needs(topic: Topic, offers: &Offers) -> Vec<Need> {
    if topic.is_concrete() {
        return event_needs(topic.service, topic.version, topic.event);
    }
    if topic.service.service != ServiceId::ANY {
        return vec![Need::Request(topic.service)];
    }
    let known = offers.listed.iter().copied().chain(offers.events.services());
    let known: BTreeSet<_> = known.filter(|service| topic.service.covers(*service)).collect();
    known.into_iter().map(Need::Request).collect()
}

fn event_needs(service: ServiceInstance, version: MajorVersion, event: EventId) -> Vec<Need> {
    vec![
        Need::Request(service),
        Need::Handler(service),
        Need::Subscription(service, version, event),
    ]
}
