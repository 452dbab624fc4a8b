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

//! What a filter needs of services so that messages arrive.

use std::collections::BTreeSet;
use std::sync::Arc;

use vsomeip_sys::{EventId, MajorVersion, ServiceId};

use crate::events::Events;
use crate::mapping::uri::ServiceInstance;
use crate::registration::filter::{Filter, FilterKind};
use crate::services::{offer_needs, Need};

/// What this side of the network has to offer.
#[derive(Debug)]
pub(crate) struct Offers {
    /// The services that the configuration lists on this host, which a filter for everything offers.
    pub(crate) configured: Vec<ServiceInstance>,
    /// Those that it lists on whatever host, which a topic of any service may stand for.
    pub(crate) listed: Vec<ServiceInstance>,
    /// The events about which something is known.
    pub(crate) events: Arc<Events>,
}

/// Events that are subscribed to. Each part may be a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) service: ServiceInstance,
    pub(crate) version: MajorVersion,
    pub(crate) event: EventId,
}

impl Filter {
    /// What vsomeip must be asked for on behalf of this filter, from the first moment on. vsomeip
    /// knows few wildcards: they stand for what is known of the services that they match; the rest
    /// follows as services become available, see [`wildcard_topic`](Self::wildcard_topic).
    pub(crate) fn needs(&self, offers: &Offers) -> Vec<Need> {
        match self.kind {
            FilterKind::Publish => subscription_needs(self.topic(), offers),
            FilterKind::Notification => {
                let mut needs = subscription_needs(self.topic(), offers);
                // Others notify this entity by a request without return, for which it is a service.
                needs.extend(self.offer_needs(offers));
                needs
            }
            FilterKind::Request | FilterKind::PointToPoint => self.offer_needs(offers),
            // Otherwise they are handled once a request is sent.
            FilterKind::Response if self.source.service().is_concrete() => {
                let service = self.source.service();
                vec![Need::Request(service), Need::Handler(service)]
            }
            FilterKind::Response | FilterKind::NotificationAndResponse => Vec::new(),
        }
    }

    /// The offer that it would like to have, by service and version: notifications may come to it as
    /// requests without return. A wildcard stands for the local entity, which is `own`; what the
    /// configuration lists may be another application's. An RPC client registers such a filter for its
    /// responses alone, so nothing may fail for want of it.
    // [impl->dsn~someip-notification-in~1]
    pub(crate) fn wish(&self, own: ServiceInstance) -> Option<(ServiceInstance, MajorVersion)> {
        let sink = self.sink.as_ref()?;
        let pattern = sink.service();
        let wished = match self.kind {
            FilterKind::NotificationAndResponse if pattern.is_concrete() => Some(pattern),
            FilterKind::NotificationAndResponse | FilterKind::PointToPoint => {
                Some(own).filter(|own| !pattern.is_concrete() && pattern.covers(*own))
            }
            _ => None,
        };
        wished.map(|service| (service, sink.version()))
    }

    /// The offers of the services that the sink names, or of those of the configured ones that it
    /// matches, in the version that it names.
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

    /// Its topic, if it leaves something of it open. Such events are subscribed to as their services
    /// become available.
    pub(crate) fn wildcard_topic(&self) -> Option<Topic> {
        match self.kind {
            FilterKind::Publish | FilterKind::Notification => {
                Some(self.topic()).filter(|topic| !topic.is_concrete())
            }
            _ => None,
        }
    }

    /// The events that it takes, if it takes any.
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
        if self.event != EventId::ANY {
            return event_needs(service, version, self.event);
        }
        let known = events.known_of(service.service);
        known.flat_map(|event| event_needs(service, version, event)).collect()
    }
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
